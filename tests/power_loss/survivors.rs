//! What is left after a loss of power, held against what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use keyctl::{Location, Need, StoreFault, Target, Timestamp, Verdict, Verifier, Workspace};

use crate::disk::Files;
use crate::history::{History, NOTHING, Place};
use crate::recording::Recording;
use crate::stores::{audit_from_outside, audited_log, lay_out, log, open, quick_folder, work_on};
use crate::workload::{COPIES, File, REPLACED, STORE, Step, Workload};

/// One state in so many is read by the program itself as well.
const PROGRAM_READS_ONE_IN: usize = 16;

/// What there was when all was done.
pub(crate) struct Truth {
    stores: BTreeMap<&'static str, History>,
    steps: Vec<Done>,
    /// What is said of a token from this event on.
    verdicts: BTreeMap<String, BTreeMap<Place, Verdict>>,
    files: Files,
}

/// What a step did.
struct Done {
    store: Option<&'static str>,
    /// Its events: the first, and the last.
    events: Option<(Place, Place)>,
    file: Option<PathBuf>,
    /// Whether its file has its name only when it is whole.
    is_named_whole: bool,
}

impl Truth {
    pub(crate) fn of(workload: &Workload, recording: &Recording) -> Truth {
        let stores = histories(recording);
        let mut steps = Vec::new();
        let mut verdicts: BTreeMap<String, BTreeMap<Place, Verdict>> = BTreeMap::new();
        for (number, step) in workload.steps.iter().enumerate() {
            let done = Done::of(number, step, &stores, recording);
            for (token, verdict) in step.verdicts {
                let token = recording.read(token).trim_end().to_owned();
                let since = done.events.unwrap().1;
                verdicts.entry(token).or_default().insert(since, *verdict);
            }
            steps.push(done);
        }
        Truth {
            stores,
            steps,
            verdicts,
            files: recording.files.clone(),
        }
    }

    /// Holds a state against it. What was not acknowledged may be there, whole,
    /// or not at all.
    pub(crate) fn check(
        &self,
        files: &Files,
        acknowledged: &BTreeSet<usize>,
        number: usize,
    ) -> Result<(), String> {
        let folder = quick_folder();
        lay_out(files, folder.path());
        let heads = self.check_stores(folder.path(), number)?;
        for (number, step) in self.steps.iter().enumerate() {
            let head = step.store.map_or(NOTHING, |store| heads[store]);
            let is_there = step.check(head, acknowledged.contains(&number))?;
            if let Some(file) = &step.file
                && (is_there || step.is_named_whole && files.contains_key(file))
            {
                self.check_file(file, files)?;
            }
        }
        self.check_verdicts(folder.path(), heads[STORE])?;
        self.stores
            .keys()
            .try_for_each(|store| work_on(folder.path(), store))
    }

    /// Where the log of each store ends.
    fn check_stores(
        &self,
        folder: &Path,
        number: usize,
    ) -> Result<BTreeMap<&'static str, Place>, String> {
        let mut heads = BTreeMap::new();
        for (store, history) in &self.stores {
            let log = match open(folder, store) {
                Ok(mut registry) => audited_log(&mut registry),
                Err(error) if *error.fault() == StoreFault::Missing => Ok(Vec::new()),
                Err(error) => Err(error.into()),
            };
            let log = log.map_err(|error| format!("{store}: {error}"))?;
            let place = history.place_of(&log);
            let place = place.ok_or_else(|| format!("the log of {store} is another one"))?;
            if place != NOTHING && number.is_multiple_of(PROGRAM_READS_ONE_IN) {
                audit_from_outside(folder, store)?;
            }
            heads.insert(*store, place);
        }
        Ok(heads)
    }

    fn check_file(&self, path: &Path, files: &Files) -> Result<(), String> {
        if files.get(path) == self.files.get(path) {
            return Ok(());
        }
        Err(format!("{} is not whole", path.display()))
    }

    fn check_verdicts(&self, folder: &Path, head: Place) -> Result<(), String> {
        if head == NOTHING {
            return Ok(());
        }
        let location = Location::File(folder.join(STORE));
        let verifier = Verifier::open(&location, Workspace::default()).unwrap();
        let verifier = verifier.without_touch();
        let need = Need {
            target: Some(Target::Dataset("ds_1".parse().unwrap())),
            scopes: Vec::new(),
        };
        for (token, verdicts) in &self.verdicts {
            let expected = verdicts
                .range(..=head)
                .next_back()
                .map_or(Verdict::NotFound, |(_, verdict)| *verdict);
            let found = verifier.verify(token, &need, Timestamp::now());
            let found = found.map_err(|e| e.to_string())?.verdict;
            if found != expected {
                return Err(format!(
                    "after event {head:?} a token is {found}, not {expected}"
                ));
            }
        }
        Ok(())
    }
}

impl Done {
    fn of(
        number: usize,
        step: &Step,
        stores: &BTreeMap<&'static str, History>,
        recording: &Recording,
    ) -> Done {
        let events = step.store.map(|store| {
            let history = &stores[store];
            history
                .of_step(number)
                .filter(|_| store == STORE)
                .unwrap_or_else(|| history.whole())
        });
        let file = step.file.as_ref().map(|file| match file {
            File::Token(name) | File::Whole(name) => PathBuf::from(name),
            File::Replaced => replaced(&recording.files).next().unwrap().clone(),
        });
        Done {
            store: step.store,
            events,
            file,
            is_named_whole: !matches!(step.file, Some(File::Token(_))),
        }
    }

    /// Whether the step is there, in a store whose log ends with `head`.
    fn check(&self, head: Place, is_acknowledged: bool) -> Result<bool, String> {
        let Some((first, last)) = self.events else {
            return Ok(is_acknowledged);
        };
        if is_acknowledged && head < last {
            return Err(format!(
                "event {last:?} was acknowledged, and {head:?} is the last"
            ));
        }
        if (first..last).contains(&head) {
            return Err(format!(
                "of events {first:?} to {last:?}, {head:?} is the last"
            ));
        }
        Ok(head >= last)
    }
}

fn histories(recording: &Recording) -> BTreeMap<&'static str, History> {
    let read = |path: &str| log(&mut open(&recording.root, path).unwrap());
    let mut histories = BTreeMap::new();
    let replaced = replaced(&recording.files).map(|path| read(path.to_str().unwrap()));
    histories.insert(STORE, History(replaced.chain([read(STORE)]).collect()));
    for store in COPIES {
        if recording.files.contains_key(Path::new(store)) {
            histories.insert(store, History(vec![read(store)]));
        }
    }
    histories
}

/// The files that a restoration put aside.
fn replaced(files: &Files) -> impl Iterator<Item = &PathBuf> {
    files
        .keys()
        .filter(|path| path.to_string_lossy().starts_with(REPLACED))
}

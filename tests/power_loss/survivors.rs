//! What is left after a loss of power, held against what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyctl::domain::{Action, Event};
use keyctl::store::EventFilter;
use keyctl::{
    Access, Datasets, IssueRequest, Location, Need, Registry, Scopes, StoreFault, Target,
    Timestamp, Verdict, Verifier, Workspace,
};

use tempfile::TempDir;

use crate::disk::Files;
use crate::recording::Recording;
use crate::workload::{COPY, STORE, Workload};

/// One state in so many is read by the program itself as well.
const PROGRAM_READS_ONE_IN: usize = 16;

/// What there was when all was done.
pub(crate) struct Truth {
    stores: BTreeMap<&'static str, Vec<Event>>,
    steps: Vec<Done>,
    /// What is said of a token from the event of this number on.
    verdicts: BTreeMap<String, BTreeMap<i64, Verdict>>,
    files: Files,
}

/// What a step did.
struct Done {
    store: Option<&'static str>,
    /// Its events: the first, and the last.
    events: Option<(i64, i64)>,
    file: Option<PathBuf>,
}

impl Truth {
    pub(crate) fn of(workload: &Workload, recording: &Recording) -> Truth {
        let mut stores = BTreeMap::new();
        for store in [STORE, COPY] {
            if recording.files.contains_key(Path::new(store)) {
                let mut registry = open(&recording.root, store).unwrap();
                stores.insert(store, log(&mut registry));
            }
        }
        let mut steps = Vec::new();
        let mut verdicts: BTreeMap<String, BTreeMap<i64, Verdict>> = BTreeMap::new();
        for (number, step) in workload.steps.iter().enumerate() {
            let events = step.store.map(|store| events_of(number, &stores[store]));
            for (token, verdict) in step.verdicts {
                let token = recording.read(token).trim_end().to_owned();
                let since = events.unwrap().1;
                verdicts.entry(token).or_default().insert(since, *verdict);
            }
            steps.push(Done {
                store: step.store,
                events,
                file: step.file.map(PathBuf::from),
            });
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
            let head = step.store.map_or(0, |store| heads[store]);
            let is_there = step.check(head, acknowledged.contains(&number))?;
            if let Some(file) = step.file.as_ref().filter(|_| is_there) {
                self.check_file(file, files)?;
            }
        }
        if files.contains_key(Path::new("export.jsonl")) {
            self.check_file(Path::new("export.jsonl"), files)?;
        }
        self.check_verdicts(folder.path(), heads[STORE])?;
        self.stores
            .keys()
            .try_for_each(|store| work_on(folder.path(), store))
    }

    /// The end of the log that each store has; 0 where there is none.
    fn check_stores(
        &self,
        folder: &Path,
        number: usize,
    ) -> Result<BTreeMap<&'static str, i64>, String> {
        let mut heads = BTreeMap::new();
        for (store, events) in &self.stores {
            let head = match open(folder, store) {
                Ok(mut registry) => {
                    let checked = registry.audit(None).map_err(|e| format!("{store}: {e}"))?;
                    let logged = log(&mut registry);
                    if is_new(&logged) {
                        heads.insert(*store, 0);
                        continue;
                    }
                    if !events.starts_with(&logged) {
                        return Err(format!("the log of {store} is another one"));
                    }
                    if number.is_multiple_of(PROGRAM_READS_ONE_IN) && checked.head.seq > 0 {
                        audit_from_outside(folder, store)?;
                    }
                    checked.head.seq
                }
                Err(error) if *error.fault() == StoreFault::Missing => 0,
                Err(error) => return Err(format!("{store}: {error}")),
            };
            heads.insert(*store, head);
        }
        Ok(heads)
    }

    fn check_file(&self, path: &Path, files: &Files) -> Result<(), String> {
        if files.get(path) == self.files.get(path) {
            return Ok(());
        }
        Err(format!("{} is not whole", path.display()))
    }

    fn check_verdicts(&self, folder: &Path, head: i64) -> Result<(), String> {
        if head == 0 {
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
                    "after event {head} a token is {found}, not {expected}"
                ));
            }
        }
        Ok(())
    }
}

impl Done {
    /// Whether the step is there, in a store whose log ends with `head`.
    fn check(&self, head: i64, is_acknowledged: bool) -> Result<bool, String> {
        let Some((first, last)) = self.events else {
            return Ok(is_acknowledged);
        };
        if is_acknowledged && head < last {
            return Err(format!(
                "event {last} was acknowledged, and {head} is the last"
            ));
        }
        if (first..last).contains(&head) {
            return Err(format!("of events {first} to {last}, {head} is the last"));
        }
        Ok(head >= last)
    }
}

/// Whether nothing is told but that the store was made.
fn is_new(log: &[Event]) -> bool {
    let is_making = |event: &Event| event.entry.action == Action::StoreCreated;
    log.len() < 2 && log.iter().all(is_making)
}

/// The numbers of a step's events, first and last. A store that came from an
/// export has none of them: it is there as a whole.
fn events_of(step: usize, events: &[Event]) -> (i64, i64) {
    let actor = format!("step-{step}");
    let mut own = events
        .iter()
        // A store is made before it is changed.
        .filter(|event| event.entry.action != Action::StoreCreated)
        .filter(|event| event.entry.actor.as_str() == actor)
        .map(|event| event.seq);
    let all = (1, events.last().unwrap().seq);
    own.next()
        .map_or(all, |first| (first, own.next_back().unwrap_or(first)))
}

/// In memory, where the system has such a folder: each state is worked on with
/// a dozen syncs.
fn quick_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

fn lay_out(files: &Files, folder: &Path) {
    for (path, content) in files {
        let path = folder.join(path);
        match content {
            Some(bytes) => fs::write(path, bytes).unwrap(),
            None => fs::create_dir(path).unwrap(),
        }
    }
}

fn open(folder: &Path, store: &str) -> Result<Registry, keyctl::StoreError> {
    let location = Location::File(folder.join(store));
    Registry::open(&location, "after".parse().unwrap())
}

fn log(registry: &mut Registry) -> Vec<Event> {
    let mut events = Vec::new();
    let each = |event| {
        events.push(event);
        ControlFlow::Continue(())
    };
    registry.events(&EventFilter::default(), each).unwrap();
    events
}

fn audit_from_outside(folder: &Path, store: &str) -> Result<(), String> {
    let output = Command::new(env!("CARGO_BIN_EXE_keyctl"))
        .args(["audit", "verify", "--store"])
        .arg(folder.join(store))
        .env_clear()
        .output()
        .unwrap();
    let is_intact = output.status.success() && output.stdout.starts_with(b"intact: ");
    is_intact
        .then_some(())
        .ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The store is one to go on with, made anew if there is none.
fn work_on(folder: &Path, store: &str) -> Result<(), String> {
    let location = Location::File(folder.join(store));
    let now = Timestamp::now();
    let request = IssueRequest {
        workspace: Workspace::default(),
        access: Access::Datasets(Datasets::new(["ds_3".parse().unwrap()]).unwrap()),
        name: None,
        description: None,
        scopes: Scopes::full(),
        expiry: None,
        dry_run: false,
    };
    let worked = || {
        let mut registry = Registry::create(&location, "after".parse().unwrap(), now)?;
        registry.issue(&request, now, |_, _| Ok(()))?;
        registry.audit(None)
    };
    worked()
        .map(drop)
        .map_err(|error| format!("{store} cannot be worked on: {error}"))
}

//! What a disk has after a loss of power, by the promises of fsync(2) and fdatasync(2)
//! alone, which are the same for bytes and lengths.
//!
//! A sync of a file makes its bytes and its length durable, a sync of a folder
//! the names in it. Of all else anything may be there: a write, none of it, or
//! any of its sectors; a name that was given, and one that was taken away.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rand::RngExt;
use rand::rngs::SmallRng;

use crate::fate::{Change, Fate};
use crate::trace::{Call, What};

/// What is there: files by their path below the root, folders without content.
pub(crate) type Files = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// What happens to what was pending.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Draw {
    Nothing,
    Everything,
    Random,
}

/// Until when a sync of a folder does anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folders {
    Synced,
    SyncedAtFirst,
    Ignored,
}

pub(crate) struct Disk {
    root: PathBuf,
    folders: Folders,
    nodes: Vec<Node>,
    durable: BTreeMap<PathBuf, usize>,
    pending: Vec<Pending<Naming>>,
    live: BTreeMap<PathBuf, usize>,
    /// How many calls were applied.
    call_count: usize,
}

#[derive(Default)]
struct Node {
    is_folder: bool,
    durable: Vec<u8>,
    pending: Vec<Pending<Change>>,
    /// Where the next write without a place of its own goes.
    position: u64,
}

/// What the call of this number did, not yet synced.
struct Pending<T> {
    call: usize,
    what: T,
}

struct Naming {
    given: Option<(PathBuf, usize)>,
    taken: Option<PathBuf>,
}

impl Naming {
    fn is_in(&self, folder: &Path) -> bool {
        let given = self.given.as_ref().map(|(path, _)| path);
        given
            .or(self.taken.as_ref())
            .is_some_and(|path| path.parent() == Some(folder))
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        if let Some(path) = &self.taken {
            names.remove(path);
        }
        if let Some((path, node)) = &self.given {
            names.insert(path.clone(), *node);
        }
    }
}

impl Disk {
    /// An empty folder, which is there whatever happens.
    pub(crate) fn new(root: &Path, folders: Folders) -> Disk {
        Disk {
            root: root.to_owned(),
            folders,
            nodes: Vec::new(),
            durable: BTreeMap::new(),
            pending: Vec::new(),
            live: BTreeMap::new(),
            call_count: 0,
        }
    }

    pub(crate) fn apply(&mut self, call: &Call) {
        match &call.what {
            What::Open {
                path,
                makes,
                empties,
            } => self.open(path, *makes, *empties),
            What::Write { path, at, bytes } => self.write(path, *at, bytes),
            What::Resize { path, len } => {
                self.change(path, Change::Resize { len: *len });
            }
            What::Sync { path } => self.sync(path, call.begun_after),
            What::Unlink { path } => self.name(None, Some(path)),
            What::Rename { from, to } => self.name(Some((to, self.live[from])), Some(from)),
            What::Link { from, to } => self.name(Some((to, self.live[from])), None),
            What::MakeFolder { path } => self.make(path, true),
            What::Acknowledged { .. } | What::Ended { .. } => {}
        }
        self.call_count += 1;
    }

    /// Folders that were synced at first are not any more.
    pub(crate) fn first_step_is_done(&mut self) {
        if self.folders == Folders::SyncedAtFirst {
            self.folders = Folders::Ignored;
        }
    }

    /// What is there while the power lasts.
    pub(crate) fn live(&self) -> Files {
        self.files(&self.live, |_| Fate::Kept)
    }

    /// What may be there if power is lost now.
    pub(crate) fn after_loss(&self, draw: Draw, generator: &mut SmallRng) -> Files {
        // Disks that write much early and those that write little.
        let keeps = [0.1, 0.5, 0.9][generator.random_range(0..3)];
        let mut fate = |is_write: bool| match draw {
            Draw::Nothing => Fate::Dropped,
            Draw::Everything => Fate::Kept,
            Draw::Random => Fate::draw(is_write, keeps, generator),
        };
        let mut names = self.durable.clone();
        for naming in &self.pending {
            if matches!(fate(false), Fate::Kept) {
                naming.what.apply(&mut names);
            }
        }
        self.files(&names, |change| {
            fate(matches!(change, Change::Write { .. }))
        })
    }

    fn files(
        &self,
        names: &BTreeMap<PathBuf, usize>,
        mut fate: impl FnMut(&Change) -> Fate,
    ) -> Files {
        let mut files = Files::new();
        for (path, node) in names {
            let folder = path.parent().unwrap();
            let relative = path.strip_prefix(&self.root).unwrap().to_owned();
            // What is in a folder without a name is nowhere.
            if folder != self.root && !files.contains_key(relative.parent().unwrap()) {
                continue;
            }
            let node = &self.nodes[*node];
            let content = (!node.is_folder).then(|| {
                let mut bytes = node.durable.clone();
                for change in &node.pending {
                    fate(&change.what).apply(&change.what, &mut bytes);
                }
                bytes
            });
            files.insert(relative, content);
        }
        files
    }

    fn open(&mut self, path: &Path, makes: bool, empties: bool) {
        if makes && !self.live.contains_key(path) {
            self.make(path, false);
        }
        if empties {
            self.change(path, Change::Resize { len: 0 });
        }
        if let Some(node) = self.live.get(path) {
            self.nodes[*node].position = 0;
        }
    }

    fn make(&mut self, path: &Path, is_folder: bool) {
        self.nodes.push(Node {
            is_folder,
            ..Node::default()
        });
        self.name(Some((path, self.nodes.len() - 1)), None);
    }

    fn name(&mut self, given: Option<(&Path, usize)>, taken: Option<&Path>) {
        let naming = Naming {
            given: given.map(|(path, node)| (path.to_owned(), node)),
            taken: taken.map(Path::to_owned),
        };
        naming.apply(&mut self.live);
        let call = self.call_count;
        self.pending.push(Pending { call, what: naming });
    }

    fn write(&mut self, path: &Path, at: Option<u64>, bytes: &[u8]) {
        let node = &mut self.nodes[self.live[path]];
        let at = at.unwrap_or_else(|| {
            let at = node.position;
            node.position += bytes.len() as u64;
            at
        });
        let bytes = bytes.to_owned();
        self.change(path, Change::Write { at, bytes });
    }

    fn change(&mut self, path: &Path, what: Change) {
        let call = self.call_count;
        let node = self.live[path];
        self.nodes[node].pending.push(Pending { call, what });
    }

    /// Only what was done before the sync began is durable when it is done.
    fn sync(&mut self, path: &Path, begun_after: usize) {
        let node = self.live.get(path).map(|node| &mut self.nodes[*node]);
        match node {
            Some(node) if !node.is_folder => node.sync(begun_after),
            _ if self.folders != Folders::Ignored => self.sync_folder(path, begun_after),
            _ => {}
        }
    }

    fn sync_folder(&mut self, folder: &Path, begun_after: usize) {
        self.pending.retain(|naming| {
            let is_durable = naming.call < begun_after && naming.what.is_in(folder);
            if is_durable {
                naming.what.apply(&mut self.durable);
            }
            !is_durable
        });
    }
}

impl Node {
    fn sync(&mut self, begun_after: usize) {
        let durable = &mut self.durable;
        self.pending.retain(|change| {
            let is_durable = change.call < begun_after;
            if is_durable {
                Fate::Kept.apply(&change.what, durable);
            }
            !is_durable
        });
    }
}

//! Every file below a folder: hidden, ignored, binary, of any length.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use nix::fcntl::OFlag;

use super::content::{Searcher, Sink};
use super::finder::Finder;
use super::findings::{Collector, Coverage, Keep, Scanned};
use super::git::repository;

/// How many files are handed to a thread at a time.
const BATCH_LEN: usize = 32;
/// More threads than this wait for the disk, not for each other.
const MAX_THREADS: usize = 8;

/// Searches these files, and all that is below these folders. Symbolic links
/// are followed where they are named, and not where they are come across: what
/// they point at is searched where it is, or is somewhere else. Git repositories
/// that are come across are counted, but for those that `known` has: those of
/// [`git::repository`](super::git::repository) that are searched by themselves.
pub fn scan(paths: &[PathBuf], known: &[PathBuf], keep: Keep<'_>, coverage: &Coverage) -> Scanned {
    let finder = Finder::new();
    let queue = Queue::default();
    for path in paths.iter().rev() {
        queue.push(Job::Named(path.clone()));
    }
    let thread_count = thread::available_parallelism().map_or(1, usize::from);
    let mut scanned = Scanned::default();
    thread::scope(|scope| {
        let work = || {
            let worker = Worker {
                searcher: Searcher::new(&finder),
                queue: &queue,
                known,
                collector: Collector::new(keep),
                coverage,
            };
            worker.run()
        };
        let threads: Vec<_> = (0..thread_count.min(MAX_THREADS))
            .map(|_| scope.spawn(work))
            .collect();
        for thread in threads {
            match thread.join() {
                Ok(found) => scanned.extend(found),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    scanned.sort();
    scanned
}

/// Searches what a reader gives, under this name.
pub fn scan_reader(
    name: &str,
    reader: &mut dyn Read,
    keep: Keep<'_>,
    coverage: &Coverage,
) -> Scanned {
    let finder = Finder::new();
    let collector = Collector::new(keep);
    search(
        &mut Searcher::new(&finder),
        name,
        reader,
        &collector,
        coverage,
    );
    let mut scanned = collector.into_scanned();
    scanned.sort();
    scanned
}

fn search(
    searcher: &mut Searcher<'_>,
    name: &str,
    reader: &mut dyn Read,
    collector: &Collector<'_>,
    coverage: &Coverage,
) {
    match searcher.search(name, reader, collector) {
        Ok(len) => coverage.add_file(len),
        Err(error) => collector.unread(name, &reason(&error)),
    }
    collector.end_file(|_| {});
}

/// What is still to be done, the deepest first, so that little waits.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: Vec<Job>,
    /// How many threads are at work, and may find more of it.
    busy_count: usize,
}

enum Job {
    /// What was asked for by name.
    Named(PathBuf),
    Folder(PathBuf),
    Files(Vec<PathBuf>),
}

impl Queue {
    fn push(&self, job: Job) {
        self.lock().jobs.push(job);
        self.changed.notify_one();
    }

    /// The next job for a thread that `was_busy`; `None` at the end of it all.
    fn next(&self, was_busy: bool) -> Option<Job> {
        let mut state = self.lock();
        state.busy_count -= usize::from(was_busy);
        loop {
            if let Some(job) = state.jobs.pop() {
                state.busy_count += 1;
                return Some(job);
            }
            if state.busy_count == 0 {
                self.changed.notify_all();
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Worker<'a> {
    searcher: Searcher<'a>,
    queue: &'a Queue,
    known: &'a [PathBuf],
    collector: Collector<'a>,
    coverage: &'a Coverage,
}

impl Worker<'_> {
    fn run(mut self) -> Scanned {
        let mut was_busy = false;
        while let Some(job) = self.queue.next(was_busy) {
            was_busy = true;
            match job {
                Job::Named(path) => self.named(path),
                Job::Folder(path) => self.folder(&path),
                Job::Files(paths) => paths.iter().for_each(|path| self.file(path, false)),
            }
        }
        self.collector.into_scanned()
    }

    fn named(&mut self, path: PathBuf) {
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => self.folder(&path),
            // Also a pipe, as in `keyctl scan <(git diff)`.
            Ok(_) => self.file(&path, true),
            Err(error) => self.unread(&path, &error),
        }
    }

    fn folder(&mut self, path: &Path) {
        if is_repository(path) && !self.is_known(path) {
            self.coverage.add_repository();
        }
        let mut files = Vec::with_capacity(BATCH_LEN);
        let listed = fs::read_dir(path).and_then(|entries| {
            for entry in entries {
                let entry = entry?;
                match kind(&entry.file_type()?) {
                    Kind::Folder => self.queue.push(Job::Folder(entry.path())),
                    Kind::File => files.push(entry.path()),
                    Kind::Link => self.coverage.add_link(),
                    Kind::Other => {}
                }
                if files.len() == BATCH_LEN {
                    let batch = std::mem::replace(&mut files, Vec::with_capacity(BATCH_LEN));
                    self.queue.push(Job::Files(batch));
                }
            }
            Ok(())
        });
        if let Err(error) = listed {
            self.unread(path, &error);
        }
        files.iter().for_each(|path| self.file(path, false));
    }

    fn is_known(&self, path: &Path) -> bool {
        // Only then is `git` there to be asked, which knows worktrees too.
        !self.known.is_empty() && repository(path).is_some_and(|found| self.known.contains(&found))
    }

    fn file(&mut self, path: &Path, is_named: bool) {
        let mut options = File::options();
        options.read(true);
        if !is_named {
            // It was a plain file a moment ago; a pipe by now would never end.
            options.custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits());
        }
        let mut file = match options.open(path) {
            Ok(file) => file,
            // Gone since, and with it whatever it held.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => return,
            Err(error) => return self.unread(path, &error),
        };
        let name = path.to_string_lossy();
        if let Some(own_name) = path.file_name() {
            self.searcher
                .search_name(&name, own_name.as_bytes(), &self.collector);
        }
        search(
            &mut self.searcher,
            &name,
            &mut file,
            &self.collector,
            self.coverage,
        );
    }

    fn unread(&self, path: &Path, error: &io::Error) {
        self.collector
            .unread(&path.to_string_lossy(), &reason(error));
    }
}

/// Whether a folder has a Git repository: as a folder `.git`, as a file that
/// names one elsewhere, or by being a bare one.
fn is_repository(path: &Path) -> bool {
    if path.components().any(|part| part.as_os_str() == ".git") {
        return false;
    }
    let has = |name: &str| fs::symlink_metadata(path.join(name)).is_ok();
    has(".git") || ["HEAD", "objects", "refs"].into_iter().all(has)
}

enum Kind {
    Folder,
    File,
    Link,
    /// What has no end: pipes, sockets, devices.
    Other,
}

fn kind(file_type: &FileType) -> Kind {
    if file_type.is_dir() {
        Kind::Folder
    } else if file_type.is_file() {
        Kind::File
    } else if file_type.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    }
}

/// An error of the system, without its number.
pub(super) fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => nix::errno::Errno::from_raw(number).desc().to_lowercase(),
        None => error.to_string(),
    }
}

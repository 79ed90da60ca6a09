//! What strace wrote, as calls on the files of one folder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Left out: SQLite's index of its log, which is made anew after a crash, and the
/// store's ballast, which holds nothing.
const LEFT_OUT: [&str; 2] = ["-shm", "-ballast"];

/// Where standard output goes.
pub(crate) const PRINTED: &str = "printed";

pub(crate) struct Call {
    /// How many calls were done when this one began.
    pub(crate) begun_after: usize,
    pub(crate) what: What,
}

impl Call {
    /// Whether it writes the head of a write-ahead log.
    pub(crate) fn begins_log(&self) -> bool {
        match &self.what {
            What::Write { path, at, .. } => {
                *at == Some(0) && path.to_string_lossy().ends_with("-wal")
            }
            _ => false,
        }
    }
}

pub(crate) enum What {
    Open {
        path: PathBuf,
        makes: bool,
        empties: bool,
    },
    Write {
        path: PathBuf,
        at: Option<u64>,
        bytes: Vec<u8>,
    },
    Resize {
        path: PathBuf,
        len: u64,
    },
    Sync {
        path: PathBuf,
    },
    Unlink {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Link {
        from: PathBuf,
        to: PathBuf,
    },
    MakeFolder {
        path: PathBuf,
    },
    /// A step printed its result, which it does when it is done.
    Acknowledged {
        step: usize,
    },
    Ended {
        step: usize,
        code: i32,
    },
}

/// Reads what strace wrote, line by line.
pub(crate) struct Reader<'a> {
    root: &'a Path,
    pub(crate) calls: Vec<Call>,
    /// By thread: a call that began, and after how many others.
    unfinished: HashMap<String, (String, usize)>,
    /// By process.
    steps: HashMap<String, usize>,
    /// Steps that have printed something.
    told: Vec<usize>,
}

impl Reader<'_> {
    pub(crate) fn new(root: &Path) -> Reader<'_> {
        Reader {
            root,
            calls: Vec::new(),
            unfinished: HashMap::new(),
            steps: HashMap::new(),
            told: Vec::new(),
        }
    }

    pub(crate) fn line(&mut self, line: &str) {
        let (process, rest) = line.split_once(' ').unwrap();
        let rest = rest.trim_start();
        if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
            let begun = (begun.to_owned(), self.calls.len());
            self.unfinished.insert(process.to_owned(), begun);
        } else if let Some(ended) = rest.strip_prefix("+++ exited with ") {
            self.ended(process, ended.trim_end_matches(" +++").parse().unwrap());
        } else if rest.starts_with("<... ") {
            let (begun, begun_after) = self.unfinished.remove(process).unwrap();
            let (_, end) = rest.split_once(" resumed>").unwrap();
            self.call(process, &format!("{begun}{end}"), begun_after);
        } else if !rest.starts_with("+++") {
            self.call(process, rest, self.calls.len());
        }
    }

    fn ended(&mut self, process: &str, code: i32) {
        if let Some(step) = self.steps.remove(process) {
            self.push(What::Ended { step, code }, self.calls.len());
        }
    }

    fn push(&mut self, what: What, begun_after: usize) {
        self.calls.push(Call { begun_after, what });
    }

    fn call(&mut self, process: &str, text: &str, begun_after: usize) {
        let (call, result) = text.rsplit_once(") = ").unwrap();
        if result.starts_with(['-', '?']) {
            return;
        }
        let (name, arguments) = call.split_once('(').unwrap();
        // All strings are hexadecimal, so no comma is part of one.
        let arguments: Vec<&str> = arguments.split(", ").collect();
        match name {
            "execve" => self.started(process, &arguments),
            "write" if self.is_printed(arguments[0]) => self.told(process),
            _ => {
                if let Some(what) = self.what(name, &arguments, result) {
                    self.push(what, begun_after);
                }
            }
        }
    }

    fn started(&mut self, process: &str, arguments: &[&str]) {
        let step = arguments.iter().find_map(|argument| {
            let text = String::from_utf8(bytes(argument)).ok()?;
            text.strip_prefix("step-")?.parse().ok()
        });
        if let Some(step) = step {
            self.steps.insert(process.to_owned(), step);
        }
    }

    /// Steps print to standard output only what is true by then: their tokens
    /// go to files.
    fn told(&mut self, process: &str) {
        let Some(step) = self.steps.get(process).copied() else {
            return;
        };
        if !self.told.contains(&step) {
            self.told.push(step);
            self.push(What::Acknowledged { step }, self.calls.len());
        }
    }

    fn what(&self, name: &str, arguments: &[&str], result: &str) -> Option<What> {
        let path = |place: usize| self.path(arguments[place]);
        let number = |place: usize| arguments[place].parse().ok();
        Some(match name {
            "openat" => What::Open {
                path: path(1)?,
                makes: arguments[2].contains("O_CREAT"),
                empties: arguments[2].contains("O_TRUNC"),
            },
            "write" | "pwrite64" => {
                let path = path(0)?;
                let mut bytes = bytes(arguments[1]);
                bytes.truncate(result.parse().unwrap());
                let at = arguments.get(3).map(|at| at.parse().unwrap());
                What::Write { path, at, bytes }
            }
            "ftruncate" => What::Resize {
                path: path(0)?,
                len: number(1)?,
            },
            // Of new files alone, so that it never makes one shorter.
            "fallocate" if arguments[1..3] == ["0", "0"] => What::Resize {
                path: path(0)?,
                len: number(3)?,
            },
            "fsync" | "fdatasync" => What::Sync { path: path(0)? },
            "unlink" => What::Unlink { path: path(0)? },
            "rename" | "link" => self.two_names(name, &arguments[0..2])?,
            "renameat" | "renameat2" | "linkat" => {
                self.two_names(name, &[arguments[1], arguments[3]])?
            }
            "mkdir" => What::MakeFolder { path: path(0)? },
            "statfs" => return None,
            "mmap" if !arguments[3].contains("MAP_SHARED") => return None,
            "mmap" if !arguments[2].contains("PROT_WRITE") => return None,
            _ => {
                let paths = arguments.iter().filter_map(|argument| self.path(argument));
                assert_eq!(paths.count(), 0, "{name} is not understood");
                return None;
            }
        })
    }

    fn two_names(&self, name: &str, paths: &[&str]) -> Option<What> {
        let from = self.path(paths[0])?;
        Some(match (name, self.path(paths[1])) {
            ("link" | "linkat", Some(to)) => What::Link { from, to },
            (_, Some(to)) => What::Rename { from, to },
            (_, None) => What::Unlink { path: from },
        })
    }

    fn is_printed(&self, argument: &str) -> bool {
        named(argument) == self.root.parent().map(|home| home.join(PRINTED))
    }

    /// The file that an argument names, if it is one of those recorded.
    fn path(&self, argument: &str) -> Option<PathBuf> {
        let path = self.root.join(named(argument)?);
        (path.starts_with(self.root) && !is_left_out(&path)).then_some(path)
    }
}

/// The path in `"…"` or `5<…>`.
fn named(argument: &str) -> Option<PathBuf> {
    let text = match argument.split_once('<') {
        Some((_, file)) if file.ends_with('>') => file.trim_end_matches('>'),
        // Nobody sees what is written to a file without a name.
        Some(_) => return None,
        None => argument,
    };
    let path = String::from_utf8(bytes(text)).ok()?;
    (!path.is_empty()).then(|| PathBuf::from(path))
}

/// The bytes of a string as strace writes them with -xx.
fn bytes(text: &str) -> Vec<u8> {
    let digits = text.trim_matches(['"', '[', ']']);
    digits
        .split("\\x")
        .skip(1)
        .map(|digits| u8::from_str_radix(digits, 16).unwrap())
        .collect()
}

pub(crate) fn is_left_out(path: &Path) -> bool {
    let path = path.to_string_lossy();
    LEFT_OUT.iter().any(|end| path.ends_with(end))
}

//! A workload, run once under strace, as the calls that it made on its files.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::disk::Files;
use crate::workload::Workload;

/// Calls that change files, sync them, or tell of it.
const TRACED: &str = "execve,openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,\
                      truncate,fallocate,fsync,fdatasync,sync_file_range,msync,unlink,unlinkat,\
                      rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,\
                      mmap,copy_file_range,sendfile,splice,sync,syncfs";

/// Left out: SQLite's index of its log, which is made anew after a crash, and the
/// store's ballast, which holds nothing.
const LEFT_OUT: [&str; 2] = ["-shm", "-ballast"];

/// Where standard output goes.
const PRINTED: &str = "printed";

pub(crate) struct Recording {
    /// Keeps the folder while it is needed.
    home: TempDir,
    /// The folder whose files were recorded.
    pub(crate) root: PathBuf,
    pub(crate) calls: Vec<Call>,
    /// What was there in the end.
    pub(crate) files: Files,
}

impl Recording {
    /// A file that the workload was given, or made.
    pub(crate) fn read(&self, name: &str) -> String {
        [self.root.join(name), self.home.path().join(name)]
            .iter()
            .find_map(|path| fs::read_to_string(path).ok())
            .unwrap_or_else(|| panic!("there is no {name}"))
    }
}

pub(crate) struct Call {
    /// How many calls were done when this one began.
    pub(crate) begun_after: usize,
    pub(crate) what: What,
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

pub(crate) fn record(workload: &Workload, program: &Path) -> Recording {
    let home = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(home.path()).unwrap().join("disk");
    fs::create_dir(&root).unwrap();
    workload.prepare(home.path());
    let trace = home.path().join("trace");
    let script = home.path().join("script");
    fs::write(&script, workload.script()).unwrap();
    let status = Command::new("strace")
        .args(["-f", "--seccomp-bpf", "-q", "-y", "-xx", "-a", "1"])
        .args(["-s", "10000000", "-e", "signal=none", "-e"])
        .arg(format!("trace={TRACED}"))
        .arg("-o")
        .arg(&trace)
        .args(["timeout", "120", "sh", "-eu"])
        .arg(&script)
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("KEYCTL", program)
        .current_dir(&root)
        .stdin(Stdio::null())
        .stdout(fs::File::create(home.path().join(PRINTED)).unwrap())
        .stderr(fs::File::create(home.path().join("remarks")).unwrap())
        .status()
        .unwrap_or_else(|error| panic!("strace is needed, Debian's package strace: {error}"));
    let remarks = fs::read_to_string(home.path().join("remarks")).unwrap();
    assert!(status.success(), "{}: {remarks}", workload.title);
    let text = fs::read_to_string(&trace).unwrap();
    fs::remove_file(&trace).unwrap();
    let mut reader = Reader::new(&root);
    text.lines().for_each(|line| reader.line(line));
    Recording {
        calls: reader.calls,
        files: files_below(&root),
        root,
        home,
    }
}

fn files_below(root: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if is_left_out(&path) {
                continue;
            }
            let relative = path.strip_prefix(root).unwrap().to_owned();
            let content = path.is_file().then(|| fs::read(&path).unwrap());
            if content.is_none() {
                folders.push(path);
            }
            files.insert(relative, content);
        }
    }
    files
}

fn is_left_out(path: &Path) -> bool {
    let path = path.to_string_lossy();
    LEFT_OUT.iter().any(|end| path.ends_with(end))
}

/// Reads what strace wrote, line by line.
struct Reader<'a> {
    root: &'a Path,
    calls: Vec<Call>,
    /// By thread: a call that began, and after how many others.
    unfinished: HashMap<String, (String, usize)>,
    /// By process.
    steps: HashMap<String, usize>,
    /// Steps that have printed something.
    told: Vec<usize>,
}

impl Reader<'_> {
    fn new(root: &Path) -> Reader<'_> {
        Reader {
            root,
            calls: Vec::new(),
            unfinished: HashMap::new(),
            steps: HashMap::new(),
            told: Vec::new(),
        }
    }

    fn line(&mut self, line: &str) {
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

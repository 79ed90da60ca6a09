//! A workload, run once under strace, as the calls that it made on its files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::disk::Files;
use crate::stores::quick_folder;
use crate::trace::{Call, PRINTED, Reader, is_left_out};
use crate::workload::{self, Workload};

/// Calls that change files, sync them, or tell of it.
const TRACED: &str = "execve,openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,\
                      truncate,fallocate,fsync,fdatasync,sync_file_range,msync,unlink,unlinkat,\
                      rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,\
                      mmap,statfs,copy_file_range,sendfile,splice,sync,syncfs";

/// What statfs(2) says of any file system then: the number of NFS.
const SERVED: [&str; 2] = ["-e", "inject=statfs:poke_exit=@arg2=6969000000000000"];

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

pub(crate) fn record(workload: &Workload, program: &Path) -> Recording {
    let home = quick_folder();
    let root = fs::canonicalize(home.path()).unwrap().join("disk");
    fs::create_dir(&root).unwrap();
    workload::prepare(home.path());
    let trace = home.path().join("trace");
    let script = home.path().join("script");
    fs::write(&script, workload.script()).unwrap();
    let status = Command::new("strace")
        .args(["-f", "--seccomp-bpf", "-q", "-y", "-xx", "-a", "1"])
        .args(["-s", "10000000", "-e", "signal=none", "-e"])
        .arg(format!("trace={TRACED}"))
        .args(if workload.is_on_a_server {
            &SERVED[..]
        } else {
            &[]
        })
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

//! Stores to begin with, made once and copied for each trial.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use super::operations::{BACKUP_FILE, OFFERED_FILE, Past};
use super::support::{Run, Sandbox};

pub(crate) const STORE: &str = "keys.db";

/// Files to begin with, the same for each trial.
pub(crate) struct Start {
    pub(crate) past: Past,
    files: Sandbox,
    /// The tokens that the verdicts of operations are about, one a line.
    pub(crate) tokens: String,
    /// The log, entry by entry.
    pub(crate) events: Vec<String>,
    /// That of the backup, if there is one.
    pub(crate) events_of_backup: Option<Vec<String>>,
}

impl Start {
    /// A store of this past, with so many more keys than three.
    pub(crate) fn new(past: Past, more_keys: usize) -> Start {
        let files = Sandbox::new();
        let offered = offer(&files);
        if past == Past::Nothing {
            return Start::of(past, files, offered);
        }
        let mut tokens = ["one", "two"].map(|name| issue(&files, name)).concat();
        for number in 0..more_keys {
            // A target may have ten.
            let dataset = format!("ds_{}", number / 10);
            keyctl(&files, &["create", "-q", "-d", &dataset], "").expect_code(0);
        }
        let is_backed_up = matches!(past, Past::BackedUp | Past::Lost | Past::Ruined);
        let events_of_backup = is_backed_up.then(|| back_up(&files));
        tokens += &issue(&files, "three");
        match past {
            Past::FirstVersion => return Start::of(past, files, tokens).put_back(),
            Past::Lost => remove_store(&files),
            Past::Ruined => {
                remove_store(&files);
                let noise = "This was a store. ".repeat(1000);
                fs::write(files.home().join(STORE), noise).expect("a file can be written");
            }
            _ => {}
        }
        Start {
            events_of_backup,
            ..Start::of(past, files, tokens)
        }
    }

    fn of(past: Past, files: Sandbox, tokens: String) -> Start {
        Start {
            past,
            events: events(&files, STORE),
            files,
            tokens,
            events_of_backup: None,
        }
    }

    /// As it was: keys numbered from 1 on, and no table of policies.
    fn put_back(self) -> Start {
        let store = rusqlite::Connection::open(self.files.home().join(STORE)).expect("it opens");
        store
            .execute_batch(include_str!("first_version.sql"))
            .expect("it can be put back");
        self
    }

    /// The same with changes that are in the write-ahead log alone, as a program
    /// that was killed leaves them.
    pub(crate) fn with_log(mut self) -> Start {
        let whole = Sandbox::new();
        let holder = self.hold(&self.files);
        keyctl(&self.files, &["create", "-q", "--all-datasets"], "").expect_code(0);
        for name in [STORE, "keys.db-wal", OFFERED_FILE] {
            let (from, to) = (self.files.home().join(name), whole.home().join(name));
            fs::copy(from, to).expect("a file can be copied");
        }
        self.events = events(&self.files, STORE);
        drop(holder);
        self.files = whole;
        self
    }

    /// An identical copy, to be changed.
    pub(crate) fn copy(&self) -> Sandbox {
        let copy = Sandbox::new();
        for file in fs::read_dir(self.files.home()).expect("a folder can be read") {
            let from = file.expect("a folder can be read").path();
            let name = from.file_name().expect("a file has a name");
            fs::copy(&from, copy.home().join(name)).expect("a file can be copied");
        }
        copy
    }

    /// Another process that has the store open, so that its log stays.
    pub(crate) fn hold(&self, sandbox: &Sandbox) -> Holder {
        let args = ["verify", "--batch", "--no-touch", "--store", STORE];
        let mut child = sandbox
            .command(env!("CARGO_BIN_EXE_keyctl"))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("keyctl can be started");
        let token = self.tokens.lines().next().expect("there is a token");
        let stdin = child.stdin.as_mut().expect("it is piped");
        writeln!(stdin, "{token}").expect("it reads");
        // Its answer shows that it is there.
        let stdout = child.stdout.as_mut().expect("it is piped");
        let mut answer = String::new();
        BufReader::new(stdout)
            .read_line(&mut answer)
            .expect("it answers");
        Holder(child)
    }
}

/// Ends as a program does that is killed.
pub(crate) struct Holder(Child);

impl Drop for Holder {
    fn drop(&mut self) {
        self.0.kill().expect("a child can be killed");
        self.0.wait().expect("a child can be waited for");
    }
}

/// Runs the program as it is.
pub(crate) fn keyctl(sandbox: &Sandbox, args: &[&str], stdin: &str) -> Run {
    sandbox.run(&with_store(args), stdin)
}

pub(crate) fn with_store<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &["--store", STORE]].concat()
}

fn issue(sandbox: &Sandbox, name: &str) -> String {
    let args = ["create", "-q", "--app", "web", "--name", name];
    keyctl(sandbox, &args, "").expect_code(0).stdout
}

/// Puts the export of another store beside the place of this one; its tokens.
fn offer(sandbox: &Sandbox) -> String {
    let other = Sandbox::new();
    let tokens = ["four", "five", "six"].map(|name| issue(&other, name));
    keyctl(&other, &["revoke", "five"], "").expect_code(0);
    let export = keyctl(&other, &["export"], "").expect_code(0).stdout;
    fs::write(sandbox.home().join(OFFERED_FILE), export).expect("a file can be written");
    tokens.concat()
}

/// Backs the store up, and revokes `two`; the log of the backup.
fn back_up(sandbox: &Sandbox) -> Vec<String> {
    keyctl(sandbox, &["store", "backup", BACKUP_FILE], "").expect_code(0);
    let backed_up = events(sandbox, STORE);
    keyctl(sandbox, &["revoke", "two"], "").expect_code(0);
    backed_up
}

fn remove_store(sandbox: &Sandbox) {
    for file in fs::read_dir(sandbox.home()).expect("a folder can be read") {
        let file = file.expect("a folder can be read");
        if file.file_name().to_string_lossy().starts_with(STORE) {
            fs::remove_file(file.path()).expect("a file can be removed");
        }
    }
}

/// The log of the store in this file, entry by entry; empty where there is none.
pub(crate) fn events(sandbox: &Sandbox, store: &str) -> Vec<String> {
    let log = sandbox.run(&["audit", "-o", "jsonl", "--store", store], "");
    log.stdout.lines().map(str::to_owned).collect()
}

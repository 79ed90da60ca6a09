//! Running `git` over a repository that somebody else may have prepared.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

#[cfg(target_os = "linux")]
use nix::fcntl::{FcntlArg, fcntl};

/// How much is kept of what a failing `git` says, in bytes.
const MAX_SAID: u64 = 4096;
/// Variables that lead `git` to the objects a push brings, before they are
/// accepted: a hook is to see those.
const QUARANTINE: [&str; 3] = [
    "GIT_QUARANTINE_PATH",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
];

/// The repository that a folder is in.
pub(in crate::leak) struct Git {
    folder: PathBuf,
}

impl Git {
    pub(in crate::leak) fn of(folder: &Path) -> Git {
        Git {
            folder: folder.to_owned(),
        }
    }

    /// What a command writes.
    ///
    /// # Errors
    /// It cannot be run or fails; then the error is what it said.
    pub(in crate::leak) fn output(&self, arguments: &[&str]) -> io::Result<String> {
        let mut text = Vec::new();
        self.stream(arguments, |output| {
            output.read_to_end(&mut text).map(|_| ())
        })?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Whether a command succeeds, where failing is an answer too.
    ///
    /// # Errors
    /// It cannot be run.
    pub(in crate::leak) fn succeeds(&self, arguments: &[&str]) -> io::Result<bool> {
        let status = self
            .command(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(cannot_run)?;
        Ok(status.success())
    }

    /// Hands over what a command writes, as it comes.
    ///
    /// # Errors
    /// As [`output`](Self::output), and those of `read`, which end the command.
    pub(in crate::leak) fn stream(
        &self,
        arguments: &[&str],
        read: impl FnOnce(&mut dyn Read) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut child = Running(
            self.command(arguments)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .map_err(cannot_run)?,
        );
        let mut output = child.0.stdout.take().expect("it is piped");
        widen(&output);
        let errors = child.0.stderr.take().expect("it is piped");
        thread::scope(|scope| {
            // Beside, since a full pipe would hold it up.
            let said = scope.spawn(|| beginning(errors));
            let result = read(&mut output);
            if result.is_err() {
                child.end();
            }
            drop(output);
            let status = child.0.wait()?;
            let said = said.join().unwrap_or_default();
            let name = format!("git {}", arguments[0]);
            // What it said explains what could not be read.
            if !said.is_empty() {
                return Err(io::Error::other(format!("{name}: {said}")));
            }
            result?;
            if status.success() {
                Ok(())
            } else {
                Err(io::Error::other(format!("{name}: it failed: {status}")))
            }
        })
    }

    /// Whether this is the repository that a hook runs in.
    fn is_at(&self, git_dir: &OsStr) -> bool {
        let Ok(git_dir) = fs::canonicalize(git_dir) else {
            return false;
        };
        [self.folder.clone(), self.folder.join(".git")]
            .iter()
            .any(|own| fs::canonicalize(own).is_ok_and(|own| own == git_dir))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        let is_quarantined = env::var_os("GIT_DIR").is_some_and(|git_dir| self.is_at(&git_dir));
        for (name, _) in env::vars_os() {
            let is_gits = name.to_string_lossy().starts_with("GIT_");
            let is_kept = is_quarantined && QUARANTINE.iter().any(|kept| name == *kept);
            if is_gits && !is_kept {
                command.env_remove(name);
            }
        }
        command
            .stdin(Stdio::null())
            .env("GIT_NO_LAZY_FETCH", "1")
            // Before git 2.45, which knows the variable above, a setting of the
            // repository could still name a program to fetch with.
            .env("GIT_ALLOW_PROTOCOL", "")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .arg("-C")
            .arg(&self.folder)
            .args(["-c", "core.fsmonitor=false", "-c", "protocol.allow=never"])
            .arg("--no-pager")
            .args(arguments);
        command
    }
}

/// Lets a pipe hold more than 64 KiB, so that two processes take turns less
/// often. Where that is not to be had, it is slower and no worse.
fn widen(output: &ChildStdout) {
    #[cfg(target_os = "linux")]
    {
        let _ = fcntl(output, FcntlArg::F_SETPIPE_SZ(1024 * 1024));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = output;
}

/// A process that does not outlive its use.
struct Running(Child);

impl Running {
    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
        let _ = self.0.wait();
    }
}

fn cannot_run(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => io::Error::other("the program git is not there"),
        _ => error,
    }
}

/// The first line of what is said, and no more than that, however much it is.
fn beginning(mut errors: impl Read) -> String {
    let mut said = Vec::new();
    // What is beyond is read and thrown away, or the writer would wait.
    let read = errors.by_ref().take(MAX_SAID).read_to_end(&mut said);
    let _ = read.and_then(|_| io::copy(&mut errors, &mut io::sink()));
    let said = String::from_utf8_lossy(&said);
    said.lines().next().unwrap_or_default().trim().to_owned()
}

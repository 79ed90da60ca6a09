//! A sandbox for running the built program: its own home, store and
//! environment, bounded in time.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long any one command may take before it counts as hanging.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// A home directory of its own, and nothing of the caller's environment.
pub(crate) struct Sandbox {
    home: TempDir,
    /// The store that its commands use, if not the file that is in the home.
    pub(crate) store: Option<String>,
}

/// What a command left behind.
pub(crate) struct Run {
    /// What was run, for messages.
    pub(crate) command: String,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// The exit code.
    pub(crate) code: i32,
    /// The sandbox's home.
    pub(crate) home: PathBuf,
    /// The sandbox's store, if not the file that is in the home.
    pub(crate) store: Option<String>,
}

impl Sandbox {
    /// A sandbox without a store.
    pub(crate) fn new() -> Sandbox {
        Sandbox {
            home: TempDir::new().expect("a temporary folder can be made"),
            store: None,
        }
    }

    /// Its home directory, which is also where commands run.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs keyctl with these arguments and this standard input.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: &[S], stdin: impl AsRef<[u8]>) -> Run {
        let mut command = self.command(env!("CARGO_BIN_EXE_keyctl"));
        command.args(args);
        self.finish(command, stdin.as_ref())
    }

    /// A command in the sandbox, for tests that set up more than arguments.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.home())
            .env("KEYCTL_ACTOR", "tester")
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.store.as_ref().map(|store| ("KEYCTL_STORE", store)))
            .current_dir(self.home());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn finish(&self, mut command: Command, stdin: &[u8]) -> Run {
        let described = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command can be started");
        let input = stdin.to_vec();
        let mut pipe = child.stdin.take().expect("standard input is piped");
        // A command that does not read its input closes it, which is no fault.
        let writer = thread::spawn(move || drop(pipe.write_all(&input)));
        let stdout = drain(child.stdout.take());
        let stderr = drain(child.stderr.take());
        let code = wait(&mut child, &described);
        writer.join().expect("the writer does not panic");
        let text = |thread: thread::JoinHandle<Vec<u8>>| {
            let bytes = thread.join().expect("the reader does not panic");
            String::from_utf8(bytes).expect("output is UTF-8")
        };
        Run {
            command: described,
            stdout: text(stdout),
            stderr: text(stderr),
            code,
            home: self.home().to_owned(),
            store: self.store.clone(),
        }
    }
}

impl Run {
    /// The run itself, if it ended with this code.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Run {
        assert_eq!(
            self.code,
            code,
            "{} in {} {:?}\nstdout: {}\nstderr: {}",
            self.command,
            self.home.display(),
            self.store,
            self.stdout,
            self.stderr
        );
        self
    }
}

fn drain(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    let mut stream = stream.expect("the stream is piped");
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    })
}

/// Waits for the exit code, and ends what does not end by itself.
fn wait(child: &mut Child, described: &str) -> i32 {
    let deadline = Instant::now() + TIME_LIMIT;
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status.code().unwrap_or(-1);
        }
        if Instant::now() > deadline {
            child.kill().expect("a child can be ended");
            child.wait().expect("a child can be waited for");
            panic!("{described} did not end");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

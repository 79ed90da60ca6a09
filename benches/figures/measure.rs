//! A process, measured: how long it ran, and the most memory it had.
//!
//! The system tells the most that any child ever had, and counts a child as large
//! as its parent until it runs a program of its own. So between this program,
//! which holds a million tokens, and each process that is measured, there is
//! this program again, small, with one child in its life.

use std::env;
use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

use crate::turns::Fallible;

/// Says that the rest of the arguments is a file for the measure, and a command.
pub(crate) const ARGUMENT: &str = "--measure";

/// What a process took.
pub(crate) struct Run {
    pub(crate) took: Duration,
    /// The most of it that was in memory at a time, in KiB.
    pub(crate) peak: u64,
}

/// A folder in which processes run.
pub(crate) struct Place(pub(crate) PathBuf);

impl Place {
    /// Runs a command to its end and throws its output away. Failing, or finding
    /// nothing, is quickly done and no figure.
    pub(crate) fn run(&self, command: &Command, stdin: Stdio) -> Fallible<Run> {
        let report = self.0.join("measure");
        let mut launcher = Command::new(env::current_exe()?);
        launcher.current_dir(&self.0).arg(ARGUMENT).arg(&report);
        launcher.arg(command.get_program()).args(command.get_args());
        // A home without anybody's .sqliterc.
        launcher.env("HOME", &self.0);
        let mut child = launcher.stdin(stdin).stdout(Stdio::piped()).spawn()?;
        let mut stdout = child.stdout.take().expect("its output was asked for");
        let read = drain(&mut stdout);
        drop(stdout);
        let status = child.wait()?;
        if !status.success() || read? == 0 {
            return Err(format!("{command:?} gave no answer: {status}").into());
        }
        Run::read(&fs::read_to_string(&report)?)
    }
}

impl Run {
    fn read(report: &str) -> Fallible<Run> {
        let (took, peak) = report
            .split_once(' ')
            .ok_or("the measure was not written")?;
        Ok(Run {
            took: Duration::from_nanos(took.parse()?),
            peak: peak.parse()?,
        })
    }
}

/// Reads as much at a time as a pipe holds, and says how much it was.
fn drain(output: &mut impl Read) -> Fallible<usize> {
    let mut buffer = vec![0; 64 * 1024];
    let mut len = 0;
    loop {
        match output.read(&mut buffer)? {
            0 => return Ok(len),
            more => len += more,
        }
    }
}

/// What this program is when it stands between: it runs one command and writes
/// down what that took.
pub(crate) fn launch(args: &[String]) -> Fallible<()> {
    let [report, program, args @ ..] = args else {
        return Err("a file and a command are needed".into());
    };
    let started = Instant::now();
    let status = Command::new(program).args(args).status()?;
    let took = started.elapsed();
    if !status.success() {
        return Err(format!("{program}: {status}").into());
    }
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    let kib = if cfg!(target_os = "macos") {
        peak / 1024
    } else {
        peak
    };
    Ok(fs::write(report, format!("{} {kib}", took.as_nanos()))?)
}

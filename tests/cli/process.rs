//! What the system may do with a running keyctl, and signals at any moment.

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Sandbox, issue};

const TIME_LIMIT: Duration = Duration::from_secs(20);

fn start(mut command: Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn wait_for(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < TIME_LIMIT);
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_program_that_holds_tokens_leaves_no_core_and_is_closed_to_others() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--app", "web"]);
    let mut command = sandbox.command("strace");
    command
        .args([
            "-f",
            "-o",
            "trace",
            "-e",
            "trace=prctl,prlimit64,rt_sigprocmask,read",
        ])
        .arg(env!("CARGO_BIN_EXE_keyctl"))
        .args(["verify", "--app", "web"]);
    sandbox.finish(command, b"app-madeup").expect_code(5);
    let trace = fs::read_to_string(sandbox.home().join("trace")).unwrap();
    let place = |words: &str| {
        trace
            .find(words)
            .unwrap_or_else(|| panic!("no {words}: {trace}"))
    };
    let read = place("app-madeup");
    assert!(place("RLIMIT_CORE, {rlim_cur=0, rlim_max=0}") < read);
    assert!(place("PR_SET_DUMPABLE, SUID_DUMP_DISABLE") < read);
    assert!(place("SIG_BLOCK, [XFSZ]") < read);
}

#[test]
fn a_core_is_not_written_where_the_caller_wants_one() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--app", "web"]);
    let mut command = sandbox.command("bash");
    command.args([
        "-c",
        "ulimit -c unlimited; exec \"$0\" verify --batch --app web",
    ]);
    command.arg(env!("CARGO_BIN_EXE_keyctl"));
    let mut child = start(command);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"app-madeup\n").unwrap();
    let limits = format!("/proc/{}/limits", child.id());
    let is_zero = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        line.starts_with("Max core file size") && words[4..6] == ["0", "0"]
    };
    wait_for(|| fs::read_to_string(&limits).unwrap().lines().any(is_zero));
    let pid = Pid::from_raw(child.id().try_into().unwrap());
    kill(pid, Signal::SIGQUIT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(Signal::SIGQUIT as i32));
    assert!(!status.core_dumped());
}

/// Runs a command, and sends it a signal at a moment of its life that is a little
/// later with each round; the files that it leaves in the folder `out`.
pub(super) fn signalled(sandbox: &Sandbox, args: &[&str], round: usize) -> Vec<PathBuf> {
    let out = sandbox.home().join("out");
    fs::create_dir_all(&out).unwrap();
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    command.args(args);
    let mut child = start(command);
    thread::sleep(Duration::from_micros(round as u64 * 400));
    let pid = Pid::from_raw(child.id().try_into().unwrap());
    let signals = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
    kill(pid, signals[round % 3]).unwrap();
    let status = child.wait().unwrap();
    assert_ne!(status.code(), Some(101), "{args:?}");
    let left = fs::read_dir(out).unwrap();
    left.map(|file| file.unwrap().path()).collect()
}

/// What is left is a store that is whole, and no file that is not.
#[test]
fn a_signal_at_any_moment_leaves_the_store_whole() {
    let sandbox = Sandbox::new();
    for _ in 0..5 {
        issue(&sandbox, &["--all-datasets"]);
    }
    // Each of them meets each signal.
    let commands: [&[&str]; 4] = [
        &["create", "--app", "web", "--token-file", "out/token"],
        &["export", "out/export.jsonl"],
        &["create", "--app", "web", "--token-file", "out/token"],
        &["revoke", "--app", "web", "--yes"],
    ];
    for round in 0..60 {
        let args = commands[round % commands.len()];
        for path in signalled(&sandbox, args, round) {
            match path.file_name().unwrap().to_str().unwrap() {
                "token" => {}
                "export.jsonl" => {
                    let text = fs::read_to_string(&path).unwrap();
                    assert!(text.contains("{\"end\":"), "it is not whole");
                }
                name => panic!("{name} was left by {args:?}"),
            }
            fs::remove_file(path).unwrap();
        }
        sandbox.run(&["audit", "verify"], "").expect_code(0);
    }
}

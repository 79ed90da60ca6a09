use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use snapbox::{assert_data_eq, str};

use super::{Run, Sandbox, issue, transcript};

const TIME_LIMIT: Duration = Duration::from_secs(20);
const TOKEN: &str = "dataset-0123456789ABCDEFGHIJKLYc";
const MASKED: &str = "dataset-********************KLYc";

#[test]
fn tokens_are_masked_and_all_else_passes() {
    let sandbox = Sandbox::new();
    let log = format!(
        "GET /?key={TOKEN}&x=1 401\n\
         {TOKEN}{TOKEN}\n\
         opened dataset-42 of app-web, application app0123456789ABCDEFGHIJKLxx\n\
         no line's end"
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["redact"], log)),
        str![[r#"
GET /?key=dataset-********************KLYc&x=1 401
dataset-********************KLYcdataset-********************KLYc
opened dataset-42 of app-web, application app********************KLxx
no line's end--- stderr
--- exit 0

"#]]
    );
    // It has made no store, and needs none.
    assert_eq!(sandbox.home().read_dir().unwrap().count(), 0);
}

#[test]
fn what_create_prints_is_masked() {
    let sandbox = Sandbox::new();
    for args in [["--dataset", "ds_1"], ["--app", "web"]] {
        let (_, token) = issue(&sandbox, &args);
        let run = sandbox.run(&["redact"], &token).expect_code(0);
        let (prefix, secret) = token.split_once('-').unwrap();
        let last = &secret[20..];
        assert_eq!(run.stdout, format!("{prefix}-{}{last}", "*".repeat(20)));
    }
}

#[test]
fn there_is_text_and_no_other_format() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        transcript(&sandbox.run(&["redact", "-o", "csv"], TOKEN)),
        str![[r#"
--- stderr
error: redact has no output as csv
hint: choose one of table
--- exit 2

"#]]
    );
}

/// keyctl as a filter that somebody writes to and reads from.
struct Filter {
    child: Child,
    screen: Receiver<Vec<u8>>,
}

impl Filter {
    fn start(sandbox: &Sandbox) -> Filter {
        let mut child = sandbox
            .command(env!("CARGO_BIN_EXE_keyctl"))
            .arg("redact")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let (sender, screen) = channel();
        thread::spawn(move || {
            let mut block = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut block) {
                if sender.send(block[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Filter { child, screen }
    }

    fn write(&mut self, text: &[u8]) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(text).unwrap();
    }

    /// Waits until exactly this came out.
    #[track_caller]
    fn expect(&mut self, text: &[u8]) {
        let mut seen = Vec::new();
        while seen.len() < text.len() {
            match self.screen.recv_timeout(TIME_LIMIT) {
                Ok(bytes) => seen.extend(bytes),
                Err(_) => break,
            }
        }
        if seen != text {
            let _ = self.child.kill();
        }
        assert_eq!(
            seen.escape_ascii().to_string(),
            text.escape_ascii().to_string()
        );
    }
}

#[test]
fn a_prompt_appears_before_its_line_ends() {
    let sandbox = Sandbox::new();
    let mut filter = Filter::start(&sandbox);
    filter.write(b"Delete app-web? [y/N] ");
    filter.expect(b"Delete app-web? [y/N] ");
    // A token in two writes, and a byte that is no text.
    filter.write(&TOKEN.as_bytes()[..20]);
    filter.expect(b"dataset-");
    filter.write(&TOKEN.as_bytes()[20..]);
    filter.expect(&MASKED.as_bytes()[8..]);
    filter.write(b"\xff\0\r\n");
    filter.expect(b"\xff\0\r\n");
    filter.write(b"app-0123456789");
    filter.expect(b"app-");
    drop(filter.child.stdin.take());
    filter.expect(b"0123456789");
    assert_eq!(filter.child.wait().unwrap().code(), Some(0));
}

#[test]
fn bytes_of_any_encoding_pass_unchanged() {
    let sandbox = Sandbox::new();
    let mut bytes: Vec<u8> = (0..=255).collect();
    bytes.extend(b"\xc3\x28\xff\xfe app-\xff \r\n\0");
    let bytes = bytes.repeat(2_000);
    let (input, output) = (sandbox.home().join("in"), sandbox.home().join("out"));
    std::fs::write(&input, &bytes).unwrap();
    let run = in_shell(&sandbox, "\"$0\" redact <in >out");
    assert_eq!(run.expect_code(0).stderr, "");
    assert!(std::fs::read(&output).unwrap() == bytes);
}

fn in_shell(sandbox: &Sandbox, script: &str) -> Run {
    let mut command = sandbox.command("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_keyctl")]);
    sandbox.finish(command, b"")
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::new();
    let script = "{ yes app-web | \"$0\" redact; echo $? >code; } | head -n 1";
    let run = in_shell(&sandbox, script).expect_code(0);
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str()),
        ("app-web\n", "")
    );
    let code = std::fs::read_to_string(sandbox.home().join("code")).unwrap();
    assert_eq!(code, "0\n");
}

#[test]
fn the_writer_has_its_last_words_after_ctrl_c() {
    let sandbox = Sandbox::new();
    let mut filter = Filter::start(&sandbox);
    filter.write(b"one\n");
    filter.expect(b"one\n");
    let id = Pid::from_raw(i32::try_from(filter.child.id()).unwrap());
    kill(id, Signal::SIGINT).unwrap();
    filter.write(b"shutting down\n");
    filter.expect(b"shutting down\n");
    drop(filter.child.stdin.take());
    assert_eq!(filter.child.wait().unwrap().code(), Some(0));
    // Who insists is heard.
    let mut filter = Filter::start(&sandbox);
    filter.write(b"two\n");
    filter.expect(b"two\n");
    let id = Pid::from_raw(i32::try_from(filter.child.id()).unwrap());
    kill(id, Signal::SIGTERM).unwrap();
    let status = filter.child.wait().unwrap();
    assert_eq!(status.signal(), Some(Signal::SIGTERM as i32));
}

#[test]
fn what_cannot_be_read_or_written_is_an_error() {
    let sandbox = Sandbox::new();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = sandbox
        .command(env!("CARGO_BIN_EXE_keyctl"))
        .arg("redact")
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"a line\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: cannot write the result: no space left on device\n"
    );
    assert_data_eq!(
        transcript(&in_shell(&sandbox, "\"$0\" redact <.")),
        str![[r#"
--- stderr
error: cannot read standard input: is a directory
--- exit 1

"#]]
    );
}

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use snapbox::{assert_data_eq, str};

use super::support::Sandbox;
use super::{issue, transcript};

#[test]
fn tokens_in_a_stream_are_masked_and_nothing_else_changes() {
    let sandbox = Sandbox::new();
    let (_, first) = issue(&sandbox, &["--app", "web"]);
    let (_, second) = issue(&sandbox, &["--dataset", "d"]);
    let input = format!("GET /?key={first}&x=1\r\n{second}{second}\nplain, no end");
    let run = sandbox.run(&["redact"], input).expect_code(0);
    let masked = |prefix: &str, token: &str| {
        format!("{prefix}{}{}", "*".repeat(20), &token[token.len() - 4..])
    };
    let (first, second) = (masked("app-", &first), masked("dataset-", &second));
    assert_eq!(
        run.stdout,
        format!("GET /?key={first}&x=1\r\n{second}{second}\nplain, no end")
    );
    assert_eq!(run.stderr, "");
    assert_eq!(sandbox.run(&["redact"], "").expect_code(0).stdout, "");
}

#[test]
fn no_store_is_made_and_no_other_format_is_known() {
    let sandbox = Sandbox::new();
    sandbox.run(&["redact"], "text").expect_code(0);
    sandbox.run(&["list"], "").expect_code(7);
    assert_data_eq!(
        transcript(&sandbox.run(&["redact", "--json"], "text")),
        str![[r#"
--- stderr
{"error":{"code":"usage","exit_code":2,"message":"redact has no output as json","store":null,"hints":["choose one of table"]}}
--- exit 2

"#]]
    );
}

#[test]
fn bytes_that_are_no_text_pass() {
    let sandbox = Sandbox::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(700_000).collect();
    let out = sandbox.home().join("out");
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    command.arg("redact").stdout(File::create(&out).unwrap());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(std::fs::read(out).unwrap() == bytes);
}

#[test]
fn a_prompt_shows_before_its_line_ends() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    command
        .arg("redact")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdin.write_all(b"password: ").unwrap();
    let (sender, receiver) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut bytes = [0; 100];
        let len = stdout.read(&mut bytes).unwrap();
        sender.send(bytes[..len].to_vec()).unwrap();
    });
    // Standard input is still open.
    let shown = receiver.recv_timeout(Duration::from_secs(20));
    drop(stdin);
    reader.join().unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(shown.unwrap(), b"password: ");
}

#[test]
fn a_reader_that_goes_away_ends_it_and_a_full_disk_is_an_error() {
    let sandbox = Sandbox::new();
    let run = |stdout: Stdio, input: &[u8]| {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
        command
            .arg("redact")
            .stdin(Stdio::piped())
            .stdout(stdout)
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        drop(child.stdout.take());
        // It may be gone before it has read all.
        let _ = stdin.write_all(input);
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let text = vec![b'x'; 1_000_000];
    assert_eq!(run(Stdio::piped(), &text), (Some(0), String::new()));
    let full = File::options().write(true).open("/dev/full").unwrap();
    let (code, said) = run(full.into(), &text);
    assert_eq!(code, Some(1));
    assert_eq!(
        said,
        "error: cannot write the result: no space left on device\n"
    );
}

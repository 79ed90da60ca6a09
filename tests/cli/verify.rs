use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, transcript};

#[test]
fn every_verdict_has_its_words_its_code_and_its_hint() {
    let sandbox = Sandbox::new();
    let (_, bound) = issue(
        &sandbox,
        &["--dataset", "ds_1", "--scope", "read", "--name", "ci"],
    );
    let (_, open) = issue(&sandbox, &["--all-datasets"]);
    let (_, app) = issue(&sandbox, &["--app", "web"]);
    let (id, dead) = issue(&sandbox, &["--dataset", "ds_1"]);
    sandbox
        .run(&["revoke", &id, "--reason", "leaked"], "")
        .expect_code(0);

    let verify = |args: &[&str], token: &str| {
        let args = [&["verify"], args].concat();
        transcript(&sandbox.run(&args, token))
    };
    assert_data_eq!(
        verify(&["-d", "ds_1", "--scope", "read"], &bound),
        str![[r#"
valid [KEY1]  dataset ds_1  read  ci
--- stderr
--- exit 0

"#]]
    );
    assert_data_eq!(
        verify(&["-d", "ds_1", "--scope", "write"], &bound),
        str![[r#"
denied: insufficient_scope [KEY1]
--- stderr
hint: the key has scope read
--- exit 6

"#]]
    );
    assert_data_eq!(
        verify(&["-d", "ds_2"], &bound),
        str![[r#"
denied: forbidden [KEY1]
--- stderr
hint: the key reaches dataset ds_1
--- exit 6

"#]]
    );
    assert_data_eq!(
        verify(&[], &bound),
        str![[r#"
denied: forbidden [KEY1]
--- stderr
hint: the key is bound: say which dataset is asked for: --dataset ds_1
--- exit 6

"#]]
    );
    assert_data_eq!(
        verify(&["--all-datasets"], &bound),
        str![[r#"
denied: forbidden [KEY1]
--- stderr
hint: the key reaches dataset ds_1
--- exit 6

"#]]
    );
    assert_data_eq!(
        verify(&[], &app),
        str![[r#"
denied: forbidden [KEY1]
--- stderr
hint: the key is bound: say which app is asked for: --app web
--- exit 6

"#]]
    );
    assert_data_eq!(
        verify(&[], &open),
        str![[r#"
valid [KEY1]  all datasets  full
--- stderr
--- exit 0

"#]]
    );
    assert_data_eq!(
        verify(&["-d", "any", "--scope", "x,y"], &open),
        str![[r#"
valid [KEY1]  all datasets  full
--- stderr
--- exit 0

"#]]
    );
    assert_data_eq!(
        verify(&["--app", "web"], &app),
        str![[r#"
valid [KEY1]  app web  full
--- stderr
--- exit 0

"#]]
    );
    assert_data_eq!(
        verify(&["--app", "web"], &open),
        str![[r#"
denied: forbidden [KEY1]
--- stderr
hint: the key reaches all datasets
--- exit 6

"#]]
    );
    assert_data_eq!(
        verify(&["-d", "ds_1"], &dead),
        str![[r#"
denied: revoked [KEY1]
--- stderr
hint: it was revoked [TIME]: leaked
--- exit 5

"#]]
    );
    assert_data_eq!(
        verify(&["-d", "ds_1", "--workspace", "other"], &bound),
        str![[r#"
denied: not_found
--- stderr
hint: no such key in workspace other of [PLACE]
--- exit 5

"#]]
    );
    assert_data_eq!(
        verify(&["-d", "ds_1"], "app-0123456789ABCDEFGHIJKLNG"),
        str![[r#"
denied: not_found
--- stderr
hint: its check characters do not fit: was it mistyped or cut?
--- exit 5

"#]]
    );
    assert_data_eq!(
        verify(&["-d", "ds_1"], ""),
        str![[r#"
denied: malformed
--- stderr
hint: this cannot be a token: it is empty
--- exit 5

"#]]
    );
    assert_data_eq!(
        verify(&["-d", "ds_1"], "a\u{1b}b"),
        str![[r#"
denied: malformed
--- stderr
hint: this cannot be a token: it has control characters or characters outside ASCII
--- exit 5

"#]]
    );
    assert_data_eq!(
        verify(&["-d", "ds_1"], &"x".repeat(1025)),
        str![[r#"
denied: malformed
--- stderr
hint: this cannot be a token: it is longer than 1024 bytes
--- exit 5

"#]]
    );
}

#[test]
fn what_cannot_be_a_token_is_malformed_and_what_can_is_looked_up() {
    let sandbox = Sandbox::new();
    sandbox.run(&["store", "init"], "").expect_code(0);
    let cases: [(Vec<u8>, &str); 10] = [
        (b"".to_vec(), "malformed"),
        (b"\n".to_vec(), "malformed"),
        (b"tok\0en".to_vec(), "malformed"),
        (b"tok\x7fen".to_vec(), "malformed"),
        (b"tok\nen".to_vec(), "malformed"),
        (vec![0xff, 0xfe, b'a'], "malformed"),
        (vec![b'x'; 1025], "malformed"),
        (vec![b'x'; 1 << 20], "malformed"),
        (vec![b'x'; 1024], "not_found"),
        (b"ds-old-form\r\n".to_vec(), "not_found"),
    ];
    for (stdin, verdict) in cases {
        let args = ["verify", "--dataset", "ds_1", "--json"];
        let run = sandbox.run(&args, &stdin).expect_code(5);
        let document = json(&run);
        assert_eq!(document["verdict"], verdict, "{} bytes", stdin.len());
        assert_eq!(document["key"], serde_json::Value::Null);
    }
}

#[test]
fn json_is_one_document_with_key_and_need() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    let args = ["verify", "-d", "ds_1", "--scope", "read", "-o", "jsonl"];
    assert_data_eq!(
        transcript(&sandbox.run(&args, &token)),
        str![[r#"
{"schema":"keyctl.verify/v1","valid":true,"verdict":"valid","http_status":200,"key":{"id":"[KEY1]","name":null,"description":null,"kind":"dataset","workspace":"default","access":{"type":"datasets","datasets":["ds_1"],"app":null},"scopes":["full"],"status":"active","masked_token":"dat...[MASK]","created_at":"[TIME]","created_by":"tester","expires_at":null,"last_used_at":null,"disabled_at":null,"revoked_at":null,"revoke_reason":null,"replaces":null,"replaced_by":null},"need":{"target":{"type":"dataset","id":"ds_1"},"scopes":["read"]}}
--- stderr
--- exit 0

"#]]
    );
}

#[test]
fn an_expired_key_is_denied() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    // The boundaries are in the tables beside the rule.
    sandbox.alter("UPDATE keys SET expires_at = created_at");
    let run = sandbox.run(&["verify", "-d", "ds_1"], &token);
    assert_data_eq!(
        transcript(&run),
        str![[r#"
denied: expired [KEY1]
--- stderr
hint: it expired [TIME]
--- exit 5

"#]]
    );
}

#[test]
fn tokens_come_from_a_file_too() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web"]);
    fs::write(sandbox.home().join("token"), format!("{token}\r\n")).unwrap();
    let args = ["verify", "--app", "web", "--token-file", "token"];
    sandbox.run(&args, "").expect_code(0);
    sandbox
        .run(&["verify", "--app", "web", "-"], &token)
        .expect_code(0);
    let missing = ["verify", "--app", "web", "--token-file", "nowhere"];
    assert_data_eq!(
        transcript(&sandbox.run(&missing, "")),
        str![[r#"
--- stderr
error: cannot read "nowhere": no such file or directory
--- exit 1

"#]]
    );
    let both = ["verify", "--app", "web", "--token-file", "token", "-"];
    sandbox.run(&both, "").expect_code(2);
}

#[test]
fn a_batch_answers_line_by_line_in_order() {
    let sandbox = Sandbox::new();
    let (_, good) = issue(&sandbox, &["--dataset", "ds_1", "--name", "good"]);
    let (_, other) = issue(&sandbox, &["--dataset", "ds_2"]);
    let batch = |lines: &[&str], args: &[&str]| {
        let args = [&["verify", "--batch", "-d", "ds_1"], args].concat();
        sandbox.run(&args, lines.join("\n"))
    };
    let long = "x".repeat(3000);
    let run = batch(&[&good, "", &other, &long, "unknown", &good], &[]);
    assert_data_eq!(
        transcript(&run),
        str![[r#"
valid [KEY1]  dataset ds_1  full  good
denied: malformed
denied: forbidden [KEY2]
denied: malformed
denied: not_found
valid [KEY1]  dataset ds_1  full  good
--- stderr
--- exit 5

"#]]
    );
    // The code is that of the gravest verdict.
    batch(&[&good, &good], &[]).expect_code(0);
    batch(&[&good, &other], &[]).expect_code(6);
    batch(&[&other, "unknown", &good], &[]).expect_code(5);
    let empty = batch(&[], &[]).expect_code(0);
    assert_eq!(empty.stdout, "");
    // JSON is one document a line, whichever kind was asked for.
    for format in ["json", "jsonl"] {
        let run = batch(&[&good, "unknown"], &["-o", format]).expect_code(5);
        let verdicts: Vec<serde_json::Value> = run
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(verdicts[0]["verdict"], "valid");
        assert_eq!(verdicts[1]["verdict"], "not_found");
    }
}

#[test]
fn a_batch_answers_each_line_at_once_to_whoever_waits() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    let mut child = sandbox
        .command(env!("CARGO_BIN_EXE_keyctl"))
        .args(["verify", "--batch", "-d", "ds_1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for (line, answer) in [
        (token.as_str(), "valid"),
        ("nonsense", "denied"),
        (&token, "valid"),
    ] {
        writeln!(stdin, "{line}").unwrap();
        let mut said = String::new();
        stdout.read_line(&mut said).unwrap();
        assert!(said.starts_with(answer), "{said}");
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(5));
}

#[test]
fn use_is_recorded_on_what_is_recognised_unless_forbidden() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    let last_use =
        || json(&sandbox.run(&["show", &id, "--json"], ""))["key"]["last_used_at"].clone();
    sandbox
        .run(&["verify", "-d", "ds_1", "--no-touch"], &token)
        .expect_code(0);
    assert!(last_use().is_null());
    sandbox
        .run(&["verify", "-d", "ds_1", "--workspace", "other"], &token)
        .expect_code(5);
    assert!(last_use().is_null());
    // Turned away, and recognised all the same.
    sandbox
        .run(&["verify", "-d", "ds_2"], &token)
        .expect_code(6);
    assert!(last_use().is_string());
}

#[test]
fn the_exit_code_is_the_verdict_even_if_nobody_reads_the_words() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    for (target, code) in [("ds_1", 0), ("ds_2", 6)] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child = sandbox
            .command(env!("CARGO_BIN_EXE_keyctl"))
            .args(["verify", "-d", target])
            .stdin(Stdio::piped())
            .stdout(writer)
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(token.as_bytes())
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
    }
}

#[test]
fn a_store_that_is_not_there_is_no_denial() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .run(&["verify", "-d", "ds_1"], "whatever")
        .expect_code(7);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_batch_tells_the_time_anew_for_each_line_it_waited_for() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--dataset", "ds_1", "--expires", "1s"]);
    let mut child = sandbox
        .command(env!("CARGO_BIN_EXE_keyctl"))
        .args(["verify", "--batch", "-d", "ds_1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    child
        .stdin
        .take()
        .unwrap()
        .write_all(token.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.stdout.starts_with(b"denied: expired"));
}

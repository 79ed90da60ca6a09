//! No token is ever where it should not be: every command in every format is
//! run over issued tokens, and all that it printed, kept and was started with
//! is searched for each of them.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::{Run, Sandbox, issue};

const FORMATS: [&str; 5] = ["table", "json", "jsonl", "csv", "id"];

/// The part of a token that no mask shows.
fn secret_part(token: &str) -> &str {
    &token[5..token.len() - 4]
}

#[track_caller]
fn expect_none(text: &[u8], tokens: &[String], what: &str) {
    for token in tokens {
        for needle in [secret_part(token), token] {
            let found = text
                .windows(needle.len())
                .any(|part| part == needle.as_bytes());
            assert!(!found, "a token is in {what}");
        }
    }
}

#[track_caller]
fn expect_clean(run: &Run, tokens: &[String]) {
    expect_none(
        run.stdout.as_bytes(),
        tokens,
        &format!("stdout of {}", run.command),
    );
    expect_none(
        run.stderr.as_bytes(),
        tokens,
        &format!("stderr of {}", run.command),
    );
}

fn expect_clean_sandbox(sandbox: &Sandbox, tokens: &[String]) {
    expect_clean_files(sandbox.home(), tokens);
    expect_none(&sandbox.stored(), tokens, "the store");
}

fn expect_clean_files(folder: &Path, tokens: &[String]) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            expect_clean_files(&path, tokens);
        } else {
            expect_none(
                &fs::read(&path).unwrap(),
                tokens,
                &path.display().to_string(),
            );
        }
    }
}

#[test]
fn nothing_but_create_ever_prints_a_token() {
    let sandbox = Sandbox::new();
    let mut tokens = Vec::new();
    let mut ids = Vec::new();
    for args in [
        &["--dataset", "ds_1", "--name", "one"] as &[_],
        &["--dataset", "ds_1", "--dataset", "ds_2", "--scope", "read"],
        &["--all-datasets", "--name", "wide"],
        &["--app", "web", "--name", "web"],
        &["--app", "web", "--workspace", "other"],
    ] {
        let (id, token) = issue(&sandbox, args);
        ids.push(id);
        tokens.push(token);
    }
    let mut mistyped = tokens[0].clone();
    mistyped.push('x');
    let stdin = tokens.join("\n") + "\n" + &mistyped + "\n";
    tokens.push(mistyped);
    let glued = format!("--app={}", tokens[0]);

    for format in FORMATS {
        let commands: [&[&str]; 47] = [
            &["list", "--all"],
            &["list", "--dataset", "ds_1"],
            &["show", &ids[0]],
            &["show", "wide"],
            &["show", "-"],
            &["show", "nobody"],
            &["verify", "--dataset", "ds_1"],
            &["verify"],
            &["verify", "--batch", "--dataset", "ds_1"],
            &["verify", "--batch", "--app", "web", "--scope", "x"],
            &["revoke", "-", "-n"],
            &["revoke", "-", "-n", "--if-exists"],
            &["revoke", &ids[0], &ids[1], "-n"],
            &["create", "--dataset", "ds_1", "-n"],
            &["create", "--dataset", "ds_1", &glued],
            &["show", &tokens[0]],
            &["revoke", &tokens[1], "--if-exists"],
            &["--no-such-option", &tokens[2]],
            &["rotate", &ids[0], "-n"],
            &["rotate", &tokens[0]],
            &["edit", "one", "--add-scope", "x", "-n"],
            &["edit", "one", "--name", &tokens[0]],
            &["disable", &ids[1], "--reason", &tokens[0]],
            &["disable", &ids[1]],
            &["enable", &ids[1]],
            &["revoke", "--all", "-n"],
            &["prune", "--revoked", "--older-than", "0s", "-n"],
            &["policy", "show"],
            &["audit"],
            &["audit", "verify"],
            &["audit", "head"],
            &["store", "path"],
            &["store", "init"],
            &["completions", "bash"],
            &["man"],
            &["rules", "gitleaks"],
            &["redact"],
            &["scan", "-"],
            &["scan", "-", "--offline"],
            &["scan", &tokens[0]],
            &["scan", "--git", "."],
            &["revoke", "--leaked", "-n"],
            &["revoke", "--leaked", "-n", "--if-exists"],
            &["revoke", "--leaked", &tokens[0]],
            &["export"],
            &["import", "-", "-n"],
            &["import", "-", "--from", "dify", "-n"],
        ];
        for args in commands {
            let args = [args, &["-o", format]].concat();
            // The first token alone, and then all of them.
            expect_clean(&sandbox.run(&args, &tokens[0]), &tokens);
            expect_clean(&sandbox.run(&args, &stdin), &tokens);
        }
    }
    let run = sandbox
        .run(&["revoke", "-", "--reason", "leaked"], &stdin)
        .expect_code(3);
    expect_clean(&run, &tokens);
    expect_clean_sandbox(&sandbox, &tokens);
}

#[test]
fn a_rotation_prints_the_new_token_and_never_the_old_one() {
    let sandbox = Sandbox::new();
    let (id, old) = issue(&sandbox, &["--dataset", "ds_1"]);
    let run = sandbox.run(&["rotate", &id], "").expect_code(0);
    expect_clean(&run, std::slice::from_ref(&old));
    let tokens = [old, run.stdout.trim_end().to_owned()];
    assert!(!run.stderr.contains(secret_part(&tokens[1])));
    expect_clean_sandbox(&sandbox, &tokens);
    expect_clean(&sandbox.run(&["audit", "--json"], ""), &tokens);
}

#[test]
fn a_token_that_goes_to_a_file_goes_nowhere_else() {
    let sandbox = Sandbox::new();
    for (i, format) in ["table", "json", "jsonl", "id"].iter().enumerate() {
        let path = format!("token.{i}");
        let args = [
            "create",
            "--app",
            "web",
            "--token-file",
            &path,
            "-o",
            format,
        ];
        let run = sandbox.run(&args, "").expect_code(0);
        let path = sandbox.home().join(path);
        let tokens = [fs::read_to_string(&path).unwrap().trim_end().to_owned()];
        fs::remove_file(path).unwrap();
        expect_clean(&run, &tokens);
        expect_clean_sandbox(&sandbox, &tokens);
    }
}

#[test]
fn a_token_is_in_no_argument_and_no_environment_of_a_process() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    let tokens = [token.clone()];
    for args in [
        &["verify", "-d", "ds_1"] as &[_],
        &["verify", "-d", "ds_1", "--batch"],
        &["show", "-"],
        &["revoke", "-", "-n"],
    ] {
        let mut child = sandbox
            .command(env!("CARGO_BIN_EXE_keyctl"))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(token.as_bytes()).unwrap();
        // It has the token, and waits for the end of its input.
        let folder = format!("/proc/{}", child.id());
        for _ in 0..20 {
            for file in ["cmdline", "environ"] {
                let bytes = fs::read(format!("{folder}/{file}")).unwrap();
                expect_none(&bytes, &tokens, file);
            }
            thread::sleep(Duration::from_millis(5));
        }
        drop(stdin);
        assert!(child.wait().unwrap().success(), "{args:?}");
    }
}

//! What is made is its owner's alone, whatever the umask.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::support::Sandbox;
use super::{document, run_after, text};

/// How long a process may take to open the store.
const TIME_LIMIT: Duration = Duration::from_secs(30);
const UMASKS: [&str; 3] = ["umask 000", "umask 022", "umask 077"];

/// What others can come at below this folder: each with its mode.
fn open_to_others(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let mode = metadata.permissions().mode() & 0o7777;
        let private = if metadata.is_dir() { 0o700 } else { 0o600 };
        if mode != private {
            found.push(format!("{} {mode:o}", path.display()));
        }
        if metadata.is_dir() {
            found.extend(open_to_others(&path));
        }
    }
    found
}

/// Files that are there before: they are given, and not made.
struct Given(tempfile::TempDir);

impl Given {
    fn path(&self, name: &str, content: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }
}

#[test]
fn every_command_makes_private_files_whatever_the_umask() {
    for umask in UMASKS {
        let sandbox = Sandbox::new();
        let given = Given(tempfile::tempdir().unwrap());
        let run = |args: &[&str], code: i32| {
            let run = run_after(&sandbox, umask, args, "").expect_code(code);
            let open = open_to_others(sandbox.home());
            assert!(open.is_empty(), "{args:?} under {umask}: {open:?}");
            run
        };
        let name = |name| ["--name", name];
        let done = |args: &[&str]| drop(run(args, 0));
        done(&["store", "init"]);
        done(
            &[
                &["create", "--app", "web", "--token-file", "one"][..],
                &name("one"),
            ]
            .concat(),
        );
        let two = run(
            &[&["create", "-d", "a", "--json"][..], &name("two")].concat(),
            0,
        );
        let three = run(
            &[&["create", "-d", "b", "--json"][..], &name("three")].concat(),
            0,
        );
        done(&[&["create", "-d", "c"][..], &name("four")].concat());
        done(&["verify", "--app", "web", "--token-file", "one"]);
        done(&["edit", "two", "--description", "a remark"]);
        done(&["disable", "two"]);
        done(&["enable", "two"]);
        done(&["rotate", "one", "--grace", "1h", "--token-file", "newer"]);
        done(&["policy", "set", "max-keys-per-target", "20"]);
        done(&["revoke", "four", "--yes"]);
        let leaked = given.path("leaked", &text(&document(&two)["token"]));
        let ended = ["revoke", "--leaked", &leaked, "--yes", "--grace", "1h"];
        done(&[&ended[..], &["--replace", "--token-file", "new-ones"]].concat());
        let logged = given.path("log", &text(&document(&three)["token"]));
        run(&["scan", &logged, "--revoke", "--yes"], 9);
        done(&["export", "whole.jsonl"]);
        done(&["--store", "deep/er/copy.db", "import", "whole.jsonl"]);
        done(&["store", "backup", "backup.db"]);
        done(&["store", "restore", "backup.db", "--yes"]);
        let new_place = ["--store", "new/er/keys.db", "store", "restore", "backup.db"];
        done(&[&new_place[..], &["--exact", "--yes"]].concat());
        let rows = "id,app_id,type,token,created_at,tenant_id\n\
                    1,chat,app,app-0123456789abcdefghijklmn,2024-05-06 07:08:09,\n";
        let table = given.path("tokens.csv", rows);
        let dify = ["import", &table, "--from", "dify", "--no-bindings"];
        done(&[&dify[..], &["--store", "dify.db"]].concat());
        done(&["prune", "--revoked", "--older-than", "0s", "--yes"]);
        done(&["audit", "verify"]);
    }
}

#[test]
fn what_stands_beside_an_open_store_is_private_too() {
    for umask in UMASKS {
        let sandbox = Sandbox::new();
        let made = run_after(&sandbox, umask, &["create", "--app", "web", "--json"], "");
        let token = text(&document(&made.expect_code(0))["token"]);
        let mut open = sandbox
            .command("sh")
            .args(["-c", &format!(r#"{umask}; exec "$0" "$@""#)])
            .arg(env!("CARGO_BIN_EXE_keyctl"))
            .args(["verify", "--batch", "--app", "web"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = open.stdin.take().unwrap();
        let mut answers = BufReader::new(open.stdout.take().unwrap());
        writeln!(stdin, "{token}").unwrap();
        let folder = sandbox.home().join(".local/share/keyctl");
        let deadline = Instant::now() + TIME_LIMIT;
        while !folder.join("keys.db-shm").exists() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        run_after(&sandbox, umask, &["create", "--app", "web"], "").expect_code(0);
        for name in ["keys.db", "keys.db-wal", "keys.db-shm"] {
            assert!(folder.join(name).exists(), "{name} is there under {umask}");
        }
        assert_eq!(
            open_to_others(sandbox.home()),
            Vec::<String>::new(),
            "{umask}"
        );
        drop(stdin);
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert!(answer.contains("valid"), "{answer}");
        assert!(open.wait().unwrap().success());
    }
}

#[test]
fn what_a_shell_makes_under_a_wide_umask_is_named() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("sh");
    command.args(["-c", "umask 022; mkdir folder; echo > folder/file"]);
    sandbox.finish(command, b"").expect_code(0);
    let named = open_to_others(sandbox.home());
    assert_eq!(named.len(), 2, "{named:?}");
    assert!(named[0].ends_with("folder 755") && named[1].ends_with("folder/file 644"));
}

use std::fs::{self, OpenOptions};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, key_count, transcript};

#[test]
fn the_token_is_alone_on_stdout_and_the_rest_is_talk() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["create", "--dataset", "ds_42"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
[TOKEN]
--- stderr
made a new store: [PLACE]
issued [KEY1] for dataset ds_42, scope full, never expires
Copy it now: it is not stored and cannot be shown again.
hint: keys can end by themselves: --expires 90d
--- exit 0

"#]]
    );
}

#[test]
fn json_holds_the_record_and_the_token() {
    let sandbox = Sandbox::new();
    let args = [
        "create",
        "--app",
        "web",
        "--name",
        "front",
        "--description",
        "for the site",
        "--scope",
        "chat:write",
        "--scope",
        "chat:read",
        "--expires",
        "2999-01-31",
        "--actor",
        "alice",
        "--json",
    ];
    assert_data_eq!(
        transcript(&sandbox.run(&args, "")),
        str![[r#"
{
  "schema": "keyctl.create/v1",
  "dry_run": false,
  "key": {
    "id": "[KEY1]",
    "name": "front",
    "description": "for the site",
    "kind": "app",
    "workspace": "default",
    "access": {
      "type": "app",
      "datasets": [],
      "app": "web"
    },
    "scopes": [
      "chat:read",
      "chat:write"
    ],
    "status": "active",
    "masked_token": "app...[MASK]",
    "created_at": "[TIME]",
    "created_by": "alice",
    "expires_at": "[TIME]",
    "last_used_at": null,
    "disabled_at": null,
    "revoked_at": null,
    "revoke_reason": null,
    "replaces": null,
    "replaced_by": null
  },
  "token": "[TOKEN]",
  "token_file": null
}
--- stderr
made a new store: [PLACE]
issued [KEY1] for app web, scope chat:read chat:write, expires [TIME]
Copy it now: it is not stored and cannot be shown again.
--- exit 0

"#]]
    );
}

#[test]
fn every_access_has_its_kind_and_prefix() {
    let sandbox = Sandbox::new();
    let cases: [(&[&str], &str, &str); 4] = [
        (&["--dataset", "a"], "dataset", "dataset-"),
        (&["--dataset", "a", "--dataset", "b"], "dataset", "dataset-"),
        (&["--all-datasets"], "dataset", "dataset-"),
        (&["--app", "a"], "app", "app-"),
    ];
    for (target, kind, prefix) in cases {
        let args = [&["create", "--json"], target].concat();
        let document = json(&sandbox.run(&args, "").expect_code(0));
        assert_eq!(document["key"]["kind"], kind);
        let token = document["token"].as_str().unwrap();
        assert!(token.starts_with(prefix), "{target:?}");
    }
}

#[test]
fn a_token_file_is_new_private_and_holds_the_token_alone() {
    let sandbox = Sandbox::new();
    let args = ["create", "--app", "web", "--token-file", "web.token"];
    assert_data_eq!(
        transcript(&sandbox.run(&args, "")),
        str![[r#"
[KEY1]
--- stderr
made a new store: [PLACE]
issued [KEY1] for app web, scope full, never expires
The token is in "web.token" and nowhere else: it cannot be shown again.
hint: keys can end by themselves: --expires 90d
--- exit 0

"#]]
    );
    let path = sandbox.home().join("web.token");
    let token = fs::read_to_string(&path).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let verified = sandbox.run(&["verify", "--app", "web"], &token);
    verified.expect_code(0);

    // A second one does not overwrite it, and makes no key.
    assert_data_eq!(
        transcript(&sandbox.run(&args, "")),
        str![[r#"
--- stderr
error: cannot make "web.token": file exists
hint: name a new file: one that is there is never overwritten
--- exit 1

"#]]
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), token);
    assert_eq!(key_count(&sandbox), 1);
}

#[test]
fn a_token_file_is_never_written_through_a_link() {
    let sandbox = Sandbox::new();
    let victim = sandbox.home().join("victim");
    fs::write(&victim, "precious").unwrap();
    std::os::unix::fs::symlink(&victim, sandbox.home().join("link")).unwrap();
    std::os::unix::fs::symlink("nowhere", sandbox.home().join("dangling")).unwrap();
    for link in ["link", "dangling"] {
        let args = ["create", "--app", "web", "--token-file", link];
        sandbox.run(&args, "").expect_code(1);
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    assert!(!sandbox.home().join("nowhere").exists());
}

#[test]
fn a_dry_run_leaves_nothing_and_shows_no_token() {
    let sandbox = Sandbox::new();
    let args = ["create", "--dataset", "ds_1", "--dry-run", "--json"];
    let run = sandbox.run(&args, "").expect_code(0);
    let document = json(&run);
    assert_eq!(document["dry_run"], true);
    assert_eq!(document["token"], serde_json::Value::Null);
    assert!(!sandbox.has_store(), "a dry run makes no store");

    issue(&sandbox, &["--dataset", "ds_1"]);
    let file = ["create", "--dataset", "ds_1", "-n", "--token-file", "t"];
    assert_data_eq!(
        transcript(&sandbox.run(&file, "")),
        str![[r#"
[KEY1]
--- stderr
dry run: would issue a key for dataset ds_1, scope full, never expires
--- exit 0

"#]]
    );
    assert!(!sandbox.home().join("t").exists());
    assert_eq!(key_count(&sandbox), 1);
}

#[test]
fn the_eleventh_key_of_a_target_is_refused() {
    let sandbox = Sandbox::new();
    for _ in 0..9 {
        issue(&sandbox, &["--dataset", "ds_1"]);
    }
    // A key bound to several datasets counts in each of them.
    let (shared, _) = issue(&sandbox, &["--dataset", "ds_1", "--dataset", "ds_2"]);
    let run = sandbox.run(&["create", "--dataset", "ds_1"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
error: dataset ds_1 has 10 live keys, as many as one target may have
hint: see them: keyctl list --dataset ds_1 --bound-only
hint: make room: keyctl revoke KEY
hint: or allow more: keyctl policy set max-keys-per-target 11
--- exit 4

"#]]
    );
    let both = ["create", "--dataset", "ds_2", "--dataset", "ds_1", "-n"];
    sandbox.run(&both, "").expect_code(4);
    // Workspace-wide keys, other targets and other workspaces count by themselves.
    issue(&sandbox, &["--all-datasets"]);
    issue(&sandbox, &["--dataset", "ds_2"]);
    issue(&sandbox, &["--app", "ds_1"]);
    issue(&sandbox, &["--dataset", "ds_1", "--workspace", "other"]);
    // A revoked key makes room.
    sandbox.run(&["revoke", &shared], "").expect_code(0);
    issue(&sandbox, &["--dataset", "ds_1"]);
}

#[test]
fn of_many_processes_that_race_for_the_last_places_as_many_win() {
    let sandbox = Sandbox::new();
    for _ in 0..7 {
        issue(&sandbox, &["--dataset", "ds_1"]);
    }
    let mut children: Vec<_> = (0..8)
        .map(|_| {
            sandbox
                .command(env!("CARGO_BIN_EXE_keyctl"))
                .args(["create", "--dataset", "ds_1"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut codes: Vec<_> = children
        .iter_mut()
        .map(|child| child.wait().unwrap().code().unwrap())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 0, 0, 4, 4, 4, 4, 4]);
    assert_eq!(key_count(&sandbox), 10);
}

#[test]
fn of_many_processes_that_make_the_store_at_once_each_has_its_key() {
    for _ in 0..5 {
        let sandbox = Sandbox::new();
        let mut children: Vec<_> = (0..8)
            .map(|i| {
                sandbox
                    .command(env!("CARGO_BIN_EXE_keyctl"))
                    .args(["create", "-q", "--dataset", &format!("ds_{i}")])
                    .stdout(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for child in &mut children {
            assert!(child.wait().unwrap().success());
        }
        let listed = sandbox.run(&["list", "-o", "id"], "").expect_code(0);
        assert_eq!(listed.stdout.lines().count(), 8);
    }
}

#[test]
fn a_token_that_cannot_be_written_makes_no_key() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    for format in ["table", "json", "jsonl"] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = sandbox
            .command(env!("CARGO_BIN_EXE_keyctl"))
            .args(["create", "--dataset", "ds_1", "-o", format])
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
        let mut closed = sandbox.command("sh");
        closed
            .arg("-c")
            .arg("exec \"$0\" create --dataset ds_1 -o \"$1\" >&-")
            .args([env!("CARGO_BIN_EXE_keyctl"), format]);
        let run = sandbox.finish(closed, b"").expect_code(1);
        assert!(
            run.stderr.contains("standard output is closed"),
            "{}",
            run.stderr
        );
        // A reader that is gone: its end of the pipe is closed before the start.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = sandbox
            .command(env!("CARGO_BIN_EXE_keyctl"))
            .args(["create", "--dataset", "ds_1", "-o", format])
            .stdout(writer)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
    }
    assert_eq!(key_count(&sandbox), 1);
}

#[test]
fn a_shared_name_is_said_to_be_one() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let args = [
        "create",
        "--dataset",
        "ds_1",
        "--name",
        "ci",
        "--expires",
        "1y",
    ];
    assert_data_eq!(
        transcript(&sandbox.run(&args, "")),
        str![[r#"
[TOKEN]
--- stderr
issued [KEY1] for dataset ds_1, scope full, expires [TIME]
Copy it now: it is not stored and cannot be shown again.
2 live keys are now named ci: tell them apart by id
--- exit 0

"#]]
    );
}

#[test]
fn quiet_leaves_the_token_alone() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .run(&["create", "--dataset", "ds_1", "-q"], "")
        .expect_code(0);
    assert_eq!(run.stderr, "");
    assert_eq!(run.stdout.lines().count(), 1);
}

#[test]
fn what_is_bound_to_fail_makes_no_store_and_a_dry_run_fails_alike() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.home().join("taken"), "").unwrap();
    let cases: [(&[&str], i32); 4] = [
        (&["--expires", "2001-01-01"], 4),
        (&["--token-file", "nowhere/token"], 1),
        (&["--token-file", "taken"], 1),
        (&["-o", "id"], 2),
    ];
    for (args, code) in cases {
        for dry_run in [&[] as &[_], &["--dry-run"]] {
            let args = [&["create", "--app", "web"], args, dry_run].concat();
            sandbox.run(&args, "").expect_code(code);
            assert!(!sandbox.has_store(), "{args:?}");
        }
    }
}

#[test]
fn a_result_that_cannot_be_written_does_not_hide_that_the_key_is_there() {
    let sandbox = Sandbox::new();
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = sandbox
        .command(env!("CARGO_BIN_EXE_keyctl"))
        .args(["create", "--app", "web", "--token-file", "t"])
        .stdout(full())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let id = sandbox.run(&["list", "-o", "id"], "").stdout;
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains(&format!("{} was issued, but", id.trim_end())),
        "{said}"
    );
    let output = sandbox
        .command(env!("CARGO_BIN_EXE_keyctl"))
        .args(["revoke", id.trim_end()])
        .stdout(full())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("1 key was revoked, but"), "{said}");
    assert_eq!(key_count(&sandbox), 0);
}

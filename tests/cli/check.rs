//! `store check`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use snapbox::{assert_data_eq, str};

use super::{Run, Sandbox, issue, json, transcript};

fn check(sandbox: &Sandbox, args: &[&str]) -> Run {
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    // What is on PATH is this machine's own business.
    command
        .args([&["store", "check"], args].concat())
        .env("PATH", sandbox.home().join("bin"));
    sandbox.finish(command, b"")
}

/// The states of the checks of that name.
fn states(sandbox: &Sandbox, check_name: &str) -> Vec<String> {
    let document = json(&check(sandbox, &["--json"]));
    let checks = document["checks"].as_array().unwrap().iter();
    checks
        .filter(|line| line["check"] == check_name)
        .map(|line| line["state"].as_str().unwrap().to_owned())
        .collect()
}

fn in_store(sandbox: &Sandbox, sql: &str) {
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn a_store_in_order() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    let run = check(&sandbox, &[]).expect_code(0);
    let words: Vec<(&str, &str)> = run
        .stdout
        .lines()
        .map(|line| (line[..9].trim(), line[9..19].trim()))
        .collect();
    let names = [
        "tables",
        "indexes",
        "references",
        "log",
        "files",
        "journal",
        "space",
        "ballast",
        "program",
        "never-used",
        "full-scope",
        "expiring",
    ];
    assert_eq!(words, names.map(|name| ("ok", name)));
    assert_eq!(run.stderr, "");
    assert_eq!(check(&sandbox, &["-q"]).expect_code(0).stdout, "");
    let document = json(&check(&sandbox, &["--json"]).expect_code(0));
    assert_eq!(document["schema"], "keyctl.store.check/v1");
    assert_eq!(document["ok"], true);
}

#[test]
fn no_store_is_not_in_order() {
    let run = check(&Sandbox::new(), &[]).expect_code(7);
    assert_eq!(run.stdout, "");
}

#[test]
fn what_others_can_come_at_is_a_problem() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    let folder = sandbox.home().join(".local/share/keyctl");
    fs::set_permissions(&folder, Permissions::from_mode(0o770)).unwrap();
    fs::set_permissions(
        folder.join("keys.db-ballast"),
        Permissions::from_mode(0o640),
    )
    .unwrap();
    fs::set_permissions(sandbox.home(), Permissions::from_mode(0o777)).unwrap();
    assert_data_eq!(
        transcript(&check(&sandbox, &["--quiet"])),
        str![[r#"
problem  files      ~/.local/share/keyctl/keys.db-ballast is open to others (mode 0640); chmod 600 [HOME]/.local/share/keyctl/keys.db-ballast
problem  files      others can write to the folder ~/.local/share/keyctl (mode 0770); chmod go-w [HOME]/.local/share/keyctl
problem  files      others can write to the folder ~/ (mode 0777); chmod go-w [HOME]
--- stderr
--- exit 7

"#]]
    );
}

#[test]
fn each_thing_amiss_is_a_line_and_the_rest_is_looked_at_all_the_same() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--dataset", "ds_1"]);
    sandbox.run(&["revoke", &id], "").expect_code(0);
    in_store(
        &sandbox,
        "UPDATE keys SET revoked_at = NULL, revoke_reason = NULL;
         CREATE TABLE planted (x);",
    );
    let run = check(&sandbox, &[]).expect_code(7);
    for problem in [
        "problem  tables     the store is damaged: its table planted is not as keyctl made it",
        "problem  log        key_",
        "ok       indexes    ",
        "ok       expiring   ",
    ] {
        let is_told = run.stdout.lines().any(|line| line.starts_with(problem));
        assert!(is_told, "{problem}: {}", run.stdout);
    }
}

#[test]
fn a_row_of_no_key_and_one_that_no_table_may_have_are_problems() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    in_store(
        &sandbox,
        "PRAGMA foreign_keys = OFF;
         INSERT INTO key_datasets VALUES ('key_0000000000000000', 'ds_2');",
    );
    assert_eq!(states(&sandbox, "references"), ["problem"]);
    assert_eq!(states(&sandbox, "indexes"), ["ok"]);
    in_store(
        &sandbox,
        "DELETE FROM key_datasets WHERE key_id = 'key_0000000000000000';
         PRAGMA ignore_check_constraints = ON;
         UPDATE keys SET scopes = '';",
    );
    assert_eq!(states(&sandbox, "indexes"), ["problem"]);
}

#[test]
fn keys_to_look_at_are_advice() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--expires", "13d"]);
    let (id, token) = issue(&sandbox, &["--all-datasets"]);
    sandbox
        .run(&["verify", "--all-datasets"], &token)
        .expect_code(0);
    assert_eq!(states(&sandbox, "expiring"), ["advice"]);
    assert_eq!(states(&sandbox, "full-scope"), ["ok"]);
    in_store(&sandbox, "UPDATE last_uses SET at = at - 92 * 86400");
    // A use counts from the issue on as well.
    assert_eq!(states(&sandbox, "full-scope"), ["advice"]);
    let document = json(&check(&sandbox, &["--json"]).expect_code(0));
    let line = document["checks"].as_array().unwrap().iter();
    let line = line
        .rev()
        .find(|line| line["check"] == "full-scope")
        .unwrap();
    assert_eq!(line["keys"][0], id);
    assert_eq!(document["ok"], true);
}

#[test]
fn another_keyctl_on_the_path_and_a_ballast_that_is_gone_are_advice() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    let bin = sandbox.home().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("keyctl"), "#!/bin/sh").unwrap();
    assert_eq!(states(&sandbox, "program"), ["ok"], "it is no program");
    fs::set_permissions(bin.join("keyctl"), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(states(&sandbox, "program"), ["advice"]);
    fs::remove_file(bin.join("keyctl")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_keyctl"), bin.join("keyctl")).unwrap();
    assert_eq!(states(&sandbox, "program"), ["ok"], "it is this one");
    let ballast = sandbox.home().join(".local/share/keyctl/keys.db-ballast");
    fs::remove_file(&ballast).unwrap();
    assert_eq!(states(&sandbox, "ballast"), ["advice"]);
    issue(&sandbox, &["--dataset", "ds_1"]);
    assert_eq!(fs::metadata(ballast).unwrap().len(), 4 << 20);
    assert_eq!(states(&sandbox, "ballast"), ["ok"]);
}

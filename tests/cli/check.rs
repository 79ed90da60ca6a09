//! `store check`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use super::{CHECKS, Run, Sandbox, issue, json};

pub(super) fn check(sandbox: &Sandbox, args: &[&str]) -> Run {
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    // What is on PATH is this machine's own business.
    command
        .args([&["store", "check"], args].concat())
        .env("PATH", sandbox.home().join("bin"));
    sandbox.finish(command, b"")
}

/// The states of the checks of that name.
pub(super) fn states(sandbox: &Sandbox, check_name: &str) -> Vec<String> {
    let document = json(&check(sandbox, &["--json"]));
    let checks = document["checks"].as_array().unwrap().iter();
    checks
        .filter(|line| line["check"] == check_name)
        .map(|line| line["state"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_store_in_order() {
    let sandbox = Sandbox::durable();
    issue(&sandbox, &["--dataset", "ds_1"]);
    let run = check(&sandbox, &[]).expect_code(0);
    let words: Vec<(&str, &str)> = run
        .stdout
        .lines()
        .map(|line| (line[..9].trim(), line[9..19].trim()))
        .collect();
    assert_eq!(words, CHECKS.map(|name| ("ok", name)));
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
fn each_thing_amiss_is_a_line_and_the_rest_is_looked_at_all_the_same() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--dataset", "ds_1"]);
    sandbox.run(&["revoke", &id], "").expect_code(0);
    sandbox.alter(
        "UPDATE keys SET revoked_at = NULL, revoke_reason = NULL;
         CREATE TABLE planted (x INT);",
    );
    let run = check(&sandbox, &[]).expect_code(7);
    let first = run.stdout.lines().next().unwrap();
    assert!(first.contains(" planted"), "{first}");
    for problem in [
        "problem  tables     the store is damaged: its ",
        "problem  log        key_",
        "ok       indexes    ",
        "ok       expiring   ",
    ] {
        let is_told = run.stdout.lines().any(|line| line.starts_with(problem));
        assert!(is_told, "{problem}: {}", run.stdout);
    }
}

#[test]
fn a_row_of_no_key_is_a_problem() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    sandbox.alter_unchecked("INSERT INTO key_datasets VALUES ('ds_2', 1000)");
    assert_eq!(states(&sandbox, "references"), ["problem"]);
    assert_eq!(states(&sandbox, "indexes"), ["ok"]);
}

#[test]
fn a_key_that_its_dataset_does_not_lead_to_is_a_problem() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    sandbox.alter("DELETE FROM key_datasets");
    assert_eq!(states(&sandbox, "references"), ["problem"]);
    assert_eq!(states(&sandbox, "log"), ["ok"]);
}

#[test]
fn keys_to_look_at_are_advice() {
    let sandbox = Sandbox::durable();
    issue(&sandbox, &["--dataset", "ds_1", "--expires", "13d"]);
    let (id, token) = issue(&sandbox, &["--all-datasets"]);
    sandbox
        .run(&["verify", "--all-datasets"], &token)
        .expect_code(0);
    assert_eq!(states(&sandbox, "expiring"), ["advice"]);
    assert_eq!(states(&sandbox, "full-scope"), ["ok"]);
    sandbox.alter("UPDATE last_uses SET at = at - 92 * 86400");
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
fn another_keyctl_on_the_path_is_advice() {
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
}

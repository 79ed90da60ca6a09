//! Revoking by what keys have in common.

use snapbox::{assert_data_eq, str};

use super::{Sandbox, field, issue, json, key_count, next_second, transcript};

#[test]
fn a_dataset_that_is_gone_takes_its_keys_and_leaves_the_others_narrower() {
    let sandbox = Sandbox::new();
    let (alone, alone_token) = issue(&sandbox, &["-d", "gone"]);
    let (both, both_token) = issue(&sandbox, &["-d", "gone", "-d", "kept"]);
    let (wide, wide_token) = issue(&sandbox, &["--all-datasets"]);
    let (app, _) = issue(&sandbox, &["--app", "gone"]);
    let run = sandbox.run(&["revoke", "--dataset", "gone"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
error: confirmation needed: this would revoke 1 key and take the dataset from 1 key in workspace default, 0 used in the last 24 hours
hint: see which keys they are: --dry-run
hint: say yes to all of it: --yes
--- exit 2

"#]]
    );
    let args = [
        "revoke",
        "--dataset",
        "gone",
        "--reason",
        "deleted",
        "--yes",
    ];
    assert_data_eq!(
        transcript(&sandbox.run(&args, "")),
        str![[r#"
revoked [KEY1]
unbound [KEY2]
--- stderr
revoked 1 key and took the dataset from 1 key in workspace default
--- exit 0

"#]]
    );
    let verify =
        |dataset: &[&str], token: &str| sandbox.run(&[&["verify"], dataset].concat(), token).code;
    assert_eq!(verify(&["-d", "gone"], &alone_token), 5);
    assert_eq!(verify(&["-d", "gone"], &both_token), 6);
    assert_eq!(verify(&["-d", "kept"], &both_token), 0);
    assert_eq!(verify(&["--all-datasets"], &both_token), 6);
    assert_eq!(verify(&["-d", "gone"], &wide_token), 0);
    let statuses = [alone, both.clone(), wide, app].map(|id| field(&sandbox, &id, "status"));
    assert_eq!(statuses, ["revoked", "active", "active", "active"]);
    assert_data_eq!(
        transcript(&sandbox.run(&["audit", &both], "")),
        str![[r#"
SEQ  AT                    ACTOR   ACTION  WORKSPACE  KEY ID                DETAIL
3    [TIME]  tester  issued  default    [KEY1]  access datasets gone, kept; scopes full
7    [TIME]  tester  edited  default    [KEY1]  access datasets gone, kept -> dataset kept; reason deleted
--- stderr
--- exit 0

"#]]
    );
    let run = sandbox.run(&[&args as &[_], &["--json"]].concat(), "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
{
  "schema": "keyctl.revoke/v1",
  "dry_run": false,
  "results": [],
  "summary": {
    "revoked": 0,
    "unbound": 0,
    "ending": 0,
    "already_revoked": 0,
    "not_found": 0,
    "unknown_token": 0,
    "unresolved": 0
  }
}
--- stderr
nothing to revoke: no key bound to dataset gone in workspace default
--- exit 0

"#]]
    );
}

#[test]
fn keys_are_revoked_by_app_by_expiry_by_use_or_all() {
    let sandbox = Sandbox::new();
    let (web, web_token) = issue(&sandbox, &["--app", "web"]);
    let (short, _) = issue(&sandbox, &["--app", "old", "--expires", "1s"]);
    let (unused, _) = issue(&sandbox, &["-d", "ds_1"]);
    let (_, elsewhere) = issue(&sandbox, &["-d", "ds_1", "--workspace", "other"]);
    next_second();
    sandbox
        .run(&["verify", "--app", "web"], &web_token)
        .expect_code(0);
    let revoked = |args: &[&str]| {
        let args = [&["revoke", "--yes", "-o", "id", "-n"], args].concat();
        let run = sandbox.run(&args, "").expect_code(0);
        run.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(revoked(&["--app", "web"]), [web.as_str()]);
    assert_eq!(revoked(&["--expired"]), [short.as_str()]);
    assert_eq!(revoked(&["--unused-for", "1s"]), [short.as_str(), &unused]);
    assert_eq!(
        revoked(&["--unused-for", "1s", "--app", "old"]),
        [short.as_str()]
    );
    assert_eq!(revoked(&["--unused-for", "1h"]), [""; 0]);
    assert_eq!(revoked(&["--all"]), [web, short, unused]);
    let run = sandbox.run(&["revoke", "--all", "--yes", "--json"], "");
    let document = json(&run.expect_code(0));
    assert_eq!(document["summary"]["revoked"], 3);
    assert_eq!(document["results"][0]["source"], "filter");
    assert_eq!(
        document["results"][0]["selector"],
        document["results"][0]["id"]
    );
    assert_eq!(key_count(&sandbox), 0);
    let there = ["verify", "-d", "ds_1", "--workspace", "other"];
    sandbox.run(&there, elsewhere).expect_code(0);
    let run = sandbox
        .run(&["revoke", "--all", "--yes"], "")
        .expect_code(0);
    assert_eq!(
        run.stderr,
        "nothing to revoke: no key that fits in workspace default\n"
    );
    // Nothing to say yes to, either.
    sandbox.run(&["revoke", "--all"], "").expect_code(0);
}

#[test]
fn a_filter_that_fits_nothing_says_what_it_was() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--app", "legacy"]);
    for (args, fitting) in [
        (
            ["--app", "lagacy"],
            "no key of app lagacy that fits in workspace default",
        ),
        (
            ["--dataset", "ds_9"],
            "no key bound to dataset ds_9 in workspace default",
        ),
    ] {
        let args = [&["revoke", "--yes"], &args as &[_]].concat();
        let run = sandbox.run(&args, "").expect_code(0);
        assert_eq!(run.stderr, format!("nothing to revoke: {fitting}\n"));
    }
}

#[test]
fn what_cannot_be_printed_is_said_to_be_done_only_if_it_was() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["-d", "ds_1", "-d", "ds_2", "--name", "two"]);
    let full = |args: &str| {
        let mut command = sandbox.command("sh");
        let program = env!("CARGO_BIN_EXE_keyctl");
        command.args(["-c", &format!("exec \"{program}\" {args} >/dev/full")]);
        sandbox.finish(command, b"").expect_code(1).stderr
    };
    let lost = "cannot write the result: no space left on device\n";
    assert_eq!(
        full("revoke --dataset ds_1 --yes"),
        format!("error: 1 key was changed, but {lost}")
    );
    for args in [
        "edit two --name two",
        "enable two",
        "policy set max-expiry none",
        "policy show",
        "audit",
    ] {
        assert_eq!(full(args), format!("error: {lost}"), "{args}");
    }
}

#[test]
fn a_count_that_differs_is_refused() {
    let sandbox = Sandbox::new();
    for _ in 0..3 {
        issue(&sandbox, &["-d", "ds_1"]);
    }
    let (named, _) = issue(&sandbox, &["-d", "ds_2", "--name", "ci"]);
    for args in [
        &["revoke", "--all", "--yes", "--expect-count", "3"] as &[_],
        &[
            "revoke",
            "--dataset",
            "ds_1",
            "--expect-count",
            "2",
            "--yes",
        ],
        &["revoke", "--dataset", "ds_1", "--expect-count", "2"],
        &["revoke", "ci", "--expect-count", "2"],
    ] {
        sandbox.run(args, "").expect_code(4);
    }
    let run = sandbox.run(&["revoke", "--all", "--yes", "--expect-count", "5"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
error: 4 keys would be changed, not 5
hint: nothing was changed; see which keys they are: --dry-run
--- exit 4

"#]]
    );
    assert_eq!(key_count(&sandbox), 4);
    sandbox
        .run(&["revoke", &named, "--expect-count", "1"], "")
        .expect_code(0);
    sandbox
        .run(&["revoke", "--all", "--yes", "--expect-count", "3"], "")
        .expect_code(0);
    assert_eq!(key_count(&sandbox), 0);
}

#[test]
fn filters_do_not_mix_with_names_nor_contradict_each_other() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["-d", "ds_1", "--name", "ci"]);
    let run = sandbox.run(&["revoke"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
error: nothing was chosen: give KEY or --dataset or --app or --expired or --unused-for or --all or --leaked
hint: see how it is used: keyctl revoke --help
--- exit 2

"#]]
    );
    for args in [
        &["revoke", "ci", "--all"] as &[_],
        &["revoke", "-", "--expired"],
        &["revoke", "--all", "--expired"],
        &["revoke", "--all", "--app", "web"],
        &["revoke", "--dataset", "ds_1", "--unused-for", "1d"],
        &["revoke", "--dataset", "ds_1", "--dataset", "ds_2"],
        &["revoke", "--expect-count", "1"],
        &["revoke", "--expired", "-o", "csv"],
    ] {
        sandbox.run(args, "ci").expect_code(2);
    }
    assert_eq!(key_count(&sandbox), 1);
}

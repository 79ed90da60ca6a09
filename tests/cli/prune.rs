use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, key_count, next_second, transcript};

#[test]
fn ended_keys_are_removed_and_the_log_remembers_them() {
    let sandbox = Sandbox::new();
    let (dead, token) = issue(&sandbox, &["--dataset", "ds_1", "--name", "dead"]);
    let (short, _) = issue(&sandbox, &["--dataset", "ds_1", "--expires", "1s"]);
    issue(&sandbox, &["--dataset", "ds_1", "--name", "live"]);
    sandbox.run(&["revoke", "dead"], "").expect_code(0);
    next_second();
    let all = ["prune", "--revoked", "--expired", "--older-than", "0s"];
    // Nobody to ask, and no yes.
    assert_data_eq!(
        transcript(&sandbox.run(&all, "")),
        str![[r#"
--- stderr
error: confirmation needed: this would remove the records of 2 keys in workspace default
hint: see which keys they are: --dry-run
hint: say yes to all of it: --yes
--- exit 2

"#]]
    );
    let young = ["prune", "--revoked", "--older-than", "1h", "--yes"];
    assert_data_eq!(
        transcript(&sandbox.run(&young, "")),
        str![[r#"
--- stderr
nothing to prune: no key that fits in workspace default
--- exit 0

"#]]
    );
    let try_out = [&all as &[_], &["-n"]].concat();
    assert_data_eq!(
        transcript(&sandbox.run(&try_out, "")),
        str![[r#"
pruned [KEY1]
pruned [KEY2]
--- stderr
dry run: nothing was changed
--- exit 0

"#]]
    );
    let document = json(&sandbox.run(&[&all as &[_], &["-y", "--json"]].concat(), ""));
    assert_eq!(document["schema"], "keyctl.prune/v1");
    assert_eq!(document["summary"]["pruned"], 2);
    assert_eq!(document["results"][0]["name"], "dead");
    assert_eq!(document["results"][1]["id"], short.as_str());
    assert_eq!(key_count(&sandbox), 1);
    sandbox.run(&["show", &dead], "").expect_code(3);
    let run = sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(5);
    assert_eq!(run.stdout, "denied: not_found\n");
    assert_data_eq!(
        transcript(&sandbox.run(&["audit", &dead], "")),
        str![[r#"
SEQ  AT                    ACTOR   ACTION   WORKSPACE  KEY ID                DETAIL
2    [TIME]  tester  issued   default    [KEY1]  access dataset ds_1; name dead; scopes full
5    [TIME]  tester  revoked  default    [KEY1]
6    [TIME]  tester  pruned   default    [KEY1]  access was dataset ds_1; name was dead; revoked_at was [TIME]; scopes was full
--- stderr
--- exit 0

"#]]
    );
    sandbox.run(&["audit", "verify"], "").expect_code(0);
}

#[test]
fn what_is_live_is_never_pruned_and_what_to_prune_must_be_said() {
    let sandbox = Sandbox::new();
    let (key, _) = issue(&sandbox, &["--dataset", "ds_1", "--expires", "1h"]);
    sandbox.run(&["disable", &key], "").expect_code(0);
    let all = [
        "prune",
        "--revoked",
        "--expired",
        "--older-than",
        "0s",
        "-y",
    ];
    sandbox.run(&all, "").expect_code(0);
    assert_eq!(key_count(&sandbox), 1);
    for args in [
        &["prune", "--older-than", "1d"] as &[_],
        &["prune", "--revoked"],
        &["prune", "--revoked", "--older-than", "soon"],
        &["prune", "--revoked", "--older-than", "1d", "-o", "csv"],
    ] {
        sandbox.run(args, "").expect_code(2);
    }
}

#[test]
fn only_the_workspace_is_pruned() {
    let sandbox = Sandbox::new();
    let (other, _) = issue(&sandbox, &["--dataset", "ds_1", "--workspace", "other"]);
    let there = ["--workspace", "other"];
    sandbox
        .run(&[&["revoke", &other] as &[_], &there].concat(), "")
        .expect_code(0);
    next_second();
    let prune = ["prune", "--revoked", "--older-than", "0s", "-y", "-o", "id"];
    let run = sandbox.run(&prune, "").expect_code(0);
    assert_eq!(run.stdout, "");
    let run = sandbox
        .run(&[&prune as &[_], &there].concat(), "")
        .expect_code(0);
    assert_eq!(run.stdout.trim_end(), other);
}

use snapbox::{assert_data_eq, str};

use super::{Sandbox, field, issue, json, next_second, transcript};

#[test]
fn a_key_is_edited_and_the_log_tells_what_changed() {
    let sandbox = Sandbox::new();
    let args = ["--app", "web", "--name", "web", "--scope", "read,write"];
    let (id, token) = issue(&sandbox, &args);
    let edit = [
        "edit",
        "web",
        "--name",
        "front",
        "--description",
        "the shop",
        "--expires",
        "90d",
        "--add-scope",
        "list",
        "--remove-scope",
        "write",
    ];
    assert_data_eq!(
        transcript(&sandbox.run(&edit, "")),
        str![[r#"
edited [KEY1]
--- stderr
name: web -> front
description: none -> the shop
scopes: read write -> list read
expires_at: never -> [TIME]
--- exit 0

"#]]
    );
    let verify = |scope: &str| {
        sandbox
            .run(&["verify", "--app", "web", "--scope", scope], &token)
            .code
    };
    assert_eq!(["read", "list", "write"].map(verify), [0, 0, 6]);
    assert_data_eq!(
        transcript(&sandbox.run(&["audit", &id], "")),
        str![[r#"
SEQ  AT                    ACTOR   ACTION  WORKSPACE  KEY ID                DETAIL
2    [TIME]  tester  issued  default    [KEY1]  access app web; name web; scopes read write
3    [TIME]  tester  edited  default    [KEY1]  description the shop; expires_at [TIME]; name web -> front; scopes read write -> list read
--- stderr
--- exit 0

"#]]
    );
    let clear = ["edit", "front", "--name", "", "--description", ""];
    sandbox.run(&clear, "").expect_code(0);
    assert_eq!(field(&sandbox, &id, "name"), serde_json::Value::Null);
    assert_eq!(field(&sandbox, &id, "description"), serde_json::Value::Null);
}

#[test]
fn what_changes_nothing_says_so_and_is_not_in_the_log() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--app", "web", "--name", "web"]);
    let edit = ["edit", "web", "--name", "web", "--remove-scope", "read"];
    assert_data_eq!(
        transcript(&sandbox.run(&edit, "")),
        str![[r#"
unchanged [KEY1]
--- stderr
the key did not have the scope read
the key still has full, which allows read
--- exit 0

"#]]
    );
    let shown = json(&sandbox.run(&["show", &id, "--json"], ""));
    assert_eq!(shown["history"].as_array().unwrap().len(), 1);
}

#[test]
fn what_may_not_be_edited_is_refused() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(
        &sandbox,
        &["--dataset", "ds_1", "--name", "ci", "--scope", "read"],
    );
    let run = sandbox.run(&["edit", "ci", "--remove-scope", "read"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
error: [KEY1] would have no scope left
hint: disable it instead: keyctl disable [KEY1]
hint: or end it for ever: keyctl revoke [KEY1]
--- exit 4

"#]]
    );
    let both = ["edit", "ci", "--add-scope", "x", "--remove-scope", "x"];
    assert_data_eq!(
        transcript(&sandbox.run(&both, "")),
        str![[r#"
--- stderr
error: --add-scope and --remove-scope contradict each other over x
--- exit 2

"#]]
    );
    // There is no way to say what else it should reach.
    for access in [
        &["--dataset", "ds_2"] as &[_],
        &["--all-datasets"],
        &["--app", "web"],
    ] {
        let args = [&["edit", "ci", "--name", "n"], access].concat();
        sandbox.run(&args, "").expect_code(2);
    }
    sandbox.run(&["edit", "ci"], "").expect_code(2);
    sandbox
        .run(&["edit", "nobody", "--name", "n"], "")
        .expect_code(3);
    sandbox
        .run(&["edit", "ci", "--expires", "2020-01-01"], "")
        .expect_code(4);
    sandbox
        .run(&["rotate", "ci", "--grace", "1h"], "")
        .expect_code(0);
    let run = sandbox.run(&["edit", &id, "--expires", "2h"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
error: [KEY1] was replaced by [KEY2], so it cannot be edited
hint: see its successor: keyctl show [KEY2]
--- exit 4

"#]]
    );
    sandbox.run(&["revoke", &id], "").expect_code(0);
    sandbox
        .run(&["edit", &id, "--name", "n"], "")
        .expect_code(4);
}

#[test]
fn an_expired_key_lives_again_only_where_there_is_room() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--dataset", "ds_1", "--expires", "1s"]);
    next_second();
    sandbox
        .run(&["policy", "set", "max-keys-per-target", "1"], "")
        .expect_code(0);
    let (other, _) = issue(&sandbox, &["--dataset", "ds_1"]);
    let extend = ["edit", &id, "--expires", "1h"];
    assert_data_eq!(
        transcript(&sandbox.run(&extend, "")),
        str![[r#"
--- stderr
error: dataset ds_1 has 1 live key, as many as one target may have
hint: see them: keyctl list --dataset ds_1 --bound-only
hint: make room: keyctl revoke KEY
hint: or allow more: keyctl policy set max-keys-per-target 2
--- exit 4

"#]]
    );
    sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(5);
    sandbox.run(&["revoke", &other], "").expect_code(0);
    sandbox.run(&extend, "").expect_code(0);
    sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(0);
}

#[test]
fn json_has_the_key_and_the_fields_that_changed() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let args = ["edit", "ci", "--add-scope", "read", "--json"];
    let document = json(
        &sandbox
            .run(&[&args as &[_], &["-n"]].concat(), "")
            .expect_code(0),
    );
    assert_eq!(document["dry_run"], true);
    assert_eq!(document["changed"], serde_json::json!(["scopes"]));
    assert_eq!(field(&sandbox, "ci", "scopes"), serde_json::json!(["full"]));
    let document = json(&sandbox.run(&args, "").expect_code(0));
    assert_eq!(document["schema"], "keyctl.edit/v1");
    assert_eq!(
        document["key"]["scopes"],
        serde_json::json!(["full", "read"])
    );
    assert_eq!(
        document["key"],
        json(&sandbox.run(&["show", "ci", "--json"], ""))["key"]
    );
}

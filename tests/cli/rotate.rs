use std::fs;

use snapbox::{assert_data_eq, str};

use super::{Sandbox, field, id_of, issue, json, key_count, transcript};

#[test]
fn a_rotated_key_has_a_successor_and_is_revoked() {
    let sandbox = Sandbox::new();
    let args = ["--dataset", "ds_1", "--name", "ci", "--scope", "read,write"];
    let (old, old_token) = issue(&sandbox, &args);
    let run = sandbox.run(&["rotate", "ci"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
[TOKEN]
--- stderr
issued [KEY1] for dataset ds_1, scope read write, never expires, in place of [KEY2]
Copy it now: it is not stored and cannot be shown again.
The old token is no longer valid.
hint: to keep it valid meanwhile next time: --grace 24h
--- exit 0

"#]]
    );
    let new_token = run.stdout.trim_end();
    let verify = |token: &str| sandbox.run(&["verify", "-d", "ds_1", "--scope", "read"], token);
    assert_data_eq!(
        transcript(&verify(&old_token)),
        str![[r#"
denied: revoked [KEY1]
--- stderr
hint: it was revoked [TIME]: rotated
--- exit 5

"#]]
    );
    verify(new_token).expect_code(0);
    // The name is the successor's.
    let new = id_of(&sandbox, "ci");
    assert_ne!(new, old);
    assert_eq!(field(&sandbox, &new, "replaces"), old.as_str());
    assert_eq!(field(&sandbox, &old, "replaced_by"), new.as_str());
    assert_eq!(field(&sandbox, &old, "revoke_reason"), "rotated");
    assert_eq!(key_count(&sandbox), 1);
}

#[test]
fn with_a_grace_both_tokens_work_and_one_key_counts() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["policy", "set", "max-keys-per-target", "1"], "")
        .expect_code(7);
    let (old, old_token) = issue(&sandbox, &["--app", "web", "--name", "web"]);
    sandbox
        .run(&["policy", "set", "max-keys-per-target", "1"], "")
        .expect_code(0);
    let run = sandbox.run(&["rotate", "web", "--grace", "24h"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
[TOKEN]
--- stderr
issued [KEY1] for app web, scope full, never expires, in place of [KEY2]
Copy it now: it is not stored and cannot be shown again.
The old token is valid until [TIME].
--- exit 0

"#]]
    );
    for token in [old_token.as_str(), run.stdout.trim_end()] {
        sandbox
            .run(&["verify", "--app", "web"], token)
            .expect_code(0);
    }
    assert_ne!(field(&sandbox, &old, "expires_at"), serde_json::Value::Null);
    // The limit counts the successor alone.
    sandbox.run(&["create", "--app", "web"], "").expect_code(4);
    sandbox.run(&["revoke", "web"], "").expect_code(0);
    sandbox.run(&["create", "--app", "web"], "").expect_code(0);
}

#[test]
fn json_has_both_keys_and_the_end_of_the_old_token() {
    let sandbox = Sandbox::new();
    let (old, _) = issue(&sandbox, &["--all-datasets", "--expires", "90d"]);
    let run = sandbox.run(&["rotate", &old, "--grace", "100d", "--json"], "");
    let document = json(&run.expect_code(0));
    assert_eq!(document["schema"], "keyctl.rotate/v1");
    assert_eq!(document["dry_run"], false);
    assert_eq!(document["replaced"]["id"], old.as_str());
    assert_eq!(document["key"]["replaces"], old.as_str());
    assert_eq!(document["replaced"]["replaced_by"], document["key"]["id"]);
    assert_eq!(document["replaced"]["status"], "active");
    // Never beyond its own end.
    assert_eq!(
        document["old_valid_until"],
        document["replaced"]["expires_at"]
    );
    assert_eq!(
        document["old_valid_until"],
        field(&sandbox, &old, "expires_at")
    );
    let token = document["token"].as_str().unwrap();
    sandbox
        .run(&["verify", "--all-datasets"], token)
        .expect_code(0);

    let new = document["key"]["id"].as_str().unwrap();
    let document = json(&sandbox.run(&["rotate", new, "--json"], "").expect_code(0));
    assert_eq!(
        document["old_valid_until"],
        document["replaced"]["revoked_at"]
    );
}

#[test]
fn what_cannot_be_rotated_is_refused() {
    let sandbox = Sandbox::new();
    let (key, _) = issue(&sandbox, &["--dataset", "ds_1"]);
    sandbox.run(&["disable", &key], "").expect_code(0);
    assert_data_eq!(
        transcript(&sandbox.run(&["rotate", &key], "")),
        str![[r#"
--- stderr
error: [KEY1] is disabled, so it cannot be rotated
hint: enable it: keyctl enable [KEY1]
--- exit 4

"#]]
    );
    sandbox.run(&["enable", &key], "").expect_code(0);
    sandbox
        .run(&["rotate", &key, "--grace", "1h"], "")
        .expect_code(0);
    assert_data_eq!(
        transcript(&sandbox.run(&["rotate", &key], "")),
        str![[r#"
--- stderr
error: [KEY1] was replaced by [KEY2], so it cannot be rotated
hint: see its successor: keyctl show [KEY2]
--- exit 4

"#]]
    );
    let (dead, _) = issue(&sandbox, &["--dataset", "ds_1"]);
    sandbox.run(&["revoke", &dead], "").expect_code(0);
    assert_data_eq!(
        transcript(&sandbox.run(&["rotate", &dead], "")),
        str![[r#"
--- stderr
error: [KEY1] is revoked, so it cannot be rotated
hint: a revoked key stays so for ever; issue another: keyctl create
--- exit 4

"#]]
    );
    let (short, _) = issue(&sandbox, &["--dataset", "ds_1", "--expires", "1s"]);
    super::next_second();
    assert_data_eq!(
        transcript(&sandbox.run(&["rotate", &short], "")),
        str![[r#"
--- stderr
error: [KEY1] is expired, so it cannot be rotated
hint: give it a new end first: keyctl edit [KEY1] --expires 90d
--- exit 4

"#]]
    );
    sandbox.run(&["rotate", "nobody"], "").expect_code(3);
    sandbox.run(&["rotate"], "").expect_code(2);
    sandbox
        .run(&["rotate", "nobody", "-o", "csv"], "")
        .expect_code(2);
    let past = ["rotate", &key, "--expires", "2020-01-01"];
    sandbox.run(&past, "").expect_code(4);
}

#[test]
fn a_token_that_cannot_be_delivered_changes_nothing() {
    let sandbox = Sandbox::new();
    let (old, token) = issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    fs::write(sandbox.home().join("taken"), "").unwrap();
    for path in ["taken", "no/such/folder/token"] {
        let args = ["rotate", "ci", "--token-file", path];
        sandbox.run(&args, "").expect_code(1);
    }
    let mut command = sandbox.command("sh");
    command.args([
        "-c",
        "exec \"$0\" rotate ci >/dev/full",
        env!("CARGO_BIN_EXE_keyctl"),
    ]);
    let run = sandbox.finish(command, b"");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
error: the token could not be written, so nothing was changed: no space left on device
--- exit 1

"#]]
    );
    assert_eq!(id_of(&sandbox, "ci"), old);
    sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(0);
    let history = json(&sandbox.run(&["show", "ci", "--json"], ""))["history"].clone();
    assert_eq!(history.as_array().unwrap().len(), 1);
}

#[test]
fn a_token_file_holds_the_new_token_and_stdout_the_id() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let args = ["rotate", "ci", "--token-file", "new.token", "--quiet"];
    let run = sandbox.run(&args, "").expect_code(0);
    assert_eq!(run.stdout.trim_end(), id_of(&sandbox, "ci"));
    assert_eq!(run.stderr, "");
    let token = fs::read_to_string(sandbox.home().join("new.token")).unwrap();
    sandbox.run(&["verify", "-d", "ds_1"], token).expect_code(0);
}

#[test]
fn a_dry_run_shows_no_token_and_changes_nothing() {
    let sandbox = Sandbox::new();
    let (old, token) = issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let run = sandbox.run(&["rotate", "ci", "-n", "--grace", "1h"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
dry run: would replace [KEY1] by a key for dataset ds_1, scope full, never expires; its token would be valid until [TIME]
--- exit 0

"#]]
    );
    let document = json(
        &sandbox
            .run(&["rotate", "ci", "-n", "--json"], "")
            .expect_code(0),
    );
    assert_eq!(document["dry_run"], true);
    assert_eq!(document["token"], serde_json::Value::Null);
    assert_eq!(document["replaced"]["status"], "revoked");
    assert_eq!(id_of(&sandbox, "ci"), old);
    sandbox.run(&["verify", "-d", "ds_1"], token).expect_code(0);
}

#[test]
fn whoever_ends_a_successor_is_told_of_the_token_that_still_works() {
    let sandbox = Sandbox::new();
    let (old, token) = issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    sandbox
        .run(&["rotate", "ci", "--grace", "24h"], "")
        .expect_code(0);
    assert_data_eq!(
        transcript(&sandbox.run(&["list"], "")),
        str![[r#"
ID                    NAME  ACCESS        SCOPES  STATUS            TOKEN         CREATED               LAST USED  EXPIRES
[KEY1]  ci    dataset ds_1  full    active, replaced  dat...[MASK]  [TIME]  never      [TIME]
[KEY2]  ci    dataset ds_1  full    active            dat...[MASK]  [TIME]  never      never
--- stderr
--- exit 0

"#]]
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["disable", "ci"], "")),
        str![[r#"
disabled [KEY1]
--- stderr
[KEY2], which [KEY1] replaced, is still valid until [TIME]
hint: end it too: keyctl revoke [KEY2]
--- exit 0

"#]]
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "ci"], "")),
        str![[r#"
revoked [KEY1]
--- stderr
[KEY2], which [KEY1] replaced, is still valid until [TIME]
hint: end it too: keyctl revoke [KEY2]
--- exit 0

"#]]
    );
    sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(0);
    // The name is nobody's, but that key has it.
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "ci"], "")),
        str![[r#"
--- stderr
error: no key matches "ci" in workspace "default"
  store: [PLACE]
hint: a key of that name was replaced and is valid: [KEY1]
hint: see all keys: keyctl list --all
hint: nothing was revoked; --if-exists ignores what does not exist
--- exit 3

"#]]
    );
    let run = sandbox.run(&["revoke", &old], "").expect_code(0);
    assert_eq!(run.stderr, "");
}

#[test]
fn a_grace_of_two_rotations_ago_is_told_too() {
    let sandbox = Sandbox::new();
    let (first, _) = issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let rotate = ["rotate", "ci", "--grace", "24h"];
    sandbox.run(&rotate, "").expect_code(0);
    let valid = |stderr: &str| stderr.contains(&format!("{first}, which "));
    let again = sandbox.run(&["rotate", "ci"], "").expect_code(0);
    assert!(valid(&again.stderr), "{}", again.stderr);
    let revoked = sandbox.run(&["revoke", "ci"], "").expect_code(0);
    assert!(valid(&revoked.stderr), "{}", revoked.stderr);
}

use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, key_count, transcript};

#[test]
fn a_revoked_key_is_denied_from_then_on() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(0);
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "ci"], "")),
        str![[r#"
revoked [KEY1]
--- stderr
--- exit 0

"#]]
    );
    sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(5);
}

#[test]
fn revoking_twice_is_done_and_keeps_the_first_time_and_reason() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--dataset", "ds_1"]);
    let shown = || json(&sandbox.run(&["show", &id, "--json"], ""));
    sandbox
        .run(&["revoke", &id, "--reason", "first"], "")
        .expect_code(0);
    let before = shown();
    let run = sandbox.run(&["revoke", &id, "--reason", "second"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
already_revoked [KEY1]
--- stderr
--- exit 0

"#]]
    );
    assert_eq!(shown(), before);
}

#[test]
fn all_are_revoked_or_none() {
    let sandbox = Sandbox::new();
    let (one, _) = issue(&sandbox, &["--dataset", "ds_1", "--name", "one"]);
    let (two, _) = issue(&sandbox, &["--dataset", "ds_1", "--name", "two"]);
    let run = sandbox.run(&["revoke", "one", "tow", &two], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
error: no key matches "tow" in workspace "default"
  store: [PLACE]
hint: see all keys: keyctl list --all
hint: nothing was revoked; --if-exists ignores what does not exist
--- exit 3

"#]]
    );
    assert_eq!(key_count(&sandbox), 2);
    // On standard input an id that does not exist counts as much.
    let lines = format!("{one}\nkey_0000000000000000\n");
    sandbox.run(&["revoke", "-"], lines).expect_code(3);
    assert_eq!(key_count(&sandbox), 2);
    let run = sandbox.run(&["revoke", "one", "nobody", &two, &two, "--if-exists"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
revoked [KEY1]
not_found nobody
revoked [KEY2]
already_revoked [KEY2]
--- stderr
--- exit 0

"#]]
    );
}

#[test]
fn tokens_on_stdin_are_ended_in_every_workspace_and_shown_by_their_masks() {
    let sandbox = Sandbox::new();
    let (_, here) = issue(&sandbox, &["--dataset", "ds_1"]);
    let (_, there) = issue(&sandbox, &["--app", "web", "--workspace", "other"]);
    let lines = format!("{here}\r\n\n  {there}  \napp-0123456789ABCDEFGHIJKLNF\n\u{7f}\n");
    let run = sandbox.run(&["revoke", "-", "--json", "--reason", "leaked"], &lines);
    assert_data_eq!(
        transcript(&run),
        str![[r#"
{
  "schema": "keyctl.revoke/v1",
  "dry_run": false,
  "results": [
    {
      "selector": "dat...[MASK]",
      "id": "[KEY1]",
      "result": "revoked",
      "revoked_at": "[TIME]",
      "source": "stdin:1"
    },
    {
      "selector": "app...[MASK]",
      "id": "[KEY2]",
      "result": "revoked",
      "revoked_at": "[TIME]",
      "source": "stdin:3"
    },
    {
      "selector": "app...[MASK]",
      "id": null,
      "result": "unknown_token",
      "revoked_at": null,
      "source": "stdin:4"
    },
    {
      "selector": "***",
      "id": null,
      "result": "unknown_token",
      "revoked_at": null,
      "source": "stdin:5"
    }
  ],
  "summary": {
    "revoked": 2,
    "unbound": 0,
    "ending": 0,
    "already_revoked": 0,
    "not_found": 0,
    "unknown_token": 2,
    "unresolved": 0
  }
}
--- stderr
{"error":{"code":"unknown_token","exit_code":3,"message":"no key has 2 of these 4 tokens; the other keys are revoked","store":"[PLACE]","hints":["is this the right store? name another one: --store PATH","--if-exists ignores what does not exist"]}}
--- exit 3

"#]]
    );
    sandbox.run(&["verify", "-d", "ds_1"], &here).expect_code(5);
    sandbox
        .run(&["verify", "--app", "web", "--workspace", "other"], &there)
        .expect_code(5);
    sandbox
        .run(&["revoke", "-", "--if-exists"], &lines)
        .expect_code(0);
}

#[test]
fn a_named_workspace_narrows_the_search_for_tokens() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web", "--workspace", "other"]);
    sandbox
        .run(&["revoke", "-", "--workspace", "default"], &token)
        .expect_code(3);
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    command
        .args(["revoke", "-"])
        .env("KEYCTL_WORKSPACE", "default");
    sandbox.finish(command, token.as_bytes()).expect_code(3);
    sandbox
        .run(&["verify", "--app", "web", "--workspace", "other"], &token)
        .expect_code(0);
    sandbox.run(&["revoke", "-"], &token).expect_code(0);
}

#[test]
fn a_dry_run_says_the_same_and_changes_nothing() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    let run = sandbox.run(&["revoke", &id, "--dry-run"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
revoked [KEY1]
--- stderr
dry run: nothing was changed
--- exit 0

"#]]
    );
    let document = json(&sandbox.run(&["revoke", &id, "-n", "--json"], ""));
    assert_eq!(document["dry_run"], true);
    assert_eq!(document["results"][0]["result"], "revoked");
    sandbox.run(&["revoke", "nobody", "-n"], "").expect_code(3);
    sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(0);
    let shown = json(&sandbox.run(&["show", &id, "--json"], ""));
    assert_eq!(shown["history"].as_array().unwrap().len(), 1);
}

#[test]
fn an_ambiguous_name_is_refused_with_the_candidates() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let (second, _) = issue(&sandbox, &["--app", "web", "--name", "ci"]);
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "ci"], "")),
        str![[r#"
--- stderr
error: "ci" matches 2 keys in workspace "default"
hint: [KEY1]  ci  dataset ds_1
hint: [KEY2]  ci  app web
hint: name one of them by its id
--- exit 4

"#]]
    );
    sandbox
        .run(&["revoke", "ci", "--if-exists"], "")
        .expect_code(4);
    // With one of them dead, the name is the other's.
    sandbox.run(&["revoke", &second], "").expect_code(0);
    sandbox.run(&["revoke", "ci"], "").expect_code(0);
    // And with both of them dead it is nobody's.
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "ci"], "")),
        str![[r#"
--- stderr
error: no key matches "ci" in workspace "default"
  store: [PLACE]
hint: a key of that name is revoked: [KEY1]
hint: see all keys: keyctl list --all
hint: nothing was revoked; --if-exists ignores what does not exist
--- exit 3

"#]]
    );
}

#[test]
fn many_keys_are_revoked_in_one_go() {
    let sandbox = Sandbox::new();
    let mut lines = String::new();
    for i in 0..30 {
        let (id, token) = issue(&sandbox, &["--dataset", &format!("ds_{}", i / 10)]);
        lines.push_str(if i % 2 == 0 { &id } else { &token });
        lines.push('\n');
    }
    let run = sandbox
        .run(&["revoke", "-", "-o", "id"], &lines)
        .expect_code(0);
    assert_eq!(run.stdout.lines().count(), 30);
    let left = sandbox.run(&["list", "-o", "id"], "").expect_code(0);
    assert_eq!(left.stdout, "");
}

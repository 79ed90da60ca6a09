use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, transcript};

#[test]
fn a_key_is_shown_with_its_history() {
    let sandbox = Sandbox::new();
    let args = [
        "--dataset",
        "ds_1",
        "--name",
        "ci",
        "--expires",
        "2999-01-01",
        "--actor",
        "alice",
    ];
    issue(&sandbox, &args);
    assert_data_eq!(
        transcript(&sandbox.run(&["show", "ci"], "")),
        str![[r#"
id             [KEY1]
name           ci
kind           dataset
workspace      default
access         dataset ds_1
scopes         full
status         active
masked_token   dat...[MASK]
created_at     [TIME]
created_by     alice
expires_at     [TIME]
last_used_at   never
history        [TIME]  issued by alice
--- stderr
--- exit 0

"#]]
    );
    let revoke = [
        "revoke",
        "ci",
        "--reason",
        "left the team",
        "--actor",
        "bob",
    ];
    sandbox.run(&revoke, "").expect_code(0);
    let id = sandbox.run(&["list", "-a", "-o", "id"], "").stdout;
    let run = sandbox.run(&["show", id.trim_end()], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
id             [KEY1]
name           ci
kind           dataset
workspace      default
access         dataset ds_1
scopes         full
status         revoked
masked_token   dat...[MASK]
created_at     [TIME]
created_by     alice
expires_at     [TIME]
last_used_at   never
revoked_at     [TIME]
revoke_reason  left the team
history        [TIME]  issued by alice
               [TIME]  revoked by bob  revoke_reason left the team
--- stderr
--- exit 0

"#]]
    );
}

#[test]
fn json_tells_what_changed() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--app", "web", "--actor", "alice"]);
    let args = ["revoke", &id, "--actor", "bob", "--reason", "leaked"];
    sandbox.run(&args, "").expect_code(0);
    let document = json(&sandbox.run(&["show", &id, "--json"], "").expect_code(0));
    assert_eq!(document["schema"], "keyctl.show/v1");
    assert_eq!(document["key"]["id"], id.as_str());
    let history = document["history"].as_array().unwrap();
    let said: Vec<_> = history
        .iter()
        .map(|event| {
            (
                event["seq"].as_i64(),
                event["action"].as_str(),
                event["actor"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (Some(2), Some("issued"), Some("alice")),
            (Some(3), Some("revoked"), Some("bob")),
        ]
    );
    let detail = &history[1]["detail"];
    assert_eq!(
        detail["revoke_reason"],
        serde_json::json!({"from": null, "to": "leaked"})
    );
    assert_eq!(detail["revoked_at"]["to"], document["key"]["revoked_at"]);
}

#[test]
fn keys_are_found_by_id_by_its_beginning_and_by_name() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--app", "web", "--name", "front"]);
    for selector in [id.as_str(), &id[..12], &id[..19], "front"] {
        let run = sandbox
            .run(&["show", selector, "-o", "id"], "")
            .expect_code(0);
        assert_eq!(run.stdout.trim_end(), id);
    }
    let csv = sandbox
        .run(&["show", "front", "-o", "csv"], "")
        .expect_code(0);
    assert_eq!(csv.stdout.lines().count(), 2);
}

#[test]
fn a_token_on_stdin_shows_whose_it_is_in_any_workspace() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--app", "web", "--workspace", "other"]);
    let run = sandbox
        .run(&["show", "-", "-o", "id"], &token)
        .expect_code(0);
    assert_eq!(run.stdout.trim_end(), id);
    let narrowed = ["show", "-", "--workspace", "default"];
    assert_data_eq!(
        transcript(&sandbox.run(&narrowed, &token)),
        str![[r#"
--- stderr
error: no key has the token app...[MASK]
  store: [PLACE]
hint: see all keys: keyctl --workspace default list --all
--- exit 3

"#]]
    );
    // At one place: a letter of the prefix may be the same.
    let mut mistyped = token.clone();
    let other = if &token[5..6] == "x" { "y" } else { "x" };
    mistyped.replace_range(5..6, other);
    let run = sandbox.run(&["show", "-"], &mistyped).expect_code(3);
    assert!(
        run.stderr.contains("was it mistyped or cut?"),
        "{}",
        run.stderr
    );
    sandbox.run(&["show", "-"], "").expect_code(2);
}

#[test]
fn ids_of_other_workspaces_are_not_shown_but_pointed_at() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(
        &sandbox,
        &["--app", "web", "--name", "n", "--workspace", "other"],
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["show", &id], "")),
        str![[r#"
--- stderr
error: no key matches "[KEY1]" in workspace "default"
  store: [PLACE]
hint: that key is in another workspace: --workspace other
--- exit 3

"#]]
    );
    sandbox.run(&["show", "n"], "").expect_code(3);
    sandbox.run(&["show", &id[..10]], "").expect_code(3);
    sandbox
        .run(&["show", &id, "--workspace", "other"], "")
        .expect_code(0);
}

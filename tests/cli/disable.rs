use snapbox::{assert_data_eq, str};

use super::{Sandbox, field, issue, json, next_second, transcript};

#[test]
fn a_disabled_key_is_denied_until_it_is_enabled() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let verify = || sandbox.run(&["verify", "-d", "ds_1"], &token);
    let disable = ["disable", "ci", "--reason", "on leave"];
    assert_data_eq!(
        transcript(&sandbox.run(&disable, "")),
        str![[r#"
disabled [KEY1]
--- stderr
--- exit 0

"#]]
    );
    assert_data_eq!(
        transcript(&verify()),
        str![[r#"
denied: disabled [KEY1]
--- stderr
hint: disabled since [TIME]
--- exit 5

"#]]
    );
    let since = field(&sandbox, &id, "disabled_at");
    next_second();
    assert_data_eq!(
        transcript(&sandbox.run(&["disable", "ci"], "")),
        str![[r#"
already_disabled [KEY1]
--- stderr
--- exit 0

"#]]
    );
    assert_eq!(field(&sandbox, &id, "disabled_at"), since);
    assert_data_eq!(
        transcript(&sandbox.run(&["enable", "ci"], "")),
        str![[r#"
enabled [KEY1]
--- stderr
--- exit 0

"#]]
    );
    verify().expect_code(0);
    assert_data_eq!(
        transcript(&sandbox.run(&["enable", "ci"], "")),
        str![[r#"
already_enabled [KEY1]
--- stderr
--- exit 0

"#]]
    );
    // What changed nothing is not in the log; why it was done is.
    let run = sandbox.run(&["audit", "ci"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
SEQ  AT                    ACTOR   ACTION    WORKSPACE  KEY ID                DETAIL
2    [TIME]  tester  issued    default    [KEY1]  access dataset ds_1; name ci; scopes full
3    [TIME]  tester  disabled  default    [KEY1]  reason on leave
4    [TIME]  tester  enabled   default    [KEY1]
--- stderr
--- exit 0

"#]]
    );
}

#[test]
fn all_are_disabled_or_none() {
    let sandbox = Sandbox::new();
    let (one, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    let (dead, _) = issue(&sandbox, &["--dataset", "ds_1"]);
    let (short, _) = issue(&sandbox, &["--dataset", "ds_1", "--expires", "1s"]);
    sandbox.run(&["revoke", &dead], "").expect_code(0);
    next_second();
    assert_data_eq!(
        transcript(&sandbox.run(&["disable", &one, &dead], "")),
        str![[r#"
--- stderr
error: [KEY1] is revoked, so it cannot be disabled
hint: a revoked key stays so for ever; issue another: keyctl create
--- exit 4

"#]]
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["disable", &one, &short], "")),
        str![[r#"
--- stderr
error: [KEY1] is expired, so it cannot be disabled
hint: an expired key is denied already
--- exit 4

"#]]
    );
    sandbox.run(&["disable", &one, "nobody"], "").expect_code(3);
    sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(0);
    assert_data_eq!(
        transcript(&sandbox.run(&["enable", &one, &dead], "")),
        str![[r#"
--- stderr
error: [KEY1] is revoked, so it cannot be enabled
hint: a revoked key stays so for ever; issue another: keyctl create
--- exit 4

"#]]
    );
    sandbox.run(&["enable", &short], "").expect_code(0);
    sandbox.run(&["disable"], "").expect_code(2);
    sandbox.run(&["enable", "@u"], "").expect_code(2);
    sandbox
        .run(&["disable", &one, "-o", "csv"], "")
        .expect_code(2);
}

#[test]
fn json_tells_what_became_of_each() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "one"]);
    let run = sandbox.run(&["disable", "one", "one", "--json"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
{
  "schema": "keyctl.disable/v1",
  "dry_run": false,
  "results": [
    {
      "selector": "one",
      "id": "[KEY1]",
      "result": "disabled",
      "disabled_at": "[TIME]"
    },
    {
      "selector": "one",
      "id": "[KEY1]",
      "result": "already_disabled",
      "disabled_at": "[TIME]"
    }
  ],
  "summary": {
    "disabled": 1,
    "already_disabled": 1
  }
}
--- stderr
--- exit 0

"#]]
    );
    let document = json(&sandbox.run(&["enable", "one", "--json"], ""));
    assert_eq!(document["schema"], "keyctl.enable/v1");
    assert_eq!(
        document["results"][0]["disabled_at"],
        serde_json::Value::Null
    );
    assert_eq!(document["summary"]["enabled"], 1);
    let run = sandbox
        .run(&["disable", "one", "-o", "jsonl"], "")
        .expect_code(0);
    assert_eq!(json(&run)["result"], "disabled");
}

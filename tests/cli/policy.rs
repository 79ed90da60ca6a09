use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, transcript};

#[test]
fn a_policy_is_shown_and_set() {
    let sandbox = Sandbox::new();
    sandbox.run(&["policy", "show"], "").expect_code(7);
    sandbox.run(&["store", "init"], "").expect_code(0);
    assert_data_eq!(
        transcript(&sandbox.run(&["policy", "show"], "")),
        str![[r#"
max-keys-per-target  10
default-expiry       never
max-expiry           none
last-used-interval   10m
--- stderr
--- exit 0

"#]]
    );
    let set = |name, value| sandbox.run(&["policy", "set", name, value], "");
    assert_data_eq!(
        transcript(&set("max-keys-per-target", "unlimited")),
        str![[r#"
max-keys-per-target  unlimited
default-expiry       never
max-expiry           none
last-used-interval   10m
--- stderr
max-keys-per-target: 10 -> unlimited
--- exit 0

"#]]
    );
    set("default-expiry", "90d").expect_code(0);
    assert_data_eq!(
        transcript(&set("default-expiry", "90d")),
        str![[r#"
max-keys-per-target  unlimited
default-expiry       90d
max-expiry           none
last-used-interval   10m
--- stderr
unchanged: default-expiry is 90d
--- exit 0

"#]]
    );
    assert_data_eq!(
        transcript(&set("max-expiry", "30d")),
        str![[r#"
max-keys-per-target  unlimited
default-expiry       90d
max-expiry           30d
last-used-interval   10m
--- stderr
max-expiry: none -> 30d
create is now refused unless --expires is given
hint: give keys an end by default: keyctl policy set default-expiry 30d
--- exit 0

"#]]
    );
    set("last-used-interval", "1h").expect_code(0);
    assert_data_eq!(
        transcript(&sandbox.run(&["policy", "show", "--json"], "")),
        str![[r#"
{
  "schema": "keyctl.policy/v1",
  "policy": {
    "max_keys_per_target": null,
    "default_expiry": "90d",
    "max_expiry": "30d",
    "last_used_interval": "1h"
  }
}
--- stderr
--- exit 0

"#]]
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["audit", "--action", "policy_changed"], "")),
        str![[r#"
SEQ  AT                    ACTOR   ACTION          WORKSPACE  KEY ID  DETAIL
2    [TIME]  tester  policy_changed  -          -       max_keys_per_target 10 -> unlimited
3    [TIME]  tester  policy_changed  -          -       default_expiry never -> 90d
4    [TIME]  tester  policy_changed  -          -       max_expiry none -> 30d
5    [TIME]  tester  policy_changed  -          -       last_used_interval 10m -> 1h
--- stderr
--- exit 0

"#]]
    );
}

#[test]
fn values_that_a_setting_does_not_take_are_wrong_usage() {
    let sandbox = Sandbox::new();
    sandbox.run(&["store", "init"], "").expect_code(0);
    let set = |name, value| sandbox.run(&["policy", "set", name, value], "");
    assert_data_eq!(
        transcript(&set("max-keys-per-target", "-1")),
        str![[r#"
--- stderr
error: invalid value "-1" for max-keys-per-target: a limit is a number of keys, or unlimited
--- exit 2

"#]]
    );
    assert_data_eq!(
        transcript(&set("max-expiry", "never")),
        str![[r#"
--- stderr
error: invalid value "never" for max-expiry: an expiry is a length of time from 1s to 1000y, such as 90d, or none
--- exit 2

"#]]
    );
    assert_data_eq!(
        transcript(&set("max-keys", "1")),
        str![[r#"
--- stderr
error: invalid value "max-keys" for NAME
hint: did you mean max-keys-per-target?
hint: one of max-keys-per-target, default-expiry, max-expiry, last-used-interval
hint: see how it is used: keyctl policy set --help
--- exit 2

"#]]
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["policy"], "")),
        str![[r#"
--- stderr
error: a command is needed
hint: see what there is: keyctl policy --help
--- exit 2

"#]]
    );
    sandbox
        .run(&["policy", "show", "-o", "csv"], "")
        .expect_code(2);
}

#[test]
fn create_rotate_and_edit_are_held_to_it() {
    let sandbox = Sandbox::new();
    let (endless, _) = issue(&sandbox, &["--dataset", "ds_1", "--name", "endless"]);
    let set = |name, value| {
        sandbox
            .run(&["policy", "set", name, value], "")
            .expect_code(0);
    };
    set("max-expiry", "90d");
    assert_data_eq!(
        transcript(&sandbox.run(&["create", "-d", "ds_2"], "")),
        str![[r#"
--- stderr
error: the key would never expire, and the policy's max-expiry is 90d
hint: give an end within it, such as --expires 90d
hint: see what the store allows: keyctl policy show
--- exit 4

"#]]
    );
    let too_long: [&[&str]; 5] = [
        &["create", "-d", "ds_2", "--expires", "91d"],
        &["create", "-d", "ds_2", "--expires", "never"],
        &["rotate", &endless],
        &["rotate", &endless, "--expires", "91d"],
        &["edit", &endless, "--expires", "never"],
    ];
    for args in too_long {
        let run = sandbox.run(args, "").expect_code(4);
        assert!(
            run.stderr.contains("the policy's max-expiry is 90d"),
            "{}",
            run.stderr
        );
    }
    // What is not about its end is no matter.
    sandbox
        .run(&["edit", &endless, "--name", "old"], "")
        .expect_code(0);
    set("default-expiry", "30d");
    let run = sandbox
        .run(&["create", "-d", "ds_2", "--json"], "")
        .expect_code(0);
    assert_ne!(json(&run)["key"]["expires_at"], serde_json::Value::Null);
    sandbox
        .run(&["rotate", &endless, "--expires", "90d"], "")
        .expect_code(0);
    set("max-keys-per-target", "1");
    let run = sandbox.run(&["create", "-d", "ds_2"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
error: dataset ds_2 has 1 live key, as many as one target may have
hint: see them: keyctl list --dataset ds_2 --bound-only
hint: make room: keyctl revoke KEY
hint: or allow more: keyctl policy set max-keys-per-target 2
--- exit 4

"#]]
    );
    // A rotation adds none.
    set("max-keys-per-target", "0");
    sandbox
        .run(&["rotate", "old", "--expires", "1d"], "")
        .expect_code(0);
}

#[test]
fn the_interval_of_recorded_uses_is_the_policys() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    let used_at = || super::field(&sandbox, &id, "last_used_at");
    let verify = || {
        sandbox
            .run(&["verify", "-d", "ds_1"], &token)
            .expect_code(0)
    };
    verify();
    let first = used_at();
    super::next_second();
    verify();
    assert_eq!(used_at(), first);
    sandbox
        .run(&["policy", "set", "last-used-interval", "0s"], "")
        .expect_code(0);
    verify();
    assert_ne!(used_at(), first);
}

use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, transcript};

/// A store with a key's life in it: seven events, by three people.
fn lived() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let (id, _) = issue(
        &sandbox,
        &["--dataset", "ds_1", "--name", "ci", "--actor", "alice"],
    );
    for args in [
        &["edit", "ci", "--name", "deploy", "--actor", "bob"] as &[_],
        &["disable", "deploy", "--reason", "on leave"],
        &["enable", "deploy"],
        &["revoke", "deploy", "--reason", "leaked", "--actor", "bob"],
    ] {
        sandbox.run(args, "").expect_code(0);
    }
    issue(&sandbox, &["--app", "web", "--workspace", "other"]);
    (sandbox, id)
}

#[test]
fn the_log_lists_who_did_what_to_which_key() {
    let (sandbox, id) = lived();
    assert_data_eq!(
        transcript(&sandbox.run(&["audit"], "")),
        str![[r#"
SEQ  AT                    ACTOR   ACTION         WORKSPACE  KEY ID                DETAIL
1    [TIME]  alice   store_created  -          -
2    [TIME]  alice   issued         default    [KEY1]  access dataset ds_1; name ci; scopes full
3    [TIME]  bob     edited         default    [KEY1]  name ci -> deploy
4    [TIME]  tester  disabled       default    [KEY1]  reason on leave
5    [TIME]  tester  enabled        default    [KEY1]
6    [TIME]  bob     revoked        default    [KEY1]  revoke_reason leaked
7    [TIME]  tester  issued         other      [KEY2]  access app web; scopes full
--- stderr
--- exit 0

"#]]
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["show", &id], "")),
        str![[r#"
id             [KEY1]
name           deploy
kind           dataset
workspace      default
access         dataset ds_1
scopes         full
status         revoked
masked_token   dat...[MASK]
created_at     [TIME]
created_by     alice
expires_at     never
last_used_at   never
revoked_at     [TIME]
revoke_reason  leaked
history        [TIME]  issued by alice
               [TIME]  edited by bob  name ci -> deploy
               [TIME]  disabled by tester  reason on leave
               [TIME]  enabled by tester
               [TIME]  revoked by bob  revoke_reason leaked
--- stderr
--- exit 0

"#]]
    );
}

#[test]
fn events_are_filtered() {
    let (sandbox, id) = lived();
    let seqs = |args: &[&str]| {
        let args = [&["audit", "-o", "id"], args].concat();
        sandbox
            .run(&args, "")
            .expect_code(0)
            .stdout
            .replace('\n', " ")
    };
    assert_eq!(seqs(&[]), "1 2 3 4 5 6 7 ");
    assert_eq!(seqs(&[&id]), "2 3 4 5 6 ");
    assert_eq!(seqs(&["--actor", "bob"]), "3 6 ");
    assert_eq!(seqs(&["--action", "issued"]), "2 7 ");
    assert_eq!(seqs(&["--action", "issued", "--actor", "alice"]), "2 ");
    assert_eq!(seqs(&["--workspace", "other"]), "7 ");
    assert_eq!(seqs(&["--since", "1h"]), "1 2 3 4 5 6 7 ");
    super::next_second();
    super::next_second();
    assert_eq!(seqs(&["--since", "1s"]), "");
    sandbox.run(&["audit", "nobody"], "").expect_code(3);
    sandbox
        .run(&["audit", "key_0000000000000000"], "")
        .expect_code(3);
    sandbox
        .run(&["audit", "--action", "borrowed"], "")
        .expect_code(2);
    sandbox
        .run(&["audit", "--since", "yesterday"], "")
        .expect_code(2);
}

#[test]
fn programs_get_the_whole_of_it() {
    let (sandbox, id) = lived();
    let run = sandbox.run(&["audit", &id, "--action", "edited", "--json"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
{
  "schema": "keyctl.audit/v1",
  "count": 1,
  "events": [
    {
      "seq": 3,
      "at": "[TIME]",
      "actor": "bob",
      "action": "edited",
      "workspace": "default",
      "key_id": "[KEY1]",
      "detail": {
        "name": {
          "from": "ci",
          "to": "deploy"
        }
      },
      "hash": "[HASH]"
    }
  ]
}
--- stderr
--- exit 0

"#]]
    );
    let run = sandbox.run(&["audit", "-o", "jsonl"], "").expect_code(0);
    assert_eq!(run.stdout.lines().count(), 7);
    let run = sandbox.run(&["audit", &id, "--action", "edited", "-o", "csv"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
seq,at,actor,action,workspace,key_id,detail,hash
3,[TIME],bob,edited,default,[KEY1],"{""name"":{""from"":""ci"",""to"":""deploy""}}",[HASH]
--- stderr
--- exit 0

"#]]
    );
}

#[test]
fn a_log_that_is_whole_verifies() {
    let (sandbox, _) = lived();
    assert_data_eq!(
        transcript(&sandbox.run(&["audit", "verify"], "")),
        str![[r#"
intact: 7 events, 2 keys
--- stderr
hint: only a head kept elsewhere shows an end cut off, or an older copy: keyctl audit head
--- exit 0

"#]]
    );
    let head = sandbox.run(&["audit", "head"], "").expect_code(0).stdout;
    let document = json(&sandbox.run(&["audit", "head", "--json"], ""));
    let hash = document["hash"].as_str().unwrap();
    let store = document["store_id"].as_str().unwrap();
    assert_eq!(head, format!("{store} 7 {hash}\n"));
    sandbox.run(&["create", "--app", "web"], "").expect_code(0);
    for head in [head.as_str(), hash, head.trim_end()] {
        let run = sandbox
            .run(&["audit", "verify", "--head", head], "")
            .expect_code(0);
        assert_eq!(
            run.stdout,
            "intact: 8 events, 3 keys\nmatches the head at 7\n"
        );
    }
    let run = sandbox.run(&["audit", "verify", "--head", hash, "--json"], "");
    let document = json(&run.expect_code(0));
    assert_eq!(document["schema"], "keyctl.audit.verify/v1");
    assert_eq!(document["intact"], true);
    assert_eq!(document["matches_head_at"], 7);
    sandbox
        .run(&["audit", "verify", "--head", "abc"], "")
        .expect_code(2);
    sandbox
        .run(&["audit", "--since", "1d", "verify"], "")
        .expect_code(2);
    sandbox
        .run(&["audit", "verify", "-o", "csv"], "")
        .expect_code(2);
}

#[test]
fn the_first_difference_is_named_with_exit_code_7() {
    let (sandbox, id) = lived();
    let revive = "UPDATE keys SET revoked_at = NULL, revoke_reason = NULL";
    sandbox.alter(&format!("{revive} WHERE id = '{id}'"));
    assert_data_eq!(
        transcript(&sandbox.run(&["audit", "verify"], "")),
        str![[r#"
--- stderr
error: [KEY1] was altered: its row is not what event 6 left
  store: [PLACE]
hint: see who can write to the store; there may be more differences than this one
hint: keep a copy of the store before anything else
--- exit 7

"#]]
    );
    sandbox.alter("DELETE FROM events WHERE seq = 4");
    assert_data_eq!(
        transcript(&sandbox.run(&["audit", "verify", "--json"], "")),
        str![[r#"
--- stderr
{"error":{"code":"store_altered","exit_code":7,"message":"event 4 is missing from the log","store":"[PLACE]","hints":["see who can write to the store; there may be more differences than this one","keep a copy of the store before anything else"]}}
--- exit 7

"#]]
    );
    // Reading goes on.
    sandbox.run(&["audit"], "").expect_code(0);
}

#[test]
fn a_head_of_another_state_or_store_is_told() {
    let (sandbox, _) = lived();
    let later = {
        let (later, _) = lived();
        later.run(&["audit", "head"], "").stdout
    };
    let verify = |head: &str| sandbox.run(&["audit", "verify", "--head", head], "");
    let run = verify(&later).expect_code(7);
    assert!(
        run.stderr.contains("error: the head is of store_"),
        "{}",
        run.stderr
    );
    let own = json(&sandbox.run(&["audit", "head", "--json"], ""));
    let cut = format!("{} 9 {}", own["store_id"].as_str().unwrap(), "0".repeat(64));
    let run = verify(&cut).expect_code(7);
    assert!(
        run.stderr
            .contains("the log ends at event 7, before the head at 9"),
        "{}",
        run.stderr
    );
    assert_data_eq!(
        transcript(&verify(&"0".repeat(64))),
        str![[r#"
--- stderr
error: no event of the log has the hash of the head: its end was cut off or written anew, or the head is of another store
  store: [PLACE]
hint: what this store says of its keys may be outdated: revocations may be missing
hint: keep a copy of the store before anything else
--- exit 7

"#]]
    );
}

//! Two processes that want the same thing at the same time: one of them gets it,
//! and the other is told so.

use std::process::{Child, Stdio};

use keyctl::Timestamp;

use super::{Sandbox, issue, json};

/// How often each race is run.
pub(super) const ROUNDS: usize = 8;

fn start(sandbox: &Sandbox, args: &[&str]) -> Child {
    sandbox
        .command(env!("CARGO_BIN_EXE_keyctl"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs both at once; their exit codes and what they printed.
pub(super) fn race(sandbox: &Sandbox, one: &[&str], other: &[&str]) -> [(i32, String); 2] {
    let children = [start(sandbox, one), start(sandbox, other)];
    children.map(|child| {
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), stdout)
    })
}

#[test]
fn of_two_rotations_of_a_key_one_is_refused() {
    for _ in 0..ROUNDS {
        let sandbox = Sandbox::new();
        let (id, token) = issue(&sandbox, &["--dataset", "ds_1"]);
        let rotate = ["rotate", &id];
        let mut ends = race(&sandbox, &rotate, &rotate);
        ends.sort();
        let [(won, new_token), (lost, nothing)] = ends;
        assert_eq!((won, lost, nothing.as_str()), (0, 4, ""));
        let verify = |token: &str| sandbox.run(&["verify", "-d", "ds_1"], token).code;
        assert_eq!([verify(&token), verify(&new_token)], [5, 0]);
        let run = sandbox
            .run(&["list", "--all", "-o", "id"], "")
            .expect_code(0);
        assert_eq!(run.stdout.lines().count(), 2);
        sandbox.run(&["audit", "verify"], "").expect_code(0);
    }
}

#[test]
fn a_key_that_is_rotated_and_revoked_at_once_is_revoked() {
    for _ in 0..ROUNDS {
        let sandbox = Sandbox::new();
        let (id, token) = issue(&sandbox, &["--dataset", "ds_1"]);
        let rotate = ["rotate", &id, "--grace", "1h"];
        let [(rotated, new_token), (revoked, _)] = race(&sandbox, &rotate, &["revoke", &id]);
        assert_eq!(revoked, 0);
        let verify = |token: &str| sandbox.run(&["verify", "-d", "ds_1"], token).code;
        assert_eq!(verify(&token), 5, "a revocation holds whoever was first");
        match rotated {
            0 => assert_eq!(verify(&new_token), 0),
            refused => assert_eq!((refused, new_token.as_str()), (4, "")),
        }
        sandbox.run(&["audit", "verify"], "").expect_code(0);
    }
}

#[test]
fn of_two_keys_for_the_last_place_one_is_refused() {
    for _ in 0..ROUNDS {
        let sandbox = Sandbox::new();
        issue(&sandbox, &["--dataset", "ds_1"]);
        let set = ["policy", "set", "max-keys-per-target", "2"];
        sandbox.run(&set, "").expect_code(0);
        let create = ["create", "--dataset", "ds_1"];
        let mut codes = race(&sandbox, &create, &create).map(|(code, _)| code);
        codes.sort_unstable();
        assert_eq!(codes, [0, 4]);
        let listed = json(&sandbox.run(&["list", "--json"], ""));
        assert_eq!(listed["count"], 2);
        sandbox.run(&["audit", "verify"], "").expect_code(0);
    }
}

#[test]
fn an_expired_key_and_a_new_one_do_not_both_take_the_last_place() {
    for _ in 0..ROUNDS / 2 {
        let sandbox = Sandbox::new();
        let (id, _) = issue(&sandbox, &["--dataset", "ds_1", "--expires", "1s"]);
        let set = ["policy", "set", "max-keys-per-target", "1"];
        sandbox.run(&set, "").expect_code(0);
        super::next_second();
        let edit = ["edit", &id, "--expires", "1h"];
        let mut codes =
            race(&sandbox, &edit, &["create", "--dataset", "ds_1"]).map(|(code, _)| code);
        codes.sort_unstable();
        assert_eq!(codes, [0, 4]);
    }
}

#[test]
fn what_holds_is_what_holds_when_the_store_is_free() {
    // Both commands wait for a writer, and the keys expire meanwhile.
    let sandbox = Sandbox::new();
    let keys = ["one", "two"].map(|name| {
        let args = ["--dataset", "ds_1", "--name", name, "--expires", "2s"];
        issue(&sandbox, &args).0
    });
    let end = super::field(&sandbox, &keys[1], "expires_at");
    let end: Timestamp = end.as_str().unwrap().parse().unwrap();
    let writer = sandbox.keep_busy();
    let waiting = [
        start(&sandbox, &["disable", &keys[0]]),
        start(&sandbox, &["rotate", &keys[1]]),
    ];
    while Timestamp::now().seconds_since(end) < 2 {
        super::next_second();
    }
    drop(writer);
    for child in waiting {
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{stderr}");
        assert!(stderr.contains("is expired"), "{stderr}");
    }
}

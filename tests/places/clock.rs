//! Clocks that are wrong, that go beyond what 32 bits can tell, or that run
//! backwards from one command to the next.

use keyctl::Timestamp;

use super::support::{Run, Sandbox};
use super::{document, require, text};

/// Just before and just after the seconds since 1970 need 32 and 33 bits.
const MOMENTS: [&str; 7] = [
    "1970-01-01 00:00:00",
    "1970-01-01 00:00:01",
    "2038-01-19 03:14:07",
    "2038-01-19 03:14:08",
    "2106-02-07 06:28:15",
    "2106-02-07 06:28:16",
    "2500-06-15 12:00:00",
];

/// Runs the program with a clock that begins at this moment.
fn run_at(sandbox: &Sandbox, moment: &str, args: &[&str], stdin: &str) -> Run {
    require("faketime", "faketime");
    let mut command = sandbox.command("faketime");
    command
        .env("TZ", "UTC")
        .args(["-f", &format!("@{moment}"), env!("CARGO_BIN_EXE_keyctl")])
        .args(args);
    sandbox.finish(command, stdin.as_bytes())
}

fn timestamp(moment: &str) -> Timestamp {
    format!("{}Z", moment.replace(' ', "T")).parse().unwrap()
}

/// Issues a key then; its id and its token.
fn issue_at(sandbox: &Sandbox, moment: &str, args: &[&str]) -> (String, String) {
    let args = [&["create", "--app", "web", "--json"], args].concat();
    let made = document(&run_at(sandbox, moment, &args, "").expect_code(0));
    let created_at: Timestamp = text(&made["key"]["created_at"]).parse().unwrap();
    let late = created_at.seconds_since(timestamp(moment));
    assert!((0..30).contains(&late), "{created_at} is not {moment}");
    (text(&made["key"]["id"]), text(&made["token"]))
}

#[track_caller]
fn expect_verdict(sandbox: &Sandbox, moment: &str, token: &str, code: i32) {
    run_at(sandbox, moment, &["verify", "--app", "web"], token).expect_code(code);
}

#[test]
fn every_command_works_at_every_moment() {
    for moment in MOMENTS {
        let sandbox = Sandbox::new();
        let (id, token) = issue_at(&sandbox, moment, &["--expires", "1h", "--name", "it"]);
        let run = |args: &[&str]| run_at(&sandbox, moment, args, "").expect_code(0);
        expect_verdict(&sandbox, moment, &token, 0);
        run(&["disable", "it"]);
        run(&["enable", "it"]);
        run(&["edit", "it", "--expires", "2h"]);
        let rotated = document(&run(&["rotate", "it", "--grace", "1h", "--json"]));
        let new_token = text(&rotated["token"]);
        run(&["revoke", &id, "--yes"]);
        expect_verdict(&sandbox, moment, &token, 5);
        expect_verdict(&sandbox, moment, &new_token, 0);
        run(&["list", "--all"]);
        run(&["show", "it"]);
        run(&["audit", "--since", "7d"]);
        run(&["audit", "verify"]);
    }
}

#[test]
fn keys_end_when_32_bits_have_ended() {
    for (begin, within, beyond) in [
        (
            "2038-01-19 02:30:00",
            "2038-01-19 03:29:00",
            "2038-01-19 03:30:00",
        ),
        (
            "2106-02-07 06:00:00",
            "2106-02-07 06:59:00",
            "2106-02-07 07:00:00",
        ),
    ] {
        let sandbox = Sandbox::new();
        let (_, token) = issue_at(&sandbox, begin, &["--expires", "1h"]);
        expect_verdict(&sandbox, within, &token, 0);
        expect_verdict(&sandbox, beyond, &token, 5);
    }
}

#[test]
fn a_clock_that_runs_backwards_changes_neither_the_log_nor_a_revocation() {
    let sandbox = Sandbox::new();
    let (mut tokens, mut times) = (Vec::new(), Vec::new());
    let (id, revoked) = issue_at(&sandbox, MOMENTS[5], &[]);
    let revoke = ["revoke", &id, "--yes"];
    run_at(&sandbox, MOMENTS[4], &revoke, "").expect_code(0);
    for moment in MOMENTS.iter().rev().chain(&["2026-11-21 12:00:00"]) {
        tokens.push(issue_at(&sandbox, moment, &[]).1);
        expect_verdict(&sandbox, moment, &revoked, 5);
        for token in &tokens {
            expect_verdict(&sandbox, moment, token, 0);
        }
        run_at(&sandbox, moment, &["audit", "verify"], "").expect_code(0);
    }
    let log = document(&sandbox.run(&["audit", "--json"], "").expect_code(0));
    for (event, seq) in log["events"].as_array().unwrap().iter().zip(1..) {
        assert_eq!(event["seq"], seq);
        times.push(text(&event["at"]));
    }
    assert_eq!(times.len(), 3 + tokens.len());
    assert!(!times.is_sorted(), "the clock did run backwards: {times:?}");
}

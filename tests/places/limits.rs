//! Limits that the shell sets. A command that meets one fails in its own words,
//! never by a signal, and what was acknowledged is there.

use super::campaign::{report, size};
use super::support::{Run, Sandbox};
use super::{document, run_after, text};

/// What is wrong with how a command ended that may have met a limit.
fn complaint(run: &Run) -> Option<String> {
    let is_error = |line: &str| line.starts_with("error: ") || line.starts_with(r#"{"error":"#);
    let is_told = run.stderr.lines().any(is_error) && !run.stderr.contains("panicked");
    match run.code {
        0 => None,
        1 | 7 if is_told => None,
        // The system's loader, before the program begins.
        127 if run.stderr.contains("error while loading shared libraries") => None,
        code => Some(format!("{}: {code}: {}", run.command, run.stderr)),
    }
}

/// Runs every kind of command under each limit in turn, on one store and where
/// there is none; how many of them failed.
fn under(limits: &[String]) -> usize {
    let sandbox = Sandbox::new();
    let create = ["create", "--app", "web", "--json"];
    let first = document(&sandbox.run(&create, "").expect_code(0));
    let mut tokens = vec![text(&first["token"])];
    sandbox
        .run(&["policy", "set", "max-keys-per-target", "1000"], "")
        .expect_code(0);
    let mut failures = 0;
    for limit in limits {
        let mut try_to = |args: &[&str], stdin: &str| {
            let run = run_after(&sandbox, limit, args, stdin);
            assert_eq!(complaint(&run), None, "under {limit}");
            failures += usize::from(run.code != 0);
            run
        };
        let made = try_to(&create, "");
        if made.code == 0 {
            tokens.push(text(&document(&made)["token"]));
        }
        let verdict = try_to(&["verify", "--app", "web", "--json"], &tokens[0]);
        let judged = document_or_nothing(&verdict);
        assert!(
            judged.is_none_or(|judged| judged == "valid"),
            "under {limit}"
        );
        try_to(&["list"], "");
        let file = format!("{}.jsonl", limit.replace(' ', ""));
        let exported = try_to(&["export", &file], "");
        let is_there = sandbox.home().join(&file).exists();
        assert_eq!(is_there, exported.code == 0, "{file} is whole or not there");
        let other = format!("{}.db", limit.replace(' ', ""));
        let at_other = |args: &[&'static str]| [&["--store", &other], args].concat();
        try_to(&at_other(&create), "");
        // Where that failed, the next finishes it.
        sandbox.run(&at_other(&create), "").expect_code(0);
        sandbox
            .run(&at_other(&["audit", "verify"]), "")
            .expect_code(0);
        sandbox.run(&["audit", "verify"], "").expect_code(0);
    }
    for token in &tokens {
        sandbox
            .run(&["verify", "--app", "web"], token)
            .expect_code(0);
    }
    let listed = sandbox.run(&["list", "-o", "id"], "").expect_code(0);
    assert_eq!(listed.stdout.lines().count(), tokens.len());
    failures
}

fn document_or_nothing(run: &Run) -> Option<String> {
    (run.code == 0).then(|| text(&document(run)["verdict"]))
}

#[test]
fn a_limit_of_file_sizes_is_an_error_and_no_death() {
    // In blocks of 512 bytes.
    let limits: Vec<String> = (0..200)
        .step_by(size(23, 1))
        .chain([512, 9_000])
        .map(|blocks| format!("ulimit -f {blocks}"))
        .collect();
    let failures = under(&limits);
    assert!(failures > 0, "the limits are met");
    report(&format!(
        "{} limits of file sizes: {failures} failures, all told",
        limits.len()
    ));
}

#[test]
fn a_limit_of_open_files_is_an_error_and_nothing_is_lost() {
    let limits: Vec<String> = (3..size(14, 40))
        .map(|files| format!("ulimit -n {files}"))
        .collect();
    let failures = under(&limits);
    assert!(failures > 0, "the limits are met");
    report(&format!(
        "{} limits of open files: {failures} failures, all told",
        limits.len()
    ));
}

#[test]
fn what_dies_by_a_limit_is_complained_of() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("sh");
    let dd = "ulimit -c 0; ulimit -f 1; exec dd if=/dev/zero of=big bs=4096 count=4";
    command.args(["-c", dd]);
    let run = sandbox.finish(command, b"");
    assert_eq!(run.code, -1, "it died by a signal");
    assert!(complaint(&run).is_some());
}

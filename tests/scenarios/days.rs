//! Three days of work: an admin at a keyboard, a shell script, a CI job.

use std::fs;

use super::Sandbox;
use super::shell::{has_jq, run_script};

/// The only line of standard output.
fn only_line(text: &str) -> &str {
    text.strip_suffix('\n').expect("one line")
}

#[test]
fn an_admin_issues_lists_loses_and_replaces_a_key() {
    let sandbox = Sandbox::new();
    let run = |args: &[&str]| sandbox.run(args, "").expect_code(0);

    // Monday: a key for a colleague, who gets the token.
    let create = [
        "create",
        "--dataset",
        "ds_42",
        "--name",
        "report",
        "--expires",
        "90d",
    ];
    let issued = run(&create);
    let lost_token = only_line(&issued.stdout).to_owned();
    let lost_id = only_line(&run(&["list", "-o", "id"]).stdout).to_owned();
    assert!(issued.stderr.contains(&lost_id) && issued.stderr.contains("Copy it now"));
    let verify = |token: &str| sandbox.run(&["verify", "--dataset", "ds_42"], token);
    verify(&lost_token).expect_code(0);

    // Tuesday: the colleague has lost it. There is no way to see it again.
    let shown = run(&["show", "report"]).stdout;
    assert!(shown.contains("datas...") && !shown.contains(&lost_token));
    let listed = run(&["list", "--dataset", "ds_42"]).stdout;
    assert!(listed.contains(&lost_id) && !listed.contains(&lost_token));

    // A second one under the same name; then the name means two keys.
    let replacement = run(&create);
    assert!(
        replacement
            .stderr
            .contains("2 live keys are now named report")
    );
    let new_token = only_line(&replacement.stdout);
    let ambiguous = sandbox.run(&["revoke", "report"], "").expect_code(4);
    assert!(ambiguous.stderr.contains(&lost_id));
    run(&["revoke", &lost_id, "--reason", "lost"]);
    verify(&lost_token).expect_code(5);
    verify(new_token).expect_code(0);

    // Wednesday: the name is the new key's, and the old one is still on record.
    let current = run(&["show", "report", "-o", "id"]).stdout;
    assert_ne!(only_line(&current), lost_id);
    let history = run(&["show", &lost_id]).stdout;
    assert!(history.contains("revoke_reason  lost"), "{history}");
    let hidden = run(&["list"]);
    assert!(
        hidden
            .stderr
            .contains("1 revoked or expired hidden; --all shows them")
    );
    // Somebody found the lost token and asks whose it is.
    let found = sandbox
        .run(&["show", "-", "-o", "id"], &lost_token)
        .expect_code(0);
    assert_eq!(only_line(&found.stdout), lost_id);
}

#[test]
fn a_script_pipes_json_and_keeps_a_token_in_a_file() {
    if has_jq() {
        let sandbox = Sandbox::new();
        let script = include_str!("script.sh");
        run_script(&sandbox, script, &[]).expect_code(0);
    }
}

#[test]
fn a_ci_job_ends_twenty_leaked_tokens() {
    let sandbox = Sandbox::new();
    let mut tokens = Vec::new();
    for i in 0..19 {
        let dataset = format!("ds_{}", i / 5);
        let target: &[&str] = match i % 3 {
            0 => &["--app", "web"],
            1 => &["--all-datasets"],
            _ => &["--dataset", &dataset],
        };
        // Wherever they live: the job does not know, and need not.
        let workspace = if i % 4 == 0 { "team" } else { "default" };
        let args = [&["create", "-q", "--workspace", workspace], target].concat();
        let run = sandbox.run(&args, "").expect_code(0);
        tokens.push(only_line(&run.stdout).to_owned());
    }
    sandbox.run(&["revoke", "-"], &tokens[2]).expect_code(0);
    tokens.insert(6, "dataset-0123456789ABCDEFGHIJKLYc".to_owned());
    let leaked = tokens.join("\n") + "\n";
    fs::write(sandbox.home().join("leaked.txt"), &leaked).expect("a file can be written");

    // Told to be strict, it says which store does not know a token, and still
    // has ended the others.
    let dry_run = sandbox.run(&["revoke", "-", "-n"], &leaked).expect_code(3);
    assert!(dry_run.stderr.contains("no key has 1 of these 20 tokens"));

    if has_jq() {
        run_script(&sandbox, include_str!("leak.sh"), &[]).expect_code(0);
    }
}

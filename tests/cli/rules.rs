use snapbox::{assert_data_eq, str};

use super::{Sandbox, json, transcript};

const SCANNERS: [&str; 6] = [
    "gitleaks",
    "betterleaks",
    "kingfisher",
    "trufflehog",
    "detect-secrets",
    "github",
];

#[test]
fn the_rule_of_a_scanner_is_a_whole_file() {
    assert_data_eq!(
        transcript(&Sandbox::new().run(&["rules", "gitleaks"], "")),
        str![[r##"
# gitleaks finds tokens issued by keyctl, besides all that it finds by itself:
#
#   keyctl rules gitleaks > keyctl.toml
#   gitleaks git --config keyctl.toml --report-path report.json --exit-code 0
#   keyctl revoke --leaked report.json
#
# If you have a configuration already, add the table [[rules]] to it.

title = "gitleaks, and tokens issued by keyctl"

[extend]
useDefault = true

[[rules]]
id = "keyctl-token"
description = "A token issued by keyctl, valid until its key is revoked"
# No group that captures: gitleaks would report it in place of the token.
regex = '''(?:app|dataset)-[0-9A-Za-z]{24}'''
keywords = ["app-", "dataset-"]
--- stderr
--- exit 0

"##]]
    );
}

#[test]
fn every_scanner_has_its_rule_and_no_store_is_needed() {
    let sandbox = Sandbox::new();
    for scanner in SCANNERS {
        let run = sandbox.run(&["rules", scanner], "").expect_code(0);
        assert!(run.stdout.contains("keyctl-token"), "{scanner}");
        assert!(run.stdout.contains("dataset"), "{scanner}");
        assert_eq!(run.stderr, "");
        let document = sandbox.run(&["rules", scanner, "--json"], "");
        let document = json(&document.expect_code(0));
        assert_eq!(document["schema"], "keyctl.rules/v1");
        assert_eq!(document["scanner"], scanner);
        assert_eq!(document["rules"], run.stdout);
    }
    assert_eq!(std::fs::read_dir(sandbox.home()).unwrap().count(), 0);
}

#[test]
fn another_scanner_or_format_is_wrong_usage() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        transcript(&sandbox.run(&["rules", "gitleak"], "")),
        str![[r#"
--- stderr
error: invalid value "gitleak" for SCANNER
hint: did you mean gitleaks?
hint: one of gitleaks, betterleaks, kingfisher, trufflehog, detect-secrets, github
hint: see how it is used: keyctl rules --help
--- exit 2

"#]]
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["rules", "gitleaks", "-o", "csv"], "")),
        str![[r#"
--- stderr
error: rules has no output as csv
hint: choose one of table, json, jsonl
--- exit 2

"#]]
    );
    sandbox.run(&["rules"], "").expect_code(2);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = Sandbox::new()
        .command(env!("CARGO_BIN_EXE_keyctl"))
        .args(["rules", "github"])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

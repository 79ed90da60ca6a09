//! Reports of other scanners, as they wrote them: what is read out of each, and
//! that a broken one is never taken for one without findings.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[path = "support/reports.rs"]
mod reports;

use std::fmt::Write as _;

use keyctl::leak::report::{self, Finding, Format, Hash, Report, ReportError, Secret};
use keyctl::{Token, domain::Kind};
use proptest::prelude::*;
use reports::{PREFIXES, names, report};
use sha1::{Digest as _, Sha1};

fn tokens() -> Vec<String> {
    let kind = |prefix: &&str| match *prefix {
        "app" => Kind::App,
        _ => Kind::Dataset,
    };
    let token = |prefix| Token::generate(kind(prefix)).unwrap().expose().to_owned();
    PREFIXES.iter().map(token).collect()
}

fn read(text: &str) -> Report {
    report::read(text.as_bytes()).unwrap().unwrap()
}

/// A finding on a line, tokens by their numbers.
fn described(finding: &Finding, tokens: &[String]) -> String {
    let number = |is_it: &dyn Fn(&str) -> bool| {
        let found = tokens.iter().position(|token| is_it(token));
        found.map_or("other".to_owned(), |index| (index + 1).to_string())
    };
    let place = finding.place.as_ref().map(|place| {
        let part = |part: Option<u64>| part.map_or("-".to_owned(), |part| part.to_string());
        let commit = place.commit.as_deref().map_or("-", |commit| &commit[..7]);
        let (line, column) = (part(place.line), part(place.column));
        format!("{}:{line}:{column}@{commit}", place.path)
    });
    let secret = match &finding.secret {
        Secret::Shown(text) => format!("shown {}", number(&|token| token == text.as_str())),
        Secret::Partly(text) => {
            let is_half = |token: &str| *text == format!("{}...", &token[..token.len() / 2]);
            format!("partly {}", number(&is_half))
        }
        Secret::Hidden => "hidden".to_owned(),
    };
    let hash = finding.hash.as_ref().map(|hash| match hash {
        Hash::Sha256(digest) => {
            let is_it = |token: &str| Token::parse(token.as_bytes()).unwrap().digest() == *digest;
            format!("sha256 {}", number(&is_it))
        }
        Hash::Sha1(bytes) => {
            let is_it = |token: &str| Sha1::digest(token)[..] == bytes[..];
            format!("sha1 {}", number(&is_it))
        }
    });
    let rule = finding.rule.as_deref().unwrap_or("-");
    let place = place.unwrap_or("-".to_owned());
    let hash = hash.unwrap_or("-".to_owned());
    format!("{} {rule} | {place} | {secret} | {hash}", finding.line)
}

#[test]
fn each_report_tells_what_is_written_down_for_it() {
    let tokens = tokens();
    let mut told = String::new();
    for name in names() {
        let report = read(&report(&name, &tokens));
        let count = report.findings.len();
        writeln!(told, "# {name}: {}, {count} findings", report.format).unwrap();
        for finding in &report.findings {
            writeln!(told, "{}", described(finding, &tokens)).unwrap();
        }
    }
    snapbox::assert_data_eq!(told, snapbox::file!["fixtures/reports/findings.txt"].raw());
}

#[test]
fn formats_are_those_of_the_scanners_and_every_scanner_has_its_report() {
    let cases = [
        ("gitleaks-empty.json", Format::EmptyList, 0),
        ("gitleaks.json", Format::GitleaksJson, 5),
        ("gitleaks.csv", Format::GitleaksCsv, 5),
        ("gitleaks.xml", Format::GitleaksJunit, 5),
        ("gitleaks-empty.xml", Format::GitleaksJunit, 0),
        ("gitleaks.sarif", Format::Sarif, 5),
        ("gitleaks-empty.sarif", Format::Sarif, 0),
        ("betterleaks.json", Format::Betterleaks, 11),
        ("betterleaks-empty.json", Format::Betterleaks, 0),
        ("betterleaks-empty.jsonl", Format::Betterleaks, 0),
        ("kingfisher.json", Format::Kingfisher, 8),
        ("kingfisher.jsonl", Format::Kingfisher, 8),
        ("kingfisher.sarif", Format::Sarif, 8),
        ("kingfisher-empty.json", Format::Kingfisher, 0),
        ("kingfisher-empty.jsonl", Format::Kingfisher, 0),
        ("trufflehog.jsonl", Format::Trufflehog, 5),
        ("trufflehog.sarif", Format::Sarif, 1),
        ("detect-secrets.json", Format::DetectSecrets, 8),
        ("detect-secrets-empty.json", Format::DetectSecrets, 0),
        ("github-alerts.json", Format::GithubAlerts, 3),
        ("github-alerts-pages.json", Format::GithubAlerts, 3),
        ("github-alert.json", Format::GithubAlerts, 1),
        ("github-locations.json", Format::GithubLocations, 2),
        ("github-webhook.json", Format::GithubWebhook, 1),
        ("github-partner.json", Format::GithubPartner, 2),
        ("github-audit-log.json", Format::GithubAuditLog, 2),
        ("github-audit-log.jsonl", Format::GithubAuditLog, 2),
        ("gitlab.json", Format::Gitlab, 2),
        ("gitlab-empty.json", Format::Gitlab, 0),
    ];
    let tokens = tokens();
    for (name, format, count) in cases {
        let report = read(&report(name, &tokens));
        assert_eq!(
            (report.format, report.findings.len()),
            (format, count),
            "{name}"
        );
    }
}

/// What a shell of Windows, or an editor, may make of a file.
#[test]
fn a_report_is_the_same_in_other_encodings_and_with_other_ends_of_lines() {
    let tokens = tokens();
    for name in names() {
        let text = report(&name, &tokens);
        let findings = read(&text).findings;
        let utf16 = |text: &str| -> Vec<u8> {
            let units = ['\u{feff}'].into_iter().chain(text.chars());
            let units: Vec<u16> = units.collect::<String>().encode_utf16().collect();
            units.into_iter().flat_map(u16::to_le_bytes).collect()
        };
        let crlf = text.replace('\n', "\r\n");
        for bytes in [
            utf16(&text),
            utf16(&crlf),
            format!("\u{feff}{text}").into_bytes(),
            crlf.clone().into_bytes(),
        ] {
            let again = report::read(&bytes).unwrap().unwrap();
            assert_eq!(again.findings, findings, "{name}");
        }
        let below = report::read(format!("\n \n{text}").as_bytes()).unwrap();
        let lines = |findings: &[Finding], more| -> Vec<u64> {
            findings.iter().map(|finding| finding.line + more).collect()
        };
        assert_eq!(
            lines(&below.unwrap().findings, 0),
            lines(&findings, 2),
            "{name}"
        );
    }
}

/// Where a report is cut off, what came before is told, or that it is broken.
#[test]
fn a_report_that_was_cut_off_is_broken_or_a_shorter_one() {
    let tokens = tokens();
    for name in names() {
        let text = report(&name, &tokens);
        let whole = read(&text).findings;
        let near_the_end = text.len().saturating_sub(40);
        let newlines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let cuts = (1..text.len()).filter(|cut| {
            let is_near_a_newline = [cut - 1, *cut].iter().any(|at| newlines.contains(at));
            *cut < 120 || *cut > near_the_end || cut % 61 == 0 || is_near_a_newline
        });
        for cut in cuts {
            match report::read(&text.as_bytes()[..cut]) {
                Err(ReportError::Broken { line }) => {
                    assert!(line <= text.lines().count() as u64, "{name} at {cut}");
                }
                Err(error) => assert!(error.to_string().contains("line"), "{name} at {cut}"),
                Ok(Some(shorter)) => {
                    let count = shorter.findings.len();
                    assert!(whole.starts_with(&shorter.findings), "{name} at {cut}");
                    assert!(count > 0 || whole.is_empty(), "{name} at {cut}");
                }
                // Nothing that could be told from any other text.
                Ok(None) => {
                    let is_the_log = name == "trufflehog-with-log.jsonl" && cut <= newlines[0] + 1;
                    let is_a_column = name.ends_with(".csv") && cut < "RuleID,".len();
                    assert!(is_the_log || is_a_column, "{name} at {cut}");
                }
            }
        }
    }
}

/// Wherever JSON stops to be JSON, the report is broken, not another text.
#[test]
fn a_report_with_a_broken_middle_is_broken() {
    let tokens = tokens();
    for name in names() {
        let text = report(&name, &tokens);
        let is_json = !name.ends_with(".csv") && !name.ends_with(".xml");
        // The one has nothing in it, the other hides nothing.
        if !is_json || ["gitleaks-empty.json", "github-partner.json"].contains(&name.as_str()) {
            continue;
        }
        let between = [",\n", ",\"", "}\n"];
        let places = between.iter().flat_map(|end| text.match_indices(end));
        for (at, _) in places {
            let broken = format!("{}@{}", &text[..at], &text[at..]);
            let error = report::read(broken.as_bytes()).unwrap_err();
            let line = text[..at].matches('\n').count() as u64 + 1;
            assert_eq!(error, ReportError::Broken { line }, "{name} at {at}");
        }
    }
}

#[test]
fn a_field_of_another_type_is_an_error_with_its_line_and_its_name() {
    let tokens = tokens();
    let cases = [
        (
            "gitleaks.json",
            "\"Secret\": \"",
            "\"Secret\": 5, \"x\": \"",
            "Secret",
        ),
        ("gitleaks.json", "\"Secret\"", "\"secret\"", "Secret"),
        (
            "gitleaks.json",
            "\"StartLine\": 5",
            "\"StartLine\": \"5\"",
            "StartLine",
        ),
        (
            "gitleaks.json",
            "\"File\": \"",
            "\"File\": {}, \"x\": \"",
            "File",
        ),
        (
            "gitleaks.sarif",
            "\"results\": [",
            "\"results\": {}, \"x\": [",
            "results",
        ),
        ("gitleaks.sarif", "\"results\"", "\"Results\"", "results"),
        (
            "gitleaks.sarif",
            "\"text\": \"app-",
            "\"text\": [], \"x\": \"app-",
            "text",
        ),
        ("gitleaks.csv", ",5,5,", ",five,5,", "StartLine"),
        ("gitleaks.xml", "<failure ", "<success ", ""),
        ("gitleaks.xml", ">{", ">", "failure"),
        (
            "betterleaks.json",
            "\"findings\": [",
            "\"findings\": 7, \"x\": [",
            "findings",
        ),
        ("betterleaks.json", "\"match\"", "\"Match\"", "match"),
        (
            "betterleaks.json",
            "\"value\": \"",
            "\"value\": [], \"x\": \"",
            "value",
        ),
        (
            "betterleaks.json",
            "\"components\": [",
            "\"components\": 1, \"x\": [",
            "components",
        ),
        (
            "kingfisher.json",
            "\"findings\":[",
            "\"findings\":\"x\",\"x\":[",
            "findings",
        ),
        (
            "kingfisher.json",
            "\"snippet\":\"",
            "\"snippet\":1,\"x\":\"",
            "snippet",
        ),
        ("trufflehog.jsonl", "\"Raw\"", "\"raw\"", "Raw"),
        (
            "trufflehog.jsonl",
            "\"Data\":{",
            "\"Data\":1,\"x\":{",
            "Data",
        ),
        (
            "detect-secrets.json",
            "\"hashed_secret\"",
            "\"hash\"",
            "hashed_secret",
        ),
        (
            "detect-secrets.json",
            "\"results\": {",
            "\"results\": 1, \"x\": {",
            "results",
        ),
        (
            "github-alerts.json",
            "\"secret\": \"",
            "\"secret\": 1, \"x\": \"",
            "secret",
        ),
        (
            "github-partner.json",
            "\"token\":\"",
            "\"token\":{},\"x\":\"",
            "token",
        ),
        (
            "github-audit-log.json",
            "\"hashed_token\": \"",
            "\"hashed_token\": \"x",
            "hashed_token",
        ),
        (
            "gitlab.json",
            "\"vulnerabilities\": [",
            "\"vulnerabilities\": 1, \"x\": [",
            "vulnerabilities",
        ),
        (
            "gitlab.json",
            "extract\": \"",
            "extract\": 1, \"x\": \"",
            "raw_source_code_extract",
        ),
    ];
    for (name, from, to, expected) in cases {
        let text = report(name, &tokens);
        assert!(text.contains(from), "{name} has {from}");
        let line = text[..text.find(from).unwrap()].matches('\n').count() as u64 + 1;
        match report::read(text.replacen(from, to, 1).as_bytes()) {
            Err(ReportError::Unfit {
                line: at, field, ..
            }) => {
                assert_eq!(field, expected, "{name}: {to}");
                assert!(at <= line, "{name}: {to}: line {at}, not {line}");
            }
            Err(ReportError::Broken { .. }) => assert_eq!(expected, "", "{name}: {to}"),
            other => panic!("{name}: {to}: {other:?}"),
        }
    }
}

#[test]
fn what_does_not_belong_in_a_report_is_an_error() {
    let tokens = tokens();
    let remark = "6:12AM INF starting scan\n";
    for name in names() {
        let text = report(&name, &tokens);
        let is_json = !name.ends_with(".csv") && !name.ends_with(".xml");
        if !is_json || name == "gitleaks-empty.json" {
            continue;
        }
        for (text, is_line_one) in [
            (format!("{remark}{text}"), true),
            (format!("[1] 4711\n\n{text}"), true),
            (format!("{text}\n{remark}"), false),
            (format!("{text}\n{{\"other\": 1}}"), false),
            (format!("{text}\n7"), false),
            (format!("7\n{text}"), true),
        ] {
            let line = match report::read(text.as_bytes()).unwrap_err() {
                ReportError::Broken { line } | ReportError::Foreign { line, .. } => line,
                error => panic!("{name}: {error}"),
            };
            let is_after = line >= text.lines().count() as u64 - 1;
            assert!(
                if is_line_one { line == 1 } else { is_after },
                "{name}: {line}"
            );
        }
    }
}

#[test]
fn other_texts_are_no_reports() {
    let texts: [&[u8]; 20] = [
        b"",
        b"\n",
        b"app-0123456789",
        b"[INFO] started\n[WARN] slow",
        b"{ not json }",
        b"{{ template }}",
        b"{\"a\": 1}",
        b"{\"a\": 1, // a comment\n}",
        b"[1, 2, \"three\"]",
        b"5",
        b"\"text\"",
        b"[{\"other\": 1}, {\"list\": []}]",
        b"{\"level\":\"info\",\"ts\":\"x\",\"msg\":\"y\"}\n{\"level\":\"warn\",\"ts\":\"x\",\"msg\":\"z\"}",
        b"{\"version\":\"15.1.4\",\"vulnerabilities\":[],\"scan\":{\"type\":\"sast\"}}",
        b"RuleID",
        b"<html><body>x</body></html>",
        b"<?xml version=\"1.0\"?><testsuites><testsuite name=\"pytest\"/></testsuites>",
        b"<p>unclosed",
        b"\xff\xff\xff\xff",
        b"\xff\xfeh\0i\0",
    ];
    for text in texts {
        let read = report::read(text).unwrap();
        assert_eq!(read, None, "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn lists_without_findings_are_reports() {
    for text in ["[]", " [ ]\n", "null", "null\n", "[][]", "[]\n[]"] {
        let report = read(text);
        assert_eq!(
            (report.format, report.findings.len()),
            (Format::EmptyList, 0)
        );
    }
    // Lists of members that are no findings are something else.
    assert_eq!(report::read(b"[null]").unwrap(), None);
}

#[test]
fn deep_and_growing_texts_are_no_trouble() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(report::read(deep.as_bytes()).unwrap(), None);
    let deep = format!(
        "[{{\"RuleID\": {}{}}}]",
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    assert!(report::read(deep.as_bytes()).is_err());
    let growing = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaaaaaa\">\
        <!ENTITY b \"&a;&a;&a;&a;\">]><testsuites>&b;</testsuites>";
    assert!(!matches!(report::read(growing.as_bytes()), Ok(Some(_))));
}

#[test]
fn a_report_that_is_too_long_is_refused_before_it_is_read() {
    let long = vec![b' '; report::MAX_LEN + 1];
    assert_eq!(report::read(&long), Err(ReportError::TooLong));
}

#[test]
fn errors_and_debug_output_hold_nothing_of_the_secrets() {
    let tokens = tokens();
    for name in names() {
        let text = report(&name, &tokens);
        let mut shown = format!("{:?}", report::read(text.as_bytes()));
        for (from, to) in [("\"", "'"), ("{", "["), (":", ""), (",", ",,"), ("1", "\"")] {
            let broken = text.replacen(from, to, 9);
            write!(shown, "{:?}", report::read(broken.as_bytes())).unwrap();
            if let Err(error) = report::read(broken.as_bytes()) {
                write!(shown, "{error}").unwrap();
            }
        }
        for token in &tokens {
            // Neither it nor more of it than any mask shows.
            assert!(!shown.contains(&token[..token.len() / 2]), "{name}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_are_too_much(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = report::read(&bytes);
    }

    #[test]
    fn no_report_that_was_altered_is_too_much(
        which in any::<proptest::sample::Index>(),
        changes in proptest::collection::vec(
            (any::<proptest::sample::Index>(), 0usize..80, "[\\[\\]{}\",:0-9nul<>/&; \n\\\\]{0,6}"),
            1..5,
        ),
    ) {
        let names = names();
        let tokens: Vec<String> = PREFIXES.iter().map(|prefix| format!("{prefix}-x")).collect();
        let mut text = report(&names[which.index(names.len())], &tokens).into_bytes();
        for (at, len, put) in changes {
            let at = at.index(text.len() + 1);
            let end = (at + len).min(text.len());
            text.splice(at..end, put.into_bytes());
        }
        let _ = report::read(&text);
    }
}

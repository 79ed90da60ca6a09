//! Reports of other scanners: what only their structure tells.
//!
//! A search of the bytes finds the tokens that a report shows. This reads the
//! rest: which findings it lists at all, where each secret stands, what is left
//! of one that the scanner hid, and its hash. Whether a finding is about a key of
//! the store is for the caller to say.
//!
//! Whoever can write to the code that was scanned can write into a report, so
//! nothing in it is believed: a part that is broken, cut off or of the wrong type
//! is an error that names the line, and never a report without findings. Errors
//! repeat nothing of the report.

mod betterleaks;
mod detect_secrets;
mod finding;
mod github;
mod gitlab;
mod gitleaks;
mod gitleaks_csv;
mod gitleaks_junit;
mod json;
mod kingfisher;
mod object;
mod reading;
mod sarif;
mod text;
mod trufflehog;

use std::fmt;

pub use finding::{Finding, Hash, Place, Secret};

/// The longest report that is read, in bytes: 256 MiB.
pub const MAX_LEN: usize = 256 * 1024 * 1024;

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What kind of report it is.
    pub format: Format,
    /// Each finding that it lists, about tokens issued here or not, in its order.
    pub findings: Vec<Finding>,
}

/// The kinds of reports that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A JSON list with nothing in it, which several scanners write.
    EmptyList,
    /// JSON of gitleaks, and of betterleaks before version 2.
    GitleaksJson,
    /// CSV of gitleaks.
    GitleaksCsv,
    /// JUnit's XML of gitleaks.
    GitleaksJunit,
    /// SARIF 2.1.0 of any scanner.
    Sarif,
    /// JSON or JSON Lines of betterleaks 2.
    Betterleaks,
    /// JSON or JSON Lines of kingfisher.
    Kingfisher,
    /// JSON Lines of trufflehog 3.
    Trufflehog,
    /// A baseline of detect-secrets.
    DetectSecrets,
    /// Alerts of GitHub's secret scanning, from its REST interface.
    GithubAlerts,
    /// The places of such an alert, from the same interface.
    GithubLocations,
    /// What GitHub sends to webhooks about such an alert: never the secret.
    GithubWebhook,
    /// What GitHub sends to those who issue tokens, as its partners.
    GithubPartner,
    /// An audit log of GitHub, whose events name tokens by a hash.
    GithubAuditLog,
    /// GitLab's report of secret detection.
    Gitlab,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::EmptyList => "empty list",
            Format::GitleaksJson => "gitleaks JSON report",
            Format::GitleaksCsv => "gitleaks CSV report",
            Format::GitleaksJunit => "gitleaks JUnit report",
            Format::Sarif => "SARIF report",
            Format::Betterleaks => "betterleaks report",
            Format::Kingfisher => "kingfisher report",
            Format::Trufflehog => "trufflehog report",
            Format::DetectSecrets => "detect-secrets baseline",
            Format::GithubAlerts => "list of GitHub alerts",
            Format::GithubLocations => "list of places of a GitHub alert",
            Format::GithubWebhook => "GitHub webhook message",
            Format::GithubPartner => "GitHub partner message",
            Format::GithubAuditLog => "GitHub audit log",
            Format::Gitlab => "GitLab report",
        })
    }
}

/// Why a report cannot be relied on. The tokens that a search of its bytes finds
/// were leaked all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// More than [`MAX_LEN`] bytes.
    #[error("the report is longer than 256 MiB")]
    TooLong,
    /// The line, from 1, at which it can be read no further.
    #[error("the report is broken or cut off at line {line}")]
    Broken {
        /// The line, from 1.
        line: u64,
    },
    /// A part that is none of a report of this kind, such as a remark of the scanner.
    #[error("line {line} does not belong in a {format}")]
    Foreign {
        /// The line, from 1, at which the part begins.
        line: u64,
        /// The kind that the rest is of.
        format: Format,
    },
    /// A part without a field that it needs, or with one of another type.
    #[error("line {line} does not belong in a {format}: \"{field}\" is not {expected}")]
    Unfit {
        /// The line, from 1, at which the part begins.
        line: u64,
        /// The kind of the report.
        format: Format,
        /// The field's name in the format.
        field: &'static str,
        /// What it ought to be, such as `a text`.
        expected: &'static str,
    },
}

/// Whether what begins so may be a report, so that it has to be kept until it is
/// there as a whole. [`read`] finds nothing in anything else.
pub fn may_begin(head: &[u8]) -> bool {
    let text = text::decode(head);
    let start = text.trim_start();
    let next = |bracket: char| start.strip_prefix(bracket).map(str::trim_start);
    let begins = |next: Option<&str>, with: &[char]| {
        next.is_some_and(|next| next.is_empty() || next.starts_with(with))
    };
    start.starts_with('<')
        || begins(next('['), &['{', '[', ']'])
        || begins(next('{'), &['"', '}'])
        || gitleaks_csv::is_one(start)
}

/// Reads a report of a known kind; `None` is no such report.
///
/// Text in UTF-8 or UTF-16, with or without a byte order mark, is understood.
/// Several documents after each other are one report, as long as they are of
/// one kind.
///
/// ```
/// use keyctl::leak::report::{self, Format, Secret};
///
/// let bytes = br#"[{"RuleID": "keyctl-token", "Secret": "REDACTED", "File": "a.py"}]"#;
/// let report = report::read(bytes)?.expect("it is one of gitleaks");
/// assert_eq!(report.format, Format::GitleaksJson);
/// assert_eq!(report.findings[0].secret, Secret::Hidden);
/// assert_eq!(report::read(b"any other text")?, None);
/// assert!(report::read(&bytes[..40]).is_err());
/// # Ok::<(), keyctl::leak::report::ReportError>(())
/// ```
///
/// # Errors
/// [`ReportError`] if it is of a known kind, or seems to be, and any of it cannot
/// be read. Nothing is returned of the rest: get a whole report.
pub fn read(bytes: &[u8]) -> Result<Option<Report>, ReportError> {
    if bytes.len() > MAX_LEN {
        return Err(ReportError::TooLong);
    }
    let text = text::decode(bytes);
    let start = text.trim_start();
    if start.starts_with('<') {
        gitleaks_junit::read(&text)
    } else if gitleaks_csv::is_one(start) {
        gitleaks_csv::read(&text).map(Some)
    } else {
        json::read(&text)
    }
}

//! GitLab's report of secret detection, `gl-secret-detection-report.json`.
//!
//! `raw_source_code_extract` is the secret, where the analyzer gives it. The same
//! schema serves other analyses, whose reports are not for here. See GitLab's
//! security-report-schemas, secret-detection-report-format.

use super::Format;
use super::finding::Secret;
use super::json::Kind;
use super::object::{Object, Unfit};
use super::reading::Reading;

pub(super) const REPORT: Kind = Kind {
    format: Format::Gitlab,
    is_one,
    is_companion: |_| false,
    read,
};

const CATEGORY: &str = "secret_detection";

fn is_one(object: &Object<'_>) -> bool {
    let is_secret_detection = |object: &Object<'_>, field| matches!(object.word(field), Ok(Some(word)) if word == CATEGORY);
    let scan = object.object_or_empty("scan");
    // Before version 15 of the schema, each finding had its category.
    let findings = || {
        object
            .objects_or_none("vulnerabilities")
            .unwrap_or_default()
    };
    object.has("vulnerabilities")
        && (scan.is_ok_and(|scan| is_secret_detection(&scan, "type"))
            || findings()
                .iter()
                .any(|(_, finding)| is_secret_detection(finding, "category")))
}

fn read(object: &Object<'_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    for (part, finding) in object.objects("vulnerabilities")? {
        reading.go_to(part);
        let location = finding.object_or_empty("location")?;
        let commit = location.object_or_empty("commit")?.word("sha")?;
        // Outside of a repository, it is made of zeros.
        let commit = commit.filter(|commit| commit.bytes().any(|digit| digit != b'0'));
        let place = location.place(
            location.word("file")?,
            ["start_line", "start_column"],
            commit,
        )?;
        let secret = Secret::of(finding.text("raw_source_code_extract")?);
        reading.push(rule(&finding)?, place, secret, None);
    }
    Ok(())
}

/// The first identifier, which is that of the analyzer's rule, else the name.
fn rule(finding: &Object<'_>) -> Result<Option<String>, Unfit> {
    let identifiers = finding.objects_or_none("identifiers")?;
    match identifiers.first() {
        Some((_, identifier)) if identifier.has("value") => identifier.word("value"),
        _ => finding.word("name"),
    }
}

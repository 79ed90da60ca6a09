//! JSON and JSON Lines of betterleaks 2.
//!
//! `match.value` is the secret, `match.full` what the rule matched. With `--redact`
//! the value is hidden, and `match.fingerprint` is still its SHA-256: of what
//! stands in the file, so of the base64 where the rule matched that. With a key of
//! the user's it begins with `hmac-sha256:`, and nobody else can compute it.
//! Findings of other rules that one is made up of stand in `component_sets`.

use super::Format;
use super::finding::Secret;
use super::json::Kind;
use super::object::{Object, Unfit, sha256_from_hex};
use super::reading::Reading;

pub(super) const BETTERLEAKS: Kind = Kind {
    format: Format::Betterleaks,
    is_one: |object| {
        let parts = ["findings", "finding", "scan"];
        object.has("schema_version") && parts.iter().any(|part| object.has(part))
    },
    is_companion: |_| false,
    read,
};

fn read(object: &Object<'_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    if let Some(finding) = object.object("finding")? {
        return read_finding(&finding, reading);
    }
    if object.has("scan") && !object.has("findings") {
        // The last of JSON Lines, which tells of the scan.
        return Ok(());
    }
    for (part, finding) in object.objects("findings")? {
        reading.go_to(part);
        read_finding(&finding, reading)?;
    }
    Ok(())
}

fn read_finding(finding: &Object<'_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    let commit = finding.object_or_empty("attributes")?.word("git.sha")?;
    read_match(finding, commit.clone(), reading)?;
    for (_, set) in finding.objects_or_none("component_sets")? {
        for (_, component) in set.objects_or_none("components")? {
            read_match(&component, commit.clone(), reading)?;
        }
    }
    Ok(())
}

fn read_match(
    finding: &Object<'_>,
    commit: Option<String>,
    reading: &mut Reading<'_>,
) -> Result<(), Unfit> {
    let found = finding.object("match")?.ok_or(Unfit::missing("match"))?;
    let secret = Secret::of(found.text("value")?);
    let hash = found.word("fingerprint")?;
    let hash = hash.as_deref().and_then(sha256_from_hex);
    let location = finding.object_or_empty("location")?;
    let place = location.place(
        location.word("path")?,
        ["start_line", "start_column"],
        commit,
    )?;
    reading.push(finding.word("rule_id")?, place, secret, hash);
    Ok(())
}

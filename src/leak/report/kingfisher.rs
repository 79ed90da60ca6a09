//! JSON and JSON Lines of kingfisher 2.
//!
//! `snippet` is the secret. With `--redact` it is hidden behind a hash that is
//! salted anew in each run, and `fingerprint` is no hash of the secret. A secret
//! that stands in several places is listed with the first of them.

use super::Format;
use super::finding::Secret;
use super::json::Kind;
use super::object::{Object, Unfit};
use super::reading::Reading;

pub(super) const KINGFISHER: Kind = Kind {
    format: Format::Kingfisher,
    is_one: |object| {
        object.has_all(&["rule", "finding"])
            || object.has("findings") && (object.has("metadata") || object.has("audit"))
            || is_of_the_scan(object)
    },
    is_companion: |object| object.has("metadata") || object.has("access_map"),
    read,
};

/// The last of JSON Lines, which tells of the scan.
fn is_of_the_scan(object: &Object<'_>) -> bool {
    let schema = object
        .object_or_empty("audit")
        .and_then(|audit| audit.word("schema"));
    !object.has("findings")
        && matches!(schema, Ok(Some(schema)) if schema.starts_with("kingfisher."))
}

fn read(object: &Object<'_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    if object.has("finding") {
        return read_finding(object, reading);
    }
    if is_of_the_scan(object) {
        return Ok(());
    }
    for (part, finding) in object.objects("findings")? {
        reading.go_to(part);
        read_finding(&finding, reading)?;
    }
    Ok(())
}

fn read_finding(object: &Object<'_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    let rule = object.object("rule")?.ok_or(Unfit::missing("rule"))?;
    let finding = object.object("finding")?.ok_or(Unfit::missing("finding"))?;
    let git = finding.object_or_empty("git_metadata")?;
    let commit = git.object_or_empty("commit")?.word("id")?;
    let place = finding.place(finding.word("path")?, ["line", "column_start"], commit)?;
    let secret = Secret::of(finding.text("snippet")?);
    reading.push(rule.word("id")?, place, secret, None);
    Ok(())
}

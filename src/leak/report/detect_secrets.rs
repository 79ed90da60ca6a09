//! Baselines of detect-secrets: for each file, the findings in it.
//!
//! They hold the SHA-1 of each secret and never the secret; those made with
//! `--slim` have no lines either.

use super::Format;
use super::finding::Secret;
use super::json::Kind;
use super::object::{Object, Unfit, objects_of, sha1_from_hex};
use super::reading::Reading;

pub(super) const BASELINE: Kind = Kind {
    format: Format::DetectSecrets,
    is_one: |object| object.has("results") && object.has("plugins_used"),
    is_companion: |_| false,
    read,
};

fn read(object: &Object<'_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    let files = object.fields("results")?.unwrap_or_default();
    for found in files.values() {
        reading.go_to(found);
        let found = serde_json::from_str(found.get()).map_err(|_| Unfit {
            field: "results",
            expected: "an object of lists",
        })?;
        for (part, finding) in objects_of(found, "results")? {
            reading.go_to(part);
            read_finding(&finding, reading)?;
        }
    }
    Ok(())
}

fn read_finding(finding: &Object<'_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    let hash = finding.word("hashed_secret")?;
    let hash = hash.as_deref().and_then(sha1_from_hex).ok_or(Unfit {
        field: "hashed_secret",
        expected: "a SHA-1 in hexadecimal",
    })?;
    let place = finding.place(
        finding.word("filename")?,
        ["line_number", "column_number"],
        None,
    )?;
    reading.push(finding.word("type")?, place, Secret::Hidden, Some(hash));
    Ok(())
}

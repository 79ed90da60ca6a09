//! JSON of gitleaks: a list of findings, `[]` without any.
//!
//! `Secret` is what was captured, decoded where it was encoded; `Match` has what
//! stands around it. With `--redact` both hold `REDACTED` in its place, and with
//! `--redact=50` its first half and three dots. `Fingerprint` is no hash, but
//! commit, file, rule and line. See `report/finding.go` of gitleaks 8.30;
//! betterleaks 1 has the same fields.

use super::Format;
use super::finding::Secret;
use super::json::Kind;
use super::object::{Object, Unfit};
use super::reading::Reading;

pub(super) const JSON: Kind = Kind {
    format: Format::GitleaksJson,
    is_one: |object| object.has("RuleID"),
    is_companion: |_| false,
    read,
};

pub(super) fn read(object: &Object<'_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    if !object.has("Secret") {
        return Err(Unfit::missing("Secret"));
    }
    let secret = Secret::of(object.text("Secret")?);
    let commit = object.word("Commit")?;
    let place = object.place(object.word("File")?, ["StartLine", "StartColumn"], commit)?;
    reading.push(object.word("RuleID")?, place, secret, None);
    Ok(())
}

//! JSON Lines of trufflehog 3.
//!
//! `Raw` is the secret, and for a rule of one's own all that its expressions
//! matched, one after the other; `RawV2` joins the parts of a secret that has
//! several. Nothing is ever hidden. See `pkg/output/json.go` of trufflehog 3.97.

use super::Format;
use super::finding::{Place, Secret};
use super::json::Kind;
use super::object::{Object, Unfit};
use super::reading::Reading;

pub(super) const TRUFFLEHOG: Kind = Kind {
    format: Format::Trufflehog,
    is_one: |object| {
        object.has("DetectorType") && (object.has("SourceMetadata") || object.has("Raw"))
    },
    // Its log, where that goes into the same file.
    is_companion: |object| object.has_all(&["level", "ts", "msg"]),
    read,
};

fn read(object: &Object<'_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    let raw = object.text("Raw")?.filter(|raw| !raw.is_empty());
    let joined = object.text("RawV2")?.filter(|raw| !raw.is_empty());
    if raw.is_none() && joined.is_none() {
        return Err(Unfit::missing("Raw"));
    }
    let details = object.object_or_empty("ExtraData")?;
    let rule = match details.word("name")? {
        Some(name) => Some(name),
        None => object.word("DetectorName")?,
    };
    let place = place(object)?;
    reading.push(rule, place, Secret::of(raw.or(joined)), None);
    Ok(())
}

/// `Data` has one field, whose name is the source: `Git`, `Filesystem` and many
/// others, most of which have no files.
fn place(object: &Object<'_>) -> Result<Option<Place>, Unfit> {
    let metadata = object.object_or_empty("SourceMetadata")?;
    let data = metadata.fields("Data")?.unwrap_or_default();
    let Some(source) = data.values().find_map(|source| Object::of(source)) else {
        return Ok(None);
    };
    let commit = source.word("commit")?;
    source.place(source.word("file")?, ["line", "column"], commit)
}

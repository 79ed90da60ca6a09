//! Tokens that a scan found, field by field.

use keyctl::Timestamp;
use keyctl::ops::{Leak, Owner};

use super::{Column, Value, text};

/// A field of a token that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeakField {
    Path,
    Line,
    Offset,
    Commit,
    Object,
    Encoding,
    KeyId,
    Name,
    Workspace,
    Status,
    MaskedToken,
}

impl Column for LeakField {
    type Row = Leak;

    const SCHEMA: &'static str = "keyctl.scan/v1";
    const IS_PAGED: bool = false;
    const PLURAL: &'static str = "findings";

    fn all() -> &'static [LeakField] {
        &[
            LeakField::Path,
            LeakField::Line,
            LeakField::Offset,
            LeakField::Commit,
            LeakField::Object,
            LeakField::Encoding,
            LeakField::KeyId,
            LeakField::Name,
            LeakField::Workspace,
            LeakField::Status,
            LeakField::MaskedToken,
        ]
    }

    fn id() -> LeakField {
        LeakField::KeyId
    }

    fn of_table() -> &'static [LeakField] {
        &[
            LeakField::Status,
            LeakField::KeyId,
            LeakField::Name,
            LeakField::MaskedToken,
            LeakField::Path,
            LeakField::Line,
            LeakField::Commit,
            LeakField::Encoding,
        ]
    }

    fn dispensable() -> &'static [LeakField] {
        &[
            LeakField::Encoding,
            LeakField::MaskedToken,
            LeakField::Name,
            LeakField::Commit,
        ]
    }

    fn is_wrappable(self) -> bool {
        matches!(self, LeakField::Path | LeakField::Name)
    }

    fn name(self) -> &'static str {
        match self {
            LeakField::Path => "path",
            LeakField::Line => "line",
            LeakField::Offset => "offset",
            LeakField::Commit => "commit",
            LeakField::Object => "object",
            LeakField::Encoding => "encoding",
            LeakField::KeyId => "key_id",
            LeakField::Name => "name",
            LeakField::Workspace => "workspace",
            LeakField::Status => "status",
            LeakField::MaskedToken => "masked_token",
        }
    }

    fn absent_text(self) -> &'static str {
        "-"
    }

    fn of(self, leak: &Leak, now: Timestamp) -> Value<'_> {
        let finding = &leak.finding;
        let key = leak.key();
        match self {
            // A file can be named after a token.
            LeakField::Path => text(Some(&finding.path)),
            LeakField::Line => number(finding.line),
            LeakField::Offset => number(finding.offset),
            LeakField::Commit => finding
                .commit
                .as_deref()
                .map_or(Value::Absent, Value::ObjectId),
            LeakField::Object => text(finding.object.as_deref()),
            LeakField::Encoding => text(Some(finding.encoding.as_str())),
            LeakField::KeyId => text(key.map(|key| key.id.as_str())),
            LeakField::Name => text(key.and_then(|key| Some(key.name.as_ref()?.as_str()))),
            LeakField::Workspace => text(key.map(|key| key.workspace.as_str())),
            LeakField::Status => match &leak.owner {
                Owner::Key(key) => Value::Status(key.status(now), key.replaced_by.is_some()),
                Owner::Unknown => text(Some("unknown")),
                Owner::Unasked => text(Some("candidate")),
            },
            LeakField::MaskedToken => text(Some(finding.masked_token.as_str())),
        }
    }
}

fn number(number: u64) -> Value<'static> {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

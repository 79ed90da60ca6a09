//! Keys in outline, field by field.

use keyctl::Timestamp;
use keyctl::domain::Outline;

use super::{Column, KeyField, Value, text, time};

/// A field of a key that a table has unless others are named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutlineField {
    Id,
    Name,
    Access,
    Scopes,
    Status,
    MaskedToken,
    CreatedAt,
    LastUsedAt,
    ExpiresAt,
}

impl OutlineField {
    /// The same field of a whole key.
    fn of_key(self) -> KeyField {
        match self {
            OutlineField::Id => KeyField::Id,
            OutlineField::Name => KeyField::Name,
            OutlineField::Access => KeyField::Access,
            OutlineField::Scopes => KeyField::Scopes,
            OutlineField::Status => KeyField::Status,
            OutlineField::MaskedToken => KeyField::MaskedToken,
            OutlineField::CreatedAt => KeyField::CreatedAt,
            OutlineField::LastUsedAt => KeyField::LastUsedAt,
            OutlineField::ExpiresAt => KeyField::ExpiresAt,
        }
    }
}

impl Column for OutlineField {
    type Row = Outline;

    const SCHEMA: &'static str = KeyField::SCHEMA;
    const IS_PAGED: bool = KeyField::IS_PAGED;
    const PLURAL: &'static str = KeyField::PLURAL;

    fn all() -> &'static [OutlineField] {
        &[
            OutlineField::Id,
            OutlineField::Name,
            OutlineField::Access,
            OutlineField::Scopes,
            OutlineField::Status,
            OutlineField::MaskedToken,
            OutlineField::CreatedAt,
            OutlineField::LastUsedAt,
            OutlineField::ExpiresAt,
        ]
    }

    fn dispensable() -> &'static [OutlineField] {
        &[
            OutlineField::CreatedAt,
            OutlineField::Scopes,
            OutlineField::ExpiresAt,
            OutlineField::LastUsedAt,
        ]
    }

    fn is_wrappable(self) -> bool {
        self.of_key().is_wrappable()
    }

    fn name(self) -> &'static str {
        self.of_key().name()
    }

    fn absent_text(self) -> &'static str {
        self.of_key().absent_text()
    }

    fn of(self, key: &Outline, now: Timestamp) -> Value<'_> {
        match self {
            OutlineField::Id => text(Some(key.id.as_str())),
            OutlineField::Name => text(key.name.as_ref().map(|name| name.as_str())),
            OutlineField::Access => Value::Access(&key.access),
            OutlineField::Scopes => Value::Scopes(&key.scopes),
            OutlineField::Status => Value::Status(key.status(now), key.replaced_by.is_some()),
            OutlineField::MaskedToken => text(Some(key.masked_token.as_str())),
            OutlineField::CreatedAt => Value::Time(key.created_at),
            OutlineField::LastUsedAt => time(key.last_used_at),
            OutlineField::ExpiresAt => time(key.expires_at),
        }
    }
}

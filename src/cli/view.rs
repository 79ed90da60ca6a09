//! What goes out: keys and events as documents, tables and CSV show them.
//!
//! `Key` itself is not serialisable. What is not a [`Column`] here cannot be
//! printed, and the digest is not.

use std::borrow::Cow;

use clap::ValueEnum;
use keyctl::domain::{Event, Need, Status, Target};
use keyctl::{Access, Key, Timestamp};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// A field of what is listed. Its name is the same in every format.
pub(crate) trait Column: Copy + PartialEq + 'static {
    /// What is listed.
    type Row;

    /// The schema of a document that lists them.
    const SCHEMA: &'static str;
    /// Whether a list of them can be part of a longer one.
    const IS_PAGED: bool;
    /// What such a document calls them.
    const PLURAL: &'static str;

    /// Every field, in the order of documents.
    fn all() -> &'static [Self];

    /// The columns of a table unless others are named.
    fn of_table() -> &'static [Self];

    /// The columns that a narrow terminal goes without, the first one first.
    fn dispensable() -> &'static [Self];

    /// Whether a narrow column of it may be broken into lines. Ids, masks and
    /// hashes may not: they get copied.
    fn is_wrappable(self) -> bool;

    /// Its name.
    fn name(self) -> &'static str;

    /// What people read where it is absent.
    fn absent_text(self) -> &'static str;

    /// Its value in a row at `now`.
    fn of(self, row: &Self::Row, now: Timestamp) -> Value<'_>;
}

/// A field of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum KeyField {
    Id,
    Name,
    Description,
    Kind,
    Workspace,
    Access,
    Scopes,
    Status,
    MaskedToken,
    CreatedAt,
    CreatedBy,
    ExpiresAt,
    LastUsedAt,
    DisabledAt,
    RevokedAt,
    RevokeReason,
    Replaces,
    ReplacedBy,
}

/// The value of a field.
pub(crate) enum Value<'a> {
    Absent,
    Text(Cow<'a, str>),
    Number(i64),
    List(Vec<&'a str>),
    Access(&'a Access),
    Status(Status),
    Time(Timestamp),
    /// What an event changed.
    Changes(&'a Event),
}

fn text(value: Option<&str>) -> Value<'_> {
    value.map_or(Value::Absent, |value| Value::Text(Cow::Borrowed(value)))
}

impl Column for KeyField {
    type Row = Key;

    const SCHEMA: &'static str = "keyctl.list/v1";
    const IS_PAGED: bool = true;
    const PLURAL: &'static str = "keys";

    fn all() -> &'static [KeyField] {
        KeyField::value_variants()
    }

    fn of_table() -> &'static [KeyField] {
        &[
            KeyField::Id,
            KeyField::Name,
            KeyField::Access,
            KeyField::Scopes,
            KeyField::Status,
            KeyField::MaskedToken,
            KeyField::CreatedAt,
            KeyField::LastUsedAt,
            KeyField::ExpiresAt,
        ]
    }

    fn dispensable() -> &'static [KeyField] {
        &[
            KeyField::CreatedAt,
            KeyField::Scopes,
            KeyField::ExpiresAt,
            KeyField::LastUsedAt,
        ]
    }

    fn is_wrappable(self) -> bool {
        matches!(
            self,
            KeyField::Name
                | KeyField::Access
                | KeyField::Scopes
                | KeyField::Description
                | KeyField::RevokeReason
        )
    }

    fn name(self) -> &'static str {
        match self {
            KeyField::Id => "id",
            KeyField::Name => "name",
            KeyField::Description => "description",
            KeyField::Kind => "kind",
            KeyField::Workspace => "workspace",
            KeyField::Access => "access",
            KeyField::Scopes => "scopes",
            KeyField::Status => "status",
            KeyField::MaskedToken => "masked_token",
            KeyField::CreatedAt => "created_at",
            KeyField::CreatedBy => "created_by",
            KeyField::ExpiresAt => "expires_at",
            KeyField::LastUsedAt => "last_used_at",
            KeyField::DisabledAt => "disabled_at",
            KeyField::RevokedAt => "revoked_at",
            KeyField::RevokeReason => "revoke_reason",
            KeyField::Replaces => "replaces",
            KeyField::ReplacedBy => "replaced_by",
        }
    }

    fn absent_text(self) -> &'static str {
        match self {
            KeyField::ExpiresAt | KeyField::LastUsedAt => "never",
            _ => "-",
        }
    }

    fn of(self, key: &Key, now: Timestamp) -> Value<'_> {
        fn time(value: Option<Timestamp>) -> Value<'static> {
            value.map_or(Value::Absent, Value::Time)
        }
        match self {
            KeyField::Id => text(Some(key.id.as_str())),
            KeyField::Name => text(key.name.as_ref().map(|name| name.as_str())),
            KeyField::Description => text(key.description.as_ref().map(|text| text.as_str())),
            KeyField::Kind => text(Some(key.access.kind().prefix())),
            KeyField::Workspace => text(Some(key.workspace.as_str())),
            KeyField::Access => Value::Access(&key.access),
            KeyField::Scopes => {
                Value::List(key.scopes.iter().map(|scope| scope.as_str()).collect())
            }
            KeyField::Status => Value::Status(key.status(now)),
            KeyField::MaskedToken => text(Some(key.masked_token.as_str())),
            KeyField::CreatedAt => Value::Time(key.created_at),
            KeyField::CreatedBy => text(Some(key.created_by.as_str())),
            KeyField::ExpiresAt => time(key.expires_at),
            KeyField::LastUsedAt => time(key.last_used_at),
            KeyField::DisabledAt => time(key.disabled_at),
            KeyField::RevokedAt => time(key.revoked_at),
            KeyField::RevokeReason => text(key.revoke_reason.as_ref().map(|text| text.as_str())),
            KeyField::Replaces => text(key.replaces.as_ref().map(|id| id.as_str())),
            KeyField::ReplacedBy => text(key.replaced_by.as_ref().map(|id| id.as_str())),
        }
    }
}

/// A field of an event of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventField {
    Seq,
    At,
    Actor,
    Action,
    Workspace,
    KeyId,
    Detail,
    Hash,
}

impl Column for EventField {
    type Row = Event;

    const SCHEMA: &'static str = "keyctl.audit/v1";
    const IS_PAGED: bool = false;
    const PLURAL: &'static str = "events";

    fn all() -> &'static [EventField] {
        &[
            EventField::Seq,
            EventField::At,
            EventField::Actor,
            EventField::Action,
            EventField::Workspace,
            EventField::KeyId,
            EventField::Detail,
            EventField::Hash,
        ]
    }

    fn of_table() -> &'static [EventField] {
        &[
            EventField::Seq,
            EventField::At,
            EventField::Actor,
            EventField::Action,
            EventField::KeyId,
            EventField::Detail,
        ]
    }

    fn dispensable() -> &'static [EventField] {
        &[]
    }

    fn is_wrappable(self) -> bool {
        matches!(self, EventField::Actor | EventField::Detail)
    }

    fn name(self) -> &'static str {
        match self {
            EventField::Seq => "seq",
            EventField::At => "at",
            EventField::Actor => "actor",
            EventField::Action => "action",
            EventField::Workspace => "workspace",
            EventField::KeyId => "key_id",
            EventField::Detail => "detail",
            EventField::Hash => "hash",
        }
    }

    fn absent_text(self) -> &'static str {
        "-"
    }

    fn of(self, event: &Event, _now: Timestamp) -> Value<'_> {
        let entry = &event.entry;
        match self {
            EventField::Seq => Value::Number(event.seq),
            // To be compared with other logs, so never relative.
            EventField::At => Value::Text(entry.at.to_string().into()),
            EventField::Actor => text(Some(entry.actor.as_str())),
            EventField::Action => text(Some(entry.action.as_str())),
            EventField::Workspace => text(entry.workspace.as_ref().map(|name| name.as_str())),
            EventField::KeyId => text(entry.key_id.as_ref().map(|id| id.as_str())),
            EventField::Detail => Value::Changes(event),
            EventField::Hash => Value::Text(event.hash.to_string().into()),
        }
    }
}

impl Value<'_> {
    /// As people read it: empty if absent, times as RFC 3339, lists with spaces.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Value::Absent => String::new(),
            Value::Text(text) => text.to_string(),
            Value::Number(number) => number.to_string(),
            Value::List(items) => items.join(" "),
            Value::Access(access) => access.to_string(),
            Value::Status(status) => status.to_string(),
            Value::Time(time) => time.to_string(),
            Value::Changes(event) => changes(event),
        }
    }

    /// As programs read it where all is text: what an event changed is JSON.
    pub(crate) fn to_raw_text(&self) -> String {
        match self {
            Value::Changes(event) => event.entry.detail.clone(),
            value => value.to_text(),
        }
    }
}

/// What an event changed, in one line: `name ci -> deploy; scopes full -> read`.
/// Times that are the event's own are not told again.
pub(crate) fn changes(event: &Event) -> String {
    let Some(fields) = detail(event).as_object().cloned() else {
        return event.entry.detail.clone();
    };
    let at = event.entry.at.to_string();
    let words = |value: &serde_json::Value| match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let change = |(field, change): (&String, &serde_json::Value)| match (
        words(&change["from"]),
        words(&change["to"]),
    ) {
        (None, Some(to)) if to == at => None,
        (None, to) => Some(format!("{field} {}", to.unwrap_or_default())),
        (Some(from), to) => {
            let to = to.unwrap_or_else(|| "none".to_owned());
            Some(format!("{field} {from} -> {to}"))
        }
    };
    fields
        .iter()
        .filter_map(change)
        .collect::<Vec<_>>()
        .join("; ")
}

/// Text that is not JSON is shown as the text it is.
fn detail(event: &Event) -> serde_json::Value {
    let detail = &event.entry.detail;
    serde_json::from_str(detail).unwrap_or_else(|_| detail.clone().into())
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Absent => serializer.serialize_none(),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Number(number) => serializer.serialize_i64(*number),
            Value::List(items) => items.serialize(serializer),
            Value::Access(access) => AccessView::of(access).serialize(serializer),
            Value::Status(status) => serializer.serialize_str(status.as_str()),
            Value::Time(time) => serializer.collect_str(time),
            Value::Changes(event) => detail(event).serialize(serializer),
        }
    }
}

#[derive(Serialize)]
struct AccessView<'a> {
    r#type: &'static str,
    datasets: Vec<&'a str>,
    app: Option<&'a str>,
}

impl<'a> AccessView<'a> {
    fn of(access: &'a Access) -> AccessView<'a> {
        let (r#type, datasets, app) = match access {
            Access::Datasets(bound) => {
                let ids = bound.iter().map(|id| id.as_str()).collect();
                ("datasets", ids, None)
            }
            Access::AllDatasets => ("all_datasets", Vec::new(), None),
            Access::App(id) => ("app", Vec::new(), Some(id.as_str())),
        };
        AccessView {
            r#type,
            datasets,
            app,
        }
    }
}

/// A row as a JSON object of these fields, in their order.
pub(crate) struct RowView<'a, C: Column> {
    pub(crate) row: &'a C::Row,
    pub(crate) fields: &'a [C],
    pub(crate) now: Timestamp,
}

/// A key as a JSON object.
pub(crate) type KeyView<'a> = RowView<'a, KeyField>;

/// An event of the log as a JSON object.
pub(crate) type EventView<'a> = RowView<'a, EventField>;

impl<'a, C: Column> RowView<'a, C> {
    /// With every field.
    pub(crate) fn whole(row: &'a C::Row, now: Timestamp) -> RowView<'a, C> {
        RowView {
            row,
            fields: C::all(),
            now,
        }
    }
}

impl<C: Column> Serialize for RowView<'_, C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for field in self.fields {
            map.serialize_entry(field.name(), &field.of(self.row, self.now))?;
        }
        map.end()
    }
}

/// What was asked of `verify`.
#[derive(Serialize)]
pub(crate) struct NeedView<'a> {
    target: Option<TargetView<'a>>,
    scopes: Vec<&'a str>,
}

#[derive(Serialize)]
struct TargetView<'a> {
    r#type: &'static str,
    id: Option<&'a str>,
}

impl<'a> From<&'a Need> for NeedView<'a> {
    fn from(need: &'a Need) -> NeedView<'a> {
        let target = need.target.as_ref().map(|target| match target {
            Target::Dataset(id) => TargetView {
                r#type: "dataset",
                id: Some(id.as_str()),
            },
            Target::App(id) => TargetView {
                r#type: "app",
                id: Some(id.as_str()),
            },
            Target::AllDatasets => TargetView {
                r#type: "all_datasets",
                id: None,
            },
        });
        NeedView {
            target,
            scopes: need.scopes.iter().map(|scope| scope.as_str()).collect(),
        }
    }
}

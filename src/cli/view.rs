//! What goes out: a key as documents, tables and CSV show it.
//!
//! `Key` itself is not serialisable. What is not a [`Field`] here cannot be
//! printed, and the digest is not.

use std::borrow::Cow;

use clap::ValueEnum;
use keyctl::domain::{Event, Need, Status, Target};
use keyctl::{Access, Key, Timestamp};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// A field of a key that is shown. Its name is the same in every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Field {
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
    List(Vec<&'a str>),
    Access(&'a Access),
    Status(Status),
    Time(Timestamp),
}

impl Field {
    /// Every field, in the order of documents.
    pub(crate) fn all() -> &'static [Field] {
        Field::value_variants()
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Field::Id => "id",
            Field::Name => "name",
            Field::Description => "description",
            Field::Kind => "kind",
            Field::Workspace => "workspace",
            Field::Access => "access",
            Field::Scopes => "scopes",
            Field::Status => "status",
            Field::MaskedToken => "masked_token",
            Field::CreatedAt => "created_at",
            Field::CreatedBy => "created_by",
            Field::ExpiresAt => "expires_at",
            Field::LastUsedAt => "last_used_at",
            Field::DisabledAt => "disabled_at",
            Field::RevokedAt => "revoked_at",
            Field::RevokeReason => "revoke_reason",
            Field::Replaces => "replaces",
            Field::ReplacedBy => "replaced_by",
        }
    }

    /// What people read where it is absent.
    pub(crate) fn absent_text(self) -> &'static str {
        match self {
            Field::ExpiresAt | Field::LastUsedAt => "never",
            _ => "-",
        }
    }

    /// Its value in a key at `now`.
    pub(crate) fn of(self, key: &Key, now: Timestamp) -> Value<'_> {
        fn text(value: Option<&str>) -> Value<'_> {
            value.map_or(Value::Absent, |value| Value::Text(Cow::Borrowed(value)))
        }
        fn time(value: Option<Timestamp>) -> Value<'static> {
            value.map_or(Value::Absent, Value::Time)
        }
        match self {
            Field::Id => text(Some(key.id.as_str())),
            Field::Name => text(key.name.as_ref().map(|name| name.as_str())),
            Field::Description => text(key.description.as_ref().map(|text| text.as_str())),
            Field::Kind => text(Some(key.access.kind().prefix())),
            Field::Workspace => text(Some(key.workspace.as_str())),
            Field::Access => Value::Access(&key.access),
            Field::Scopes => Value::List(key.scopes.iter().map(|scope| scope.as_str()).collect()),
            Field::Status => Value::Status(key.status(now)),
            Field::MaskedToken => text(Some(key.masked_token.as_str())),
            Field::CreatedAt => Value::Time(key.created_at),
            Field::CreatedBy => text(Some(key.created_by.as_str())),
            Field::ExpiresAt => time(key.expires_at),
            Field::LastUsedAt => time(key.last_used_at),
            Field::DisabledAt => time(key.disabled_at),
            Field::RevokedAt => time(key.revoked_at),
            Field::RevokeReason => text(key.revoke_reason.as_ref().map(|text| text.as_str())),
            Field::Replaces => text(key.replaces.as_ref().map(|id| id.as_str())),
            Field::ReplacedBy => text(key.replaced_by.as_ref().map(|id| id.as_str())),
        }
    }
}

impl Value<'_> {
    /// As plain text: empty if absent, times as RFC 3339, lists with spaces.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Value::Absent => String::new(),
            Value::Text(text) => text.to_string(),
            Value::List(items) => items.join(" "),
            Value::Access(access) => access.to_string(),
            Value::Status(status) => status.to_string(),
            Value::Time(time) => time.to_string(),
        }
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Absent => serializer.serialize_none(),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => items.serialize(serializer),
            Value::Access(access) => AccessView::of(access).serialize(serializer),
            Value::Status(status) => serializer.serialize_str(status.as_str()),
            Value::Time(time) => serializer.collect_str(time),
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

/// A key as a JSON object of these fields, in their order.
pub(crate) struct KeyView<'a> {
    pub(crate) key: &'a Key,
    pub(crate) fields: &'a [Field],
    pub(crate) now: Timestamp,
}

impl<'a> KeyView<'a> {
    /// With every field.
    pub(crate) fn whole(key: &'a Key, now: Timestamp) -> KeyView<'a> {
        KeyView {
            key,
            fields: Field::all(),
            now,
        }
    }
}

impl Serialize for KeyView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for field in self.fields {
            map.serialize_entry(field.name(), &field.of(self.key, self.now))?;
        }
        map.end()
    }
}

/// An event of the log.
#[derive(Serialize)]
pub(crate) struct EventView<'a> {
    seq: i64,
    at: String,
    actor: &'a str,
    action: &'static str,
    workspace: Option<&'a str>,
    key_id: Option<&'a str>,
    detail: serde_json::Value,
    hash: String,
}

impl<'a> From<&'a Event> for EventView<'a> {
    fn from(event: &'a Event) -> EventView<'a> {
        let entry = &event.entry;
        EventView {
            seq: event.seq,
            at: entry.at.to_string(),
            actor: entry.actor.as_str(),
            action: entry.action.as_str(),
            workspace: entry.workspace.as_ref().map(|workspace| workspace.as_str()),
            key_id: entry.key_id.as_ref().map(|id| id.as_str()),
            // Text that is not JSON is shown as the text it is.
            detail: serde_json::from_str(&entry.detail)
                .unwrap_or_else(|_| entry.detail.clone().into()),
            hash: event.hash.to_string(),
        }
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

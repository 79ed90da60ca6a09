//! Keys, field by field, and what is asked of them.

use clap::ValueEnum;
use keyctl::domain::{Need, Target, TargetId};
use keyctl::{Access, Datasets, Key, Timestamp};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{Column, Value, text, time};

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

impl Column for KeyField {
    type Row = Key;

    const SCHEMA: &'static str = "keyctl.list/v1";
    const IS_PAGED: bool = true;
    const PLURAL: &'static str = "keys";

    fn all() -> &'static [KeyField] {
        KeyField::value_variants()
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
        match self {
            KeyField::Id => text(Some(key.id.as_str())),
            KeyField::Name => text(key.name.as_ref().map(|name| name.as_str())),
            KeyField::Description => text(key.description.as_ref().map(|text| text.as_str())),
            KeyField::Kind => text(Some(key.access.kind().prefix())),
            KeyField::Workspace => text(Some(key.workspace.as_str())),
            KeyField::Access => Value::Access(&key.access),
            KeyField::Scopes => Value::Scopes(&key.scopes),
            KeyField::Status => Value::Status(key.status(now), key.replaced_by.is_some()),
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

/// What a key reaches, as an object whose members are always there.
pub(super) struct AccessView<'a>(pub(super) &'a Access);

/// Datasets, of which there may be none.
struct DatasetsView<'a>(Option<&'a Datasets>);

impl Serialize for AccessView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (r#type, datasets, app) = match self.0 {
            Access::Datasets(bound) => ("datasets", Some(bound), None),
            Access::AllDatasets => ("all_datasets", None, None),
            Access::App(id) => ("app", None, Some(id.as_str())),
        };
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("type", r#type)?;
        map.serialize_entry("datasets", &DatasetsView(datasets))?;
        map.serialize_entry("app", &app)?;
        map.end()
    }
}

impl Serialize for DatasetsView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ids = self.0.into_iter().flat_map(Datasets::iter);
        serializer.collect_seq(ids.map(TargetId::as_str))
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

//! Keys and events, and the values of the rows that stand for them.

use std::borrow::Cow;

use super::Value;
use crate::domain::{
    Access, Event, Key, KeyId, KeyName, Remark, RowDigest, Scope, TargetId, Timestamp, Workspace,
};

/// The columns of `keys` that are written, in the order of [`key_values`].
pub(super) const WRITTEN_COLUMNS: [&str; 18] = [
    "id",
    "workspace",
    "name",
    "description",
    "access",
    "datasets",
    "app",
    "scopes",
    "digest",
    "masked_token",
    "created_at",
    "created_by",
    "expires_at",
    "disabled_at",
    "revoked_at",
    "revoke_reason",
    "replaces",
    "replaced_by",
];

/// The values of a key's row, in the order of [`WRITTEN_COLUMNS`].
pub(super) fn key_values(key: &Key) -> [Value<'_>; 18] {
    fn text<'a>(value: Option<&'a str>) -> Value<'a> {
        Value::Text(value.map(Cow::Borrowed))
    }
    fn time<'a>(at: Option<Timestamp>) -> Value<'a> {
        Value::Int(at.map(Timestamp::as_unix))
    }
    let (access, bound, app) = match &key.access {
        Access::Datasets(bound) => {
            let ids = bound.iter().map(TargetId::as_str);
            ("datasets", Some(together(ids)), None)
        }
        Access::AllDatasets => ("all_datasets", None, None),
        Access::App(id) => ("app", None, Some(id.as_str())),
    };
    [
        key.id.as_str().into(),
        key.workspace.as_str().into(),
        text(key.name.as_ref().map(KeyName::as_str)),
        text(key.description.as_ref().map(Remark::as_str)),
        access.into(),
        Value::Text(bound),
        text(app),
        Value::Text(Some(together(key.scopes.iter().map(Scope::as_str)))),
        key.digest.as_bytes().into(),
        key.masked_token.as_str().into(),
        time(Some(key.created_at)),
        key.created_by.as_str().into(),
        time(key.expires_at),
        time(key.disabled_at),
        time(key.revoked_at),
        text(key.revoke_reason.as_ref().map(Remark::as_str)),
        text(key.replaces.as_ref().map(KeyId::as_str)),
        text(key.replaced_by.as_ref().map(KeyId::as_str)),
    ]
}

/// Words that are in order, with blanks between.
fn together<'a>(words: impl Iterator<Item = &'a str> + Clone) -> Cow<'a, str> {
    let mut each = words.clone();
    match (each.next(), each.next()) {
        (Some(only), None) => Cow::Borrowed(only),
        _ => Cow::Owned(words.collect::<Vec<_>>().join(" ")),
    }
}

/// The values of an event's row, in the order of [`EVENT_COLUMNS`](super::rows::EVENT_COLUMNS).
pub(super) fn event_values(event: &Event) -> [Value<'_>; 9] {
    fn text<'a>(value: Option<&'a str>) -> Value<'a> {
        Value::Text(value.map(Cow::Borrowed))
    }
    let entry = &event.entry;
    [
        event.seq.into(),
        entry.at.as_unix().into(),
        entry.actor.as_str().into(),
        entry.action.as_str().into(),
        text(entry.workspace.as_ref().map(Workspace::as_str)),
        text(entry.key_id.as_ref().map(KeyId::as_str)),
        entry.row_digest.as_ref().map(RowDigest::as_bytes).into(),
        entry.detail.as_str().into(),
        event.hash.as_bytes().into(),
    ]
}

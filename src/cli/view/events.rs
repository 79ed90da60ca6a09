//! Events of the log, field by field.

use keyctl::Timestamp;
use keyctl::domain::{Action, Event, TOMBSTONE};

use super::{Column, Value, text};

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
            EventField::Workspace,
            EventField::KeyId,
            EventField::Detail,
        ]
    }

    fn dispensable() -> &'static [EventField] {
        &[EventField::Workspace, EventField::Seq]
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
            EventField::At => Value::Time(entry.at),
            EventField::Actor => text(Some(entry.actor.as_str())),
            EventField::Action => text(Some(entry.action.as_str())),
            EventField::Workspace => text(entry.workspace.as_ref().map(|name| name.as_str())),
            EventField::KeyId => text(entry.key_id.as_ref().map(|id| id.as_str())),
            EventField::Detail => Value::Changes(event),
            EventField::Hash => Value::Text(event.hash.to_string().into()),
        }
    }
}

/// What an event changed, in one line: `name ci -> deploy; scopes full -> read`.
/// What the action says already is not told again: its own time, that a key is
/// no longer disabled, that nothing is left of one that was pruned. Nor is what
/// is for keyctl alone.
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
        (None, Some(to)) if to == at || field == TOMBSTONE => None,
        (None, to) => Some(format!("{field} {}", to.unwrap_or_default())),
        (Some(from), None) if event.entry.action == Action::Pruned => {
            (field != "created_at").then(|| format!("{field} was {from}"))
        }
        (Some(_), None) if event.entry.action == Action::Enabled => None,
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
pub(super) fn detail(event: &Event) -> serde_json::Value {
    let detail = &event.entry.detail;
    serde_json::from_str(detail).unwrap_or_else(|_| detail.clone().into())
}

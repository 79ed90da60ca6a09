//! What goes out: keys and events as documents, tables and CSV show them.
//!
//! `Key` itself is not serialisable. What is not a [`Column`] here cannot be
//! printed, and the digest is not.

mod content;
mod events;
mod keys;
mod leaks;
mod outlines;

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use keyctl::domain::{Event, Scope, Status};
use keyctl::{Access, Scopes, Timestamp};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

pub(crate) use content::Content;
use events::detail;
pub(crate) use events::{EventField, changes};
use keys::AccessView;
pub(crate) use keys::{KeyField, NeedView};
pub(crate) use leaks::LeakField;
pub(crate) use outlines::OutlineField;

/// A field of what is listed. Its name is the same in every format.
pub(crate) trait Column: Copy + PartialEq + Send + 'static {
    /// What is listed.
    type Row: Send;

    /// The schema of a document that lists them.
    const SCHEMA: &'static str;
    /// Whether a list of them can be part of a longer one.
    const IS_PAGED: bool;
    /// What such a document calls them.
    const PLURAL: &'static str;

    /// Every field, in the order of documents.
    fn all() -> &'static [Self];

    /// What a row is called where it is called by one field.
    fn id() -> Self {
        Self::all()[0]
    }

    /// The columns of a table unless others are named.
    fn of_table() -> &'static [Self] {
        Self::all()
    }

    /// The columns that a narrow terminal goes without, the first one first.
    fn dispensable() -> &'static [Self] {
        &[]
    }

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

/// The value of a field.
pub(crate) enum Value<'a> {
    Absent,
    Text(Cow<'a, str>),
    Number(i64),
    Scopes(&'a Scopes),
    Access(&'a Access),
    /// And whether the key was replaced, which people are told beside it.
    Status(Status, bool),
    Time(Timestamp),
    /// The id of an object of Git, of which people need the first digits.
    ObjectId(&'a str),
    /// What an event changed.
    Changes(&'a Event),
}

fn text(value: Option<&str>) -> Value<'_> {
    value.map_or(Value::Absent, |value| Value::Text(Cow::Borrowed(value)))
}

fn time(value: Option<Timestamp>) -> Value<'static> {
    value.map_or(Value::Absent, Value::Time)
}

impl Value<'_> {
    /// As people read it: empty if absent, times as RFC 3339, lists with spaces.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        self.push_text(&mut text);
        text
    }

    /// Appends it as people read it: one text serves all of a list.
    pub(crate) fn push_text(&self, text: &mut String) {
        match self {
            Value::Absent => {}
            Value::Text(value) => text.push_str(value),
            Value::Number(number) => push(text, number),
            Value::Scopes(scopes) => push(text, scopes),
            Value::Access(access) => push(text, access),
            Value::Status(Status::Active, true) => text.push_str("active, replaced"),
            Value::Status(status, _) => text.push_str(status.as_str()),
            Value::Time(time) => text.push_str(time.text().as_str()),
            Value::ObjectId(id) => text.push_str(id),
            Value::Changes(event) => text.push_str(&changes(event)),
        }
    }

    /// Appends it as programs read it where all is text.
    pub(crate) fn push_raw_text(&self, text: &mut String) {
        match self {
            Value::Changes(event) => text.push_str(&event.entry.detail),
            Value::Status(status, _) => text.push_str(status.as_str()),
            value => value.push_text(text),
        }
    }
}

fn push(text: &mut String, value: &impl Display) {
    // A text takes all that it is given.
    let _ = write!(text, "{value}");
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Absent => serializer.serialize_none(),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Number(number) => serializer.serialize_i64(*number),
            Value::Scopes(scopes) => serializer.collect_seq(scopes.iter().map(Scope::as_str)),
            Value::Access(access) => AccessView(access).serialize(serializer),
            Value::Status(status, _) => serializer.serialize_str(status.as_str()),
            Value::Time(time) => serializer.serialize_str(time.text().as_str()),
            Value::ObjectId(id) => serializer.serialize_str(id),
            Value::Changes(event) => detail(event).serialize(serializer),
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

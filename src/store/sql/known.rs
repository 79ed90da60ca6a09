//! Rows of events and keys that are read to be hashed. Most texts in them are those of
//! the row before: to read and copy each again took longer than to hash it.

use std::str::FromStr;

use super::Row;
use crate::domain::{
    Action, Actor, Datasets, EntryRow, EventHash, EventRow, KeyId, KeyMark, KeyName, KeyRow,
    MaskedToken, Remark, RowDigest, Scopes, Spelt, TargetId, Timestamp, Workspace,
};

/// The texts that were read last, by column.
#[derive(Default)]
pub(super) struct Known {
    actor: Text,
    workspace: Text,
    key_workspace: Text,
    description: Text,
    datasets: Text,
    app: Text,
    scopes: Text,
    created_by: Text,
    revoke_reason: Text,
}

/// An event, with what of it is not borrowed.
pub(super) struct Read<'a> {
    seq: i64,
    at: Timestamp,
    actor: &'a str,
    action: Action,
    workspace: Option<&'a str>,
    key_id: Option<KeyId>,
    row_digest: Option<RowDigest>,
    detail: &'a str,
    hash: EventHash,
}

impl Known {
    /// The event of a row, if it can be read as one; if not,
    /// [`rows::event`](super::rows::event) says why.
    pub(super) fn event<'a>(&mut self, row: &'a impl Row) -> Option<Read<'a>> {
        let mut row = Columns { row, next: 0 };
        Some(Read {
            seq: row.int()??,
            at: Timestamp::from_unix(row.int()??)?,
            actor: self.actor.read(row.text()??, is_spelt::<Actor>)?,
            action: row.text()??.parse().ok()?,
            workspace: self.workspace.option(row.text()?, is_spelt::<Workspace>)?,
            key_id: row.text()?.map(str::parse).transpose().ok()?,
            row_digest: row.bytes()?.map(|bytes| RowDigest::from_bytes(*bytes)),
            detail: row.text()??,
            hash: EventHash::from_bytes(*row.bytes()??),
        })
    }

    /// What is hashed of a key, if its row can be read as one; if not,
    /// [`rows::key`](super::rows::key) says why.
    pub(super) fn key(&mut self, row: &impl Row) -> Option<KeyMark> {
        let mut row = Columns { row, next: 0 };
        let id = row.text()??;
        let workspace = self
            .key_workspace
            .read(row.text()??, is_spelt::<Workspace>)?;
        let name = checked(row.text()?, is_spelt::<KeyName>)?;
        let description = self.description.option(row.text()?, is_spelt::<Remark>)?;
        let access = row.text()??;
        let datasets = self.datasets.option(row.text()?, is_spelt::<Datasets>)?;
        let app = self.app.option(row.text()?, is_spelt::<TargetId>)?;
        let scopes = self.scopes.read(row.text()??, is_spelt::<Scopes>)?;
        let digest = row.bytes()??;
        let masked_token = checked(row.text()?, is_spelt::<MaskedToken>)??;
        let created_at = row.time()??;
        let created_by = self.created_by.read(row.text()??, is_spelt::<Actor>)?;
        let [expires_at, _last_used_at, disabled_at, revoked_at] =
            [row.time()?, row.time()?, row.time()?, row.time()?];
        let revoke_reason = self.revoke_reason.option(row.text()?, is_spelt::<Remark>)?;
        let replaces = checked(row.text()?, is_spelt::<KeyId>)?;
        let replaced_by = checked(row.text()?, is_spelt::<KeyId>)?;
        match (access, datasets, app) {
            ("datasets", Some(_), None) | ("all_datasets", None, None) | ("app", None, Some(_)) => {
            }
            _ => return None,
        }
        let key = KeyRow {
            id,
            workspace,
            name,
            description,
            access,
            datasets: datasets
                .into_iter()
                .flat_map(|datasets| datasets.split(' ')),
            app,
            scopes: scopes.split(' '),
            digest,
            masked_token,
            created_at,
            created_by,
            expires_at,
            disabled_at,
            revoked_at,
            revoke_reason,
            replaces,
            replaced_by,
        };
        Some(KeyMark {
            id: id.parse().ok()?,
            digest: key.digest(),
        })
    }
}

impl Read<'_> {
    /// The event.
    pub(super) fn as_row(&self) -> EventRow<'_> {
        EventRow {
            seq: self.seq,
            entry: EntryRow {
                at: self.at,
                actor: self.actor,
                action: self.action,
                workspace: self.workspace,
                key_id: self.key_id.as_ref(),
                row_digest: self.row_digest.as_ref(),
                detail: self.detail,
            },
            hash: &self.hash,
        }
    }
}

/// A text that is fine.
#[derive(Default)]
struct Text(Option<String>);

impl Text {
    /// This text, if it is the one before or is fine too.
    fn read<'a>(&mut self, text: &'a str, is_fine: fn(&str) -> bool) -> Option<&'a str> {
        if self.0.as_deref() != Some(text) {
            if !is_fine(text) {
                return None;
            }
            self.0 = Some(text.to_owned());
        }
        Some(text)
    }

    /// The same of one that may be absent.
    #[expect(clippy::option_option, reason = "not fine, and absent")]
    fn option<'a>(
        &mut self,
        text: Option<&'a str>,
        is_fine: fn(&str) -> bool,
    ) -> Option<Option<&'a str>> {
        match text {
            None => Some(None),
            Some(text) => self.read(text, is_fine).map(Some),
        }
    }
}

/// This text, which is another in every row, if it is fine or absent.
#[expect(clippy::option_option, reason = "not fine, and absent")]
fn checked(text: Option<&str>, is_fine: fn(&str) -> bool) -> Option<Option<&str>> {
    text.is_none_or(is_fine).then_some(text)
}

fn is_spelt<T: FromStr + Spelt>(text: &str) -> bool {
    text.parse::<T>().is_ok_and(|value| value.is_spelt(text))
}

/// Columns, one after the other. Outer absence is of a column that is of another type.
struct Columns<'a, R> {
    row: &'a R,
    next: usize,
}

#[expect(clippy::option_option, reason = "of another type, and absent")]
impl<'a, R: Row> Columns<'a, R> {
    fn advance(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    fn text(&mut self) -> Option<Option<&'a str>> {
        let place = self.advance();
        self.row.text(place).ok()
    }

    fn int(&mut self) -> Option<Option<i64>> {
        let place = self.advance();
        self.row.int(place).ok()
    }

    /// A time, in seconds, that there can be.
    fn time(&mut self) -> Option<Option<i64>> {
        let seconds = self.int()?;
        let is_fine = |seconds| Timestamp::from_unix(seconds).is_some();
        seconds.is_none_or(is_fine).then_some(seconds)
    }

    fn bytes(&mut self) -> Option<Option<&'a [u8; 32]>> {
        let place = self.advance();
        let bytes = self.row.blob(place).ok()?;
        bytes.map(<&[u8; 32]>::try_from).transpose().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{self, KEY_COLUMNS};
    use super::super::values::{WRITTEN_COLUMNS, event_values, key_values};
    use super::super::{Source, Value};
    use super::*;
    use crate::domain::{Access, Change, Datasets, Entry, Event, Head, Key, sample_key};

    /// The columns of a row.
    type Values = Vec<Value<'static>>;

    impl Row for Values {
        fn text(&self, index: usize) -> Result<Option<&str>, Source> {
            match &self[index] {
                Value::Text(text) => Ok(text.as_deref()),
                Value::Int(None) | Value::Blob(None) => Ok(None),
                other => Err(format!("{other:?} is no text").into()),
            }
        }

        fn int(&self, index: usize) -> Result<Option<i64>, Source> {
            match &self[index] {
                Value::Int(number) => Ok(*number),
                Value::Text(None) | Value::Blob(None) => Ok(None),
                other => Err(format!("{other:?} is no number").into()),
            }
        }

        fn blob(&self, index: usize) -> Result<Option<&[u8]>, Source> {
            match &self[index] {
                Value::Blob(bytes) => Ok(bytes.as_deref()),
                Value::Text(None) | Value::Int(None) => Ok(None),
                other => Err(format!("{other:?} are no bytes").into()),
            }
        }
    }

    fn owned(values: &[Value<'_>]) -> Values {
        let text = |text: &std::borrow::Cow<'_, str>| text.clone().into_owned().into();
        let bytes = |bytes: &std::borrow::Cow<'_, [u8]>| bytes.clone().into_owned().into();
        let owned = |value: &Value<'_>| match value {
            Value::Text(value) => Value::Text(value.as_ref().map(text)),
            Value::Int(number) => Value::Int(*number),
            Value::Blob(value) => Value::Blob(value.as_ref().map(bytes)),
        };
        values.iter().map(owned).collect()
    }

    /// The row of a key as [`KEY_COLUMNS`] has it.
    fn row_of(key: &Key) -> Values {
        let mut row = owned(&key_values(key));
        let last_use = KEY_COLUMNS
            .split(", ")
            .position(|column| column == "u.at AS last_used_at");
        row.insert(last_use.unwrap(), Value::Int(Some(7)));
        assert_eq!(row.len(), WRITTEN_COLUMNS.len() + 1);
        row
    }

    /// What may stand in a column, and mostly must not.
    fn odd_values(value: &Value<'_>) -> Values {
        let mut odd = vec![
            Value::Text(None),
            Value::Int(Some(7)),
            Value::Int(Some(i64::MAX)),
            Value::Blob(Some(vec![7; 32].into())),
            Value::Blob(Some(vec![7; 31].into())),
        ];
        let mut texts = [
            "", " ", "x", "a b", "b a", "a a", "A", "full", "app", "\u{1}",
        ]
        .map(str::to_owned)
        .to_vec();
        if let Value::Text(Some(text)) = value {
            texts.extend([text.to_uppercase(), format!("{text} "), format!("{text}0")]);
        }
        odd.extend(texts.into_iter().map(|text| Value::Text(Some(text.into()))));
        odd
    }

    #[test]
    fn a_row_is_hashed_if_and_only_if_it_can_be_read_as_a_key() {
        let bound = |ids: &[&str]| {
            Access::Datasets(Datasets::new(ids.iter().map(|id| id.parse().unwrap())).unwrap())
        };
        let at = Timestamp::from_unix(2_000);
        let full = Key {
            name: Some("ci".parse().unwrap()),
            description: Some("a remark".parse().unwrap()),
            access: bound(&["a", "b"]),
            scopes: "read write".parse().unwrap(),
            expires_at: at,
            disabled_at: at,
            revoked_at: at,
            revoke_reason: Some("lost".parse().unwrap()),
            replaces: Some(sample_key().id),
            replaced_by: Some(sample_key().id),
            ..sample_key()
        };
        let keys = [
            full.clone(),
            sample_key(),
            Key {
                access: Access::AllDatasets,
                ..sample_key()
            },
            Key {
                access: Access::App("web".parse().unwrap()),
                ..full
            },
        ];
        let mut known = Known::default();
        for key in &keys {
            let row = row_of(key);
            assert_eq!(known.key(&row), Some(KeyMark::of(key)));
            for (column, value) in row.iter().enumerate() {
                for odd in odd_values(value) {
                    let mut other = row.clone();
                    other[column] = odd;
                    let read = rows::key(&other).ok().map(|key| KeyMark::of(&key));
                    assert_eq!(known.key(&other), read, "{column}: {other:?}");
                }
            }
        }
    }

    #[test]
    fn an_event_is_read_as_it_is_elsewhere() {
        let key = sample_key();
        let entry = |change: &Change| Entry {
            at: Timestamp::from_unix(1_000).unwrap(),
            actor: "alice".parse().unwrap(),
            action: change.action(),
            workspace: change.key().map(|key| key.workspace.clone()),
            key_id: change.key().map(|key| key.id.clone()),
            row_digest: change.row_digest(),
            detail: "{}".to_owned(),
        };
        let head = Head::of_new_store().unwrap();
        let mut known = Known::default();
        for change in [Change::StoreCreated, Change::Issued(key)] {
            let event = Event::next(&head, entry(&change));
            let row = owned(&event_values(&event));
            for (column, value) in row.iter().enumerate() {
                for odd in [vec![value.clone()], odd_values(value)].concat() {
                    let mut other = row.clone();
                    other[column] = odd;
                    let read = rows::event(&other).ok();
                    let (known, read) = (known.event(&other), read.as_ref().map(Event::as_row));
                    let said = |event: crate::domain::EventRow<'_>| format!("{event:?}");
                    assert_eq!(
                        known.as_ref().map(Read::as_row).map(said),
                        read.map(said),
                        "{column}: {other:?}"
                    );
                }
            }
        }
    }
}

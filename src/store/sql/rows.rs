//! Rows, and the keys and events they stand for.

use std::error::Error;
use std::str::FromStr;

use super::Row;
use crate::domain::{
    Access, Digest, Entry, Event, EventHash, Head, Key, Outline, Policy, RowDigest, Setting, Spelt,
    Standing, StoreError, StoreFault, Timestamp,
};

/// The columns that [`key`] reads, in their order, of `keys k LEFT JOIN
/// last_uses u`.
pub(in crate::store) const KEY_COLUMNS: &str = "\
     k.id, k.workspace, k.name, k.description, k.access, k.datasets, k.app, k.scopes, \
     k.digest, k.masked_token, k.created_at, k.created_by, k.expires_at, u.at AS last_used_at, \
     k.disabled_at, k.revoked_at, k.revoke_reason, k.replaces, k.replaced_by";

/// The columns that [`numbered_standing`] reads, in their order and before the number,
/// of the same.
pub(super) const STANDING_COLUMNS: &str = "\
     k.id, k.workspace, k.name, k.access, k.datasets, k.app, k.scopes, k.digest, \
     k.expires_at, u.at AS last_used_at, k.disabled_at, k.revoked_at";

/// The columns that [`outline`] reads, in their order, of the same.
pub(in crate::store) const OUTLINE_COLUMNS: &str = "\
     k.id, k.name, k.access, k.datasets, k.app, k.scopes, k.masked_token, k.created_at, \
     k.expires_at, u.at AS last_used_at, k.disabled_at, k.revoked_at, k.replaced_by";

/// The columns that [`event`] reads, in their order.
pub(super) const EVENT_COLUMNS: &str =
    "seq, at, actor, action, workspace, key_id, row_digest, detail, hash";

/// The key of a row.
///
/// # Errors
/// [`StoreFault::BadRow`] names what cannot be part of a key.
pub(super) fn key(row: &impl Row) -> Result<Key, StoreError> {
    read_key(&mut Reader::new(row, "key"))
}

/// The key of a row, and its number, which stands behind it.
///
/// # Errors
/// [`StoreFault::BadRow`] names what cannot be part of a key.
pub(super) fn numbered_key(row: &impl Row) -> Result<(i64, Key), StoreError> {
    let mut row = Reader::new(row, "key");
    let key = read_key(&mut row)?;
    Ok((row.int("seq")?, key))
}

fn read_key(row: &mut Reader<'_, impl Row>) -> Result<Key, StoreError> {
    Ok(Key {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        name: row.parsed_option("name")?,
        description: row.parsed_option("description")?,
        access: access(row)?,
        scopes: row.parsed("scopes")?,
        digest: Digest::from_bytes(row.bytes("digest")?),
        masked_token: row.parsed("masked_token")?,
        created_at: row.time("created_at")?,
        created_by: row.parsed("created_by")?,
        expires_at: row.time_option("expires_at")?,
        last_used_at: row.time_option("last_used_at")?,
        disabled_at: row.time_option("disabled_at")?,
        revoked_at: row.time_option("revoked_at")?,
        revoke_reason: row.parsed_option("revoke_reason")?,
        replaces: row.parsed_option("replaces")?,
        replaced_by: row.parsed_option("replaced_by")?,
    })
}

/// How the key of a row stands, and its number, which stands behind it.
///
/// # Errors
/// [`StoreFault::BadRow`] names what cannot be part of a key.
pub(super) fn numbered_standing(row: &impl Row) -> Result<(i64, Standing), StoreError> {
    let mut row = Reader::new(row, "key");
    let standing = Standing {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        name: row.parsed_option("name")?,
        access: access(&mut row)?,
        scopes: row.parsed("scopes")?,
        digest: Digest::from_bytes(row.bytes("digest")?),
        expires_at: row.time_option("expires_at")?,
        last_used_at: row.time_option("last_used_at")?,
        disabled_at: row.time_option("disabled_at")?,
        revoked_at: row.time_option("revoked_at")?,
    };
    Ok((row.int("seq")?, standing))
}

/// A key in outline, of its row.
///
/// # Errors
/// [`StoreFault::BadRow`] names what cannot be part of a key.
pub(super) fn outline(row: &impl Row) -> Result<Outline, StoreError> {
    let mut row = Reader::new(row, "key");
    Ok(Outline {
        id: row.parsed("id")?,
        name: row.parsed_option("name")?,
        access: access(&mut row)?,
        scopes: row.parsed("scopes")?,
        masked_token: row.parsed("masked_token")?,
        created_at: row.time("created_at")?,
        expires_at: row.time_option("expires_at")?,
        last_used_at: row.time_option("last_used_at")?,
        disabled_at: row.time_option("disabled_at")?,
        revoked_at: row.time_option("revoked_at")?,
        replaced_by: row.parsed_option("replaced_by")?,
    })
}

fn access(row: &mut Reader<'_, impl Row>) -> Result<Access, StoreError> {
    let word = row.text("access")?;
    let bound = row.text_option("dataset")?;
    let app = row.parsed_option("app")?;
    match (word, bound, app) {
        ("datasets", Some(ids), None) => row.canonical("dataset", ids).map(Access::Datasets),
        // Bound to datasets and none is named: not a key that reaches all.
        ("datasets", None, None) => Err(row.bad("dataset")),
        ("all_datasets", None, None) => Ok(Access::AllDatasets),
        ("app", None, Some(id)) => Ok(Access::App(id)),
        _ => Err(row.bad("access")),
    }
}

/// The event of a row.
///
/// # Errors
/// [`StoreFault::BadRow`] names what cannot be part of an event.
pub(super) fn event(row: &impl Row) -> Result<Event, StoreError> {
    let mut row = Reader::new(row, "event");
    let seq = row.int("seq")?;
    let entry = Entry {
        at: row.time("at")?,
        actor: row.parsed("actor")?,
        action: row.parsed("action")?,
        workspace: row.parsed_option("workspace")?,
        key_id: row.parsed_option("key_id")?,
        row_digest: row.bytes_option("row_digest")?.map(RowDigest::from_bytes),
        detail: row.text("detail")?.to_owned(),
    };
    Ok(Event {
        seq,
        entry,
        hash: EventHash::from_bytes(row.bytes("hash")?),
    })
}

/// How many rows there are, of the answer to that.
///
/// # Errors
/// [`StoreFault::BadRow`] if it is no number.
pub(super) fn count(row: &impl Row) -> Result<u64, StoreError> {
    let count = Reader::new(row, "key").int("count")?;
    // count(*) is never negative.
    Ok(count.unsigned_abs())
}

/// The number of a key, of the answer to that.
///
/// # Errors
/// [`StoreFault::BadRow`] if it is none.
pub(super) fn seq(row: &impl Row) -> Result<i64, StoreError> {
    Reader::new(row, "key").int("seq")
}

/// The end of the log, of its row.
///
/// # Errors
/// [`StoreFault::BadRow`] names what cannot be part of it.
pub(super) fn head(row: &impl Row) -> Result<Head, StoreError> {
    let mut row = Reader::new(row, "head");
    Ok(Head {
        store_id: row.text("store_id")?.to_owned(),
        seq: row.int("seq")?,
        hash: row.bytes_option("hash")?.map(EventHash::from_bytes),
    })
}

/// The policy with the setting of this row.
///
/// # Errors
/// [`StoreFault::BadRow`] names what cannot be part of a policy.
pub(super) fn policy_with(policy: &Policy, row: &impl Row) -> Result<Policy, StoreError> {
    let mut row = Reader::new(row, "policy");
    let setting: Setting = row
        .text("setting")?
        .parse()
        .map_err(|error| row.caused("setting", error))?;
    let value = row.text("value")?;
    let choice = setting
        .choose(value)
        .map_err(|error| row.caused("value", error))?;
    let changed = policy.with(choice);
    // In its own form, and not what holds without a row.
    if changed.value(setting) == value && changed != *policy {
        Ok(changed)
    } else {
        Err(row.bad("value"))
    }
}

/// Reads the columns of a row one after the other: by their place, since
/// looking each name up was a third of the instructions of a long list. The
/// names are for errors.
struct Reader<'a, R> {
    row: &'a R,
    table: &'static str,
    next: usize,
}

impl<'a, R: Row> Reader<'a, R> {
    fn new(row: &'a R, table: &'static str) -> Reader<'a, R> {
        Reader {
            row,
            table,
            next: 0,
        }
    }

    /// The place of the column that is read next.
    fn advance(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    fn text(&mut self, column: &'static str) -> Result<&'a str, StoreError> {
        self.text_option(column)?.ok_or_else(|| self.bad(column))
    }

    fn text_option(&mut self, column: &'static str) -> Result<Option<&'a str>, StoreError> {
        let index = self.advance();
        let text = self.row.text(index);
        text.map_err(|error| self.caused(column, error))
    }

    fn int(&mut self, column: &'static str) -> Result<i64, StoreError> {
        self.int_option(column)?.ok_or_else(|| self.bad(column))
    }

    fn int_option(&mut self, column: &'static str) -> Result<Option<i64>, StoreError> {
        let index = self.advance();
        let number = self.row.int(index);
        number.map_err(|error| self.caused(column, error))
    }

    fn bytes(&mut self, column: &'static str) -> Result<[u8; 32], StoreError> {
        self.bytes_option(column)?.ok_or_else(|| self.bad(column))
    }

    fn bytes_option(&mut self, column: &'static str) -> Result<Option<[u8; 32]>, StoreError> {
        let index = self.advance();
        let bytes = self.row.blob(index);
        bytes
            .map_err(|error| self.caused(column, error))?
            .map(|bytes| bytes.try_into().map_err(|error| self.caused(column, error)))
            .transpose()
    }

    fn parsed<T>(&mut self, column: &'static str) -> Result<T, StoreError>
    where
        T: FromStr<Err: Error + Send + Sync + 'static> + Spelt,
    {
        self.parsed_option(column)?.ok_or_else(|| self.bad(column))
    }

    fn parsed_option<T>(&mut self, column: &'static str) -> Result<Option<T>, StoreError>
    where
        T: FromStr<Err: Error + Send + Sync + 'static> + Spelt,
    {
        self.text_option(column)?
            .map(|text| self.canonical(column, text))
            .transpose()
    }

    /// The value of a text, which must stand in its own form: SQL compares texts,
    /// and would not find what is written otherwise.
    fn canonical<T>(&self, column: &'static str, text: &str) -> Result<T, StoreError>
    where
        T: FromStr<Err: Error + Send + Sync + 'static> + Spelt,
    {
        let value: T = text.parse().map_err(|error| self.caused(column, error))?;
        if value.is_spelt(text) {
            Ok(value)
        } else {
            Err(self.bad(column))
        }
    }

    fn time(&mut self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.time_option(column)?.ok_or_else(|| self.bad(column))
    }

    fn time_option(&mut self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        self.int_option(column)?
            .map(|seconds| Timestamp::from_unix(seconds).ok_or_else(|| self.bad(column)))
            .transpose()
    }

    fn bad(&self, column: &'static str) -> StoreError {
        StoreError::new(self.fault(column))
    }

    fn caused(
        &self,
        column: &'static str,
        error: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::caused(self.fault(column), error)
    }

    /// The first column says which row it is.
    fn fault(&self, column: &'static str) -> StoreFault {
        let id = match (self.row.text(0), self.row.int(0)) {
            (Ok(Some(text)), _) => text.to_owned(),
            (_, Ok(Some(number))) => number.to_string(),
            _ => "?".to_owned(),
        };
        StoreFault::BadRow {
            table: self.table,
            id,
            column,
        }
    }
}

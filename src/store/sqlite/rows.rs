//! Rows of SQLite, and the keys and events they stand for.

use std::error::Error;
use std::fmt::{self, Display, Write as _};
use std::str::FromStr;

use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Row, ToSql};

use crate::domain::{
    Access, Datasets, Digest, Entry, Event, EventHash, Head, Key, Policy, RowDigest, Setting,
    StoreError, StoreFault, Timestamp,
};

/// The columns that [`key`] reads, in their order, of `keys k LEFT JOIN
/// last_uses u`. A blank within a dataset's id would pass for two ids; with a
/// sign that no id has, it passes for none.
pub(super) const KEY_COLUMNS: &str = "
    k.id, k.workspace, k.name, k.description, k.access,
    (SELECT group_concat(replace(d.dataset, ' ', '?'), ' ')
     FROM key_datasets d WHERE d.key_id = k.id) AS datasets,
    k.app, k.scopes, k.digest, k.masked_token, k.created_at, k.created_by, k.expires_at,
    u.at AS last_used_at, k.disabled_at, k.revoked_at, k.revoke_reason, k.replaces, k.replaced_by";

/// The columns that [`event`] reads, in their order.
pub(super) const EVENT_COLUMNS: &str =
    "seq, at, actor, action, workspace, key_id, row_digest, detail, hash";

/// The key of a row.
///
/// # Errors
/// [`StoreFault::BadRow`] names what cannot be part of a key.
pub(super) fn key(row: &Row<'_>) -> Result<Key, StoreError> {
    let mut row = Reader::new(row, "key");
    Ok(Key {
        id: row.parsed("id")?,
        workspace: row.parsed("workspace")?,
        name: row.parsed_option("name")?,
        description: row.parsed_option("description")?,
        access: access(&mut row)?,
        scopes: row.parsed("scopes")?,
        digest: Digest::from_bytes(row.value("digest")?),
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

fn access(row: &mut Reader<'_>) -> Result<Access, StoreError> {
    let word: String = row.value("access")?;
    let datasets: Option<String> = row.value("dataset")?;
    let app = row.parsed_option("app")?;
    match (word.as_str(), datasets, app) {
        ("datasets", Some(ids), None) => {
            let ids = ids
                .split(' ')
                .map(|id| row.canonical("dataset", id))
                .collect::<Result<Vec<_>, _>>()?;
            Datasets::new(ids)
                .map(Access::Datasets)
                .ok_or_else(|| row.bad("dataset"))
        }
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
pub(super) fn event(row: &Row<'_>) -> Result<Event, StoreError> {
    let mut row = Reader::new(row, "event");
    let seq = row.value("seq")?;
    let entry = Entry {
        at: row.time("at")?,
        actor: row.parsed("actor")?,
        action: row.parsed("action")?,
        workspace: row.parsed_option("workspace")?,
        key_id: row.parsed_option("key_id")?,
        row_digest: row
            .value::<Option<_>>("row_digest")?
            .map(RowDigest::from_bytes),
        detail: row.value("detail")?,
    };
    Ok(Event {
        seq,
        entry,
        hash: EventHash::from_bytes(row.value("hash")?),
    })
}

/// The end of the log, of its row.
///
/// # Errors
/// [`StoreFault::BadRow`] names what cannot be part of it.
pub(super) fn head(row: &Row<'_>) -> Result<Head, StoreError> {
    let mut row = Reader::new(row, "head");
    Ok(Head {
        store_id: row.value("store_id")?,
        seq: row.value("seq")?,
        hash: row.value::<Option<_>>("hash")?.map(EventHash::from_bytes),
    })
}

/// The policy with the setting of this row.
///
/// # Errors
/// [`StoreFault::BadRow`] names what cannot be part of a policy.
pub(super) fn policy_with(policy: &Policy, row: &Row<'_>) -> Result<Policy, StoreError> {
    let mut row = Reader::new(row, "policy");
    let setting: String = row.value("setting")?;
    let setting: Setting = setting
        .parse()
        .map_err(|error| row.caused("setting", error))?;
    let value: String = row.value("value")?;
    let choice = setting
        .choose(&value)
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
struct Reader<'a> {
    row: &'a Row<'a>,
    table: &'static str,
    next: usize,
}

impl<'a> Reader<'a> {
    fn new(row: &'a Row<'a>, table: &'static str) -> Reader<'a> {
        Reader {
            row,
            table,
            next: 0,
        }
    }

    fn value<T: FromSql>(&mut self, column: &'static str) -> Result<T, StoreError> {
        let value = self.row.get(self.next);
        self.next += 1;
        value.map_err(|error| self.caused(column, error))
    }

    fn parsed<T>(&mut self, column: &'static str) -> Result<T, StoreError>
    where
        T: FromStr<Err: Error + Send + Sync + 'static> + Display,
    {
        self.parsed_option(column)?.ok_or_else(|| self.bad(column))
    }

    fn parsed_option<T>(&mut self, column: &'static str) -> Result<Option<T>, StoreError>
    where
        T: FromStr<Err: Error + Send + Sync + 'static> + Display,
    {
        let value = self.row.get_ref(self.next);
        self.next += 1;
        value
            .map_err(|error| self.caused(column, error))?
            .as_str_or_null()
            .map_err(|error| self.caused(column, error))?
            .map(|text| self.canonical(column, text))
            .transpose()
    }

    /// The value of a text, which must stand in its own form: SQL compares texts,
    /// and would not find what is written otherwise.
    fn canonical<T>(&self, column: &'static str, text: &str) -> Result<T, StoreError>
    where
        T: FromStr<Err: Error + Send + Sync + 'static> + Display,
    {
        let value: T = text.parse().map_err(|error| self.caused(column, error))?;
        if shows_as(&value, text) {
            Ok(value)
        } else {
            Err(self.bad(column))
        }
    }

    fn time(&mut self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.time_option(column)?.ok_or_else(|| self.bad(column))
    }

    fn time_option(&mut self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        self.value::<Option<i64>>(column)?
            .map(|seconds| Timestamp::from_unix(seconds).ok_or_else(|| self.bad(column)))
            .transpose()
    }

    fn bad(&self, column: &'static str) -> StoreError {
        StoreError::new(self.fault(column))
    }

    fn caused(
        &self,
        column: &'static str,
        error: impl Error + Send + Sync + 'static,
    ) -> StoreError {
        StoreError::caused(self.fault(column), error)
    }

    /// The first column says which row it is.
    fn fault(&self, column: &'static str) -> StoreFault {
        let id = match self.row.get_ref(0) {
            Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            Ok(ValueRef::Integer(number)) => number.to_string(),
            _ => "?".to_owned(),
        };
        StoreFault::BadRow {
            table: self.table,
            id,
            column,
        }
    }
}

/// Whether a value is shown as exactly this text.
fn shows_as(value: &impl Display, text: &str) -> bool {
    struct Rest<'a>(&'a str);
    impl fmt::Write for Rest<'_> {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let mut rest = Rest(text);
    write!(rest, "{value}").is_ok() && rest.0.is_empty()
}

/// The columns of `keys` that are written, in the order of [`key_values`].
pub(super) const WRITTEN_COLUMNS: [&str; 17] = [
    "id",
    "workspace",
    "name",
    "description",
    "access",
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
pub(super) fn key_values(key: &Key) -> [Box<dyn ToSql + '_>; 17] {
    fn text<'a, T: Display>(value: Option<&'a T>) -> Box<dyn ToSql + 'a> {
        Box::new(value.map(ToString::to_string))
    }
    fn time<'a>(at: Option<Timestamp>) -> Box<dyn ToSql + 'a> {
        Box::new(at.map(Timestamp::as_unix))
    }
    let (access, app) = match &key.access {
        Access::Datasets(_) => ("datasets", None),
        Access::AllDatasets => ("all_datasets", None),
        Access::App(id) => ("app", Some(id)),
    };
    [
        Box::new(key.id.as_str()),
        Box::new(key.workspace.as_str()),
        text(key.name.as_ref()),
        text(key.description.as_ref()),
        Box::new(access),
        text(app),
        Box::new(key.scopes.to_string()),
        Box::new(*key.digest.as_bytes()),
        Box::new(key.masked_token.as_str()),
        time(Some(key.created_at)),
        Box::new(key.created_by.as_str()),
        time(key.expires_at),
        time(key.disabled_at),
        time(key.revoked_at),
        text(key.revoke_reason.as_ref()),
        text(key.replaces.as_ref()),
        text(key.replaced_by.as_ref()),
    ]
}

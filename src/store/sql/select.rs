//! Questions as SQL: what to select, and in what order. Values are bound, never
//! written into the text.

use super::Value;
use super::rows::{EVENT_COLUMNS, KEY_COLUMNS};
use crate::store::{EventFilter, Filter, Order, Page, Reach};

/// What the columns of keys are read from.
pub(super) const FROM_KEYS: &str = "FROM keys k LEFT JOIN last_uses u ON u.seq = k.seq";

pub(in crate::store) fn select_one_key(condition: &str) -> String {
    // The index leads to the row, and nothing is read from it: what an index
    // says of a key can be older than the key.
    format!(
        "SELECT {KEY_COLUMNS} {FROM_KEYS}
         WHERE k.seq = (SELECT seq FROM keys WHERE {condition})"
    )
}

/// The conditions of a question, and the values that they are given.
#[derive(Default)]
struct Conditions<'a> {
    conditions: Vec<String>,
    values: Vec<Value<'a>>,
}

impl<'a> Conditions<'a> {
    /// Adds a condition on a value, which stands where it says `{}`.
    fn fit(&mut self, condition: &str, value: impl Into<Value<'a>>) {
        self.values.push(value.into());
        let place = format!("${}", self.values.len());
        self.conditions.push(condition.replace("{}", &place));
    }

    fn filter(&self) -> String {
        if self.conditions.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", self.conditions.join(" AND "))
        }
    }
}

pub(super) fn select_events(filter: &EventFilter) -> (String, Vec<Value<'_>>) {
    let mut fitting = Conditions::default();
    if let Some(workspace) = &filter.workspace {
        fitting.fit("workspace = {}", workspace.as_str());
    }
    if let Some(id) = &filter.key_id {
        fitting.fit("key_id = {}", id.as_str());
    }
    if let Some(actor) = &filter.actor {
        fitting.fit("actor = {}", actor.as_str());
    }
    if let Some(action) = filter.action {
        fitting.fit("action = {}", action.as_str());
    }
    if let Some(at) = filter.since {
        fitting.fit("at >= {}", at.as_unix());
    }
    let sql = format!(
        "SELECT {EVENT_COLUMNS} FROM events {} ORDER BY seq",
        fitting.filter()
    );
    (sql, fitting.values)
}

/// By which index few keys are found, if few are asked for.
///
/// SQLite has no statistics of a store, and then rather reads a whole workspace in
/// the order that is wanted than sort the keys of one name. By what stands in an
/// expression, it cannot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Narrow {
    No,
    /// One that begins with the workspace.
    ByWorkspaceAnd,
    /// The one of their ids, or of their numbers.
    ByIdentity,
}

impl Narrow {
    fn of(filter: &Filter) -> Narrow {
        match (&filter.name, &filter.id_prefix, &filter.reach) {
            (Some(_), _, _) | (_, _, Reach::App(_)) => Narrow::ByWorkspaceAnd,
            (_, Some(_), _) | (_, _, Reach::BoundTo(_)) => Narrow::ByIdentity,
            (None, None, Reach::Anything | Reach::Dataset(_)) => Narrow::No,
        }
    }
}

/// The question for these columns of the keys that fit, in the order of `page`.
pub(in crate::store) fn select_keys<'a>(
    columns: &str,
    filter: &'a Filter,
    page: &'a Page,
) -> (String, Vec<Value<'a>>) {
    let mut fitting = Conditions::default();
    let narrow = Narrow::of(filter);
    if let Some(workspace) = &filter.workspace {
        let condition = match narrow {
            Narrow::ByIdentity => "k.workspace || '' = {}",
            Narrow::No | Narrow::ByWorkspaceAnd => "k.workspace = {}",
        };
        fitting.fit(condition, workspace.as_str());
    }
    if let Some(name) = &filter.name {
        fitting.fit("k.name = {}", name.as_str());
    }
    if let Some(prefix) = &filter.id_prefix {
        // '~' is above every character of an id.
        fitting.fit("k.id >= {} AND k.id < {} || '~'", prefix.as_str());
    }
    match &filter.reach {
        Reach::Anything => {}
        Reach::Dataset(id) => fitting.fit(
            "(k.access = 'all_datasets'
              OR k.seq IN (SELECT seq FROM key_datasets WHERE dataset = {}))",
            id.as_str(),
        ),
        Reach::BoundTo(id) => fitting.fit(
            "k.seq IN (SELECT seq FROM key_datasets WHERE dataset = {})",
            id.as_str(),
        ),
        Reach::App(id) => fitting.fit("k.app = {}", id.as_str()),
    }
    // Nothing is null here, so that rows can be compared with a cursor.
    let by = match page.order {
        Order::CreatedAt if narrow != Narrow::No => "k.created_at + 0",
        Order::CreatedAt => "k.created_at",
        Order::ExpiresAt => "coalesce(k.expires_at, 9223372036854775807)",
        Order::LastUsedAt => "coalesce(u.at, -1)",
        // '~' is above every character of a name.
        Order::Name => "coalesce(k.name, '~')",
        Order::Id => "k.id",
    };
    let (direction, beyond) = if page.descending {
        ("DESC", "<")
    } else {
        ("ASC", ">")
    };
    if let Some(after) = &page.after {
        let from = format!("(SELECT {by}, k.seq {FROM_KEYS} WHERE k.id = {{}})");
        fitting.fit(&format!("({by}, k.seq) {beyond} {from}"), after.as_str());
    }
    let sql = format!(
        "SELECT {columns} {FROM_KEYS} {} ORDER BY {by} {direction}, k.seq {direction}",
        fitting.filter()
    );
    (sql, fitting.values)
}

/// The question for the keys, and their numbers, that are no number up to `$1`.
pub(super) fn select_keys_beyond() -> String {
    format!(
        "SELECT {KEY_COLUMNS}, k.seq {FROM_KEYS}
         WHERE k.seq < 1 OR k.seq > $1 ORDER BY k.seq"
    )
}

/// The question for every key and its number, in the order of their issue.
pub(super) fn select_every_key() -> String {
    format!("SELECT {KEY_COLUMNS}, k.seq {FROM_KEYS} ORDER BY k.seq")
}

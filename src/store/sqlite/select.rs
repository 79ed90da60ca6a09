//! Questions as SQL: what to select, and in what order. Values are bound, never
//! written into the text.

use rusqlite::types::Value;

use super::super::{EventFilter, Filter, Order, Page, Reach};
use super::rows::{EVENT_COLUMNS, KEY_COLUMNS};

/// What the columns of keys are read from.
pub(super) const FROM_KEYS: &str = "FROM keys k LEFT JOIN last_uses u ON u.key_id = k.id";

pub(super) fn select_one_key(condition: &str) -> String {
    // The index leads to the row, and nothing is read from it: what an index
    // says of a key can be older than the key.
    format!(
        "SELECT {KEY_COLUMNS} {FROM_KEYS}
         WHERE k.seq = (SELECT seq FROM keys WHERE {condition})"
    )
}

pub(super) fn select_events(filter: &EventFilter) -> (String, Vec<Value>) {
    let text = |column, value: &str| (format!("{column} = ?"), Value::from(value.to_owned()));
    let conditions = [
        filter
            .workspace
            .as_ref()
            .map(|workspace| text("workspace", workspace.as_str())),
        filter.key_id.as_ref().map(|id| text("key_id", id.as_str())),
        filter
            .actor
            .as_ref()
            .map(|actor| text("actor", actor.as_str())),
        filter.action.map(|action| text("action", action.as_str())),
        filter
            .since
            .map(|at| ("at >= ?".to_owned(), Value::from(at.as_unix()))),
    ];
    let (conditions, values): (Vec<String>, Vec<Value>) = conditions.into_iter().flatten().unzip();
    let sql = format!(
        "SELECT {EVENT_COLUMNS} FROM events {} ORDER BY seq",
        where_all(&conditions)
    );
    (sql, values)
}

fn where_all(conditions: &[String]) -> String {
    if conditions.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", conditions.join(" AND "))
    }
}

pub(super) fn select_keys(filter: &Filter, page: &Page) -> (String, Vec<Value>) {
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    let mut fit = |condition: &'static str, value: &str| {
        conditions.push(condition);
        values.push(Value::from(value.to_owned()));
    };
    if let Some(workspace) = &filter.workspace {
        fit("k.workspace = ?", workspace.as_str());
    }
    if let Some(name) = &filter.name {
        fit("k.name = ?", name.as_str());
    }
    if let Some(prefix) = &filter.id_prefix {
        fit("k.id >= ?", prefix);
        // '~' is above every character of an id.
        fit("k.id < ? || '~'", prefix);
    }
    match &filter.reach {
        Reach::Anything => {}
        Reach::Dataset(id) => fit(
            "(k.access = 'all_datasets'
              OR k.id IN (SELECT key_id FROM key_datasets WHERE dataset = ?))",
            id.as_str(),
        ),
        Reach::BoundTo(id) => fit(
            "k.id IN (SELECT key_id FROM key_datasets WHERE dataset = ?)",
            id.as_str(),
        ),
        Reach::App(id) => fit("k.app = ?", id.as_str()),
    }
    // Nothing is null here, so that rows can be compared with a cursor.
    let by = match page.order {
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
    let mut conditions: Vec<String> = conditions.into_iter().map(str::to_owned).collect();
    if let Some(after) = &page.after {
        conditions.push(format!(
            "({by}, k.seq) {beyond} (SELECT {by}, k.seq {FROM_KEYS} WHERE k.id = ?)"
        ));
        values.push(Value::from(after.as_str().to_owned()));
    }
    let filter = where_all(&conditions);
    let sql = format!(
        "SELECT {KEY_COLUMNS} {FROM_KEYS} {filter} ORDER BY {by} {direction}, k.seq {direction}"
    );
    (sql, values)
}

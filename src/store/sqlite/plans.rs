//! How SQLite goes about questions: what is asked of few keys must not read all.

use rusqlite::{Connection, params_from_iter};

use super::setup::tables_in_memory;
use crate::store::sql::{KEY_COLUMNS, OUTLINE_COLUMNS, select_keys};
use crate::store::{Filter, Order, Page, Reach};

#[test]
fn few_keys_are_found_by_an_index_of_what_they_have_in_common() {
    let store = tables_in_memory().unwrap();
    let all = Filter {
        workspace: Some("default".parse().unwrap()),
        ..Filter::default()
    };
    let id = || "x".parse().unwrap();
    let reaching = |reach| Filter {
        reach,
        ..all.clone()
    };
    let cases = [
        (all.clone(), "keys_by_creation (workspace=?)"),
        (
            Filter {
                name: Some("ci".parse().unwrap()),
                ..all.clone()
            },
            "keys_by_name (workspace=? AND name=?)",
        ),
        (
            Filter {
                id_prefix: Some("key_7h2k".to_owned()),
                ..all.clone()
            },
            "keys_by_id (id>? AND id<?)",
        ),
        (
            reaching(Reach::BoundTo(id())),
            "INTEGER PRIMARY KEY (rowid=?)",
        ),
        (
            reaching(Reach::App(id())),
            "keys_by_app (workspace=? AND app=?)",
        ),
    ];
    for (filter, expected) in cases {
        for order in [Order::CreatedAt, Order::ExpiresAt, Order::LastUsedAt] {
            let page = Page {
                order,
                ..Page::default()
            };
            for columns in [KEY_COLUMNS, OUTLINE_COLUMNS] {
                let (sql, values) = select_keys(columns, &filter, &page);
                let plan = plan(&store, &sql, values.len());
                assert!(plan.contains(expected), "{filter:?}\n{plan}");
            }
        }
    }
}

fn plan(store: &Connection, sql: &str, value_count: usize) -> String {
    let mut statement = store.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let values = params_from_iter(std::iter::repeat_n("", value_count));
    let steps = statement.query_map(values, |row| row.get::<_, String>(3));
    let steps: Result<Vec<_>, _> = steps.unwrap().collect();
    steps.unwrap().join("\n")
}

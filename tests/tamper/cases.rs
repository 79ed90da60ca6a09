//! Rows that are altered behind keyctl's back: whatever is changed, an audit finds
//! it.

use keyctl::domain::Discrepancy;

use super::history::{Found, UUID};
use super::original::{Original, TRIED_ROWS};

/// The tables an audit answers for, and what tells their rows apart. The times
/// of last use are left out: they are best effort, and not in the log.
const TABLES: [(&str, &str); 5] = [
    ("keys", "seq"),
    ("key_datasets", "dataset || seq"),
    ("events", "seq"),
    ("policy", "setting"),
    ("head", "one"),
];

/// Other values for one, in SQL: of other types, of its own type, and those that
/// other rows have, which are as well-formed as can be.
fn others(original: &Original, table: &str, column: &str, value: &str) -> Vec<String> {
    let mut others = ["NULL", "0", "7", "''", "'x'"].map(str::to_owned).to_vec();
    others.push(original.bytes(&[7; 32]));
    for changed in ["+ 1", "- 1", "|| '0'"] {
        others.push(format!("({column} {changed})"));
    }
    others.push(format!("upper({column})"));
    others.extend(with_a_digit_changed(value));
    others.extend(original.literals(table, column, "1 = 1"));
    others
}

/// Of 32 bytes, which are written in hexadecimal digits, others.
fn with_a_digit_changed(value: &str) -> Option<String> {
    let digits = value.len().checked_sub(65)?;
    let other = match value.as_bytes()[digits] {
        b'0' => "1",
        _ => "0",
    };
    let mut value = value.to_owned();
    value.replace_range(digits..=digits, other);
    Some(value)
}

#[test]
fn every_column_of_every_row_counts() {
    let original = Original::new();
    let mut columns_seen = 0;
    for (table, key) in TABLES {
        let rows = original.texts(&format!("SELECT CAST({key} AS TEXT) FROM {table}"));
        assert!(!rows.is_empty(), "{table} has rows");
        for column in original.columns(table) {
            let mut changes = 0;
            for row in rows.iter().take(TRIED_ROWS) {
                let is_row = format!("CAST({key} AS TEXT) = '{row}'");
                let value = original.literals(table, &column, &is_row).remove(0);
                for other in others(&original, table, &column, &value) {
                    let sql = format!(
                        "UPDATE {table} SET {column} = {other}
                         WHERE {is_row} AND {column} IS DISTINCT FROM {other}"
                    );
                    if let Some(found) = original.altered(&sql) {
                        changes += 1;
                        assert_ne!(
                            found,
                            Found::Nothing,
                            "{table} {row}: {column} from {value} to {other}"
                        );
                    }
                }
            }
            // Where there is one row for ever, a table may hold on to its number; and
            // what a key reaches stands in two columns, which may hold each other.
            let is_fixed =
                [("head", "one"), ("keys", "access")].contains(&(table, column.as_str()));
            assert!(changes > 0 || is_fixed, "{table}.{column} could be altered");
            columns_seen += 1;
        }
    }
    assert_eq!(columns_seen, 19 + 2 + 9 + 2 + 4, "no column is left out");
}

#[test]
fn every_event_removed_swapped_or_repeated_is_found() {
    let original = Original::new();
    let last = original.events;
    let columns = "at, actor, action, workspace, key_id, row_digest, detail, hash";
    for seq in 1..=last {
        let removed = format!("DELETE FROM events WHERE seq = {seq}");
        // Removed, and the gap closed, and the head put right.
        let closed = format!(
            "{removed};
             UPDATE events SET seq = -seq WHERE seq > {seq};
             UPDATE events SET seq = -seq - 1 WHERE seq < 0;
             UPDATE head SET seq = seq - 1, hash = coalesce(
                 (SELECT hash FROM events ORDER BY seq DESC LIMIT 1), hash);"
        );
        let next = if seq == last { 1 } else { seq + 1 };
        let swapped = format!(
            "UPDATE events SET seq = 0 WHERE seq = {seq};
             UPDATE events SET seq = {seq} WHERE seq = {next};
             UPDATE events SET seq = {next} WHERE seq = 0;"
        );
        // Behind the last one, and in its own place with all others moved on.
        let appended = format!(
            "INSERT INTO events SELECT {last} + 1, {columns} FROM events WHERE seq = {seq}"
        );
        let appended_with_head = format!(
            "{appended};
             UPDATE head SET seq = {last} + 1, hash = (SELECT hash FROM events WHERE seq = {seq})"
        );
        let repeated = format!(
            "UPDATE events SET seq = -seq WHERE seq > {seq};
             UPDATE events SET seq = -seq + 1 WHERE seq < 0;
             INSERT INTO events SELECT {seq} + 1, {columns} FROM events WHERE seq = {seq};
             UPDATE head SET seq = seq + 1;"
        );
        for sql in [
            removed,
            closed,
            swapped,
            appended,
            appended_with_head,
            repeated,
        ] {
            // The last event closed up is the tail cut off: only rows tell.
            let found = original.altered(&sql);
            assert_ne!(found, None, "{sql}");
            assert_ne!(found, Some(Found::Nothing), "event {seq}: {sql}");
        }
    }
}

#[test]
fn every_revocation_undone_is_named() {
    let original = Original::new();
    let revoked = original.texts("SELECT id FROM keys WHERE revoked_at IS NOT NULL");
    assert_eq!(revoked.len(), 2);
    let disabled = original.texts("SELECT id FROM keys WHERE disabled_at IS NOT NULL");
    assert_eq!(disabled.len(), 1);
    for id in revoked.iter().chain(&disabled) {
        let found = original.altered(&format!(
            "UPDATE keys SET revoked_at = NULL, revoke_reason = NULL, replaced_by = NULL,
                    disabled_at = NULL WHERE id = '{id}'"
        ));
        match found {
            Some(Found::Difference(Discrepancy::RowAltered { id: named, .. })) => {
                assert_eq!(named.as_str(), id);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn rows_that_come_and_go_are_named() {
    let original = Original::new();
    let ids = original.texts("SELECT id FROM keys ORDER BY seq");
    let columns = original.columns("keys");
    let digest = |byte: u8| original.bytes(&[byte; 32]);
    for id in &ids {
        let gone = original.altered(&format!("DELETE FROM keys WHERE id = '{id}'"));
        assert!(
            matches!(&gone, Some(Found::Difference(Discrepancy::RowMissing { id: named, .. }))
                     if named.as_str() == id),
            "{gone:?}"
        );
        // A key of an attacker's own, otherwise like this one.
        let stranger = "key_0000000000000000";
        let copied = columns.iter().map(|column| match column.as_str() {
            "seq" => "1000".to_owned(),
            "id" => format!("'{stranger}'"),
            "digest" => digest(1),
            other => other.to_owned(),
        });
        let copied = copied.collect::<Vec<_>>().join(", ");
        let added = original.altered(&format!(
            "INSERT INTO keys SELECT {copied} FROM keys WHERE id = '{id}';
             INSERT INTO key_datasets
                 SELECT d.dataset, 1000 FROM key_datasets d JOIN keys k ON k.seq = d.seq
                 WHERE k.id = '{id}';"
        ));
        assert!(
            matches!(&added, Some(Found::Difference(Discrepancy::RowUnknown { id: named }))
                     if named.as_str() == stranger),
            "{added:?}"
        );
    }
    // Two keys that take each other's token.
    let of = |id: &str| {
        let which = format!("id = '{id}'");
        original.literals("keys", "digest", &which).remove(0)
    };
    let swapped = original.altered(&format!(
        "UPDATE keys SET digest = {2} WHERE id = '{0}';
         UPDATE keys SET digest = {3} WHERE id = '{1}';
         UPDATE keys SET digest = {4} WHERE id = '{0}';",
        ids[0],
        ids[1],
        digest(1),
        of(&ids[0]),
        of(&ids[1]),
    ));
    assert!(matches!(
        swapped,
        Some(Found::Difference(Discrepancy::RowAltered { .. }))
    ));
    // A binding for a key that is open to all datasets, or is an app's.
    for id in original.texts("SELECT id FROM keys WHERE access <> 'datasets'") {
        let bound = original.altered(&format!(
            "INSERT INTO key_datasets (dataset, seq) SELECT 'a', seq FROM keys WHERE id = '{id}'"
        ));
        assert!(matches!(bound, Some(Found::BadRow(_))), "{bound:?}");
        let named = original.altered(&format!("UPDATE keys SET datasets = 'a' WHERE id = '{id}'"));
        let is_found = match &named {
            Some(Found::BadRow(row)) => row.contains(&id),
            // Where the database does not let itself be altered so.
            found => found.is_none(),
        };
        assert!(is_found, "{named:?}");
    }
}

#[test]
fn a_key_that_reaches_more_or_less_is_named() {
    let original = Original::new();
    let of_one = "(SELECT min(seq) FROM keys WHERE datasets = 'a')";
    let bind =
        |dataset| format!("INSERT INTO key_datasets (dataset, seq) VALUES ('{dataset}', {of_one})");
    let unbind = format!("DELETE FROM key_datasets WHERE seq = {of_one}");
    let set = |what| format!("UPDATE keys SET {what} WHERE seq = {of_one}");
    let cases = [
        set("access = 'all_datasets', datasets = NULL"),
        set("access = 'app', app = 'a', datasets = NULL"),
        // With what leads to the key put right.
        format!(
            "{unbind}; {}",
            set("access = 'all_datasets', datasets = NULL")
        ),
        format!("{unbind}; {}; {}", bind("x"), set("datasets = 'x'")),
        format!("{}; {}", bind("x"), set("datasets = 'a x'")),
    ];
    for sql in cases {
        let found = original.altered(&sql);
        assert!(
            matches!(
                found,
                Some(Found::Difference(Discrepancy::RowAltered { .. }))
            ),
            "{sql}: {found:?}"
        );
    }
}

#[test]
fn a_key_that_is_found_by_other_datasets_than_its_own_is_told_of() {
    let original = Original::new();
    let of_one = "(SELECT min(seq) FROM keys WHERE datasets = 'a')";
    assert!(
        !original
            .texts("SELECT id FROM keys WHERE datasets = 'a'")
            .is_empty()
    );
    let cases = [
        // Out of a list, or of a limit.
        "DELETE FROM key_datasets".to_owned(),
        format!("DELETE FROM key_datasets WHERE seq = {of_one}"),
        format!("UPDATE key_datasets SET dataset = 'other' WHERE seq = {of_one}"),
        format!("UPDATE key_datasets SET dataset = '' WHERE seq = {of_one}"),
        // Into another.
        format!("INSERT INTO key_datasets (dataset, seq) VALUES ('other', {of_one})"),
    ];
    for sql in cases {
        let found = original.altered(&sql);
        assert!(matches!(found, Some(Found::BadRow(_))), "{sql}: {found:?}");
    }
}

#[test]
fn a_value_written_in_another_form_is_found() {
    // What is read is the same key; what is searched for is not.
    let original = Original::new();
    let cases = [
        "UPDATE key_datasets SET dataset = dataset || ' ' || dataset".to_owned(),
        "UPDATE key_datasets SET dataset = upper(dataset) WHERE dataset LIKE '6f96%'".to_owned(),
        "UPDATE keys SET app = upper(app) WHERE app LIKE '6f96%'".to_owned(),
        "UPDATE keys SET scopes = scopes || ' ' || scopes".to_owned(),
        "UPDATE keys SET scopes = 'read full' WHERE scopes = 'full read'".to_owned(),
        "UPDATE policy SET value = '24h' WHERE value = '1d'".to_owned(),
        "INSERT INTO policy VALUES ('max-expiry', 'none')".to_owned(),
        "UPDATE keys SET datasets = datasets || ' ' || datasets".to_owned(),
        "UPDATE keys SET datasets = upper(datasets) WHERE datasets LIKE '6f96%'".to_owned(),
        "UPDATE keys SET datasets = 'c a' WHERE datasets = 'a'".to_owned(),
        "UPDATE keys SET datasets = datasets || ' '".to_owned(),
        "UPDATE keys SET datasets = '' WHERE access = 'datasets'".to_owned(),
        "INSERT INTO key_datasets (dataset, seq) VALUES ('a', 1000)".to_owned(),
        format!("INSERT INTO key_datasets (dataset, seq) SELECT '{UUID} a', seq FROM keys"),
    ];
    for sql in cases {
        let found = original.altered(&sql);
        assert!(matches!(found, Some(Found::BadRow(_))), "{sql}: {found:?}");
    }
}

//! What can be done to a store in a file alone: copies put in its place, indexes
//! that lead astray, a schema that is another one.

use std::fs;

use keyctl::domain::{Choice, Discrepancy, KeptHead};
use keyctl::{
    Error, Location, Need, Registry, StoreFault, Target, Token, Verdict, Verifier, Workspace,
};
use rusqlite::{Connection, Params};
use tempfile::TempDir;

use super::history::{Found, at, audit, everything, live};
use super::original::Original;

#[test]
fn an_end_cut_off_and_an_older_copy_are_found_with_a_head() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("keys.db");
    let location = Location::File(path.clone());
    let mut registry = Registry::create(&location, "alice".parse().unwrap(), at(1)).unwrap();
    live(&mut registry);
    let early = registry.audit(None).unwrap().head;
    drop(registry);
    let older = fs::read(&path).unwrap();
    let mut registry = Registry::open(&location, "alice".parse().unwrap()).unwrap();
    let before = registry
        .set_policy(Choice::MaxKeysPerTarget(None), at(100))
        .unwrap()
        .before;
    let late = registry.head().unwrap();
    drop(registry);
    let kept = |head: &keyctl::domain::Head, is_whole: bool| -> KeptHead {
        let hash = head.hash.as_ref().unwrap();
        let whole = format!("{} {} {hash}", head.store_id, head.seq);
        let text = if is_whole { whole } else { hash.to_string() };
        text.parse().unwrap()
    };
    assert_eq!(audit(&location, Some(&kept(&early, false))), Found::Nothing);
    assert_eq!(audit(&location, Some(&kept(&late, true))), Found::Nothing);

    // The last event cut off, its head and what it did undone.
    let newest = fs::read(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    let value = before.max_keys_per_target.unwrap();
    connection
        .execute_batch(&format!(
            "DELETE FROM events WHERE seq = {};
             UPDATE head SET seq = seq - 1, hash = (SELECT hash FROM events WHERE seq = {});
             UPDATE policy SET value = '{value}' WHERE setting = 'max-keys-per-target';",
            late.seq, early.seq
        ))
        .unwrap();
    drop(connection);
    let is_ahead = Found::Difference(Discrepancy::HeadAhead {
        seq: late.seq,
        last: early.seq,
    });
    let cases = [
        (&early, false, Found::Nothing),
        (&late, false, Found::Difference(Discrepancy::HeadUnknown)),
        (&late, true, is_ahead),
    ];
    for bytes in [fs::read(&path).unwrap(), older] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(
            audit(&location, None),
            Found::Nothing,
            "nobody can tell without one"
        );
        for (head, is_whole, expected) in &cases {
            assert_eq!(audit(&location, Some(&kept(head, *is_whole))), *expected);
        }
    }
    fs::write(&path, newest).unwrap();
    assert_eq!(audit(&location, Some(&kept(&late, true))), Found::Nothing);
}

#[test]
fn triggers_that_somebody_planted_do_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("keys.db");
    let location = Location::File(path.clone());
    let actor = || "alice".parse().unwrap();
    let mut registry = Registry::create(&location, actor(), at(1)).unwrap();
    live(&mut registry);
    drop(registry);
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "CREATE TRIGGER revive AFTER UPDATE ON keys WHEN new.revoked_at IS NOT NULL BEGIN
                 UPDATE keys SET revoked_at = NULL, revoke_reason = NULL WHERE id = new.id;
             END;",
        )
        .unwrap();
    drop(connection);
    let mut registry = Registry::open(&location, actor()).unwrap();
    let revoke = |registry: &mut Registry| {
        registry
            .revoke_matching(&everything(), at(200), |_| {})
            .unwrap()
            .len()
    };
    assert!(revoke(&mut registry) > 0);
    assert_eq!(revoke(&mut registry), 0, "they stay revoked");
    drop(registry);
    assert!(
        matches!(audit(&location, None), Found::BadRow(_)),
        "and it is found"
    );
}

/// Changes the schema's own text, as no statement would.
fn rewrite_schema(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    let version: i64 = connection.query_row(
        "SELECT schema_version FROM pragma_schema_version",
        [],
        |row| row.get(0),
    )?;
    connection.execute_batch(&format!(
        "PRAGMA writable_schema = ON; {sql}; PRAGMA schema_version = {};
         PRAGMA writable_schema = OFF;",
        version + 1
    ))
}

/// Changes one key while its unique indexes are hidden, so that these lead on as
/// they did before.
fn behind_the_indexes(connection: &Connection, sql: &str, values: impl Params) {
    let hidden = "CREATE TEMP TABLE hidden AS SELECT rowid AS r, * FROM sqlite_schema
                      WHERE name IN ('keys_by_id', 'keys_by_digest')";
    connection.execute_batch(hidden).unwrap();
    rewrite_schema(
        connection,
        "DELETE FROM sqlite_schema WHERE name IN ('keys_by_id', 'keys_by_digest')",
    )
    .unwrap();
    assert_eq!(connection.execute(sql, values).unwrap(), 1);
    rewrite_schema(
        connection,
        "INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql)
             SELECT r, type, name, tbl_name, rootpage, sql FROM temp.hidden",
    )
    .unwrap();
}

#[test]
fn tables_that_are_not_as_keyctl_made_them_are_found() {
    let original = Original::new();
    for sql in [
        "CREATE TRIGGER planted AFTER UPDATE ON keys BEGIN SELECT 1; END",
        "CREATE VIEW planted AS SELECT * FROM keys",
        "CREATE TABLE planted (x)",
        "CREATE INDEX planted ON keys (workspace)",
        "DROP INDEX keys_by_app",
        "ALTER TABLE keys ADD COLUMN planted TEXT",
    ] {
        let found = original.rebuilt(|connection| connection.execute_batch(sql));
        assert!(matches!(found, Some(Found::BadRow(_))), "{sql}: {found:?}");
    }
    let folded = "UPDATE sqlite_schema SET sql = replace(sql,
                  'workspace     TEXT    NOT NULL', 'workspace TEXT NOT NULL COLLATE NOCASE')
                  WHERE name = 'keys'";
    let renamed = "CREATE INDEX planted ON keys (workspace);
                   PRAGMA writable_schema = ON;
                   UPDATE sqlite_schema SET name = 'sqlite_stat9',
                       sql = replace(sql, 'planted', 'sqlite_stat9') WHERE name = 'planted';
                   PRAGMA writable_schema = RESET;";
    let found = original.rebuilt(|connection| connection.execute_batch(renamed));
    assert!(matches!(found, Some(Found::BadRow(_))), "{found:?}");
    let found = original.rebuilt(|connection| {
        rewrite_schema(connection, folded)?;
        connection.execute_batch("REINDEX")
    });
    assert!(matches!(found, Some(Found::BadRow(_))), "{found:?}");
}

#[test]
fn an_index_that_leads_astray_is_found_and_opens_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("keys.db");
    let location = Location::File(path.clone());
    let mut registry = Registry::create(&location, "alice".parse().unwrap(), at(1)).unwrap();
    live(&mut registry);
    drop(registry);
    // A token of the attacker's own, and the key that it is to open.
    let token = Token::parse(b"app-0123456789ABCDEFGHIJKLNF").unwrap();
    let connection = Connection::open(&path).unwrap();
    let (victim, digest): (String, Vec<u8>) = connection
        .query_row(
            "SELECT id, digest FROM keys WHERE name = 'web'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let set = "UPDATE keys SET digest = ?1 WHERE id = ?2";
    connection
        .execute(set, rusqlite::params![token.digest().as_bytes(), victim])
        .unwrap();
    // And the row is put right again.
    behind_the_indexes(&connection, set, rusqlite::params![digest, victim]);
    drop(connection);
    let verifier = Verifier::open(&location, Workspace::default()).unwrap();
    let need = Need {
        target: Some(Target::App("web".parse().unwrap())),
        scopes: Vec::new(),
    };
    let answer = verifier
        .verify("app-0123456789ABCDEFGHIJKLNF", &need, at(100))
        .unwrap();
    assert_eq!(answer.verdict, Verdict::NotFound);
    assert!(matches!(audit(&location, None), Found::BadRow(_)));
}

/// Runs this while an index is hidden, so that it leads on as it did before.
fn behind(connection: &Connection, index: &str, sql: &str) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE hidden AS SELECT rowid AS r, * FROM sqlite_schema WHERE name = '{index}'"
    ))?;
    let hide = format!("DELETE FROM sqlite_schema WHERE name = '{index}'");
    rewrite_schema(connection, &hide)?;
    connection.execute_batch(sql)?;
    let show = "INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql)
                    SELECT r, type, name, tbl_name, rootpage, sql FROM temp.hidden";
    rewrite_schema(connection, show)
}

/// Each index, its table, a row that it has an entry of, and another value for one of
/// its columns.
const INDEXES: [(&str, &str, &str, &str); 8] = [
    (
        "keys_by_id",
        "keys",
        "name = 'two'",
        "id = 'key_0000000000000000'",
    ),
    (
        "keys_by_digest",
        "keys",
        "name = 'two'",
        "digest = zeroblob(32)",
    ),
    ("keys_by_creation", "keys", "name = 'two'", "created_at = 7"),
    ("keys_by_name", "keys", "name = 'two'", "name = 'other'"),
    ("keys_by_app", "keys", "name = 'web'", "app = 'other'"),
    (
        "keys_for_all_datasets",
        "keys",
        "access = 'all_datasets'",
        "workspace = 'other'",
    ),
    (
        "key_datasets_by_key",
        "key_datasets",
        "dataset = 'c'",
        "dataset = 'other'",
    ),
    (
        "events_by_key",
        "events",
        "seq = 3",
        "key_id = 'key_0000000000000000'",
    ),
];

#[test]
fn what_an_index_says_otherwise_than_its_rows_is_found() {
    let original = Original::new();
    let count: i64 = INDEXES.len().try_into().unwrap();
    let found = original.texts("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql <> ''");
    assert_eq!(
        i64::try_from(found.len()).unwrap(),
        count,
        "no index is left out"
    );
    for (index, table, is_row, other) in INDEXES {
        let columns = original.columns(table).join(", ");
        let kept =
            format!("CREATE TEMP TABLE kept AS SELECT {columns} FROM {table} WHERE {is_row}");
        let put_back = format!("INSERT INTO {table} SELECT {columns} FROM temp.kept");
        let taken = format!("DELETE FROM {table} WHERE {is_row}");
        let changed = format!("UPDATE {table} SET {other} WHERE {is_row}");
        let changed_ones = format!("DELETE FROM {table} WHERE {other}");
        let cases = [
            (
                "altered",
                changed.clone(),
                format!("{changed_ones}; {put_back}"),
            ),
            ("without an entry", taken.clone(), put_back.clone()),
            (
                "with one too many",
                format!("{changed}; {put_back}"),
                changed_ones.clone(),
            ),
        ];
        for (what, before, hidden) in cases {
            if what == "with one too many" && table != "key_datasets" {
                // No two rows have one number: that is the next test.
                continue;
            }
            let found = original.rebuilt(|connection| {
                connection.execute_batch(&format!("{kept}; {before}"))?;
                behind(connection, index, &hidden)
            });
            assert!(
                matches!(found, Some(Found::BadRow(_))),
                "{index} {what}: {found:?}"
            );
        }
    }
}

#[test]
fn entries_of_no_row_and_those_out_of_order_are_found() {
    let original = Original::new();
    // All other indexes see the row come and go.
    let columns = original.columns("keys");
    let copied: Vec<&str> = columns
        .iter()
        .map(|column| match column.as_str() {
            "seq" => "1000",
            "id" => "'key_0000000000000000'",
            "digest" => "zeroblob(32)",
            other => other,
        })
        .collect();
    let add = format!(
        "INSERT INTO keys SELECT {} FROM keys WHERE name = 'web'",
        copied.join(", ")
    );
    for index in [
        "keys_by_id",
        "keys_by_digest",
        "keys_by_creation",
        "keys_by_name",
        "keys_by_app",
    ] {
        let found = original.rebuilt(|connection| {
            connection.execute_batch(&add)?;
            behind(connection, index, "DELETE FROM keys WHERE seq = 1000")
        });
        assert!(
            matches!(found, Some(Found::BadRow(_))),
            "{index}: {found:?}"
        );
    }
    // The entries are all there, and who looks for one goes the wrong way.
    for (index, column) in [
        ("keys_by_id", "id"),
        ("keys_by_digest", "digest"),
        ("keys_by_creation", "created_at"),
        ("keys_by_name", "name"),
        ("events_by_key", "key_id"),
    ] {
        let turned = |from: &str, to: &str| {
            format!(
                "UPDATE sqlite_schema SET sql = replace(sql, '{column}{from}', '{column}{to}')
                 WHERE name = '{index}'"
            )
        };
        let end = if index == "events_by_key" { "," } else { ")" };
        let down = format!(" DESC{end}");
        let found = original.rebuilt(|connection| {
            rewrite_schema(connection, &turned(end, &down))?;
            connection.execute_batch(&format!("REINDEX {index}"))?;
            rewrite_schema(connection, &turned(&down, end))
        });
        assert!(
            matches!(found, Some(Found::BadRow(_))),
            "{index}: {found:?}"
        );
    }
}

#[test]
fn rows_that_nothing_is_told_of_by_the_log_are_found_all_the_same() {
    let original = Original::new();
    for sql in [
        // Of a key that is not there, and at no time.
        "INSERT INTO last_uses VALUES (1000, 7)",
        "INSERT INTO last_uses SELECT max(seq), 9223372036854775807 FROM keys",
        "INSERT INTO last_uses SELECT max(seq), -9223372036854775807 FROM keys",
        "INSERT INTO head SELECT 2, store_id, seq, hash FROM head",
    ] {
        let found = original.altered(sql);
        assert!(matches!(found, Some(Found::BadRow(_))), "{sql}: {found:?}");
    }
}

#[test]
fn statistics_that_somebody_planted_lead_no_audit_astray() {
    let original = Original::new();
    let analyzed = original.rebuilt(|connection| connection.execute_batch("ANALYZE"));
    assert_eq!(analyzed, Some(Found::Nothing));
    let found = original.rebuilt(|connection| {
        connection.execute_batch(
            "ANALYZE;
             DELETE FROM sqlite_stat1;
             INSERT INTO sqlite_stat1
                 SELECT tbl_name, name, '1000000 1 1 unordered' FROM sqlite_schema
                 WHERE type = 'index'",
        )?;
        let change = "UPDATE keys SET created_at = created_at + 1 WHERE name = 'two'";
        let back = "UPDATE keys SET created_at = created_at - 1 WHERE name = 'two'";
        connection.execute_batch(change)?;
        behind(connection, "keys_by_creation", back)
    });
    assert!(matches!(found, Some(Found::BadRow(_))), "{found:?}");
}

#[test]
fn a_sweep_passes_over_no_key_that_its_index_does_not_find() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("keys.db");
    let location = Location::File(path.clone());
    let mut registry = Registry::create(&location, "alice".parse().unwrap(), at(1)).unwrap();
    live(&mut registry);
    drop(registry);
    // The id in the row is another than that in the index.
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("PRAGMA foreign_keys = OFF")
        .unwrap();
    let rename = "UPDATE keys SET id = 'key_0000000000000000' WHERE name = 'web'";
    behind_the_indexes(&connection, rename, []);
    drop(connection);
    let mut registry = Registry::open(&location, "alice".parse().unwrap()).unwrap();
    let error = registry
        .revoke_matching(&everything(), at(200), |_| {})
        .unwrap_err();
    match error {
        Error::Store(error) => assert_eq!(error.fault(), &StoreFault::Corrupt),
        other => panic!("{other}"),
    }
}

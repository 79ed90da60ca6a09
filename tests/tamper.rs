//! A store that is altered behind keyctl's back: whatever is changed, an audit
//! finds it, or, for what only a head kept elsewhere can show, finds it with one.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

use std::fs;
use std::path::{Path, PathBuf};

use keyctl::domain::{Choice, Discrepancy, KeptHead, Lifetime, Selector};
use keyctl::ops::{
    EditRequest, Matching, PruneRequest, RevokeMatchingRequest, RotateRequest, Switch,
    SwitchRequest,
};
use keyctl::{
    Access, Datasets, Error, IssueRequest, Location, Need, Registry, Scopes, StoreFault, Target,
    Timestamp, Token, Verdict, Verifier, Workspace,
};
use rusqlite::types::Value;
use rusqlite::{Connection, Params, params_from_iter};
use tempfile::TempDir;

/// The tables an audit answers for, and what tells their rows apart. The times
/// of last use are left out: they are best effort, and not in the log.
const TABLES: [(&str, &str); 5] = [
    ("keys", "seq"),
    ("key_datasets", "dataset || key_id"),
    ("events", "seq"),
    ("policy", "setting"),
    ("head", "one"),
];

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

/// A store in which everything has happened, in one file that nobody has open.
struct Original {
    folder: TempDir,
    events: i64,
}

impl Original {
    fn new() -> Original {
        let folder = TempDir::new().unwrap();
        let location = Location::File(folder.path().join("keys.db"));
        let mut registry = Registry::create(&location, "alice".parse().unwrap(), at(1)).unwrap();
        live(&mut registry);
        let checked = registry.audit(None).unwrap();
        Original {
            folder,
            events: checked.head.seq,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("keys.db")
    }

    /// A copy that is altered by this; what an audit says of it, or nothing if
    /// the database did not let itself be altered so.
    fn altered(&self, alter: impl FnOnce(&Connection) -> rusqlite::Result<()>) -> Option<Found> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("keys.db");
        fs::copy(self.path(), &path).unwrap();
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;")
            .unwrap();
        alter(&connection).ok()?;
        drop(connection);
        Some(audit(&path, None))
    }
}

/// What an audit said: whether all is well, or what was named.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Difference(Discrepancy),
    BadRow(String),
}

fn audit(path: &Path, kept: Option<&KeptHead>) -> Found {
    let location = Location::File(path.to_owned());
    let mut registry = Registry::open(&location, "auditor".parse().unwrap()).unwrap();
    match registry.audit(kept) {
        Ok(_) => Found::Nothing,
        Err(Error::Altered(difference)) => Found::Difference(difference),
        Err(Error::Store(error)) => match error.fault() {
            fault @ (StoreFault::BadRow { .. } | StoreFault::Corrupt) => {
                Found::BadRow(fault.to_string())
            }
            fault => panic!("{fault}"),
        },
        Err(error) => panic!("{error}"),
    }
}

/// Every operation, on keys of every kind.
fn live(registry: &mut Registry) {
    let bound = |ids: &[&str]| {
        Access::Datasets(Datasets::new(ids.iter().map(|id| id.parse().unwrap())).unwrap())
    };
    let mut ids = Vec::new();
    for (access, name, expiry) in [
        (bound(&["a"]), Some("one"), Some("90d")),
        (bound(&["a", "b"]), Some("two"), None),
        (Access::AllDatasets, None, Some("1y")),
        (Access::App("web".parse().unwrap()), Some("web"), None),
        (Access::App("old".parse().unwrap()), None, Some("1s")),
        (bound(&["c"]), Some("last"), None),
        (bound(&[UUID]), None, None),
        (Access::App(UUID.parse().unwrap()), None, None),
    ] {
        let request = IssueRequest {
            workspace: Workspace::default(),
            access,
            name: name.map(|name| name.parse().unwrap()),
            description: name.map(|_| "a remark".parse().unwrap()),
            scopes: Scopes::full(),
            expiry: expiry.map(|expiry| expiry.parse().unwrap()),
            dry_run: false,
        };
        let key = registry.issue(&request, at(10), |_, _| Ok(())).unwrap();
        ids.push(Selector::Id(key.id));
    }
    let workspace = Workspace::default;
    let rotate = RotateRequest {
        workspace: workspace(),
        selector: ids[0].clone(),
        grace: None,
        expiry: None,
        dry_run: false,
    };
    registry.rotate(&rotate, at(20), |_, _| Ok(())).unwrap();
    let disable = SwitchRequest {
        workspace: workspace(),
        selectors: vec![ids[2].clone()],
        to: Switch::Disabled,
        reason: Some("on leave".parse().unwrap()),
    };
    registry.switch(&disable, at(30)).unwrap();
    let edit = EditRequest {
        workspace: workspace(),
        selector: ids[3].clone(),
        name: None,
        description: None,
        expiry: Some("2y".parse().unwrap()),
        added_scopes: vec!["read".parse().unwrap()],
        removed_scopes: Vec::new(),
        dry_run: false,
    };
    registry.edit(&edit, at(40)).unwrap();
    for matching in [
        Matching::DatasetGone("b".parse().unwrap()),
        Matching::DatasetGone("c".parse().unwrap()),
    ] {
        let revoke = RevokeMatchingRequest {
            workspace: workspace(),
            matching,
            agreed: None,
            expected_count: Some(1),
            reason: Some("gone".parse().unwrap()),
            dry_run: false,
        };
        registry.revoke_matching(&revoke, at(50), |_| {}).unwrap();
    }
    let prune = PruneRequest {
        workspace: workspace(),
        revoked: false,
        expired: true,
        older_than: Lifetime::from_seconds(1),
        agreed: None,
        dry_run: false,
    };
    let pruned = registry.prune(&prune, at(60), |_| {}).unwrap();
    assert_eq!(pruned.len(), 1);
    for choice in [
        Choice::MaxKeysPerTarget(Some(20)),
        Choice::DefaultExpiry(Some(Lifetime::from_seconds(86_400))),
    ] {
        registry.set_policy(choice, at(70)).unwrap();
    }
}

fn texts(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Other values for one: of other types, of its own type, and one that another
/// row has, which is as well-formed as can be.
fn others(connection: &Connection, table: &str, column: &str, value: &Value) -> Vec<Value> {
    let mut others = vec![
        Value::Null,
        Value::Integer(0),
        Value::Integer(7),
        Value::Text(String::new()),
        Value::Text("x".to_owned()),
        Value::Blob(vec![7; 32]),
    ];
    match value {
        Value::Integer(number) => others.extend([number + 1, number - 1].map(Value::Integer)),
        Value::Text(text) => {
            others.extend([format!("{text}0"), text.to_uppercase()].map(Value::Text))
        }
        Value::Blob(bytes) => {
            let mut bytes = bytes.clone();
            bytes[0] ^= 1;
            others.push(Value::Blob(bytes));
        }
        Value::Null | Value::Real(_) => {}
    }
    let mut statement = connection
        .prepare(&format!("SELECT DISTINCT {column} FROM {table} LIMIT 8"))
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    others.extend(rows.map(|row| row.unwrap()));
    others.retain(|other| other != value);
    others
}

#[test]
fn every_column_of_every_row_counts() {
    let original = Original::new();
    let connection = Connection::open(original.path()).unwrap();
    let mut columns_seen = 0;
    for (table, key) in TABLES {
        let columns = texts(
            &connection,
            &format!("SELECT name FROM pragma_table_info('{table}')"),
        );
        let rows = texts(
            &connection,
            &format!("SELECT CAST({key} AS TEXT) FROM {table}"),
        );
        assert!(!rows.is_empty(), "{table} has rows");
        for column in &columns {
            let mut changes = 0;
            for row in &rows {
                let value: Value = connection
                    .query_row(
                        &format!("SELECT {column} FROM {table} WHERE CAST({key} AS TEXT) = ?1"),
                        [row],
                        |row| row.get(0),
                    )
                    .unwrap();
                for other in others(&connection, table, column, &value) {
                    let found = original.altered(|connection| {
                        let sql = format!(
                            "UPDATE {table} SET {column} = ?1 WHERE CAST({key} AS TEXT) = ?2"
                        );
                        let values = [other.clone(), Value::Text(row.clone())];
                        connection
                            .execute(&sql, params_from_iter(values))
                            .map(|_| ())
                    });
                    if let Some(found) = found {
                        changes += 1;
                        assert_ne!(
                            found,
                            Found::Nothing,
                            "{table} {row}: {column} from {value:?} to {other:?}"
                        );
                    }
                }
            }
            assert!(changes > 0, "{table}.{column} could be altered");
            columns_seen += 1;
        }
    }
    assert_eq!(columns_seen, 18 + 2 + 9 + 2 + 4, "no column is left out");
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
            let found = original.altered(|connection| connection.execute_batch(&sql));
            assert_ne!(found, None, "{sql}");
            assert_ne!(found, Some(Found::Nothing), "event {seq}: {sql}");
        }
    }
}

#[test]
fn every_revocation_undone_is_named() {
    let original = Original::new();
    let connection = Connection::open(original.path()).unwrap();
    let revoked = texts(
        &connection,
        "SELECT id FROM keys WHERE revoked_at IS NOT NULL",
    );
    assert_eq!(revoked.len(), 2);
    let disabled = texts(
        &connection,
        "SELECT id FROM keys WHERE disabled_at IS NOT NULL",
    );
    assert_eq!(disabled.len(), 1);
    for id in revoked.iter().chain(&disabled) {
        let found = original.altered(|connection| {
            let sql = "UPDATE keys SET revoked_at = NULL, revoke_reason = NULL, replaced_by = NULL,
                       disabled_at = NULL WHERE id = ?1";
            connection.execute(sql, [id]).map(|_| ())
        });
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
    let connection = Connection::open(original.path()).unwrap();
    let ids = texts(&connection, "SELECT id FROM keys ORDER BY seq");
    let columns = texts(&connection, "SELECT name FROM pragma_table_info('keys')");
    for id in &ids {
        let gone = original.altered(|connection| {
            connection
                .execute("DELETE FROM keys WHERE id = ?1", [id])
                .map(|_| ())
        });
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
            "digest" => "randomblob(32)".to_owned(),
            other => other.to_owned(),
        });
        let copied = copied.collect::<Vec<_>>().join(", ");
        let added = original.altered(|connection| {
            connection.execute_batch(&format!(
                "INSERT INTO keys SELECT {copied} FROM keys WHERE id = '{id}';
                 INSERT INTO key_datasets
                     SELECT dataset, '{stranger}' FROM key_datasets WHERE key_id = '{id}';"
            ))
        });
        assert!(
            matches!(&added, Some(Found::Difference(Discrepancy::RowUnknown { id: named }))
                     if named.as_str() == stranger),
            "{added:?}"
        );
    }
    // Two keys that take each other's token.
    let swapped = original.altered(|connection| {
        connection.execute_batch(&format!(
            "CREATE TEMP TABLE digests AS SELECT id, digest FROM keys;
             UPDATE keys SET digest = randomblob(32) WHERE id IN ('{0}', '{1}');
             UPDATE keys SET digest = (SELECT digest FROM digests WHERE id = '{1}') WHERE id = '{0}';
             UPDATE keys SET digest = (SELECT digest FROM digests WHERE id = '{0}') WHERE id = '{1}';",
            ids[0], ids[1]
        ))
    });
    assert!(matches!(
        swapped,
        Some(Found::Difference(Discrepancy::RowAltered { .. }))
    ));
    // A binding for a key that is open to all datasets, or is an app's.
    for id in texts(
        &connection,
        "SELECT id FROM keys WHERE access <> 'datasets'",
    ) {
        let bound = original.altered(|connection| {
            let sql = "INSERT INTO key_datasets VALUES ('a', ?1)";
            connection.execute(sql, [&id]).map(|_| ())
        });
        assert!(
            matches!(&bound, Some(Found::BadRow(row)) if row.contains(&id)),
            "{bound:?}"
        );
    }
}

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
    assert_eq!(audit(&path, Some(&kept(&early, false))), Found::Nothing);
    assert_eq!(audit(&path, Some(&kept(&late, true))), Found::Nothing);

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
            audit(&path, None),
            Found::Nothing,
            "nobody can tell without one"
        );
        for (head, is_whole, expected) in &cases {
            assert_eq!(audit(&path, Some(&kept(head, *is_whole))), *expected);
        }
    }
    fs::write(&path, newest).unwrap();
    assert_eq!(audit(&path, Some(&kept(&late, true))), Found::Nothing);
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
        matches!(audit(&path, None), Found::BadRow(_)),
        "and it is found"
    );
}

/// The UUID that a key of each kind is bound to, in its own form.
const UUID: &str = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";

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
        "INSERT INTO key_datasets VALUES ('a', 'key_0000000000000000')".to_owned(),
        format!("INSERT INTO key_datasets SELECT '{UUID} a', id FROM keys"),
    ];
    for sql in cases {
        let mut count = 0;
        let found = original.altered(|connection| {
            count = connection.execute(&sql, [])?;
            Ok(())
        });
        assert!(count > 0, "{sql} alters something");
        assert!(matches!(found, Some(Found::BadRow(_))), "{sql}: {found:?}");
    }
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
                      WHERE name LIKE 'sqlite_autoindex_keys_%' OR name = 'keys'";
    connection.execute_batch(hidden).unwrap();
    rewrite_schema(
        connection,
        "UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL UNIQUE', 'NOT NULL')
             WHERE name = 'keys';
         DELETE FROM sqlite_schema WHERE name LIKE 'sqlite_autoindex_keys_%'",
    )
    .unwrap();
    assert_eq!(connection.execute(sql, values).unwrap(), 1);
    rewrite_schema(
        connection,
        "DELETE FROM sqlite_schema WHERE name = 'keys';
         INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql)
             SELECT r, type, name, tbl_name, rootpage, sql FROM temp.hidden",
    )
    .unwrap();
}

/// The end of every key.
fn everything() -> RevokeMatchingRequest {
    RevokeMatchingRequest {
        workspace: Workspace::default(),
        matching: Matching::Keys {
            app: None,
            expired: false,
            unused_for: None,
        },
        agreed: None,
        expected_count: None,
        reason: None,
        dry_run: false,
    }
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
        let found = original.altered(|connection| connection.execute_batch(sql));
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
    let found = original.altered(|connection| connection.execute_batch(renamed));
    assert!(matches!(found, Some(Found::BadRow(_))), "{found:?}");
    let found = original.altered(|connection| {
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
    assert!(matches!(audit(&path, None), Found::BadRow(_)));
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

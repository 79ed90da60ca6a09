//! What a service may that only checks tokens.

use super::{OPERATORS, OWNERS, Store, json};

#[test]
fn a_verifier_verifies_and_its_uses_are_recorded() {
    let store = Store::new();
    let role = store.role("--verifier", "app");
    let verify = |args: &[&str], token: &str| {
        let args = [&["verify", "--json"], args].concat();
        let run = store.place.run_as(&role, &args, token);
        json(&run)["verdict"].clone()
    };
    let last_use =
        || json(&store.place.run(&["show", "ci", "--json"], ""))["key"]["last_used_at"].clone();
    assert_eq!(verify(&["-d", "ds_1", "--no-touch"], &store.token), "valid");
    assert!(last_use().is_null());
    assert_eq!(verify(&["-d", "ds_1"], &store.token), "valid");
    assert!(last_use().is_string());
    assert_eq!(verify(&["-d", "ds_2"], &store.token), "forbidden");
    assert_eq!(verify(&["-d", "ds_1"], "unknown"), "not_found");
    store.place.run(&["revoke", "ci"], "").expect_code(0);
    assert_eq!(verify(&["-d", "ds_1"], &store.token), "revoked");
}

#[test]
fn a_verifier_can_do_nothing_else() {
    let store = Store::new();
    let role = store.role("--verifier", "app");
    store.expect_no_right(&role, &OPERATORS);
    let check = store.place.run_as(&role, &["store", "check"], "");
    check.expect_code(7);
}

#[test]
fn a_verifier_sees_no_table_and_changes_none_past_keyctl_either() {
    let store = Store::new();
    let role = store.role("--verifier", "app");
    store.expect_refused(&role, &OWNERS);
    let tables = ["keys", "key_datasets", "last_uses", "events", "head"];
    let of_each = |sql: &str| tables.map(|table| sql.replace("{}", &format!("keyctl.{table}")));
    for sql in [
        "SELECT * FROM {}",
        "SELECT FROM {} LIMIT 0",
        "SELECT count(*) FROM {}",
        "SELECT FROM {} FOR UPDATE",
        "COPY {} TO STDOUT",
        "DELETE FROM {}",
        "DO $$ BEGIN LOCK TABLE {}; END $$",
        "INSERT INTO {} SELECT * FROM {}",
        "SELECT query_to_xml('SELECT * FROM {}', true, true, '')",
        "CREATE TEMP TABLE copied AS SELECT * FROM {}",
        "CREATE TEMP VIEW seen AS SELECT * FROM {}; SELECT * FROM seen",
    ] {
        store.expect_refused(&role, &of_each(sql).each_ref().map(String::as_str));
    }
    store.expect_refused(
        &role,
        &[
            "SELECT digest FROM keyctl.keys",
            "UPDATE keyctl.keys SET revoked_at = NULL, revoke_reason = NULL",
            "UPDATE keyctl.head SET seq = 0",
            "UPDATE keyctl.last_uses SET at = 0",
            "INSERT INTO keyctl.last_uses (seq, at) VALUES (1000, 0)",
            "INSERT INTO keyctl.key_datasets (dataset, seq) VALUES ('ds_2', 1000)",
            "INSERT INTO keyctl.policy VALUES ('max_expiry', '1d')",
            "UPDATE keyctl.policy SET value = '99'",
            "DELETE FROM keyctl.policy",
        ],
    );
}

#[test]
fn a_verifier_gets_by_its_functions_what_it_asked_for_and_no_more() {
    let store = Store::new();
    let role = store.role("--verifier", "app");
    let mut client = store.place.connect_as(&role);
    // Names of its own lead the functions nowhere.
    client
        .batch_execute(
            "CREATE TEMP TABLE keys AS SELECT 'planted' AS id, '\\x00'::bytea AS digest;
             CREATE TEMP TABLE last_uses (seq BIGINT PRIMARY KEY, at BIGINT);
             CREATE FUNCTION pg_temp.replace(TEXT, TEXT, TEXT) RETURNS TEXT
             LANGUAGE sql AS 'SELECT ''planted''';
             SET search_path = pg_temp, keyctl",
        )
        .unwrap();
    for (sql, count) in [
        ("SELECT * FROM keyctl.key_by_digest(NULL)", 0),
        ("SELECT * FROM keyctl.key_by_digest('\\x00')", 0),
        ("SELECT * FROM keyctl.key_by_digest('')", 0),
        ("SELECT FROM keyctl.record_use(NULL, NULL)", 1),
        (
            "SELECT FROM keyctl.record_use('key_0000000000000000', 1)",
            1,
        ),
    ] {
        assert_eq!(client.query(sql, &[]).unwrap().len(), count, "{sql}");
    }
    let sql = "SELECT count(*)::text FROM keyctl.last_uses";
    assert_eq!(store.place.ask(sql), "0");
    let digest = keyctl::Token::parse(store.token.as_bytes())
        .unwrap()
        .digest();
    let sql = "SELECT id, datasets FROM keyctl.key_by_digest($1)";
    let rows = client.query(sql, &[&digest.as_bytes().as_slice()]).unwrap();
    let found: (&str, &str) = (rows[0].get(0), rows[0].get(1));
    assert_eq!(found, (store.id.as_str(), "ds_1"));
}

#[test]
fn who_lacks_a_right_is_told_whom_to_ask() {
    let store = Store::new();
    let role = store.role("--verifier", "app");
    let run = store.place.run_as(&role, &["list"], "").expect_code(7);
    let place: keyctl::Location = store.place.url(&role).parse().unwrap();
    let expected = format!(
        "error: the role lacks a right on the server: permission denied for table keys
  store: {place}
hint: the store's owner can allow it: keyctl store grants --help
hint: where there is no store yet, that of the database: GRANT CREATE ON DATABASE
"
    );
    assert_eq!(run.stderr, expected);
}

#[test]
fn a_use_that_cannot_be_keeps_nobody_from_the_key() {
    let store = Store::new();
    let role = store.role("--verifier", "app");
    let mut client = store.place.connect_as(&role);
    for at in [i64::MAX, i64::MIN, -1, 253_402_300_800] {
        let sql = "SELECT keyctl.record_use($1, $2)";
        client.execute(sql, &[&store.id, &at]).unwrap();
        store.place.run(&["list"], "").expect_code(0);
        store
            .place
            .run(&["verify", "-d", "ds_1"], &store.token)
            .expect_code(0);
        store.place.alter("DELETE FROM keyctl.last_uses");
    }
}

//! What each role may do, through keyctl and past it.

mod admin;
mod verifier;

use ::postgres::error::SqlState;

use super::{OWNER, Run, Sandbox, issue, json};

/// A store in which something has happened: a key, its token, and another that
/// was revoked.
struct Store {
    place: Sandbox<'static>,
    id: String,
    token: String,
}

impl Store {
    fn new() -> Store {
        let place = Sandbox::new();
        let (id, token) = issue(&place, &["--dataset", "ds_1", "--name", "ci"]);
        let (gone, _) = issue(&place, &["--app", "web"]);
        place.run(&["revoke", &gone], "").expect_code(0);
        place
            .run(&["policy", "set", SETTING, "20"], "")
            .expect_code(0);
        place.run(&["export", "store.jsonl"], "").expect_code(0);
        Store { place, id, token }
    }

    /// A role of this name that may log in, and nothing else.
    fn stranger(&self, name: &str) -> String {
        // Roles are the server's, and not the database's.
        let role = format!("{name} {}", self.place.name());
        self.place
            .alter(&format!("CREATE ROLE {} LOGIN", quoted(&role)));
        role
    }

    /// One that was granted what a duty takes.
    fn role(&self, duty: &str, name: &str) -> String {
        let role = self.stranger(name);
        let args = ["store", "grants", duty, &role];
        let grants = self.place.run(&args, "").expect_code(0);
        let mut owner = self.place.connect_as(OWNER);
        owner.batch_execute(&grants.stdout).unwrap();
        role
    }

    /// Holds each statement against what the server says: it is not for this role.
    #[track_caller]
    fn expect_refused(&self, role: &str, statements: &[&str]) {
        let stored = self.place.stored();
        let mut client = self.place.connect_as(role);
        for sql in statements {
            let error = client.batch_execute(sql).expect_err(sql);
            let code = error.code();
            assert_eq!(code, Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{sql}");
        }
        assert_eq!(self.place.stored(), stored);
    }

    /// Holds each command against what keyctl says: the role lacks a right.
    #[track_caller]
    fn expect_no_right(&self, role: &str, commands: &[&[&str]]) {
        let stored = self.place.stored();
        for args in commands {
            let run = self.place.run_as(role, args, "");
            let error = error(&run.expect_code(7));
            assert_eq!(error["code"], "store_no_right", "{args:?}");
        }
        assert_eq!(self.place.stored(), stored);
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What a command with `--json` said of its failure.
#[track_caller]
pub(super) fn error(run: &Run) -> serde_json::Value {
    let document: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    document["error"].clone()
}

const SETTING: &str = "max-keys-per-target";

/// Commands that need more than to verify.
pub(super) const OPERATORS: [&[&str]; 16] = [
    &["list", "--json"],
    &["show", "ci", "--json"],
    &["create", "--app", "web", "--json"],
    &["rotate", "ci", "--json"],
    &["edit", "ci", "--add-scope", "read", "--json"],
    &["disable", "ci", "--json"],
    &["enable", "ci", "--json"],
    &["revoke", "ci", "--json"],
    &["revoke", "--app", "web", "--yes", "--json"],
    &[
        "prune",
        "--revoked",
        "--older-than",
        "1d",
        "--yes",
        "--json",
    ],
    &["policy", "set", SETTING, "30", "--json"],
    &["audit", "--json"],
    &["audit", "verify", "--json"],
    &["audit", "head", "--json"],
    &["export", "-o", "jsonl"],
    &["import", "store.jsonl", "--json"],
];

/// What nobody may but the owner.
const OWNERS: [&str; 32] = [
    "TRUNCATE keyctl.events",
    "TRUNCATE keyctl.keys CASCADE",
    "TRUNCATE keyctl.key_datasets",
    "TRUNCATE keyctl.last_uses",
    "TRUNCATE keyctl.policy",
    "TRUNCATE keyctl.head",
    "TRUNCATE keyctl.version",
    "UPDATE keyctl.events SET actor = 'nobody'",
    "DELETE FROM keyctl.events",
    "UPDATE keyctl.head SET store_id = 'store_0000000000000000'",
    "DELETE FROM keyctl.head",
    "INSERT INTO keyctl.head VALUES (1, 'store_0000000000000000', 0)",
    "UPDATE keyctl.version SET version = 1",
    "DELETE FROM keyctl.version",
    "INSERT INTO keyctl.version VALUES (1, 2)",
    "CREATE TABLE keyctl.planted ()",
    "CREATE VIEW keyctl.planted AS SELECT 1",
    "CREATE FUNCTION keyctl.planted() RETURNS INT LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION keyctl.record_use(used TEXT, used_at BIGINT) RETURNS VOID
     LANGUAGE sql AS ''",
    "ALTER FUNCTION keyctl.key_by_digest(BYTEA) SECURITY INVOKER",
    "DROP FUNCTION keyctl.record_use(TEXT, BIGINT)",
    "ALTER TABLE keyctl.keys ADD COLUMN planted INT",
    "ALTER TABLE keyctl.keys DISABLE TRIGGER ALL",
    "ALTER TABLE keyctl.keys ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY planted ON keyctl.keys USING (false)",
    "CREATE RULE planted AS ON DELETE TO keyctl.keys DO INSTEAD NOTHING",
    "CREATE INDEX planted ON keyctl.keys (name)",
    "DROP INDEX keyctl.keys_by_name",
    "DROP TABLE keyctl.last_uses",
    "DROP SCHEMA keyctl CASCADE",
    "SET ROLE keyctl",
    "SET SESSION AUTHORIZATION keyctl",
];

#[test]
fn a_stranger_can_do_nothing_at_all() {
    let store = Store::new();
    let role = store.stranger("who");
    store.expect_no_right(&role, &OPERATORS);
    store.expect_no_right(
        &role,
        &[
            &["verify", "-d", "ds_1", "--json"],
            &["policy", "show", "--json"],
            &["store", "init", "--json"],
            &["store", "check", "--json"],
        ],
    );
    store.expect_refused(&role, &OWNERS);
    store.expect_refused(
        &role,
        &[
            "SELECT * FROM keyctl.version",
            "SELECT * FROM keyctl.policy",
            "SELECT * FROM keyctl.keys",
            "SELECT keyctl.key_by_digest('')",
            "SELECT keyctl.record_use('key_0000000000000000', 1)",
        ],
    );
}

#[test]
fn any_name_can_be_granted_to() {
    let store = Store::new();
    for name in ["we\"b app", "Web", "select", "naïve;--", "a'b$$"] {
        for (duty, args) in [
            ("--verifier", &["verify", "-d", "ds_1"] as &[_]),
            ("--admin", &["list"]),
        ] {
            let role = store.role(duty, &format!("{name}{duty}"));
            let run = store.place.run_as(&role, args, &store.token);
            run.expect_code(0);
        }
    }
}

#[test]
fn grants_are_a_document_too_and_can_be_given_again() {
    let store = Store::new();
    let role = store.stranger("we\"b");
    for (duty, word) in [("--verifier", "verifier"), ("--admin", "admin")] {
        let args = ["store", "grants", duty, &role];
        let plain = store.place.run(&args, "").expect_code(0).stdout;
        let run = store.place.run(&[&args[..], &["--json"]].concat(), "");
        let document = json(&run.expect_code(0));
        assert_eq!(document["schema"], "keyctl.store.grants/v1");
        assert_eq!(document["role"], role.as_str());
        assert_eq!(document["duty"], word);
        let statements = document["statements"].as_array().unwrap().iter();
        let lines: Vec<_> = statements.map(|line| line.as_str().unwrap()).collect();
        assert_eq!(plain.lines().collect::<Vec<_>>(), lines);
        let mut owner = store.place.connect_as(OWNER);
        for _ in 0..2 {
            owner.batch_execute(&plain).unwrap();
        }
    }
}

#[test]
fn a_store_in_a_file_has_no_roles() {
    let place = Sandbox::new();
    let args = ["store", "grants", "--verifier", "app", "--json"];
    let run = place.run_at("keys.db", &args, "").expect_code(7);
    assert_eq!(error(&run)["code"], "store_has_no_roles");
    assert!(!place.home().join("keys.db").exists());
}

#[test]
fn an_outdated_store_is_brought_up_to_date_by_its_owner_alone() {
    let store = Store::new();
    let roles = [
        store.role("--verifier", "app"),
        store.role("--admin", "ops"),
    ];
    store.place.alter("UPDATE keyctl.version SET version = 1");
    let stored = store.place.stored();
    let verify = ["verify", "-d", "ds_1", "--json"];
    for role in &roles {
        for args in [&verify as &[_], &["list", "--json"]] {
            let run = store.place.run_as(role, args, &store.token);
            let error = error(&run.expect_code(7));
            assert_eq!(error["code"], "store_outdated", "{args:?}");
        }
    }
    assert_eq!(store.place.stored(), stored);
    store.place.run(&["list"], "").expect_code(0);
    for role in &roles {
        let run = store.place.run_as(role, &verify, &store.token);
        run.expect_code(0);
    }
}

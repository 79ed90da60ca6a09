//! What a database holds in the place of a store: one of another version, somebody
//! else's tables, or nothing yet.

use std::fs;

use super::roles::{OPERATORS, error};
use super::{OWNER, Run, Sandbox, issue, json};

/// Commands besides those of operators, and the ones that would make a store.
const OTHERS: [&[&str]; 6] = [
    &["verify", "-d", "ds_1", "--json"],
    &["verify", "-d", "ds_1", "--allow-replica", "--json"],
    &["policy", "show", "--json"],
    &["store", "check", "--json"],
    &["create", "--app", "web", "--dry-run", "--json"],
    &["import", "store.jsonl", "--dry-run", "--json"],
];
/// What makes a store one of the first version, apart from its functions, and the step
/// that had them.
const FIRST_VERSION: &str = include_str!("../support/first_version_postgres.sql");
const FIRST_STEP: &str = include_str!("../../src/store/postgres/0001_keys_and_events.sql");
const INIT: &[&str] = &["store", "init", "--json"];

/// Whether a command makes a store where there is none, or tries out what that
/// would lead to.
fn makes_a_store(args: &[&str]) -> bool {
    matches!(args[0], "create" | "import") || args == INIT
}

fn commands() -> impl Iterator<Item = &'static [&'static str]> {
    OPERATORS.iter().chain(&OTHERS).copied().chain([INIT])
}

/// An empty database, and an export to import.
fn empty() -> Sandbox<'static> {
    let place = Sandbox::new();
    let other = Sandbox::new();
    issue(&other, &["--dataset", "ds_1", "--name", "ci"]);
    let export = other.run(&["export"], "").expect_code(0).stdout;
    fs::write(place.home().join("store.jsonl"), export).unwrap();
    place
}

/// Runs each of these, and holds what it says and does against what it should.
fn expect_each<'c>(place: &Sandbox<'_>, commands: impl Iterator<Item = &'c [&'c str]>, code: &str) {
    let stored = place.stored();
    for args in commands {
        let run = place.run(args, "").expect_code(7);
        assert_eq!(error(&run)["code"], code, "{args:?}");
    }
    assert_eq!(place.stored(), stored);
}

#[test]
fn a_store_of_a_newer_version_is_refused_by_every_command() {
    let place = empty();
    place.run(&["import", "store.jsonl"], "").expect_code(0);
    for version in ["4", "9223372036854775807"] {
        let update = format!("UPDATE keyctl.version SET version = {version}");
        place.alter(&update);
        expect_each(&place, commands(), "store_newer");
    }
    place.alter("UPDATE keyctl.version SET version = 3");
    place.run(&["audit", "verify"], "").expect_code(0);
}

#[test]
fn a_schema_of_another_program_is_refused_and_left_alone() {
    for tables in [
        "CREATE TABLE settings (name TEXT)",
        "CREATE TABLE keys (id TEXT)",
        "CREATE VIEW settings AS SELECT 1",
        "CREATE TABLE version (number TEXT)",
        "CREATE TABLE version (one INT, version TEXT); INSERT INTO version VALUES (1, 'b')",
        "CREATE TABLE version (one TEXT, version BIGINT); INSERT INTO version VALUES ('1', 1)",
    ] {
        let place = empty();
        let mut owner = place.connect_as(OWNER);
        let sql = format!("CREATE SCHEMA keyctl; SET search_path = keyctl; {tables}");
        owner.batch_execute(&sql).unwrap();
        expect_each(&place, commands(), "store_foreign");
    }
}

#[test]
fn a_database_without_a_store_stays_one() {
    for schema in ["", "CREATE SCHEMA keyctl AUTHORIZATION keyctl"] {
        let place = empty();
        place.alter(schema);
        let readers = commands().filter(|args| !makes_a_store(args));
        expect_each(&place, readers, "store_missing");
        for args in [
            &["create", "--app", "web", "--dry-run"] as &[_],
            &["import", "store.jsonl", "--dry-run"],
        ] {
            let stored = place.stored();
            place.run(args, "").expect_code(0);
            assert_eq!(place.stored(), stored, "{args:?}");
        }
    }
}

#[test]
fn a_store_of_the_first_version_is_brought_up_to_date() {
    let place = Sandbox::new();
    let (_, token) = issue(&place, &["--dataset", "ds_1"]);
    let bound = [
        "--dataset",
        "ds_2",
        "--dataset",
        "DS_9",
        "--dataset",
        "ds_10",
    ];
    issue(&place, &bound);
    issue(&place, &["--all-datasets"]);
    issue(&place, &["--app", "web"]);
    let verify = ["verify", "-d", "ds_1"];
    place.run(&verify, &token).expect_code(0);
    let listed = || {
        let lists: [&[&str]; 2] = [
            &["list", "--all", "--json"],
            &["list", "--all", "--dataset", "ds_10", "--json"],
        ];
        lists.map(|list| place.run(list, "").expect_code(0).stdout)
    };
    let before = listed();
    let export = place.run(&["export"], "").expect_code(0).stdout;
    for first in [&["list"] as &[_], &verify, INIT] {
        place.alter(FIRST_VERSION);
        place.alter(FIRST_STEP);
        place.run(first, &token).expect_code(0);
        assert_eq!(listed(), before, "{first:?}");
        let version = "SELECT version::text FROM keyctl.version";
        assert_eq!(place.ask(version), "3");
        place.run(&["audit", "verify"], "").expect_code(0);
        let set = ["policy", "set", "max-keys-per-target", "10"];
        place.run(&set, "").expect_code(0);
    }
    place.run(&verify, &token).expect_code(0);
    let now = place.run(&["export"], "").expect_code(0).stdout;
    let keys = |export: &str| export.matches(r#""masked_token""#).count();
    assert_eq!(keys(&now), keys(&export));
}

#[test]
fn a_store_whose_making_was_cut_off_is_none_and_can_be_made() {
    let place = empty();
    place.alter(
        "CREATE SCHEMA keyctl AUTHORIZATION keyctl;
         SET ROLE keyctl;
         CREATE TABLE keyctl.version (one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
                                      version BIGINT NOT NULL);
         INSERT INTO keyctl.version VALUES (1, 0)",
    );
    let readers = commands().filter(|args| !makes_a_store(args));
    expect_each(&place, readers, "store_missing");
    issue(&place, &["--dataset", "ds_1"]);
    place.run(&["audit", "verify"], "").expect_code(0);
}

#[test]
fn a_schema_that_was_made_beforehand_is_enough() {
    let place = Sandbox::new();
    let role = format!("app_{}", place.name());
    place.alter(&format!("CREATE ROLE {role} LOGIN"));
    let create = ["create", "-d", "ds_1", "--json"];
    let refused = place.run_as(&role, &create, "").expect_code(7);
    assert_eq!(error(&refused)["code"], "store_no_right");
    assert!(!place.has_schema());
    let schema = |owner: &str| {
        place.alter(&format!(
            "DROP SCHEMA IF EXISTS keyctl; CREATE SCHEMA keyctl AUTHORIZATION {owner};
             GRANT USAGE, CREATE ON SCHEMA keyctl TO {role}"
        ));
    };
    // Whoever owns the schema can do with the store what they like.
    schema("postgres");
    let refused = place.run_as(&role, &create, "").expect_code(7);
    assert_eq!(error(&refused)["code"], "store_foreign");
    schema(&role);
    let run = place.run_as(&role, &create, "").expect_code(0);
    let token = json(&run)["token"].as_str().unwrap().to_owned();
    let verify = ["verify", "-d", "ds_1"];
    place.run_as(&role, &verify, &token).expect_code(0);
    place.run_as(&role, &["audit", "verify"], "").expect_code(0);
}

#[test]
fn init_says_whether_it_was_there_already() {
    let place = Sandbox::new();
    let location = place.location().to_string();
    let lines = |run: &Run| (run.stdout.clone(), run.stderr.clone());
    let first = place.run(&["store", "init"], "").expect_code(0);
    let path = format!("{location}\n");
    let made = format!("made a new store: {location}\n");
    assert_eq!(lines(&first), (path.clone(), made));
    let stored = place.stored();
    let second = place.run(&["store", "init"], "").expect_code(0);
    assert_eq!(lines(&second), (path, "it was there already\n".to_owned()));
    assert_eq!(place.stored(), stored);
}

#[test]
fn no_password_is_shown_whatever_is_said_of_the_store() {
    const PASSWORD: &str = "hidden-word";
    let place = Sandbox::new();
    let plain = place.url(OWNER);
    let user = format!("{OWNER}@");
    let before = plain.replacen(&user, &format!("{OWNER}:{PASSWORD}@"), 1);
    let behind = format!("{plain}?password={PASSWORD}");
    for url in [before, behind] {
        for args in [
            &["store", "path"] as &[_],
            &["store", "path", "--json"],
            &["list"],
            &["list", "--json"],
            &["store", "grants", "--admin", "ops"],
            &["store", "init"],
            &["store", "check", "--json"],
            &["verify", "-d", "ds_1"],
            &["show", "nobody", "--json"],
            &["create", "--nonsense"],
            &["list", "--store", &url],
        ] {
            let run = place.run_at(&url, args, "unknown");
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(!said.contains(PASSWORD), "{args:?}");
        }
        place.alter("DROP SCHEMA keyctl CASCADE");
    }
    let path = place.run(&["store", "path"], "").expect_code(0);
    assert_eq!(path.stdout, format!("{}\n", place.location()));
}

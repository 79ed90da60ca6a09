//! What `store check` and `audit verify` notice of what others did on the server.

use std::sync::LazyLock;

use super::place::{start, there};
use super::postgres::Server;
use super::{OWNER, Sandbox, issue, json};

/// One that is kept as well as one can be, where nothing is amiss.
static DURABLE: LazyLock<Option<Server>> = LazyLock::new(|| start(&[("fsync", "on")]));

/// The checks that are not in order, with their states and what is said of them.
fn amiss(place: &Sandbox<'_>) -> Vec<(String, String, String)> {
    let run = place.run(&["store", "check", "--json"], "");
    let document = json(&run);
    let is_problem = |line: &serde_json::Value| line["state"] == "problem";
    let checks = document["checks"].as_array().unwrap();
    let code = if checks.iter().any(is_problem) { 7 } else { 0 };
    assert_eq!(run.code, code, "{}", run.stdout);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let lines = checks.iter().filter(|line| line["state"] != "ok");
    lines
        .map(|line| {
            (
                text(&line["check"]),
                text(&line["state"]),
                text(&line["message"]),
            )
        })
        .collect()
}

/// What is planted or taken away, and how it is named.
const ALTERED: [(&str, &str); 32] = [
    ("CREATE TABLE planted ()", "table planted"),
    (
        "CREATE VIEW planted AS SELECT * FROM keys",
        "relation planted",
    ),
    (
        "CREATE MATERIALIZED VIEW planted AS SELECT 1",
        "relation planted",
    ),
    ("CREATE SEQUENCE planted", "relation planted"),
    ("CREATE TYPE planted AS (x INT)", "relation planted"),
    (
        "CREATE FUNCTION planted() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER planted BEFORE UPDATE ON keys FOR EACH ROW EXECUTE FUNCTION planted();
         ALTER FUNCTION planted() SET SCHEMA public",
        "trigger keys.planted",
    ),
    (
        "CREATE TRIGGER planted BEFORE UPDATE ON keys FOR EACH ROW
         EXECUTE FUNCTION suppress_redundant_updates_trigger();
         ALTER TABLE keys DISABLE TRIGGER planted",
        "trigger keys.planted",
    ),
    (
        "CREATE RULE planted AS ON DELETE TO keys DO INSTEAD NOTHING",
        "rule keys.planted",
    ),
    (
        "CREATE POLICY planted ON keys USING (false)",
        "policy keys.planted",
    ),
    ("ALTER TABLE keys ENABLE ROW LEVEL SECURITY", "table keys"),
    (
        "CREATE FUNCTION planted() RETURNS INT LANGUAGE sql AS 'SELECT 1'",
        "function planted",
    ),
    (
        "CREATE FUNCTION record_use(used TEXT, used_at INT) RETURNS VOID LANGUAGE sql AS ''",
        "function record_use",
    ),
    (
        "CREATE OR REPLACE FUNCTION record_use(used TEXT, used_at BIGINT) RETURNS VOID
         LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = keyctl, pg_temp AS ''",
        "function record_use",
    ),
    (
        "ALTER FUNCTION key_by_digest(BYTEA) SECURITY INVOKER",
        "function key_by_digest",
    ),
    (
        "ALTER FUNCTION key_by_digest(BYTEA) RESET search_path",
        "function key_by_digest",
    ),
    (
        "ALTER FUNCTION key_by_digest(BYTEA) SET search_path = public, keyctl",
        "function key_by_digest",
    ),
    (
        "DROP FUNCTION record_use(TEXT, BIGINT)",
        "function record_use",
    ),
    ("CREATE INDEX planted ON keys (name)", "index planted"),
    ("DROP INDEX keys_by_name", "index keys_by_name"),
    (
        "DROP INDEX keys_by_name;
         CREATE INDEX keys_by_name ON keys (workspace, name) WHERE name = 'ci'",
        "index keys_by_name",
    ),
    (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'keys_by_creation'::regclass",
        "index keys_by_creation",
    ),
    (
        "ALTER TABLE last_uses DROP CONSTRAINT last_uses_key_id_fkey",
        "constraint last_uses",
    ),
    (
        "ALTER TABLE last_uses DROP CONSTRAINT last_uses_key_id_fkey,
         ADD CONSTRAINT last_uses_key_id_fkey FOREIGN KEY (key_id) REFERENCES keys (id)
         ON DELETE CASCADE NOT VALID",
        "constraint last_uses",
    ),
    (
        "ALTER TABLE last_uses DISABLE TRIGGER ALL",
        "trigger last_uses",
    ),
    (
        "ALTER TABLE keys DROP CONSTRAINT keys_check",
        "constraint keys.keys_check",
    ),
    (
        "ALTER TABLE keys ADD CONSTRAINT planted CHECK (true)",
        "constraint keys.planted",
    ),
    (
        "ALTER TABLE keys ADD COLUMN planted INT",
        "column keys.planted",
    ),
    (
        "ALTER TABLE keys ALTER workspace DROP NOT NULL",
        "column keys.workspace",
    ),
    (
        "ALTER TABLE keys ALTER name TYPE TEXT COLLATE \"en-x-icu\"",
        "column keys.name",
    ),
    (
        "ALTER TABLE events ALTER detail TYPE VARCHAR",
        "column events.detail",
    ),
    ("ALTER TABLE events SET UNLOGGED", "table events"),
    (
        "CREATE TABLE public.planted () INHERITS (keys)",
        "child keys.",
    ),
];

#[test]
fn what_is_planted_or_taken_away_is_noticed_and_named() {
    let place = Sandbox::new();
    for (sql, thing) in ALTERED {
        issue(&place, &["--dataset", "ds_1"]);
        place.alter(&format!("SET search_path = keyctl; {sql}"));
        let run = place.run(&["audit", "verify", "--json"], "");
        let said = run.expect_code(7).stderr;
        assert!(said.contains(&format!(" its {thing}")), "{sql}: {said}");
        place.alter("DROP SCHEMA keyctl CASCADE; DROP FUNCTION IF EXISTS public.planted");
    }
}

#[test]
fn what_is_planted_is_a_line_and_the_rest_is_looked_at_all_the_same() {
    let place = Sandbox::new();
    issue(&place, &["--dataset", "ds_1"]);
    place.alter("CREATE RULE planted AS ON DELETE TO keyctl.keys DO INSTEAD NOTHING");
    let amiss = amiss(&place);
    let (check, state, message) = &amiss[0];
    assert_eq!((check.as_str(), state.as_str()), ("tables", "problem"));
    assert!(message.contains(" its rule keys.planted "), "{message}");
    // The other is that test servers do not wait for their disk.
    assert_eq!(amiss.len(), 2, "{amiss:?}");
}

/// What the server is told of commits in one database or by one role, and whether
/// that can lose any.
const COMMITS: [(&str, bool); 6] = [
    (
        "ALTER DATABASE {database} SET synchronous_commit = off",
        true,
    ),
    (
        "ALTER ROLE {owner} IN DATABASE {database} SET synchronous_commit = off",
        true,
    ),
    (
        "ALTER DATABASE {database} SET synchronous_commit = local",
        false,
    ),
    (
        "ALTER DATABASE {database} SET synchronous_commit = remote_write",
        false,
    ),
    (
        "ALTER DATABASE {database} SET synchronous_commit = on",
        false,
    ),
    (
        "ALTER DATABASE {database} SET synchronous_commit = off;
         ALTER ROLE {owner} IN DATABASE {database} SET synchronous_commit = local",
        false,
    ),
];

/// What holds at the very end of a transaction is written down by one that was
/// planted for that.
const WITNESS: &str = "
    CREATE TABLE public.seen (setting TEXT);
    CREATE FUNCTION public.see() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO public.seen VALUES (current_setting('synchronous_commit'));
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER seen AFTER INSERT ON keyctl.events
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.see()";

#[test]
fn what_keyctl_commits_is_on_disk_and_that_others_keep_theirs_in_memory_is_advice() {
    let place = Sandbox::on(there(DURABLE.as_ref()));
    issue(&place, &["--dataset", "ds_1", "--name", "ci"]);
    place.alter(WITNESS);
    for (setting, is_lax) in COMMITS {
        let sql = |sql: &str| {
            let sql = sql.replace("{database}", place.name());
            place.alter(&sql.replace("{owner}", OWNER));
        };
        sql(setting);
        let amiss = amiss(&place);
        let of_journal: Vec<_> = amiss
            .iter()
            .filter(|(name, ..)| name == "journal")
            .collect();
        match of_journal.as_slice() {
            [] => assert!(!is_lax, "{setting}"),
            [(_, state, message)] => {
                assert_eq!((state.as_str(), is_lax), ("advice", true), "{setting}");
                assert!(message.ends_with(", synchronous_commit off"), "{message}");
            }
            more => panic!("{setting}: {more:?}"),
        }
        issue(&place, &["--app", "web"]);
        let seen = place.ask("SELECT string_agg(setting, ' ') FROM public.seen");
        let is_off = seen.contains("off");
        assert!(!is_off && (!is_lax || seen == "on"), "{setting}: {seen}");
        sql(
            "DELETE FROM public.seen; ALTER DATABASE {database} RESET ALL;
             ALTER ROLE {owner} IN DATABASE {database} RESET ALL",
        );
    }
}

#[test]
fn a_server_that_does_not_wait_for_its_disk_is_a_problem() {
    let place = Sandbox::new();
    issue(&place, &["--dataset", "ds_1"]);
    let amiss = amiss(&place);
    let [(check, state, message)] = amiss.as_slice() else {
        panic!("{amiss:?}");
    };
    assert_eq!((check.as_str(), state.as_str()), ("journal", "problem"));
    assert!(message.ends_with(", fsync off"), "{message}");
    // That is no alteration.
    place.run(&["audit", "verify"], "").expect_code(0);
}

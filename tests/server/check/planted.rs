//! What somebody puts among the tables of a store, or takes away from them.

use super::{Sandbox, amiss, issue};

/// What is planted or taken away, and how it is named.
const ALTERED: [(&str, &str); 39] = [
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
        "RESET ROLE; UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'keys_by_creation'::regclass",
        "index keys_by_creation",
    ),
    (
        "ALTER TABLE last_uses DROP CONSTRAINT last_uses_seq_fkey",
        "constraint last_uses",
    ),
    (
        "ALTER TABLE last_uses DROP CONSTRAINT last_uses_seq_fkey,
         ADD CONSTRAINT last_uses_seq_fkey FOREIGN KEY (seq) REFERENCES keys (seq)
         ON DELETE CASCADE NOT VALID",
        "constraint last_uses",
    ),
    (
        "RESET ROLE; ALTER TABLE last_uses DISABLE TRIGGER ALL",
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
    (
        "ALTER TABLE keys DROP CONSTRAINT keys_check, ADD CONSTRAINT keys_check CHECK (true)",
        "constraint keys.keys_check",
    ),
    (
        "ALTER TABLE keys ALTER revoked_at SET DEFAULT 1",
        "column keys.revoked_at",
    ),
    (
        "RESET ROLE; ALTER TABLE events OWNER TO postgres; GRANT ALL ON events TO keyctl",
        "table events",
    ),
    ("GRANT SELECT ON keys TO PUBLIC", "grant keys"),
    (
        "GRANT SELECT (digest) ON keys TO PUBLIC",
        "grant keys.digest",
    ),
    ("GRANT USAGE ON SCHEMA keyctl TO PUBLIC", "grant keyctl"),
    (
        "GRANT EXECUTE ON FUNCTION key_by_digest(BYTEA) TO PUBLIC",
        "grant key_by_digest",
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
        // By the owner, where it takes no more.
        let begin = "SET search_path = keyctl; SET ROLE keyctl";
        place.alter(&format!("{begin}; {sql}"));
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

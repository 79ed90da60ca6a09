//! A schema that is not as keyctl made it: what somebody planted there is found.

use keyctl::Registry;

use super::history::{Found, at, audit, everything, live};
use super::site::Site;

/// What can be done to the schema, by whoever may do anything.
const PLANTED: [&str; 31] = [
    "CREATE TABLE planted (x INT)",
    "CREATE TABLE planted ()",
    "CREATE VIEW planted AS SELECT * FROM keys",
    "CREATE MATERIALIZED VIEW planted AS SELECT 1",
    "CREATE SEQUENCE planted",
    "CREATE INDEX planted ON keys (workspace)",
    "DROP INDEX keys_by_app",
    "ALTER TABLE keys ADD COLUMN planted TEXT",
    "ALTER TABLE keys ALTER COLUMN scopes DROP NOT NULL",
    "ALTER TABLE keys ALTER COLUMN revoked_at SET DEFAULT 7",
    r#"ALTER TABLE keys ALTER COLUMN name TYPE TEXT COLLATE "en-x-icu""#,
    r#"ALTER TABLE keys ALTER COLUMN name TYPE VARCHAR(200) COLLATE "C""#,
    "ALTER TABLE keys DROP CONSTRAINT keys_scopes_check",
    "ALTER TABLE keys ADD CONSTRAINT planted CHECK (revoked_at IS NULL) NOT VALID",
    "ALTER TABLE key_datasets DROP CONSTRAINT key_datasets_seq_fkey",
    "ALTER TABLE keys DROP CONSTRAINT keys_digest_key;
     ALTER TABLE keys ADD CONSTRAINT keys_digest_key UNIQUE (id, digest)",
    // What is in one is gone after a crash.
    "ALTER TABLE events SET UNLOGGED",
    "ALTER TABLE last_uses SET UNLOGGED",
    // Its rows are among those of the other table.
    "CREATE TABLE public.planted () INHERITS (keyctl.keys)",
    "ALTER TABLE keys ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE keys FORCE ROW LEVEL SECURITY",
    "CREATE POLICY planted ON keys USING (false)",
    "CREATE RULE planted AS ON UPDATE TO keys DO INSTEAD NOTHING",
    "CREATE FUNCTION planted() RETURNS INT LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION public.planted() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
     CREATE TRIGGER planted BEFORE UPDATE ON keys
         FOR EACH ROW EXECUTE FUNCTION public.planted()",
    "ALTER TABLE key_datasets DISABLE TRIGGER ALL",
    "ALTER TABLE key_datasets DROP CONSTRAINT key_datasets_seq_fkey;
     ALTER TABLE key_datasets ADD CONSTRAINT key_datasets_seq_fkey
         FOREIGN KEY (seq) REFERENCES keys (seq) NOT VALID",
    "DROP FUNCTION record_use",
    "ALTER FUNCTION key_by_digest(bytea) SECURITY INVOKER",
    "ALTER FUNCTION key_by_digest(bytea) SET search_path = public",
    "CREATE OR REPLACE FUNCTION planted(used TEXT) RETURNS VOID LANGUAGE sql AS 'SELECT'",
];

fn create(site: &Site) -> Registry {
    Registry::create(&site.location(), "alice".parse().unwrap(), at(1)).unwrap()
}

#[test]
fn what_is_planted_in_the_schema_is_found() {
    for sql in PLANTED {
        let site = Site::new();
        drop(create(&site));
        assert_eq!(audit(&site.location(), None), Found::Nothing);
        let planted = format!("SET search_path = keyctl; {sql}");
        site.0.connect().batch_execute(&planted).unwrap();
        let found = audit(&site.location(), None);
        assert!(matches!(found, Found::BadRow(_)), "{sql}: {found:?}");
    }
}

/// Nobody who is not a superuser can keep a trigger of the owner's from running.
#[test]
fn a_trigger_that_undoes_revocations_is_found() {
    let site = Site::new();
    let mut registry = create(&site);
    live(&mut registry);
    let revive = "
        CREATE FUNCTION public.revive() RETURNS TRIGGER LANGUAGE plpgsql AS
            'BEGIN NEW.revoked_at := NULL; NEW.revoke_reason := NULL; RETURN NEW; END';
        CREATE TRIGGER revive BEFORE UPDATE ON keyctl.keys
            FOR EACH ROW EXECUTE FUNCTION public.revive()";
    site.0.connect().batch_execute(revive).unwrap();
    // Whether it is refused, or told as done and undone, an audit tells.
    let _ = registry.revoke_matching(&everything(), at(200), |_| {});
    drop(registry);
    assert_ne!(audit(&site.location(), None), Found::Nothing);
}

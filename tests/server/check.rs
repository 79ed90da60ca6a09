//! What `store check` and `audit verify` notice of what others did on the server.

mod planted;

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

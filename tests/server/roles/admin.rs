//! What operators may.

use super::{OWNERS, SETTING, Store, issue, json};

#[test]
fn an_admin_does_all_that_operators_do() {
    let store = Store::new();
    let role = store.role("--admin", "ops");
    let (_, app) = issue(&store.place, &["--app", "shop", "--name", "shop"]);
    let run = |args: &[&str]| store.place.run_as(&role, args, &app).expect_code(0);
    for args in [
        &["verify", "--app", "shop"] as &[_],
        &["list", "--all"],
        &["show", "ci"],
        &["create", "-q", "-d", "ds_1", "-d", "ds_2", "--name", "new"],
        &["rotate", "ci", "--grace", "1h"],
        &[
            "edit",
            "new",
            "--add-scope",
            "read",
            "--remove-scope",
            "full",
        ],
        &["disable", "new", "--reason", "on leave"],
        &["enable", "new"],
        &["revoke", "new"],
        &["revoke", "--app", "shop", "--yes"],
        &["policy", "set", SETTING, "30"],
        &["policy", "set", SETTING, "20"],
        &["policy", "show"],
        &["audit"],
        &["audit", "head"],
        &["audit", "verify"],
    ] {
        run(args);
    }
    // What ended long ago can be pruned.
    store.place.alter("UPDATE keyctl.last_uses SET at = 1");
    run(&["prune", "--revoked", "--older-than", "0s", "--yes"]);
    assert_eq!(json(&run(&["audit", "verify", "--json"]))["intact"], true);
    let check = store.place.run_as(&role, &["store", "check"], "");
    let problems = check
        .stdout
        .lines()
        .filter(|line| line.starts_with("problem"));
    // Test servers do not wait for their disk.
    assert_eq!(problems.count(), 1, "{}", check.stdout);
}

#[test]
fn an_admin_moves_keys_in_and_out() {
    let store = Store::new();
    let role = store.role("--admin", "ops");
    let other = Store::new();
    let export = other.place.run(&["export"], "").expect_code(0).stdout;
    let import = ["import", "-"];
    let run = store.place.run_as(&role, &import, &export).expect_code(0);
    assert_eq!(run.stdout, "imported 2 keys\n");
    let verify = ["verify", "-d", "ds_1"];
    store
        .place
        .run_as(&role, &verify, &other.token)
        .expect_code(0);
    let exported = store.place.run_as(&role, &["export"], "").expect_code(0);
    assert_eq!(
        exported.stdout,
        store.place.run(&["export"], "").expect_code(0).stdout
    );
    store
        .place
        .run_as(&role, &["audit", "verify"], "")
        .expect_code(0);
}

#[test]
fn an_admin_alters_no_event_and_makes_no_table() {
    let store = Store::new();
    let role = store.role("--admin", "ops");
    store.expect_refused(&role, &OWNERS);
    store.expect_refused(
        &role,
        &[
            "UPDATE keyctl.key_datasets SET dataset = 'ds_2'",
            "UPDATE keyctl.policy SET value = '99'",
            "UPDATE keyctl.head SET one = 1",
            "DELETE FROM keyctl.last_uses",
            "UPDATE keyctl.events SET hash = hash WHERE false",
        ],
    );
}

use std::fs;

use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, transcript};

#[test]
fn path_tells_where_the_store_is_or_would_be() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        transcript(&sandbox.run(&["store", "path"], "")),
        str![[r#"
[HOME]/.local/share/keyctl/keys.db
--- stderr
--- exit 0

"#]]
    );
    assert!(
        !sandbox.home().join(".local").exists(),
        "asking makes nothing"
    );
    let document = json(&sandbox.run(&["store", "path", "--json", "--store", "x/y.db"], ""));
    let expected = sandbox.home().join("x/y.db");
    assert_eq!(document["path"], expected.display().to_string());
}

#[test]
fn init_makes_a_store_once() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        transcript(&sandbox.run(&["store", "init"], "")),
        str![[r#"
[HOME]/.local/share/keyctl/keys.db
--- stderr
made a new store: ~/.local/share/keyctl/keys.db
--- exit 0

"#]]
    );
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let made = fs::read(&path).unwrap();
    sandbox.run(&["store", "init"], "").expect_code(0);
    assert_eq!(fs::read(&path).unwrap(), made);
    let list = sandbox.run(&["list", "--json"], "").expect_code(0);
    assert_eq!(json(&list)["count"], 0);
}

#[test]
fn odd_paths_are_paths_and_nothing_else() {
    for path in [
        "a b.db",
        "x?mode=memory",
        "x#y%20z",
        "file:x.db",
        ":memory:",
        "-x",
        "é/漢.db",
    ] {
        let sandbox = Sandbox::new();
        let store = format!("--store={path}");
        sandbox
            .run(&["create", "--app", "web", &store], "")
            .expect_code(0);
        assert!(sandbox.home().join(path).is_file(), "{path}");
        let run = sandbox
            .run(&["list", "-o", "id", &store], "")
            .expect_code(0);
        assert_eq!(run.stdout.lines().count(), 1, "{path}");
    }
}

#[test]
fn a_file_that_was_made_and_not_filled_is_finished_by_the_next() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.home().join("empty.db"), "").unwrap();
    let pretend = ["create", "--app", "web", "--store", "empty.db", "-n"];
    sandbox.run(&pretend, "").expect_code(0);
    assert_eq!(fs::read(sandbox.home().join("empty.db")).unwrap(), b"");
    sandbox
        .run(&["list", "--store", "empty.db"], "")
        .expect_code(7);
    sandbox
        .run(&["create", "--app", "web", "--store", "empty.db"], "")
        .expect_code(0);
    sandbox
        .run(&["list", "--store", "empty.db"], "")
        .expect_code(0);
}

#[test]
fn a_store_of_the_first_version_is_brought_up_to_date() {
    let sandbox = Sandbox::new();
    for name in ["one", "two", "three"] {
        issue(&sandbox, &["--dataset", "ds_1", "--name", name]);
    }
    sandbox.run(&["revoke", "two"], "").expect_code(0);
    let listed = || {
        sandbox
            .run(&["list", "--all", "--json"], "")
            .expect_code(0)
            .stdout
    };
    let before = listed();
    // As it was: keys numbered from 1 on, and no table of policies.
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch(
            "CREATE TEMP TABLE places AS SELECT id, row_number() OVER (ORDER BY seq) AS place FROM keys;
             UPDATE keys SET seq = -seq;
             UPDATE keys SET seq = (SELECT place FROM places p WHERE p.id = keys.id);
             DROP TABLE policy;
             PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(connection);
    assert_eq!(listed(), before);
    let run = sandbox.run(&["audit", "verify"], "").expect_code(0);
    assert_eq!(run.stdout, "intact: 5 events, 3 keys\n");
    sandbox
        .run(&["create", "--dataset", "ds_1"], "")
        .expect_code(0);
    sandbox.run(&["audit", "verify"], "").expect_code(0);
}

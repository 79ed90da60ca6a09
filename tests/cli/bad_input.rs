//! Every row: a clear error with a hint, its own exit code, nothing on
//! standard output, and a store that is what it was.

use std::fs;
use std::path::Path;

use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, transcript};

const COMMANDS: [&[&str]; 4] = [
    &["list"],
    &["show", "ci"],
    &["verify", "--dataset", "ds_1"],
    &["revoke", "ci"],
];

#[track_caller]
fn expect_refused(sandbox: &Sandbox, args: &[&str], code: i32) -> String {
    let run = sandbox.run(args, "anything").expect_code(code);
    assert_eq!(run.stdout, "", "{args:?}");
    assert!(
        run.stderr.starts_with("error: "),
        "{args:?}: {}",
        run.stderr
    );
    assert!(run.stderr.contains("\nhint: "), "{args:?}: {}", run.stderr);
    run.stderr
}

/// What the store says, for comparing before and after.
fn dump(sandbox: &Sandbox) -> String {
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut text = String::new();
    for table in ["head", "keys", "key_datasets", "last_uses", "events"] {
        let mut statement = connection
            .prepare(&format!("SELECT * FROM {table}"))
            .unwrap();
        let count = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..count {
                text.push_str(&format!("{:?},", row.get_ref(column).unwrap()));
            }
        }
    }
    text
}

#[test]
fn no_store() {
    let sandbox = Sandbox::new();
    for args in COMMANDS {
        expect_refused(&sandbox, args, 7);
    }
    assert_eq!(fs::read_dir(sandbox.home()).unwrap().count(), 0);
    assert_data_eq!(
        transcript(&sandbox.run(&["list"], "")),
        str![[r#"
--- stderr
error: there is no key store here
  store: ~/.local/share/keyctl/keys.db
hint: make it with the first key: keyctl create --dataset ID
hint: or name another one: --store PATH, or KEYCTL_STORE
--- exit 7

"#]]
    );
}

#[test]
fn a_store_that_is_something_else() {
    let sandbox = Sandbox::new();
    let home = sandbox.home();
    fs::create_dir(home.join("folder")).unwrap();
    fs::write(
        home.join("text"),
        "just some text, long enough to have a header".repeat(50),
    )
    .unwrap();
    let other = rusqlite::Connection::open(home.join("other")).unwrap();
    other
        .execute_batch("CREATE TABLE mine (x); PRAGMA user_version = 1")
        .unwrap();
    drop(other);
    std::os::unix::fs::symlink(home.join("other"), home.join("link")).unwrap();
    let bytes = |name: &str| fs::read(home.join(name)).unwrap();
    let before = (bytes("text"), bytes("other"));
    for store in ["folder", "text", "other", "link", "/dev/null"] {
        for args in COMMANDS
            .iter()
            .copied()
            .chain([&["create", "--app", "a"] as &[_]])
        {
            let args = [args, &["--store", store]].concat();
            let said = expect_refused(&sandbox, &args, 7);
            assert!(said.contains("this is not a key store"), "{store}: {said}");
        }
    }
    assert_eq!((bytes("text"), bytes("other")), before);
    assert!(!home.join("other-wal").exists() && !home.join("other-journal").exists());
}

#[test]
fn a_store_of_a_newer_version() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    connection
        .pragma_update(None, "journal_mode", "delete")
        .unwrap();
    drop(connection);
    let before = fs::read(&path).unwrap();
    for args in COMMANDS
        .iter()
        .copied()
        .chain([&["create", "--app", "a"] as &[_]])
    {
        let said = expect_refused(&sandbox, args, 7);
        assert!(said.contains("version 99"), "{said}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn rows_before_a_damaged_one_are_not_printed() {
    let sandbox = Sandbox::new();
    for _ in 0..3 {
        issue(&sandbox, &["--dataset", "ds_1"]);
    }
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute("UPDATE keys SET scopes = '*' WHERE seq = 3", [])
        .unwrap();
    drop(connection);
    for format in ["table", "json", "jsonl", "csv", "id"] {
        let run = sandbox.run(&["list", "-o", format], "").expect_code(7);
        assert_eq!(run.stdout, "", "{format}");
    }
}

#[test]
fn imported_tokens_are_known_by_their_digest_whatever_their_form() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--app", "web"]);
    let imported = "appAbCdEfGhIjKlMnOpQrStUvWx1234";
    let digest = keyctl::Token::parse(imported.as_bytes()).unwrap().digest();
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute("UPDATE keys SET digest = ?1", [digest.as_bytes()])
        .unwrap();
    drop(connection);
    for args in [
        vec!["revoke", imported],
        vec![
            "create",
            "--app",
            "web",
            "--description",
            "was appAbCdEfGhIjKlMnOpQrStUvWx1234!",
        ],
    ] {
        let said = expect_refused(&sandbox, &args, 2);
        assert!(said.contains(&id) && !said.contains(imported), "{said}");
    }
    // An id of the service that looks like it is none.
    let other = ["create", "--app", "appZZZZEfGhIjKlMnOpQrStUvWx1234"];
    sandbox.run(&other, "").expect_code(0);
}

#[test]
fn a_damaged_row_is_named_and_never_a_wider_key() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute("DELETE FROM key_datasets", []).unwrap();
    drop(connection);
    for target in [&["--all-datasets"] as &[_], &["--dataset", "ds_1"], &[]] {
        let run = sandbox
            .run(&[&["verify"], target].concat(), &token)
            .expect_code(7);
        assert_eq!(run.stdout, "");
        assert!(
            run.stderr
                .contains(&format!("key {id} has no valid dataset")),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_location_that_no_engine_opens_keeps_its_password() {
    let sandbox = Sandbox::new();
    let said = expect_refused(
        &sandbox,
        &["list", "--store", "mysql://me:hunter2@db/keys"],
        7,
    );
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn values_that_break_their_rules() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let before = dump(&sandbox);
    let long_name = "n".repeat(129);
    let long_id = "d".repeat(201);
    let cases: [(&[&str], i32); 30] = [
        (&["create", "--dataset", ""], 2),
        (&["create", "--dataset", "a b"], 2),
        (&["create", "--dataset", "*"], 2),
        (&["create", "--dataset", &long_id], 2),
        (&["create", "--app", ""], 2),
        (&["create"], 2),
        (&["create", "--dataset", "a", "--app", "b"], 2),
        (&["create", "--dataset", "a", "--all-datasets"], 2),
        (&["create", "--app", "a", "--app", "b"], 2),
        (&["create", "--app", "a", "--name", ""], 2),
        (&["create", "--app", "a", "--name", "\u{1b}[31mred"], 2),
        (&["create", "--app", "a", "--name", "two\nlines"], 2),
        (&["create", "--app", "a", "--name", &long_name], 2),
        (&["create", "--app", "a", "--name", "key_abcd"], 2),
        (&["create", "--app", "a", "--scope", ""], 2),
        (&["create", "--app", "a", "--scope", "read write"], 2),
        (&["create", "--app", "a", "--scope", "*"], 2),
        (&["create", "--app", "a", "--expires", "2001-01-01"], 4),
        (&["create", "--app", "a", "--expires", "0d"], 4),
        (&["create", "--app", "a", "--expires", "soon"], 2),
        (&["create", "--app", "a", "--expires", "-1d"], 2),
        (&["create", "--app", "a", "--description", ""], 2),
        (&["create", "--app", "a", "--workspace", "a/b"], 2),
        (&["list", "--bound-only"], 2),
        (&["list", "--all", "--status", "active"], 2),
        (&["list", "--json", "-o", "csv"], 2),
        (&["list", "--fields", "digest"], 2),
        (&["list", "--sort", "digest"], 2),
        (&["show", "key_7h"], 2),
        (&["nonsense"], 2),
    ];
    for (args, code) in cases {
        if args.contains(&"--json") {
            sandbox.run(args, "").expect_code(code);
            continue;
        }
        let said = expect_refused(&sandbox, args, code);
        assert!(!said.contains('\u{1b}'), "{args:?}: {said}");
    }
    assert_eq!(dump(&sandbox), before);
}

#[test]
fn keys_that_are_not_there_or_not_one() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci-deploy"]);
    // Two ids with the same beginning, as chance would give them.
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch(
            "INSERT INTO keys (id, workspace, access, scopes, digest, masked_token, created_at,
                               created_by)
             VALUES ('key_tw1ns00000000000', 'default', 'all_datasets', 'full',
                     randomblob(32), '***', 1, 'test'),
                    ('key_tw1ns11111111111', 'default', 'all_datasets', 'full',
                     randomblob(32), '***', 1, 'test')",
        )
        .unwrap();
    drop(connection);
    let before = dump(&sandbox);
    for command in ["show", "revoke"] {
        for unknown in ["nobody", "key_0000000000000000", "key_0000"] {
            expect_refused(&sandbox, &[command, unknown], 3);
        }
        let said = expect_refused(&sandbox, &[command, "key_tw1ns"], 4);
        assert!(said.contains("key_tw1ns00000000000"), "{said}");
        assert!(said.contains("key_tw1ns11111111111"), "{said}");
    }
    expect_refused(&sandbox, &["list", "--after", "nobody"], 3);
    assert_data_eq!(
        transcript(&sandbox.run(&["show", "ci-deplyo"], "")),
        str![[r#"
--- stderr
error: no key matches "ci-deplyo" in workspace "default"
  store: ~/.local/share/keyctl/keys.db
hint: did you mean "ci-deploy" ([KEY1])?
hint: see all keys: keyctl list --all
--- exit 3

"#]]
    );
    assert_eq!(dump(&sandbox), before);
}

#[test]
fn a_token_as_an_argument_is_never_echoed() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let before = dump(&sandbox);
    let glued = format!("--no-such-option={token}");
    let short = format!("-x{token}");
    let name = format!("--name={token}");
    let quoted = format!("it is {token}!");
    let encoded = format!("Bearer%20{token}");
    let glued_name = format!("--name{token}");
    let logged = format!("a line\\n{token}\\n");
    let cases: [&[&str]; 15] = [
        &["revoke", &encoded],
        &["create", "--app", "a", &glued_name],
        &["create", "--app", "a", "--description", &logged],
        &[&token],
        &["show", &token],
        &["revoke", &token],
        &["verify", &token],
        &["verify", "--dataset", "ds_1", &token],
        &["list", &glued],
        &["list", &short],
        &["create", "--app", "a", &name],
        &["create", "--app", &token],
        &["create", "--app", "a", "--description", &quoted],
        &["revoke", "ci", "--reason", &quoted],
        &["list", "--actor", &token],
    ];
    for args in cases {
        let said = expect_refused(&sandbox, args, 2);
        assert!(!said.contains(&token[8..20]), "{said}");
        assert!(said.contains(&id), "the key is named: {said}");
        let as_json = sandbox
            .run(&[args, &["--json"]].concat(), "")
            .expect_code(2);
        assert!(
            !as_json.stderr.contains(&token[8..20]),
            "{}",
            as_json.stderr
        );
    }
    assert_eq!(dump(&sandbox), before);
    // Nor where it is the name of the very store that knows it.
    let named = sandbox.home().join(format!("{token}.db"));
    fs::copy(sandbox.home().join(".local/share/keyctl/keys.db"), &named).unwrap();
    let store = named.display().to_string();
    let said = expect_refused(&sandbox, &["list", "--store", &store], 2);
    assert!(said.contains(&id) && !said.contains(&token), "{said}");
    // The owner is also found in a store that is named, and an unknown token
    // is kept quiet about as well.
    let elsewhere = ["--store", ".local/share/keyctl/keys.db", "show", &token];
    assert!(expect_refused(&sandbox, &elsewhere, 2).contains(&id));
    let unknown = sandbox.run(&["show", "app-0123456789ABCDEFGHIJKLNF"], "");
    assert_data_eq!(
        transcript(&unknown),
        str![[r#"
--- stderr
error: argument 2 holds a token
hint: other users of this machine can read arguments while they run
hint: give tokens on standard input or in a file, as in: keyctl verify < FILE
--- exit 2

"#]]
    );
}

#[test]
fn a_store_that_cannot_be_reached() {
    let sandbox = Sandbox::new();
    let too_long = "n".repeat(300);
    for args in COMMANDS {
        let args = [args, &["--store", &too_long]].concat();
        let said = expect_refused(&sandbox, &args, 7);
        assert!(
            said.contains("cannot be opened: file name too long"),
            "{said}"
        );
    }
}

#[test]
fn a_store_that_must_not_be_read() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let is_root = nix::unistd::getuid().is_root();
    // Root may read everything, so there somebody else tries, with a program
    // and a folder that are within reach.
    let program = sandbox.home().join("keyctl");
    // By another process: a child forked by another test while this one holds
    // the copy open for writing would keep it from being run (ETXTBSY).
    let mut copy = sandbox.command("cp");
    copy.arg(env!("CARGO_BIN_EXE_keyctl")).arg(&program);
    sandbox.finish(copy, b"").expect_code(0);
    for folder in ["", ".local", ".local/share", ".local/share/keyctl"] {
        set_mode(&sandbox.home().join(folder), 0o755);
    }
    set_mode(&path, if is_root { 0o600 } else { 0o000 });
    for args in COMMANDS {
        let mut command = sandbox.command(&program.display().to_string());
        command.args(args);
        if is_root {
            use std::os::unix::process::CommandExt;
            command.uid(65534).gid(65534);
        }
        let run = sandbox.finish(command, b"anything").expect_code(7);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("cannot be opened"), "{}", run.stderr);
    }
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

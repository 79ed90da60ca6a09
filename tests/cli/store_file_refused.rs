//! Files that are no store, and stores in files that cannot be used.

use std::fs;
use std::path::Path;

use super::bad_input::{COMMANDS, expect_refused};
use super::{Sandbox, issue};

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
fn what_is_meant_for_a_server_does_not_become_a_file() {
    let places = [
        "postgres:/ann:hushhush@db",
        "postgresql:keys",
        "host=db dbname=keys",
        "host=db password=hushhush",
    ];
    for place in places {
        let sandbox = Sandbox::new();
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
        command.args(["store", "init"]).env("KEYCTL_STORE", place);
        let run = sandbox.finish(command, b"").expect_code(2);
        assert!(run.stderr.contains("neither a URL nor a path"), "{place}");
        assert!(!run.stderr.contains("hush"), "{place}");
        let left = std::fs::read_dir(sandbox.home()).unwrap().count();
        assert_eq!(left, 0, "{place}");
    }
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

#[test]
fn a_token_that_is_the_name_of_the_store_that_knows_it_is_never_echoed() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    let named = sandbox.home().join(format!("{token}.db"));
    fs::copy(sandbox.home().join(".local/share/keyctl/keys.db"), &named).unwrap();
    let store = named.display().to_string();
    let run = sandbox.run(&["list", "--store", &store], "").expect_code(2);
    assert!(run.stderr.contains(&id) && !run.stderr.contains(&token));
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

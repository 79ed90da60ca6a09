use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

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
        .execute_batch(include_str!("../support/first_version.sql"))
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

#[test]
fn a_link_in_the_place_of_the_store_its_folder_or_its_log_is_refused() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    let folder = sandbox.home().join(".local/share/keyctl");
    let elsewhere = sandbox.home().join("elsewhere");
    let list = || sandbox.run(&["list"], "");
    for name in ["keys.db-wal", "keys.db-shm", "keys.db-journal"] {
        fs::write(&elsewhere, "theirs").unwrap();
        symlink(&elsewhere, folder.join(name)).unwrap();
        let run = list().expect_code(7);
        let suffix = name.trim_start_matches("keys.db");
        let message = format!("this is not a key store: its {suffix} is a symbolic link");
        assert!(run.stderr.contains(&message), "{}", run.stderr);
        assert_eq!(fs::read(&elsewhere).unwrap(), b"theirs");
        fs::remove_file(folder.join(name)).unwrap();
    }
    list().expect_code(0);
    fs::remove_file(&elsewhere).unwrap();
    fs::rename(&folder, &elsewhere).unwrap();
    symlink(&elsewhere, &folder).unwrap();
    assert_data_eq!(
        transcript(&list()),
        str![[r#"
--- stderr
error: this is not a key store: its folder is a symbolic link
  store: ~/.local/share/keyctl/keys.db
hint: whoever can put a link there can lead keyctl elsewhere
hint: if it is yours, name the place it leads to: --store PATH, or KEYCTL_STORE
--- exit 7

"#]]
    );
    sandbox.run(&["create", "--app", "web"], "").expect_code(7);
    // Above the folder, they are the owner's.
    symlink(sandbox.home(), sandbox.home().join("home")).unwrap();
    sandbox
        .run(&["list", "--store", "home/elsewhere/keys.db"], "")
        .expect_code(0);
}

#[test]
fn what_others_can_come_at_is_said_once() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    let folder = sandbox.home().join(".local/share/keyctl");
    let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    set(&folder, 0o777);
    set(&folder.join("keys.db"), 0o644);
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "--app", "none", "--yes"], "")),
        str![[r#"
--- stderr
warning: ~/.local/share/keyctl/keys.db is open to others (mode 0644)
hint: chmod 600 [HOME]/.local/share/keyctl/keys.db
warning: others can write to the folder ~/.local/share/keyctl (mode 0777)
hint: chmod go-w [HOME]/.local/share/keyctl
nothing to revoke: no key of app none that fits in workspace default
--- exit 0

"#]]
    );
    let quiet = sandbox.run(&["list", "-q"], "").expect_code(0);
    assert_eq!(quiet.stderr, "");
}

/// What NFS says of itself, put in the place of what this file system says.
#[test]
fn where_memory_cannot_be_shared_there_is_a_rollback_journal() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    let header = || fs::read(sandbox.home().join(".local/share/keyctl/keys.db")).unwrap()[18];
    assert_eq!(header(), 2, "a write-ahead log");
    let on_nfs = |args: &[&str]| {
        let mut command = sandbox.command("strace");
        command
            .args(["-f", "-o", "trace", "-e", "trace=statfs"])
            .args(["-e", "inject=statfs:poke_exit=@arg2=6969000000000000"])
            .arg(env!("CARGO_BIN_EXE_keyctl"))
            .args(args);
        sandbox.finish(command, b"").expect_code(0)
    };
    for round in 0..2 {
        on_nfs(&["create", "--app", "web", "--name", &format!("n{round}")]);
        assert_eq!(header(), 1, "a rollback journal");
    }
    on_nfs(&["revoke", "n0"]);
    let run = sandbox.run(&["audit", "verify"], "").expect_code(0);
    assert_eq!(run.stdout, "intact: 5 events, 3 keys\n");
    assert_eq!(header(), 2, "a write-ahead log again");
}

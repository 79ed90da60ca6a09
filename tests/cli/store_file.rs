//! A store in a file: where it may be, and who may come at it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use snapbox::{assert_data_eq, str};

use super::complete::words_offered;
use super::{Sandbox, issue, transcript};

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
    let bound = [
        "--dataset",
        "ds_2",
        "--dataset",
        "DS_9",
        "--dataset",
        "ds_10",
    ];
    issue(&sandbox, &bound);
    issue(&sandbox, &["--app", "web"]);
    let (_, token) = issue(&sandbox, &["--all-datasets"]);
    sandbox.run(&["verify", "-d", "x"], &token).expect_code(0);
    let listed = || {
        let lists: [&[&str]; 3] = [
            &["list", "--all", "--json"],
            &["list", "--all", "--dataset", "ds_10", "--json"],
            &["export"],
        ];
        lists.map(|list| sandbox.run(list, "").expect_code(0).stdout)
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
    assert_eq!(run.stdout, "intact: 8 events, 6 keys\n");
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
  store: [PLACE]
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

#[test]
fn files_are_private_whatever_the_umask() {
    for umask in ["000", "022", "077", "277"] {
        let sandbox = Sandbox::new();
        let mut shell = sandbox.command("sh");
        shell
            .arg("-c")
            .arg("umask \"$1\"; exec \"$0\" create --dataset ds_1 --token-file t")
            .args([env!("CARGO_BIN_EXE_keyctl"), umask]);
        sandbox.finish(shell, b"").expect_code(0);
        let mode = |path: &str| {
            let metadata = fs::metadata(sandbox.home().join(path)).unwrap();
            metadata.permissions().mode() & 0o7777
        };
        for folder in [".local", ".local/share", ".local/share/keyctl"] {
            assert_eq!(mode(folder), 0o700, "{folder} under umask {umask}");
        }
        for file in [".local/share/keyctl/keys.db", "t"] {
            assert_eq!(mode(file), 0o600, "{file} under umask {umask}");
        }
    }
}

#[test]
fn the_store_comes_from_the_option_the_variable_or_the_home() {
    let sandbox = Sandbox::new();
    let path = |variable: &str, args: &[&str]| {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
        command
            .args(["store", "path"])
            .args(args)
            .env("KEYCTL_STORE", variable);
        let run = sandbox.finish(command, b"").expect_code(0);
        let home = sandbox.home().display().to_string();
        run.stdout.trim_end().replace(&home, "~")
    };
    assert_eq!(path("", &[]), "~/.local/share/keyctl/keys.db");
    assert_eq!(path("v.db", &[]), "~/v.db");
    assert_eq!(path("v.db", &["--store", "o.db"]), "~/o.db");
}

#[test]
fn completions_find_a_store_as_a_shell_would() {
    let sandbox = Sandbox::new();
    let args = ["--app", "web", "--name", "front", "--store", "other.db"];
    let (id, _) = issue(&sandbox, &args);
    for store in [
        "other.db",
        "~/other.db",
        "$HOME/other.db",
        "\"$HOME/other.db\"",
    ] {
        let words = words_offered(&sandbox, &["--store", store, "revoke", ""]);
        assert!(words.contains(&id), "{store}: {words:?}");
    }
}

#[test]
fn completions_touch_no_file() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--app", "web", "--name", "front"]);
    let folder = sandbox.home().join(".local/share/keyctl");
    let files = |folder: &Path| {
        let mut files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                (
                    entry.file_name(),
                    entry.metadata().unwrap().modified().unwrap(),
                )
            })
            .collect();
        files.sort();
        files
    };
    let before = files(&folder);
    for words in [&["revoke", ""] as &[_], &["verify", "--app", ""]] {
        words_offered(&sandbox, words);
    }
    assert_eq!(files(&folder), before);
}

//! `store backup` and `store restore`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use snapbox::{assert_data_eq, str};

use super::{Run, Sandbox, field, issue, json, transcript};

/// A store with a backup of three keys: one is revoked, two are valid.
fn with_backup(sandbox: &Sandbox) -> [(String, String); 3] {
    let keys =
        ["one", "two", "three"].map(|name| issue(sandbox, &["--all-datasets", "--name", name]));
    sandbox.run(&["revoke", "three"], "").expect_code(0);
    sandbox
        .run(&["store", "backup", "backup.db"], "")
        .expect_code(0);
    keys
}

/// As somebody would who can write the file.
fn undo_revocations(path: &Path) {
    let sql = "UPDATE keys SET revoked_at = NULL, revoke_reason = NULL";
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute(sql, []).unwrap();
}

fn verdict(sandbox: &Sandbox, token: &str) -> String {
    let run = sandbox.run(&["verify", "--all-datasets", "--json"], token);
    json(&run)["verdict"].as_str().unwrap().to_owned()
}

fn restore(sandbox: &Sandbox, args: &[&str]) -> Run {
    let args = [&["store", "restore", "backup.db", "--yes"], args].concat();
    sandbox.run(&args, "")
}

#[test]
fn a_backup_is_a_private_store_of_its_own() {
    let sandbox = Sandbox::new();
    let keys = with_backup(&sandbox);
    let path = sandbox.home().join("backup.db");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode(), 0o100_600);
    let names = || {
        let entries = fs::read_dir(sandbox.home()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(), [".local", "backup.db"]);
    let of_backup = |args: &[&str], stdin: &str| {
        let args = [args, &["--store", "backup.db"]].concat();
        sandbox.run(&args, stdin).expect_code(0).stdout
    };
    assert_eq!(
        of_backup(&["audit", "verify"], ""),
        "intact: 5 events, 3 keys\n"
    );
    let original = sandbox.run(&["export", "-"], "").expect_code(0).stdout;
    assert!(of_backup(&["export", "-"], "") == original);
    assert!(of_backup(&["verify", "--all-datasets"], &keys[0].1).starts_with("valid"));

    let before = fs::read(&path).unwrap();
    let again = sandbox.run(&["store", "backup", "backup.db"], "");
    assert_data_eq!(
        transcript(&again),
        str![[r#"
--- stderr
error: cannot make "backup.db": file exists
hint: name a new file: one that is there is never overwritten
--- exit 1

"#]]
    );
    assert!(fs::read(&path).unwrap() == before);
    let document = json(
        &sandbox
            .run(&["store", "backup", "b.db", "--json"], "")
            .expect_code(0),
    );
    assert_eq!(document["schema"], "keyctl.store.backup/v1");
    assert_eq!(
        (&document["key_count"], &document["event_count"]),
        (&3.into(), &5.into())
    );
}

#[test]
fn a_damaged_store_is_not_backed_up_in_silence() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--all-datasets"]);
    sandbox.run(&["revoke", &id], "").expect_code(0);
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    undo_revocations(&path);
    let run = sandbox
        .run(&["store", "backup", "backup.db"], "")
        .expect_code(7);
    assert!(run.stderr.contains("was altered"), "{}", run.stderr);
    assert!(!sandbox.home().join("backup.db").exists());
}

#[test]
fn what_ended_since_the_backup_stays_ended() {
    let sandbox = Sandbox::new();
    let [one, two, three] = with_backup(&sandbox);
    sandbox
        .run(&["revoke", "one", "--reason", "leaked"], "")
        .expect_code(0);
    sandbox.run(&["disable", "two"], "").expect_code(0);
    let new = issue(&sandbox, &["--all-datasets", "--name", "new"]);
    let run = restore(&sandbox, &[]).expect_code(0);
    assert_data_eq!(
        transcript(&run),
        str![[r#"
revoked [KEY1]
disabled [KEY2]
--- stderr
"backup.db" has 3 keys and 5 events
ended or narrowed since, and stays so: 2 keys: [KEY1], [KEY2]
issued since the backup, and gone with it: 1 key: [KEY3]
restored: [PLACE]
what it replaced is in ~/.local/share/keyctl/keys.db.replaced-[TIME]
hint: heads that you kept of it no longer fit; keep a new one: keyctl audit head
--- exit 0

"#]]
    );
    let verdicts = [&one, &two, &three, &new].map(|(_, token)| verdict(&sandbox, token));
    assert_eq!(verdicts, ["revoked", "disabled", "revoked", "not_found"]);
    assert_eq!(field(&sandbox, &one.0, "revoke_reason"), "leaked");
    sandbox.run(&["audit", "verify"], "").expect_code(0);
    let log = json(&sandbox.run(&["audit", "--action", "restored", "--json"], ""));
    assert_eq!(log["count"], 1);

    // What was replaced is a store too, as it was.
    let folder = fs::read_dir(sandbox.home().join(".local/share/keyctl")).unwrap();
    let kept = folder
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("replaced"))
        .unwrap();
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode(), 0o100_600);
    let kept = kept.to_str().unwrap();
    let run = sandbox.run(&["audit", "verify", "--store", kept], "");
    assert_eq!(run.expect_code(0).stdout, "intact: 8 events, 4 keys\n");
}

#[test]
fn what_was_pruned_or_replaced_does_not_come_back() {
    let sandbox = Sandbox::new();
    let [one, two, _] = with_backup(&sandbox);
    sandbox.run(&["rotate", "one"], "").expect_code(0);
    sandbox
        .run(&["rotate", "two", "--grace", "1h"], "")
        .expect_code(0);
    sandbox
        .run(
            &[
                "prune",
                "--revoked",
                "--expired",
                "--older-than",
                "0s",
                "--yes",
            ],
            "",
        )
        .expect_code(0);
    restore(&sandbox, &[]).expect_code(0);
    assert_eq!(verdict(&sandbox, &one.1), "revoked");
    assert_eq!(verdict(&sandbox, &two.1), "valid");
    assert_ne!(
        field(&sandbox, &two.0, "expires_at"),
        serde_json::Value::Null
    );
    sandbox.run(&["audit", "verify"], "").expect_code(0);
}

#[test]
fn a_dry_run_restores_nothing() {
    let sandbox = Sandbox::new();
    let [one, ..] = with_backup(&sandbox);
    sandbox.run(&["revoke", "one"], "").expect_code(0);
    issue(&sandbox, &["--app", "web"]);
    let files = || {
        fs::read_dir(sandbox.home().join(".local/share/keyctl"))
            .unwrap()
            .count()
    };
    let (export, count) = (sandbox.run(&["export", "-"], "").stdout, files());
    let document = json(&restore(&sandbox, &["-n", "--json"]).expect_code(0));
    assert_eq!(document["dry_run"], true);
    assert_eq!(document["kept"][0]["id"], one.0);
    assert_eq!(document["lost"].as_array().unwrap().len(), 1);
    assert_eq!(
        (sandbox.run(&["export", "-"], "").stdout, files()),
        (export, count)
    );
    sandbox
        .run(
            &[
                "store",
                "restore",
                "backup.db",
                "-n",
                "--exact",
                "--store",
                "new/keys.db",
            ],
            "",
        )
        .expect_code(0);
    assert!(!sandbox.home().join("new").exists());
}

#[test]
fn without_a_store_somebody_must_say_what_was_revoked_since() {
    let sandbox = Sandbox::new();
    let [one, two, _] = with_backup(&sandbox);
    let head = sandbox.run(&["audit", "head"], "").expect_code(0).stdout;
    sandbox.run(&["revoke", "one"], "").expect_code(0);
    let later = sandbox.run(&["audit", "head"], "").expect_code(0).stdout;
    for (at, args) in ["a", "b", "c", "d"].into_iter().zip([
        &[] as &[&str],
        &["--head", &head],
        &["--head", &later],
        &["--exact"],
    ]) {
        let store = format!("{at}/keys.db");
        let args = [&["--store", &store], args].concat();
        let code = if matches!(at, "a" | "c") { 4 } else { 0 };
        let run = restore(&sandbox, &args).expect_code(code);
        assert_eq!(
            sandbox.home().join(at).exists(),
            code == 0,
            "{}",
            run.stderr
        );
    }
    fs::write(
        sandbox.home().join("since"),
        format!("{}\n{}\nkey_0000000000000000\n", one.0, two.1),
    )
    .unwrap();
    let args = [
        "--store",
        "e/keys.db",
        "--revocations",
        "since",
        "--head",
        &later,
    ];
    let run = restore(&sandbox, &args).expect_code(3);
    assert!(
        run.stderr.contains("line 3: key_0000000000000000"),
        "{}",
        run.stderr
    );
    assert!(!sandbox.home().join("e").exists());
    let args = [&args[..], &["--if-exists"]].concat();
    let run = restore(&sandbox, &args).expect_code(0);
    assert!(run.stderr.contains("1 line"), "{}", run.stderr);
    assert!(!run.stderr.contains(&two.1) && !run.stdout.contains(&two.1));
    let listed = sandbox
        .run(&["list", "--store", "e/keys.db"], "")
        .expect_code(0);
    assert!(listed.stderr.contains("3 revoked"), "{}", listed.stderr);
}

#[test]
fn a_store_that_cannot_be_read_is_replaced_and_kept() {
    let sandbox = Sandbox::new();
    let [one, ..] = with_backup(&sandbox);
    let head = sandbox.run(&["audit", "head"], "").expect_code(0).stdout;
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let whole = fs::read(&path).unwrap();
    // No database at all; one whose first page alone is whole; one cut short.
    let mut ruined = vec![
        vec![0x55; whole.len()],
        whole.clone(),
        whole[..5000].to_vec(),
    ];
    ruined[1][4096..].fill(0x55);
    for bytes in ruined {
        fs::write(&path, &bytes).unwrap();
        sandbox.run(&["list"], "").expect_code(7);
        restore(&sandbox, &[]).expect_code(4);
        assert!(fs::read(&path).unwrap() == bytes);
        let document = json(&restore(&sandbox, &["--head", &head, "--json"]).expect_code(0));
        // SQLite counts changes in the first page, where it copies pages.
        let kept = fs::read(document["replaced"].as_str().unwrap()).unwrap();
        let len = kept.len().min(bytes.len());
        assert!(len > 4096 && kept[4096..len] == bytes[4096..len]);
        assert_eq!(verdict(&sandbox, &one.1), "valid");
        sandbox.run(&["audit", "verify"], "").expect_code(0);
    }
}

#[test]
fn an_altered_store_does_not_bring_keys_back_to_life() {
    let sandbox = Sandbox::new();
    let [one, _, three] = with_backup(&sandbox);
    sandbox.run(&["revoke", "one"], "").expect_code(0);
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    undo_revocations(&path);
    let run = restore(&sandbox, &[]).expect_code(4);
    assert!(run.stderr.contains("was altered"), "{}", run.stderr);
    // Whoever knows what was revoked adds to what the log knows.
    let run = sandbox.run(
        &[
            "store",
            "restore",
            "backup.db",
            "--yes",
            "--revocations",
            "-",
        ],
        three.0,
    );
    run.expect_code(0);
    assert_eq!(verdict(&sandbox, &one.1), "revoked");
    sandbox.run(&["audit", "verify"], "").expect_code(0);
}

#[test]
fn what_is_no_backup_of_this_store_replaces_nothing() {
    let sandbox = Sandbox::new();
    with_backup(&sandbox);
    let export = sandbox.run(&["export", "-"], "").stdout;
    fs::write(sandbox.home().join("text"), "just some text").unwrap();
    fs::write(sandbox.home().join("empty"), "").unwrap();
    let altered = sandbox.home().join("altered.db");
    fs::copy(sandbox.home().join("backup.db"), &altered).unwrap();
    undo_revocations(&altered);
    sandbox
        .run(&["create", "--app", "web", "--store", "other.db"], "")
        .expect_code(0);
    for (file, code, words) in [
        ("text", 7, "the backup cannot be read"),
        ("empty", 7, "the backup cannot be read"),
        ("none", 7, "the backup cannot be read"),
        ("altered.db", 4, "was altered"),
        ("other.db", 4, "and the store here is store_"),
    ] {
        let run = sandbox
            .run(&["store", "restore", file, "--yes"], "")
            .expect_code(code);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert_eq!(sandbox.run(&["export", "-"], "").stdout, export, "{file}");
    }
    // Another program's database is not a store to be replaced.
    let theirs = sandbox.home().join("theirs.db");
    rusqlite::Connection::open(&theirs)
        .unwrap()
        .execute_batch("CREATE TABLE mine (x)")
        .unwrap();
    let before = fs::read(&theirs).unwrap();
    restore(&sandbox, &["--exact", "--store", "theirs.db"]).expect_code(7);
    assert!(fs::read(&theirs).unwrap() == before);
}

#[test]
fn a_backup_of_the_first_version_is_brought_up_to_date() {
    let sandbox = Sandbox::new();
    let [one, ..] = with_backup(&sandbox);
    let connection = rusqlite::Connection::open(sandbox.home().join("backup.db")).unwrap();
    connection
        .execute_batch(include_str!("../support/first_version.sql"))
        .unwrap();
    drop(connection);
    sandbox.run(&["revoke", "one"], "").expect_code(0);
    restore(&sandbox, &[]).expect_code(0);
    assert_eq!(verdict(&sandbox, &one.1), "revoked");
    sandbox.run(&["audit", "verify"], "").expect_code(0);
}

#[test]
fn a_list_that_names_nothing_or_something_else_restores_nothing() {
    let sandbox = Sandbox::new();
    let [one, ..] = with_backup(&sandbox);
    let restore = |list: &str| {
        let args = [
            "store",
            "restore",
            "backup.db",
            "--store",
            "n/keys.db",
            "--yes",
        ];
        sandbox.run(&[&args[..], &["--revocations", "-"]].concat(), list)
    };
    for list in ["", "\n\n", &format!("{}\n\u{7}\n", one.0)] {
        let run = restore(list).expect_code(2);
        assert!(run.stderr.contains("--revocations"), "{}", run.stderr);
    }
    // Whatever else it is could be a token.
    for list in ["one\n", &format!("{}\n# comment\n", one.0)] {
        restore(list).expect_code(3);
    }
    assert!(!sandbox.home().join("n").exists());
}

#[test]
fn a_restore_needs_a_yes_where_nobody_can_be_asked() {
    let sandbox = Sandbox::new();
    let [one, ..] = with_backup(&sandbox);
    sandbox.run(&["revoke", "one"], "").expect_code(0);
    let run = sandbox.run(&["store", "restore", "backup.db"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
error: a restore replaces the whole store, and nobody can be asked
hint: look first: --dry-run
hint: then say yes: --yes
--- exit 2

"#]]
    );
    let exact = ["store", "restore", "backup.db", "--exact", "--yes"];
    assert_data_eq!(
        transcript(&sandbox.run(&exact, "")),
        str![[r#"
--- stderr
"backup.db" has 3 keys and 5 events
ended since the backup, and valid again: 1 key: [KEY1]
restored: [PLACE]
what it replaced is in ~/.local/share/keyctl/keys.db.replaced-[TIME]
hint: heads that you kept of it no longer fit; keep a new one: keyctl audit head
--- exit 0

"#]]
    );
    assert_eq!(verdict(&sandbox, &one.1), "valid");
}

#[test]
fn a_head_shows_what_is_known_and_no_more() {
    let sandbox = Sandbox::new();
    let [one, ..] = with_backup(&sandbox);
    let head = sandbox.run(&["audit", "head"], "").expect_code(0).stdout;
    let again = sandbox.run(&["store", "backup", "b.db"], "").expect_code(0);
    assert_eq!(again.stdout, head, "a backup prints the end of its log");
    sandbox.run(&["revoke", "one"], "").expect_code(0);
    let run = restore(&sandbox, &["--store", "n/keys.db", "--head", &head]).expect_code(0);
    assert!(
        run.stderr.contains("what was revoked later is valid again"),
        "{}",
        run.stderr
    );
    assert_eq!(verdict(&sandbox, &one.1), "revoked");
    // One store's log is not another's.
    let other = Sandbox::new();
    with_backup(&other);
    let theirs = other.run(&["audit", "head"], "").expect_code(0).stdout;
    restore(&sandbox, &["--head", &theirs]).expect_code(4);
}

/// Puts back a copy of the store's file that was made before, as a machine's
/// snapshot would.
fn put_back(sandbox: &Sandbox, copy: &str) {
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    fs::copy(sandbox.home().join(copy), path).unwrap();
}

#[test]
fn a_store_that_is_not_what_became_of_the_backup_says_nothing_of_the_time_since() {
    let sandbox = Sandbox::new();
    let backup = |name: &str| {
        sandbox.run(&["store", "backup", name], "").expect_code(0);
    };
    let restore = |name: &str, args: &[&str]| {
        let args = [&["store", "restore", name, "--yes"], args].concat();
        sandbox.run(&args, "")
    };
    sandbox.run(&["store", "init"], "").expect_code(0);
    backup("older.db");
    let (_, token) = issue(&sandbox, &["--all-datasets", "--name", "ci"]);
    backup("newer.db");
    sandbox.run(&["revoke", "ci"], "").expect_code(0);
    // The log goes another way from the older backup on.
    restore("older.db", &[]).expect_code(0);
    let run = restore("newer.db", &[]).expect_code(4);
    assert!(run.stderr.contains("is not in the log"), "{}", run.stderr);
    assert_eq!(verdict(&sandbox, &token), "not_found");
    // A store that is older than the backup.
    put_back(&sandbox, "older.db");
    restore("newer.db", &[]).expect_code(4);
    restore("newer.db", &["--exact"]).expect_code(0);
    assert_eq!(verdict(&sandbox, &token), "valid");
}

#[test]
fn a_head_that_is_older_than_the_backup_shows_nothing() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--all-datasets"]);
    let head = sandbox.run(&["audit", "head"], "").expect_code(0).stdout;
    with_backup(&sandbox);
    for head in [head.as_str(), head.split(' ').next_back().unwrap()] {
        let run = restore(&sandbox, &["--store", "n/keys.db", "--head", head.trim()]);
        let run = run.expect_code(4);
        assert!(
            run.stderr.contains("and the backup goes on to"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_row_that_cannot_be_read_does_not_hide_what_the_log_says() {
    let sandbox = Sandbox::new();
    let [one, two, _] = with_backup(&sandbox);
    let head = sandbox.run(&["audit", "head"], "").expect_code(0).stdout;
    sandbox.run(&["revoke", "one"], "").expect_code(0);
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    rusqlite::Connection::open(path)
        .unwrap()
        .execute(
            "UPDATE keys SET workspace = 'Bad Ws!' WHERE name = 'one'",
            [],
        )
        .unwrap();
    restore(&sandbox, &["--head", &head]).expect_code(4);
    fs::write(sandbox.home().join("since"), &two.0).unwrap();
    restore(&sandbox, &["--revocations", "since"]).expect_code(0);
    let verdicts = [one.1, two.1].map(|token| verdict(&sandbox, &token));
    assert_eq!(verdicts, ["revoked", "revoked"]);
}

#[test]
fn what_was_taken_from_a_key_stays_away() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(
        &sandbox,
        &["-d", "ds_1", "-d", "ds_2", "--scope", "r", "--scope", "w"],
    );
    sandbox
        .run(&["store", "backup", "backup.db"], "")
        .expect_code(0);
    sandbox
        .run(&["revoke", "--dataset", "ds_2", "--yes"], "")
        .expect_code(0);
    sandbox
        .run(&["edit", &id, "--remove-scope", "w"], "")
        .expect_code(0);
    let run = restore(&sandbox, &[]).expect_code(0);
    assert_eq!(run.stdout, format!("narrower {id}\n"));
    let verify = |args: &[&str]| sandbox.run(&[&["verify"], args].concat(), &token).code;
    assert_eq!(verify(&["-d", "ds_1", "--scope", "r"]), 0);
    assert_eq!(verify(&["-d", "ds_2", "--scope", "r"]), 6);
    assert_eq!(verify(&["-d", "ds_1", "--scope", "w"]), 6);
    sandbox.run(&["audit", "verify"], "").expect_code(0);
}

#[test]
fn a_ruin_that_somebody_has_open_is_left_alone() {
    let sandbox = Sandbox::new();
    with_backup(&sandbox);
    let path = sandbox.home().join(".local/share/keyctl/keys.db");
    let holder = rusqlite::Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN; SELECT * FROM keys").unwrap();
    let len = fs::metadata(&path).unwrap().len();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &[0x55; 100], 0).unwrap();
    // Closed, it would take the holder's locks along.
    restore(&sandbox, &["--exact"]).expect_code(7);
    assert_eq!(fs::metadata(&path).unwrap().len(), len);
    drop((file, holder));
    restore(&sandbox, &["--exact"]).expect_code(0);
    sandbox.run(&["audit", "verify"], "").expect_code(0);
}

#[test]
fn a_backup_does_not_take_the_name_of_what_stands_beside_a_store() {
    let sandbox = Sandbox::new();
    with_backup(&sandbox);
    for suffix in ["-wal", "-shm", "-journal", "-ballast"] {
        let name = format!("other.db{suffix}");
        sandbox.run(&["store", "backup", &name], "").expect_code(2);
        assert!(!sandbox.home().join(name).exists());
    }
}

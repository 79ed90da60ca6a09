//! Backups and restorations beside commands that write, and signals at any moment
//! of them.

use std::fs;

use super::process::signalled;
use super::prompts::Terminal;
use super::races::{ROUNDS, race};
use super::{Sandbox, issue, key_count};

#[test]
fn a_revocation_beside_a_restore_survives_it() {
    for _ in 0..ROUNDS {
        let sandbox = Sandbox::new();
        let (id, token) = issue(&sandbox, &["--all-datasets"]);
        sandbox
            .run(&["store", "backup", "backup.db"], "")
            .expect_code(0);
        let restore = ["store", "restore", "backup.db", "--yes"];
        let [(restored, _), (revoked, _)] = race(&sandbox, &restore, &["revoke", &id]);
        assert_eq!((restored, revoked), (0, 0));
        assert_eq!(sandbox.run(&["verify", "--all-datasets"], token).code, 5);
        sandbox.run(&["audit", "verify"], "").expect_code(0);
    }
}

#[test]
fn a_backup_beside_a_writer_is_one_state_of_the_store() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--all-datasets"]);
    for round in 0..ROUNDS {
        let file = format!("backup-{round}.db");
        let backup = ["store", "backup", &file];
        let create = ["create", "--app", &format!("app{round}")];
        let codes = race(&sandbox, &backup, &create).map(|(code, _)| code);
        assert_eq!(codes, [0, 0]);
        sandbox
            .run(&["audit", "verify", "--store", &file], "")
            .expect_code(0);
    }
}

#[test]
fn a_restore_asks_first_and_is_off_the_table_otherwise() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--app", "web"]);
    sandbox
        .run(&["store", "backup", "backup.db"], "")
        .expect_code(0);
    issue(&sandbox, &["--app", "web"]);
    let restore = ["store", "restore", "backup.db"];
    for (keys, expected) in [("n\r", 1), ("\r", 1), ("\u{3}", 130)] {
        let mut terminal = Terminal::start(&sandbox, &restore);
        terminal.expect("Replace the store ~/.local/share/keyctl/keys.db by it?");
        terminal.press(keys);
        let (code, stdout, _) = terminal.finish();
        assert_eq!((code, stdout.as_str()), (expected, ""));
        assert_eq!(key_count(&sandbox), 2);
    }
    let mut terminal = Terminal::start(&sandbox, &restore);
    terminal.expect("\"backup.db\" has 1 key and 2 events");
    terminal.press("y\r");
    assert_eq!(terminal.finish().0, 0);
    assert_eq!(key_count(&sandbox), 1);
}

#[test]
fn a_signal_at_any_moment_leaves_backups_and_what_they_replace_whole() {
    let sandbox = Sandbox::new();
    for _ in 0..5 {
        issue(&sandbox, &["--all-datasets"]);
    }
    sandbox
        .run(&["store", "backup", "backup.db"], "")
        .expect_code(0);
    let commands: [&[&str]; 2] = [
        &["store", "backup", "out/backup.db"],
        &["store", "restore", "backup.db", "--yes"],
    ];
    for round in 0..24 {
        for path in signalled(&sandbox, commands[round % 2], round) {
            assert!(path.ends_with("backup.db"), "{} was left", path.display());
            let args = ["audit", "verify", "--store", path.to_str().unwrap()];
            sandbox.run(&args, "").expect_code(0);
            fs::remove_file(path).unwrap();
        }
        sandbox.run(&["audit", "verify"], "").expect_code(0);
    }
}

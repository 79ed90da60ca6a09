//! Completions, as a shell asks for them; and as bash itself shows them.

use std::fs;
use std::path::Path;

use super::{Run, Sandbox, issue};

/// What is offered for the last of these words.
fn offered(sandbox: &Sandbox, shell: &str, words: &[&str], list: bool) -> Run {
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    command
        .args(["--", "keyctl"])
        .args(words)
        .env("KEYCTL_COMPLETE", shell)
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", if list { "63" } else { "9" })
        .env("_CLAP_COMPLETE_SPACE", "true")
        .env("_CLAP_IFS", "\n");
    sandbox.finish(command, b"")
}

#[track_caller]
fn words_offered(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let run = offered(sandbox, "bash", words, false).expect_code(0);
    assert_eq!(run.stderr, "");
    let words = run.stdout.lines().filter(|word| !word.starts_with('-'));
    words.map(str::to_owned).collect()
}

#[test]
fn live_keys_are_offered_by_name_and_id_and_by_what_they_reach() {
    let sandbox = Sandbox::new();
    let (web, _) = issue(&sandbox, &["--app", "web", "--name", "front"]);
    let (dead, _) = issue(&sandbox, &["--dataset", "ds_9", "--name", "dead"]);
    let (bound, _) = issue(&sandbox, &["--dataset", "ds_1", "--dataset", "ds_2"]);
    issue(
        &sandbox,
        &["--dataset", "ds_3", "--workspace", "other", "--name", "far"],
    );
    sandbox.run(&["revoke", &dead], "").expect_code(0);
    for command in ["revoke", "show", "rotate", "edit", "disable", "audit"] {
        let words = words_offered(&sandbox, &[command, ""]);
        for word in [web.as_str(), "front", &bound] {
            assert!(
                words.iter().any(|offered| offered == word),
                "{command}: {words:?}"
            );
        }
        for word in [dead.as_str(), "dead", "far"] {
            assert!(
                !words.iter().any(|offered| offered == word),
                "{command}: {words:?}"
            );
        }
    }
    assert_eq!(
        words_offered(&sandbox, &["revoke", &bound[..12]]),
        [bound.as_str()]
    );
    assert_eq!(words_offered(&sandbox, &["revoke", "fr"]), ["front"]);
    assert_eq!(
        words_offered(&sandbox, &["list", "--dataset", ""]),
        ["ds_1", "ds_2"]
    );
    assert_eq!(words_offered(&sandbox, &["create", "--app", "w"]), ["web"]);
    let there = ["--workspace", "other", "verify", "-d", ""];
    assert_eq!(words_offered(&sandbox, &there), ["ds_3"]);
    assert_eq!(words_offered(&sandbox, &["rot"]), ["rotate"]);
    assert_eq!(
        words_offered(&sandbox, &["policy", "set", "max-k"]),
        ["max-keys-per-target"]
    );

    sandbox.run(&["disable", "front"], "").expect_code(0);
    assert_eq!(
        words_offered(&sandbox, &["enable", ""]),
        ["front", web.as_str()]
    );
    assert_eq!(words_offered(&sandbox, &["disable", ""]), [bound.as_str()]);

    // Where bash lists them, and where other shells have a place for it, what
    // each of them reaches.
    let list = offered(&sandbox, "bash", &["revoke", "key_"], true).stdout;
    assert!(list.contains(&format!("{web}  (front, app web)")), "{list}");
    assert!(
        list.contains(&format!("{bound}  (datasets ds_1, ds_2)")),
        "{list}"
    );
    let zsh = offered(&sandbox, "zsh", &["revoke", ""], false).stdout;
    assert!(zsh.contains("front:app web"), "{zsh}");
}

#[test]
fn what_fails_offers_nothing_and_says_nothing() {
    let sandbox = Sandbox::new();
    assert_eq!(words_offered(&sandbox, &["revoke", ""]), [""; 0]);
    assert!(!sandbox.home().join(".local").exists(), "no store is made");
    fs::write(
        sandbox.home().join("text"),
        "not a store, but longer than a header",
    )
    .unwrap();
    for store in ["text", "no/such/folder", "postgres://localhost/keys", "."] {
        let words = ["--store", store, "revoke", ""];
        assert_eq!(words_offered(&sandbox, &words), [""; 0], "{store}");
    }
    for shell in ["bash", "tcsh"] {
        let run = offered(&sandbox, shell, &["revoke", "\u{fffd}"], false).expect_code(0);
        assert_eq!((run.stdout.trim(), run.stderr.as_str()), ("", ""));
    }
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    command.env("KEYCTL_COMPLETE", "tcsh");
    let run = sandbox.finish(command, b"").expect_code(2);
    assert!(
        run.stderr
            .contains("one of bash, elvish, fish, powershell, zsh")
    );
}

#[test]
fn no_file_is_touched_and_no_token_offered() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web", "--name", "front"]);
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
    for words in [
        &["revoke", ""] as &[_],
        &["verify", "--app", ""],
        &["show", &token[..7]],
    ] {
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            let run = offered(&sandbox, shell, words, true).expect_code(0);
            assert!(!run.stdout.contains(&token[5..]), "{}", run.stdout);
            assert_eq!(run.stderr, "");
        }
    }
    assert_eq!(files(&folder), before);
}

#[test]
fn bash_itself_completes() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--app", "web", "--name", "front"]);
    let program = Path::new(env!("CARGO_BIN_EXE_keyctl"));
    let path = std::env::join_paths(
        [program.parent().unwrap().to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    )
    .unwrap();
    // What readline does when TAB is pressed.
    let script = r#"
        source <(KEYCTL_COMPLETE=bash keyctl)
        COMP_WORDS=(keyctl revoke "")
        COMP_CWORD=2
        COMP_TYPE=9
        $(complete -p keyctl | grep -o -- '-F [^ ]*' | cut -c4-) keyctl "" revoke 2>&1
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut command = sandbox.command("bash");
    command
        .args(["--norc", "-euo", "pipefail", "-c", script])
        .env("PATH", path);
    let run = sandbox.finish(command, b"").expect_code(0);
    let words: Vec<&str> = run.stdout.lines().collect();
    assert!(
        words.contains(&"front") && words.contains(&id.as_str()),
        "{words:?}"
    );
}

#[test]
fn keys_in_their_grace_are_offered_by_id_and_stores_by_what_is_typed() {
    let sandbox = Sandbox::new();
    let args = ["--app", "web", "--name", "front", "--store", "other.db"];
    let (old, _) = issue(&sandbox, &args);
    let there = ["--store", "other.db"];
    let rotate = [&there as &[_], &["rotate", "front", "--grace", "1h"]].concat();
    sandbox.run(&rotate, "").expect_code(0);
    for store in [
        "other.db",
        "~/other.db",
        "$HOME/other.db",
        "\"$HOME/other.db\"",
    ] {
        let words = words_offered(&sandbox, &["--store", store, "revoke", ""]);
        assert!(words.contains(&old), "{store}: {words:?}");
        let is_name = |word: &&String| word.as_str() == "front";
        assert_eq!(words.iter().filter(is_name).count(), 1, "{words:?}");
    }
}

#[test]
fn a_command_is_not_taken_for_done_where_completions_are_asked_for() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--app", "web"]);
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    command.args(["revoke", &id]).env("KEYCTL_COMPLETE", "bash");
    let run = sandbox.finish(command, b"").expect_code(2);
    assert!(
        run.stderr
            .contains("KEYCTL_COMPLETE is set, so nothing was done")
    );
    sandbox
        .run(&["verify", "--app", "web"], token)
        .expect_code(0);
}

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
        .env("_CLAP_IFS", "\n")
        .env("KEYCTL_COMPLETE_LIST", if list { "1" } else { "" });
    let run = sandbox.finish(command, b"");
    Run {
        stdout: run.stdout.replace('\u{b}', "\n"),
        ..run
    }
}

#[track_caller]
pub(super) fn words_offered(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
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
    assert!(!sandbox.has_store(), "no store is made");
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
fn the_store_stays_as_it_is_and_no_token_is_offered() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web", "--name", "front"]);
    let before = sandbox.stored();
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
    assert_eq!(sandbox.stored(), before);
}

/// What bash puts into the line, or lists, when TAB is pressed at its end: its
/// words are broken as readline breaks them.
fn completed_by_bash(sandbox: &Sandbox, line: &str, list: bool) -> Vec<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_keyctl"));
    let system = std::env::var_os("PATH").unwrap();
    let folders = [program.parent().unwrap().to_owned()];
    let path = std::env::join_paths(folders.into_iter().chain(std::env::split_paths(&system)));
    let mut words: Vec<String> = Vec::new();
    let mut was_end = true;
    for c in line.chars() {
        let is_end = matches!(c, ':' | '=' | '@');
        match words.last_mut() {
            _ if c == ' ' => words.push(String::new()),
            Some(word) if is_end == was_end || word.is_empty() => word.push(c),
            _ => words.push(c.to_string()),
        }
        was_end = is_end;
    }
    if was_end && !line.ends_with(' ') {
        words.push(String::new());
    }
    let words = words
        .iter()
        .map(|word| format!("'{word}'"))
        .collect::<Vec<_>>();
    let script = format!(
        r#"
        source <(KEYCTL_COMPLETE=bash keyctl)
        COMP_WORDS=({words})
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        COMP_LINE='{line}'
        COMP_POINT=${{#COMP_LINE}}
        COMP_TYPE={kind}
        COMP_WORDBREAKS=$' \t\n"\'><=;|&(:@'
        _keyctl
        [[ ${{#COMPREPLY[@]}} -eq 0 ]] || printf '%s\n' "${{COMPREPLY[@]}}"
        complete -p keyctl >/dev/null
        "#,
        words = words.join(" "),
        kind = if list { 63 } else { 9 },
    );
    let mut command = sandbox.command("bash");
    command
        .args(["--norc", "-euo", "pipefail", "-c", &script])
        .env("PATH", path.unwrap());
    let run = sandbox.finish(command, b"").expect_code(0);
    assert_eq!(run.stderr, "");
    let lines = run.stdout.lines().filter(|line| !line.starts_with("--"));
    lines.map(str::to_owned).collect()
}

#[test]
fn bash_itself_completes() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--app", "web", "--name", "front"]);
    issue(&sandbox, &["--dataset", "ns:one", "--dataset", "ns:two"]);
    issue(&sandbox, &["--dataset", "team@eu/x"]);
    let put = |line: &str| completed_by_bash(&sandbox, line, false);
    assert_eq!(put("keyctl rot"), ["rotate"]);
    assert_eq!(put("keyctl revoke fr"), ["front"]);
    assert_eq!(put(&format!("keyctl revoke {}", &id[..14])), [id.as_str()]);
    assert_eq!(put("keyctl create --dataset te"), ["team@eu/x"]);
    // readline keeps what stands before the last end of a word.
    assert_eq!(put("keyctl create --dataset team@"), ["eu/x"]);
    assert_eq!(put("keyctl create --dataset ns:"), ["one", "two"]);
    assert_eq!(put("keyctl create --dataset ns:t"), ["two"]);
    assert_eq!(put("keyctl list --dataset=ns:t"), ["two"]);
    assert_eq!(put("keyctl verify --app="), ["web"]);
    let listed = completed_by_bash(&sandbox, "keyctl revoke ", true);
    assert!(
        listed.contains(&"front  (app web)".to_owned()),
        "{listed:?}"
    );
    assert_eq!(put("keyctl revoke nothing"), [""; 0]);
}

#[test]
fn keys_in_their_grace_are_offered_by_id_and_those_of_the_store_that_is_typed() {
    let sandbox = Sandbox::new();
    let there = ["--store", &sandbox.other_store()];
    let args = [&["--app", "web", "--name", "front"], &there as &[_]].concat();
    let (old, _) = issue(&sandbox, &args);
    let rotate = [&there as &[_], &["rotate", "front", "--grace", "1h"]].concat();
    sandbox.run(&rotate, "").expect_code(0);
    let words = words_offered(&sandbox, &[&there as &[_], &["revoke", ""]].concat());
    assert!(words.contains(&old), "{words:?}");
    let is_name = |word: &&String| word.as_str() == "front";
    assert_eq!(words.iter().filter(is_name).count(), 1, "{words:?}");
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

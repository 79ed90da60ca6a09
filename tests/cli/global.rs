use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, transcript};

#[test]
fn the_version_says_which_keyctl_this_is() {
    let run = Sandbox::new().run(&["--version"], "").expect_code(0);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(run.stdout, format!("keyctl {version} (API key manager)\n"));
}

#[test]
fn help_holds_the_exit_codes() {
    let sandbox = Sandbox::new();
    for args in [vec!["help"], vec!["--help"]] {
        let run = sandbox.run(&args, "").expect_code(0);
        assert!(
            run.stdout.contains("  5    denied, like HTTP 401"),
            "{args:?}"
        );
        assert_eq!(run.stderr, "");
    }
    assert_data_eq!(
        transcript(&sandbox.run(&["-h"], "")),
        str![[r#"
Issue, list, verify and revoke API keys

Usage: keyctl [OPTIONS] <COMMAND>

Commands:
  create       Issue a key and show its token, once
  list         List keys with their masked tokens
  show         Show one key and its history
  verify       Check whether a token may do something
  revoke       Revoke keys, for ever
  disable      Disable keys, until they are enabled again
  enable       Enable keys that were disabled
  rotate       Replace a key by a new one of the same name, access and scopes
  edit         Change a key's name, description, expiry or scopes
  prune        Remove the records of keys that ended long ago
  policy       See what the store allows, or change it
  audit        List what was done, by whom and when, or check that nobody altered it
  scan         Find leaked tokens in files, archives and repositories, and say which are live
  redact       Mask tokens in text on its way from standard input to standard output
  rules        Print a rule that makes another scanner find tokens
  export       Write out the whole store: keys of every workspace, policy and log
  import       Take in keys that were issued elsewhere, all of them or none
  store        See where the store is and how it is, make one, back it up, bring it back
  completions  Print the completions for a shell
  man          Print the manual page as roff, or write all of the pages
  help         Print this message or the help of the given subcommand(s)

Options:
  -h, --help     Print help (see more with '--help')
  -V, --version  Print version

Global options:
      --store <PATH|URL>  The store to use [default: keys.db in the user's data directory; env:
                          KEYCTL_STORE]
      --workspace <NAME>  The workspace (tenant) to work in [default: default; env:
                          KEYCTL_WORKSPACE]
      --actor <NAME>      The name to record in the log [default: the system's user; env:
                          KEYCTL_ACTOR]; with audit, list only what was done under this name
  -o, --output <FORMAT>   The form of what is printed [default: table] [possible values: table,
                          json, jsonl, csv, id]
      --json              Short for --output json
  -q, --quiet             Print results and errors only, no remarks
  -y, --yes               Answer every confirmation with yes
      --no-input          Never ask, even on a terminal [env: KEYCTL_NO_INPUT]
      --color <WHEN>      When to use colour [default: auto] [possible values: auto, always, never]
--- stderr
--- exit 0

"#]]
    );
    let nothing: [&str; 0] = [];
    assert_data_eq!(
        transcript(&sandbox.run(&nothing, "")),
        str![[r#"
--- stderr
error: a command is needed
hint: see what there is: keyctl --help
--- exit 2

"#]]
    );
}

#[test]
fn options_stand_before_or_after_the_command() {
    let sandbox = Sandbox::new();
    let store = sandbox.other_store();
    sandbox
        .run(&["--store", &store, "create", "--app", "web"], "")
        .expect_code(0);
    let before = sandbox
        .run(&["--json", "--store", &store, "list"], "")
        .expect_code(0);
    let after = sandbox
        .run(&["list", "--store", &store, "--json"], "")
        .expect_code(0);
    assert_eq!(before.stdout, after.stdout);
    assert_eq!(json(&before)["count"], 1);
}

#[test]
fn an_option_beats_its_variable_and_an_empty_variable_is_unset() {
    let sandbox = Sandbox::new();
    let shown = |variables: &[(&str, &str)], args: &[&str]| {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
        command.envs(variables.iter().copied());
        command
            .args(["create", "--app", "web", "-n", "--json"])
            .args(args);
        let key = json(&sandbox.finish(command, b"").expect_code(0))["key"].clone();
        (key["workspace"].clone(), key["created_by"].clone())
    };
    let variables = [("KEYCTL_WORKSPACE", "team"), ("KEYCTL_ACTOR", "robot")];
    assert_eq!(shown(&variables, &[]), ("team".into(), "robot".into()));
    assert_eq!(
        shown(&variables, &["--workspace", "w", "--actor", "a"]),
        ("w".into(), "a".into())
    );
    let (workspace, actor) = shown(&[("KEYCTL_WORKSPACE", ""), ("KEYCTL_ACTOR", "")], &[]);
    assert_eq!(workspace, "default");
    let user = nix::unistd::User::from_uid(nix::unistd::getuid())
        .unwrap()
        .unwrap();
    assert_eq!(actor, user.name, "the actor is the system's user");
    // The user is the process's own, whatever $USER says.
    let mallory = [("USER", "mallory"), ("KEYCTL_ACTOR", "")];
    assert_eq!(shown(&mallory, &[]).1, user.name);
}

#[test]
fn variables_are_held_to_the_rules_too() {
    let sandbox = Sandbox::new();
    for (name, value) in [("KEYCTL_WORKSPACE", "a b"), ("KEYCTL_ACTOR", "a\u{7}")] {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
        command.args(["list"]).env(name, value);
        let run = sandbox.finish(command, b"").expect_code(2);
        assert!(run.stderr.contains(name), "{}", run.stderr);
    }
}

#[test]
fn colour_is_there_when_asked_for() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--app", "web"]);
    for (args, has_color) in [
        (["show", "nobody", "--color", "always"], true),
        (["show", "nobody", "--color", "never"], false),
        (["show", "nobody", "--color", "auto"], false),
    ] {
        let run = sandbox.run(&args, "").expect_code(3);
        assert_eq!(run.stderr.contains("\u{1b}["), has_color, "{args:?}");
    }
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    command.args(["show", "nobody"]).env("CLICOLOR_FORCE", "1");
    assert!(sandbox.finish(command, b"").stderr.contains("\u{1b}["));
}

#[test]
fn arguments_for_keyutils_are_told_apart() {
    let sandbox = Sandbox::new();
    for args in [
        vec!["padd", "user", "x", "@u"],
        vec!["show", "@s"],
        vec!["session"],
    ] {
        let run = sandbox.run(&args, "").expect_code(2);
        assert!(run.stderr.contains("for another keyctl"), "{args:?}");
        assert_eq!(run.stdout, "");
    }
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "%user:mykey"], "")),
        str![[r#"
--- stderr
error: these arguments are for another keyctl, the one of Linux's keyutils
hint: this keyctl manages API keys: keyctl help
hint: keyutils' own program is usually /bin/keyctl
--- exit 2

"#]]
    );
}

#[test]
fn errors_are_one_line_of_json_where_results_would_be_json() {
    let sandbox = Sandbox::new();
    let cases: [(&[&str], i64, &str); 5] = [
        (&["list", "--json"], 7, "store_missing"),
        (&["list", "-o", "jsonl"], 7, "store_missing"),
        (&["list", "--json", "--limit", "x"], 2, "usage"),
        (&["--output=json", "nonsense"], 2, "usage"),
        (
            &["create", "--app", "a", "--expires", "2001-01-01", "--json"],
            4,
            "expiry_in_past",
        ),
    ];
    for (args, code, word) in cases {
        let run = sandbox.run(args, "");
        assert_eq!(run.stdout, "", "{args:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{args:?}");
        let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
        assert_eq!(error["error"]["code"], word);
        assert_eq!(error["error"]["exit_code"], code);
        assert_eq!(i64::from(run.code), code);
        assert!(error["error"]["message"].is_string() && error["error"]["hints"].is_array());
    }
}

#[test]
fn formats_that_a_command_has_not_are_refused() {
    let sandbox = Sandbox::new();
    for args in [
        vec!["create", "--app", "a", "-o", "csv"],
        vec!["create", "--app", "a", "-o", "id"],
        vec!["verify", "-o", "csv"],
        vec!["revoke", "a", "-o", "csv"],
        vec!["store", "path", "-o", "id"],
    ] {
        let run = sandbox.run(&args, "").expect_code(2);
        assert!(
            run.stderr.contains("has no output as"),
            "{args:?}: {}",
            run.stderr
        );
    }
    assert!(!sandbox.has_store());
}

#[test]
fn an_option_is_not_given_on_both_sides_of_the_command() {
    let sandbox = Sandbox::new();
    for args in [
        vec![
            "--store", "a.db", "create", "--app", "web", "--store", "b.db",
        ],
        vec!["-qo", "table", "list", "-o", "csv"],
    ] {
        let run = sandbox.run(&args, "").expect_code(2);
        assert!(
            run.stderr.contains("more than once"),
            "{args:?}: {}",
            run.stderr
        );
    }
    assert!(!sandbox.home().join("a.db").exists() && !sandbox.home().join("b.db").exists());
}

#[test]
fn a_hint_means_the_same_store_and_workspace() {
    let sandbox = Sandbox::new();
    let store = sandbox.other_store();
    let there = ["--store", &store, "--workspace", "acme"];
    let (id, _) = issue(&sandbox, &[&["--app", "web"], &there as &[_]].concat());
    let run = |args: &[&str]| sandbox.run(&[&there, args].concat(), "");
    run(&["disable", &id]).expect_code(0);
    let word = match store.contains(' ') {
        true => format!("'{store}'"),
        false => store.clone(),
    };
    let hint = format!("hint: enable it: keyctl --store {word} --workspace acme enable key_");
    let refused = run(&["rotate", &id]).expect_code(4).stderr;
    assert!(refused.contains(&hint), "{refused}");
    let usage = run(&["rotate"]).expect_code(2).stderr;
    assert!(
        usage.contains("hint: see how it is used: keyctl rotate --help"),
        "{usage}"
    );
}

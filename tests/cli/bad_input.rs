//! Every row: a clear error with a hint, its own exit code, nothing on
//! standard output, and a store that is what it was.

use std::fs;

use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, transcript};

pub(super) const COMMANDS: [&[&str]; 4] = [
    &["list"],
    &["show", "ci"],
    &["verify", "--dataset", "ds_1"],
    &["revoke", "ci"],
];

#[track_caller]
pub(super) fn expect_refused(sandbox: &Sandbox, args: &[&str], code: i32) -> String {
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
  store: [PLACE]
hint: make it with the first key: keyctl create --dataset ID
hint: or name another one: --store PATH, or KEYCTL_STORE
--- exit 7

"#]]
    );
}

#[test]
fn a_store_of_a_newer_version() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    sandbox.set_version(99);
    let before = sandbox.stored();
    for args in COMMANDS
        .iter()
        .copied()
        .chain([&["create", "--app", "a"] as &[_]])
    {
        let said = expect_refused(&sandbox, args, 7);
        assert!(said.contains("version 99"), "{said}");
    }
    assert_eq!(sandbox.stored(), before);
}

#[test]
fn rows_before_a_damaged_one_are_not_printed() {
    let sandbox = Sandbox::new();
    for _ in 0..3 {
        issue(&sandbox, &["--dataset", "ds_1"]);
    }
    sandbox.alter("UPDATE keys SET scopes = '*' WHERE seq = 3");
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
    let digest = sandbox.bytes(digest.as_bytes());
    sandbox.alter(&format!("UPDATE keys SET digest = {digest}"));
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
    sandbox.alter("UPDATE keys SET datasets = ''");
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
    let url = "mysql://me:hunter2@db/keys";
    let said = expect_refused(&sandbox, &["list", "--store", url], 2);
    assert!(!said.contains("hunter2"), "{said}");
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    command.arg("list").env("KEYCTL_STORE", url);
    let said = sandbox.finish(command, b"").expect_code(7).stderr;
    assert!(
        said.contains("mysql://…") && !said.contains("hunter2"),
        "{said}"
    );
}

#[test]
fn values_that_break_their_rules() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let before = sandbox.stored();
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
    assert_eq!(sandbox.stored(), before);
}

#[test]
fn keys_that_are_not_there_or_not_one() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci-deploy"]);
    // Two ids with the same beginning, as chance would give them.
    for (seq, id) in [(3, "key_tw1ns00000000000"), (4, "key_tw1ns11111111111")] {
        let digest = sandbox.bytes(&[seq; 32]);
        sandbox.alter(&format!(
            "INSERT INTO keys (seq, id, workspace, access, scopes, digest, masked_token, created_at,
                               created_by)
             VALUES ({seq}, '{id}', 'default', 'all_datasets', 'full', {digest}, '***', 1, 'test')"
        ));
    }
    let before = sandbox.stored();
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
  store: [PLACE]
hint: did you mean "ci-deploy" ([KEY1])?
hint: see all keys: keyctl list --all
--- exit 3

"#]]
    );
    assert_eq!(sandbox.stored(), before);
}

#[test]
fn a_token_as_an_argument_is_never_echoed() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let before = sandbox.stored();
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
    assert_eq!(sandbox.stored(), before);
    // The owner is also found in a store that is named, and an unknown token
    // is kept quiet about as well.
    let elsewhere = ["--store", &sandbox.store(), "show", &token];
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

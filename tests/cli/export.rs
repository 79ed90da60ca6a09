use std::fs;
use std::os::unix::fs::PermissionsExt;

use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, transcript};

/// A store in which much has happened, and one of its tokens.
fn lived_in() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let (_, token) = issue(
        &sandbox,
        &["--dataset", "ds_1", "--dataset", "ds_2", "--name", "ci"],
    );
    issue(
        &sandbox,
        &["--all-datasets", "--workspace", "other", "--expires", "90d"],
    );
    let (gone, _) = issue(
        &sandbox,
        &["--app", "web", "--description", "a\nb \u{202e}\"é"],
    );
    for args in [
        &["verify", "--dataset", "ds_1"] as &[_],
        &["rotate", "ci", "--grace", "1h"],
        &[
            "edit",
            "ci",
            "--add-scope",
            "read",
            "--remove-scope",
            "full",
        ],
        &["disable", "ci", "--reason", "on leave"],
        &["policy", "set", "max-keys-per-target", "20"],
        &["revoke", &gone, "--reason", "lost"],
    ] {
        sandbox.run(args, &token).expect_code(0);
    }
    (sandbox, token)
}

fn export(sandbox: &Sandbox) -> String {
    sandbox.run(&["export"], "").expect_code(0).stdout
}

/// A sandbox without a store, with this export in a file.
fn with_export(text: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    fs::write(sandbox.home().join("store.jsonl"), text).unwrap();
    sandbox
}

const IMPORT: [&str; 2] = ["import", "store.jsonl"];

#[test]
fn a_store_made_from_an_export_is_equal_to_the_first() {
    let (sandbox, token) = lived_in();
    let run = sandbox.run(&["export", "store.jsonl"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
exported 4 keys and 10 events to "store.jsonl"
--- exit 0

"#]]
    );
    let file = sandbox.home().join("store.jsonl");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(export(&sandbox), text);
    assert!(!text.contains(&token[8..20]), "a token was exported");
    let head = sandbox.run(&["audit", "head"], "").stdout;
    // Where no store is, and where an empty one is.
    for is_initialised in [false, true] {
        let copy = with_export(&text);
        if is_initialised {
            copy.run(&["store", "init"], "").expect_code(0);
        }
        let dry = copy.run(&[&IMPORT as &[_], &["-n"]].concat(), "");
        assert_eq!(dry.expect_code(0).stdout, "imported 4 keys\n");
        let run = copy.run(&IMPORT, "").expect_code(0);
        if !is_initialised {
            assert_data_eq!(
                transcript(&run),
                str![[r#"
imported 4 keys
--- stderr
made a new store: [PLACE]
this store is now [STORE], with its policy and its log of 10 events
hint: use one of the two from then on: what is revoked in one stays valid in the other
--- exit 0

"#]]
            );
        }
        assert_eq!(export(&copy), text);
        for args in [
            &["list", "--all", "--json"] as &[_],
            &["list", "--all", "--json", "--workspace", "other"],
            &["audit", "--json"],
            &["policy", "show"],
            &["audit", "head"],
        ] {
            let (one, other) = (sandbox.run(args, ""), copy.run(args, ""));
            assert_eq!(one.stdout, other.stdout, "{}", one.command);
        }
        let verify = ["audit", "verify", "--head", head.trim_end()];
        copy.run(&verify, "").expect_code(0);
        copy.run(&["verify", "--dataset", "ds_2"], &token)
            .expect_code(0);
    }
}

#[test]
fn an_export_that_was_altered_or_cut_is_refused_wherever_it_was() {
    let (sandbox, _) = lived_in();
    let text = export(&sandbox);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut altered: Vec<(String, String)> = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let with = |replacement: &str| {
            let (before, after) = (lines[..i].concat(), lines[i + 1..].concat());
            format!("{before}{replacement}{after}")
        };
        altered.push((format!("without line {}", i + 1), with("")));
        altered.push((format!("line {} twice", i + 1), with(&line.repeat(2))));
        altered.push((format!("cut before line {}", i + 1), lines[..i].concat()));
        let half = &line[..line.len() / 2];
        altered.push((format!("cut in line {}", i + 1), lines[..i].concat() + half));
        altered.push((
            format!("more in line {}", i + 1),
            with(&line.replacen('{', r#"{"x":1,"#, 1)),
        ));
    }
    for (from, to) in [
        (r#""revoke_reason":"lost""#, r#""revoke_reason":null"#),
        (r#""actor":"tester""#, r#""actor":"nobody""#),
        (
            r#""max_keys_per_target":"20""#,
            r#""max_keys_per_target":"30""#,
        ),
        (
            r#"{"type":"datasets","datasets":["ds_1","ds_2"]}"#,
            r#"{"type":"all_datasets"}"#,
        ),
        (
            r#"{"type":"datasets","datasets":["ds_1","ds_2"]}"#,
            r#"{"type":"datasets","datasets":[]}"#,
        ),
        (
            r#"{"type":"all_datasets"}"#,
            r#"{"type":"all_datasets","datasets":["a"]}"#,
        ),
        (r#"{"type":"app","app":"web"}"#, r#"{"type":"app"}"#),
        (r#""scopes":["full"]"#, r#""scopes":[]"#),
        (r#""digest":""#, r#""digest":"0"#),
        (r#""masked_token":""#, r#""masked_token":"x"#),
        (r#""workspace":"other""#, r#""workspace":"o t""#),
        ("store_", "store-"),
        ("keyctl.export/v1", "keyctl.export/v2"),
    ] {
        assert!(text.contains(from), "{from}");
        altered.push((format!("{from} -> {to}"), text.replacen(from, to, 1)));
    }
    // Every lie about a time tells on itself, save that of a last use.
    for field in ["created_at", "expires_at", "disabled_at", "revoked_at"] {
        let (from, to) = (format!(r#""{field}":"20"#), format!(r#""{field}":"19"#));
        assert!(text.contains(&from), "{from}");
        altered.push((from.clone(), text.replace(&from, &to)));
    }
    let target = with_export("");
    for (what, text) in &altered {
        fs::write(target.home().join("store.jsonl"), text).unwrap();
        let run = target.run(&IMPORT, "");
        assert!(
            [2, 4].contains(&run.code),
            "{what}: {} {}",
            run.code,
            run.stderr
        );
        assert_eq!(run.stdout, "", "{what}");
        let store = target.run(&["list"], "");
        assert_eq!(store.code, 7, "{what}: a store was made");
    }
    // Where there are keys, they are not joined by any of these either.
    issue(&target, &["--app", "own"]);
    for (what, text) in &altered {
        let run = target.run(&["import", "-"], text);
        assert!(
            [2, 4].contains(&run.code),
            "{what}: {} {}",
            run.code,
            run.stderr
        );
    }
    assert_eq!(super::key_count(&target), 1);
    let head = target
        .run(&["audit", "verify", "--json"], "")
        .expect_code(0);
    assert_eq!(json(&head)["event_count"], 2);
}

#[test]
fn refusals_name_the_line_and_what_is_wrong() {
    let (sandbox, _) = lived_in();
    let text = export(&sandbox);
    let cases = [
        (
            text.replace(r#""revoke_reason":"lost""#, r#""revoke_reason":null"#),
            str![[r#"
--- stderr
error: line 15: the export was altered: [KEY1] was altered: its row is not what event 10 left
hint: nothing was imported; export it again where it comes from
hint: see there whether it was altered already, with keyctl audit verify
--- exit 4

"#]],
        ),
        (
            text.replace(r#""workspace":"other""#, r#""workspace":"o t""#),
            str![[r#"
--- stderr
error: line 4 of "store.jsonl": its workspace is not valid: a workspace has letters, digits and ._- only
hint: nothing was imported; export it again where it comes from
--- exit 4

"#]],
        ),
        (
            text.replace("export/v1", "export/v2"),
            str![[r#"
--- stderr
error: "store.jsonl" is an export of a form that this keyctl does not know
hint: use the newest keyctl that has been used where it comes from
--- exit 4

"#]],
        ),
        (
            text[..text.len() - 1]
                .rsplit_once('\n')
                .unwrap()
                .0
                .to_owned()
                + "\n",
            str![[r#"
--- stderr
error: the export is not whole: a part of it is missing
hint: nothing was imported; export it again where it comes from
--- exit 4

"#]],
        ),
        (
            text[..text.len() - 9].to_owned(),
            str![[r#"
--- stderr
error: line 17 of "store.jsonl": it is not whole
hint: nothing was imported; export it again where it comes from
--- exit 4

"#]],
        ),
    ];
    for (text, expected) in cases {
        assert_data_eq!(transcript(&with_export(&text).run(&IMPORT, "")), expected);
    }
}

#[test]
fn a_store_with_a_log_of_its_own_takes_the_keys_and_keeps_the_log() {
    let (sandbox, token) = lived_in();
    let text = export(&sandbox);
    let other = with_export(&text);
    issue(&other, &["--app", "own"]);
    assert_data_eq!(
        transcript(&other.run(&IMPORT, "")),
        str![[r#"
imported 4 keys
--- stderr
the store has a log of its own, which tells of them as imported: that of the export is not taken over
the policy of the export is another one: the store's own stays
--- exit 0

"#]]
    );
    let rows = |sandbox: &Sandbox| {
        let run = sandbox
            .run(&["list", "--all", "-o", "jsonl"], "")
            .expect_code(0);
        let mut rows: Vec<String> = run.stdout.lines().map(str::to_owned).collect();
        rows.retain(|row| !row.contains(r#""own""#));
        rows
    };
    assert_eq!(rows(&other), rows(&sandbox));
    other
        .run(&["verify", "--dataset", "ds_1"], &token)
        .expect_code(0);
    other.run(&["audit", "verify"], "").expect_code(0);
    let again = json(&other.run(&[&IMPORT as &[_], &["--json"]].concat(), ""));
    assert_eq!(again["taken_over"], false);
    assert_eq!(again["summary"]["imported"], 0);
    assert_eq!(again["summary"]["already_there"], 4);
    // A key is revoked there: here it is told of, and not touched.
    sandbox.run(&["revoke", "-"], &token).expect_code(0);
    fs::write(other.home().join("store.jsonl"), export(&sandbox)).unwrap();
    let run = other.run(&IMPORT, "").expect_code(0);
    assert_data_eq!(
        transcript(&run),
        str![[r#"
imported 0 keys, 4 already there
--- stderr
[KEY1] is revoked where it comes from, and active here
hint: end it here too: keyctl revoke [KEY1]
the policy of the export is another one: the store's own stays
--- exit 0

"#]]
    );
    // And one that is revoked here is not brought back.
    other.run(&["revoke", "-"], &token).expect_code(0);
    fs::write(other.home().join("store.jsonl"), &text).unwrap();
    other.run(&IMPORT, "").expect_code(0);
    other
        .run(&["verify", "--dataset", "ds_1"], &token)
        .expect_code(5);
}

#[test]
fn what_became_less_elsewhere_is_told_of() {
    let sandbox = Sandbox::new();
    for name in ["rotated", "shorter", "narrower", "off", "same"] {
        issue(&sandbox, &["--app", "web", "--name", name]);
    }
    let other = with_export(&export(&sandbox));
    issue(&other, &["--app", "own"]);
    other.run(&IMPORT, "").expect_code(0);
    for args in [
        &["rotate", "rotated"] as &[_],
        &["edit", "shorter", "--expires", "90d"],
        &[
            "edit",
            "narrower",
            "--add-scope",
            "a",
            "--remove-scope",
            "full",
        ],
        &["disable", "off"],
        &["edit", "same", "--name", "renamed"],
    ] {
        sandbox.run(args, "").expect_code(0);
    }
    fs::write(other.home().join("store.jsonl"), export(&sandbox)).unwrap();
    assert_data_eq!(
        transcript(&other.run(&IMPORT, "")),
        str![[r#"
imported 1 key, 5 already there
--- stderr
[KEY1] has other rights here than where it comes from: what the store has stays
[KEY2] has other rights here than where it comes from: what the store has stays
[KEY3] is revoked where it comes from, and active here
hint: end it here too: keyctl revoke [KEY3]
[KEY4] is disabled where it comes from, and active here
hint: end it here too: keyctl disable [KEY4]
the store has a log of its own, which tells of them as imported: that of the export is not taken over
--- exit 0

"#]]
    );
}

#[test]
fn what_ended_elsewhere_is_told_of_even_if_its_record_is_gone() {
    let sandbox = Sandbox::new();
    let args = ["--app", "web", "--workspace", "acme"];
    let (disabled, _) = issue(&sandbox, &args);
    let (pruned, _) = issue(&sandbox, &args);
    let other = with_export(&export(&sandbox));
    issue(&other, &["--app", "own"]);
    other.run(&IMPORT, "").expect_code(0);
    let disable = ["disable", &disabled, "--workspace", "acme"];
    other.run(&disable, "").expect_code(0);
    for args in [
        &["revoke", &disabled, &pruned, "-y", "--workspace", "acme"] as &[_],
        &[
            "prune",
            "--revoked",
            "--older-than",
            "0s",
            "-y",
            "--workspace",
            "acme",
        ],
    ] {
        sandbox.run(args, "").expect_code(0);
    }
    fs::write(other.home().join("store.jsonl"), export(&sandbox)).unwrap();
    let import = [&IMPORT as &[_], &["--workspace", "default"]].concat();
    assert_data_eq!(
        transcript(&other.run(&import, "")),
        str![[r#"
imported 0 keys
--- stderr
[KEY1] is revoked where it comes from, and disabled here
hint: end it here too: keyctl revoke [KEY1] --workspace acme
[KEY2] is revoked where it comes from, and active here
hint: end it here too: keyctl revoke [KEY2] --workspace acme
--- exit 0

"#]]
    );
}

#[test]
fn an_export_goes_to_a_new_file_or_a_pipe() {
    let (sandbox, _) = lived_in();
    let run = sandbox.run(&["export", "store.jsonl", "--json"], "");
    let document = json(&run.expect_code(0));
    assert_eq!(document["schema"], "keyctl.export.file/v1");
    assert_eq!(document["key_count"], 4);
    assert_data_eq!(
        transcript(&sandbox.run(&["export", "store.jsonl"], "")),
        str![[r#"
--- stderr
error: cannot make "store.jsonl": file exists
hint: name a new file: one that is there is never overwritten
--- exit 1

"#]]
    );
    for (args, code) in [
        (&["export", "--json"] as &[_], 2),
        (&["export", "-o", "csv"], 2),
        (&["export", "-o", "id"], 2),
        (&["export", "no/such/folder.jsonl"], 1),
    ] {
        sandbox.run(args, "").expect_code(code);
    }
    assert_eq!(
        sandbox.run(&["export", "-o", "jsonl"], "").stdout,
        export(&sandbox)
    );
    let empty = Sandbox::new();
    empty.run(&["export", "store.jsonl"], "").expect_code(7);
    assert!(!empty.home().join("store.jsonl").exists());
}

#[test]
fn an_export_that_is_interrupted_leaves_no_file() {
    let sandbox = Sandbox::new();
    for _ in 0..3 {
        issue(&sandbox, &["--all-datasets"]);
    }
    // It waits before its first sync, its file already made.
    let folder = sandbox.home().join("out");
    fs::create_dir(&folder).unwrap();
    let mut command = sandbox.command("strace");
    command
        .args(["-f", "-o", "trace", "-e", "trace=openat,fsync"])
        .args(["-e", "inject=fsync:delay_enter=2000000"])
        .arg(env!("CARGO_BIN_EXE_keyctl"))
        .args(["export", "out/store.jsonl"]);
    let mut child = command.spawn().unwrap();
    let parts = || fs::read_dir(&folder).unwrap().count();
    let started = std::time::Instant::now();
    while parts() == 0 && started.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(parts(), 1, "the file is under way");
    assert!(!folder.join("store.jsonl").exists());
    let traced = children_of(child.id());
    let pid = nix::unistd::Pid::from_raw(traced[0].try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    child.wait().unwrap();
    assert_eq!(parts(), 0);
}

fn children_of(pid: u32) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    text.split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect()
}

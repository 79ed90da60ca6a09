use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, key_count, transcript};

/// Five keys: bound, bound twice, workspace-wide, of an app, and revoked.
fn with_keys() -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::new();
    let ids = vec![
        issue(&sandbox, &["--dataset", "ds_1", "--name", "ci-build"]).0,
        issue(
            &sandbox,
            &[
                "--dataset",
                "ds_1",
                "--dataset",
                "ds_2",
                "--name",
                "ci-deploy",
                "--expires",
                "30d",
            ],
        )
        .0,
        issue(
            &sandbox,
            &["--all-datasets", "--name", "admin", "--expires", "10d"],
        )
        .0,
        issue(
            &sandbox,
            &["--app", "web", "--scope", "chat:read,chat:write"],
        )
        .0,
        issue(&sandbox, &["--dataset", "ds_1", "--name", "old"]).0,
    ];
    sandbox
        .run(&["revoke", "old", "--reason", "tidy"], "")
        .expect_code(0);
    (sandbox, ids)
}

/// The ids that `list` shows with these arguments, as places in `ids`.
fn listed(sandbox: &Sandbox, ids: &[String], args: &[&str]) -> Vec<usize> {
    let args = [&["list", "-o", "id", "-q"], args].concat();
    let run = sandbox.run(&args, "").expect_code(0);
    run.stdout
        .lines()
        .map(|id| {
            ids.iter()
                .position(|known| known == id)
                .expect("a known id")
        })
        .collect()
}

#[test]
fn a_table_in_a_pipe_is_plain_and_whole() {
    let (sandbox, _) = with_keys();
    assert_data_eq!(
        transcript(&sandbox.run(&["list", "-a"], "")),
        str![[r#"
ID                    NAME       ACCESS               SCOPES                STATUS   TOKEN         CREATED               LAST USED  EXPIRES
[KEY1]  ci-build   dataset ds_1         full                  active   dat...[MASK]  [TIME]  never      never
[KEY2]  ci-deploy  datasets ds_1, ds_2  full                  active   dat...[MASK]  [TIME]  never      [TIME]
[KEY3]  admin      all datasets         full                  active   dat...[MASK]  [TIME]  never      [TIME]
[KEY4]  -          app web              chat:read chat:write  active   app...[MASK]  [TIME]  never      never
[KEY5]  old        dataset ds_1         full                  revoked  dat...[MASK]  [TIME]  never      never
--- stderr
--- exit 0

"#]]
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["list", "--app", "web"], "")),
        str![[r#"
ID                    NAME  ACCESS   SCOPES                STATUS  TOKEN         CREATED               LAST USED  EXPIRES
[KEY1]  -     app web  chat:read chat:write  active  app...[MASK]  [TIME]  never      never
--- stderr
--- exit 0

"#]]
    );
}

#[test]
fn filters_say_which_keys() {
    let (sandbox, ids) = with_keys();
    let cases: [(&[&str], &[usize]); 22] = [
        (&[], &[0, 1, 2, 3]),
        (&["--all"], &[0, 1, 2, 3, 4]),
        (&["--status", "revoked"], &[4]),
        (&["--status", "active,revoked"], &[0, 1, 2, 3, 4]),
        (&["--status", "disabled"], &[]),
        // A dataset's list has every key that reaches it.
        (&["--dataset", "ds_1"], &[0, 1, 2]),
        (&["--dataset", "ds_1", "-a"], &[0, 1, 2, 4]),
        (&["--dataset", "ds_1", "--bound-only"], &[0, 1]),
        (&["--dataset", "ds_2"], &[1, 2]),
        (&["--dataset", "none"], &[2]),
        (&["--dataset", "none", "--bound-only"], &[]),
        (&["--app", "web"], &[3]),
        (&["--app", "ds_1"], &[]),
        (&["--name", "ci-*"], &[0, 1]),
        (&["--name", "c?-[bd]*", "-a"], &[0, 1]),
        (&["--name", "admin"], &[2]),
        (&["--expiring-within", "20d"], &[2]),
        (&["--expiring-within", "30d"], &[1, 2]),
        (&["--expiring-within", "9d"], &[]),
        (&["--unused-for", "0s"], &[0, 1, 2, 3]),
        (&["--unused-for", "1h"], &[]),
        (&["--workspace", "other"], &[]),
    ];
    for (args, expected) in cases {
        assert_eq!(listed(&sandbox, &ids, args), expected, "{args:?}");
    }
}

#[test]
fn every_order_can_be_turned_round_and_read_page_by_page() {
    let (sandbox, ids) = with_keys();
    let cases: [(&str, &[usize]); 5] = [
        ("created_at", &[0, 1, 2, 3, 4]),
        // Those that never expire are last, in the order of their issue.
        ("expires_at", &[2, 1, 0, 3, 4]),
        // None was used.
        ("last_used_at", &[0, 1, 2, 3, 4]),
        // Those without a name are last.
        ("name", &[2, 0, 1, 4, 3]),
        ("id", &[]),
    ];
    for (field, expected) in cases {
        let mut expected = expected.to_vec();
        if field == "id" {
            expected = (0..5).collect();
            expected.sort_by_key(|index| &ids[*index]);
        }
        for direction in ["asc", "desc"] {
            let sort = format!("{field}:{direction}");
            assert_eq!(
                listed(&sandbox, &ids, &["-a", "--sort", &sort]),
                expected,
                "{sort}"
            );
            for limit in ["1", "2", "5", "6"] {
                let paged = read_pages(&sandbox, &ids, &sort, limit);
                assert_eq!(paged, expected, "{sort} by {limit}");
            }
            expected.reverse();
        }
    }
}

fn read_pages(sandbox: &Sandbox, ids: &[String], sort: &str, limit: &str) -> Vec<usize> {
    let mut all: Vec<usize> = Vec::new();
    loop {
        let mut args = vec!["-a", "--sort", sort, "--limit", limit];
        if let Some(last) = all.last() {
            args.extend(["--after", &ids[*last]]);
        }
        let page = listed(sandbox, ids, &args);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
        assert!(all.len() <= ids.len(), "a page repeats what was shown");
    }
}

#[test]
fn a_limit_says_how_to_go_on() {
    let (sandbox, _) = with_keys();
    let run = sandbox.run(&["list", "--limit", "2", "--fields", "id,name"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
ID                    NAME
[KEY1]  ci-build
[KEY2]  ci-deploy
--- stderr
hint: more keys follow: --after [KEY2]
--- exit 0

"#]]
    );
    let run = sandbox.run(&["list", "--limit", "4", "--fields", "name"], "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
NAME
ci-build
ci-deploy
admin
-
--- stderr
1 revoked or expired hidden; --all shows them
--- exit 0

"#]]
    );
}

#[test]
fn json_is_a_counted_document() {
    let (sandbox, ids) = with_keys();
    let document = json(&sandbox.run(&["list", "--json", "-a"], "").expect_code(0));
    assert_eq!(document["schema"], "keyctl.list/v1");
    assert_eq!(document["count"], 5);
    let keys = document["keys"].as_array().unwrap();
    let listed: Vec<_> = keys.iter().map(|key| key["id"].as_str().unwrap()).collect();
    assert_eq!(listed, ids);
    assert_eq!(keys[4]["status"], "revoked");
    assert_eq!(keys[4]["revoke_reason"], "tidy");
    assert_eq!(
        keys[1]["access"],
        serde_json::json!({"type": "datasets", "datasets": ["ds_1", "ds_2"], "app": null})
    );
    let empty = json(&sandbox.run(&["list", "--json", "--workspace", "other"], ""));
    assert_eq!(
        empty,
        serde_json::json!({"schema": "keyctl.list/v1", "count": 0, "keys": [], "next": null})
    );
}

#[test]
fn jsonl_is_one_key_a_line_with_the_fields_asked_for() {
    let (sandbox, _) = with_keys();
    let args = [
        "list",
        "-o",
        "jsonl",
        "--fields",
        "name,access,scopes,expires_at",
    ];
    assert_data_eq!(
        transcript(&sandbox.run(&args, "")),
        str![[r#"
{"name":"ci-build","access":{"type":"datasets","datasets":["ds_1"],"app":null},"scopes":["full"],"expires_at":null}
{"name":"ci-deploy","access":{"type":"datasets","datasets":["ds_1","ds_2"],"app":null},"scopes":["full"],"expires_at":"[TIME]"}
{"name":"admin","access":{"type":"all_datasets","datasets":[],"app":null},"scopes":["full"],"expires_at":"[TIME]"}
{"name":null,"access":{"type":"app","datasets":[],"app":"web"},"scopes":["chat:read","chat:write"],"expires_at":null}
--- stderr
1 revoked or expired hidden; --all shows them
--- exit 0

"#]]
    );
}

#[test]
fn csv_has_its_header_always_and_disarms_formulas() {
    let sandbox = Sandbox::new();
    let description = "=HYPERLINK(\"x\"),\nsecond line";
    issue(
        &sandbox,
        &["--dataset", "ds_1", "--description", description],
    );
    let args = ["list", "-o", "csv", "--fields", "description,access,name"];
    assert_data_eq!(
        transcript(&sandbox.run(&args, "")),
        str![[r#"
description,access,name
"'=HYPERLINK(""x""),
second line",dataset ds_1,
--- stderr
--- exit 0

"#]]
    );
    let none = ["list", "-o", "csv", "--app", "none"];
    assert_data_eq!(
        transcript(&sandbox.run(&none, "")),
        str![[r#"
id,name,description,kind,workspace,access,scopes,status,masked_token,created_at,created_by,expires_at,last_used_at,disabled_at,revoked_at,revoke_reason,replaces,replaced_by
--- stderr
no keys
--- exit 0

"#]]
    );
}

#[test]
fn text_from_outside_cannot_command_a_terminal() {
    let sandbox = Sandbox::new();
    let description = "\u{1b}]0;owned\u{7}\u{202e}gnp.exe";
    let (id, _) = issue(
        &sandbox,
        &["--dataset", "ds_1", "--description", description],
    );
    let json = sandbox.run(&["show", &id, "--json"], "").expect_code(0);
    assert!(json.stdout.contains("\\u202egnp.exe"), "{}", json.stdout);
    for args in [vec!["list", "--fields", "description"], vec!["show", &id]] {
        let run = sandbox.run(&args, "").expect_code(0);
        assert!(
            !run.stdout.contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{args:?}"
        );
        assert!(
            run.stdout.contains("\\u{1b}]0;owned\\u{7}\\u{202e}gnp.exe"),
            "{args:?}"
        );
    }
}

#[test]
fn long_lists_are_written_as_they_are_read() {
    // More rows than decide the widths: later ones are whole all the same.
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_0"]);
    let rows = (3..1203).map(|seq: u32| {
        let name = match seq {
            ..1103 => "n",
            _ => "a-name-longer-than-all-before-it",
        };
        let digest = sandbox.bytes(&[seq.to_be_bytes(); 8].concat());
        format!(
            "({seq}, 'key_{seq:016}', 'default', '{name}', 'all_datasets', 'full', {digest},
              '***', 4000000000, 'test')"
        )
    });
    sandbox.alter(&format!(
        "INSERT INTO keys (seq, id, workspace, name, access, scopes, digest, masked_token,
                           created_at, created_by)
         VALUES {}",
        rows.collect::<Vec<_>>().join(", ")
    ));
    let run = sandbox.run(&["list"], "").expect_code(0);
    assert_eq!(run.stdout.lines().count(), 1202);
    assert!(
        run.stdout
            .contains("a-name-longer-than-all-before-it  all datasets")
    );
    let document = json(&sandbox.run(&["list", "--json"], ""));
    assert_eq!(document["count"], 1201);
    assert_eq!(key_count(&sandbox), 1201);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let (sandbox, _) = with_keys();
    for format in ["table", "json", "jsonl", "csv", "id"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = sandbox
            .command(env!("CARGO_BIN_EXE_keyctl"))
            .args(["list", "-q", "-o", format])
            .stdout(writer)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
    }
}

#[test]
fn an_empty_list_says_where_the_keys_are() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--app", "web", "--workspace", "acme"]);
    assert_data_eq!(
        transcript(&sandbox.run(&["list"], "")),
        str![[r#"
--- stderr
no keys
hint: there are keys in another workspace: keyctl list --workspace acme
--- exit 0

"#]]
    );
    let run = sandbox.run(&["list", "--workspace", "default"], "");
    assert_eq!(run.stderr, "no keys\n");
    issue(&sandbox, &["--app", "web"]);
    let run = sandbox.run(&["list", "--app", "none"], "");
    assert_eq!(run.stderr, "no keys\n");
}

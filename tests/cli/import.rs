use std::fs;
use std::io::Write;
use std::process::Stdio;

use snapbox::{assert_data_eq, str};

use super::{Sandbox, issue, json, key_count, transcript};

const HEADER: &str = "id,app_id,tenant_id,type,token,last_used_at,created_at";
const BOUND_HEADER: &str = "api_token_id,dataset_id,resource_type,control_space_id";
const DIFY: [&str; 4] = ["import", "keys.csv", "--from", "dify"];

/// A token of a service, made from a number: it opens nothing anywhere.
fn token(prefix: &str, number: u64) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut state = number;
    let random = (0..24).map(|_| {
        // The constants of Knuth's MMIX.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(ALPHABET[(state >> 33) as usize % 62])
    });
    format!("{prefix}{}", random.collect::<String>())
}

fn id(number: u64) -> String {
    format!("1b4e28ba-2fa1-41d2-883f-{number:012}")
}

/// A row for an app, and one for datasets, in the order of `HEADER`.
fn app_row(number: u64, app: &str, token: &str) -> String {
    let id = id(number);
    format!("{id},{app},,app,{token},,2024-05-06 07:08:09.123456\n")
}

fn dataset_row(number: u64, token: &str) -> String {
    let id = id(number);
    format!("{id},,,dataset,{token},2024-06-01 00:00:00,2024-05-06 07:08:09+02\n")
}

fn with_files(keys: &str, bindings: Option<&str>) -> Sandbox {
    let sandbox = Sandbox::new();
    fs::write(sandbox.home().join("keys.csv"), keys).unwrap();
    if let Some(bindings) = bindings {
        fs::write(sandbox.home().join("bound.csv"), bindings).unwrap();
    }
    sandbox
}

#[test]
fn keys_of_a_service_work_here_and_are_written_nowhere() {
    let web = token("app-", 1);
    let bound = token("dataset-", 2);
    let wide = token("ds-", 3);
    let old = token("app", 4);
    let rows = [
        app_row(1, "web", &web),
        dataset_row(2, &bound),
        dataset_row(3, &wide),
        app_row(4, "old", &old),
    ];
    let bindings = format!(
        "{BOUND_HEADER}\n{two},ds_1,dataset,\n{two},,knowledge_fs_space,x\n{nobody},ds_9,dataset,\n",
        two = id(2).to_uppercase(),
        nobody = id(9),
    );
    let sandbox = with_files(&format!("{HEADER}\n{}", rows.concat()), Some(&bindings));
    let import = [&DIFY as &[_], &["--bindings", "bound.csv"]].concat();
    assert_data_eq!(
        transcript(&sandbox.run(&import, "")),
        str![[r#"
--- stderr
error: the bindings name 1 key that the input does not have, and 1 key would reach all datasets
hint: one of them is 1b4e28ba2fa141d2883f000000000009: is it written otherwise there?
hint: if these keys are gone, or not meant to be in the input: --allow-unmet
--- exit 4

"#]]
    );
    assert!(!sandbox.has_store(), "what is refused makes no store");
    let import = [&import as &[_], &["--allow-unmet"]].concat();
    let run = sandbox.run(&[&import as &[_], &["-n"]].concat(), "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
imported 4 keys
--- stderr
dry run: nothing was changed
1 key was bound to something that is not a dataset too: only the datasets were taken
the bindings name 1 key that the input does not have
1 key reaches all datasets of the workspace: nothing binds them
--- exit 0

"#]]
    );
    assert!(!sandbox.has_store(), "a dry run makes no store");
    let run = sandbox.run(&import, "");
    assert_data_eq!(
        transcript(&run),
        str![[r#"
imported 4 keys
--- stderr
made a new store: [PLACE]
1 key was bound to something that is not a dataset too: only the datasets were taken
the bindings name 1 key that the input does not have
1 key reaches all datasets of the workspace: nothing binds them
hint: they never end by themselves; give one an end: keyctl edit KEY --expires 90d
hint: the input holds tokens as they are: delete it when it is of no more use
--- exit 0

"#]]
    );
    let fields = "access,scopes,status,created_at,created_by,last_used_at,expires_at,description";
    let listed = sandbox
        .run(&["list", "-o", "csv", "--fields", fields], "")
        .expect_code(0);
    assert_data_eq!(
        listed.stdout,
        str![[r#"
access,scopes,status,created_at,created_by,last_used_at,expires_at,description
dataset ds_1,full,active,2024-05-06T05:08:09Z,tester,2024-06-01T00:00:00Z,,dify 1b4e28ba-2fa1-41d2-883f-000000000002
all datasets,full,active,2024-05-06T05:08:09Z,tester,2024-06-01T00:00:00Z,,dify 1b4e28ba-2fa1-41d2-883f-000000000003
app web,full,active,2024-05-06T07:08:09Z,tester,,,dify 1b4e28ba-2fa1-41d2-883f-000000000001
app old,full,active,2024-05-06T07:08:09Z,tester,,,dify 1b4e28ba-2fa1-41d2-883f-000000000004

"#]]
    );
    for (token, args, code) in [
        (&web, &["--app", "web"] as &[_], 0),
        (&web, &["--app", "old"], 6),
        (&old, &["--app", "old"], 0),
        (&bound, &["--dataset", "ds_1"], 0),
        (&bound, &["--dataset", "ds_2"], 6),
        (&bound, &[], 6),
        (&wide, &["--dataset", "ds_2"], 0),
        (&wide, &[], 0),
    ] {
        let args = [&["verify"], args].concat();
        sandbox.run(&args, token).expect_code(code);
    }
    // Once more: nothing is done twice, and what was done since stays.
    sandbox.run(&["revoke", "-"], &web).expect_code(0);
    let again = json(&sandbox.run(&[&import as &[_], &["--json"]].concat(), ""));
    assert_eq!(again["schema"], "keyctl.import/v1");
    assert_eq!(again["from"], "dify");
    assert_eq!(again["dry_run"], false);
    assert_eq!(
        again["summary"].to_string(),
        r#"{"already_there":4,"differing":0,"imported":0,"left_out":0,"narrowed":1,"pruned":0,"unmet_bindings":1}"#
    );
    sandbox
        .run(&["verify", "--app", "web"], &web)
        .expect_code(5);
    sandbox.run(&["audit", "verify"], "").expect_code(0);
    let export = sandbox.run(&["export"], "").expect_code(0).stdout;
    let mut kept = vec![
        export.into_bytes(),
        run.stdout.into_bytes(),
        run.stderr.into_bytes(),
    ];
    kept.push(sandbox.stored());
    for token in [&web, &bound, &wide, &old] {
        let secret = &token.as_bytes()[5..token.len() - 4];
        for bytes in &kept {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret));
        }
    }
}

#[test]
fn csv_and_json_lines_of_a_file_or_a_pipe_give_the_same_keys() {
    let (one, two) = (token("app-", 1), token("dataset-", 2));
    let csv = format!(
        "\u{feff}{HEADER},dataset_id\r\n{},web,acme,app,{one},,2024-05-06 07:08:09,\r\n\
         {},,acme,dataset,{two},,2024-05-06 07:08:09,ds_1\r\n",
        id(1),
        id(2)
    );
    let jsonl = format!(
        r#"{{"id":"{}","app_id":"web","tenant_id":"acme","type":"app","token":"{one}","last_used_at":null,"created_at":"2024-05-06T07:08:09","dataset_id":null}}
{{"id":"{}","app_id":null,"tenant_id":"acme","type":"dataset","token":"{two}","last_used_at":null,"created_at":"2024-05-06T07:08:09+00:00","dataset_id":"ds_1"}}
"#,
        id(1),
        id(2)
    );
    let mut lists = Vec::new();
    for input in [&csv, &jsonl] {
        for from_stdin in [true, false] {
            let sandbox = with_files(input, None);
            let file = if from_stdin { "-" } else { "keys.csv" };
            let run = sandbox.run(&["import", file, "--from", "dify", "-o", "id"], input);
            let run = run.expect_code(0);
            assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
            let workspace = ["list", "--workspace", "acme"];
            let ids = sandbox.run(&[&workspace as &[_], &["-o", "id"]].concat(), "");
            assert_eq!(ids.stdout, run.stdout);
            let fields = ["-o", "jsonl", "--fields", "access,masked_token,created_at"];
            let list = sandbox.run(&[&workspace as &[_], &fields].concat(), "");
            lists.push(list.expect_code(0).stdout);
        }
    }
    assert!(lists[0].contains("ds_1"), "{}", lists[0]);
    lists.dedup();
    assert_eq!(lists.len(), 1, "{lists:#?}");
}

#[test]
fn one_bad_row_and_nothing_is_imported_unless_bad_rows_are_left_out() {
    let secret = token("app-", 7);
    let mut rows = format!("{HEADER}\n{}", app_row(1, "web", &token("app-", 1)));
    rows.push_str(&format!("{},,,app,{secret},,2024-05-06 07:08:09\n", id(2)));
    rows.push_str(&format!("{},web,,{secret},{secret},,\n", id(3)));
    rows.push_str(&format!("{},web,,app,{secret},,yesterday\n", id(4)));
    rows.push_str(&app_row(5, "a b", &secret));
    rows.push_str("too,short\n");
    for number in 0..20 {
        rows.push_str(&app_row(100 + number, "", &secret));
    }
    let sandbox = with_files(&rows, None);
    let run = sandbox.run(&DIFY, "");
    assert!(!run.stderr.contains(&secret[8..20]), "{}", run.stderr);
    assert_data_eq!(
        transcript(&run),
        str![[r#"
--- stderr
error: 25 of 26 rows give no key, so nothing was imported
hint: line 3: it is of type app and has no app_id
hint: line 4: its type is neither app nor dataset
hint: line 5: its created_at is not valid: not a time such as 2027-01-31 12:00:00
hint: line 6: its app_id is not valid: a dataset or app id has letters, digits and ._:/@+- only
hint: line 7: it has another number of fields than the header: 2, not 7
hint: line 8: it is of type app and has no app_id
hint: line 9: it is of type app and has no app_id
hint: line 10: it is of type app and has no app_id
hint: line 11: it is of type app and has no app_id
hint: line 12: it is of type app and has no app_id
hint: line 13: it is of type app and has no app_id
hint: line 14: it is of type app and has no app_id
hint: line 15: it is of type app and has no app_id
hint: line 16: it is of type app and has no app_id
hint: line 17: it is of type app and has no app_id
hint: line 18: it is of type app and has no app_id
hint: line 19: it is of type app and has no app_id
hint: line 20: it is of type app and has no app_id
hint: line 21: it is of type app and has no app_id
hint: line 22: it is of type app and has no app_id
hint: and 5 more
hint: leave them out: --skip-bad
--- exit 4

"#]]
    );
    assert!(!sandbox.has_store(), "what is refused makes no store");
    let run = sandbox.run(&["import", "-", "--from", "dify", "--json"], &rows);
    let run = run.expect_code(4);
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr.contains(r#""code":"bad_rows""#),
        "{}",
        run.stderr
    );
    assert_eq!(key_count(&sandbox), 0);
    let run = sandbox.run(&[&DIFY as &[_], &["--skip-bad"]].concat(), "");
    let run = run.expect_code(0);
    assert_eq!(run.stdout, "imported 1 key, 25 rows left out\n");
    assert!(run.stderr.contains("left out: line 3: it is of type app"));
    assert!(!run.stderr.contains(&secret[8..20]), "{}", run.stderr);
    assert_eq!(key_count(&sandbox), 1);
}

#[test]
fn a_key_that_may_be_bound_is_not_guessed_at() {
    let rows = format!("{HEADER}\n{}", dataset_row(2, &token("dataset-", 2)));
    let sandbox = with_files(&rows, Some(&format!("{BOUND_HEADER}\n")));
    assert_data_eq!(
        transcript(&sandbox.run(&[&DIFY as &[_], &["--skip-bad"]].concat(), "")),
        str![[r#"
--- stderr
error: line 2 is a key for datasets, and nothing says whether it is bound to some
hint: give the table dataset_api_token_bindings: --bindings FILE
hint: or say that the service has none, and its keys reach all datasets: --no-bindings
--- exit 2

"#]]
    );
    assert!(!sandbox.has_store());
    for said in [&["--no-bindings"] as &[_], &["--bindings", "bound.csv"]] {
        let args = [&DIFY as &[_], said, &["-n"]].concat();
        let run = sandbox.run(&args, "").expect_code(0);
        assert_eq!(run.stdout, "imported 1 key\n");
    }
}

#[test]
fn bindings_from_a_pipe_bind_where_a_store_is_made_too() {
    let secret = token("dataset-", 2);
    let rows = format!("{HEADER}\n{}", dataset_row(2, &secret));
    let sandbox = with_files(&rows, None);
    let bindings = format!("{BOUND_HEADER}\n{},ds_1,dataset,\n", id(2));
    let args = [&DIFY as &[_], &["--bindings", "-"]].concat();
    sandbox.run(&args, &bindings).expect_code(0);
    for (dataset, code) in [("ds_1", 0), ("ds_2", 6)] {
        sandbox
            .run(&["verify", "--dataset", dataset], &secret)
            .expect_code(code);
    }
}

#[test]
fn bindings_must_all_be_read() {
    let rows = format!("{HEADER}\n{}", dataset_row(2, &token("dataset-", 2)));
    let bad = format!("{BOUND_HEADER}\n{},ds_1,dataset,\n,ds_1,dataset,\n", id(2));
    let sandbox = with_files(&rows, Some(&bad));
    let args = [&DIFY as &[_], &["--bindings", "bound.csv", "--skip-bad"]].concat();
    assert_data_eq!(
        transcript(&sandbox.run(&args, "")),
        str![[r#"
--- stderr
error: line 3 of "bound.csv": it has no valid api_token_id
hint: all bindings have to be read: a key could pass for unbound otherwise
--- exit 4

"#]]
    );
    assert!(!sandbox.has_store());
}

#[test]
fn what_is_no_table_is_told_by_what_it_lacks() {
    let sandbox = with_files("id,app_id,tenant_id,type,last_used_at,created_at\n", None);
    assert_data_eq!(
        transcript(&sandbox.run(&DIFY, "")),
        str![[r#"
--- stderr
error: the header of "keys.csv" has no column "token"
hint: export the whole table, as CSV with a header or as JSON Lines
--- exit 2

"#]]
    );
    let rows = format!("{HEADER}\n{}", app_row(1, "web", &token("app-", 1)));
    let sandbox = with_files(&rows, None);
    assert_data_eq!(
        transcript(&sandbox.run(&["import", "keys.csv"], "")),
        str![[r#"
--- stderr
error: "keys.csv" is not an export of keyctl
hint: keyctl export makes one, of the store that the keys are in
hint: keys of a service are imported with --from dify
--- exit 2

"#]]
    );
    for (args, code) in [
        (&["import"] as &[_], 2),
        (&["import", "nowhere.csv", "--from", "dify"], 1),
        (&["import", "keys.csv", "--from", "elsewhere"], 2),
        (&["import", "keys.csv", "--skip-bad"], 2),
        (&["import", "keys.csv", "--no-bindings"], 2),
        (&["import", "keys.csv", "--from", "dify", "-o", "csv"], 2),
        (&["import", "-", "--from", "dify"], 2),
        (&["import", "-", "--from", "dify", "--bindings", "-"], 2),
        (&["import", "-"], 2),
    ] {
        let run = sandbox.run(args, "").expect_code(code);
        assert_eq!(run.stdout, "", "{}", run.command);
    }
    assert!(!sandbox.has_store());
}

#[test]
fn limits_are_for_those_who_issue_keys() {
    let rows: String = (0..12)
        .map(|number| app_row(number, "web", &token("app-", number)))
        .collect();
    let sandbox = with_files(&format!("{HEADER}\n{rows}"), None);
    sandbox.run(&DIFY, "").expect_code(0);
    assert_eq!(key_count(&sandbox), 12);
    sandbox.run(&["create", "--app", "web"], "").expect_code(4);
}

#[test]
fn a_token_that_is_there_keeps_the_access_it_has_here() {
    let sandbox = Sandbox::new();
    let (key, secret) = issue(&sandbox, &["--app", "web"]);
    let rows = [
        app_row(1, "other", &secret),
        app_row(2, "new", &token("app-", 2)),
        app_row(3, "new", &token("app-", 2)),
    ];
    let rows = format!("{HEADER}\n{}", rows.concat());
    assert_data_eq!(
        transcript(&sandbox.run(&["import", "-", "--from", "dify"], &rows)),
        str![[r#"
imported 1 key, 2 already there
--- stderr
[KEY1] has other rights here than where it comes from: what the store has stays
hint: they never end by themselves; give one an end: keyctl edit KEY --expires 90d
--- exit 0

"#]]
    );
    let run = sandbox.run(&["show", &key, "--json"], "");
    assert_eq!(json(&run)["key"]["access"]["app"], "web");
    assert_eq!(key_count(&sandbox), 2);
}

#[test]
fn of_two_rows_with_one_token_none_stands_before_the_other() {
    let open = dataset_row(1, &token("dataset-", 1));
    let mut narrow = dataset_row(2, &token("dataset-", 1)).replace("\n", ",ds_1\n");
    narrow.insert_str(0, &open.replace("\n", ",\n"));
    let sandbox = with_files(&format!("{HEADER},dataset_id\n{narrow}"), None);
    sandbox.run(&["store", "init"], "").expect_code(0);
    for more in [&[] as &[_], &["--skip-bad"]] {
        assert_data_eq!(
            transcript(&sandbox.run(&[&DIFY as &[_], more].concat(), "")),
            str![[r#"
--- stderr
error: line 3: it has the token of a row before it, and is for something else
hint: nothing was imported: which of the two counts cannot be told
--- exit 4

"#]]
        );
    }
    assert_eq!(key_count(&sandbox), 0);
}

#[test]
fn what_ended_and_was_pruned_does_not_come_back() {
    let leaked = token("app-", 1);
    let rows = [
        app_row(1, "web", &leaked),
        app_row(2, "web", &token("app-", 2)),
    ];
    let sandbox = with_files(&format!("{HEADER}\n{}", rows.concat()), None);
    sandbox.run(&DIFY, "").expect_code(0);
    let before = sandbox.run(&["export"], "").expect_code(0).stdout;
    sandbox.run(&["revoke", "-"], &leaked).expect_code(0);
    let prune = ["prune", "--revoked", "--older-than", "0s", "-y"];
    sandbox.run(&prune, "").expect_code(0);
    assert_data_eq!(
        transcript(&sandbox.run(&DIFY, "")),
        str![[r#"
imported 0 keys, 1 already there, 1 pruned here before
--- stderr
1 key had ended here and been pruned: they stay so
hint: the input holds tokens as they are: delete it when it is of no more use
--- exit 0

"#]]
    );
    let again = json(&sandbox.run(&["import", "-", "--json"], &before));
    assert_eq!(again["summary"]["pruned"], 1);
    sandbox
        .run(&["verify", "--app", "web"], &leaked)
        .expect_code(5);
    sandbox.run(&["audit", "verify"], "").expect_code(0);
}

#[test]
fn who_stops_sending_keeps_nobody_from_the_store() {
    let sandbox = Sandbox::new();
    let (id_here, _) = issue(&sandbox, &["--app", "web"]);
    let mut import = sandbox
        .command(env!("CARGO_BIN_EXE_keyctl"))
        .args(["import", "-", "--from", "dify"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut sender = import.stdin.take().unwrap();
    let row = app_row(1, "web", &token("app-", 1));
    sender
        .write_all(format!("{HEADER}\n{row}").as_bytes())
        .unwrap();
    // It may be in the middle of its work now or have yet to begin.
    let revoked = sandbox.run(&["revoke", &id_here, "-y"], "");
    assert_eq!(revoked.code, 0, "{}", revoked.stderr);
    let import = import.wait_with_output().unwrap();
    drop(sender);
    assert_eq!(import.status.code(), Some(1));
    assert_data_eq!(
        String::from_utf8(import.stderr).unwrap(),
        str![[r#"
error: cannot read standard input: it paused for 10 s in all, and others wait for the store

"#]]
    );
    let all = sandbox.run(&["list", "-a", "-o", "id"], "");
    assert_eq!(all.stdout.trim_end(), id_here);
}

#[test]
fn a_file_is_read_by_redirection_where_there_is_no_store_yet() {
    let rows = app_row(1, "web", &token("app-", 1));
    let sandbox = with_files(&format!("{HEADER}\n{rows}"), None);
    let redirected = |store: &str, args: &[&str], file: &str| {
        let file = fs::File::open(sandbox.home().join(file)).unwrap();
        let mut import = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
        import.args(["--store", store, "import", "-"]).args(args);
        import.stdin(file).output().unwrap()
    };
    let (one, two) = (sandbox.store(), sandbox.other_store());
    let imported = redirected(&one, &["--from", "dify"], "keys.csv");
    assert_eq!(imported.status.code(), Some(0), "{imported:?}");
    let args = ["--store", &one, "export", "store.jsonl"];
    sandbox.run(&args, "").expect_code(0);
    let moved = redirected(&two, &[], "store.jsonl");
    assert_eq!(moved.status.code(), Some(0), "{moved:?}");
    let args = ["--store", &two, "verify", "--app", "web"];
    sandbox.run(&args, token("app-", 1)).expect_code(0);
}

#[test]
fn what_is_written_otherwise_is_told_so() {
    let of = |bytes: &[u8], more: &[&str]| {
        let sandbox = Sandbox::new();
        fs::write(sandbox.home().join("keys.csv"), bytes).unwrap();
        transcript(&sandbox.run(&[&DIFY as &[_], more].concat(), ""))
    };
    assert_data_eq!(
        of(HEADER.replace(',', "\t").as_bytes(), &[]),
        str![[r#"
--- stderr
error: the header of "keys.csv" has no columns "id", "app_id", "tenant_id", "type", "token", "created_at"
hint: its fields are separated by tabs, not commas
hint: export the whole table, as CSV with a header or as JSON Lines
--- exit 2

"#]]
    );
    assert_data_eq!(
        of(b"[{\"id\":\"1\"}]", &[]),
        str![[r#"
--- stderr
error: "keys.csv" is neither CSV nor JSON Lines
hint: it is one JSON array: write an object a line, as jq -c '.[]' does
--- exit 2

"#]]
    );
    // Rows as MySQL writes them, of which none is left.
    let rows = format!("{HEADER}\n1,\\N,\\N,app,{},\\N,now\n", token("app-", 1));
    assert_data_eq!(
        of(rows.as_bytes(), &["--skip-bad"]),
        str![[r#"
--- stderr
error: 1 of 1 row gives no key, so nothing was imported
hint: line 2: it is of type app and has no app_id
--- exit 4

"#]]
    );
}

#[test]
fn a_token_in_the_place_of_a_file_is_not_repeated() {
    let secret = token("dataset-", 1);
    let sandbox = with_files(HEADER, None);
    let in_a_folder = format!("nowhere/{secret}.jsonl");
    for args in [
        &["import", &secret] as &[_],
        &[
            "import",
            "keys.csv",
            "--from",
            "dify",
            "--bindings",
            &secret,
        ],
        &["export", &in_a_folder],
    ] {
        let run = sandbox.run(args, "");
        assert_ne!(run.code, 0);
        assert!(!run.stderr.contains(&secret[12..20]), "{}", run.stderr);
    }
}

#[test]
fn no_row_stands_in_for_one_with_its_token_that_was_left_out() {
    let one = token("dataset-", 1);
    let open = dataset_row(1, &one);
    let bad = dataset_row(2, &one).replace("2024-05-06 07:08:09+02", "yesterday");
    let bindings = format!("{BOUND_HEADER}\n{},ds_1,dataset,\n", id(2));
    for rows in [[&open, &bad], [&bad, &open]] {
        let rows = format!("{HEADER}\n{}{}", rows[0], rows[1]);
        let sandbox = with_files(&rows, Some(&bindings));
        sandbox.run(&["store", "init"], "").expect_code(0);
        let args = [&DIFY as &[_], &["--bindings", "bound.csv", "--skip-bad"]].concat();
        assert_data_eq!(
            transcript(&sandbox.run(&args, "")),
            str![[r#"
--- stderr
error: a row that was left out has the token of another row
hint: nothing was imported: which of the two counts cannot be told
--- exit 4

"#]]
        );
    }
}

#[test]
fn bindings_with_a_token_for_a_dataset_are_refused() {
    let secret = token("dataset-", 1);
    let rows = format!("{HEADER}\n{}", dataset_row(1, &secret));
    let bindings = format!("{BOUND_HEADER}\n{},{secret},dataset,\n", id(1));
    let sandbox = with_files(&rows, Some(&bindings));
    let args = [&DIFY as &[_], &["--bindings", "bound.csv"]].concat();
    let run = sandbox.run(&args, "").expect_code(4);
    assert!(
        run.stderr.contains("its dataset_id has the token in it"),
        "{}",
        run.stderr
    );
}

//! A whole store on its way from a file to a server, and back to a file.

use std::fs;

use super::steps::next_second;
use super::{OWNER, Run, Sandbox, json};

/// Remarks that are hard on whoever quotes, sorts or cuts text.
const REMARKS: [&str; 8] = [
    "it's \"quoted\" \\'twice\\' -- and; $1 $$ %s {}",
    "lines\nand\r\nlines\tand tabs\n",
    "🔑 and 👩‍👩‍👧 and e\u{301}",
    "\u{202e}backwards\u{202c} \u{feff}\u{200b}",
    "漢字 Ünïcödé ΣΊΣΥΦΟΣ ıI",
    "\\x00 \\u0000 \\N E'\\n' NULL",
    "\u{1}\u{7f}\u{85}\u{a0}\u{10ffff}",
    " blank at both ends ",
];

/// A store, wherever it is.
struct Store<'a> {
    place: &'a Sandbox<'static>,
    url: String,
}

impl Store<'_> {
    fn try_run(&self, args: &[&str], stdin: &str) -> Run {
        self.place.run_at(&self.url, args, stdin)
    }

    #[track_caller]
    fn run(&self, args: &[&str], stdin: &str) -> String {
        self.try_run(args, stdin).expect_code(0).stdout
    }

    /// Issues a key; its id and its token.
    #[track_caller]
    fn issue(&self, args: &[&str]) -> (String, String) {
        let args = [&["create", "--json"], args].concat();
        let document = json(&self.try_run(&args, "").expect_code(0));
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        (text(&document["key"]["id"]), text(&document["token"]))
    }

    /// What each token is good for; of that there is no trace.
    fn verdicts(&self, tokens: &[String]) -> String {
        let args = ["verify", "--batch", "--no-touch", "--app", "web", "--json"];
        self.try_run(&args, &tokens.join("\n")).stdout
    }
}

/// Keys of every kind and every fate, and their tokens.
fn live(store: &Store<'_>) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut issue = |args: &[&str]| {
        let (id, token) = store.issue(args);
        tokens.push(token);
        id
    };
    let id = issue(&["--app", "web"]);
    store.run(&["revoke", &id, "--reason", REMARKS[2]], "");
    let prune = ["prune", "--revoked", "--older-than", "0s", "--yes"];
    store.run(&prune, "");
    for remark in REMARKS {
        let id = issue(&["--app", "web", "--description", remark]);
        store.run(&["revoke", &id, "--reason", remark], "");
    }
    let web = ["--app", "web", "--name"];
    let with = |name, more: &[&'static str]| [&web[..], &[name], more].concat();
    issue(&with(
        "used",
        &["--expires", "90d", "--scope", "b,a", "--scope", "Z:x"],
    ));
    issue(&with("rotated", &[]));
    issue(&with("rotated_at_once", &[]));
    issue(&with("disabled", &["--actor", "Zoë \"O'Brien\" 🔑"]));
    issue(&with("expired", &["--expires", "1s"]));
    issue(&with("Upper", &["--workspace", "other.Team"]));
    issue(&["-d", "b/ds_2", "-d", "a:1", "-d", "B", "-d", "ds_1@x+y"]);
    issue(&["--all-datasets", "--workspace", "0-9"]);
    store.run(&["verify", "--app", "web"], &tokens[REMARKS.len() + 1]);
    for args in [
        &["rotate", "rotated", "--grace", "1d", "-q"] as &[_],
        &["rotate", "rotated_at_once", "-q"],
        &[
            "edit",
            "used",
            "--add-scope",
            "c",
            "--description",
            REMARKS[0],
        ],
        &["disable", "disabled", "--reason", REMARKS[1]],
        &["policy", "set", "max-keys-per-target", "50"],
        &["policy", "set", "max-expiry", "400d"],
    ] {
        let printed = store.run(args, "");
        if args[0] == "rotate" {
            tokens.push(printed.trim_end().to_owned());
        }
    }
    next_second();
    next_second();
    tokens
}

/// Two files and two databases, in the order in which a store comes by.
fn stations<'a>(one: &'a Sandbox<'static>, other: &'a Sandbox<'static>) -> [Store<'a>; 4] {
    let urls = [
        "one.db".to_owned(),
        one.url(OWNER),
        "two.db".to_owned(),
        other.url(OWNER),
    ];
    urls.map(|url| Store { place: one, url })
}

#[test]
fn a_store_that_moves_from_engine_to_engine_stays_the_same() {
    let (one, other) = (Sandbox::new(), Sandbox::new());
    let [start, stations @ ..] = stations(&one, &other);
    let tokens = live(&start);
    let (export, head) = (
        start.run(&["export"], ""),
        start.run(&["audit", "head"], ""),
    );
    let (verdicts, head) = (start.verdicts(&tokens), head.trim_end());
    for verdict in [
        "valid",
        "disabled",
        "expired",
        "revoked",
        "not_found",
        "forbidden",
    ] {
        let is_there = verdicts.contains(&format!(r#""verdict":"{verdict}""#));
        assert!(is_there, "no token is {verdict}");
    }
    let mut coming = export.clone();
    for station in stations {
        station.run(&["import", "-"], &coming);
        coming = station.run(&["export"], "");
        assert!(coming == export, "{}: the export differs", station.url);
        station.run(&["audit", "verify", "--head", head], "");
        assert!(station.verdicts(&tokens) == verdicts, "{}", station.url);
        for args in [
            &["list", "--all", "--json"] as &[_],
            &["list", "--all", "--sort", "name", "-o", "id"],
            &["list", "--all", "--workspace", "other.Team", "--json"],
            &["audit", "--json"],
            &["policy", "show", "--json"],
        ] {
            let (here, there) = (station.run(args, ""), start.run(args, ""));
            assert!(here == there, "{}: {args:?}", station.url);
        }
    }
}

#[test]
fn what_happened_on_the_server_comes_along_to_the_next_file() {
    let (one, other) = (Sandbox::new(), Sandbox::new());
    let [start, server, file, _] = stations(&one, &other);
    let tokens = live(&start);
    let head = start.run(&["audit", "head"], "");
    server.run(&["import", "-"], &start.run(&["export"], ""));
    for args in [
        &["policy", "set", "max-expiry", "none"] as &[_],
        &["revoke", "used", "--reason", REMARKS[3]],
        &["enable", "disabled"],
        &["create", "-q", "--app", "web", "--description", REMARKS[6]],
    ] {
        server.run(args, "");
    }
    let export = server.run(&["export"], "");
    file.run(&["import", "-"], &export);
    assert!(file.run(&["export"], "") == export, "the export differs");
    assert!(file.verdicts(&tokens) == server.verdicts(&tokens));
    // What was kept of the first holds for what became of it.
    for store in [&server, &file] {
        let verify = ["audit", "verify", "--head", head.trim_end()];
        store.run(&verify, "");
    }
    let behind = server.run(&["audit", "head"], "");
    let verify = ["audit", "verify", "--head", behind.trim_end()];
    start.try_run(&verify, "").expect_code(7);
}

#[test]
fn a_thousand_keys_move_too() {
    // More than are read, or added, at a time.
    const COUNT: usize = 1_100;
    let (one, other) = (Sandbox::new(), Sandbox::new());
    let [start, stations @ ..] = stations(&one, &other);
    let mut rows = "id,app_id,tenant_id,type,token,last_used_at,created_at\n".to_owned();
    let tokens: Vec<String> = (0..COUNT)
        .map(|number| format!("app-{number:024}"))
        .collect();
    for (number, token) in tokens.iter().enumerate() {
        let (id, app) = (
            format!("{number:08x}-2fa1-41d2-883f-0123456789ab"),
            number % 300,
        );
        let used = ["", "2024-06-01 00:00:00"][number % 2];
        rows += &format!("{id},web{app},,app,{token},{used},2024-05-06 07:08:09\n");
    }
    fs::write(one.home().join("keys.csv"), rows).unwrap();
    start.run(&["import", "keys.csv", "--from", "dify"], "");
    let export = start.run(&["export"], "");
    for station in &stations[..2] {
        station.run(&["import", "-"], &export);
        assert!(station.run(&["export"], "") == export, "{}", station.url);
        let list = station.run(&["list", "--all", "-o", "id"], "");
        assert_eq!(list.lines().count(), COUNT);
        station.run(&["verify", "--app", "web250"], &tokens[550]);
        station.run(&["audit", "verify"], "");
    }
}

use std::collections::HashSet;
use std::fs;

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use super::corpus::{self, Method};
use super::{Sandbox, field, issue, json, transcript};

fn findings(document: &Value) -> Vec<&Value> {
    document["findings"].as_array().unwrap().iter().collect()
}

#[test]
fn every_hard_place_gives_its_token_away() {
    let sandbox = Sandbox::new();
    let tokens = [
        issue(&sandbox, &["--dataset", "ds_1"]),
        issue(&sandbox, &["--app", "web"]),
    ];
    for (id, token) in &tokens {
        let folder = sandbox.home().join(id);
        let places = corpus::write(&folder, token);
        assert!(places.len() >= 40, "{}", places.len());
        let run = sandbox.run(&["scan", id, "--json"], "").expect_code(9);
        let document = json(&run);
        let found: HashSet<String> = findings(&document)
            .iter()
            .inspect(|finding| assert_eq!(finding["key_id"], id.as_str()))
            .map(|finding| finding["path"].as_str().unwrap().to_owned())
            .collect();
        let expected: HashSet<String> = places
            .iter()
            .map(|place| format!("{id}/{}", place.found_at))
            .collect();
        let missed: Vec<_> = expected.difference(&found).collect();
        let surplus: Vec<_> = found.difference(&expected).collect();
        assert!(
            missed.is_empty() && surplus.is_empty(),
            "missed {missed:?}, surplus {surplus:?}"
        );
        assert_eq!(document["unread"], serde_json::json!([]));
        assert_eq!(document["summary"]["live_keys"], 1);
        assert_eq!(document["summary"]["files"], places.len());
    }
}

#[test]
fn findings_say_where_and_whose() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web", "--name", "front"]);
    let (dead, other) = issue(&sandbox, &["--app", "web", "--workspace", "team"]);
    let revoke = ["revoke", &dead, "--workspace", "team"];
    sandbox.run(&revoke, "").expect_code(0);
    fs::create_dir(sandbox.home().join("logs")).unwrap();
    fs::write(
        sandbox.home().join("logs/a.log"),
        format!("one\ntwo {token}\n{other}\n"),
    )
    .unwrap();
    assert_data_eq!(
        transcript(&sandbox.run(&["scan", "logs"], "")),
        str![[r#"
STATUS   KEY ID                NAME   TOKEN         PATH        LINE  COMMIT  ENCODING
active   [KEY1]  front  app...[MASK]  logs/a.log  2     -       plain
revoked  [KEY2]  -      app...[MASK]  logs/a.log  3     -       plain
--- stderr
1 live key in 1 file, 66 bytes
hint: end the keys that were found: the same command with --revoke
--- exit 9

"#]]
    );
    let document = json(&sandbox.run(&["scan", "logs", "--json"], ""));
    let first = findings(&document)[0];
    assert_eq!((&first["line"], &first["offset"]), (&2.into(), &8.into()));
    assert_eq!(first["commit"], Value::Null);
    for format in ["csv", "jsonl"] {
        let run = sandbox
            .run(&["scan", "logs", "-o", format], "")
            .expect_code(9);
        assert!(run.stdout.contains("logs/a.log"), "{}", run.stdout);
    }
    let run = sandbox
        .run(&["scan", "logs", "-o", "id"], "")
        .expect_code(9);
    assert_eq!(run.stdout.lines().count(), 2);
}

#[test]
fn what_is_dead_unknown_or_not_there_is_no_alarm() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--app", "web"]);
    sandbox.run(&["revoke", &id], "").expect_code(0);
    // Its check characters fit, and no key here has it.
    let unknown = "dataset-0123456789ABCDEFGHIJKLYc";
    let input = format!("{token} {unknown} app-0123456789ABCDEFGHIJKLxx");
    assert_data_eq!(
        transcript(&sandbox.run(&["scan", "-"], input)),
        str![[r#"
STATUS   KEY ID                NAME  TOKEN         PATH   LINE  COMMIT  ENCODING
revoked  [KEY1]  -     app...[MASK]  stdin  1     -       plain
unknown  -                     -     dat...[MASK]  stdin  1     -       plain
--- stderr
no live key in 1 file, 90 bytes
--- exit 0

"#]]
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["scan", "-"], "nothing")),
        str![[r#"
--- stderr
no live key in 1 file, 7 bytes
--- exit 0

"#]]
    );
}

#[test]
fn disabled_keys_and_keys_in_their_grace_are_live() {
    let sandbox = Sandbox::new();
    let (disabled, first) = issue(&sandbox, &["--app", "web"]);
    let (replaced, second) = issue(&sandbox, &["--app", "web"]);
    sandbox.run(&["disable", &disabled], "").expect_code(0);
    let rotate = ["rotate", &replaced, "--grace", "1h", "--token-file", "t"];
    sandbox.run(&rotate, "").expect_code(0);
    for token in [first, second] {
        sandbox.run(&["scan", "-"], token).expect_code(9);
    }
}

#[test]
fn tokens_of_every_imported_form_are_looked_up() {
    let sandbox = Sandbox::new();
    let (known, _) = issue(&sandbox, &["--app", "web"]);
    let offline = |text: &str| {
        let run = sandbox.run(&["scan", "-", "--offline", "-o", "jsonl"], text);
        run.expect_code(0).stdout.lines().count()
    };
    assert!(!known.is_empty());
    let body = "Ab1".repeat(8);
    for (text, count) in [
        (format!("app-{body}"), 1),
        (format!("dataset-{body}"), 1),
        (format!("ds-{body}"), 1),
        (format!("app{body}"), 1),
        // Alone, and of all three classes.
        (format!("webapp-{body}"), 0),
        (format!("app-{body}x"), 0),
        (format!("app-{}", "ab1".repeat(8)), 0),
        (format!("ds{body}"), 0),
        (format!("dataset{body}"), 0),
    ] {
        assert_eq!(offline(&text), count, "{text}");
    }
}

#[test]
fn offline_finds_candidates_and_needs_no_store() {
    let sandbox = Sandbox::new();
    let text = "see dataset-0123456789ABCDEFGHIJKLYc";
    assert_data_eq!(
        transcript(&sandbox.run(&["scan", "-", "--offline"], text)),
        str![[r#"
STATUS     KEY ID  NAME  TOKEN         PATH   LINE  COMMIT  ENCODING
candidate  -       -     dat...[MASK]  stdin  1     -       plain
--- stderr
1 candidate in 1 file, 36 bytes
--- exit 0

"#]]
    );
    sandbox.run(&["scan", "-"], text).expect_code(7);
    sandbox
        .run(&["scan", "-", "--offline", "--revoke"], text)
        .expect_code(2);
}

#[test]
fn what_cannot_be_read_is_listed() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web"]);
    let folder = sandbox.home().join("x");
    fs::create_dir(&folder).unwrap();
    let packed = corpus::gzip("nothing to see ".repeat(99).as_bytes());
    let member = corpus::zip("secret", b"text", Method::Encrypted);
    let mut deep = corpus::gzip(b"deep");
    for _ in 0..3 {
        deep = corpus::gzip(&deep);
    }
    for (name, content) in [
        ("cut.gz", &packed[..packed.len() / 2]),
        (
            "damaged.gz",
            &[&packed[..14], b"\xff\xff\xff\xff\xff\xff"].concat(),
        ),
        ("deep.gz", &deep),
        ("locked.zip", &member),
        ("logs.zst", b"(\xb5/\xfd\0\0"),
        ("plain", b"fine"),
    ] {
        fs::write(folder.join(name), content).unwrap();
    }
    assert_data_eq!(
        transcript(&sandbox.run(&["scan", "x", "missing"], "")),
        str![[r#"
--- stderr
not searched: missing: no such file or directory
not searched: x/cut.gz: it ends too early
not searched: x/damaged.gz: it is damaged: corrupt deflate stream
not searched: x/deep.gz!deep!content!content: it is packed more than 3 deep; it was searched as it is
not searched: x/locked.zip!secret: it is encrypted
not searched: x/logs.zst: it is packed with zstd, which is not read
no live key in 6 files, 181 bytes
--- exit 8

"#]]
    );
    let document = json(&sandbox.run(&["scan", "x", "--json"], "").expect_code(8));
    assert_eq!(document["unread"].as_array().unwrap().len(), 5);
    // Something live is said before anything else.
    fs::write(folder.join("plain"), token).unwrap();
    sandbox.run(&["scan", "x"], "").expect_code(9);
}

#[test]
fn bombs_are_not_unpacked_to_their_end() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--app", "web"]);
    // Past 64 MiB, more than 250 times its size is told.
    let zeros = vec![0; 70 * 1024 * 1024];
    let bomb = corpus::tar(&[("zeros.gz", &corpus::gzip(&zeros)), ("b", b"b")]);
    fs::write(sandbox.home().join("bomb.tar.gz"), corpus::gzip(&bomb)).unwrap();
    assert_data_eq!(
        transcript(&sandbox.run(&["scan", "bomb.tar.gz"], "")),
        str![[r#"
--- stderr
not searched: bomb.tar.gz!zeros.gz: it unpacks to more than 250 times its size
no live key in 1 file, 447 bytes
--- exit 8

"#]]
    );
}

#[test]
fn what_is_found_can_be_revoked_at_once() {
    let sandbox = Sandbox::new();
    let (first, token) = issue(&sandbox, &["--app", "web"]);
    let (second, other) = issue(&sandbox, &["--dataset", "d", "--workspace", "team"]);
    issue(&sandbox, &["--app", "web", "--name", "bystander"]);
    let input = format!("{token} {other} {token}");
    let narrowed = ["scan", "-", "--workspace", "team", "--revoke", "-o", "id"];
    let run = sandbox.run(&narrowed, &input).expect_code(9);
    assert_eq!(run.stdout.trim_end(), second);
    let args = ["scan", "-", "--revoke", "--reason", "in a log", "--json"];
    let document = json(&sandbox.run(&args, &input).expect_code(9));
    assert_eq!(document["revoked"], serde_json::json!([first]));
    assert_eq!(findings(&document)[0]["status"], "active");
    assert_eq!(field(&sandbox, &first, "revoke_reason"), "in a log");
    assert_eq!(field(&sandbox, "bystander", "status"), "active");
    let run = sandbox
        .run(&["scan", "-", "--revoke"], &input)
        .expect_code(0);
    assert_eq!(run.stdout.matches("revoked").count(), 3);
}

#[test]
fn no_token_is_printed_even_if_a_file_is_named_after_it() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web"]);
    let folder = sandbox.home().join("x");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(format!("{token}.txt")), &token).unwrap();
    fs::write(folder.join(format!("{token}.gz")), &corpus::gzip(b"")[..9]).unwrap();
    for format in ["table", "json", "csv", "jsonl"] {
        let run = sandbox.run(&["scan", "x", "-o", format], "").expect_code(9);
        assert!(!run.stdout.contains(&token) && !run.stderr.contains(&token));
        assert!(
            run.stdout.contains("app-********************"),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn archives_that_lie_or_end_early_are_told() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web"]);
    let inner = corpus::gzip(token.as_bytes());
    let stored = corpus::zip("in.gz", &inner, Method::Store);
    // Flag 8 and no lengths, as it is written to a pipe.
    let mut unknown = stored.clone();
    unknown[6] = 8;
    unknown[18..26].fill(0);
    let mut two_lengths = stored.clone();
    two_lengths[22] ^= 1;
    let end = stored.len() - 4;
    for (name, content) in [
        ("cut.zip", &stored[..end - 9]),
        ("open.zip", &stored[..end]),
        ("unknown.zip", &unknown),
        ("two.zip", &two_lengths),
    ] {
        fs::write(sandbox.home().join(name), content).unwrap();
        let run = sandbox.run(&["scan", name], "");
        let found = match name {
            "cut.zip" | "open.zip" => 9,
            _ => 8,
        };
        let run = run.expect_code(found);
        assert!(
            run.stderr.contains(&format!("not searched: {name}")),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn one_token_many_times_takes_little_time_and_is_told_a_thousand_times() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web"]);
    let many = corpus::gzip(format!("{token}\n").repeat(200_000).as_bytes());
    fs::write(sandbox.home().join("many.gz"), many).unwrap();
    let run = sandbox
        .run(&["scan", "many.gz", "-o", "csv"], "")
        .expect_code(9);
    assert_eq!(run.stdout.lines().count(), 1_001);
}

#[test]
fn what_is_found_counts_even_if_nobody_reads_where() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web"]);
    fs::write(sandbox.home().join("hit"), token).unwrap();
    fs::write(sandbox.home().join("miss"), "nothing").unwrap();
    for (file, code) in [("hit", 9), ("miss", 0)] {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
        command.args(["scan", file]);
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        command.stdout(full).stderr(std::process::Stdio::null());
        assert_eq!(command.status().unwrap().code(), Some(code), "{file}");
    }
}

#[test]
fn links_and_repositories_come_across_are_told() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--app", "web"]);
    let folder = sandbox.home().join("x");
    fs::create_dir_all(folder.join(".git")).unwrap();
    std::os::unix::fs::symlink("/nowhere", folder.join("link")).unwrap();
    assert_data_eq!(
        transcript(&sandbox.run(&["scan", "x"], "")),
        str![[r#"
--- stderr
no live key in 0 files, 0 bytes
there was nothing to search
1 symbolic link not followed
hint: the history of a Git repository was not searched: name its folder, and --git
--- exit 0

"#]]
    );
}

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use data_encoding::BASE64;
use serde_json::Value;
use snapbox::{assert_data_eq, file, str};

use super::git::git;
use super::reports::{PREFIXES, names, report};
use super::{Sandbox, corpus, field, issue, json, transcript};

/// Five keys, of the kinds that reports are about: their ids and tokens.
fn five_keys(sandbox: &Sandbox) -> Vec<(String, String)> {
    let issue_one = |prefix: &&str| match *prefix {
        "app" => issue(sandbox, &["--app", "web"]),
        _ => issue(sandbox, &["--dataset", "ds_1"]),
    };
    PREFIXES.iter().map(issue_one).collect()
}

/// The commits that the reports name.
const COMMITS: [&str; 3] = [
    "576e928e69ae0feda2ee79d5e1790c5b5ab21152",
    "af5626b4a114abcb82d63db7c8082c3c4756e51b",
    "5d2bb06b67cc98476ebca491022728e02185241a",
];

/// The same report about the one commit of the repository.
fn at_commit(text: &str, commit: &str) -> String {
    COMMITS
        .iter()
        .fold(text.to_owned(), |text, known| text.replace(known, commit))
}

/// The repository that the reports are about: each token where they say that it
/// stands. Its one commit.
fn repository(sandbox: &Sandbox, tokens: &[String]) -> String {
    tree(sandbox, tokens);
    git(sandbox, "repo", &["init", "-q"], "");
    git(sandbox, "repo", &["add", "."], "");
    git(sandbox, "repo", &["commit", "-qm", "all"], "");
    let id = git(sandbox, "repo", &["rev-parse", "HEAD"], "");
    id.trim_end().to_owned()
}

fn tree(sandbox: &Sandbox, tokens: &[String]) {
    let [first, second, third, fourth, fifth] = tokens else {
        panic!("there are five tokens");
    };
    let files = [
        (
            "src/config.py",
            format!("#\n#\n#\n#\nTOKEN = \"{first}\"\n"),
        ),
        ("deploy/app.env", format!("A=1\nKEYCTL_TOKEN={second}\n")),
        (
            "notes.md",
            format!("#\n\nuse {first} or {fourth}\n\ncurl -H 'Authorization: Bearer {third}'\n"),
        ),
        (
            "deploy/secret.yaml",
            format!(
                "kind: Secret\ndata:\n  a: b\n  token: {}\n",
                BASE64.encode(fifth.as_bytes())
            ),
        ),
        ("deploy/aws.sh", "export A=B\nexport C=D\n".to_owned()),
    ];
    for (path, text) in files {
        let path = sandbox.home().join("repo").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// What came of each token, by number: `1 3` were revoked, and so on.
fn told(document: &Value, ids: &[&str]) -> String {
    let mut told: Vec<String> = document["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| match result["id"].as_str() {
            Some(id) => {
                let number = ids.iter().position(|known| *known == id).unwrap() + 1;
                assert_eq!(result["result"], "revoked");
                number.to_string()
            }
            None => result["result"].as_str().unwrap().to_owned(),
        })
        .collect();
    told.sort();
    told.dedup();
    told.join(" ")
}

#[test]
fn every_report_gives_its_tokens_away() {
    let sandbox = Sandbox::new();
    let keys = five_keys(&sandbox);
    let (ids, tokens): (Vec<&str>, Vec<String>) = keys
        .iter()
        .map(|(id, token)| (id.as_str(), token.clone()))
        .unzip();
    let commit = repository(&sandbox, &tokens);
    let mut table = String::new();
    for name in names() {
        let text = at_commit(&report(&name, &tokens), &commit);
        writeln!(table, "{name}").unwrap();
        for options in [&[][..], &["--by-hash"], &["--repo", "repo"]] {
            let args = [&["revoke", "--leaked", "-", "--dry-run", "--json"], options].concat();
            let run = sandbox.run(&args, &text);
            let results = told(&json(&run), &ids);
            let how = options.first().unwrap_or(&"");
            writeln!(table, "{how:>12}: {results} (exit {})", run.code).unwrap();
            // Whatever is shown is taken, whatever else there is.
            for (number, token) in tokens.iter().enumerate() {
                let is_shown =
                    text.contains(token) || text.contains(&BASE64.encode(token.as_bytes()));
                let number = (number + 1).to_string();
                assert!(!is_shown || results.contains(&number), "{name}: {results}");
            }
            for token in &tokens {
                assert!(!run.stdout.contains(token) && !run.stderr.contains(token));
            }
        }
    }
    assert_data_eq!(table, file!["../fixtures/reports/revoked.txt"]);
}

#[test]
fn tokens_are_revoked_wherever_they_stand() {
    let sandbox = Sandbox::new();
    let (first, token) = issue(&sandbox, &["--app", "web"]);
    let (second, other) = issue(&sandbox, &["--dataset", "d", "--workspace", "team"]);
    issue(&sandbox, &["--app", "web", "--name", "bystander"]);
    let artifact = corpus::gzip(&corpus::tar(&[("etc/env", other.as_bytes())]));
    fs::write(sandbox.home().join("artifact.tgz"), artifact).unwrap();
    let log = format!("GET /?key={}\nagain {token}\n", token.replace('-', "%2D"));
    fs::write(sandbox.home().join("access.log"), log).unwrap();
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "--leaked", "access.log"], "")),
        str![[r#"
revoked [KEY1]
--- stderr
--- exit 0

"#]]
    );
    let run = sandbox.run(&["revoke", "--leaked", "artifact.tgz", "--json"], "");
    let document = json(&run.expect_code(0));
    let result = &document["results"][0];
    assert_eq!(result["id"], second.as_str());
    assert_eq!(result["source"], "artifact.tgz!etc/env:1");
    assert_eq!(document["summary"]["revoked"], 1);
    for (id, workspace) in [(&first, "default"), (&second, "team")] {
        let args = ["show", id, "--workspace", workspace, "--json"];
        let key = &json(&sandbox.run(&args, ""))["key"];
        assert_eq!(
            (&key["status"], &key["revoke_reason"]),
            (&"revoked".into(), &"leaked".into())
        );
    }
    assert_eq!(field(&sandbox, "bystander", "status"), "active");
    // Again, by a diff on standard input.
    let args = ["revoke", "--leaked", "--reason", "x"];
    let run = sandbox
        .run(&args, format!("-{token}\n+none\n"))
        .expect_code(0);
    assert_eq!(run.stdout, format!("already_revoked {first}\n"));
}

#[test]
fn what_is_not_known_to_be_ended_does_not_look_done() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--app", "web"]);
    let unknown = "dataset-0123456789ABCDEFGHIJKLYc";
    let aws = r#"[{"RuleID": "aws", "Secret": "AKIAEXAMPLE", "File": "a"}]"#;
    let cut = r#"[{"RuleID": "aws", "Secret": "AKIAEXAMPLE""#;
    for (input, code) in [
        (unknown, 3),
        ("nothing at all", 3),
        (aws, 3),
        (cut, 8),
        ("[]", 0),
    ] {
        sandbox
            .run(&["revoke", "--leaked"], input)
            .expect_code(code);
        let lenient = ["revoke", "--leaked", "-", "--if-exists"];
        let code = match input {
            _ if input == aws => 3,
            _ if input == cut => 8,
            _ => 0,
        };
        sandbox.run(&lenient, input).expect_code(code);
    }
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "--leaked"], unknown)),
        str![[r#"
unknown_token dat...[MASK]
--- stderr
error: no key has the token that was found
  store: [PLACE]
hint: is this the right store? name another one: --store PATH
hint: --if-exists ignores what does not exist
--- exit 3

"#]]
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "--leaked"], aws)),
        str![[r#"
--- stderr
gitleaks JSON report with 1 finding
error: the report lists 1 finding, none a token of this store
  store: [PLACE]
hint: is this the right store? name another one: --store PATH
--- exit 3

"#]]
    );
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "--leaked"], cut)),
        str![[r#"
--- stderr
error: the report is broken or cut off at line 1
hint: get a whole report
--- exit 8

"#]]
    );
}

#[test]
fn a_broken_report_still_ends_the_tokens_that_stand_in_it() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--app", "web"]);
    let cut = format!(r#"[{{"RuleID": "r", "Secret": "{token}", "File": "a"}}, {{"#);
    let run = sandbox.run(&["revoke", "--leaked"], cut).expect_code(8);
    assert_eq!(run.stdout, format!("revoked {id}\n"));
    assert_eq!(field(&sandbox, &id, "status"), "revoked");
}

#[test]
fn a_mask_is_not_enough_and_its_keys_are_listed() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--app", "web"]);
    let mask = format!("{}...{}", &token[..5], &token[token.len() - 4..]);
    let report =
        format!(r#"[{{"RuleID": "r", "Secret": "{mask}", "File": "a.py", "StartLine": 3}}]"#);
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "--leaked"], &report)),
        str![[r#"
unresolved app...[MASK]
--- stderr
unresolved: stdin:1 (a.py:3): the report hides the token
hint: it may be [KEY1]: keyctl show [KEY1]
gitleaks JSON report with 1 finding
error: 1 finding could not be resolved
hint: read hidden tokens where the report says they are: --repo DIR
--- exit 8

"#]]
    );
    let document = json(
        &sandbox
            .run(&["revoke", "--leaked", "--json"], &report)
            .expect_code(8),
    );
    assert_eq!(
        document["results"][0]["candidates"],
        serde_json::json!([id])
    );
    assert_eq!(field(&sandbox, &id, "status"), "active");
}

#[test]
fn a_hash_alone_needs_to_be_allowed_and_one_in_the_report_has_to_agree() {
    let sandbox = Sandbox::new();
    let keys = five_keys(&sandbox);
    let tokens: Vec<String> = keys.iter().map(|(_, token)| token.clone()).collect();
    tree(&sandbox, &tokens);
    let text = report("betterleaks-redact.json", &tokens);
    let run = sandbox.run(&["revoke", "--leaked"], &text).expect_code(8);
    assert!(
        run.stderr.contains("--by-hash") && run.stderr.contains("--repo"),
        "{}",
        run.stderr
    );
    for (id, _) in &keys {
        assert_eq!(field(&sandbox, id, "status"), "active");
    }
    // At the place is another token than the one of the hash.
    fs::write(
        sandbox.home().join("repo/src/config.py"),
        format!("\n\n\n\n{}", tokens[1]),
    )
    .unwrap();
    fs::write(sandbox.home().join("repo/notes.md"), "nothing any more").unwrap();
    let args = ["revoke", "--leaked", "--repo", "repo", "--json"];
    let document = json(&sandbox.run(&args, &text).expect_code(8));
    let ended: Vec<bool> = keys
        .iter()
        .map(|(id, _)| field(&sandbox, id, "status") == "revoked")
        .collect();
    assert_eq!(ended, [false, true, false, false, true], "{document}");
    sandbox
        .run(&["revoke", "--leaked", "--by-hash"], &text)
        .expect_code(0);
    for (id, _) in &keys {
        assert_eq!(field(&sandbox, id, "status"), "revoked");
    }
}

#[test]
fn a_report_leads_nowhere_but_into_the_repository() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--app", "web"]);
    let home = sandbox.home();
    fs::create_dir_all(home.join("repo/sub")).unwrap();
    fs::write(home.join("outside"), &token).unwrap();
    symlink("../outside", home.join("repo/link")).unwrap();
    symlink("..", home.join("repo/up")).unwrap();
    let absolute = home.join("outside").display().to_string();
    for path in [
        absolute.as_str(),
        "../outside",
        "sub/../../outside",
        "link",
        "up/outside",
        "sub",
    ] {
        let report = serde_json::json!([{"RuleID": "r", "Secret": "REDACTED", "File": path, "StartLine": 1}]);
        let args = ["revoke", "--leaked", "--repo", "repo"];
        sandbox.run(&args, report.to_string()).expect_code(8);
        assert_eq!(field(&sandbox, &id, "status"), "active", "{path}");
    }
    let args = ["revoke", "--leaked", "--repo", "missing"];
    sandbox.run(&args, "[]").expect_code(2);
}

#[test]
fn grace_lets_active_keys_work_on_and_no_others() {
    let sandbox = Sandbox::new();
    let (active, token) = issue(&sandbox, &["--app", "web"]);
    let (disabled, other) = issue(&sandbox, &["--app", "web"]);
    sandbox.run(&["disable", &disabled], "").expect_code(0);
    let input = format!("{token}\n{other}\n");
    let args = ["revoke", "--leaked", "--grace", "1h"];
    assert_data_eq!(
        transcript(&sandbox.run(&args, &input)),
        str![[r#"
ending [KEY1]
revoked [KEY2]
--- stderr
[KEY1] is valid until [TIME]
--- exit 0

"#]]
    );
    assert_eq!(field(&sandbox, &active, "status"), "active");
    assert!(field(&sandbox, &active, "expires_at").is_string());
    sandbox
        .run(&["verify", "--app", "web"], &token)
        .expect_code(0);
    assert_eq!(field(&sandbox, &disabled, "status"), "revoked");
    sandbox.run(&["audit", "verify"], "").expect_code(0);
}

#[test]
fn successors_take_the_place_of_active_keys() {
    let sandbox = Sandbox::new();
    let (first, token) = issue(
        &sandbox,
        &["--app", "web", "--name", "web", "--scope", "chat:read"],
    );
    let (second, other) = issue(&sandbox, &["--dataset", "d"]);
    let (dead, third) = issue(&sandbox, &["--dataset", "d"]);
    sandbox.run(&["revoke", &dead], "").expect_code(0);
    let input = format!("{token}\n{other}\n{third}\n");
    let base = ["revoke", "--leaked", "-", "--replace"];
    sandbox.run(&base, &input).expect_code(2);
    let args = [&base[..], &["--token-file", "new"]].concat();
    let dry = [&args[..], &["--dry-run"]].concat();
    sandbox.run(&dry, &input).expect_code(0);
    assert!(!sandbox.home().join("new").exists());
    assert_data_eq!(
        transcript(&sandbox.run(&args, &input)),
        str![[r#"
revoked [KEY1]
revoked [KEY2]
already_revoked [KEY3]
--- stderr
the tokens of 2 successors are in "new" and nowhere else
--- exit 0

"#]]
    );
    let path = sandbox.home().join("new");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let lines = fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<&str>> = lines
        .lines()
        .map(|line| line.split(' ').collect())
        .collect();
    assert_eq!(rows.len(), 2);
    for (row, old) in rows.iter().zip([&first, &second]) {
        assert_eq!(row[0], old);
        assert_eq!(field(&sandbox, row[0], "replaced_by"), row[1]);
        assert_eq!(field(&sandbox, row[0], "revoke_reason"), "leaked");
    }
    let verify = ["verify", "--app", "web", "--scope", "chat:read"];
    sandbox.run(&verify, rows[0][2]).expect_code(0);
    sandbox.run(&verify, &token).expect_code(5);
    // A file that is there is never overwritten, and nothing is ended then.
    sandbox.run(&args, rows[0][2]).expect_code(1);
    sandbox.run(&verify, rows[0][2]).expect_code(0);
    sandbox.run(&["audit", "verify"], "").expect_code(0);
}

#[test]
fn a_successor_lives_as_long_as_the_policy_allows() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--app", "web"]);
    sandbox
        .run(&["policy", "set", "max-expiry", "30d"], "")
        .expect_code(0);
    let args = ["revoke", "--leaked", "--replace", "--token-file", "new"];
    sandbox.run(&args, &token).expect_code(0);
    assert_eq!(field(&sandbox, &id, "status"), "revoked");
    let successor = field(&sandbox, &id, "replaced_by");
    assert!(field(&sandbox, successor.as_str().unwrap(), "expires_at").is_string());
}

#[test]
fn options_of_leaked_keys_are_for_no_others() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--app", "web", "--name", "web"]);
    for option in [
        &["--grace", "24h"][..],
        &["--replace", "--token-file", "new"],
        &["--by-hash"],
        &["--repo", "."],
    ] {
        for which in [&["web"][..], &["--all", "-y"], &["--app", "web", "-y"]] {
            let args = [&["revoke"], which, option].concat();
            sandbox.run(&args, "").expect_code(2);
        }
    }
    assert_eq!(field(&sandbox, &id, "status"), "active");
}

/// A report of gitleaks about one secret.
fn finding(secret: &str, file: &str, line: u64, commit: &str) -> String {
    let finding = serde_json::json!([{
        "RuleID": "r", "Secret": secret, "File": file, "StartLine": line, "Commit": commit,
    }]);
    finding.to_string()
}

#[test]
fn what_is_left_of_a_hidden_token_has_to_agree() {
    let sandbox = Sandbox::new();
    let (_, leaked) = issue(&sandbox, &["--dataset", "d"]);
    let (other, token) = issue(&sandbox, &["--dataset", "d"]);
    fs::create_dir(sandbox.home().join("repo")).unwrap();
    fs::write(sandbox.home().join("repo/f"), &token).unwrap();
    let args = ["revoke", "--leaked", "-", "--repo", "repo"];
    let tail = &leaked[leaked.len() - 4..];
    for mask in [format!("datas...{tail}"), format!("********{tail}")] {
        sandbox
            .run(&args, finding(&mask, "f", 1, ""))
            .expect_code(8);
        assert_eq!(field(&sandbox, &other, "status"), "active");
    }
    // Nor is one that shares a file with another told from it without a line.
    fs::write(
        sandbox.home().join("repo/f"),
        format!("{token}\n{leaked}\n"),
    )
    .unwrap();
    sandbox
        .run(&args, finding("REDACTED", "f", 0, ""))
        .expect_code(8);
    assert_eq!(field(&sandbox, &other, "status"), "active");
}

#[test]
fn a_commit_that_cannot_be_read_is_not_replaced_by_the_file_of_today() {
    let sandbox = Sandbox::new();
    let (old, leaked) = issue(&sandbox, &["--dataset", "d"]);
    let (new, token) = issue(&sandbox, &["--dataset", "d"]);
    let in_repo = |args: &[&str]| git(&sandbox, "repo", args, "").trim_end().to_owned();
    let write = |text: &str| fs::write(sandbox.home().join("repo/app.env"), text).unwrap();
    fs::create_dir(sandbox.home().join("repo")).unwrap();
    in_repo(&["init", "-q"]);
    write(&leaked);
    in_repo(&["add", "."]);
    in_repo(&["commit", "-qm", "old"]);
    let commit = in_repo(&["rev-parse", "HEAD"]);
    write(&token);
    in_repo(&["commit", "-qam", "new"]);
    let url = format!("file://{}/repo", sandbox.home().display());
    git(
        &sandbox,
        ".",
        &["clone", "-q", "--depth", "1", &url, "shallow"],
        "",
    );
    let report = finding("REDACTED", "app.env", 1, &commit);
    let args = |folder| ["revoke", "--leaked", "-", "--repo", folder];
    let run = sandbox.run(&args("shallow"), &report).expect_code(8);
    let reason = format!("commit {commit} is not in the clone, which is a shallow one");
    assert!(run.stderr.contains(&reason), "{}", run.stderr);
    assert_eq!(field(&sandbox, &new, "status"), "active");
    // What is outside of the folder is not read out of its objects either.
    fs::create_dir(sandbox.home().join("repo/sub")).unwrap();
    sandbox.run(&args("repo/sub"), &report).expect_code(8);
    // A path that is not there is not taken for a shorter one that is.
    let longer = finding("REDACTED", "old/app.env", 1, "");
    sandbox.run(&args("repo"), longer).expect_code(8);
    assert_eq!(field(&sandbox, &new, "status"), "active");
    sandbox.run(&args("repo"), &report).expect_code(0);
    assert_eq!(field(&sandbox, &old, "status"), "revoked");
    assert_eq!(field(&sandbox, &new, "status"), "active");
}

#[test]
fn no_token_is_printed_that_a_place_is_named_after() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--dataset", "d"]);
    let encoded = token.replace('-', "%2D");
    for name in [token.clone(), encoded, BASE64.encode(token.as_bytes())] {
        let report = finding("REDACTED", &format!("x/{name}"), 1, "");
        for format in ["table", "json"] {
            let args = ["revoke", "--leaked", "-", "-n", "-o", format];
            let run = sandbox.run(&args, &report);
            assert!(
                !run.stdout.contains(&name) && !run.stderr.contains(&name),
                "{}",
                run.stderr
            );
        }
    }
}

#[test]
fn what_looks_like_a_token_and_is_no_keys_does_not_pass_unseen() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web"]);
    // As a service issues them: no check characters tell that it is one.
    let foreign = format!("app-{}", "aB3dE5gH7jK9mN2pQ4sT6vW8");
    let log = format!("{token}\nkey={foreign}\napp-{}\n", "x".repeat(24));
    assert_data_eq!(
        transcript(&sandbox.run(&["revoke", "--leaked"], &log)),
        str![[r#"
revoked [KEY1]
unknown_token app...[MASK]
--- stderr
error: no key has 1 of the 2 tokens that were found
  store: [PLACE]
hint: is this the right store? name another one: --store PATH
hint: --if-exists ignores what does not exist
--- exit 3

"#]]
    );
    let lenient = ["revoke", "--leaked", "-", "--if-exists"];
    sandbox.run(&lenient, &log).expect_code(0);
}

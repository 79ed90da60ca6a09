use std::collections::BTreeSet;
use std::os::unix::fs::symlink;

use super::git::git;
use super::{Sandbox, issue, json};

/// A repository with a token at six hard places, and its key.
fn repository(sandbox: &Sandbox) -> String {
    let (id, token) = issue(sandbox, &["--app", "web", "--name", "web"]);
    let write = |file: &str, text: &str| {
        std::fs::write(sandbox.home().join("repo").join(file), text).unwrap();
        git(sandbox, "repo", &["add", file], "");
    };
    let run = |args: &[&str]| git(sandbox, "repo", args, "");
    std::fs::create_dir(sandbox.home().join("repo")).unwrap();
    run(&["init", "-q"]);
    write("kept", "kept");
    write("deleted.txt", &format!("one\n{token}\n"));
    run(&["commit", "-qm", "first"]);
    run(&["rm", "-q", "deleted.txt"]);
    run(&["commit", "-qm", "second"]);
    run(&[
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        &format!("oops\n\n{token}"),
    ]);
    run(&["tag", "-a", "v1", "-m", &format!("release {token}")]);
    git(
        sandbox,
        "repo",
        &["hash-object", "-w", "--stdin"],
        &format!("dangling {token}"),
    );
    write("kept", &format!("stashed {token}"));
    run(&["stash", "-q"]);
    run(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    write("side", "side");
    run(&["commit", "-qm", "side"]);
    run(&["checkout", "-q", "main"]);
    run(&["merge", "-q", "--no-commit", "side"]);
    write("merged only", &format!("evil {token}"));
    run(&["commit", "-qm", "merge"]);
    run(&["rm", "-q", "merged only"]);
    run(&["commit", "-qm", "last"]);
    id
}

fn places(
    sandbox: &Sandbox,
    path: &str,
    code: i32,
) -> (BTreeSet<(String, u64)>, serde_json::Value) {
    let run = sandbox
        .run(&["scan", "--git", path, "--json"], "")
        .expect_code(code);
    let document = json(&run);
    let findings = document["findings"].as_array().unwrap();
    let place = |finding: &serde_json::Value| {
        let path = finding["path"].as_str().unwrap().to_owned();
        (path, finding["line"].as_u64().unwrap())
    };
    (findings.iter().map(place).collect(), document)
}

#[test]
fn every_object_of_a_repository_is_searched() {
    let sandbox = Sandbox::new();
    let id = repository(&sandbox);
    let (found, document) = places(&sandbox, "repo", 9);
    let expected = [
        ("repo/(commit message)", 8),
        ("repo/(tag message)", 6),
        ("repo/(unreachable)", 1),
        ("repo/deleted.txt", 2),
        ("repo/kept", 1),
        ("repo/merged only", 1),
    ];
    assert_eq!(
        found,
        expected.map(|(path, line)| (path.to_owned(), line)).into()
    );
    assert_eq!(document["unread"], serde_json::json!([]));
    let count = git(
        &sandbox,
        "repo",
        &["cat-file", "--batch-all-objects", "--batch-check"],
        "",
    );
    assert_eq!(document["summary"]["objects"], count.lines().count());
    for finding in document["findings"].as_array().unwrap() {
        assert_eq!(finding["key_id"], id.as_str());
        let object = finding["object"].as_str().unwrap();
        let text = git(&sandbox, "repo", &["cat-file", "-p", object], "");
        assert!(text.contains("app-"), "{text}");
        let path = finding["path"]
            .as_str()
            .unwrap()
            .trim_start_matches("repo/");
        if let (Some(commit), false) = (finding["commit"].as_str(), path.starts_with('(')) {
            let named = git(
                &sandbox,
                "repo",
                &["rev-parse", &format!("{commit}:{path}")],
                "",
            );
            assert_eq!(named.trim_end(), object);
        }
    }
}

#[test]
fn bare_repositories_and_worktrees_are_searched_too() {
    let sandbox = Sandbox::new();
    repository(&sandbox);
    git(
        &sandbox,
        ".",
        &["clone", "-q", "--mirror", "repo", "bare.git"],
        "",
    );
    git(
        &sandbox,
        "repo",
        &["worktree", "add", "-q", "../tree", "side"],
        "",
    );
    std::fs::create_dir(sandbox.home().join("tree/folder")).unwrap();
    symlink("tree/folder", sandbox.home().join("link")).unwrap();
    assert!(
        places(&sandbox, "bare.git", 9)
            .0
            .contains(&("bare.git/deleted.txt".to_owned(), 2))
    );
    for (path, root) in [
        ("tree", "tree"),
        ("tree/folder", "tree"),
        ("tree/./folder/", "tree"),
        ("link", "link/.."),
        ("repo/.git", "repo"),
        ("repo/.git/refs", "repo"),
    ] {
        let (found, _) = places(&sandbox, path, 9);
        assert!(found.contains(&(format!("{root}/kept"), 1)), "{found:?}");
        assert_eq!(found.len(), 6, "{found:?}");
    }
}

#[test]
fn files_are_searched_beside_the_objects() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--app", "web"]);
    let repo = sandbox.home().join("repo");
    std::fs::create_dir(&repo).unwrap();
    git(&sandbox, "repo", &["init", "-q"], "");
    std::fs::write(repo.join("committed"), &token).unwrap();
    git(&sandbox, "repo", &["add", "committed"], "");
    git(&sandbox, "repo", &["commit", "-qm", "first"], "");
    std::fs::write(repo.join("untracked"), &token).unwrap();
    std::fs::write(sandbox.home().join("build.log"), &token).unwrap();
    // Among the objects, and not one that git knows of.
    std::fs::write(repo.join(".git/objects/plain"), &token).unwrap();
    let args = ["scan", "--git", "build.log", "repo", "--json"];
    let document = json(&sandbox.run(&args, "").expect_code(9));
    let findings = document["findings"].as_array().unwrap();
    let place = |finding: &serde_json::Value| {
        let is_history = finding["commit"].is_string();
        format!("{} {is_history}", finding["path"].as_str().unwrap())
    };
    let found: BTreeSet<String> = findings.iter().map(place).collect();
    let expected = [
        "build.log false",
        "repo/.git/objects/plain false",
        "repo/committed false",
        "repo/committed true",
        "repo/untracked false",
    ];
    assert_eq!(found, expected.map(str::to_owned).into());
    // Two folders of one repository have the same objects.
    std::fs::create_dir(repo.join("sub")).unwrap();
    let args = ["scan", "--git", "repo/sub", "repo/.git/logs", "--json"];
    let again = json(&sandbox.run(&args, "").expect_code(9));
    assert_eq!(again["summary"]["objects"], document["summary"]["objects"]);
}

#[test]
fn what_a_clone_does_not_have_makes_the_scan_incomplete() {
    let sandbox = Sandbox::new();
    repository(&sandbox);
    let url = format!("file://{}/repo", sandbox.home().display());
    git(
        &sandbox,
        ".",
        &["clone", "-q", "--depth", "1", &url, "shallow"],
        "",
    );
    git(
        &sandbox,
        ".",
        &[
            "clone",
            "-q",
            "--single-branch",
            "-b",
            "side",
            &url,
            "partial",
        ],
        "",
    );
    git(
        &sandbox,
        "partial",
        &["config", "remote.origin.promisor", "true"],
        "",
    );
    std::fs::create_dir(sandbox.home().join("none")).unwrap();
    std::fs::create_dir_all(sandbox.home().join("repo/.git/objects/00")).unwrap();
    for (path, part) in [
        ("shallow", "it is a shallow clone"),
        ("none", "not a git repository"),
    ] {
        let (_, document) = places(&sandbox, path, 8);
        let reason = document["unread"][0]["reason"].as_str().unwrap();
        assert!(reason.contains(part), "{reason}");
    }
    let (_, document) = places(&sandbox, "partial", 9);
    let unread = document["unread"].to_string();
    assert!(unread.contains("it is a partial clone"), "{unread}");
}

#[test]
fn a_damaged_repository_makes_the_scan_incomplete() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--app", "web"]);
    std::fs::create_dir(sandbox.home().join("repo")).unwrap();
    git(&sandbox, "repo", &["init", "-q"], "");
    let id = git(
        &sandbox,
        "repo",
        &["hash-object", "-w", "--stdin"],
        "some text",
    );
    let (folder, file) = id.trim_end().split_at(2);
    let path = sandbox
        .home()
        .join("repo/.git/objects")
        .join(folder)
        .join(file);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "damaged").unwrap();
    let (_, document) = places(&sandbox, "repo", 8);
    let reason = document["unread"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("git cat-file: "), "{reason}");
}

#[test]
fn objects_that_are_missing_make_the_scan_incomplete() {
    let sandbox = Sandbox::new();
    repository(&sandbox);
    let id = git(&sandbox, "repo", &["rev-parse", "HEAD:side"], "");
    let (folder, file) = id.trim_end().split_at(2);
    let objects = sandbox.home().join("repo/.git/objects");
    std::fs::remove_file(objects.join(folder).join(file)).unwrap();
    let (_, document) = places(&sandbox, "repo", 9);
    let reason = document["unread"][0]["reason"].as_str().unwrap();
    assert_eq!(reason, "objects that its history names are missing: 1");
}

#[test]
fn settings_of_a_repository_run_nothing() {
    let sandbox = Sandbox::new();
    repository(&sandbox);
    let trap = sandbox.home().join("trap");
    let touch = format!("touch {}", trap.display());
    for name in [
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "diff.x.textconv",
        "gpg.program",
    ] {
        git(&sandbox, "repo", &["config", name, &touch], "");
    }
    git(
        &sandbox,
        "repo",
        &["config", "log.showSignature", "true"],
        "",
    );
    std::fs::write(
        sandbox.home().join("repo/.git/info/attributes"),
        "* diff=x\n",
    )
    .unwrap();
    assert_eq!(places(&sandbox, "repo", 9).0.len(), 6);
    assert!(!trap.exists());
}

#[test]
fn histories_that_are_not_searched_are_told() {
    let sandbox = Sandbox::new();
    repository(&sandbox);
    let home = sandbox.home();
    std::fs::create_dir(home.join("all")).unwrap();
    let clone = ["clone", "-q", "--bare", "repo", "all/bare"];
    git(&sandbox, ".", &clone, "");
    let add = ["worktree", "add", "-q", "../all/tree", "side"];
    git(&sandbox, "repo", &add, "");
    std::fs::create_dir(home.join("all/inner")).unwrap();
    git(&sandbox, "all/inner", &["init", "-q"], "");
    let hint = |args: &[&str]| {
        let run = sandbox.run(&[&["scan", "-o", "id"], args].concat(), "");
        let hint = run.stderr.lines().find(|line| line.contains("histor"));
        hint.unwrap_or_default().to_owned()
    };
    let of =
        |histories: &str| format!("hint: {histories} not searched: name its folder, and --git");
    let three = of("the histories of 3 Git repositories were");
    assert_eq!(hint(&["all"]), three);
    let one = of("the history of a Git repository was");
    assert_eq!(hint(&["--git", "all/bare", "all/tree"]), "");
    assert_eq!(hint(&["all/bare"]), one);
    assert_eq!(hint(&["all/tree"]), one);
    // The worktree is of a repository that is searched.
    std::fs::rename(home.join("all/inner"), home.join("inner")).unwrap();
    git(&sandbox, "all", &["init", "-q"], "");
    assert_eq!(hint(&["--git", "all", "repo"]), one);
}

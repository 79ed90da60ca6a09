//! The completions and manual pages in the tree are those that the program
//! makes. `UPDATE=1 cargo test --test generated` writes them again.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use support::Sandbox;

/// The shells, and the name that each looks for.
const COMPLETIONS: [(&str, &str); 5] = [
    ("bash", "keyctl.bash"),
    ("zsh", "_keyctl"),
    ("fish", "keyctl.fish"),
    ("elvish", "keyctl.elv"),
    ("powershell", "_keyctl.ps1"),
];

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

/// Holds the folder of the project against what was made, or makes it so.
#[track_caller]
fn expect_committed(folder: &str, made: &BTreeMap<String, String>) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(&folder).unwrap();
        for name in files(&folder)
            .keys()
            .filter(|name| !made.contains_key(*name))
        {
            fs::remove_file(folder.join(name)).unwrap();
        }
        for (name, text) in made {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    let committed = files(&folder);
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&committed), names(made), "UPDATE=1 writes them again");
    for (name, text) in made {
        assert!(
            committed[name] == *text,
            "{name} is out of date: UPDATE=1 writes it again"
        );
    }
}

#[test]
fn completions_are_those_of_the_commands() {
    let sandbox = Sandbox::new();
    let made = COMPLETIONS
        .iter()
        .map(|(shell, file)| {
            let run = sandbox.run(&["completions", shell], "").expect_code(0);
            ((*file).to_owned(), run.stdout)
        })
        .collect();
    expect_committed("completions", &made);
}

#[test]
fn every_command_has_its_page() {
    let sandbox = Sandbox::new();
    let folder = sandbox.home().join("man");
    fs::create_dir(&folder).unwrap();
    sandbox.run(&["man", "--dir", "man"], "").expect_code(0);
    let made = files(&folder);
    for command in [
        "create",
        "list",
        "show",
        "verify",
        "revoke",
        "disable",
        "enable",
        "rotate",
        "edit",
        "prune",
        "policy",
        "policy-show",
        "policy-set",
        "audit",
        "audit-verify",
        "audit-head",
        "scan",
        "redact",
        "rules",
        "export",
        "import",
        "store",
        "store-path",
        "store-init",
        "completions",
        "man",
    ] {
        assert!(
            made.contains_key(&format!("keyctl-{command}.1")),
            "{command}"
        );
    }
    let page = sandbox.run(&["man"], "").expect_code(0).stdout;
    assert_eq!(made["keyctl.1"], page);
    for part in ["EXIT STATUS", "KEYCTL_STORE", "revoke \\-\\-leaked"] {
        assert!(page.contains(part), "{part}");
    }
    expect_committed("man", &made);
}

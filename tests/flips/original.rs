//! A store in which much has happened, as the bytes of its files.

use std::fs;
use std::path::Path;

use keyctl::domain::{KeptHead, Kind, Lifetime};
use keyctl::{Need, Target, Timestamp, Token, Verdict};
use rusqlite::Connection;

use super::looks::Looks;
use super::support::Sandbox;

/// What stands behind the store's name.
pub(crate) const FILES: [&str; 2] = ["", "-wal"];

/// The files of a store, and what is true of it.
pub(crate) struct Original {
    /// In the order of [`FILES`]; the last may not be there.
    pub(crate) files: Vec<Vec<u8>>,
    pub(crate) holders: Vec<Holder>,
    pub(crate) head: KeptHead,
    /// When it is looked at.
    pub(crate) now: Timestamp,
    pub(crate) truth: Looks,
}

/// Somebody who presents a token, and asks for something.
pub(crate) struct Holder {
    pub(crate) token: String,
    pub(crate) need: Need,
}

impl Original {
    /// A store that nobody has open: one file.
    pub(crate) fn closed() -> Original {
        Original::made(false)
    }

    /// A store that is open, so that the last changes are in the log beside it.
    pub(crate) fn open() -> Original {
        Original::made(true)
    }

    fn made(is_open: bool) -> Original {
        let sandbox = Sandbox::new();
        let path = sandbox.home().join("keys.db");
        let mut holders = before(&sandbox);
        let reader = is_open.then(|| reading(&path));
        holders.extend(afterwards(&sandbox));
        let files = FILES
            .iter()
            .map(|ending| sandbox.home().join(format!("keys.db{ending}")))
            .filter_map(|file| fs::read(file).ok())
            .collect::<Vec<_>>();
        drop(reader);
        assert_eq!(files.len(), 1 + usize::from(is_open), "a log is beside it");
        let head = keyctl(&sandbox, &["audit", "head"]);
        let now = Timestamp::now();
        let mut original = Original {
            files,
            holders,
            head: head.parse().unwrap(),
            now: now.checked_add(Lifetime::from_seconds(3_600)).unwrap(),
            truth: Looks::default(),
        };
        let folder = tempfile::tempdir().unwrap();
        let copy = original.copy_to(folder.path(), &original.files);
        original.truth = Looks::at(&copy, &original);
        original.expect_every_verdict();
        original
    }

    /// Writes these files as a store in `folder`; where it is.
    pub(crate) fn copy_to(&self, folder: &Path, files: &[Vec<u8>]) -> std::path::PathBuf {
        for (ending, bytes) in FILES.iter().zip(files) {
            fs::write(folder.join(format!("keys.db{ending}")), bytes).unwrap();
        }
        folder.join("keys.db")
    }

    /// The truth is worth something: nothing is amiss, and there is a holder
    /// for each verdict.
    fn expect_every_verdict(&self) {
        assert!(self.truth.shown.is_some());
        assert_eq!(self.truth.audit, None);
        assert_eq!(self.truth.audit_with_head, None);
        for verdict in [
            Verdict::Valid,
            Verdict::Revoked,
            Verdict::Disabled,
            Verdict::Expired,
            Verdict::Forbidden,
            Verdict::NotFound,
        ] {
            let is_there = self.truth.verdicts.contains(&Ok(verdict));
            assert!(is_there, "somebody is {verdict}");
        }
    }
}

/// Keeps a log beside the store from being emptied, for as long as it lives.
fn reading(path: &Path) -> Connection {
    let reader = Connection::open(path).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM keys;")
        .unwrap();
    reader
}

fn keyctl(sandbox: &Sandbox, args: &[&str]) -> String {
    let args = [&["--store", "keys.db", "--yes"], args].concat();
    sandbox.run(&args, "").expect_code(0).stdout
}

/// What is in the store's own file.
fn before(sandbox: &Sandbox) -> Vec<Holder> {
    keyctl(sandbox, &["store", "init"]);
    keyctl(sandbox, &["policy", "set", "max-keys-per-target", "40"]);
    let mut holders = lives(sandbox, "early");
    // A key of which only the log still knows.
    create(sandbox, &["--app", "old", "--name", "gone"]);
    keyctl(sandbox, &["revoke", "gone"]);
    keyctl(sandbox, &["prune", "--revoked", "--older-than", "0s"]);
    holders.extend(lives(sandbox, "middle"));
    // Tokens that nobody issued.
    for kind in [Kind::Dataset, Kind::App] {
        let token = Token::generate(kind).unwrap();
        holders.extend(asking(token.expose(), &[Target::AllDatasets]));
    }
    holders
}

/// What is in the log beside it, where the store is open.
fn afterwards(sandbox: &Sandbox) -> Vec<Holder> {
    keyctl(sandbox, &["revoke", "middle-two", "--reason", "too late"]);
    keyctl(sandbox, &["policy", "set", "last-used-interval", "1h"]);
    lives(sandbox, "late")
}

/// Keys of every kind and in every state, their names beginning with `of`.
fn lives(sandbox: &Sandbox, of: &str) -> Vec<Holder> {
    let name = |rest: &str| format!("{of}-{rest}");
    let a = || Target::Dataset("ds_a".parse().unwrap());
    // One bit away from the former.
    let c = || Target::Dataset("ds_c".parse().unwrap());
    let web = || Target::App("web".parse().unwrap());
    let mut holders = Vec::new();
    for (rest, args, targets) in [
        ("one", vec!["-d", "ds_a"], [a(), c()]),
        ("two", vec!["-d", "ds_a", "-d", "ds_b"], [a(), c()]),
        ("all", vec!["--all-datasets", "--scope", "read"], [a(), c()]),
        (
            "web",
            vec!["--app", "web", "--expires", "90d"],
            [web(), c()],
        ),
        ("lost", vec!["--app", "web"], [web(), c()]),
        ("leaver", vec!["-d", "ds_a"], [a(), c()]),
        ("short", vec!["-d", "ds_a", "--expires", "30m"], [a(), c()]),
        ("turned", vec!["-d", "ds_a"], [a(), c()]),
        ("plain", vec!["-d", "ds_a"], [a(), c()]),
    ] {
        let name = name(rest);
        let token = create(sandbox, &[&args[..], &["--name", &name]].concat());
        // Whatever is said of it, its use is recorded.
        sandbox.run(&["verify", "--store", "keys.db"], &token);
        holders.extend(asking(&token, &targets));
    }
    let remark = "the one that the nightly job of the second rack presents";
    keyctl(sandbox, &["edit", &name("web"), "--description", remark]);
    keyctl(sandbox, &["edit", &name("all"), "--add-scope", "write"]);
    keyctl(
        sandbox,
        &["revoke", &name("lost"), "--reason", "laptop lost"],
    );
    keyctl(sandbox, &["revoke", &name("plain")]);
    keyctl(
        sandbox,
        &["disable", &name("leaver"), "--reason", "on leave"],
    );
    keyctl(sandbox, &["rotate", &name("turned")]);
    keyctl(sandbox, &["rotate", &name("one"), "--grace", "2h"]);
    holders
}

/// The token of a new key.
fn create(sandbox: &Sandbox, args: &[&str]) -> String {
    let printed = keyctl(sandbox, &[&["create", "--json"], args].concat());
    let document: serde_json::Value = serde_json::from_str(&printed).unwrap();
    document["token"].as_str().unwrap().to_owned()
}

/// Holders of one token who ask for these.
fn asking(token: &str, targets: &[Target]) -> Vec<Holder> {
    let need = |target: &Target| Need {
        target: Some(target.clone()),
        scopes: vec!["read".parse().unwrap()],
    };
    let holders = targets.iter().map(|target| Holder {
        token: token.to_owned(),
        need: need(target),
    });
    holders.collect()
}

//! Writers that all write at once, each of which remembers what it was told is
//! done; afterwards the store is held against what they remember.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use keyctl::store::EventFilter;
use keyctl::{Registry, Timestamp, Verdict, Verifier, Workspace};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tempfile::TempDir;

use super::campaign::{report, seed, size};
use super::support::Sandbox;
use super::weakened::{DEFERRED, weakened};
use super::{document, location, need, program, run, text};

/// A key that a writer issued, and the verdict that its token gets.
struct Known {
    id: String,
    token: String,
    verdict: Verdict,
}

/// One of the crowd: what it did and what it was told of it.
struct Writer<'a> {
    sandbox: &'a Sandbox,
    program: &'a Path,
    name: String,
    dice: SmallRng,
    shared: &'a [String],
    keys: Vec<Known>,
    /// What the log must say it did: what, and to which key.
    done: Vec<(&'static str, String)>,
    /// What it was told instead of being served.
    turned_away: Vec<String>,
}

impl Writer<'_> {
    fn write(&mut self, step: usize) {
        let live = |key: &&mut Known| key.verdict != Verdict::Revoked;
        let kind = self.dice.random_range(0..6);
        let one_of_many = self.dice.random_range(0..self.shared.len());
        let shared = &self.shared[one_of_many];
        let Some(key) = self.keys.iter_mut().filter(live).last() else {
            return self.create();
        };
        let id = key.id.clone();
        let (args, action, verdict) = match (kind, key.verdict) {
            (0, _) => return self.create(),
            (1, Verdict::Valid) => return self.rotate(&id),
            (2, _) => (vec!["revoke", &id], "revoked", Verdict::Revoked),
            (3 | 4, Verdict::Disabled) => (vec!["enable", &id], "enabled", Verdict::Valid),
            (3, _) => (vec!["disable", &id], "disabled", Verdict::Disabled),
            (_, _) => {
                let remark = format!("{} {step}", self.name);
                let shared = shared.clone();
                if self
                    .try_to(&["edit", &shared, "--description", &remark])
                    .is_some()
                {
                    self.done.push(("edited", shared));
                }
                return;
            }
        };
        if self.try_to(&args).is_some() {
            self.done.push((action, id.clone()));
            let key = self.keys.iter_mut().find(|key| key.id == id).unwrap();
            key.verdict = verdict;
        }
    }

    fn create(&mut self) {
        let name = self.name.clone();
        if let Some(made) = self.try_to(&["create", "--app", &name]) {
            self.add(&made);
        }
    }

    fn rotate(&mut self, id: &str) {
        if let Some(made) = self.try_to(&["rotate", id]) {
            self.add(&made);
            self.done.push(("rotated", id.to_owned()));
            let old = self.keys.iter_mut().find(|key| key.id == id).unwrap();
            old.verdict = Verdict::Revoked;
        }
    }

    fn add(&mut self, made: &serde_json::Value) {
        let id = text(&made["key"]["id"]);
        self.done.push(("issued", id.clone()));
        self.keys.push(Known {
            id,
            token: text(&made["token"]),
            verdict: Verdict::Valid,
        });
    }

    /// What was printed, if it was done.
    fn try_to(&mut self, args: &[&str]) -> Option<serde_json::Value> {
        let args = [args, &["--json", "--yes"]].concat();
        let run = run(self.sandbox, self.program, &self.name, &args, "");
        if run.code == 0 {
            return Some(document(&run));
        }
        let told = format!("{} with {}: {}", args[0], run.code, run.stderr);
        self.turned_away.push(told);
        None
    }
}

/// What came of it all.
#[derive(Debug, Default)]
struct Outcome {
    acknowledged: usize,
    turned_away: Vec<String>,
    /// Writers of whom the log tells something else than they were told.
    misremembered: Vec<String>,
    /// Tokens whose verdict is not what their writer was told.
    wrong_verdicts: usize,
    events: i64,
    audit: String,
}

/// So many writers with so many writes each, at once.
fn crowd(program: &Path, writers: usize, writes: usize) -> Outcome {
    let sandbox = Sandbox::new();
    let quietly = |args: &[&str]| run(&sandbox, super::program(), "host", args, "").expect_code(0);
    quietly(&["store", "init"]);
    quietly(&["policy", "set", "max-keys-per-target", "1000"]);
    let shared: Vec<String> = (0..4)
        .map(|_| text(&document(&quietly(&["create", "--app", "all", "--json"]))["key"]["id"]))
        .collect();
    let start = Barrier::new(writers);
    let members: Vec<Writer<'_>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|number| Writer {
                sandbox: &sandbox,
                program,
                name: format!("writer-{number}"),
                dice: SmallRng::seed_from_u64(seed().wrapping_mul(1_000) + number as u64),
                shared: &shared,
                keys: Vec::new(),
                done: Vec::new(),
                turned_away: Vec::new(),
            })
            .map(|mut writer| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    (0..writes).for_each(|step| writer.write(step));
                    writer
                })
            })
            .collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    held_against_the_store(&sandbox, members)
}

fn held_against_the_store(sandbox: &Sandbox, members: Vec<Writer<'_>>) -> Outcome {
    let location = location(sandbox);
    let mut registry = Registry::open(&location, "auditor".parse().unwrap()).unwrap();
    let verifier = Verifier::open(&location, Workspace::default()).unwrap();
    let audited = run(sandbox, program(), "auditor", &["audit", "verify"], "");
    let mut outcome = Outcome {
        events: registry.head().unwrap().seq,
        audit: audited.stdout + &audited.stderr,
        ..Outcome::default()
    };
    for writer in members {
        let of_writer = EventFilter {
            actor: Some(writer.name.parse().unwrap()),
            ..EventFilter::default()
        };
        let mut told = Vec::new();
        let events = registry.events(&of_writer, |event| {
            let key = event.entry.key_id.unwrap();
            told.push((event.entry.action.as_str(), key.to_string()));
            ControlFlow::Continue(())
        });
        events.unwrap();
        outcome.acknowledged += writer.done.len();
        if told != writer.done {
            outcome.misremembered.push(writer.name.clone());
        }
        let need = need(&writer.name);
        outcome.wrong_verdicts += writer
            .keys
            .iter()
            .filter(|key| {
                let found = verifier.verify(&key.token, &need, Timestamp::now());
                found.unwrap().verdict != key.verdict
            })
            .count();
        outcome.turned_away.extend(writer.turned_away);
    }
    outcome
}

#[test]
fn a_crowd_of_writers_is_served_and_remembered() {
    let (writers, writes) = (size(12, 64), size(8, 20));
    let outcome = crowd(program(), writers, writes);
    assert_eq!(outcome.turned_away, Vec::<String>::new());
    assert_eq!(outcome.misremembered, Vec::<String>::new());
    assert_eq!(outcome.wrong_verdicts, 0);
    // Before them: the store made, the policy set, four keys issued.
    let changes = outcome.acknowledged as i64 + 6;
    assert_eq!(outcome.events, changes);
    let intact = format!("intact: {changes} events, ");
    assert!(outcome.audit.starts_with(&intact), "{}", outcome.audit);
    report(&format!(
        "{writers} writers of {writes} writes each: {changes} events, none turned away, none lost"
    ));
}

#[test]
fn a_program_that_reads_before_it_waits_fails_in_a_crowd() {
    let folder = TempDir::new().unwrap();
    let program = weakened(folder.path(), DEFERRED);
    let (writers, writes) = (size(8, 64), size(5, 20));
    let outcome = crowd(&program, writers, writes);
    assert_ne!(outcome.turned_away, Vec::<String>::new());
    report(&format!(
        "control, {writers} writers without BEGIN IMMEDIATE: {} of {} turned away",
        outcome.turned_away.len(),
        writers * writes
    ));
}

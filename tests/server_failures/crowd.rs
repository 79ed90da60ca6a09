//! Many clients that change one store at once, some of them the same keys, beside
//! services that record uses of them.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use keyctl::domain::{Choice, Lifetime};
use keyctl::{Registry, Timestamp, Verifier, Workspace};

use super::campaign::{report, size};
use super::database::Database;
use super::postgres::Server;
use super::proxy::Proxy;
use super::writer::{Writer, location, need};

const WRITERS: usize = 16;
/// Services that verify tokens meanwhile.
const SERVICES: usize = 2;
/// Keys that all of them change.
const SHARED: usize = 4;

/// What came of it.
#[derive(Debug, Default)]
struct Outcome {
    acknowledged: usize,
    turned_away: Vec<String>,
    losses: Vec<String>,
    /// How many events there are more than that were acknowledged.
    surplus: i64,
    verified: usize,
}

/// A store with keys to share, whose every use is recorded; their ids and a token.
fn furnished(url: &str) -> (Vec<String>, Vec<String>) {
    let actor = "host".parse().unwrap();
    let mut registry = Registry::create(&location(url), actor, Timestamp::now()).unwrap();
    for choice in [
        Choice::MaxKeysPerTarget(None),
        Choice::LastUsedInterval(Lifetime::from_seconds(0)),
    ] {
        registry.set_policy(choice, Timestamp::now()).unwrap();
    }
    let mut host = Writer::embedding(url, "shared");
    let issued = (0..SHARED).map(|_| host.issue());
    issued.unzip()
}

/// So many writers with so many changes each, through one URL; looked at through
/// another.
fn crowd(url: &str, direct: &str, changes: usize) -> Outcome {
    let (ids, tokens) = furnished(direct);
    let before = event_count(direct);
    let start = Barrier::new(WRITERS);
    let is_over = AtomicBool::new(false);
    let (mut writers, verified): (Vec<Writer>, usize) = thread::scope(|scope| {
        let services: Vec<_> = (0..SERVICES)
            .map(|_| scope.spawn(|| serve(direct, &tokens, &is_over)))
            .collect();
        let threads: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (start, ids) = (&start, &ids);
                scope.spawn(move || {
                    let name = format!("writer-{number}");
                    let mut writer = Writer::embedding(url, &name).sharing(ids, number % 4 == 0);
                    start.wait();
                    (0..changes).for_each(|_| {
                        writer.write();
                    });
                    writer
                })
            })
            .collect();
        let writers = threads.into_iter().map(|it| it.join().unwrap()).collect();
        is_over.store(true, Ordering::Relaxed);
        let verified = services.into_iter().map(|it| it.join().unwrap()).sum();
        (writers, verified)
    });
    let acknowledged: usize = writers.iter().map(Writer::event_count).sum();
    Outcome {
        acknowledged,
        surplus: event_count(direct) - before - acknowledged as i64,
        losses: losses(&mut writers, direct),
        turned_away: writers
            .into_iter()
            .flat_map(|writer| writer.turned_away)
            .collect(),
        verified,
    }
}

fn event_count(url: &str) -> i64 {
    let mut registry = Registry::open(&location(url), "auditor".parse().unwrap()).unwrap();
    registry.head().unwrap().seq
}

/// How many tokens were verified, each of which is valid all the time.
fn serve(url: &str, tokens: &[String], is_over: &AtomicBool) -> usize {
    let verifier = Verifier::open(&location(url), Workspace::default()).unwrap();
    let mut count = 0;
    while !is_over.load(Ordering::Relaxed) {
        let answers = verifier.verify_all(tokens, &need("shared"), Timestamp::now());
        assert!(
            answers
                .unwrap()
                .iter()
                .all(|answer| answer.verdict.is_use())
        );
        count += tokens.len();
    }
    count
}

fn losses(writers: &mut [Writer], url: &str) -> Vec<String> {
    let pruned: Vec<String> = writers.iter().flat_map(Writer::pruned).collect();
    let differing = writers.iter_mut().flat_map(|it| it.losses(url, &pruned));
    let mut losses: Vec<String> = differing.collect();
    let mut auditor = Registry::open(&location(url), "auditor".parse().unwrap()).unwrap();
    losses.extend(auditor.audit(None).err().map(|error| error.to_string()));
    losses
}

#[test]
fn a_crowd_of_clients_is_served_and_remembered() {
    let Some(server) = Server::start(&[("deadlock_timeout", "100ms")]) else {
        return;
    };
    let url = server.url("postgres", "postgres");
    let changes = size(25, 1_000);
    let outcome = crowd(&url, &url, changes);
    assert_eq!(outcome.turned_away, Vec::<String>::new());
    assert_eq!(outcome.losses, Vec::<String>::new());
    assert_eq!(outcome.surplus, 0);
    assert!(outcome.verified > 0);
    let deadlocks = server.log().matches("deadlock detected").count();
    assert_eq!(deadlocks, 0, "{}", server.log());
    report(&format!(
        "{WRITERS} clients with {changes} changes each: {} events, none turned away, none lost, \
         {} tokens verified beside them",
        outcome.acknowledged, outcome.verified
    ));
}

#[test]
fn clients_that_do_not_wait_for_each_other_are_turned_away() {
    let Some(database) = Database::new() else {
        return;
    };
    let without_lock = ("WHERE one = 1 FOR UPDATE", "WHERE one = 1           ");
    let proxy = Proxy::altering(&database.url(), Some(without_lock));
    let outcome = crowd(&proxy.url(), &database.url(), size(5, 50));
    let trouble = outcome.turned_away.len() + outcome.losses.len();
    assert!(trouble > 0);
    report(&format!(
        "control, without the lock: {} turned away, {} losses",
        outcome.turned_away.len(),
        outcome.losses.len()
    ));
}

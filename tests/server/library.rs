//! What a service meets that keeps a verifier open for long: connections that
//! break, servers that do not answer, and runtimes for asynchronous tasks.

mod stopped;
mod tasks;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use keyctl::{Error, Registry, StoreFault, Timestamp, Verification, Verifier, Workspace};

use super::place::{start, there};
use super::postgres::Server;
use super::{Sandbox, issue, json, need, until};

/// Longer than any answer takes that comes at all.
const LONG: Duration = Duration::from_secs(60);

/// A store and a key's token.
struct Store<'a> {
    place: Sandbox<'a>,
    token: String,
}

impl Store<'static> {
    fn new() -> Store<'static> {
        Store::over(Sandbox::new())
    }
}

impl<'a> Store<'a> {
    fn over(place: Sandbox<'a>) -> Store<'a> {
        let (_, token) = issue(&place, &["--dataset", "ds_1", "--name", "ci"]);
        Store { place, token }
    }

    fn verifier(&self) -> Verifier {
        Verifier::open(&self.place.location(), Workspace::default()).unwrap()
    }

    /// One that waits for its answers, and one that does not do so for ever.
    fn verifiers(&self) -> [Verifier; 2] {
        [self.verifier(), self.verifier().with_timeout(LONG)]
    }

    fn verify(&self, verifier: &Verifier) -> Result<Verification, Error> {
        verifier.verify(&self.token, &need("ds_1"), Timestamp::now())
    }

    #[track_caller]
    fn expect_valid(&self, verifier: &Verifier) {
        let answer = self.verify(verifier).unwrap();
        assert_eq!(answer.verdict.as_str(), "valid");
    }

    fn last_use(&self) -> serde_json::Value {
        let shown = self.place.run(&["show", "ci", "--json"], "");
        json(&shown.expect_code(0))["key"]["last_used_at"].clone()
    }
}

fn is_of_connection(error: &Error) -> bool {
    matches!(error, Error::Store(error) if matches!(error.fault(), StoreFault::Connection(_)))
}

#[test]
fn a_connection_that_was_ended_is_made_anew() {
    let store = Store::new();
    let verifiers = store.verifiers();
    let actor = "tester".parse().unwrap();
    let mut registry = Registry::open(&store.place.location(), actor).unwrap();
    for _ in 0..5 {
        store.place.alter(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        for verifier in &verifiers {
            store.expect_valid(verifier);
        }
        assert!(registry.audit(None).is_ok());
    }
}

#[test]
fn a_verifier_outlives_its_server() {
    let mut server = there(start(&[]));
    let ends: [fn(&mut Server); 2] = [Server::stop, Server::kill];
    let (verifiers, token) = {
        let store = Store::over(Sandbox::on(&server));
        let verifiers = store.verifiers();
        store.place.keep();
        (verifiers, store.token)
    };
    let verify = |verifier: &Verifier| verifier.verify(&token, &need("ds_1"), Timestamp::now());
    for end in ends {
        for is_asked_meanwhile in [false, true] {
            end(&mut server);
            for verifier in verifiers.iter().filter(|_| is_asked_meanwhile) {
                let error = verify(verifier).unwrap_err();
                assert!(is_of_connection(&error), "{error:?}");
            }
            server.go_on();
            for verifier in &verifiers {
                let answer = verify(verifier).unwrap();
                assert_eq!(answer.verdict.as_str(), "valid");
            }
        }
    }
}

#[test]
fn many_threads_share_a_verifier() {
    let store = Store::new();
    let (_, other) = issue(&store.place, &["--dataset", "ds_2"]);
    let cases = [
        (store.token.as_str(), "valid"),
        (other.as_str(), "forbidden"),
        ("dataset-0123456789ABCDEFGHIJKLYc", "not_found"),
        ("", "malformed"),
    ];
    for verifier in &store.verifiers() {
        thread::scope(|scope| {
            for (token, verdict) in cases.iter().cycle().take(12) {
                scope.spawn(move || {
                    for _ in 0..20 {
                        let answer = verifier.verify(token, &need("ds_1"), Timestamp::now());
                        assert_eq!(answer.unwrap().verdict.as_str(), *verdict);
                    }
                });
            }
        });
    }
}

#[test]
fn a_use_is_recorded_even_if_nobody_waits_for_that() {
    let store = Store::new();
    store.expect_valid(&store.verifier().with_timeout(LONG).without_touch());
    let verifier = store.verifier().with_timeout(LONG);
    assert!(store.last_use().is_null());
    store.expect_valid(&verifier);
    // The verifier may be gone before the use is recorded.
    drop(verifier);
    until("the use is recorded", || store.last_use().is_string());
}

#[test]
fn nobody_is_kept_from_an_answer_by_a_use_that_cannot_be_recorded() {
    let store = Store::new();
    let mut other = store.place.connect_as("postgres");
    other
        .batch_execute("BEGIN; LOCK TABLE keyctl.last_uses IN EXCLUSIVE MODE")
        .unwrap();
    for verifier in &store.verifiers() {
        for _ in 0..3 {
            store.expect_valid(verifier);
        }
    }
    assert!(store.last_use().is_null());
    other.batch_execute("ROLLBACK").unwrap();
    store.expect_valid(&store.verifier());
    assert!(store.last_use().is_string());
}

/// Has it done elsewhere, where it can take for ever without anybody waiting.
#[track_caller]
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(LONG).unwrap()
}

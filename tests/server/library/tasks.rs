//! A verifier among the tasks of an asynchronous runtime, whose threads must not
//! wait for another one, as that of the driver.

use std::future::Future;

use tokio::runtime::Builder;
use tokio::task::{block_in_place, spawn, spawn_blocking};

use super::*;

/// Runs it as the first of many tasks.
fn run<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = Builder::new_multi_thread().worker_threads(2).build();
    let runtime = runtime.unwrap();
    let done = in_time(move || runtime.block_on(async { spawn(task).await }));
    done.unwrap()
}

/// What a task asks, and what it is told.
fn question(store: &Store<'_>) -> impl Fn(&Verifier) -> &'static str + Clone + Send + 'static {
    let token = store.token.clone();
    move |verifier| {
        let answer = verifier.verify(&token, &need("ds_1"), Timestamp::now());
        answer.unwrap().verdict.as_str()
    }
}

#[test]
fn tasks_share_a_verifier() {
    let store = Store::new();
    let ask = question(&store);
    for verifier in store.verifiers() {
        let (verifier, ask) = (Arc::new(verifier), ask.clone());
        let answers = run(async move {
            let asked: Vec<_> = (0..16)
                .map(|_| {
                    let (verifier, ask) = (Arc::clone(&verifier), ask.clone());
                    spawn_blocking(move || ask(&verifier))
                })
                .collect();
            let mut answers = Vec::new();
            for answer in asked {
                answers.push(answer.await.unwrap());
            }
            answers
        });
        assert_eq!(answers, ["valid"; 16]);
    }
}

#[test]
fn a_task_can_open_a_verifier_and_ask_it_and_drop_it() {
    let store = Store::new();
    for timeout in [None, Some(LONG)] {
        let (location, ask) = (store.place.location(), question(&store));
        let answers = run(async move {
            let verifier = Verifier::open(&location, Workspace::default()).unwrap();
            let verifier = match timeout {
                Some(timeout) => verifier.with_timeout(timeout),
                None => verifier,
            };
            let answers = [ask(&verifier), block_in_place(|| ask(&verifier))];
            drop(verifier);
            answers
        });
        assert_eq!(answers, ["valid"; 2]);
    }
}

#[test]
fn a_task_is_told_why_a_verifier_cannot_be_opened() {
    let place = Sandbox::new();
    let location = place.location();
    let fault = run(async move {
        let opened = Verifier::open(&location, Workspace::default());
        opened.err().unwrap().fault().clone()
    });
    assert_eq!(fault, StoreFault::Missing);
}

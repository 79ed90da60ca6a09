//! A server that is gone for good, or says nothing any more.

use std::thread;
use std::time::Duration;

use keyctl::{Location, Need, StoreFault, Target, Timestamp, Verdict, Verifier, Workspace};

use super::campaign::{report, size};
use super::cuts::{code, revealed, said};
use super::ground::Ground;
use super::operations::{Operation, VALID, named};
use super::proxy::{Cut, Moment, Proxy};
use super::wire::last_commit;

/// Cuts an operation at its COMMIT and lets nobody in afterwards; whether it was
/// done, which it is said not to be known.
fn lose_for_good(operation: &Operation, moment: Moment) -> Option<bool> {
    let mut ground = Ground::new(operation)?;
    let proxy = Proxy::new(&ground.database.url());
    let (connection, message) = last_commit(&said(&mut ground, operation, &proxy));
    proxy.arm(Some(Cut {
        connection,
        message,
        moment,
        is_end: true,
    }));
    let args = [operation.args, &["--json"]].concat();
    let run = ground.run_at(&proxy.url(), &args, "").expect_code(7);
    assert_eq!(code(&run), "store_unconfirmed", "{}", run.stderr);
    let is_done = ground.is_done(operation).unwrap();
    for token in revealed(&run) {
        assert_eq!(ground.verify(&token) == VALID, is_done);
    }
    Some(is_done)
}

/// It takes as long as somebody is looked for who knows, which is half a minute.
#[test]
fn what_nobody_can_tell_is_said_to_be_unknown() {
    let trials = [
        ("create", Moment::Answered, true),
        ("create", Moment::Before, false),
        ("rotate", Moment::Answered, true),
        ("revoke", Moment::Answered, true),
        ("revoke", Moment::Before, false),
        ("policy set", Moment::Answered, true),
    ];
    thread::scope(|scope| {
        for (name, moment, expected) in trials {
            scope.spawn(move || {
                let is_done = lose_for_good(named(name), moment);
                assert!(is_done.is_none_or(|is_done| is_done == expected), "{name}");
            });
        }
    });
    report(&format!("{} ends that nobody can tell", trials.len()));
}

fn location(url: &str) -> Location {
    url.parse().unwrap()
}

fn web() -> Need {
    Need {
        target: Some(Target::App("web".parse().unwrap())),
        scopes: Vec::new(),
    }
}

#[test]
fn a_verifier_does_not_wait_for_a_server_that_is_silent() {
    let Some(ground) = Ground::new(named("create")) else {
        return;
    };
    let proxy = Proxy::new(&ground.database.url());
    let ask = |verifier: &Verifier| verifier.verify(&ground.one, &web(), Timestamp::now());
    let open = || {
        let verifier = Verifier::open(&location(&proxy.url()), Workspace::default()).unwrap();
        verifier.with_timeout(Duration::from_millis(300))
    };
    proxy.arm(None);
    let verifier = open();
    let before = proxy.said()[0].len();
    assert_eq!(ask(&verifier).unwrap().verdict, Verdict::Valid);
    let after = proxy.said()[0].len();
    let mut seen = 0;
    for message in (before + 1..=after).step_by(size(3, 1)) {
        proxy.arm(Some(Cut {
            connection: 1,
            message,
            moment: Moment::Silent,
            is_end: false,
        }));
        match ask(&open()) {
            Err(keyctl::Error::Store(error)) => {
                assert_eq!(*error.fault(), StoreFault::TimedOut);
                seen += 1;
            }
            // The use of a key is recorded after the answer.
            answer => assert_eq!(answer.unwrap().verdict, Verdict::Valid),
        }
    }
    assert!(seen > 0);
    report(&format!("{seen} times silent, and nobody waited"));
}

#[test]
fn a_verifier_whose_connection_is_cut_answers_all_the_same() {
    let Some(ground) = Ground::new(named("create")) else {
        return;
    };
    let proxy = Proxy::new(&ground.database.url());
    let open = || Verifier::open(&location(&proxy.url()), Workspace::default()).unwrap();
    proxy.arm(None);
    let verifier = open().without_touch();
    let before = proxy.said()[0].len();
    let ask = |verifier: &Verifier| verifier.verify(&ground.one, &web(), Timestamp::now());
    ask(&verifier).unwrap();
    let after = proxy.said()[0].len();
    let moments = [Moment::Before, Moment::After, Moment::Terminated];
    for message in before + 1..=after {
        for moment in moments {
            proxy.arm(Some(Cut {
                connection: 1,
                message,
                moment,
                is_end: false,
            }));
            let verifier = open().without_touch();
            for _ in 0..2 {
                let answer = ask(&verifier);
                let verdict = answer.map(|answer| answer.verdict);
                assert_eq!(verdict.unwrap(), Verdict::Valid, "{moment:?} {message}");
            }
        }
    }
}

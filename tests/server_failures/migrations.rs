//! Many that open a database at once that holds no store, or one that is not up to
//! date.

use std::sync::Barrier;
use std::thread;

use ::postgres::Client;
use keyctl::{Registry, Timestamp};
use rand::RngExt;

use super::campaign::{generator, report, size};
use super::database::Database;
use super::support::{Run, Sandbox};
use super::writer::location;

const FIRST_STEP: &str = include_str!("../../src/store/postgres/0001_keys_and_events.sql");
const GUESTS: usize = 16;

/// What the database holds before.
#[derive(Clone, Copy, Debug)]
enum Past {
    Nothing,
    /// So many statements of the first step, and the version that it goes by.
    Begun(usize, i64),
}

fn statements() -> Vec<&'static str> {
    FIRST_STEP.split_inclusive(";\n").collect()
}

/// As a program did that came no further.
fn prepare(client: &mut Client, past: Past) {
    let Past::Begun(count, version) = past else {
        return;
    };
    let begin = format!(
        "SET ROLE keyctl;
         CREATE SCHEMA keyctl;
         CREATE TABLE keyctl.version (one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
                                      version BIGINT NOT NULL);
         INSERT INTO keyctl.version VALUES (1, {version})"
    );
    client.batch_execute(&begin).unwrap();
    for statement in &statements()[..count] {
        client.batch_execute(statement).unwrap();
    }
    if version > 0 {
        let head = "INSERT INTO keyctl.head (one, store_id, seq)
                    VALUES (1, 'store_0123456789abcdef', 0)";
        client.batch_execute(head).unwrap();
    }
    client.batch_execute("RESET ROLE").unwrap();
}

/// All of them open it at the same moment, in threads or as processes of their own;
/// what those were told that were turned away.
fn rush(url: &str, as_processes: bool) -> Vec<String> {
    let start = Barrier::new(GUESTS);
    thread::scope(|scope| {
        let guests: Vec<_> = (0..GUESTS)
            .map(|guest| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    if as_processes {
                        run(url)
                    } else {
                        open(url, guest)
                    }
                })
            })
            .collect();
        let told = guests.into_iter().map(|guest| guest.join().unwrap());
        told.filter_map(Result::err).collect()
    })
}

fn open(url: &str, guest: usize) -> Result<(), String> {
    let actor = format!("guest-{guest}").parse().unwrap();
    let opened = Registry::create(&location(url), actor, Timestamp::now());
    opened.map(drop).map_err(|error| format!("{error:?}"))
}

fn keyctl(url: &str, args: &[&str]) -> Run {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
    command.args(args).env("KEYCTL_STORE", url);
    sandbox.finish(command, b"")
}

fn run(url: &str) -> Result<(), String> {
    match keyctl(url, &["store", "init"]) {
        run if run.code == 0 => Ok(()),
        run => Err(run.stderr),
    }
}

/// One store, made once, and as it is to be.
fn look(database: &Database, past: Past) {
    let audited = keyctl(&database.url(), &["audit", "verify"]).expect_code(0);
    assert!(
        audited.stdout.starts_with("intact: 1 event"),
        "{past:?}: {}",
        audited.stdout
    );
    let mut client = database.connect();
    let count = |client: &mut Client, sql| client.query_one(sql, &[]).unwrap().get::<_, i64>(0);
    assert_eq!(count(&mut client, "SELECT count(*) FROM keyctl.head"), 1);
    assert_eq!(count(&mut client, "SELECT version FROM keyctl.version"), 3);
}

fn try_it(past: Past, as_processes: bool) -> bool {
    let Some(database) = Database::new() else {
        return false;
    };
    prepare(&mut database.connect(), past);
    let turned_away = rush(&database.url(), as_processes);
    assert_eq!(turned_away, Vec::<String>::new(), "{past:?}");
    look(&database, past);
    true
}

#[test]
fn of_many_that_open_an_empty_database_all_find_one_store() {
    let (rounds, of_processes) = (size(3, 100), size(1, 20));
    let all = (0..rounds + of_processes).all(|round| try_it(Past::Nothing, round >= rounds));
    if all {
        report(&format!(
            "{GUESTS} first openings at once, {rounds} times by threads and {of_processes} times by processes"
        ));
    }
}

#[test]
fn of_many_that_find_the_first_version_all_find_one_store() {
    let rounds = size(2, 50);
    let past = Past::Begun(statements().len(), 1);
    if (0..rounds).all(|_| try_it(past, false)) && try_it(past, true) {
        report(&format!(
            "{GUESTS} at the first version, {rounds} times by threads"
        ));
    }
}

#[test]
fn of_many_that_find_a_step_that_was_cut_off_all_find_one_store() {
    let mut dice = generator();
    let rounds = size(3, 50);
    let mut past = || Past::Begun(dice.random_range(0..=statements().len()), 0);
    if (0..rounds).all(|_| try_it(past(), false)) {
        report(&format!(
            "{GUESTS} at a step that was cut off, {rounds} times"
        ));
    }
}

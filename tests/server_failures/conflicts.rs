//! Changes that the server undoes because of others: they are made again, and no
//! token is revealed twice.

use std::thread;
use std::time::{Duration, Instant};

use ::postgres::Client;

use super::campaign::{report, size};
use super::cuts::{code, revealed};
use super::ground::Ground;
use super::operations::{DENIED, OPERATIONS, Operation, VALID, named};

/// How often a change is undone before it is let through.
const TIMES: i64 = 2;

/// When it is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    AtAStatement,
    AtCommit,
}

/// Has the server undo what adds to the log, with this code.
fn hinder(admin: &mut Client, when: When, code: &str) {
    let (constraint, timing) = match when {
        When::AtAStatement => ("", ""),
        When::AtCommit => ("CONSTRAINT", "DEFERRABLE INITIALLY DEFERRED"),
    };
    let sql = format!(
        "CREATE SEQUENCE tries;
         CREATE FUNCTION hinder() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
         SET search_path = public AS $$ BEGIN
             IF nextval('tries') <= {TIMES} THEN
                 RAISE EXCEPTION 'others were faster' USING ERRCODE = '{code}';
             END IF;
             RETURN NULL;
         END $$;
         CREATE {constraint} TRIGGER hinder AFTER INSERT ON keyctl.events {timing}
         FOR EACH ROW EXECUTE FUNCTION hinder()"
    );
    admin.batch_execute(&sql).unwrap();
}

/// How often it was tried to add to the log.
fn lift(admin: &mut Client) -> i64 {
    let row = admin.query_one("SELECT last_value FROM tries", &[]);
    let sql = "DROP TRIGGER hinder ON keyctl.events; DROP FUNCTION hinder; DROP SEQUENCE tries";
    admin.batch_execute(sql).unwrap();
    row.unwrap().get(0)
}

fn undo(ground: &mut Ground, operation: &Operation, when: When, state: &str) {
    hinder(&mut ground.admin, when, state);
    let args = [operation.args, &["--json"]].concat();
    let run = ground.run_at(&ground.database.url(), &args, "");
    let tries = lift(&mut ground.admin);
    let what = format!(
        "{} {when:?} {state}: {} {}",
        operation.name, run.code, run.stderr
    );
    let tokens = revealed(&run);
    assert!(tokens.len() <= 1, "{what}");
    // A token that was handed over is not handed over again, and an import has read
    // its input.
    let is_over = (when == When::AtCommit && !tokens.is_empty()) || operation.name == "import";
    if is_over {
        assert_eq!((run.code, &*code(&run)), (7, "store_conflict"), "{what}");
    } else {
        assert_eq!(run.code, 0, "{what}");
        assert!(tries > TIMES, "{what}");
    }
    assert_eq!(ground.is_done(operation), Ok(!is_over), "{what}");
    for token in tokens {
        assert_eq!(ground.verify(&token), if is_over { DENIED } else { VALID });
    }
    ground.reset();
}

#[test]
fn a_change_that_the_server_undoes_is_made_again() {
    let mut count = 0;
    for operation in OPERATIONS.iter().filter(|operation| !operation.is_first) {
        let Some(mut ground) = Ground::new(operation) else {
            return;
        };
        for when in [When::AtAStatement, When::AtCommit] {
            for state in &["40001", "40P01"][..size(1, 2)] {
                undo(&mut ground, operation, when, state);
                count += 1;
            }
        }
    }
    report(&format!(
        "{count} changes were undone by the server, {TIMES} times each"
    ));
}

/// Waits until somebody waits for a lock.
fn until_somebody_waits(mut watcher: Client) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                   AND datname = current_database()";
    let deadline = Instant::now() + Duration::from_secs(60);
    while watcher.query_one(waiting, &[]).unwrap().get::<_, i64>(0) == 0 {
        assert!(Instant::now() < deadline, "nobody waits");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Takes the rows of keys, and the end of the log only when keyctl has that and waits
/// for one of them.
fn stand_in_the_way(operation: &Operation) -> Option<()> {
    let mut ground = Ground::new(operation)?;
    // Who looks last is not the one that is undone.
    let begin = "SET deadlock_timeout = '60s'; BEGIN; SELECT id FROM keyctl.keys FOR UPDATE";
    ground.admin.batch_execute(begin).unwrap();
    let (sandbox, url) = (&ground.sandbox, ground.database.url());
    // In a transaction, one sees the same activity for ever.
    let (admin, watcher) = (&mut ground.admin, ground.database.connect());
    let run = thread::scope(|scope| {
        let changing = scope.spawn(|| {
            let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
            command.args(operation.args).env("KEYCTL_STORE", url);
            sandbox.finish(command, b"")
        });
        until_somebody_waits(watcher);
        let end = "SELECT one FROM keyctl.head FOR UPDATE; COMMIT; RESET deadlock_timeout";
        admin.batch_execute(end).unwrap();
        changing.join().unwrap()
    });
    assert_eq!(run.code, 0, "{}: {}", operation.name, run.stderr);
    assert!(run.stdout.lines().count() <= 2, "{}", operation.name);
    assert_eq!(ground.is_done(operation), Ok(true));
    Some(())
}

/// The server looks for a circle of those who wait after a second.
#[test]
fn a_change_that_waits_in_a_circle_is_made_again() {
    let names = ["rotate", "revoke", "disable", "edit", "prune"];
    let done = thread::scope(|scope| {
        let trials = names.map(|name| scope.spawn(move || stand_in_the_way(named(name))));
        trials.map(|trial| trial.join().unwrap())
    });
    let count = done.iter().flatten().count();
    report(&format!("{count} circles of those who wait"));
}

//! A connection that is used for long, and what happens to it meanwhile.

use std::thread;
use std::time::Duration;

use ::postgres::Client;
use keyctl::{Registry, Timestamp, Verdict, Verifier, Workspace};

use super::cuts::said;
use super::database::Database;
use super::ground::Ground;
use super::kills::KEEPING;
use super::operations::named;
use super::plans::issue_request;
use super::postgres::Server;
use super::proxy::{Cut, Moment, Proxy};
use super::wire::last_commit;
use super::writer::{Writer, location, need};

/// A setting of this database for connections that are made from now on.
fn set(admin: &mut Client, setting: &str) {
    let row = admin.query_one("SELECT current_database()", &[]).unwrap();
    let database: &str = row.get(0);
    let sql = format!("ALTER DATABASE {database} SET {setting}");
    admin.batch_execute(&sql).unwrap();
}

fn create(url: &str) -> Registry {
    Registry::create(&location(url), "host".parse().unwrap(), Timestamp::now()).unwrap()
}

#[test]
fn who_waited_in_vain_can_write_afterwards() {
    let Some(database) = Database::new() else {
        return;
    };
    drop(create(&database.url()));
    let mut admin = database.connect();
    set(&mut admin, "statement_timeout = '300ms'");
    let mut writer = Writer::embedding(&database.url(), "writer");
    let hold = "BEGIN; SELECT one FROM keyctl.head FOR UPDATE";
    admin.batch_execute(hold).unwrap();
    assert!(!writer.write());
    admin.batch_execute("ROLLBACK").unwrap();
    assert!(writer.write(), "{:?}", writer.turned_away);
    assert_eq!(writer.losses(&database.url(), &[]), Vec::<String>::new());
}

#[test]
fn a_verifier_that_was_idle_for_too_long_answers() {
    let Some(ground) = Ground::new(named("create")) else {
        return;
    };
    set(
        &mut ground.database.connect(),
        "idle_session_timeout = '100ms'",
    );
    let verifier = Verifier::open(&location(&ground.database.url()), Workspace::default()).unwrap();
    for _ in 0..2 {
        thread::sleep(Duration::from_millis(300));
        let answer = verifier.verify(&ground.one, &need("web"), Timestamp::now());
        assert_eq!(answer.unwrap().verdict, Verdict::Valid);
    }
}

/// What a server says last when it cannot go on: that comes from the disk, and the
/// commit may be there when it is started again.
#[test]
fn a_server_that_dies_of_a_commit_is_asked_what_became_of_it() {
    for name in ["create", "revoke", "policy set"] {
        let operation = named(name);
        let Some(mut ground) = Ground::new(operation) else {
            return;
        };
        let proxy = Proxy::new(&ground.database.url());
        let (connection, message) = last_commit(&said(&mut ground, operation, &proxy));
        proxy.arm(Some(Cut {
            connection,
            message,
            moment: Moment::Panicked,
            is_end: false,
        }));
        let run = ground.run_at(&proxy.url(), operation.args, "");
        assert_eq!(run.code, 0, "{name}: {}", run.stderr);
        assert_eq!(ground.is_done(operation), Ok(true));
    }
}

/// Has the server report commits before they are on its disk, from now on.
fn relax(admin: &mut Client) {
    let sql = "ALTER SYSTEM SET synchronous_commit = off";
    admin.batch_execute(sql).unwrap();
    admin.batch_execute("SELECT pg_reload_conf()").unwrap();
    let shown = |admin: &mut Client| -> String {
        let row = admin.query_one("SHOW synchronous_commit", &[]);
        row.unwrap().get(0)
    };
    while shown(admin) != "off" {
        thread::sleep(Duration::from_millis(5));
    }
}

/// A server that waits for its disk, for now.
fn strict() -> Option<Server> {
    let settings = KEEPING.map(|(name, value)| match name {
        "synchronous_commit" => (name, "on"),
        _ => (name, value),
    });
    Server::start(&settings)
}

#[test]
fn what_is_acknowledged_survives_whatever_becomes_of_the_settings() {
    let Some(mut server) = strict() else {
        return;
    };
    let url = server.url("postgres", "postgres");
    let mut registry = create(&url);
    let mut writer = Writer::embedding(&url, "writer");
    let mut admin = server.connect("postgres");
    let mut token = String::new();
    // In the middle of a change, and then before one.
    let issued = registry.issue(&issue_request("web"), Timestamp::now(), |_, new| {
        new.expose().clone_into(&mut token);
        relax(&mut admin);
        Ok(())
    });
    issued.unwrap();
    server.kill();
    server.go_on();
    let verifier = Verifier::open(&location(&url), Workspace::default()).unwrap();
    let answer = verifier.verify(&token, &need("web"), Timestamp::now());
    assert_eq!(answer.unwrap().verdict, Verdict::Valid);
    for _ in 0..3 {
        assert!(writer.write(), "{:?}", writer.turned_away);
    }
    server.kill();
    server.go_on();
    assert_eq!(writer.losses(&url, &[]), Vec::<String>::new());
}

//! A replica: what it shows is old, so nobody is sent there who did not ask for it.
//!
//! How far it lags is not left to a clock: it stands still until it is told to go on.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use ::postgres::Client;
use keyctl::domain::ConnectionFault;
use keyctl::{Location, StoreFault, Timestamp, Verifier, Workspace};

use super::place::{start, there};
use super::postgres::Server;
use super::roles::error;
use super::{OWNER, Run, Sandbox, issue, json, need, until};

struct Pair {
    primary: Server,
    replica: Server,
}

impl Pair {
    fn start() -> Option<Pair> {
        let primary = start(&[])?;
        let replica = primary.replica();
        Some(Pair { primary, replica })
    }
}

/// Never dropped; their keepers end them with the process.
static PAIR: LazyLock<Option<Pair>> = LazyLock::new(Pair::start);
/// While one test has the replica stand still, no other can wait for it.
static TURN: Mutex<()> = Mutex::new(());

/// A store on the primary that the replica has too, and a key's token.
struct Store<'a> {
    pair: &'a Pair,
    place: Sandbox<'a>,
    token: String,
    _turn: Option<MutexGuard<'static, ()>>,
}

impl Store<'static> {
    fn new() -> Store<'static> {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut store = Store::on(there(PAIR.as_ref()));
        store._turn = Some(turn);
        store
    }
}

impl<'a> Store<'a> {
    fn on(pair: &'a Pair) -> Store<'a> {
        let place = Sandbox::on(&pair.primary);
        let (_, token) = issue(&place, &["--dataset", "ds_1", "--name", "ci"]);
        let store = Store {
            pair,
            place,
            token,
            _turn: None,
        };
        store.catch_up();
        store
    }

    fn replica(&self) -> String {
        self.pair.replica.url(OWNER, self.place.name())
    }

    fn primary(&self) -> String {
        self.place.url(OWNER)
    }

    /// A URL that names both, in this order.
    fn both(first: &str, second: &str) -> String {
        let host = |url: &str| {
            let (_, behind) = url.split_once('@').unwrap();
            behind.split_once('/').unwrap().0.to_owned()
        };
        first.replacen(
            &host(first),
            &format!("{},{}", host(first), host(second)),
            1,
        )
    }

    fn on_replica(&self, sql: &str) -> bool {
        let mut client = self.pair.replica.connect("postgres");
        client.query_one(sql, &[]).unwrap().get(0)
    }

    /// Waits until the replica shows all that was written so far.
    fn catch_up(&self) {
        let mut primary = self.pair.primary.connect("postgres");
        let sql = "SELECT pg_current_wal_lsn()::text";
        let end: String = primary.query_one(sql, &[]).unwrap().get(0);
        until("the replica has followed", || {
            self.on_replica(&format!(
                "SELECT pg_last_wal_replay_lsn() >= '{end}'::pg_lsn"
            ))
        });
    }

    /// Keeps the replica at what it shows now, until that is dropped.
    fn hold(&self) -> Hold {
        let mut client = self.pair.replica.connect("postgres");
        client
            .batch_execute("SELECT pg_wal_replay_pause()")
            .unwrap();
        until("the replica stands still", || {
            self.on_replica("SELECT pg_get_wal_replay_pause_state() = 'paused'")
        });
        Hold(client)
    }

    fn verify(&self, url: &str, args: &[&str]) -> Run {
        let args = [&["verify", "-d", "ds_1", "--json"], args].concat();
        self.place.run_at(url, &args, &self.token)
    }

    #[track_caller]
    fn verdict(&self, url: &str, args: &[&str]) -> String {
        let document = json(&self.verify(url, args));
        document["verdict"].as_str().unwrap().to_owned()
    }
}

struct Hold(Client);

impl Drop for Hold {
    fn drop(&mut self) {
        let _ = self.0.batch_execute("SELECT pg_wal_replay_resume()");
    }
}

#[test]
fn a_replica_alone_is_refused_unless_it_is_asked_for() {
    let store = Store::new();
    let replica = store.replica();
    for args in [
        &["verify", "-d", "ds_1", "--json"] as &[_],
        &["list", "--json"],
        &["show", "ci", "--json"],
        &["create", "--app", "web", "--json"],
        &["create", "--app", "web", "--dry-run", "--json"],
        &["revoke", "ci", "--json"],
        &["audit", "verify", "--json"],
        &["export", "-o", "jsonl"],
        &["store", "check", "--json"],
        &["store", "init", "--json"],
    ] {
        let run = store.place.run_at(&replica, args, &store.token);
        let error = error(&run.expect_code(7));
        assert_eq!(error["code"], "store_replica", "{args:?}");
    }
    assert_eq!(store.verdict(&replica, &["--allow-replica"]), "valid");
}

#[test]
fn a_server_that_is_set_to_read_only_is_none_to_ask_either() {
    let store = Store::new();
    let (name, primary) = (store.place.name(), store.primary());
    let set = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    store.place.alter(&set);
    let run = store.verify(&primary, &[]).expect_code(7);
    assert_eq!(error(&run)["code"], "store_replica");
    assert_eq!(store.verdict(&primary, &["--allow-replica"]), "valid");
}

#[test]
fn a_revocation_holds_at_once_wherever_in_the_url_the_replica_stands() {
    let store = Store::new();
    let (primary, replica) = (store.primary(), store.replica());
    let both = Store::both(&replica, &primary);
    let _hold = store.hold();
    store
        .place
        .run_at(&both, &["revoke", "ci"], "")
        .expect_code(0);
    for url in [&both, &Store::both(&primary, &replica), &primary] {
        assert_eq!(store.verdict(url, &[]), "revoked", "{url}");
    }
    for url in [&both, &replica] {
        assert_eq!(store.verdict(url, &["--allow-replica"]), "valid", "{url}");
    }
}

#[test]
fn a_replica_that_is_allowed_hears_of_a_revocation_in_the_end() {
    let store = Store::new();
    let replica = store.replica();
    let hold = store.hold();
    store.place.run(&["revoke", "ci"], "").expect_code(0);
    assert_eq!(store.verdict(&replica, &["--allow-replica"]), "valid");
    drop(hold);
    until("the replica has heard of it", || {
        store.verdict(&replica, &["--allow-replica"]) == "revoked"
    });
}

#[test]
fn what_is_written_goes_to_the_primary_wherever_it_stands() {
    let store = Store::new();
    let both = Store::both(&store.replica(), &store.primary());
    let _hold = store.hold();
    for args in [
        &["store", "init"] as &[_],
        &["create", "--app", "web", "--name", "new"],
        &["disable", "new"],
        &["policy", "set", "max-keys-per-target", "20"],
        &["verify", "-d", "ds_1"],
        &["audit", "verify"],
    ] {
        let run = store.place.run_at(&both, args, &store.token);
        run.expect_code(0);
    }
    let shown = store.place.run(&["show", "ci", "--json"], "");
    assert!(json(&shown)["key"]["last_used_at"].is_string());
    let shown = store.place.run(&["show", "new", "--json"], "");
    assert_eq!(json(&shown)["key"]["status"], "disabled");
}

#[test]
fn a_use_that_a_replica_sees_is_left_out_without_a_word() {
    let store = Store::new();
    let run = store.verify(&store.replica(), &["--allow-replica"]);
    assert_eq!(run.expect_code(0).stderr, "");
    let shown = store.place.run(&["show", "ci", "--json"], "");
    assert!(json(&shown)["key"]["last_used_at"].is_null());
}

#[test]
fn an_outdated_store_is_not_brought_up_to_date_on_a_replica() {
    let store = Store::new();
    store.place.alter("UPDATE keyctl.version SET version = 1");
    store.catch_up();
    let run = store.verify(&store.replica(), &["--allow-replica"]);
    assert_eq!(error(&run.expect_code(7))["code"], "store_outdated");
}

#[test]
fn a_verifier_asks_a_replica_only_if_it_was_opened_for_one() {
    let store = Store::new();
    let location: Location = store.replica().parse().unwrap();
    let refused = Verifier::open(&location, Workspace::default())
        .err()
        .unwrap();
    let fault = refused.fault();
    assert!(
        matches!(
            fault,
            StoreFault::Connection(ConnectionFault::Replica { .. })
        ),
        "{fault:?}"
    );
    let verifier = Verifier::open_replica(&location, Workspace::default()).unwrap();
    let verdict = || {
        let answer = verifier.verify(&store.token, &need("ds_1"), Timestamp::now());
        answer.unwrap().verdict.as_str()
    };
    let hold = store.hold();
    store.place.run(&["revoke", "ci"], "").expect_code(0);
    assert_eq!(verdict(), "valid");
    drop(hold);
    until("the replica has heard of it", || verdict() == "revoked");
}

#[test]
fn a_verifier_follows_to_the_replica_that_is_made_the_primary() {
    let mut pair = there(Pair::start());
    let (url, token) = {
        let store = Store::on(&pair);
        let url = Store::both(&store.primary(), &store.replica());
        let token = store.token.clone();
        // The database is to outlive its place.
        store.place.keep();
        (url, token)
    };
    let location: Location = url.parse().unwrap();
    let verifier = Verifier::open(&location, Workspace::default()).unwrap();
    let verify = || verifier.verify(&token, &need("ds_1"), Timestamp::now());
    assert_eq!(verify().unwrap().verdict.as_str(), "valid");
    pair.primary.kill();
    // The replica alone is not good enough.
    assert!(verify().is_err());
    let mut replica = pair.replica.connect("postgres");
    replica.batch_execute("SELECT pg_promote()").unwrap();
    assert_eq!(verify().unwrap().verdict.as_str(), "valid");
}

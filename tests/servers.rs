//! The servers that other tests rest on: they start, stop, break and follow as
//! told, and leave nothing.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[path = "support/database.rs"]
mod database;
#[path = "support/postgres.rs"]
mod postgres;

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ::postgres::{Client, NoTls};
use database::Database;
use postgres::Server;

fn one_text(client: &mut Client, sql: &str) -> String {
    client.query_one(sql, &[]).unwrap().get(0)
}

/// Waits for what comes by itself, and not for ever.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn each_database_is_empty_and_its_owner_is_an_ordinary_role() {
    for _ in 0..2 {
        let Some(database) = Database::new() else {
            return;
        };
        let mut owner = Client::connect(&database.url(), NoTls).unwrap();
        owner
            .batch_execute("CREATE SCHEMA keyctl; CREATE TABLE keyctl.t (x text)")
            .unwrap();
        assert_eq!(one_text(&mut owner, "SHOW is_superuser"), "off");
        assert_eq!(one_text(&mut owner, "SHOW server_encoding"), "UTF8");
        // A language's order, in which capital letters come after small ones.
        let order = "SELECT min(x) FROM (VALUES ('a'), ('B')) AS texts (x)";
        assert_eq!(one_text(&mut owner, order), "a");
        assert_eq!(one_text(&mut database.connect(), "SHOW is_superuser"), "on");
    }
}

#[test]
fn a_server_goes_on_after_a_stop_and_a_kill() {
    let Some(mut server) = Server::start(&[("work_mem", "1234kB")]) else {
        return;
    };
    let mut client = server.connect("postgres");
    client.batch_execute("CREATE TABLE t (x text)").unwrap();
    assert_eq!(one_text(&mut client, "SHOW work_mem"), "1234kB");
    server.stop();
    assert!(client.simple_query("SELECT 1").is_err());
    server.set("work_mem", "2345kB");
    server.go_on();
    let mut client = server.connect("postgres");
    assert_eq!(one_text(&mut client, "SHOW work_mem"), "2345kB");
    client
        .batch_execute("INSERT INTO t VALUES ('it''s kept')")
        .unwrap();
    server.kill();
    assert!(client.simple_query("SELECT 1").is_err());
    server.go_on();
    let mut client = server.connect("postgres");
    assert_eq!(one_text(&mut client, "SELECT x FROM t"), "it's kept");
}

#[test]
fn a_replica_follows_and_cannot_be_written() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let replica = server.replica();
    assert_ne!(server.folder(), replica.folder());
    let mut primary = server.connect("postgres");
    primary.batch_execute("CREATE TABLE t ()").unwrap();
    let mut client = replica.connect("postgres");
    until("the replica has the table", || {
        client.simple_query("SELECT FROM t").is_ok()
    });
    assert!(client.simple_query("INSERT INTO t DEFAULT VALUES").is_err());
}

#[test]
fn a_server_has_a_port_where_it_is_told_one() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let settings = [("listen_addresses", "127.0.0.1"), ("port", port.as_str())];
    let Some(server) = Server::start(&settings) else {
        return;
    };
    assert_eq!(server.port().to_string(), port);
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    assert!(Client::connect(&url, NoTls).is_ok());
    server.connect("postgres");
    assert!(server.log().contains("ready to accept connections"));
}

const PLAYED: &str = "KEYCTL_TEST_PLAYS_A_PROCESS";

/// Played by another process of this program, which is killed.
#[test]
#[expect(clippy::print_stdout, reason = "the other process reads it")]
fn a_process_with_a_server() {
    if env::var_os(PLAYED).is_none() {
        return;
    }
    let server = Server::start(&[]);
    println!("\nfolder: {}", server.unwrap().folder().display());
    thread::sleep(Duration::from_secs(60));
}

#[test]
fn a_server_ends_with_a_process_that_is_killed() {
    if Server::start(&[]).is_none() {
        return;
    }
    let mut process = Command::new(env::current_exe().unwrap())
        .args(["a_process_with_a_server", "--exact", "--nocapture"])
        .env(PLAYED, "yes")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let folder = lines
        .map(Result::unwrap)
        .find_map(|line| line.strip_prefix("folder: ").map(str::to_owned))
        .unwrap();
    assert!(Path::new(&folder).join("data/postmaster.pid").exists());
    process.kill().unwrap();
    process.wait().unwrap();
    until("the folder is gone", || !Path::new(&folder).exists());
}

//! Servers that are there, that are not, and several of them.

use std::io::Write;
use std::net::TcpListener;
use std::thread;

use crate::place::{Client, PASSWORD, Place, server};
use crate::postgres::Server;

/// A port of this machine where nobody listens.
fn dead_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Takes connections, and never says a word.
fn silent() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[test]
fn why_a_server_is_not_reached_is_said() {
    let (_listener, silent) = silent();
    let client = Client::new().with("PGCONNECT_TIMEOUT", "1");
    let dead = dead_port();
    let cases = [
        (
            format!("postgres://ann@127.0.0.1:{dead}/"),
            "server_unreachable",
            "connection refused",
        ),
        (
            format!("postgres://ann@localhost:{dead}/"),
            "server_unreachable",
            "connection refused",
        ),
        (
            format!("postgres://ann@127.0.0.1:{silent}/"),
            "server_timeout",
            "no answer in time",
        ),
        (
            // Too long a name to ask anybody about.
            format!("postgres://ann@{}.invalid/", "x".repeat(64)),
            "host_unknown",
            "no such host",
        ),
        (
            "postgres://ann@/?host=/nonexistent".to_owned(),
            "server_unreachable",
            "no such socket",
        ),
    ];
    for (url, code, words) in cases {
        assert_eq!(client.outcome(&url), code, "{url}");
        let run = client.run(&url, &["list"]).expect_code(7);
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
}

#[test]
fn the_first_server_that_can_be_reached_is_taken() {
    let Some(place) = Place::shared() else {
        return;
    };
    let client = Client::new().with("PGCONNECT_TIMEOUT", "1");
    let (_listener, silent) = silent();
    let (dead, port) = (dead_port(), place.server.port());
    for (role, servers, expected) in [
        ("free", format!("localhost:{dead},localhost:{port}"), "ok"),
        ("free", format!("localhost:{silent},localhost:{port}"), "ok"),
        ("free", format!("%2Fnonexistent,localhost:{port}"), "ok"),
        (
            "free",
            format!("localhost:{dead},localhost:{silent}"),
            "server_unreachable",
        ),
        (
            "free",
            format!("localhost:{silent},localhost:{dead}"),
            "server_timeout",
        ),
        // Whoever refuses is one of them.
        (
            "nobody",
            format!("localhost:{port},localhost:{dead}"),
            "role_unknown",
        ),
        (
            "scram",
            format!("localhost:{port},localhost:{port}"),
            "password_missing",
        ),
    ] {
        let url = format!("postgres://{role}@{servers}/keys");
        assert_eq!(client.outcome(&url), expected, "{servers}");
    }
}

#[test]
fn a_server_is_found_by_its_socket_however_that_is_said() {
    let Some(place) = Place::shared() else {
        return;
    };
    let folder = place.server.folder().display().to_string();
    let (encoded, port) = (folder.replace('/', "%2F"), place.server.port().to_string());
    let plain = Client::new();
    for url in [
        format!("postgres://free@{encoded}:{port}/keys"),
        format!("postgresql://free@/keys?host={folder}&port={port}"),
        // TLS means nothing on a socket.
        format!("postgres:///keys?user=free&host={folder}&port={port}&sslmode=verify-full"),
    ] {
        assert_eq!(plain.outcome(&url), "ok", "{url}");
    }
    let set = Client::new()
        .with("PGHOST", &folder)
        .with("PGPORT", &port)
        .with("PGUSER", "free")
        .with("PGDATABASE", "keys");
    assert_eq!(set.outcome("postgres://"), "ok");
    assert_eq!(
        set.outcome("postgres:///no-such-database"),
        "database_unknown"
    );
}

#[test]
fn who_is_not_let_in_is_told_why() {
    let Some(place) = Place::shared() else {
        return;
    };
    let client = Client::new().with("PGPASSWORD", PASSWORD);
    for (role, expected) in [
        ("free", "ok"),
        ("nobody", "role_unknown"),
        ("barred", "role_unknown"),
        ("outsider", "login_refused"),
    ] {
        assert_eq!(
            client.outcome(&place.url(role, "localhost", "")),
            expected,
            "{role}"
        );
    }
    let other = place
        .url("free", "localhost", "")
        .replace("/keys?", "/no-such-database?");
    assert_eq!(client.outcome(&other), "database_unknown");
}

#[test]
fn a_server_without_a_connection_left_and_one_without_a_right_say_so() {
    let Some(mut server) = server() else {
        return;
    };
    for (name, value) in [
        ("max_connections", "10"),
        ("superuser_reserved_connections", "3"),
    ] {
        server.set(name, value);
    }
    server.stop();
    server.go_on();
    let mut admin = server.connect("postgres");
    for statement in [
        "CREATE ROLE ann LOGIN",
        "CREATE DATABASE keys OWNER ann",
        "CREATE DATABASE closed",
        "REVOKE CONNECT ON DATABASE closed FROM public",
    ] {
        admin.batch_execute(statement).unwrap();
    }
    let (client, port) = (Client::new(), server.port());
    let url = |database: &str| format!("postgres://ann@localhost:{port}/{database}");
    assert_eq!(client.outcome(&url("closed")), "store_no_right");
    assert_eq!(client.outcome(&url("keys")), "store_missing");
    // As many as are left when those that ended a moment ago are counted or not.
    let others: Vec<_> = (0..6).map(|_| server.connect("postgres")).collect();
    assert_eq!(client.outcome(&url("keys")), "server_full");
    drop(others);
}

#[test]
fn a_replica_is_passed_over_where_something_is_to_be_written() {
    let Some(primary) = Server::start(&[]) else {
        return;
    };
    let client = Client::new();
    let create = ["create", "--app", "web", "--json"];
    let own = primary.url("postgres", "postgres");
    assert_eq!(client.outcome_of(&own, &create), "ok");
    let replica = primary.replica();
    let folder = |server: &Server| server.folder().display().to_string().replace('/', "%2F");
    let (first, second) = (folder(&replica), folder(&primary));
    let both = format!("postgres://postgres@{first},{second}/postgres");
    let replica_alone = format!("postgres://postgres@{first}/postgres");
    let without_primary = format!("postgres://postgres@{first},%2Fnonexistent/postgres");
    assert_eq!(client.outcome_of(&both, &create), "ok");
    assert_eq!(client.outcome_of(&replica_alone, &create), "store_replica");
    assert_eq!(
        client.outcome_of(&without_primary, &create),
        "server_unreachable"
    );
}

#[test]
fn a_server_of_another_kind_is_told_apart_from_a_broken_store() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            // An answer to what it did not understand.
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let url = format!("postgres://ann:hush@localhost:{port}/keys");
    let code = Client::new().outcome(&url);
    assert!(
        ["store_failed", "connection_lost"].contains(&code.as_str()),
        "{code}"
    );
}

#[test]
fn a_limit_of_open_files_is_told_and_never_a_defect() {
    let Some(place) = Place::shared() else {
        return;
    };
    let (client, url) = (Client::new(), place.url("free", "localhost", ""));
    let program = env!("CARGO_BIN_EXE_keyctl");
    let mut told = 0;
    for limit in 4..16 {
        let script = format!("ulimit -n {limit} && exec {program} list");
        let run = client.run_by("sh", &url, &["-c", &script]);
        assert!(!run.stderr.contains("defect"), "{limit}: {}", run.stderr);
        told += usize::from(run.code == 7 && run.stderr.contains("too many open files"));
    }
    assert!(told > 3, "{told} of them were told");
}

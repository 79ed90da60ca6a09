//! Where passwords come from, and that they go nowhere else.

use keyctl::{Location, Registry};

use crate::place::{Client, IN_FILE, IN_URL, PASSWORD, Place, holds_password};

/// On this machine, so that no certificate matters.
fn url(place: &Place, role: &str) -> String {
    place.url(role, "localhost", "")
}

#[test]
fn a_password_is_taken_from_the_url_the_variable_and_the_file_in_this_order() {
    let Some(place) = Place::shared() else {
        return;
    };
    let line = format!("localhost:{}:keys:*:{IN_FILE}\n", place.server.port());
    for role in ["scram", "md5"] {
        let url = url(place, role);
        let with_password = url.replacen('@', &format!(":{IN_URL}@"), 1);
        let with_wrong = url.replacen('@', ":wrong-hush@", 1);
        let with_parameter = format!("{url}&password={IN_URL}");
        let cases = [
            (Client::new(), &with_password, "ok"),
            (Client::new(), &with_parameter, "ok"),
            (Client::new(), &with_wrong, "password_wrong"),
            (Client::new(), &url, "password_missing"),
            (
                Client::new().with("PGPASSWORD", ""),
                &url,
                "password_missing",
            ),
            (Client::new().with("PGPASSWORD", PASSWORD), &url, "ok"),
            (
                Client::new().with("PGPASSWORD", "wrong-hush"),
                &url,
                "password_wrong",
            ),
            (
                Client::new().with("PGPASSWORD", "wrong-hush"),
                &with_password,
                "ok",
            ),
            (
                Client::new().with("PGPASSWORD", PASSWORD),
                &with_wrong,
                "password_wrong",
            ),
            (Client::new().with_file(".pgpass", &line, 0o600), &url, "ok"),
            (
                Client::new()
                    .with_file(".pgpass", &line, 0o600)
                    .with("PGPASSWORD", "wrong-hush"),
                &url,
                "password_wrong",
            ),
            (
                Client::new()
                    .with_file("other", &line, 0o600)
                    .with("PGPASSFILE", "other"),
                &url,
                "ok",
            ),
            (
                Client::new()
                    .with_file(".pgpass", &line, 0o600)
                    .with("PGPASSFILE", "/dev/null"),
                &url,
                "password_missing",
            ),
        ];
        for (number, (client, url, expected)) in cases.into_iter().enumerate() {
            assert_eq!(client.outcome(url), expected, "{role} {number}");
        }
    }
}

#[test]
fn a_password_file_that_is_not_used_is_named_with_what_to_do() {
    let Some(place) = Place::shared() else {
        return;
    };
    let url = url(place, "scram");
    let line = format!("*:*:*:*:{IN_FILE}\n");
    let cases = [
        (
            Client::new().with_file(".pgpass", &line, 0o640),
            "others may read it",
        ),
        (
            Client::new().with_file(".pgpass", &line, 0o604),
            "chmod 600 ",
        ),
        (
            Client::new().with_file(".pgpass/x", &line, 0o600),
            "no regular file",
        ),
        (
            Client::new().with_file(".pgpass", "*:*:*:bob:hush\n", 0o600),
            "no line of ",
        ),
        (
            Client::new().with("PGPASSFILE", "/nonexistent"),
            "there is no file \"/nonexistent\"",
        ),
        (Client::new(), "with mode 600"),
    ];
    for (client, expected) in cases {
        let run = client.run(&url, &["list"]).expect_code(7);
        assert!(
            run.stderr
                .contains("asks for the password of role \"scram\""),
            "{expected}"
        );
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
    }
    let named = format!("{url}&passfile=named");
    let client = Client::new().with_file("named", &line, 0o600);
    assert_eq!(client.outcome(&named), "ok");
}

#[test]
fn a_password_in_an_argument_is_refused_and_not_repeated() {
    let at = "nobody-is-here.invalid";
    for url in [
        format!("postgres://ann:{IN_URL}@{at}/keys"),
        format!("postgres://ann:hush@hush@{at}/keys"),
        format!("postgres://{at}/keys?password={IN_URL}"),
        format!("postgres://{at}/keys?p%61ssword={IN_URL}&hush=hush"),
    ] {
        let joined = format!("--store={url}");
        for args in [
            vec!["--store", &url, "list"],
            vec!["list", &joined, "--json"],
        ] {
            let run = Client::new().run("unused.db", &args).expect_code(2);
            assert!(
                run.stderr.contains("has a password in it"),
                "{}",
                run.stderr
            );
        }
    }
}

#[test]
fn no_error_and_no_location_shows_a_password() {
    let Some(place) = Place::shared() else {
        return;
    };
    let right = url(place, "scram").replacen('@', &format!(":{IN_URL}@"), 1);
    let port = format!(":{}/", place.server.port());
    for url in [
        right.replace("/keys?", "/no-such-database?"),
        right.replace("/keys?", "/postgres?"),
        right.replace("hush@", "hush-hush@"),
        right.replace("scram:", "nobody:"),
        right.replace("scram:", "outsider:"),
        right
            .replace("localhost", &"x".repeat(64))
            .replace("hostaddr", "passfile"),
        right.replace(&port, ":1/"),
        right.replace(&port, ":hush/"),
        format!("{right}&sslmode=verify-full&sslrootcert=/dev/null"),
        format!("{right}&sslmode=hush"),
        format!("{right}&hush=hush"),
        format!("{right}&password=hush"),
        "postgres://ann:hush%".to_owned(),
    ] {
        let location: Location = url.parse().unwrap();
        let error = match Registry::open(&location, "tester".parse().unwrap()) {
            Ok(_) => panic!("it was opened"),
            Err(error) => error,
        };
        let mut texts = format!("{location} {location:?} {error} {error:?}");
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = cause {
            texts.push_str(&format!(" {error} {error:?}"));
            cause = error.source();
        }
        assert!(
            !holds_password(&texts),
            "a password is shown by the error with {error}"
        );
        Client::new().outcome(&url);
    }
}

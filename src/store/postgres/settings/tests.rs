use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::super::endpoint::Host;
use super::super::tls::Roots;
use super::*;

/// Variables that are set.
type Variables<'a> = &'a [(&'a str, &'a str)];

fn settings(url: &str, variables: Variables<'_>) -> Result<Settings, StoreError> {
    Settings::new(url, &|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        match (found, name) {
            (Some((_, value)), _) => Some(OsString::from(value)),
            (None, "HOME") => Some(OsString::from("/nonexistent")),
            _ => None,
        }
    })
}

fn shown(url: &str, variables: Variables<'_>) -> String {
    match settings(url, variables) {
        Ok(settings) => settings.shown(),
        Err(error) => error.to_string(),
    }
}

fn socket() -> String {
    let settings = settings("postgres://", &[]).unwrap();
    settings.servers[0].parts().0
}

#[test]
fn what_the_url_does_not_say_comes_from_the_variables() {
    let all = &[
        ("PGHOST", "db"),
        ("PGPORT", "5433"),
        ("PGUSER", "ann"),
        ("PGDATABASE", "keys"),
    ];
    let cases: [(&str, Variables<'_>, &str); 15] = [
        ("postgres://", all, "postgres://ann@db:5433/keys"),
        ("postgres://a/x", all, "postgres://ann@a:5433/x"),
        ("postgres://bob@:5432", all, "postgres://bob@db/keys"),
        ("postgres:///?user=bob", all, "postgres://bob@db:5433/keys"),
        ("postgres://bob@db", &[], "postgres://bob@db/bob"),
        (
            "postgres://bob@db",
            &[("PGDATABASE", "")],
            "postgres://bob@db/bob",
        ),
        ("postgres://bob@db/x", &[("PGPORT", "5433,")], "the PGPORT"),
        (
            "postgres://bob@a,b/x",
            &[("PGPORT", "5433,")],
            "postgres://bob@a:5433,b/x",
        ),
        (
            "postgres://bob@a,b/x",
            &[("PGPORT", "5433")],
            "postgres://bob@a:5433,b:5433/x",
        ),
        (
            "postgres://bob@/x",
            &[("PGHOST", "a,b")],
            "postgres://bob@a,b/x",
        ),
        (
            "postgres://bob@/x",
            &[("PGHOST", "/run/pg")],
            "postgres://bob@/x?host=/run/pg",
        ),
        (
            "postgres://bob@/x?hostaddr=::1",
            &[],
            "postgres://bob@[::1]/x",
        ),
        (
            "postgres://bob@db/x?hostaddr=::1",
            &[],
            "postgres://bob@db/x",
        ),
        (
            "postgres://bob@a,b/x?hostaddr=::1",
            &[],
            "one hostaddr for each host",
        ),
        (
            "postgres://bob@/x?hostaddr=::1,::2",
            &[],
            "postgres://bob@[::1],[::2]/x",
        ),
    ];
    for (url, variables, expected) in cases {
        let shown = shown(url, variables);
        let is_expected = shown == expected || shown.contains(expected.trim_start_matches("the "));
        assert!(is_expected, "{url}: {shown}");
    }
}

#[test]
fn what_would_lead_others_elsewhere_is_refused_where_no_server_is_named() {
    for name in ["PGSERVICE", "PGHOSTADDR"] {
        let refusal =
            format!("keyctl does not know {name}: unset it, or name the server in the URL");
        let cases: [(&str, &str, bool); 4] = [
            ("postgres:///keys", "other", true),
            ("postgres:///keys", "", false),
            ("postgres://db/keys", "other", false),
            ("postgres:///keys?host=db", "other", false),
        ];
        for (url, value, is_refused) in cases {
            let said = shown(url, &[(name, value)]);
            assert_eq!(said == refusal, is_refused, "{url} {name}={value}: {said}");
        }
    }
}

#[test]
fn without_anything_said_it_is_the_users_own_database_on_this_machine() {
    let name = User::from_uid(geteuid()).unwrap().unwrap().name;
    let settings = settings("postgres://", &[]).unwrap();
    assert_eq!((&settings.role, &settings.database), (&name, &name));
    assert!(
        matches!(&settings.servers[..], [Endpoint { host: Host::Socket(folder), port: 5432 }]
        if folder == Path::new("/var/run/postgresql") || folder == Path::new("/tmp"))
    );
    assert_eq!(settings.timeout, Some(Duration::from_secs(10)));
    assert_eq!(settings.config.get_application_name(), Some("keyctl"));
    assert_eq!(settings.demand, Demand::TlsIfOffered);
    let file = settings.password_file.unwrap();
    assert_eq!(
        (file.path, file.is_named),
        (PathBuf::from("/nonexistent/.pgpass"), false)
    );
}

#[test]
fn a_server_elsewhere_must_prove_its_name_unless_the_mode_is_said() {
    let full = || Demand::Name(Roots::System);
    let cases: [(&str, Variables<'_>, Demand); 18] = [
        ("postgres://db", &[], full()),
        ("postgres://10.0.0.1", &[], full()),
        ("postgres://[fe80::1]", &[], full()),
        ("postgres://localhost.example.com", &[], full()),
        ("postgres://localhost,db", &[], full()),
        ("postgres:///?host=/run/pg,db", &[], full()),
        ("postgres://localhost?hostaddr=10.0.0.1", &[], full()),
        ("postgres://db?hostaddr=127.0.0.1", &[], full()),
        ("postgres://", &[("PGHOST", "db")], full()),
        ("postgres://db", &[("PGSSLMODE", "")], full()),
        ("postgres://db", &[("PGSSLMODE", "require")], Demand::Tls),
        (
            "postgres://db?sslmode=disable",
            &[("PGSSLMODE", "require")],
            Demand::Nothing,
        ),
        ("postgres://localhost", &[], Demand::TlsIfOffered),
        (
            "postgres://LOCALHOST,127.9.9.9,[::1]",
            &[],
            Demand::TlsIfOffered,
        ),
        ("postgres://[::ffff:127.0.0.1]", &[], Demand::TlsIfOffered),
        ("postgres:///?hostaddr=127.0.0.1", &[], Demand::TlsIfOffered),
        (
            "postgres://localhost",
            &[("PGSSLROOTCERT", "system")],
            full(),
        ),
        (
            "postgres://localhost?sslmode=verify-ca",
            &[("PGSSLROOTCERT", "/ca.crt")],
            Demand::Certificate(Roots::File(PathBuf::from("/ca.crt"))),
        ),
    ];
    for (url, variables, expected) in cases {
        let settings = settings(url, variables).unwrap();
        assert_eq!(settings.demand, expected, "{url} {variables:?}");
    }
}

#[test]
fn every_other_parameter_arrives() {
    let settings = settings(
        "postgres://db/?application_name=a%20b&options=-c%20x%3D1&channel_binding=require\
         &connect_timeout=3&keepalives=0&keepalives_idle=4&keepalives_interval=5\
         &keepalives_count=6&tcp_user_timeout=7000&target_session_attrs=read-write&passfile=/p",
        &[
            ("PGAPPNAME", "no"),
            ("PGPASSFILE", "no"),
            ("PGCONNECT_TIMEOUT", "no"),
        ],
    )
    .unwrap();
    let config = &settings.config;
    assert_eq!(config.get_application_name(), Some("a b"));
    assert_eq!(config.get_options(), Some("-c x=1"));
    assert_eq!(config.get_channel_binding(), ChannelBinding::Require);
    assert_eq!(settings.timeout, Some(Duration::from_secs(3)));
    assert!(!config.get_keepalives());
    assert_eq!(config.get_keepalives_idle(), Duration::from_secs(4));
    assert_eq!(
        config.get_keepalives_interval(),
        Some(Duration::from_secs(5))
    );
    assert_eq!(config.get_keepalives_retries(), Some(6));
    assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(7)));
    let file = settings.password_file.unwrap();
    assert_eq!((file.path, file.is_named), (PathBuf::from("/p"), true));
}

#[test]
fn no_timeout_waits_until_the_deadline() {
    for (value, expected) in [
        ("0", None),
        ("-1", None),
        (" 5 ", Some(Duration::from_secs(5))),
    ] {
        let settings = settings("postgres://db", &[("PGCONNECT_TIMEOUT", value)]).unwrap();
        assert_eq!(settings.timeout, expected, "{value}");
    }
}

#[test]
fn the_password_of_the_url_comes_before_that_of_the_variable() {
    let cases: [(&str, Variables<'_>, Option<&str>); 5] = [
        ("postgres://ann@db", &[], None),
        ("postgres://ann@db", &[("PGPASSWORD", "")], None),
        ("postgres://ann@db", &[("PGPASSWORD", "hush")], Some("hush")),
        (
            "postgres://ann:a%3Ab@db",
            &[("PGPASSWORD", "hush")],
            Some("a:b"),
        ),
        (
            "postgres://db/?password=b",
            &[("PGPASSWORD", "hush")],
            Some("b"),
        ),
    ];
    for (url, variables, expected) in cases {
        let settings = settings(url, variables).unwrap();
        let password = settings
            .password
            .map(|password| String::from_utf8(password.to_vec()).unwrap());
        assert_eq!(password.as_deref(), expected, "{url}");
    }
}

#[test]
fn no_password_is_shown() {
    let settings = settings(
        "postgres://ann:hush@db/keys?password=hush",
        &[("PGPASSWORD", "hush"), ("PGPASSFILE", "hush")],
    )
    .unwrap();
    assert_eq!(format!("{settings:?}"), "Settings(postgres://ann@db/keys)");
    assert!(!format!("{:?}", settings.config).contains("hush"));
    assert!(socket().starts_with('/'));
}

#[test]
fn what_cannot_be_is_said_without_repeating_it() {
    let cases: [(&str, Variables<'_>, &str); 14] = [
        (
            "postgres://ann:secret@db:x",
            &[],
            "the store's URL has a port",
        ),
        (
            "postgres://db",
            &[("PGPORT", "secret")],
            "PGPORT has a port",
        ),
        ("postgres://", &[("PGHOST", "secret!")], "PGHOST has a host"),
        (
            "postgres://",
            &[("PGHOST", "a@secret")],
            "PGHOST has a host",
        ),
        (
            "postgres://",
            &[("PGSSLMODE", "secret")],
            "sslmode is none of",
        ),
        (
            "postgres://db",
            &[("PGCONNECT_TIMEOUT", "secret")],
            "PGCONNECT_TIMEOUT has",
        ),
        (
            "postgres://db/?keepalives=secret",
            &[],
            "the store's URL has a keepalives",
        ),
        (
            "postgres://db/?keepalives_idle=secret",
            &[],
            "the store's URL has a keepalives_idle",
        ),
        (
            "postgres://db/?tcp_user_timeout=secret",
            &[],
            "tcp_user_timeout that is no whole",
        ),
        (
            "postgres://db/?hostaddr=secret",
            &[],
            "hostaddr that is no address",
        ),
        (
            "postgres://db/?channel_binding=secret",
            &[],
            "channel_binding is none of",
        ),
        (
            "postgres://db/?target_session_attrs=secret",
            &[],
            "target_session_attrs can be",
        ),
        (
            "postgres://db/?user=%ffsecret",
            &[],
            "user that is not UTF-8",
        ),
        (
            "postgres://db/?secret=1",
            &[],
            "a parameter that is none of",
        ),
    ];
    for (url, variables, expected) in cases {
        let error = settings(url, variables).unwrap_err();
        assert!(matches!(error.fault(), StoreFault::BadUrl(_)), "{url}");
        assert!(error.to_string().contains(expected), "{url}: {error}");
        assert!(!format!("{error:?}").contains("secret"), "{url}: {error:?}");
    }
}

#[test]
fn a_password_need_not_be_text_and_a_role_must_be() {
    let odd = |wanted: &'static str| {
        Settings::new("postgres://db", &move |name: &str| {
            (name == wanted).then(|| OsStr::from_bytes(b"a\xff").to_owned())
        })
    };
    assert!(odd("PGPASSWORD").is_ok());
    let error = odd("PGUSER").unwrap_err();
    assert_eq!(error.to_string(), "PGUSER has a user that is not UTF-8");
}

//! What a server must prove.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection};

use crate::certificates::{Authority, Identity, NAME, self_signed};
use crate::place::{Client, PASSWORD, Place, server};

/// Who gets in with a role, a name of the server and parameters; `FILE` is that of
/// the good authority, and `OTHER` that of somebody else.
const CASES: [(&str, &str, &str, &str); 30] = [
    // Nothing said: a server elsewhere must prove its name.
    ("free", NAME, "", "tls_untrusted"),
    ("free", NAME, "sslrootcert=FILE", "encrypted"),
    ("free", NAME, "sslrootcert=OTHER", "tls_untrusted"),
    ("free", "other.test", "sslrootcert=FILE", "tls_other_name"),
    ("plain", NAME, "sslrootcert=FILE", "login_refused"),
    ("free", "localhost", "", "encrypted"),
    ("free", "127.0.0.1", "", "encrypted"),
    ("free", "localhost", "sslrootcert=OTHER", "encrypted"),
    (
        "free",
        NAME,
        "sslmode=verify-full&sslrootcert=FILE",
        "encrypted",
    ),
    (
        "free",
        "127.0.0.1",
        "sslmode=verify-full&sslrootcert=FILE",
        "encrypted",
    ),
    (
        "free",
        "localhost",
        "sslmode=verify-full&sslrootcert=FILE",
        "tls_other_name",
    ),
    ("free", "localhost", "sslmode=verify-full", "tls_untrusted"),
    ("free", "localhost", "sslrootcert=system", "tls_untrusted"),
    (
        "free",
        "other.test",
        "sslmode=verify-ca&sslrootcert=FILE",
        "encrypted",
    ),
    (
        "free",
        NAME,
        "sslmode=verify-ca&sslrootcert=OTHER",
        "tls_untrusted",
    ),
    ("free", NAME, "sslmode=verify-ca", "bad_url"),
    ("free", NAME, "sslmode=require", "encrypted"),
    ("encrypted", NAME, "sslmode=require", "encrypted"),
    (
        "free",
        "other.test",
        "sslmode=require&sslrootcert=FILE",
        "encrypted",
    ),
    (
        "free",
        NAME,
        "sslmode=require&sslrootcert=OTHER",
        "tls_untrusted",
    ),
    (
        "free",
        NAME,
        "sslmode=require&sslrootcert=system",
        "bad_url",
    ),
    ("free", NAME, "sslmode=prefer", "encrypted"),
    ("free", NAME, "sslmode=allow", "encrypted"),
    ("plain", NAME, "sslmode=prefer", "login_refused"),
    ("free", NAME, "sslmode=disable", "plain"),
    ("plain", NAME, "sslmode=disable", "plain"),
    ("encrypted", NAME, "sslmode=disable", "login_refused"),
    (
        "free",
        NAME,
        "sslmode=verify-full&sslrootcert=/nonexistent",
        "tls_no_roots",
    ),
    (
        "free",
        NAME,
        "sslmode=require&sslrootcert=/dev/null",
        "tls_no_roots",
    ),
    ("free", NAME, "sslmode=hush", "bad_url"),
];

#[test]
fn a_mode_lets_in_whom_it_lets_in_with_libpq() {
    let Some(place) = Place::shared() else {
        return;
    };
    for (number, (role, host, parameters, expected)) in CASES.into_iter().enumerate() {
        let name = format!("mode_{number}");
        let client = client(place).with("PGAPPNAME", &name);
        let file = |name: &str| client.home().join(name).display().to_string();
        let parameters = parameters
            .replace("FILE", &file("good.crt"))
            .replace("OTHER", &file("other.crt"));
        let url = place.url(role, host, &parameters);
        let outcome = match client.outcome(&url).as_str() {
            "ok" => match place.was_encrypted(&name) {
                Some(true) => "encrypted".to_owned(),
                Some(false) => "plain".to_owned(),
                None => "not seen by the server".to_owned(),
            },
            code => code.to_owned(),
        };
        assert_eq!(outcome, expected, "{role} {host} {parameters}");
    }
}

#[test]
fn roots_are_the_users_own_else_the_systems() {
    let Some(place) = Place::shared() else {
        return;
    };
    let url = place.url("free", NAME, "");
    let good = &place.authority.certificate;
    let own = client(place).with_file(".postgresql/root.crt", good, 0o644);
    assert_eq!(own.outcome(&url), "ok");
    let other = Authority::new("other").certificate;
    let own = client(place).with_file(".postgresql/root.crt", &other, 0o644);
    assert_eq!(own.outcome(&url), "tls_untrusted");
    let by_variable = client(place).with_file("x.crt", good, 0o644);
    let file = by_variable.home().join("x.crt").display().to_string();
    let by_variable = by_variable.with("PGSSLROOTCERT", file);
    assert_eq!(by_variable.outcome(&url), "ok");
    let of_system = Client::new().with_file("system.crt", good, 0o644);
    let file = of_system.home().join("system.crt").display().to_string();
    let of_system = of_system.with("SSL_CERT_FILE", file);
    assert_eq!(of_system.outcome(&url), "ok");
    let without_any = of_system.with("SSL_CERT_FILE", "/dev/null");
    assert_eq!(without_any.outcome(&url), "tls_no_roots");
}

#[test]
fn a_server_without_tls_is_spoken_with_only_where_that_is_said_or_it_is_here() {
    let Some(server) = server() else {
        return;
    };
    let (client, port) = (Client::new(), server.port());
    let url = |host: &str, parameters: &str| {
        format!("postgres://postgres@{host}:{port}/postgres?hostaddr=127.0.0.1{parameters}")
    };
    for (host, parameters, expected) in [
        (NAME, "", "tls_refused"),
        (NAME, "&sslmode=require", "tls_refused"),
        (NAME, "&sslmode=prefer", "store_missing"),
        (NAME, "&sslmode=disable", "store_missing"),
        ("localhost", "", "store_missing"),
        ("localhost", "&sslmode=require", "tls_refused"),
    ] {
        assert_eq!(
            client.outcome(&url(host, parameters)),
            expected,
            "{host} {parameters}"
        );
    }
}

#[test]
fn certificates_of_every_kind_are_judged() {
    let Some(mut place) = Place::new() else {
        return;
    };
    let of = |identity: &Identity| identity.chain.clone();
    let good = place.authority.certificate.clone();
    let (own, own_authority) = (self_signed(false), self_signed(true));
    let edwards = Authority::of_edwards_curve();
    let authority = &place.authority;
    let cases: [(&str, Identity, String, &str, &str); 11] = [
        ("by deputy", authority.by_deputy(), good.clone(), NAME, "ok"),
        (
            "expired",
            authority.expired(),
            good.clone(),
            NAME,
            "tls_expired",
        ),
        (
            "too new",
            authority.not_yet_valid(),
            good.clone(),
            NAME,
            "tls_expired",
        ),
        (
            "common name",
            authority.with_common_name_alone(),
            good.clone(),
            NAME,
            "tls_other_name",
        ),
        (
            "edwards",
            edwards.good(),
            edwards.certificate.clone(),
            NAME,
            "ok",
        ),
        (
            "own",
            self_signed(false),
            good.clone(),
            NAME,
            "tls_untrusted",
        ),
        ("pinned", clone(&own), of(&own), NAME, "ok"),
        (
            "pinned, other name",
            clone(&own),
            of(&own),
            "other.test",
            "tls_other_name",
        ),
        (
            "pinned authority",
            clone(&own_authority),
            of(&own_authority),
            NAME,
            "ok",
        ),
        (
            "pinned authority, other name",
            clone(&own_authority),
            of(&own_authority),
            "other.test",
            "tls_other_name",
        ),
        (
            "authority",
            self_signed(true),
            of(&own_authority),
            NAME,
            "tls_untrusted",
        ),
    ];
    for (kind, identity, roots, host, expected) in cases {
        place.identify(&identity);
        let client = Client::new().with_file("root.crt", &roots, 0o644);
        let client = client
            .with("PGSSLROOTCERT", "root.crt")
            .with("PGPASSWORD", PASSWORD);
        let outcome = client.outcome(&place.url("scram", host, ""));
        assert_eq!(outcome, expected, "{kind}");
        // That a name is wrong is forgiven, and nothing else.
        let outcome = client.outcome(&place.url("scram", host, "sslmode=verify-ca"));
        let forgiving = if expected == "tls_other_name" {
            "ok"
        } else {
            expected
        };
        assert_eq!(outcome, forgiving, "{kind}");
        let outcome = client.outcome(&place.url("scram", host, "sslmode=prefer"));
        assert_eq!(outcome, "ok", "{kind}");
    }
}

#[test]
fn a_channel_can_be_bound() {
    let Some(place) = Place::shared() else {
        return;
    };
    let client = client(place).with("PGPASSWORD", PASSWORD);
    for (role, parameters, expected) in [
        ("scram", "sslmode=require&channel_binding=require", "ok"),
        ("scram", "sslmode=require&channel_binding=disable", "ok"),
        (
            "scram",
            "sslmode=disable&channel_binding=require",
            "login_refused",
        ),
        (
            "md5",
            "sslmode=require&channel_binding=require",
            "login_refused",
        ),
        (
            "free",
            "sslmode=require&channel_binding=require",
            "login_refused",
        ),
    ] {
        let outcome = client.outcome(&place.url(role, NAME, parameters));
        assert_eq!(outcome, expected, "{role} {parameters}");
    }
}

/// Shows the certificate of somebody else, whose key it does not have.
#[derive(Debug)]
struct Impostor(Arc<CertifiedKey>);

impl ResolvesServerCert for Impostor {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

#[test]
fn a_certificate_without_its_key_is_worth_nothing_in_any_mode() {
    let authority = Authority::new("authority");
    let (stolen, own) = (authority.good(), self_signed(false));
    for versions in [&[&rustls::version::TLS13], &[&rustls::version::TLS12]] {
        let chain = CertificateDer::pem_slice_iter(stolen.chain.as_bytes());
        let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap();
        let key = ring::sign::any_supported_type(&key).unwrap();
        let shown = CertifiedKey::new(chain.collect::<Result<_, _>>().unwrap(), key);
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Impostor(Arc::new(shown))));
        let config = Arc::new(config);
        for mode in ["prefer", "require", "verify-ca", "verify-full"] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let config = Arc::clone(&config);
            let server = thread::spawn(move || handshake(&listener, config));
            let client = Client::new().with_file("root.crt", &authority.certificate, 0o644);
            let client = if mode.starts_with("verify") {
                client.with("PGSSLROOTCERT", "root.crt")
            } else {
                client
            };
            let url =
                format!("postgres://ann:hush@{NAME}:{port}/?hostaddr=127.0.0.1&sslmode={mode}");
            assert_eq!(client.outcome(&url), "tls_untrusted", "{mode}");
            assert!(!server.join().unwrap(), "nothing was said to the impostor");
        }
    }
}

/// Whether a client goes so far as to say something.
fn handshake(listener: &TcpListener, config: Arc<ServerConfig>) -> bool {
    let (mut socket, _) = listener.accept().unwrap();
    let mut request = [0; 8];
    socket.read_exact(&mut request).unwrap();
    socket.write_all(b"S").unwrap();
    let mut connection = ServerConnection::new(config).unwrap();
    let mut stream = rustls::Stream::new(&mut connection, &mut socket);
    stream.read(&mut [0]).is_ok_and(|count| count > 0)
}

/// With both authorities in files, and the system's own out of the way.
fn client(place: &Place) -> Client {
    let other = Authority::new("other").certificate;
    let client = Client::new()
        .with_file("good.crt", &place.authority.certificate, 0o644)
        .with_file("other.crt", &other, 0o644);
    let system = client.home().join("other.crt").display().to_string();
    client.with("SSL_CERT_FILE", system)
}

fn clone(identity: &Identity) -> Identity {
    Identity {
        chain: identity.chain.clone(),
        key: identity.key.clone(),
    }
}

//! What is said of a server that cannot be spoken with.

use std::error::Error;
use std::io;

use keyctl::domain::{ConnectionFault, Distrust, Unreached, UnusedFile, WhyUnused};

use super::{Exit, Failure, reason};
use crate::cli::ui::{quoted, shell_word};

/// How a certificate gets a name that counts.
const NAMED: &str = "the name must be in its subjectAltName, as by openssl req -x509 -addext subjectAltName=DNS:HOST";

/// The failure of a connection; `error` is the one that has its cause.
pub(super) fn not_connected(fault: &ConnectionFault, error: &dyn Error) -> Failure {
    let told = |code| Failure::new(Exit::Store, code, fault.to_string());
    let told_with_cause = |code| match error.source() {
        Some(cause) => Failure::new(Exit::Store, code, format!("{fault}: {}", words(cause))),
        None => told(code),
    };
    match fault {
        ConnectionFault::Unreachable { why, .. } => match why {
            Unreached::UnknownHost => told("host_unknown").hint("see whether the name is right"),
            Unreached::Refused | Unreached::NoSocket => told("server_unreachable")
                .hint("see whether the server runs, and whether it is the right port"),
            Unreached::NotReady => told("server_unreachable").hint("try again in a moment"),
            Unreached::TimedOut => told("server_timeout")
                .hint("see whether a firewall is between here and there")
                .hint("or wait longer: PGCONNECT_TIMEOUT=SECONDS"),
            Unreached::Other => told_with_cause("server_unreachable"),
        },
        ConnectionFault::TlsRefused { .. } => told("tls_refused")
            .hint("have the server offer TLS: ssl = on in its postgresql.conf")
            .hint("or, in a network that you trust, do without: sslmode=disable in the URL"),
        ConnectionFault::TlsFailed { .. } => told_with_cause("tls_failed"),
        ConnectionFault::Untrusted { why, .. } => untrusted(*why, &told, &told_with_cause),
        ConnectionFault::NoRoots { .. } => told_with_cause("tls_no_roots")
            .hint("name a file with the certificate of who vouches for the server: sslrootcert=FILE in the URL, or PGSSLROOTCERT"),
        ConnectionFault::PasswordMissing { unused, .. } => {
            password_hints(told("password_missing"), unused.as_ref())
        }
        ConnectionFault::PasswordWrong { .. } => told("password_wrong")
            .hint("see the password file (~/.pgpass), PGPASSWORD and the URL of KEYCTL_STORE"),
        ConnectionFault::RoleUnknown { .. } => told("role_unknown")
            .hint("name another role: postgres://ROLE@HOST/DATABASE, or PGUSER"),
        ConnectionFault::LoginRefused { .. } => told_with_cause("login_refused")
            .hint("see pg_hba.conf on the server: who may log in, from where, and whether with TLS"),
        ConnectionFault::DatabaseUnknown { .. } => told("database_unknown")
            .hint("make it first, as in: createdb NAME")
            .hint("or name another one: postgres://HOST/DATABASE, or PGDATABASE"),
        ConnectionFault::TooMany => told("server_full")
            .hint("try again when others are done, or see max_connections of the server"),
        ConnectionFault::NoRight => told_with_cause("store_no_right")
            .hint("the store's owner can allow it: keyctl store grants --help")
            .hint("where there is no store yet, that of the database: GRANT CREATE ON DATABASE"),
        ConnectionFault::Replica { .. } => {
            told("store_replica").hint("name the primary, or all servers: postgres://HOST1,HOST2/DATABASE")
        }
        ConnectionFault::Unconfirmed => told("store_unconfirmed")
            .hint("see what became of it before you do it again: keyctl audit, keyctl list"),
        ConnectionFault::Lost => told("connection_lost")
            .hint("nothing was changed: try again"),
    }
}

/// What a system or a server says of it, without what it says in addition.
fn words(cause: &(dyn Error + 'static)) -> String {
    match cause.downcast_ref::<io::Error>() {
        Some(error) => reason(error),
        None => cause
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

fn untrusted(
    why: Distrust,
    told: &dyn Fn(&'static str) -> Failure,
    told_with_cause: &dyn Fn(&'static str) -> Failure,
) -> Failure {
    match why {
        Distrust::UnknownIssuer => told("tls_untrusted")
            .hint("name a file with the certificate of who vouches for it: sslrootcert=FILE in the URL, or PGSSLROOTCERT"),
        Distrust::OtherName => told("tls_other_name")
            .hint("name the host as its certificate does; a certificate's common name alone does not count")
            .hint(NAMED),
        Distrust::OldForm => told("tls_old_form").hint(NAMED),
        Distrust::Expired | Distrust::NotYetValid => told("tls_expired")
            .hint("have the server's certificate renewed, or see whether the clock is right here"),
        Distrust::Other => told_with_cause("tls_untrusted"),
    }
}

fn password_hints(failure: Failure, unused: Option<&UnusedFile>) -> Failure {
    let failure = match unused {
        Some(UnusedFile { path, why }) => match why {
            WhyUnused::Open => failure
                .hint(format!(
                    "{} was not used, since others may read it",
                    quoted(path)
                ))
                .hint(format!("chmod 600 {}", shell_word(path))),
            WhyUnused::Missing => failure.hint(format!("there is no file {}", quoted(path))),
            WhyUnused::NotRegular => failure.hint(format!(
                "{} was not used: it is no regular file",
                quoted(path)
            )),
            WhyUnused::Unreadable => failure.hint(format!("{} cannot be read", quoted(path))),
            WhyUnused::NoLine => failure.hint(format!(
                "no line of {} is for this server, database and role",
                quoted(path)
            )),
        },
        None => failure,
    };
    failure.hint("put HOST:PORT:DATABASE:ROLE:PASSWORD into ~/.pgpass, with mode 600")
}

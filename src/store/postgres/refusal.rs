//! Why a connection did not come about.
//!
//! The driver does not tell the kinds of its errors apart but by its words, which
//! the tests hold against real servers.

use std::error::Error;
use std::io;

use postgres::error::DbError;
use rustls::CertificateError;

use super::fault;
use crate::domain::{ConnectionFault, Distrust, StoreError, StoreFault, Unreached, UnusedFile};

/// Who wanted to connect to what.
pub(super) struct Attempt {
    pub(super) server: String,
    pub(super) role: String,
    pub(super) database: String,
    /// The password file that gave no password.
    pub(super) unused: Option<UnusedFile>,
}

/// What the failure of a connection means.
pub(super) fn meaning(error: postgres::Error, attempt: &Attempt) -> StoreError {
    let known = match error.as_db_error() {
        Some(refusal) => of_server(refusal, attempt),
        None => of_driver(&error, attempt),
    };
    match known {
        Some(meaning) => {
            let meaning = StoreFault::Connection(meaning);
            match error.into_source() {
                Some(source) => StoreError::caused(meaning, source),
                None => StoreError::new(meaning),
            }
        }
        None => fault::refusal(error),
    }
}

/// What the server says; its codes do not depend on its language.
fn of_server(refusal: &DbError, attempt: &Attempt) -> Option<ConnectionFault> {
    let (server, role) = (attempt.server.clone(), attempt.role.clone());
    Some(match (refusal.code().code(), refusal.routine()) {
        ("28P01", _) => ConnectionFault::PasswordWrong { server, role },
        ("28000", Some("InitializeSessionUserId")) => ConnectionFault::RoleUnknown { server, role },
        ("28000", _) => ConnectionFault::LoginRefused { server, role },
        ("3D000", _) => ConnectionFault::DatabaseUnknown {
            server,
            database: attempt.database.clone(),
        },
        ("57P03", _) => ConnectionFault::Unreachable {
            server,
            why: Unreached::NotReady,
        },
        _ => return None,
    })
}

fn of_driver(error: &postgres::Error, attempt: &Attempt) -> Option<ConnectionFault> {
    let (server, role) = (attempt.server.clone(), attempt.role.clone());
    let source = error.source()?;
    // Also of a server that does not know the password itself.
    if error.to_string() == "authentication error" {
        return Some(ConnectionFault::LoginRefused { server, role });
    }
    if let Some(error) = source.downcast_ref::<io::Error>() {
        return of_system(error, server);
    }
    Some(match source.to_string().as_str() {
        "password missing" => ConnectionFault::PasswordMissing {
            server,
            role,
            unused: attempt.unused.clone(),
        },
        "server does not support TLS" => ConnectionFault::TlsRefused { server },
        _ => return None,
    })
}

fn of_system(error: &io::Error, server: String) -> Option<ConnectionFault> {
    if let Some(error) = fault::of_tls(error) {
        return Some(match error {
            rustls::Error::InvalidCertificate(problem) => ConnectionFault::Untrusted {
                server,
                why: distrust(problem),
            },
            _ => ConnectionFault::TlsFailed { server },
        });
    }
    let why = match error.kind() {
        // The driver's own; one of the system has a number.
        io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => {
            return Some(ConnectionFault::Replica { server });
        }
        io::ErrorKind::ConnectionRefused => Unreached::Refused,
        io::ErrorKind::NotFound => Unreached::NoSocket,
        io::ErrorKind::TimedOut => Unreached::TimedOut,
        _ if fault::is_of_connection(error.kind()) => return Some(ConnectionFault::Lost),
        _ => Unreached::Other,
    };
    Some(ConnectionFault::Unreachable { server, why })
}

fn distrust(problem: &CertificateError) -> Distrust {
    match problem {
        CertificateError::UnknownIssuer => Distrust::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Distrust::OtherName
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Distrust::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Distrust::NotYetValid
        }
        // Of another that has the same name.
        CertificateError::BadSignature => Distrust::UnknownIssuer,
        // What the verifier has no name of its own for, it says in its words alone.
        CertificateError::Other(problem) => match problem.to_string().as_str() {
            "CaUsedAsEndEntity" => Distrust::UnknownIssuer,
            "UnsupportedCertVersion" => Distrust::OldForm,
            _ => Distrust::Other,
        },
        _ => Distrust::Other,
    }
}

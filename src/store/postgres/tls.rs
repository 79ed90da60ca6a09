//! How far a server must prove who it is: the modes of libpq's `sslmode`.
//!
//! Differences to libpq:
//! - Where nothing is said, a server that is not on this machine must show a
//!   certificate for its name.
//! - `prefer` never looks at the certificate, since whoever could forge it could do
//!   without TLS too. It does without TLS where a server has none, and not where a
//!   login with TLS fails.
//! - `verify-full` takes the system's roots where the user has none; a file of
//!   roots that is named must be there in every mode that looks at certificates.

mod verifier;

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::domain::{Invalid, StoreError, StoreFault};
use verifier::{Chain, Verifier};

/// What is asked of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Demand {
    /// No TLS.
    Nothing,
    /// TLS if the server has it.
    TlsIfOffered,
    /// TLS, whoever the server is.
    Tls,
    /// A certificate that these vouch for, whatever its name.
    Certificate(Roots),
    /// A certificate for the server's name that these vouch for.
    Name(Roots),
}

/// Who is trusted to vouch for servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// Those that the system trusts.
    System,
    /// Those in this file.
    File(PathBuf),
}

/// What the mode and the roots that were given, if any, ask for. The file of the
/// user's own, `own_file`, is used where none is named and it is there.
pub(super) fn demand(
    mode: Option<&str>,
    roots: Option<&str>,
    own_file: Option<PathBuf>,
    is_local: bool,
) -> Result<Demand, Invalid> {
    let file = match roots {
        Some("system") => None,
        Some(path) => Some(PathBuf::from(path)),
        // One that may be there, and cannot be looked at, is not passed over.
        None => own_file.filter(|file| file.try_exists().unwrap_or(true)),
    };
    let mode = match (mode, roots) {
        (None | Some("verify-full"), Some("system")) => "verify-full",
        (Some(_), Some("system")) => {
            return Err(Invalid::new("sslrootcert=system needs sslmode=verify-full"));
        }
        (Some(mode), _) => mode,
        (None, _) if is_local => "prefer",
        (None, _) => "verify-full",
    };
    match (mode, file) {
        ("disable", _) => Ok(Demand::Nothing),
        // libpq tries without TLS first then; this is never weaker.
        ("allow" | "prefer", _) => Ok(Demand::TlsIfOffered),
        ("require", None) => Ok(Demand::Tls),
        ("require" | "verify-ca", Some(file)) => Ok(Demand::Certificate(Roots::File(file))),
        ("verify-full", Some(file)) => Ok(Demand::Name(Roots::File(file))),
        ("verify-full", None) => Ok(Demand::Name(Roots::System)),
        // Anybody can have a certificate that the system trusts, for some name.
        ("verify-ca", None) => Err(Invalid::new("sslmode=verify-ca needs sslrootcert=FILE")),
        _ => Err(Invalid::new(
            "sslmode is none of disable, allow, prefer, require, verify-ca, verify-full",
        )),
    }
}

/// What makes TLS connections as it was demanded. Roots are read here, which
/// takes milliseconds.
pub(super) fn connector(demand: &Demand) -> Result<MakeRustlsConnect, StoreError> {
    let provider = Arc::new(ring::default_provider());
    let (chain, forgives_name) = match demand {
        Demand::Nothing | Demand::TlsIfOffered | Demand::Tls => (None, true),
        Demand::Certificate(roots) => (Some(Chain::new(roots, &provider)?), true),
        Demand::Name(roots) => (Some(Chain::new(roots, &provider)?), false),
    };
    let verifier = Verifier {
        provider: Arc::clone(&provider),
        chain,
        forgives_name,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::caused(StoreFault::Other, error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ConnectionFault;

    #[test]
    fn a_mode_asks_for_what_it_asks_for_in_libpq() {
        let file = || Roots::File(PathBuf::from("root.crt"));
        let cases: [(Option<&str>, Option<&str>, bool, Demand); 15] = [
            (None, None, true, Demand::TlsIfOffered),
            (None, None, false, Demand::Name(Roots::System)),
            (None, Some("root.crt"), true, Demand::TlsIfOffered),
            (None, Some("root.crt"), false, Demand::Name(file())),
            (None, Some("system"), true, Demand::Name(Roots::System)),
            (Some("disable"), None, false, Demand::Nothing),
            (Some("allow"), None, false, Demand::TlsIfOffered),
            (Some("prefer"), None, false, Demand::TlsIfOffered),
            (
                Some("prefer"),
                Some("root.crt"),
                false,
                Demand::TlsIfOffered,
            ),
            (Some("require"), None, false, Demand::Tls),
            (
                Some("require"),
                Some("root.crt"),
                false,
                Demand::Certificate(file()),
            ),
            (
                Some("verify-ca"),
                Some("root.crt"),
                true,
                Demand::Certificate(file()),
            ),
            (
                Some("verify-full"),
                Some("root.crt"),
                true,
                Demand::Name(file()),
            ),
            (Some("verify-full"), None, true, Demand::Name(Roots::System)),
            (
                Some("verify-full"),
                Some("system"),
                true,
                Demand::Name(Roots::System),
            ),
        ];
        for (mode, roots, is_local, expected) in cases {
            let found = demand(mode, roots, None, is_local);
            assert_eq!(found, Ok(expected), "{mode:?} {roots:?} {is_local}");
        }
    }

    #[test]
    fn a_mode_that_would_promise_too_much_is_refused() {
        for (mode, roots, expected) in [
            ("verify-ca", None, "needs sslrootcert"),
            ("verify-ca", Some("system"), "needs sslmode=verify-full"),
            ("require", Some("system"), "needs sslmode=verify-full"),
            ("secret", None, "is none of disable"),
            ("", None, "is none of disable"),
        ] {
            let problem = demand(Some(mode), roots, None, false)
                .unwrap_err()
                .to_string();
            assert!(problem.contains(expected), "{problem}");
            assert!(!problem.contains("secret"), "{problem}");
        }
    }

    #[test]
    fn the_users_own_roots_are_used_where_they_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("root.crt");
        let of = |mode| demand(mode, None, Some(own.clone()), false).unwrap();
        assert_eq!(of(Some("require")), Demand::Tls);
        assert_eq!(of(None), Demand::Name(Roots::System));
        std::fs::write(&own, "").unwrap();
        assert_eq!(
            of(Some("require")),
            Demand::Certificate(Roots::File(own.clone()))
        );
        assert_eq!(of(None), Demand::Name(Roots::File(own.clone())));
        assert_eq!(of(Some("prefer")), Demand::TlsIfOffered);
    }

    #[test]
    fn a_file_without_certificates_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.crt");
        std::fs::write(&empty, "none").unwrap();
        for file in [
            empty,
            folder.path().join("none.crt"),
            folder.path().to_owned(),
        ] {
            let demand = Demand::Name(Roots::File(file.clone()));
            let error = connector(&demand).err().unwrap();
            let place = file.display().to_string();
            let expected = StoreFault::Connection(ConnectionFault::NoRoots { place });
            assert_eq!(error.fault(), &expected);
        }
    }
}

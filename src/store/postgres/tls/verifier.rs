//! Whether a certificate is good for what was demanded.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::Roots;
use crate::domain::{ConnectionFault, StoreError, StoreFault};

/// Verifies a server's certificate as far as was demanded, and its signature in
/// any case.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) provider: Arc<CryptoProvider>,
    /// `None` takes any certificate.
    pub(super) chain: Option<Chain>,
    pub(super) forgives_name: bool,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        match chain.verify(certificate, between, name, now) {
            // The name is looked at last.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.forgives_name => Ok(ServerCertVerified::assertion()),
            answer => answer,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

/// The way from a certificate to one that is trusted.
#[derive(Debug)]
pub(super) struct Chain {
    verifier: Arc<WebPkiServerVerifier>,
    /// Certificates that were named one by one.
    pinned: Vec<CertificateDer<'static>>,
}

impl Chain {
    pub(super) fn new(roots: &Roots, provider: &Arc<CryptoProvider>) -> Result<Chain, StoreError> {
        let (certificates, pinned) = match roots {
            Roots::System => (of_system()?, Vec::new()),
            Roots::File(file) => {
                let certificates = of_file(file)?;
                (certificates.clone(), certificates)
            }
        };
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates);
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
                .build()
                .map_err(|error| no_roots(&place(roots), error))?;
        Ok(Chain { verifier, pinned })
    }

    fn verify(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self
            .verifier
            .verify_server_cert(certificate, between, name, &[], now)
        {
            Err(Error::InvalidCertificate(CertificateError::Other(cause)))
                if cause.to_string() == "CaUsedAsEndEntity" && self.is_pinned(certificate) =>
            {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            answer => answer,
        }
    }

    /// Whether it was named itself. Certificates that sign themselves, as the
    /// manual of PostgreSQL makes them, say that they are of an authority, which
    /// is refused for servers; by then its time has been checked.
    fn is_pinned(&self, certificate: &CertificateDer<'_>) -> bool {
        self.pinned.iter().any(|pinned| pinned == certificate)
    }
}

fn of_system() -> Result<Vec<CertificateDer<'static>>, StoreError> {
    let found = rustls_native_certs::load_native_certs();
    match found.errors.into_iter().next() {
        Some(error) if found.certs.is_empty() => Err(no_roots(&place(&Roots::System), error)),
        _ => Ok(found.certs),
    }
}

fn of_file(file: &Path) -> Result<Vec<CertificateDer<'static>>, StoreError> {
    let place = place(&Roots::File(file.to_owned()));
    CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| no_roots(&place, error))
}

fn place(roots: &Roots) -> String {
    match roots {
        Roots::System => "the system's store of certificates".to_owned(),
        Roots::File(file) => file.display().to_string(),
    }
}

fn no_roots(place: &str, error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    let place = place.to_owned();
    let fault = ConnectionFault::NoRoots { place };
    StoreError::caused(StoreFault::Connection(fault), error)
}

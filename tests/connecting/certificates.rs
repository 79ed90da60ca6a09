//! Certificates as they are found in the field, made for each run.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ED25519, date_time_ymd,
};

/// The name that good certificates are for.
pub(crate) const NAME: &str = "db.test";

/// Somebody who vouches for others.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) certificate: String,
}

/// A certificate, with those between it and its root, and its key; PEM.
pub(crate) struct Identity {
    pub(crate) chain: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        Authority::with_key(name, KeyPair::generate().unwrap())
    }

    /// One whose signatures no channel can be bound to.
    pub(crate) fn of_edwards_curve() -> Authority {
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        Authority::with_key("edwards", key)
    }

    fn with_key(name: &str, key: KeyPair) -> Authority {
        let params = authority(name);
        let certificate = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Authority {
            issuer,
            certificate,
        }
    }

    /// Somebody else, whom this one allows to vouch for others.
    fn deputy(&self) -> Authority {
        let key = KeyPair::generate().unwrap();
        let params = authority("deputy");
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Authority {
            issuer,
            certificate,
        }
    }

    /// A certificate for the name, and for 127.0.0.1.
    pub(crate) fn good(&self) -> Identity {
        self.sign(&named(), KeyPair::generate().unwrap())
    }

    pub(crate) fn by_deputy(&self) -> Identity {
        let deputy = self.deputy();
        let signed = deputy.good();
        Identity {
            chain: signed.chain + &deputy.certificate,
            key: signed.key,
        }
    }

    pub(crate) fn expired(&self) -> Identity {
        let mut params = named();
        params.not_after = date_time_ymd(2001, 1, 1);
        self.sign(&params, KeyPair::generate().unwrap())
    }

    pub(crate) fn not_yet_valid(&self) -> Identity {
        let mut params = named();
        params.not_before = date_time_ymd(3001, 1, 1);
        self.sign(&params, KeyPair::generate().unwrap())
    }

    /// The name stands where it stood in the last century.
    pub(crate) fn with_common_name_alone(&self) -> Identity {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, NAME);
        self.sign(&params, KeyPair::generate().unwrap())
    }

    fn sign(&self, params: &CertificateParams, key: KeyPair) -> Identity {
        Identity {
            chain: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

/// A certificate that vouches for itself, as an authority or not.
pub(crate) fn self_signed(is_authority: bool) -> Identity {
    let mut params = named();
    if is_authority {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let key = KeyPair::generate().unwrap();
    Identity {
        chain: params.self_signed(&key).unwrap().pem(),
        key: key.serialize_pem(),
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn named() -> CertificateParams {
    let mut params = CertificateParams::new(vec![NAME.to_owned(), "127.0.0.1".to_owned()]).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "a server");
    params
}

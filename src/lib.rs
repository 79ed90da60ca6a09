//! API keys for a service whose data is organised in datasets and apps: issued,
//! listed, verified and revoked over an embedded store, without a server.
//!
//! This is the library that the `keyctl` program is built on. A service that
//! checks presented tokens needs [`Verifier`]; one that issues or revokes keys
//! by itself uses [`Registry`].
//!
//! # A service that checks tokens
//!
//! ```
//! use keyctl::{Location, Need, Target, Timestamp, Verifier, Workspace};
//!
//! struct Service {
//!     verifier: Verifier,
//! }
//!
//! impl Service {
//!     /// Answers `GET /datasets/<dataset>` with an HTTP status.
//!     fn read_dataset(&self, bearer: &str, dataset: &str) -> Result<u16, keyctl::Error> {
//!         let (Ok(dataset), Ok(scope)) = (dataset.parse(), "datasets:read".parse()) else {
//!             return Ok(404);
//!         };
//!         let need = Need {
//!             target: Some(Target::Dataset(dataset)),
//!             scopes: vec![scope],
//!         };
//!         let answer = self.verifier.verify(bearer, &need, Timestamp::now())?;
//!         Ok(answer.verdict.http_status())
//!     }
//! }
//!
//! # use keyctl::{Access, Datasets, IssueRequest, Registry, Scopes};
//! # let folder = tempfile::tempdir()?;
//! # let location = Location::File(folder.path().join("keys.db"));
//! # let mut registry = Registry::create(&location, "doc".parse()?, Timestamp::now())?;
//! # let request = IssueRequest {
//! #     workspace: Workspace::default(),
//! #     access: Access::Datasets(Datasets::new(["ds_42".parse()?]).unwrap()),
//! #     name: None,
//! #     description: None,
//! #     scopes: Scopes::full(),
//! #     expiry: None,
//! #     dry_run: false,
//! # };
//! # let mut token = String::new();
//! # registry.issue(&request, Timestamp::now(), |_, issued| {
//! #     token = issued.expose().to_owned();
//! #     Ok(())
//! # })?;
//! let service = Service {
//!     verifier: Verifier::open(&location, Workspace::default())?,
//! };
//! assert_eq!(service.read_dataset(&token, "ds_42")?, 200);
//! assert_eq!(service.read_dataset(&token, "ds_43")?, 403);
//! assert_eq!(service.read_dataset("dataset-made-up", "ds_42")?, 401);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The floors
//!
//! [`domain`] decides and does nothing else; [`leak`] knows how tokens look where
//! they have no business to be; [`store`] keeps rows and decides nothing; [`ops`]
//! loads, asks `domain`, and writes row and log entry together; [`Verifier`] is
//! the short way for services. Each uses only those before it.

pub mod domain;
#[cfg(feature = "leak")]
pub mod leak;
pub mod ops;
pub mod store;
mod verifier;

pub use domain::{
    Access, Actor, Datasets, Error, Expiry, Invalid, Key, KeyId, Need, Scope, Scopes, StoreError,
    StoreFault, Target, Timestamp, Token, Verdict, Workspace,
};
pub use ops::{IssueRequest, Registry};
pub use store::Location;
pub use verifier::{Presented, Verification, Verifier};

/// The README's Rust, compiled and run with the documentation's examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

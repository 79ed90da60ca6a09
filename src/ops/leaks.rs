//! Whose the tokens are that a scan came across.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use super::Registry;
use super::find::key_of_digest;
use crate::domain::{Error, Key, MaskedToken, Status, Timestamp, Workspace};
use crate::leak::finder::Form;
use crate::leak::findings::{Finding, Keep, Scanned, Unread};
use crate::leak::search::Hit;
use crate::store::{Filter, Page};

/// How many texts that are no token are remembered while a scan goes on.
const MAX_REFUSED: usize = 10_000;

/// A token that was found, and the key that it belongs to.
#[derive(Debug, Clone)]
pub struct Leak {
    /// Where it stands.
    pub finding: Finding,
    /// Whose it is.
    pub owner: Owner,
}

/// Whose a token is.
#[derive(Debug, Clone)]
pub enum Owner {
    /// This key's.
    Key(Box<Key>),
    /// No key's of this store, though its check characters fit.
    Unknown,
    /// No store was asked.
    Unasked,
}

impl Leak {
    /// What a scan found, where there is no store to ask: what has the form of a
    /// token.
    pub fn candidates(findings: Vec<Finding>) -> Vec<Leak> {
        let leak = |finding| Leak {
            finding,
            owner: Owner::Unasked,
        };
        findings.into_iter().map(leak).collect()
    }

    /// The key that it belongs to, if there is one.
    pub fn key(&self) -> Option<&Key> {
        match &self.owner {
            Owner::Key(key) => Some(key),
            Owner::Unknown | Owner::Unasked => None,
        }
    }

    /// Whether the key opens anything at `now`, or can be made to again: it is
    /// active, in its grace too, or disabled.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.key().is_some_and(|key| match key.status(now) {
            Status::Active | Status::Disabled => true,
            Status::Expired | Status::Revoked => false,
        })
    }
}

/// What a scan led to.
#[derive(Debug, Default)]
pub struct Leaks {
    /// The tokens, in the order of where they were found.
    pub leaks: Vec<Leak>,
    /// What could not be searched.
    pub unread: Vec<Unread>,
}

impl Registry {
    /// The keys, not revoked, that a mask may mean: in `workspace`, or in any if
    /// that is `None`. A mask proves nothing; this is for whoever has to look.
    ///
    /// # Errors
    /// The store's faults.
    pub fn keys_masked(
        &mut self,
        workspace: Option<&Workspace>,
        mask: &MaskedToken,
    ) -> Result<Vec<Key>, Error> {
        let filter = Filter {
            workspace: workspace.cloned(),
            ..Filter::default()
        };
        let mut keys = Vec::new();
        let tx = self.store.read()?;
        tx.keys(&filter, &Page::default(), &mut |key| {
            if key.masked_token == *mask && key.revoked_at.is_none() {
                keys.push(key);
            }
            ControlFlow::Continue(())
        })?;
        Ok(keys)
    }

    /// Runs a scan and says of each token whose it is: in `workspace`, or in any
    /// if that is `None`, since whoever holds a token has proof enough. Of what
    /// no key has, only that is kept that has the looks of a token to this degree.
    ///
    /// # Errors
    /// The store's faults.
    pub fn find_leaks(
        &mut self,
        workspace: Option<&Workspace>,
        least: Form,
        scan: impl FnOnce(Keep<'_>) -> Scanned,
    ) -> Result<Leaks, Error> {
        // What was refused last, since whoever repeats a text repeats it often.
        let store = Mutex::new((&mut self.store, BTreeSet::new()));
        let fault = Mutex::new(None);
        let keep = |hit: &Hit| {
            if hit.form >= least {
                return true;
            }
            let digest = hit.token.digest();
            let mut guard = store.lock().unwrap_or_else(PoisonError::into_inner);
            let (store, refused) = &mut *guard;
            if refused.contains(digest.as_bytes()) {
                return false;
            }
            let key = store
                .read()
                .and_then(|tx| key_of_digest(tx.as_ref(), workspace, &digest));
            match key {
                Ok(Some(_)) => true,
                Ok(None) => {
                    if refused.len() >= MAX_REFUSED {
                        refused.clear();
                    }
                    refused.insert(*digest.as_bytes());
                    false
                }
                Err(error) => {
                    *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    false
                }
            }
        };
        let scanned = scan(&keep);
        if let Some(error) = fault.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error.into());
        }
        let tx = self.store.read()?;
        let mut owners: BTreeMap<[u8; 32], Owner> = BTreeMap::new();
        let mut leaks = Vec::with_capacity(scanned.findings.len());
        for finding in scanned.findings {
            let digest = *finding.digest.as_bytes();
            let owner = match owners.get(&digest) {
                Some(owner) => owner.clone(),
                None => {
                    let key = key_of_digest(tx.as_ref(), workspace, &finding.digest)?;
                    let owner = key.map_or(Owner::Unknown, |key| Owner::Key(Box::new(key)));
                    owners.insert(digest, owner.clone());
                    owner
                }
            };
            leaks.push(Leak { finding, owner });
        }
        Ok(Leaks {
            leaks,
            unread: scanned.unread,
        })
    }
}

//! Reading and changing what the store allows.

use super::{Registry, apply};
use crate::domain::{Change, Choice, Error, Policy, Timestamp};

/// The policy before and after it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyChange {
    /// As it was.
    pub before: Policy,
    /// As it is now.
    pub after: Policy,
}

impl Registry {
    /// What the store allows.
    ///
    /// # Errors
    /// The store's faults.
    pub fn policy(&mut self) -> Result<Policy, Error> {
        Ok(self.store.read()?.policy()?)
    }

    /// Changes one setting. It holds for what is asked for from now on; keys
    /// that are there already stay as they are.
    ///
    /// # Errors
    /// The store's faults.
    pub fn set_policy(&mut self, choice: Choice, now: Timestamp) -> Result<PolicyChange, Error> {
        self.change(false, now, |tx, actor, now| {
            let before = tx.policy()?;
            let after = before.with(choice);
            if before != after {
                let change = Change::PolicyChanged {
                    before: before.clone(),
                    after: after.clone(),
                };
                apply(tx, actor, now, &[change])?;
            }
            Ok(PolicyChange { before, after })
        })
    }
}

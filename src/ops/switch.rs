//! Disabling keys and enabling them again: undone at will, unlike revoking.

use super::find::resolve;
use super::{Registry, apply};
use crate::domain::{
    Action, Change, Error, Key, Refusal, Remark, Selector, Status, Timestamp, Workspace,
};

/// Which keys to disable or to enable.
#[derive(Debug, Clone)]
pub struct SwitchRequest {
    /// Where ids and names are looked up.
    pub workspace: Workspace,
    /// What points at the keys.
    pub selectors: Vec<Selector>,
    /// Which of the two.
    pub to: Switch,
    /// Why, for the log.
    pub reason: Option<Remark>,
}

/// The two positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// The key is denied until it is enabled.
    Disabled,
    /// The key works again.
    Enabled,
}

/// What became of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switched {
    /// Whether anything changed; if not, the key was so before.
    pub is_changed: bool,
    /// The key as it is now.
    pub key: Key,
}

impl Registry {
    /// Disables or enables every key that is selected, in one transaction; the
    /// answers are in the order of the selectors.
    ///
    /// # Errors
    /// [`Error::NoMatch`], [`Refusal::Ambiguous`], or [`Refusal::Unfit`] for a
    /// key that is revoked or expired; then nothing was changed at all.
    pub fn switch(
        &mut self,
        request: &SwitchRequest,
        now: Timestamp,
    ) -> Result<Vec<Switched>, Error> {
        match request.to {
            Switch::Disabled => self.spending_ballast(|registry| registry.switch_all(request, now)),
            Switch::Enabled => self.switch_all(request, now),
        }
    }

    fn switch_all(
        &mut self,
        request: &SwitchRequest,
        now: Timestamp,
    ) -> Result<Vec<Switched>, Error> {
        self.change(false, now, |tx, actor, now| {
            let mut answers = Vec::new();
            for selector in &request.selectors {
                let before = resolve(tx, &request.workspace, selector, now)?;
                let after = plan(&before, request.to, now)?;
                let is_changed = before != after;
                if is_changed {
                    let change = Change::Updated {
                        action: request.to.action(),
                        before,
                        after: after.clone(),
                        reason: request.reason.clone(),
                    };
                    apply(tx, actor, now, &[change])?;
                }
                answers.push(Switched {
                    is_changed,
                    key: after,
                });
            }
            Ok(answers)
        })
    }
}

impl Switch {
    fn action(self) -> Action {
        match self {
            Switch::Disabled => Action::Disabled,
            Switch::Enabled => Action::Enabled,
        }
    }
}

/// The key in that position.
///
/// A key that is revoked is so for ever. One that is expired is not disabled
/// either: disabled keys count as live, and so it could exceed a limit.
fn plan(key: &Key, to: Switch, now: Timestamp) -> Result<Key, Refusal> {
    let status = key.status(now);
    let disabled_at = match (status, to) {
        (Status::Revoked, _) | (Status::Expired, Switch::Disabled) => {
            return Err(Refusal::Unfit {
                id: key.id.clone(),
                status,
                action: to.action(),
            });
        }
        (Status::Active, Switch::Disabled) => Some(now),
        (Status::Disabled, Switch::Disabled) => key.disabled_at,
        (Status::Active | Status::Disabled | Status::Expired, Switch::Enabled) => None,
    };
    Ok(Key {
        disabled_at,
        ..key.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample_key;

    #[test]
    fn keys_are_switched_until_they_are_revoked() {
        let at = Timestamp::from_unix;
        let now = at(1_000).unwrap();
        let unfit = |status| Err(Some(status));
        // revoked_at, disabled_at, expires_at; disabled_at after each switch
        let cases = [
            (None, None, None, Ok(at(1_000)), Ok(None)),
            (None, at(500), None, Ok(at(500)), Ok(None)),
            (None, None, at(1_000), unfit(Status::Expired), Ok(None)),
            (None, at(500), at(900), Ok(at(500)), Ok(None)),
            (
                at(5),
                None,
                None,
                unfit(Status::Revoked),
                unfit(Status::Revoked),
            ),
            (
                at(5),
                at(5),
                None,
                unfit(Status::Revoked),
                unfit(Status::Revoked),
            ),
        ];
        for (revoked_at, disabled_at, expires_at, disabled, enabled) in cases {
            let key = Key {
                revoked_at,
                disabled_at,
                expires_at,
                ..sample_key()
            };
            for (to, expected) in [(Switch::Disabled, disabled), (Switch::Enabled, enabled)] {
                let planned = plan(&key, to, now).map_err(|refusal| match refusal {
                    Refusal::Unfit { status, .. } => Some(status),
                    _ => None,
                });
                let expected = expected.map(|disabled_at| Key {
                    disabled_at,
                    ..key.clone()
                });
                assert_eq!(planned, expected, "{to:?}");
            }
        }
    }
}

//! Issuing a key: the one moment at which its token exists outside its owner.

use std::io;

use super::attempt::{attempt, begin, commit_delivered};
use super::{Registry, apply};
use crate::domain::{
    Access, Actor, Change, Error, Expiry, Key, KeyId, KeyName, Policy, Refusal, Remark, Scopes,
    StoreError, Target, Timestamp, Token, Workspace,
};
use crate::store::Tx;

/// The key that is asked for.
#[derive(Debug, Clone)]
pub struct IssueRequest {
    /// The tenant it is to belong to.
    pub workspace: Workspace,
    /// What it is to reach.
    pub access: Access,
    /// A name for people.
    pub name: Option<KeyName>,
    /// A remark for people.
    pub description: Option<Remark>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends; `None` is as the policy says.
    pub expiry: Option<Expiry>,
    /// Whether to undo it all at the end and hand over no token.
    pub dry_run: bool,
}

impl Registry {
    /// Issues a key. `deliver` gets the record and the token and has to put the
    /// token where its owner finds it; only when it has succeeded does the key
    /// become real. In a dry run it is not called.
    ///
    /// # Errors
    /// [`Error::Refused`] and [`Error::Delivery`] leave no key.
    /// [`Error::NotSaved`]: the token was delivered and is not valid.
    pub fn issue(
        &mut self,
        request: &IssueRequest,
        now: Timestamp,
        mut deliver: impl FnMut(&Key, &Token) -> io::Result<()>,
    ) -> Result<Key, Error> {
        let token = Token::generate(request.access.kind())?;
        let id = KeyId::generate()?;
        // Once the token is delivered, nothing is tried again.
        attempt(now, |now| {
            let (mut tx, now) = begin(self.store.as_mut(), now)?;
            let situation = Situation {
                policy: tx.policy()?,
                live_counts: live_counts(tx.as_ref(), &request.workspace, &request.access, now)?,
                actor: &self.actor,
                now,
            };
            let key = plan(request, id.clone(), &token, &situation)?;
            let issued = Change::Issued(key.clone());
            apply(tx.as_mut(), &self.actor, now, &[issued])?;
            if !request.dry_run {
                deliver(&key, &token).map_err(Error::Delivery)?;
                commit_delivered(tx)?;
            }
            Ok(key)
        })
    }
}

/// For each target that a key of this access has: how many live keys it has.
pub(super) fn live_counts(
    tx: &dyn Tx,
    workspace: &Workspace,
    access: &Access,
    now: Timestamp,
) -> Result<Vec<(Target, u64)>, StoreError> {
    let count = |target: Target| {
        let count = tx.count_live(workspace, &target, now)?;
        Ok((target, count))
    };
    access.targets().into_iter().map(count).collect()
}

/// What has to be known to decide on a request.
struct Situation<'a> {
    policy: Policy,
    live_counts: Vec<(Target, u64)>,
    actor: &'a Actor,
    now: Timestamp,
}

/// The key that `request` leads to, or why there is to be none.
fn plan(
    request: &IssueRequest,
    id: KeyId,
    token: &Token,
    situation: &Situation<'_>,
) -> Result<Key, Refusal> {
    let now = situation.now;
    let expires_at = situation.policy.resolve_expiry(request.expiry, now)?;
    for (target, live_count) in &situation.live_counts {
        situation.policy.check_limit(target, *live_count)?;
    }
    Ok(Key {
        id,
        workspace: request.workspace.clone(),
        name: request.name.clone(),
        description: request.description.clone(),
        access: request.access.clone(),
        scopes: request.scopes.clone(),
        digest: token.digest(),
        masked_token: token.mask(),
        created_at: now,
        created_by: situation.actor.clone(),
        expires_at,
        last_used_at: None,
        disabled_at: None,
        revoked_at: None,
        revoke_reason: None,
        replaces: None,
        replaced_by: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Kind;

    #[test]
    fn a_request_is_planned_or_refused() {
        let now = Timestamp::from_unix(1_000_000).unwrap();
        let limit = |target: &Target| Refusal::LimitReached {
            target: target.clone(),
            limit: 10,
        };
        let past = Refusal::ExpiryInPast { at: now };
        let one = Target::Dataset("ds_1".parse().unwrap());
        let two = Target::Dataset("ds_2".parse().unwrap());
        // live keys of the first and of the second target, expiry, result
        let cases = [
            (0, 0, "never", Ok(None)),
            (9, 9, "60s", Ok(Timestamp::from_unix(1_000_060))),
            (10, 0, "never", Err(limit(&one))),
            (9, 10, "never", Err(limit(&two))),
            (0, 0, "0s", Err(past.clone())),
            (10, 10, "0s", Err(past)),
            (0, 0, "9000y", Err(Refusal::ExpiryTooFar)),
        ];
        for (first, second, expiry, expected) in cases {
            let request = IssueRequest {
                workspace: Workspace::default(),
                access: Access::AllDatasets,
                name: None,
                description: None,
                scopes: Scopes::full(),
                expiry: Some(expiry.parse().unwrap()),
                dry_run: false,
            };
            let situation = Situation {
                policy: Policy::default(),
                live_counts: vec![(one.clone(), first), (two.clone(), second)],
                actor: &"alice".parse().unwrap(),
                now,
            };
            let token = Token::generate(Kind::Dataset).unwrap();
            let planned = plan(&request, KeyId::generate().unwrap(), &token, &situation);
            assert_eq!(planned.map(|key| key.expires_at), expected, "{expiry}");
        }
    }
}

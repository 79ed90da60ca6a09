//! A backup in the place of the store that was made since, or was lost.
//!
//! What ended since stays ended: a backup is for what was lost, and a revocation
//! is not lost but meant.

mod merge;

use std::ops::ControlFlow;
use std::path::PathBuf;

use super::audit::{audit, audit_log};
use super::find::resolve;
use super::import::differs;
use super::revoke::{Selection, revoked_key};
use super::{Registry, apply};
use crate::domain::{
    Action, Actor, Change, Checked, Discrepancy, Error, Head, KeptHead, Key, KeyId, Refusal,
    Selector, StoreError, StoreFault, Timestamp, WhyUnknown, Workspace,
};
use crate::store::{self, Location, Present, Tx};
use merge::{Ended, carry_over};

/// What to restore, and what is known of the time since.
#[derive(Debug)]
pub struct RestoreRequest {
    /// The backup.
    pub backup: PathBuf,
    /// Where what is replaced is put: a new file.
    pub kept: PathBuf,
    /// The end of the log, as it was kept elsewhere.
    pub head: Option<KeptHead>,
    /// The keys that were revoked since, if somebody knows; ids and names are
    /// looked up in `workspace`, tokens everywhere.
    pub revocations: Option<Vec<Selection>>,
    /// See there.
    pub workspace: Workspace,
    /// Whether it is to be as it was, whatever ended since.
    pub exact: bool,
    /// Whether to undo it all at the end.
    pub dry_run: bool,
}

/// A key that was kept from being valid again, or for longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What was done to it, in the log of the restored store.
    pub action: Action,
    /// The key as it is now.
    pub key: Key,
}

/// What a restored store is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup was, before anything was kept from being undone.
    pub backup: Checked,
    /// The end of the log now.
    pub head: Head,
    /// The end of the log that was replaced, as far as it could be read.
    pub replaced: Option<Head>,
    /// Whether anything was there to be put aside.
    pub is_replacing: bool,
    /// What stays ended.
    pub kept: Vec<Kept>,
    /// Keys that were issued since the backup, and are gone.
    pub lost: Vec<KeyId>,
    /// Keys that may do more now, or for another workspace or access, than they
    /// could in the store that was replaced.
    pub wider: Vec<KeyId>,
    /// How many of the revocations that were named fit no key of the backup.
    pub unknown_count: u64,
    /// Whether the policy is another one than that of the store that was replaced.
    pub has_other_policy: bool,
}

impl Registry {
    /// Replaces the store at `location`, or makes one, from a backup. Keys that
    /// were revoked or disabled since, or end earlier, stay so, as the store that
    /// is replaced says, or `request.revocations`.
    ///
    /// # Errors
    /// [`Refusal::RevocationsUnknown`] where neither says, unless it is to be
    /// exact; [`Refusal::OtherStore`], [`Refusal::BackupAltered`]; the faults of
    /// both stores. Nothing was changed then.
    pub fn restore(
        location: &Location,
        actor: &Actor,
        request: &RestoreRequest,
        now: Timestamp,
    ) -> Result<Restored, Error> {
        let mut restored = None;
        store::restore(
            location,
            &request.backup,
            &request.kept,
            &mut |present, coming| {
                restored = Some(plan(present, coming, request, actor, now)?);
                Ok(!request.dry_run)
            },
        )?;
        // The store has it decided before it answers.
        restored.ok_or_else(|| {
            StoreError::caused(StoreFault::Other, "nothing was decided about the backup").into()
        })
    }
}

fn plan(
    present: Present<'_>,
    coming: &mut dyn Tx,
    request: &RestoreRequest,
    actor: &Actor,
    now: Timestamp,
) -> Result<Restored, Error> {
    let backup = audit(coming, None).map_err(of_backup)?;
    let is_replacing = !matches!(present, Present::Missing);
    let known = what_is_known(present, coming, request)?;
    let event = Change::Restored {
        before: known.head.clone(),
        after: backup.head.clone(),
        exact: request.exact,
    };
    apply(coming, actor, now, &[event])?;
    let has_other_policy = match known.present {
        Some(present) => present.policy()? != coming.policy()?,
        None => false,
    };
    let lost = match known.present {
        Some(present) => lost(present, coming, now)?,
        None => Vec::new(),
    };
    let mut coming = Coming {
        tx: coming,
        actor,
        now,
        kept: Vec::new(),
    };
    let wider = match known.present {
        Some(present) if !request.exact => coming.keep_ended(present)?,
        _ => Vec::new(),
    };
    let revocations = request.revocations.as_deref().unwrap_or_default();
    let unknown_count = coming.revoke(revocations, &request.workspace)?;
    Ok(Restored {
        head: coming.tx.head()?,
        kept: coming.kept,
        backup,
        replaced: known.head,
        is_replacing,
        lost,
        wider,
        unknown_count,
        has_other_policy,
    })
}

/// What the store that is replaced can be asked for.
struct Known<'a> {
    present: Option<&'a dyn Tx>,
    head: Option<Head>,
}

/// Reads the store that is replaced, as far as it goes, and decides whether
/// enough is known of what was revoked since the backup.
fn what_is_known<'a>(
    present: Present<'a>,
    coming: &dyn Tx,
    request: &RestoreRequest,
) -> Result<Known<'a>, Error> {
    let (known, doubt) = match present {
        Present::Missing => (Known::nothing(None), Some(WhyUnknown::NoStore)),
        Present::Unreadable(_) => (Known::nothing(None), Some(WhyUnknown::Unreadable)),
        Present::Store(present) => look_at(present, request.head.as_ref())?,
    };
    if request.exact {
        return Ok(known);
    }
    let backup = coming.head()?.store_id;
    if let Some(head) = known.head.as_ref().filter(|head| head.store_id != backup) {
        let here = head.store_id.clone();
        return Err(Refusal::OtherStore { backup, here }.into());
    }
    let doubt = match (doubt, &request.head) {
        // Nothing happened since, if the backup holds the last head.
        (Some(doubt), Some(head)) if known.present.is_none() => {
            match audit_log(coming, Some(head)) {
                Ok(_) => None,
                Err(Error::Altered(difference)) => Some(WhyUnknown::OlderThanHead(difference)),
                Err(_) => Some(doubt),
            }
        }
        (doubt, _) => doubt,
    };
    match doubt.filter(|_| request.revocations.is_none()) {
        Some(why) => Err(Refusal::RevocationsUnknown(why).into()),
        None => Ok(known),
    }
}

impl Known<'_> {
    fn nothing(head: Option<Head>) -> Known<'static> {
        Known {
            present: None,
            head,
        }
    }
}

/// What can be read of the store that is replaced, and why that may not be all.
fn look_at<'a>(
    present: &'a dyn Tx,
    kept: Option<&KeptHead>,
) -> Result<(Known<'a>, Option<WhyUnknown>), Error> {
    let Ok(head) = present.head() else {
        return Ok((Known::nothing(None), Some(WhyUnknown::Unreadable)));
    };
    let all = |head| Known {
        present: Some(present),
        head: Some(head),
    };
    match audit_log(present, kept) {
        Ok(_) => Ok((all(head), None)),
        Err(Error::Altered(difference)) => {
            let is_of_head = matches!(
                difference,
                Discrepancy::HeadAhead { .. }
                    | Discrepancy::HeadUnknown
                    | Discrepancy::OtherStore { .. }
            );
            let why = if is_of_head {
                WhyUnknown::OlderThanHead(difference)
            } else {
                WhyUnknown::Altered(difference)
            };
            // What it says of keys that ended still counts.
            Ok((all(head), Some(why)))
        }
        Err(_) => Ok((Known::nothing(Some(head)), Some(WhyUnknown::Unreadable))),
    }
}

fn of_backup(error: Error) -> Error {
    match error {
        Error::Altered(difference) => Refusal::BackupAltered(difference).into(),
        error => error,
    }
}

/// The backup with what is kept from being undone.
struct Coming<'a> {
    tx: &'a mut dyn Tx,
    actor: &'a Actor,
    now: Timestamp,
    kept: Vec<Kept>,
}

impl Coming<'_> {
    fn write(&mut self, action: Action, before: Key, after: Key) -> Result<(), Error> {
        let key = after.clone();
        let change = Change::Updated {
            action,
            before,
            after,
            reason: None,
        };
        apply(self.tx, self.actor, self.now, &[change])?;
        self.kept.push(Kept { action, key });
        Ok(())
    }

    /// Keeps every key that ended since from being valid again; those that may
    /// do more all the same.
    fn keep_ended(&mut self, present: &dyn Tx) -> Result<Vec<KeyId>, Error> {
        let ended = Ended::read(present)?;
        let mut wider = Vec::new();
        for id in ids(self.tx)? {
            let Some(mut key) = self.tx.key(&id)? else {
                continue;
            };
            let here = present.key_by_digest(&key.digest)?;
            for (action, after) in carry_over(&key, here.as_ref(), &ended, self.now) {
                self.write(action, key, after.clone())?;
                key = after;
            }
            let Some(here) = here else {
                continue;
            };
            if let Some(at) = here.last_used_at {
                self.tx.record_use(&key.id, at.min(self.now))?;
            }
            if differs(&key, &here) {
                wider.push(key.id);
            }
        }
        Ok(wider)
    }

    /// Revokes the keys that somebody says were revoked since; how many of them
    /// the backup does not have.
    fn revoke(&mut self, selections: &[Selection], workspace: &Workspace) -> Result<u64, Error> {
        let mut unknown_count = 0;
        for selection in selections {
            match self.named(selection, workspace)? {
                Some(key) if key.revoked_at.is_none() => {
                    let after = revoked_key(&key, None, self.now);
                    self.write(Action::Revoked, key, after)?;
                }
                Some(_) => {}
                None => unknown_count += 1,
            }
        }
        Ok(unknown_count)
    }

    fn named(&self, selection: &Selection, workspace: &Workspace) -> Result<Option<Key>, Error> {
        match selection {
            // A list of what was revoked may be of every workspace.
            Selection::Key(Selector::Id(id)) => Ok(self.tx.key(id)?),
            Selection::Key(selector) => match resolve(self.tx, workspace, selector, self.now) {
                Err(Error::NoMatch { .. }) => Ok(None),
                found => found.map(Some),
            },
            Selection::Token(digest) => Ok(self.tx.key_by_digest(digest)?),
            Selection::Malformed => Ok(None),
        }
    }
}

fn ids(tx: &dyn Tx) -> Result<Vec<KeyId>, StoreError> {
    let mut ids = Vec::new();
    tx.rows(&mut |_, key| {
        ids.push(key.id);
        ControlFlow::Continue(())
    })?;
    Ok(ids)
}

/// The keys of the store that is replaced that open something at `now`, or could
/// again, and that the backup does not have.
fn lost(present: &dyn Tx, coming: &dyn Tx, now: Timestamp) -> Result<Vec<KeyId>, StoreError> {
    let mut lost = Vec::new();
    let mut failed = Ok(());
    present.rows(&mut |_, key| {
        match coming.key_by_digest(&key.digest) {
            Ok(None) if key.is_live(now) => lost.push(key.id),
            Ok(_) => {}
            Err(error) => failed = Err(error),
        }
        ControlFlow::Continue(())
    })?;
    failed.map(|()| lost)
}

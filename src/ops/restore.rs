//! A backup in the place of the store that was made since, or was lost.
//!
//! What ended since stays ended: a backup is for what was lost, and a revocation
//! is not lost but meant.

mod known;
mod merge;

use std::ops::ControlFlow;
use std::path::PathBuf;

use super::audit::audit;
use super::find::resolve;
use super::revoke::{Selection, revoked_key};
use super::{Registry, apply};
use crate::domain::{
    Actor, Change, Checked, Error, Head, KeptHead, Key, KeyId, Refusal, Selector, StoreError,
    StoreFault, Timestamp, Workspace,
};
use crate::store::{self, Backup, Location, Present, Tx};
use known::what_is_known;
pub use merge::Ending;
use merge::{Ended, carry_over};

/// What to restore, and what is known of the time since.
#[derive(Debug)]
pub struct RestoreRequest {
    /// The backup.
    pub backup: PathBuf,
    /// Where what is replaced is put: a new file.
    pub kept: PathBuf,
    /// The last end of the log that was kept elsewhere.
    pub head: Option<KeptHead>,
    /// The keys that were revoked since, if somebody knows. Ids and tokens are
    /// looked up everywhere, all else in `workspace`.
    pub revocations: Option<Vec<Selection>>,
    /// Whether revocations of keys that the backup does not have are passed over.
    pub if_exists: bool,
    /// The workspace of names and beginnings of ids.
    pub workspace: Workspace,
    /// Whether it is to be as it was, whatever ended since.
    pub exact: bool,
    /// Whether to undo it all at the end.
    pub dry_run: bool,
}

/// A key that was kept from being valid again, for longer, or for more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// In what way.
    pub how: Ending,
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
    /// Whether anything was there to be put aside.
    pub is_replacing: bool,
    /// The event up to which a head that was kept shows that all is known: what
    /// was revoked later is valid again.
    pub known_until: Option<i64>,
    /// What stays ended.
    pub kept: Vec<Kept>,
    /// What does not, since it is to be as it was.
    pub revived: Vec<Key>,
    /// Keys that were issued since the backup, and are gone.
    pub lost: Vec<Key>,
    /// How many of the revocations that were named fit no key of the backup.
    pub unmet_count: u64,
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
    /// exact; [`Refusal::RevocationsUnmet`], [`Refusal::OtherStore`],
    /// [`Refusal::BackupAltered`]; [`Error::Backup`], and the faults of the store
    /// that is replaced. Nothing was changed then.
    pub fn restore(
        location: &Location,
        actor: &Actor,
        request: &RestoreRequest,
        now: Timestamp,
    ) -> Result<Restored, Error> {
        let backup = Backup::open(&request.backup).map_err(Error::Backup)?;
        // It is a copy that nobody else sees: what holds now holds later, and
        // the store need not be locked for it.
        let checked = backup
            .read()
            .map_err(Error::from)
            .and_then(|tx| audit(tx.as_ref(), None))
            .map_err(of_backup)?;
        let mut restored = None;
        store::restore(location, &backup, &request.kept, &mut |present, coming| {
            let checked = checked.clone();
            restored = Some(plan(present, coming, checked, request, (actor, now))?);
            Ok(!request.dry_run)
        })?;
        // The store has it decided before it answers.
        restored.ok_or_else(|| {
            StoreError::caused(StoreFault::Other, "nothing was decided about the backup").into()
        })
    }
}

fn plan(
    present: Present<'_>,
    coming: &mut dyn Tx,
    backup: Checked,
    request: &RestoreRequest,
    (actor, now): (&Actor, Timestamp),
) -> Result<Restored, Error> {
    let is_replacing = !matches!(present, Present::Missing);
    let known = what_is_known(present, coming, request)?;
    let event = Change::Restored {
        before: known.head.clone(),
        after: backup.head.clone(),
        exact: request.exact,
    };
    apply(coming, actor, now, &[event])?;
    // What cannot be read of the store that is replaced has been said, or is for
    // whoever gave the list of what was revoked.
    let policy = known.present.and_then(|present| present.policy().ok());
    let has_other_policy = match policy {
        Some(policy) => policy != coming.policy()?,
        None => false,
    };
    let lost = known.present.map(|present| lost(present, coming, now));
    let lost = lost.unwrap_or_default();
    let mut coming = Coming {
        tx: coming,
        actor,
        now,
        is_exact: request.exact,
        kept: Vec::new(),
        revived: Vec::new(),
    };
    if let Some(present) = known.present {
        coming.compare(present)?;
    }
    let revocations = request.revocations.as_deref().unwrap_or_default();
    let unmet = coming.revoke(revocations, &request.workspace)?;
    if !unmet.is_empty() && !request.if_exists {
        return Err(Refusal::RevocationsUnmet { places: unmet }.into());
    }
    Ok(Restored {
        head: coming.tx.head()?,
        kept: coming.kept,
        revived: coming.revived,
        known_until: known.until,
        backup,
        is_replacing,
        lost,
        unmet_count: unmet.len() as u64,
        has_other_policy,
    })
}

fn of_backup(error: Error) -> Error {
    match error {
        Error::Altered(difference) => Refusal::BackupAltered(difference).into(),
        Error::Store(fault) => Error::Backup(fault),
        error => error,
    }
}

/// The backup with what is kept from being undone.
struct Coming<'a> {
    tx: &'a mut dyn Tx,
    actor: &'a Actor,
    now: Timestamp,
    is_exact: bool,
    kept: Vec<Kept>,
    revived: Vec<Key>,
}

impl Coming<'_> {
    fn keep(&mut self, how: Ending, before: Key, after: Key) -> Result<(), Error> {
        let key = after.clone();
        let change = Change::Updated {
            action: how.action(),
            before,
            after,
            reason: None,
        };
        apply(self.tx, self.actor, self.now, &[change])?;
        self.kept.push(Kept { how, key });
        Ok(())
    }

    /// Keeps every key that ended since from being valid again, and from what was
    /// taken away from it, unless it is to be exact.
    fn compare(&mut self, present: &dyn Tx) -> Result<(), Error> {
        let ended = Ended::read(present);
        for id in ids(self.tx)? {
            let Some(mut key) = self.tx.key(&id)? else {
                continue;
            };
            // A row that cannot be read says nothing; the log still does.
            let here = present.key_by_digest(&key.digest).ok().flatten();
            let steps = carry_over(&key, here.as_ref(), &ended, self.now);
            if self.is_exact {
                let is_revived = !steps.is_empty() && key.is_live(self.now);
                self.revived.extend(is_revived.then_some(key));
                continue;
            }
            for (how, after) in steps {
                self.keep(how, key, after.clone())?;
                key = after;
            }
            if let Some(at) = here.and_then(|here| here.last_used_at) {
                self.tx.record_use(&key.id, at.min(self.now))?;
            }
        }
        Ok(())
    }

    /// Revokes the keys that somebody says were revoked since; the places of
    /// those that the backup does not have.
    fn revoke(
        &mut self,
        selections: &[Selection],
        workspace: &Workspace,
    ) -> Result<Vec<usize>, Error> {
        let mut unmet = Vec::new();
        for (place, selection) in selections.iter().enumerate() {
            match self.named(selection, workspace)? {
                Some(key) if key.revoked_at.is_none() => {
                    let after = revoked_key(&key, None, self.now);
                    self.keep(Ending::Revoked, key, after)?;
                }
                Some(_) => {}
                None => unmet.push(place),
            }
        }
        Ok(unmet)
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
/// again, and that the backup does not have; as far as they can be read.
fn lost(present: &dyn Tx, coming: &dyn Tx, now: Timestamp) -> Vec<Key> {
    let mut lost = Vec::new();
    let _ = present.rows(&mut |_, key| {
        if key.is_live(now) && matches!(coming.key_by_digest(&key.digest), Ok(None)) {
            lost.push(key);
        }
        ControlFlow::Continue(())
    });
    lost
}

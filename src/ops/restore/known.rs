//! Whether it is known what was revoked since a backup was made.

use std::ops::ControlFlow;

use super::super::audit::{audit, audit_log};
use super::RestoreRequest;
use crate::domain::{Discrepancy, Error, Head, KeptHead, Refusal, StoreError, WhyUnknown};
use crate::store::{EventFilter, Present, Tx};

/// What the store that is replaced can be asked for.
pub(super) struct Known<'a> {
    pub(super) present: Option<&'a dyn Tx>,
    pub(super) head: Option<Head>,
    /// See [`Restored::known_until`](super::Restored::known_until).
    pub(super) until: Option<i64>,
}

/// Reads the store that is replaced, as far as it goes, and decides whether
/// enough is known of what was revoked since the backup.
pub(super) fn what_is_known<'a>(
    present: Present<'a>,
    coming: &dyn Tx,
    request: &RestoreRequest,
) -> Result<Known<'a>, Error> {
    let (mut known, doubt) = match present {
        Present::Missing => (Known::nothing(), Some(WhyUnknown::NoStore)),
        Present::Unreadable(_) => (Known::nothing(), Some(WhyUnknown::Unreadable)),
        Present::Store(present) => look_at(present, &coming.head()?, request.head.as_ref())?,
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
        (Some(doubt), Some(head)) if known.present.is_none() && request.revocations.is_none() => {
            match audit_log(coming, Some(head)) {
                Ok(checked) => {
                    let last = checked.head.seq;
                    let seq = checked.matches_head_at.unwrap_or_default();
                    known.until = Some(last);
                    (seq != last).then_some(WhyUnknown::HeadOlder { seq, last })
                }
                Err(Error::Altered(difference)) => Some(WhyUnknown::HeadUnmet(difference)),
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
    fn nothing() -> Known<'static> {
        Known {
            present: None,
            head: None,
            until: None,
        }
    }
}

/// What can be read of the store that is replaced, and why that may not be all.
/// What it says of keys that ended counts in any case.
fn look_at<'a>(
    present: &'a dyn Tx,
    backup: &Head,
    kept: Option<&KeptHead>,
) -> Result<(Known<'a>, Option<WhyUnknown>), Error> {
    let Ok(head) = present.head() else {
        return Ok((Known::nothing(), Some(WhyUnknown::Unreadable)));
    };
    let is_of_other_store = head.store_id != backup.store_id;
    let known = Known {
        present: Some(present),
        head: Some(head),
        until: None,
    };
    let doubt = match audit(present, kept) {
        // It is another store altogether, which is for the caller to say.
        Ok(_) if is_of_other_store => None,
        Ok(_) if has_event(present, backup)? => None,
        Ok(_) => Some(WhyUnknown::Diverged { seq: backup.seq }),
        Err(Error::Altered(difference)) => Some(match difference {
            Discrepancy::HeadAhead { .. }
            | Discrepancy::HeadUnknown
            | Discrepancy::OtherStore { .. } => WhyUnknown::HeadUnmet(difference),
            difference => WhyUnknown::Altered(difference),
        }),
        Err(_) => Some(WhyUnknown::Unreadable),
    };
    Ok((known, doubt))
}

/// Whether the log goes on from there.
fn has_event(tx: &dyn Tx, head: &Head) -> Result<bool, StoreError> {
    let mut found = None;
    tx.events(&EventFilter::default(), &mut |event| {
        if event.seq < head.seq {
            return ControlFlow::Continue(());
        }
        found = (event.seq == head.seq).then_some(event.hash);
        ControlFlow::Break(())
    })?;
    Ok(found == head.hash)
}

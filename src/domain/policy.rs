//! What a store allows.

use super::access::Target;
use super::error::Refusal;
use super::time::{Lifetime, Timestamp};

/// The rules an operator may set for a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How many live keys one target may have; `None` is any number.
    pub max_keys_per_target: Option<u32>,
    /// How much time passes before a use is recorded again.
    pub last_used_interval: Lifetime,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            max_keys_per_target: Some(10),
            last_used_interval: Lifetime::from_seconds(600),
        }
    }
}

impl Policy {
    /// Whether `target`, which has `live_count` live keys, may have one more.
    ///
    /// # Errors
    /// [`Refusal::LimitReached`] if not.
    pub fn check_limit(&self, target: &Target, live_count: u64) -> Result<(), Refusal> {
        match self.max_keys_per_target {
            Some(limit) if live_count >= u64::from(limit) => Err(Refusal::LimitReached {
                target: target.clone(),
                limit,
            }),
            _ => Ok(()),
        }
    }

    /// Whether a use at `now` is to be recorded. Never backwards in time.
    pub fn is_use_due(&self, last_used_at: Option<Timestamp>, now: Timestamp) -> bool {
        let Some(last) = last_used_at else {
            return true;
        };
        u64::try_from(now.seconds_since(last))
            .is_ok_and(|elapsed| elapsed > 0 && elapsed >= self.last_used_interval.as_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_at_its_boundary() {
        let target = Target::AllDatasets;
        let cases = [
            (Some(10), 0, true),
            (Some(10), 9, true),
            (Some(10), 10, false),
            (Some(10), 11, false),
            (Some(0), 0, false),
            (None, u64::MAX, true),
        ];
        for (max_keys_per_target, live_count, allowed) in cases {
            let policy = Policy {
                max_keys_per_target,
                ..Policy::default()
            };
            assert_eq!(policy.check_limit(&target, live_count).is_ok(), allowed);
        }
    }

    #[test]
    fn a_use_is_due_after_the_interval_and_never_backwards() {
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        // interval, last use, now
        let cases = [
            (600, None, 0, true),
            (600, Some(1_000), 1_000, false),
            (600, Some(1_000), 1_599, false),
            (600, Some(1_000), 1_600, true),
            (600, Some(1_000), 999, false),
            (600, Some(1_000), 0, false),
            (0, Some(1_000), 1_000, false),
            (0, Some(1_000), 1_001, true),
        ];
        for (interval, last, now, due) in cases {
            let policy = Policy {
                last_used_interval: Lifetime::from_seconds(interval),
                ..Policy::default()
            };
            let got = policy.is_use_due(last.map(at), at(now));
            assert_eq!(got, due, "{interval} {last:?} {now}");
        }
    }
}

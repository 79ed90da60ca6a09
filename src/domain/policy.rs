//! What a store allows.

use std::str::FromStr;

use super::access::Target;
use super::error::{Invalid, Refusal};
use super::hash::{Fields, RowDigest};
use super::time::{Expiry, Lifetime, Timestamp};

/// What an expiry may be: an end that can be written, whenever it is asked for.
const SHORTEST_LIFE: Lifetime = Lifetime::from_seconds(1);
const LONGEST_LIFE: Lifetime = Lifetime::from_seconds(1_000 * 365 * 86_400);
/// Uses that are further apart could not tell what was used on a day.
pub(super) const LONGEST_INTERVAL: Lifetime = Lifetime::from_seconds(86_400);

/// The rules that an operator may set for a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How many live keys one target may have; `None` is any number.
    pub max_keys_per_target: Option<u32>,
    /// How long a key lives if nothing else is asked for; `None` is for ever.
    pub default_expiry: Option<Lifetime>,
    /// The longest that a key may be given from now on; `None` is any time.
    pub max_expiry: Option<Lifetime>,
    /// How much time passes before a use is recorded again.
    pub last_used_interval: Lifetime,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            max_keys_per_target: Some(10),
            default_expiry: None,
            max_expiry: None,
            last_used_interval: Lifetime::from_seconds(600),
        }
    }
}

/// One of the rules, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// [`Policy::max_keys_per_target`]: a number, or `unlimited`.
    MaxKeysPerTarget,
    /// [`Policy::default_expiry`]: a length of time, or `never`.
    DefaultExpiry,
    /// [`Policy::max_expiry`]: a length of time, or `none`.
    MaxExpiry,
    /// [`Policy::last_used_interval`]: a length of time.
    LastUsedInterval,
}

impl Setting {
    /// Every setting there is.
    pub const ALL: [Setting; 4] = [
        Setting::MaxKeysPerTarget,
        Setting::DefaultExpiry,
        Setting::MaxExpiry,
        Setting::LastUsedInterval,
    ];

    /// Its name, as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Setting::MaxKeysPerTarget => "max-keys-per-target",
            Setting::DefaultExpiry => "default-expiry",
            Setting::MaxExpiry => "max-expiry",
            Setting::LastUsedInterval => "last-used-interval",
        }
    }

    /// Its name in documents.
    pub fn field(self) -> &'static str {
        match self {
            Setting::MaxKeysPerTarget => "max_keys_per_target",
            Setting::DefaultExpiry => "default_expiry",
            Setting::MaxExpiry => "max_expiry",
            Setting::LastUsedInterval => "last_used_interval",
        }
    }

    /// This value for it.
    ///
    /// # Errors
    /// [`Invalid`] says what the setting takes.
    pub fn choose(self, value: &str) -> Result<Choice, Invalid> {
        Ok(match self {
            Setting::MaxKeysPerTarget => Choice::MaxKeysPerTarget(limit(value)?),
            Setting::DefaultExpiry => Choice::DefaultExpiry(lifetime(value, "never")?),
            Setting::MaxExpiry => Choice::MaxExpiry(lifetime(value, "none")?),
            Setting::LastUsedInterval => Choice::LastUsedInterval(interval(value)?),
        })
    }
}

/// A setting and a value that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// For [`Policy::max_keys_per_target`].
    MaxKeysPerTarget(Option<u32>),
    /// For [`Policy::default_expiry`].
    DefaultExpiry(Option<Lifetime>),
    /// For [`Policy::max_expiry`].
    MaxExpiry(Option<Lifetime>),
    /// For [`Policy::last_used_interval`].
    LastUsedInterval(Lifetime),
}

impl FromStr for Setting {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Setting, Invalid> {
        Self::ALL
            .into_iter()
            .find(|setting| setting.as_str() == text)
            .ok_or_else(|| {
                let names = Self::ALL.map(Setting::as_str).join(", ");
                Invalid::new(format!("the settings are {names}"))
            })
    }
}

impl Policy {
    /// The value of a setting, as [`Setting::choose`] takes it.
    pub fn value(&self, setting: Setting) -> String {
        let text = |lifetime: Option<Lifetime>, none: &str| {
            lifetime.map_or_else(|| none.to_owned(), |lifetime| lifetime.to_string())
        };
        match setting {
            Setting::MaxKeysPerTarget => match self.max_keys_per_target {
                Some(limit) => limit.to_string(),
                None => "unlimited".to_owned(),
            },
            Setting::DefaultExpiry => text(self.default_expiry, "never"),
            Setting::MaxExpiry => text(self.max_expiry, "none"),
            Setting::LastUsedInterval => self.last_used_interval.to_string(),
        }
    }

    /// The same policy with another value for one setting.
    #[must_use]
    pub fn with(&self, choice: Choice) -> Policy {
        let mut policy = self.clone();
        match choice {
            Choice::MaxKeysPerTarget(limit) => policy.max_keys_per_target = limit,
            Choice::DefaultExpiry(lifetime) => policy.default_expiry = lifetime,
            Choice::MaxExpiry(lifetime) => policy.max_expiry = lifetime,
            Choice::LastUsedInterval(interval) => policy.last_used_interval = interval,
        }
        policy
    }

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

    /// When a key ends for which `asked` is asked at `now`: the default holds
    /// where nothing is. `None` is never.
    ///
    /// # Errors
    /// [`Expiry::resolve`]'s, and [`Refusal::ExpiryBeyondPolicy`] if it would
    /// end later than [`max_expiry`](Self::max_expiry) from now.
    pub fn resolve_expiry(
        &self,
        asked: Option<Expiry>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Refusal> {
        let default = self.default_expiry.map_or(Expiry::Never, Expiry::After);
        let at = asked.unwrap_or(default).resolve(now)?;
        let Some(max) = self.max_expiry else {
            return Ok(at);
        };
        let latest = now.checked_add(max).unwrap_or(Timestamp::MAX);
        if at.is_some_and(|at| at <= latest) {
            Ok(at)
        } else {
            Err(Refusal::ExpiryBeyondPolicy { at, max })
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

    /// SHA-256 of the policy, for the log: `"keyctl/policy/v1\0"`, then name and
    /// value of each setting that is not at its default, in the order of
    /// [`Setting::ALL`], written as [`Entry::hash_after`](super::Entry::hash_after)
    /// writes fields. A setting that is added later changes no digest.
    ///
    /// Vectors: the default, and 20 keys per target with a default expiry of 90d:
    ///
    /// ```text
    /// 84ed363a08c6d1a6292cd98923a48133882d8a07f43106058eb03b49f0296bd8
    /// 9e98210e6d5e944b2943e7fcb5ca09888a68a93c3b62f2b2ea90653d2607683a
    /// ```
    pub fn row_digest(&self) -> RowDigest {
        let default = Policy::default();
        let digest = Setting::ALL
            .into_iter()
            .filter(|setting| self.value(*setting) != default.value(*setting))
            .fold(Fields::new(b"keyctl/policy/v1\0"), |fields, setting| {
                fields
                    .text(Some(setting.as_str()))
                    .text(Some(&self.value(setting)))
            })
            .finish();
        RowDigest::from_bytes(digest)
    }
}

fn limit(value: &str) -> Result<Option<u32>, Invalid> {
    if value == "unlimited" {
        return Ok(None);
    }
    // `u32::from_str` would take "+5".
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse() {
        Ok(limit) if is_number => Ok(Some(limit)),
        _ => Err(Invalid::new("a limit is a number of keys, or unlimited")),
    }
}

fn lifetime(value: &str, none: &str) -> Result<Option<Lifetime>, Invalid> {
    if value == none {
        return Ok(None);
    }
    match value.parse() {
        Ok(lifetime) if (SHORTEST_LIFE..=LONGEST_LIFE).contains(&lifetime) => Ok(Some(lifetime)),
        _ => Err(Invalid::new(format!(
            "an expiry is a length of time from 1s to 1000y, such as 90d, or {none}"
        ))),
    }
}

fn interval(value: &str) -> Result<Lifetime, Invalid> {
    let interval: Lifetime = value.parse()?;
    if interval <= LONGEST_INTERVAL {
        Ok(interval)
    } else {
        Err(Invalid::new("the interval is 1d at most"))
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
    fn settings_take_what_they_show_and_nothing_else() {
        use Setting::{DefaultExpiry, LastUsedInterval, MaxExpiry, MaxKeysPerTarget};
        let cases = [
            (MaxKeysPerTarget, "20", Some("20")),
            (MaxKeysPerTarget, "0", Some("0")),
            (MaxKeysPerTarget, "unlimited", Some("unlimited")),
            (MaxKeysPerTarget, "-1", None),
            (MaxKeysPerTarget, "+1", None),
            (MaxKeysPerTarget, "", None),
            (MaxKeysPerTarget, "4294967296", None),
            (MaxKeysPerTarget, "none", None),
            (DefaultExpiry, "90d", Some("90d")),
            (DefaultExpiry, "never", Some("never")),
            (DefaultExpiry, "none", None),
            (DefaultExpiry, "0s", None),
            (DefaultExpiry, "2027-01-31", None),
            (DefaultExpiry, "1000y", Some("1000y")),
            (DefaultExpiry, "1001y", None),
            (MaxExpiry, "365d", Some("1y")),
            (MaxExpiry, "none", Some("none")),
            (MaxExpiry, "never", None),
            (LastUsedInterval, "0s", Some("0s")),
            (LastUsedInterval, "600s", Some("10m")),
            (LastUsedInterval, "24h", Some("1d")),
            (LastUsedInterval, "25h", None),
            (LastUsedInterval, "never", None),
        ];
        for (setting, value, shown) in cases {
            let choice = setting.choose(value).ok();
            let got = choice.map(|choice| Policy::default().with(choice).value(setting));
            assert_eq!(got.as_deref(), shown, "{setting:?} {value:?}");
            let again = got.map(|value| setting.choose(&value));
            assert_eq!(again.and_then(Result::ok), choice);
        }
        for setting in Setting::ALL {
            assert_eq!(setting.as_str().parse(), Ok(setting));
            assert_eq!(setting.field(), setting.as_str().replace('-', "_"));
        }
        assert!("max_keys_per_target".parse::<Setting>().is_err());
    }

    #[test]
    fn an_expiry_is_the_one_asked_for_or_the_default_and_within_the_bound() {
        let now = Timestamp::from_unix(1_000).unwrap();
        let at = Timestamp::from_unix;
        let beyond = |at, max| {
            Err(Refusal::ExpiryBeyondPolicy {
                at,
                max: Lifetime::from_seconds(max),
            })
        };
        // default and maximum in seconds, asked for, result
        let cases = [
            (None, None, None, Ok(None)),
            (None, None, Some("60s"), Ok(at(1_060))),
            (Some(90), None, None, Ok(at(1_090))),
            (Some(90), None, Some("never"), Ok(None)),
            (Some(90), Some(90), None, Ok(at(1_090))),
            (Some(91), Some(90), None, beyond(at(1_091), 90)),
            (None, Some(90), None, beyond(None, 90)),
            (None, Some(90), Some("never"), beyond(None, 90)),
            (None, Some(90), Some("90s"), Ok(at(1_090))),
            (None, Some(90), Some("91s"), beyond(at(1_091), 90)),
            (None, Some(90), Some("1970-01-01T00:18:10Z"), Ok(at(1_090))),
            (
                None,
                Some(u64::MAX),
                Some("9000y"),
                Err(Refusal::ExpiryTooFar),
            ),
            (None, Some(u64::MAX), Some("1y"), Ok(at(31_537_000))),
        ];
        for (default, max, asked, expected) in cases {
            let policy = Policy {
                default_expiry: default.map(Lifetime::from_seconds),
                max_expiry: max.map(Lifetime::from_seconds),
                ..Policy::default()
            };
            let asked = asked.map(|text| text.parse().unwrap());
            assert_eq!(policy.resolve_expiry(asked, now), expected, "{asked:?}");
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

    #[test]
    fn the_bytes_of_a_policy_do_not_change() {
        // Computed apart from this code, by hashing the documented bytes in a
        // Python shell. If this fails, existing logs no longer verify.
        let policy = Policy::default()
            .with(Choice::MaxKeysPerTarget(Some(20)))
            .with(Choice::DefaultExpiry(Some(Lifetime::from_seconds(
                7_776_000,
            ))));
        for (policy, expected) in [
            (
                Policy::default(),
                "84ed363a08c6d1a6292cd98923a48133882d8a07f43106058eb03b49f0296bd8",
            ),
            (
                policy,
                "9e98210e6d5e944b2943e7fcb5ca09888a68a93c3b62f2b2ea90653d2607683a",
            ),
        ] {
            let digest = policy.row_digest();
            let hex: String = digest
                .as_bytes()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(hex, expected);
        }
    }

    #[test]
    fn the_digest_covers_every_setting_that_is_not_at_its_default() {
        let default = Policy::default();
        let mut digests = vec![default.row_digest()];
        for (setting, value) in Setting::ALL.into_iter().zip(["11", "1d", "1d", "1m"]) {
            let with = |value: &str| default.with(setting.choose(value).unwrap());
            digests.push(with(value).row_digest());
            assert_eq!(with(&default.value(setting)).row_digest(), digests[0]);
        }
        digests.sort_unstable_by_key(|digest| *digest.as_bytes());
        digests.dedup();
        assert_eq!(digests.len(), 5);
    }
}

//! The answer to a presented token, and the order in which it is found.

use std::fmt;

use super::access::{Access, Need};
use super::key::{Key, Status};
use super::scope::Scopes;
use super::time::Timestamp;

/// What is said of a presented token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not the shape of any token.
    Malformed,
    /// No key of this workspace has it.
    NotFound,
    /// Its key was revoked.
    Revoked,
    /// Its key is disabled.
    Disabled,
    /// Its key's time is over.
    Expired,
    /// Its key reaches something else.
    Forbidden,
    /// Its key reaches the target but may not do that.
    InsufficientScope,
    /// It may.
    Valid,
}

impl Verdict {
    /// The word for it; `insufficient_scope` is RFC 6750's.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Malformed => "malformed",
            Verdict::NotFound => "not_found",
            Verdict::Revoked => "revoked",
            Verdict::Disabled => "disabled",
            Verdict::Expired => "expired",
            Verdict::Forbidden => "forbidden",
            Verdict::InsufficientScope => "insufficient_scope",
            Verdict::Valid => "valid",
        }
    }

    /// What a server answers: 200; 401 where the token proves nothing; 403
    /// where it proves who asks, and that they may not (RFC 6750 section 3.1).
    pub fn http_status(self) -> u16 {
        match self {
            Verdict::Malformed
            | Verdict::NotFound
            | Verdict::Revoked
            | Verdict::Disabled
            | Verdict::Expired => 401,
            Verdict::Forbidden | Verdict::InsufficientScope => 403,
            Verdict::Valid => 200,
        }
    }

    /// Whether the request may go on.
    pub fn is_valid(self) -> bool {
        self == Verdict::Valid
    }

    /// Whether it counts as a use of the key: its holder was let in, or was
    /// recognised and turned away.
    pub fn is_use(self) -> bool {
        self.http_status() != 401
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the holder of `key` may do about `need` at `now`. The first reason to
/// deny wins; the token has been proved before this is asked.
pub fn decide(key: &Key, need: &Need, now: Timestamp) -> Verdict {
    decide_by(key.status(now), &key.access, &key.scopes, need)
}

/// The same, where no more is known of the key than this.
pub(super) fn decide_by(status: Status, access: &Access, scopes: &Scopes, need: &Need) -> Verdict {
    match status {
        Status::Revoked => return Verdict::Revoked,
        Status::Disabled => return Verdict::Disabled,
        Status::Expired => return Verdict::Expired,
        Status::Active => {}
    }
    if !access.covers(need.target.as_ref()) {
        return Verdict::Forbidden;
    }
    if !need.scopes.iter().all(|scope| scopes.allow(scope)) {
        return Verdict::InsufficientScope;
    }
    Verdict::Valid
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key::tests::sample_key;
    use crate::domain::{Standing, Target};

    #[test]
    fn the_first_reason_to_deny_wins() {
        let at = |seconds| Timestamp::from_unix(seconds);
        let now = Timestamp::from_unix(2_000).unwrap();
        let key = Key {
            scopes: "read".parse().unwrap(),
            ..sample_key()
        };
        let revoked = Key {
            revoked_at: at(1),
            ..key.clone()
        };
        let disabled = Key {
            disabled_at: at(1),
            ..key.clone()
        };
        let expired = Key {
            expires_at: at(2_000),
            ..key.clone()
        };
        let cases = [
            (&key, "ds_1", vec!["read"], Verdict::Valid),
            (&key, "ds_1", vec![], Verdict::Valid),
            (&key, "ds_1", vec!["write"], Verdict::InsufficientScope),
            (
                &key,
                "ds_1",
                vec!["read", "write"],
                Verdict::InsufficientScope,
            ),
            (&key, "ds_2", vec!["read"], Verdict::Forbidden),
            // Access is judged before scope.
            (&key, "ds_2", vec!["write"], Verdict::Forbidden),
            // Status is judged before access.
            (&revoked, "ds_2", vec!["write"], Verdict::Revoked),
            (&disabled, "ds_2", vec!["write"], Verdict::Disabled),
            (&expired, "ds_2", vec!["write"], Verdict::Expired),
            (&revoked, "ds_1", vec!["read"], Verdict::Revoked),
            (&disabled, "ds_1", vec!["read"], Verdict::Disabled),
            (&expired, "ds_1", vec!["read"], Verdict::Expired),
        ];
        for (key, dataset, scopes, expected) in cases {
            let need = Need {
                target: Some(Target::Dataset(dataset.parse().unwrap())),
                scopes: scopes.iter().map(|scope| scope.parse().unwrap()).collect(),
            };
            assert_eq!(decide(key, &need, now), expected, "{dataset} {scopes:?}");
            let standing = Standing::from(key.clone());
            assert_eq!(
                standing.decide(&need, now),
                expected,
                "{dataset} {scopes:?}"
            );
        }
    }

    #[test]
    fn a_bound_key_is_denied_without_a_target() {
        let now = Timestamp::from_unix(2_000).unwrap();
        assert_eq!(
            decide(&sample_key(), &Need::default(), now),
            Verdict::Forbidden
        );
    }

    #[test]
    fn every_verdict_has_its_word_and_its_status() {
        let cases = [
            (Verdict::Malformed, "malformed", 401, false),
            (Verdict::NotFound, "not_found", 401, false),
            (Verdict::Revoked, "revoked", 401, false),
            (Verdict::Disabled, "disabled", 401, false),
            (Verdict::Expired, "expired", 401, false),
            (Verdict::Forbidden, "forbidden", 403, true),
            (Verdict::InsufficientScope, "insufficient_scope", 403, true),
            (Verdict::Valid, "valid", 200, true),
        ];
        for (verdict, word, http_status, is_use) in cases {
            assert_eq!(verdict.to_string(), word);
            assert_eq!(verdict.http_status(), http_status);
            assert_eq!(verdict.is_use(), is_use);
            assert_eq!(verdict.is_valid(), http_status == 200);
        }
    }
}

//! What a key that is here is held against: the same key, as it is where the
//! others come from.

use crate::domain::{Key, Status};

/// Whether somebody would miss something of what was offered, in a key that is
/// there: another reach, or fewer rights, or an earlier end.
pub(super) fn differs(present: &Key, offered: &Key) -> bool {
    present.workspace != offered.workspace
        || present.access != offered.access
        || present
            .scopes
            .iter()
            .any(|scope| !offered.scopes.allow(scope))
        || offered.ends_before(present)
}

/// Whether a key has not ended here in the way that it has there.
pub(super) fn outlives(here: Status, there: Status) -> bool {
    match here {
        Status::Active => there != Status::Active,
        Status::Disabled => matches!(there, Status::Expired | Status::Revoked),
        Status::Expired => there == Status::Revoked,
        Status::Revoked => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Access, Scopes, Timestamp, sample_key};

    #[test]
    fn a_key_outlives_what_has_ended_elsewhere() {
        use Status::{Active, Disabled, Expired, Revoked};
        // By what it is there: active, disabled, expired, revoked.
        for (here, expected) in [
            (Active, [false, true, true, true]),
            (Disabled, [false, false, true, true]),
            (Expired, [false, false, false, true]),
            (Revoked, [false; 4]),
        ] {
            let there = [Active, Disabled, Expired, Revoked];
            assert_eq!(there.map(|there| outlives(here, there)), expected, "{here}");
        }
    }

    #[test]
    fn a_key_differs_that_reaches_elsewhere_or_may_do_more_or_for_longer() {
        let at = Timestamp::from_unix;
        let key = sample_key();
        let with_scopes = |text: &str| Key {
            scopes: Scopes::new(text.split(' ').map(|scope| scope.parse().unwrap())).unwrap(),
            ..key.clone()
        };
        let ending = |expires_at| Key {
            expires_at,
            ..key.clone()
        };
        let elsewhere = Key {
            workspace: "elsewhere".parse().unwrap(),
            ..key.clone()
        };
        let open = Key {
            access: Access::AllDatasets,
            ..key.clone()
        };
        let renamed = Key {
            name: Some("other".parse().unwrap()),
            description: None,
            created_at: at(5).unwrap(),
            ..key.clone()
        };
        // present, offered
        let cases = [
            (&key, &key, false),
            (&key, &renamed, false),
            (&key, &elsewhere, true),
            (&key, &open, true),
            (&open, &key, true),
            (&with_scopes("a b"), &with_scopes("a"), true),
            (&with_scopes("a"), &with_scopes("a b"), false),
            (&with_scopes("full"), &with_scopes("a"), true),
            (&with_scopes("a"), &with_scopes("full"), false),
            (&ending(None), &ending(at(9)), true),
            (&ending(at(9)), &ending(None), false),
            (&ending(at(9)), &ending(at(8)), true),
            (&ending(at(8)), &ending(at(9)), false),
        ];
        for (present, offered, expected) in cases {
            assert_eq!(
                differs(present, offered),
                expected,
                "{present:?} {offered:?}"
            );
        }
    }
}

//! Listing keys.

use std::ops::ControlFlow;

use super::Registry;
use crate::domain::{Error, Key, Lifetime, Status, Timestamp, Workspace};
use crate::store::{Filter, Page, Reach};

/// Which keys to list, in what order, and how many.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Of this workspace.
    pub workspace: Workspace,
    /// That reach this.
    pub reach: Reach,
    /// Whose name fits this pattern; a key without a name fits none.
    pub name: Option<glob::Pattern>,
    /// Of one of these statuses. Others that fit are counted as hidden.
    pub statuses: Vec<Status>,
    /// That are still to expire, and do so within this time, its end included.
    pub expiring_within: Option<Lifetime>,
    /// That were last used, or if never, issued, at least this long ago.
    pub unused_for: Option<Lifetime>,
    /// In this order, from here on.
    pub page: Page,
    /// At most so many; `None` is all.
    pub limit: Option<usize>,
}

/// What is said about a list beside its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listing {
    /// How many keys fitted in all but their status. Counted only as far as the
    /// list was read.
    pub hidden_count: u64,
    /// Whether more keys follow those of the limit.
    pub has_more: bool,
}

impl Registry {
    /// Hands over the keys that fit, one by one and in order, until `each` says
    /// stop. The memory it takes does not grow with their number.
    ///
    /// # Errors
    /// The store's faults.
    pub fn list(
        &mut self,
        query: &ListQuery,
        now: Timestamp,
        mut each: impl FnMut(Key) -> ControlFlow<()>,
    ) -> Result<Listing, Error> {
        let filter = Filter {
            workspace: Some(query.workspace.clone()),
            reach: query.reach.clone(),
            ..Filter::default()
        };
        let mut listing = Listing::default();
        let mut room = query.limit.unwrap_or(usize::MAX);
        self.store.read()?.keys(&filter, &query.page, &mut |key| {
            if !fits(query, &key, now) {
                return ControlFlow::Continue(());
            }
            if !query.statuses.contains(&key.status(now)) {
                listing.hidden_count += 1;
                return ControlFlow::Continue(());
            }
            if room == 0 {
                listing.has_more = true;
                return ControlFlow::Break(());
            }
            room -= 1;
            each(key)
        })?;
        Ok(listing)
    }

    /// Every key of a workspace that has a name, whatever its status, in the
    /// order of their issue: for suggestions.
    ///
    /// # Errors
    /// The store's faults.
    pub fn named_keys(&mut self, workspace: &Workspace) -> Result<Vec<Key>, Error> {
        let filter = Filter {
            workspace: Some(workspace.clone()),
            ..Filter::default()
        };
        let mut keys = Vec::new();
        self.store
            .read()?
            .keys(&filter, &Page::default(), &mut |key| {
                keys.extend(key.name.is_some().then_some(key));
                ControlFlow::Continue(())
            })?;
        Ok(keys)
    }
}

/// Whether a key fits in all but its status.
fn fits(query: &ListQuery, key: &Key, now: Timestamp) -> bool {
    let name_fits = query.name.as_ref().is_none_or(|pattern| {
        key.name
            .as_ref()
            .is_some_and(|name| pattern.matches(name.as_str()))
    });
    let expiry_fits = query.expiring_within.is_none_or(|within| {
        let end = now.checked_add(within).unwrap_or(Timestamp::MAX);
        key.expires_at.is_some_and(|at| now < at && at <= end)
    });
    let use_fits = query.unused_for.is_none_or(|unused_for| {
        key.last_used_at.unwrap_or(key.created_at) <= now.saturating_sub(unused_for)
    });
    name_fits && expiry_fits && use_fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample_key;

    #[test]
    fn keys_fit_by_name_expiry_and_use() {
        let at = Timestamp::from_unix;
        let now = at(10_000).unwrap();
        let query = ListQuery {
            workspace: Workspace::default(),
            reach: Reach::Anything,
            name: None,
            statuses: vec![Status::Active],
            expiring_within: None,
            unused_for: None,
            page: Page::default(),
            limit: None,
        };
        let key = Key {
            name: Some("ci-deploy".parse().unwrap()),
            ..sample_key()
        };
        let named = |pattern: &str| ListQuery {
            name: Some(glob::Pattern::new(pattern).unwrap()),
            ..query.clone()
        };
        let expiring = ListQuery {
            expiring_within: Some("100s".parse().unwrap()),
            ..query.clone()
        };
        let unused = ListQuery {
            unused_for: Some("100s".parse().unwrap()),
            ..query.clone()
        };
        let nameless = Key {
            name: None,
            ..key.clone()
        };
        let ends = |expires_at| Key {
            expires_at,
            ..key.clone()
        };
        let used = |last_used_at| Key {
            last_used_at,
            ..key.clone()
        };
        let cases = [
            (&query, nameless.clone(), true),
            (&named("ci-*"), key.clone(), true),
            (&named("ci"), key.clone(), false),
            (&named("CI-*"), key.clone(), false),
            (&named("*"), nameless, false),
            (&expiring, ends(None), false),
            (&expiring, ends(at(10_000)), false),
            (&expiring, ends(at(10_001)), true),
            (&expiring, ends(at(10_100)), true),
            (&expiring, ends(at(10_101)), false),
            (&unused, used(None), true),
            (&unused, used(at(9_900)), true),
            (&unused, used(at(9_901)), false),
            (
                &unused,
                Key {
                    created_at: at(9_950).unwrap(),
                    ..used(None)
                },
                false,
            ),
        ];
        for (query, key, expected) in cases {
            assert_eq!(fits(query, &key, now), expected, "{query:?} {key:?}");
        }
    }
}

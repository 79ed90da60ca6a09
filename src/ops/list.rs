//! Listing keys.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::str::FromStr;

use super::Registry;
use super::listed::Listed;
use crate::domain::{Error, Invalid, Key, KeyName, Lifetime, Status, Timestamp, Workspace};
use crate::store::{Filter, Page, Reach};

/// Which keys to list, in what order, and how many.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Of this workspace.
    pub workspace: Workspace,
    /// That reach this.
    pub reach: Reach,
    /// Whose name fits this pattern; a key without a name fits none.
    pub name: Option<NamePattern>,
    /// Of one of these statuses. Others that fit are counted as hidden.
    pub statuses: Vec<Status>,
    /// That are still to expire, and do so within this time, its end included.
    pub expiring_within: Option<Lifetime>,
    /// That have not been used for this long, as [`Key::is_unused_for`] says.
    pub unused_for: Option<Lifetime>,
    /// In this order, from here on.
    pub page: Page,
    /// At most so many; `None` is all.
    pub limit: Option<usize>,
}

/// A pattern for names: `*` is any number of characters, `?` is one, `[abc]` is
/// one of those. Case counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern(glob::Pattern);

impl NamePattern {
    /// Whether the whole name fits.
    pub fn fits(&self, name: &KeyName) -> bool {
        self.0.matches(name.as_str())
    }
}

impl FromStr for NamePattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<NamePattern, Invalid> {
        let mut text = text.to_owned();
        // The library means folders by "**", and names have none.
        while text.contains("**") {
            text = text.replace("**", "*");
        }
        glob::Pattern::new(&text)
            .map(NamePattern)
            .map_err(|error| Invalid::new(error.msg))
    }
}

/// What is said about a list beside its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listing {
    /// How many keys fitted in all but their status; unknown if the list was
    /// not read to its end.
    pub hidden_count: Option<u64>,
    /// Whether more keys follow those of the limit.
    pub has_more: bool,
}

impl Registry {
    /// Hands over the keys that fit, or their outlines, one by one and in order, until
    /// `each` says stop; another thread does so once there were many. The memory it takes
    /// does not grow with their number.
    ///
    /// # Errors
    /// The store's faults.
    pub fn list<K: Listed>(
        &mut self,
        query: &ListQuery,
        now: Timestamp,
        mut each: impl FnMut(K) -> ControlFlow<()> + Send,
    ) -> Result<Listing, Error> {
        let filter = Filter {
            workspace: Some(query.workspace.clone()),
            reach: query.reach.clone(),
            ..Filter::default()
        };
        let mut hidden_count = 0;
        let mut has_more = false;
        let mut is_whole = true;
        let mut room = query.limit.unwrap_or(usize::MAX);
        let tx = self.store.read()?;
        K::read(tx.as_ref(), &filter, &query.page, &mut |key| {
            if !fits(query, &key, now) {
                return ControlFlow::Continue(());
            }
            if !query.statuses.contains(&key.status(now)) {
                hidden_count += 1;
                return ControlFlow::Continue(());
            }
            let step = if room == 0 {
                has_more = true;
                ControlFlow::Break(())
            } else {
                room -= 1;
                each(key)
            };
            is_whole &= step.is_continue();
            step
        })?;
        Ok(Listing {
            hidden_count: is_whole.then_some(hidden_count),
            has_more,
        })
    }

    /// Some workspaces that keys are in, in order: all of them where there are
    /// few keys. The work does not grow with the store.
    ///
    /// # Errors
    /// The store's faults.
    pub fn some_workspaces(&mut self) -> Result<BTreeSet<Workspace>, Error> {
        const LOOKED_AT: usize = 1_000;
        let mut workspaces = BTreeSet::new();
        let mut seen = 0;
        self.store.read()?.rows(&mut |_, key| {
            workspaces.insert(key.workspace);
            seen += 1;
            match seen < LOOKED_AT {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        })?;
        Ok(workspaces)
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
fn fits(query: &ListQuery, key: &impl Listed, now: Timestamp) -> bool {
    let name_fits = query
        .name
        .as_ref()
        .is_none_or(|pattern| key.name().is_some_and(|name| pattern.fits(name)));
    let expiry_fits = query.expiring_within.is_none_or(|within| {
        let end = now.checked_add(within).unwrap_or(Timestamp::MAX);
        key.expires_at().is_some_and(|at| now < at && at <= end)
    });
    let use_fits = query
        .unused_for
        .is_none_or(|length| key.is_unused_for(length, now));
    name_fits && expiry_fits && use_fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Outline, sample_key};

    #[test]
    fn keys_fit_by_name_expiry_and_use() {
        let at = Timestamp::from_unix;
        let now = at(100_000).unwrap();
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
            name: Some(pattern.parse().unwrap()),
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
            (&named("c**y"), key.clone(), true),
            (&named("*"), nameless, false),
            (&expiring, ends(None), false),
            (&expiring, ends(at(100_000)), false),
            (&expiring, ends(at(100_001)), true),
            (&expiring, ends(at(100_100)), true),
            (&expiring, ends(at(100_101)), false),
            (&unused, used(None), true),
            (&unused, used(at(13_500)), true),
            (&unused, used(at(13_501)), false),
            (
                &unused,
                Key {
                    created_at: at(99_950).unwrap(),
                    ..used(None)
                },
                false,
            ),
        ];
        for (query, key, expected) in cases {
            assert_eq!(fits(query, &key, now), expected, "{query:?} {key:?}");
            let outline = Outline::from(key);
            assert_eq!(
                fits(query, &outline, now),
                expected,
                "{query:?} {outline:?}"
            );
        }
    }
}

//! What keys of the service are bound to, which stands in a table of its own.

use std::collections::BTreeMap;

use super::row::{BadRow, Column, field, is_null};
use crate::domain::TargetId;

/// What keys are bound to, by the ids that the service gave them.
pub struct Bindings {
    by_key: BTreeMap<ServiceId, Bound>,
    /// Whether a key that is not among them is known to be bound to nothing.
    pub(super) are_complete: bool,
}

/// What one key is bound to.
#[derive(Debug, Default)]
pub(super) struct Bound {
    /// The datasets.
    pub(super) datasets: Vec<TargetId>,
    /// How many bindings are to something else.
    pub(super) other_count: u64,
    was_met: bool,
}

impl Bindings {
    /// No bindings were given, so nothing is known of any key.
    pub fn unknown() -> Bindings {
        Bindings {
            by_key: BTreeMap::new(),
            are_complete: false,
        }
    }

    /// Those that are added from here on, and no others.
    pub fn complete() -> Bindings {
        Bindings {
            are_complete: true,
            ..Bindings::unknown()
        }
    }

    /// Adds a row of `dataset_api_token_bindings`. `resource_type` is missing in
    /// services that bind keys to datasets alone.
    ///
    /// # Errors
    /// [`BadRow`] if nobody can tell what the row binds to what. A key could pass
    /// for unbound then, so the bindings are of no use.
    pub fn add(
        &mut self,
        key_id: Option<&str>,
        resource_type: Column<'_>,
        dataset_id: Option<&str>,
    ) -> Result<(), BadRow> {
        let key_id = key_id.and_then(ServiceId::read).ok_or(BadRow::NoKey)?;
        let is_dataset = matches!(resource_type, Column::Missing | Column::Value("dataset"));
        let dataset = match dataset_id.filter(|_| is_dataset) {
            Some(id) if is_null(id) => return Err(BadRow::Null("dataset_id")),
            Some(id) => Some(field("dataset_id", id)?),
            None => None,
        };
        let bound = self.by_key.entry(key_id).or_default();
        match dataset {
            Some(id) => bound.datasets.push(id),
            None => bound.other_count += 1,
        }
        Ok(())
    }

    /// Marks what is known of a key as met.
    pub fn meet(&mut self, key_id: &str) {
        let id = ServiceId::read(key_id);
        if let Some(bound) = id.and_then(|id| self.by_key.get_mut(&id)) {
            bound.was_met = true;
        }
    }

    /// How many keys are bound and were never met.
    pub fn unmet_count(&self) -> u64 {
        let unmet = self.by_key.values().filter(|bound| !bound.was_met);
        unmet.count() as u64
    }

    /// One of them, the same each time, as it is compared.
    pub fn unmet(&self) -> Option<&str> {
        let unmet = self.by_key.iter().filter(|(_, bound)| !bound.was_met);
        unmet.map(|(id, _)| id.0.as_str()).min()
    }

    /// Whether a key of those that came out bound to nothing may have missed its
    /// binding, which is then among those of keys that were never met.
    pub fn may_have_widened(&self, unbound_count: u64) -> bool {
        unbound_count > 0 && self.unmet_count() > 0
    }

    pub(super) fn of(&self, key_id: &ServiceId) -> Option<&Bound> {
        self.by_key.get(key_id)
    }
}

/// The service's id of a key, as it is compared. Databases write a UUID with
/// hyphens or without, in either case; a binding that is not found to be a key's
/// would widen it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ServiceId(String);

impl ServiceId {
    /// Reads an id. One with anything in it that could be a part of it or not,
    /// such as a blank, is none.
    pub(super) fn read(id: &str) -> Option<ServiceId> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_:{}".contains(c);
        if id.is_empty() || is_null(id) || !id.chars().all(is_part) {
            return None;
        }
        // RFC 9562 names it so.
        let uuid = id.strip_prefix("urn:uuid:").unwrap_or(id);
        let is_of_uuid = |c: char| c.is_ascii_hexdigit() || matches!(c, '-' | '{' | '}');
        let digits = uuid.chars().filter(char::is_ascii_hexdigit);
        let is_uuid = uuid.chars().all(is_of_uuid) && digits.clone().count() == 32;
        Some(ServiceId(if is_uuid {
            digits.map(|c| c.to_ascii_lowercase()).collect()
        } else {
            id.to_owned()
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";

    #[test]
    fn a_binding_that_nobody_can_read_makes_all_of_them_useless() {
        let mut bindings = Bindings::complete();
        let dataset = Column::Value("dataset");
        assert_eq!(bindings.add(None, dataset, Some("a")), Err(BadRow::NoKey));
        for id in ["", "null", "NULL", "\\N", " 17", "17 ", "17\u{a0}", "'17'"] {
            let added = bindings.add(Some(id), dataset, Some("a"));
            assert_eq!(added, Err(BadRow::NoKey), "{id:?}");
        }
        let bad_id = bindings.add(Some(ID), dataset, Some("a b"));
        assert!(matches!(bad_id, Err(BadRow::Field("dataset_id", _))));
        let null = bindings.add(Some(ID), dataset, Some("null"));
        assert_eq!(null, Err(BadRow::Null("dataset_id")));
        // A kind that nobody knows binds the key, and to no dataset.
        for (resource_type, dataset_id) in [
            (Column::Value("dataset"), None),
            (Column::Value("Dataset"), Some("a")),
            (Column::Empty, Some("a")),
            (Column::Missing, None),
        ] {
            bindings.add(Some(ID), resource_type, dataset_id).unwrap();
        }
        let bound = bindings.of(&ServiceId::read(ID).unwrap()).unwrap();
        assert_eq!((bound.datasets.len(), bound.other_count), (0, 4));
    }

    #[test]
    fn an_unbound_key_may_have_missed_the_binding_of_a_key_that_was_not_met() {
        let mut bindings = Bindings::complete();
        assert!(!bindings.may_have_widened(1));
        bindings.add(Some(ID), Column::Missing, Some("a")).unwrap();
        bindings.meet("another");
        assert_eq!(bindings.unmet(), Some(ID.replace('-', "").as_str()));
        assert_eq!(bindings.unmet_count(), 1);
        for (unbound_count, may_have_widened) in [(0, false), (1, true), (2, true)] {
            let found = bindings.may_have_widened(unbound_count);
            assert_eq!(found, may_have_widened, "{unbound_count}");
        }
        bindings.meet(&ID.to_uppercase());
        assert_eq!((bindings.unmet_count(), bindings.unmet()), (0, None));
        assert!(!bindings.may_have_widened(1));
    }

    #[test]
    fn only_the_ways_to_write_a_uuid_are_the_same() {
        let read = |id: &str| ServiceId::read(id).unwrap();
        for same in [
            ID.to_uppercase(),
            ID.replace('-', ""),
            format!("{{{ID}}}"),
            format!("urn:uuid:{ID}"),
        ] {
            assert_eq!(read(&same), read(ID));
        }
        for (one, other) in [("a-b", "ab"), ("A", "a"), (&ID[1..], &ID[2..])] {
            assert_ne!(read(one), read(other));
        }
    }
}

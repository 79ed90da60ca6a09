//! What keys of the service are bound to, which stands in a table of its own.

use std::collections::HashMap;

use super::{BadRow, Column};
use crate::domain::TargetId;

/// What keys are bound to, by the ids that the service gave them.
pub struct Bindings {
    by_key: HashMap<String, Bound>,
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
            by_key: HashMap::new(),
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
        let key_id = key_id.ok_or(BadRow::NoKey)?;
        let is_dataset = matches!(resource_type, Column::Missing | Column::Value("dataset"));
        let dataset = match dataset_id.filter(|_| is_dataset) {
            Some(id) => Some(
                id.parse()
                    .map_err(|problem| BadRow::Field("dataset_id", problem))?,
            ),
            None => None,
        };
        let bound = self.by_key.entry(canonical(key_id)).or_default();
        match dataset {
            Some(id) => bound.datasets.push(id),
            None => bound.other_count += 1,
        }
        Ok(())
    }

    /// Marks what is known of a key as met.
    pub fn meet(&mut self, key_id: &str) {
        if self.by_key.is_empty() {
            return;
        }
        if let Some(bound) = self.by_key.get_mut(&canonical(key_id)) {
            bound.was_met = true;
        }
    }

    /// How many keys are bound and were never met.
    pub fn unmet_count(&self) -> u64 {
        let unmet = self.by_key.values().filter(|bound| !bound.was_met);
        unmet.count() as u64
    }

    pub(super) fn of(&self, key_id: &str) -> Option<&Bound> {
        if self.by_key.is_empty() {
            return None;
        }
        self.by_key.get(&canonical(key_id))
    }
}

/// An id as it is compared. Databases write a UUID with hyphens or without, in
/// either case; a binding that is not found to be a key's would widen it.
fn canonical(id: &str) -> String {
    let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, '-' | '{' | '}');
    let digits = id.chars().filter(char::is_ascii_hexdigit);
    if id.chars().all(is_part) && digits.clone().count() == 32 {
        digits.map(|c| c.to_ascii_lowercase()).collect()
    } else {
        id.to_owned()
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
        let bad_id = bindings.add(Some(ID), dataset, Some("a b"));
        assert!(matches!(bad_id, Err(BadRow::Field("dataset_id", _))));
        // A kind that nobody knows binds the key, and to no dataset.
        for (resource_type, dataset_id) in [
            (Column::Value("dataset"), None),
            (Column::Value("Dataset"), Some("a")),
            (Column::Empty, Some("a")),
            (Column::Missing, None),
        ] {
            bindings.add(Some(ID), resource_type, dataset_id).unwrap();
        }
        let bound = bindings.of(ID).unwrap();
        assert_eq!((bound.datasets.len(), bound.other_count), (0, 4));
    }

    #[test]
    fn only_the_ways_to_write_a_uuid_are_the_same() {
        for same in [ID.to_uppercase(), ID.replace('-', ""), format!("{{{ID}}}")] {
            assert_eq!(canonical(&same), canonical(ID));
        }
        for (one, other) in [("a-b", "ab"), ("A", "a"), (&ID[1..], &ID[2..])] {
            assert_ne!(canonical(one), canonical(other));
        }
    }
}

//! Sums over entries, by which two lists of them are found to be the same whatever
//! order they are in.
//!
//! An entry counts as its SipHash-2-4 under a key that is drawn for one comparison.
//! Whoever made up a list does not know that key, and so cannot have made it sum up
//! to what another one does, save by a chance of 1 in 2^64; sums of a hash that
//! everybody can compute could be made to fit (Wagner, A Generalized Birthday
//! Problem, 2002).

#![expect(
    deprecated,
    reason = "the hasher of the standard library whose keys can be given"
)]

use std::collections::BTreeMap;
use std::hash::{Hasher as _, SipHasher};

use super::token::{RandomError, random_halves};

/// Sums by the name of what the entries are of.
#[derive(Clone)]
pub struct Tally {
    keyed: SipHasher,
    sums: BTreeMap<String, u64>,
}

impl Tally {
    /// One that has nothing yet, under a key of its own. What is to be compared is
    /// counted on clones of it.
    ///
    /// # Errors
    /// [`RandomError`] if the operating system's generator fails.
    pub fn draw() -> Result<Tally, RandomError> {
        Ok(Tally::under(random_halves()?))
    }

    fn under([first, second]: [u64; 2]) -> Tally {
        Tally {
            keyed: SipHasher::new_with_keys(first, second),
            sums: BTreeMap::new(),
        }
    }

    /// What an entry counts. Sums of it wrap around.
    pub fn weight(&self, entry: &[u8]) -> u64 {
        let mut hasher = self.keyed.clone();
        hasher.write(entry);
        hasher.finish()
    }

    /// Adds to the sum of this name.
    pub fn add(&mut self, name: &str, sum: u64) {
        let sums = self.sums.entry(name.to_owned()).or_default();
        *sums = sums.wrapping_add(sum);
    }

    /// The first name under which the other has another sum, or none.
    pub fn difference<'a>(&'a self, other: &'a Tally) -> Option<&'a str> {
        let names = self.sums.keys().chain(other.sums.keys());
        names
            .filter(|name| self.sums.get(*name) != other.sums.get(*name))
            .min()
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name, and its entries.
    type List = (&'static str, &'static [&'static str]);

    fn tally(empty: &Tally, lists: &[List]) -> Tally {
        let mut tally = empty.clone();
        for (name, entries) in lists {
            let weights = entries.iter().map(|entry| tally.weight(entry.as_bytes()));
            let sum = weights.fold(0, u64::wrapping_add);
            tally.add(name, sum);
        }
        tally
    }

    #[test]
    fn lists_are_the_same_in_any_order_and_in_no_other_way() {
        let empty = Tally::draw().unwrap();
        let base: &[List] = &[("a", &["x", "y", "z"]), ("b", &["x"])];
        let cases: [(&[List], Option<&str>); 9] = [
            (base, None),
            (&[("b", &["x"]), ("a", &["z", "x", "y"])], None),
            (&[("a", &["x"]), ("b", &["x"]), ("a", &["z", "y"])], None),
            (&[("a", &["x", "y"]), ("b", &["x"])], Some("a")),
            (&[("a", &["x", "y", "z", "z"]), ("b", &["x"])], Some("a")),
            (&[("a", &["x", "y", "q"]), ("b", &["x"])], Some("a")),
            (&[("a", &["x", "y", "z"]), ("b", &["xx"])], Some("b")),
            (&[("a", &["x", "y", "z"])], Some("b")),
            (&[("c", &[]), base[0], base[1]], Some("c")),
        ];
        for (lists, expected) in cases {
            let (base, other) = (tally(&empty, base), tally(&empty, lists));
            assert_eq!(base.difference(&other), expected, "{lists:?}");
            assert_eq!(other.difference(&base), expected, "{lists:?}");
        }
    }

    #[test]
    fn each_comparison_has_a_key_of_its_own() {
        let (one, two) = (Tally::draw().unwrap(), Tally::draw().unwrap());
        assert_ne!(one.weight(b"x"), two.weight(b"x"));
        assert_ne!(one.weight(b"x"), one.weight(b"y"));
    }

    #[test]
    fn an_entry_counts_as_siphash_has_it() {
        // The vector of the paper on SipHash, appendix A.
        let halves = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        let entry: Vec<u8> = (0..15).collect();
        let weight = Tally::under(halves).weight(&entry);
        assert_eq!(weight, 0xa129_ca61_49be_45e5);
    }
}

//! Tokens as they were presented, of which no more is kept than a verifier needs.

use super::halves::at_once;
use crate::domain::{Digest, Token};

/// From how many tokens on a second thread is worth its while.
pub(super) const MANY: usize = 4 * 1_024;

/// Presented tokens, of which digests are kept: whoever presents very many can let go
/// of them meanwhile.
pub struct Presented {
    pub(super) count: usize,
    /// Of those that can be tokens, with their places. They are in order: neighbours
    /// in the index are then looked up one after the other.
    pub(super) digests: Vec<(Digest, usize)>,
    /// The places of the others.
    pub(super) malformed: Vec<usize>,
}

impl Presented {
    /// These tokens; their places are those in this list.
    pub fn of<T: AsRef<[u8]> + Sync>(tokens: &[T]) -> Presented {
        if tokens.len() < MANY {
            return Presented::one_by_one(tokens);
        }
        let (first, rest) = tokens.split_at(tokens.len() / 2);
        let hash_rest = || Presented::with_room_for(rest.len()).and(rest, first.len());
        let presented = Presented::with_room_for(tokens.len());
        let (presented, others) = at_once(|| presented.and(first, 0), hash_rest);
        presented.merged_with(others.unwrap_or_else(hash_rest))
    }

    /// The same, by this thread alone.
    pub(super) fn one_by_one<T: AsRef<[u8]>>(tokens: &[T]) -> Presented {
        Presented::with_room_for(tokens.len()).and(tokens, 0)
    }

    /// Those that can be tokens in portions, with their places.
    pub(super) fn portions(&self, len: usize) -> impl Iterator<Item = (Vec<usize>, Presented)> {
        self.digests.chunks(len).map(|portion| {
            let digests = portion.iter().map(|(digest, _)| digest.clone()).zip(0..);
            let presented = Presented {
                count: portion.len(),
                digests: digests.collect(),
                malformed: Vec::new(),
            };
            (portion.iter().map(|(_, place)| *place).collect(), presented)
        })
    }

    fn with_room_for(count: usize) -> Presented {
        Presented {
            count: 0,
            digests: Vec::with_capacity(count),
            malformed: Vec::new(),
        }
    }

    /// Adds the first tokens of all, the first of which has this place.
    fn and<T: AsRef<[u8]>>(mut self, tokens: &[T], start: usize) -> Presented {
        for (place, text) in (start..).zip(tokens) {
            match Token::digest_of(text.as_ref()) {
                Ok(digest) => self.digests.push((digest, place)),
                Err(_) => self.malformed.push(place),
            }
        }
        self.digests
            .sort_unstable_by_key(|(digest, _)| digest.beginning());
        self.count += tokens.len();
        self
    }

    fn merged_with(mut self, other: Presented) -> Presented {
        self.count += other.count;
        self.malformed.extend(other.malformed);
        self.digests.extend(other.digests);
        // A stable sort merges what is in order already.
        self.digests.sort_by_key(|(digest, _)| digest.beginning());
        self
    }
}

//! The end of a log as somebody wrote it down.

use std::str::FromStr;

use super::error::Invalid;
use super::event::EventRow;
use super::hash::EventHash;

/// A head that was kept elsewhere: the hash of an event, and perhaps whose it
/// is. Read from a hash alone, or from a store's id, the number of the event
/// and its hash, with blanks between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptHead {
    pub(super) hash: EventHash,
    /// Of which store it is, and the number of its event.
    pub(super) place: Option<(String, i64)>,
}

impl KeptHead {
    /// Whether it is this event of that store.
    pub(super) fn is(&self, store_id: &str, event: &EventRow<'_>) -> bool {
        let is_its_place = |(store, seq): &(String, i64)| store == store_id && *seq == event.seq;
        self.hash == *event.hash && self.place.as_ref().is_none_or(is_its_place)
    }
}

impl FromStr for KeptHead {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<KeptHead, Invalid> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (hash, place) = match words.as_slice() {
            [hash] => (hash, None),
            [store_id, seq, hash] => {
                let seq = seq
                    .parse()
                    .map_err(|_| Invalid::new("the number of an event is a whole number"))?;
                (hash, Some(((*store_id).to_owned(), seq)))
            }
            _ => {
                return Err(Invalid::new(
                    "a head is a hash, or a store's id, a number and a hash",
                ));
            }
        };
        Ok(KeptHead {
            hash: hash.parse()?,
            place,
        })
    }
}

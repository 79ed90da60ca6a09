//! The little of a token that is shown: enough to compare by eye with what the
//! service's own console shows, and too little to be used.

use std::fmt;
use std::str::FromStr;

use super::error::Invalid;
use super::text::{Spelt, Text};

/// What lists show of a token: `***`, or its first 5 characters, three dots and
/// its last 4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedToken(Text);

impl MaskedToken {
    /// Masks by characters: `***` up to 8 of them.
    pub(super) fn of(text: &str) -> MaskedToken {
        let count = text.chars().count();
        if count <= 8 {
            return MaskedToken::nothing();
        }
        let first = text.chars().take(5);
        let last = text.chars().skip(count - 4);
        let mask: String = first.chain("...".chars()).chain(last).collect();
        MaskedToken(mask.as_str().into())
    }

    /// The mask of what is too short, or no token at all: `***`.
    pub fn nothing() -> MaskedToken {
        MaskedToken("***".into())
    }

    /// The mask as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Spelt for MaskedToken {
    fn is_spelt(&self, text: &str) -> bool {
        self.0.is_spelt(text)
    }
}

impl fmt::Display for MaskedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Takes a mask read back from the store, and nothing that is not one: whatever
/// a damaged row holds there, it cannot be shown as a mask.
impl FromStr for MaskedToken {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<MaskedToken, Invalid> {
        // Nearly all are ASCII.
        let is_plain = text.len() == 12 && text.is_ascii() && &text[5..8] == "...";
        let is_mask = is_plain || text == "***" || {
            let mut chars = text.chars();
            let first = chars.by_ref().take(5).count();
            let after_dots = chars.as_str().strip_prefix("...");
            first == 5 && after_dots.is_some_and(|last| last.chars().count() == 4)
        };
        if is_mask {
            Ok(MaskedToken(text.into()))
        } else {
            Err(Invalid::new("not a masked token"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_count_characters() {
        let cases = [
            ("", "***"),
            ("12345678", "***"),
            ("123456789", "12345...6789"),
            ("app-1234567890abcdef", "app-1...cdef"),
            ("éééééééé", "***"),
            ("ééééé1234", "ééééé...1234"),
        ];
        for (text, masked) in cases {
            assert_eq!(MaskedToken::of(text).as_str(), masked, "{text:?}");
        }
    }

    #[test]
    fn only_masks_are_read_back_as_masks() {
        for text in ["***", "app-1...cdef", "ééééé...1234"] {
            assert_eq!(text.parse::<MaskedToken>().unwrap().as_str(), text);
        }
        for text in [
            "",
            "****",
            "app-1234567890abcdef",
            "app-1..cdef",
            "app-12...cdef",
        ] {
            assert!(text.parse::<MaskedToken>().is_err(), "{text:?}");
        }
    }
}

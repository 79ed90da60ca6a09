//! Short texts: how they are kept, and what the words among them are made of.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::error::Invalid;

/// Up to how many bytes a text is kept in place: those of a UUID fit.
const IN_PLACE: usize = 38;

/// A text that is kept in place while it is short. A key has six of them, and lists and
/// batches read a great many keys: memory for each, given back on another thread, took
/// longer than SQLite took to find the row.
#[derive(Clone)]
pub(super) enum Text {
    Short { len: u8, bytes: [u8; IN_PLACE] },
    Long(Box<str>),
}

impl Text {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Text::Short { .. } => {
                std::str::from_utf8(self.as_bytes()).expect("it was a text when it came")
            }
            Text::Long(text) => text,
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Text::Short { len, bytes } => &bytes[..usize::from(*len)],
            Text::Long(text) => text.as_bytes(),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        let mut bytes = [0; IN_PLACE];
        match (u8::try_from(text.len()), bytes.get_mut(..text.len())) {
            (Ok(len), Some(place)) => {
                place.copy_from_slice(text.as_bytes());
                Text::Short { len, bytes }
            }
            _ => Text::Long(text.into()),
        }
    }
}

// Texts compare as their bytes do.
impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl Spelt for Text {
    fn is_spelt(&self, text: &str) -> bool {
        self.as_bytes() == text.as_bytes()
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Text) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Text) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// What can be read from a text, and has one spelling.
pub(crate) trait Spelt {
    /// Whether it is spelt exactly so.
    fn is_spelt(&self, text: &str) -> bool;
}

/// The rule of a kind of words: `1..=max` ASCII letters, digits and `extra`, beginning
/// with a letter or digit.
pub(super) struct Word {
    pub(super) what: &'static str,
    max: usize,
    extra: &'static str,
    is_allowed: [bool; 256],
}

impl Word {
    pub(super) const fn new(what: &'static str, max: usize, extra: &'static str) -> Word {
        let mut is_allowed = [false; 256];
        let mut byte = 0;
        while byte < is_allowed.len() {
            is_allowed[byte] = (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        let mut place = 0;
        while place < extra.len() {
            is_allowed[extra.as_bytes()[place] as usize] = true;
            place += 1;
        }
        Word {
            what,
            max,
            extra,
            is_allowed,
        }
    }

    /// Holds `text` against the rule.
    pub(super) fn check(&self, text: &str) -> Result<(), Invalid> {
        let bytes = text.as_bytes();
        let is_word = bytes.len() <= self.max
            && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
            && bytes.iter().all(|byte| self.is_allowed[usize::from(*byte)]);
        match is_word {
            true => Ok(()),
            false => Err(self.problem(text)),
        }
    }

    /// What is wrong with a text that is no such word.
    #[cold]
    fn problem(&self, text: &str) -> Invalid {
        let Word { what, extra, .. } = self;
        if let Err(problem) = check_length(what, text, self.max) {
            return problem;
        }
        Invalid::new(
            match text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                true => format!("{what} has letters, digits and {extra} only"),
                false => format!("{what} begins with a letter or a digit"),
            },
        )
    }
}

/// Holds the number of its characters against `1..=max`.
pub(super) fn check_length(what: &str, text: &str, max: usize) -> Result<(), Invalid> {
    let count = match text.is_ascii() {
        true => text.len(),
        false => text.chars().count(),
    };
    match count {
        0 => Err(Invalid::new(format!("{what} is not empty"))),
        count if count > max => Err(Invalid::new(format!(
            "{what} has {max} characters at most, this one has {count}"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_it_was_however_long_it_is() {
        let texts = ["", "a", "ab", "é", "b"].map(str::to_owned).into_iter();
        let long = [IN_PLACE - 1, IN_PLACE, IN_PLACE + 1, 300].map(|len| "n".repeat(len));
        let texts: Vec<String> = texts.chain(long).collect();
        for text in &texts {
            let kept = Text::from(text.as_str());
            assert_eq!(kept.as_str(), text);
            assert_eq!(format!("{kept:?}"), format!("{text:?}"));
            for other in &texts {
                let other_kept = Text::from(other.as_str());
                assert_eq!(kept == other_kept, text == other, "{text:?} {other:?}");
                assert_eq!(kept.is_spelt(other), text == other, "{text:?} {other:?}");
                assert_eq!(kept.cmp(&other_kept), text.cmp(other), "{text:?} {other:?}");
            }
        }
    }

    #[test]
    fn what_is_wrong_with_a_word_is_told() {
        static WORD: Word = Word::new("a word", 5, "._");
        let cases = [
            ("a_.9Z", None),
            ("", Some("a word is not empty")),
            (
                "abcdef",
                Some("a word has 5 characters at most, this one has 6"),
            ),
            (
                "éééééé",
                Some("a word has 5 characters at most, this one has 6"),
            ),
            (".a", Some("a word begins with a letter or a digit")),
            ("é", Some("a word begins with a letter or a digit")),
            ("a-b", Some("a word has letters, digits and ._ only")),
            ("abcdé", Some("a word has letters, digits and ._ only")),
        ];
        for (text, problem) in cases {
            let told = WORD.check(text).err().map(|problem| problem.to_string());
            assert_eq!(told.as_deref(), problem, "{text:?}");
        }
    }
}

//! What the automaton looks for: each prefix in each encoding.

use super::decode::{first_bits, to_base64};

/// A text that shows where a prefix stands.
pub(super) struct Pattern {
    pub(super) bytes: Vec<u8>,
    /// The prefix, without its hyphen.
    pub(super) prefix: &'static str,
    pub(super) written: Written,
}

/// How the text that begins with a pattern is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Plain,
    /// Plain, with a soft line break inside the prefix (RFC 2045, 6.7).
    Broken,
    Utf16,
    Base64(Alignment),
}

/// Where in a group of three bytes the prefix begins. Characters of base64 that
/// hold bits of what stands before it cannot be part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alignment {
    First,
    Second,
    Third,
}

impl Alignment {
    /// How many bits of the prefix lie in a character before the pattern.
    pub(super) fn skipped_bits(self) -> usize {
        match self {
            Alignment::First => 0,
            Alignment::Second => 4,
            Alignment::Third => 2,
        }
    }
}

/// Every pattern.
///
/// `app` is there without a hyphen, since one imported form has none, and so
/// stands for all forms of its hyphen; two letters alone would be in every word,
/// so `ds` comes with the beginnings of them all.
///
/// The order is for speed. The search for short patterns puts them into eight
/// buckets, by their number unless the low halves of their first three bytes
/// are known already, and takes what fits a bucket byte by byte. So those that
/// begin alike stand eight apart: in another order it took twice as long, and
/// with more than 32 patterns it does in any.
pub(super) fn all() -> Vec<Pattern> {
    use Alignment::{First, Second, Third};
    use Written::{Base64, Broken, Plain, Utf16};
    let table = [
        ("app", "app", Plain),
        ("dataset", "dataset", Plain),
        ("ds", "ds-", Plain),
        ("app", "app", Utf16),
        ("app", "app", Base64(First)),
        ("app", "app", Base64(Second)),
        ("app", "app", Base64(Third)),
        ("app", "a=\n", Broken),
        // Like those before, one by one.
        ("app", "ap=", Broken),
        ("dataset", "da=", Broken),
        ("ds", "ds%2", Plain),
        ("dataset", "dataset", Utf16),
        ("ds", "ds-", Base64(First)),
        ("ds", "ds-", Base64(Second)),
        ("ds", "ds-", Base64(Third)),
        ("app", "a=\r", Broken),
        // And again.
        ("dataset", "d=\r", Broken),
        ("dataset", "dat=", Broken),
        ("ds", "ds\\", Plain),
        ("ds", "ds-", Utf16),
        ("dataset", "dataset", Base64(First)),
        ("dataset", "dataset", Base64(Second)),
        ("dataset", "dataset", Base64(Third)),
        ("dataset", "d=\n", Broken),
        // These begin like one above, wherever they stand, but for one.
        ("dataset", "data=", Broken),
        ("dataset", "datas=", Broken),
        ("ds", "ds&#", Plain),
        ("dataset", "datase=", Broken),
        ("ds", "ds=", Plain),
    ];
    let pattern = |(prefix, text, written): (&'static str, &str, _)| Pattern {
        bytes: match written {
            Plain | Broken => text.as_bytes().to_vec(),
            Utf16 => wide(text.as_bytes()),
            Base64(alignment) => base64_inside(text.as_bytes(), alignment),
        },
        prefix,
        written,
    };
    table.map(pattern).into()
}

/// In UTF-16 of either order, where the zero after the last character can stand
/// before it.
fn wide(text: &[u8]) -> Vec<u8> {
    let mut wide: Vec<u8> = text.iter().flat_map(|byte| [*byte, 0]).collect();
    wide.pop();
    wide
}

/// The characters of base64 that hold bits of `text` alone.
fn base64_inside(text: &[u8], alignment: Alignment) -> Vec<u8> {
    let bits = text.iter().flat_map(|byte| first_bits(*byte, 8));
    let own: Vec<bool> = bits.skip(alignment.skipped_bits()).collect();
    own.chunks_exact(6).map(to_base64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_few_rare_and_all_different() {
        let patterns = all();
        assert!(patterns.len() <= 32);
        for (index, pattern) in patterns.iter().enumerate() {
            assert!(pattern.bytes.len() >= 3);
            assert!(
                patterns[..index]
                    .iter()
                    .all(|other| other.bytes != pattern.bytes),
                "{:?}",
                String::from_utf8_lossy(&pattern.bytes)
            );
        }
    }

    #[test]
    fn base64_has_three_alignments() {
        let alignments = [Alignment::First, Alignment::Second, Alignment::Third];
        let [first, second, third] = alignments.map(|a| base64_inside(b"app-", a));
        // "app-" is YXBwLQ==, "xapp-" is eGFwcC0=, "xyapp-" is eHlhcHAt.
        assert_eq!(first, b"YXBwL");
        assert_eq!(second, b"FwcC");
        assert_eq!(third, b"hcHAt");
    }
}

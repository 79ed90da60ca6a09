//! The text behind a prefix, read back from how it was written.

use zeroize::Zeroizing;

use super::Encoding;
use super::patterns::{Alignment, Pattern, Written};

/// More than a token has, its hyphen written in the longest way.
const MAX_LEN: usize = 320;

/// What stands where a prefix was found, one character a byte.
pub(super) struct Text<'a> {
    /// Where the prefix begins.
    pub(super) start: usize,
    /// The prefix that it begins with, without the hyphen.
    pub(super) prefix: &'static str,
    /// How long its hyphen is written; 0 if it has none.
    pub(super) hyphen_len: usize,
    /// How it was written.
    pub(super) encoding: Encoding,
    /// Whether a letter or a digit stands before it.
    pub(super) follows_a_word: bool,
    written: Written,
    characters: Characters<'a>,
}

enum Characters<'a> {
    Borrowed(&'a [u8]),
    Decoded(Zeroizing<Vec<u8>>),
}

impl<'a> Text<'a> {
    /// Reads what was found by a pattern at `start`, if that is a prefix which a
    /// token can go on after.
    pub(super) fn decode(bytes: &'a [u8], start: usize, pattern: &Pattern) -> Option<Text<'a>> {
        let rest = &bytes[start..];
        let (characters, encoding) = match pattern.written {
            Written::Plain => {
                let plain = &rest[..rest.len().min(MAX_LEN)];
                (Characters::Borrowed(plain), Encoding::Plain)
            }
            Written::Broken => {
                soft_break(&rest[rest.iter().position(|byte| *byte == b'=')?..])?;
                let unbroken = unbroken(rest);
                (Characters::Decoded(unbroken), Encoding::QuotedPrintable)
            }
            Written::Utf16 => (Characters::Decoded(utf16(rest)), Encoding::Utf16),
            Written::Base64(alignment) => {
                let decoded = base64(rest, alignment, pattern.prefix);
                (Characters::Decoded(decoded), Encoding::Base64)
            }
        };
        let before = start.checked_sub(1).map(|index| bytes[index]);
        let mut text = Text {
            start,
            prefix: pattern.prefix,
            hyphen_len: 0,
            encoding,
            follows_a_word: pattern.written == Written::Plain
                && before.is_some_and(|byte| byte.is_ascii_alphanumeric()),
            written: pattern.written,
            characters,
        };
        let has_hyphen = text.find_hyphen();
        if pattern.written == Written::Plain {
            let run_end = text.prefix.len() + text.hyphen_len + text.run().len();
            if soft_break(&text.characters()[run_end..]).is_some() {
                text.characters = Characters::Decoded(unbroken(rest));
                text.encoding = Encoding::QuotedPrintable;
                return text.find_hyphen().then_some(text);
            }
            if text.hyphen_len > 1 {
                text.encoding = Encoding::EscapedHyphen;
            }
        }
        has_hyphen.then_some(text)
    }

    /// Looks for the hyphen after the prefix, however written; `false` if a token
    /// cannot go on so.
    fn find_hyphen(&mut self) -> bool {
        // A break may begin like one of several prefixes.
        let prefixes: &[&'static str] = match self.written {
            Written::Broken => &["dataset", "app", "ds"],
            _ => &[self.prefix],
        };
        let begins = |prefix: &&&'static str| self.characters().starts_with(prefix.as_bytes());
        let Some(prefix) = prefixes.iter().find(begins) else {
            return false;
        };
        let prefix = *prefix;
        let hyphen_len = hyphen(&self.characters()[prefix.len()..]);
        self.prefix = prefix;
        self.hyphen_len = hyphen_len.unwrap_or(0);
        // One imported form is `app` and letters and digits at once.
        hyphen_len.is_some() || prefix == "app"
    }

    /// The letters and digits after the prefix and its hyphen.
    pub(super) fn run(&self) -> &[u8] {
        self.run_of(|byte| byte.is_ascii_alphanumeric())
    }

    /// The same, with hyphens and underscores.
    pub(super) fn long_run(&self) -> &[u8] {
        self.run_of(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }

    fn run_of(&self, is_part: impl Fn(u8) -> bool) -> &[u8] {
        let after = &self.characters()[self.prefix.len() + self.hyphen_len..];
        let end = after.iter().position(|byte| !is_part(*byte));
        &after[..end.unwrap_or(after.len())]
    }

    /// Where the base64 ends that the prefix and `len` of these are written in.
    pub(super) fn end(&self, len: usize) -> usize {
        let characters = self.prefix.len() + self.hyphen_len + len;
        self.start
            + match self.written {
                Written::Base64(alignment) => {
                    (characters * 8 - alignment.skipped_bits()).div_ceil(6)
                }
                Written::Plain | Written::Broken | Written::Utf16 => characters,
            }
    }

    fn characters(&self) -> &[u8] {
        match &self.characters {
            Characters::Borrowed(bytes) => bytes,
            Characters::Decoded(bytes) => bytes,
        }
    }
}

/// How long the soft line break is that stands here.
fn soft_break(bytes: &[u8]) -> Option<usize> {
    [&b"=\n"[..], b"=\r\n"]
        .iter()
        .find(|code| bytes.starts_with(code))
        .map(|code| code.len())
}

/// The bytes without soft line breaks.
fn unbroken(mut bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_LEN));
    while let Some((byte, rest)) = bytes.split_first()
        && text.len() < MAX_LEN
    {
        if let Some(len) = soft_break(bytes) {
            bytes = &bytes[len..];
        } else {
            text.push(*byte);
            bytes = rest;
        }
    }
    text
}

/// Every other byte, as long as those between are zero. Beginning at a
/// character, both orders look so.
fn utf16(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_LEN));
    for (index, pair) in bytes.chunks(2).take(MAX_LEN).enumerate() {
        let is_ascii = is_text(pair[0]);
        if is_ascii {
            text.push(pair[0]);
        }
        // In one order, the zero after the last character is missing.
        let has_more = bytes.get(2 * index + 1) == Some(&0);
        if !is_ascii || !has_more {
            break;
        }
    }
    text
}

/// Decodes base64 of text, of either alphabet, beginning with the first
/// character that holds bits of `prefix` alone.
fn base64(bytes: &[u8], alignment: Alignment, prefix: &str) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_LEN));
    let mut bit_count = alignment.skipped_bits();
    let mut bits = u32::from(prefix.as_bytes()[0]) >> (8 - bit_count);
    for value in bytes.iter().map_while(|byte| sextet(*byte)) {
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        bit_count += 6;
        if bit_count < 8 {
            continue;
        }
        bit_count -= 8;
        let byte = (bits >> bit_count & 0xff) as u8;
        if !is_text(byte) || text.len() == MAX_LEN {
            break;
        }
        text.push(byte);
    }
    text
}

/// What can stand in a token, or in its hyphen however written.
fn is_text(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

/// How long the hyphen is that `text` begins with: as it is, or written for a
/// URL (`%2D`, once more escaped `%252D`), for quoted-printable (`=2D`), for a
/// string of a program or JSON (`\u002d`, `\u{2d}`, `\x2d`, `\55`, any number of
/// backslashes), or for HTML and XML (`&#45;`, `&#x2d;`).
fn hyphen(text: &[u8]) -> Option<usize> {
    let rest = match text.first()? {
        b'-' => return Some(1),
        b'%' => {
            let mut rest = &text[1..];
            while let Some(after) = rest.strip_prefix(b"25") {
                rest = after;
            }
            strip(rest, b"2d")
        }
        b'=' => strip(&text[1..], b"2d"),
        b'\\' => {
            let count = text.iter().take_while(|byte| **byte == b'\\').count();
            let rest = &text[count..];
            [&b"u002d"[..], b"u{2d}", b"u{002d}", b"x2d", b"055", b"55"]
                .iter()
                .find_map(|code| strip(rest, code))
        }
        b'&' => {
            let rest = text[1..].strip_prefix(b"#")?;
            let (rest, code) = match strip(rest, b"x") {
                Some(rest) => (rest, &b"2d;"[..]),
                None => (rest, &b"45;"[..]),
            };
            let zeros = rest.iter().take_while(|byte| **byte == b'0').count();
            strip(&rest[zeros..], code)
        }
        _ => None,
    }?;
    Some(text.len() - rest.len())
}

/// What follows `code`, whatever the case of its letters.
fn strip<'a>(text: &'a [u8], code: &[u8]) -> Option<&'a [u8]> {
    let (head, rest) = text.split_at_checked(code.len())?;
    head.eq_ignore_ascii_case(code).then_some(rest)
}

/// The value of a character of base64, in the alphabet of files or of URLs.
pub(super) const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// The character of six bits.
pub(super) fn to_base64(bits: &[bool]) -> u8 {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = bits
        .iter()
        .fold(0, |value, bit| value << 1 | usize::from(*bit));
    ALPHABET[value]
}

/// The first bits of a byte, the highest first.
pub(super) fn first_bits(byte: u8, count: u8) -> impl Iterator<Item = bool> {
    (0..count).map(move |index| byte >> (7 - index) & 1 == 1)
}

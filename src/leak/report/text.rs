//! From bytes to text.

use std::borrow::Cow;

use zeroize::Zeroizing;

/// The text of a report, wiped on drop where it had to be copied.
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    Owned(Zeroizing<String>),
}

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Owned(text) => text,
        }
    }
}

/// Decodes UTF-8, or the UTF-16 that some shells of Windows write into files.
/// What is not text becomes U+FFFD, since names of files may be any bytes.
pub(super) fn decode(bytes: &[u8]) -> Text<'_> {
    let little = |pair: &[u8]| u16::from_le_bytes([pair[0], pair[1]]);
    let big = |pair: &[u8]| u16::from_be_bytes([pair[0], pair[1]]);
    match bytes {
        [0xff, 0xfe, rest @ ..] => decode_utf16(rest, little),
        [0xfe, 0xff, rest @ ..] => decode_utf16(rest, big),
        [0xef, 0xbb, 0xbf, rest @ ..] => decode_utf8(rest),
        _ => decode_utf8(bytes),
    }
}

fn decode_utf8(bytes: &[u8]) -> Text<'_> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Text::Borrowed(text),
        Cow::Owned(text) => Text::Owned(Zeroizing::new(text)),
    }
}

fn decode_utf16(bytes: &[u8], unit: fn(&[u8]) -> u16) -> Text<'static> {
    let pairs = bytes.chunks_exact(2);
    // A byte left over is the sign of a text that was cut off.
    let rest = (!pairs.remainder().is_empty()).then_some(char::REPLACEMENT_CHARACTER);
    // Room for the longest form of each unit: growing would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() / 2 * 3 + 3));
    let decoded = char::decode_utf16(pairs.map(unit));
    text.extend(decoded.map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text.extend(rest);
    Text::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_several_encodings_are_understood() {
        let cases: [(&[u8], &str); 8] = [
            (b"", ""),
            (b"[]", "[]"),
            (b"\xef\xbb\xbf[]", "[]"),
            (b"\xff\xfe[\0]\0", "[]"),
            (b"\xfe\xff\0[\0]", "[]"),
            (b"\xff\xfe[\0]", "[\u{fffd}"),
            (b"\xff\xfe\x3d\xd8\x11\xdc", "\u{1f411}"),
            (b"a\xffb", "a\u{fffd}b"),
        ];
        for (bytes, text) in cases {
            assert_eq!(&*decode(bytes), text, "{bytes:?}");
        }
    }
}

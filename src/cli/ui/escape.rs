//! Text from outside, without what a terminal would obey.

use std::borrow::Cow;

/// What a terminal would obey: control characters, and the marks that turn the
/// direction of writing (CVE-2021-42574).
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether all of it is ASCII that every terminal shows, with or without ends of
/// lines. A list is looked through once byte by byte, and nearly all of it is.
pub(super) fn is_plain(text: &[u8], allows_lines: bool) -> bool {
    let is_plain = |byte: u8| matches!(byte, 0x20..=0x7e) || (allows_lines && byte == b'\n');
    // Without a way out in the middle, many bytes are compared at a time.
    text.iter().fold(true, |all, byte| all & is_plain(*byte))
}

/// Text without what a terminal would obey.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if is_plain(text.as_bytes(), false) {
        return Cow::Borrowed(text);
    }
    replace_chars(text, is_harmful, |c| c.escape_default().to_string())
}

/// Takes that out of a text from this byte on.
pub(crate) fn escape_from(text: &mut String, start: usize) {
    if let Cow::Owned(escaped) = escaped(&text[start..]) {
        text.truncate(start);
        text.push_str(&escaped);
    }
}

/// JSON without what a terminal would obey. serde_json escapes the characters
/// below U+0020 only; all others stand inside of texts, where `\u` may stand.
pub(super) fn escaped_json(json: &str) -> Cow<'_, str> {
    if is_plain(json.as_bytes(), true) {
        return Cow::Borrowed(json);
    }
    let is_left = |c: char| c != '\n' && is_harmful(c);
    replace_chars(json, is_left, |c| format!("\\u{:04x}", u32::from(c)))
}

fn replace_chars(
    text: &str,
    is_replaced: impl Fn(char) -> bool,
    replacement: impl Fn(char) -> String,
) -> Cow<'_, str> {
    if !text.contains(&is_replaced) {
        return Cow::Borrowed(text);
    }
    let replaced = text.chars().fold(String::new(), |mut shown, c| {
        if is_replaced(c) {
            shown.push_str(&replacement(c));
        } else {
            shown.push(c);
        }
        shown
    });
    Cow::Owned(replaced)
}

/// Text in quotation marks, without what a terminal would obey.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        let cases = [
            ("plain é 漢", "plain é 漢"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\nb\tc\r", "a\\nb\\tc\\r"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("abc\u{202e}def", "abc\\u{202e}def"),
            ("\u{7f}", "\\u{7f}"),
        ];
        for (text, shown) in cases {
            assert_eq!(escaped(text), shown);
            let mut line = format!("\u{7}{text}");
            escape_from(&mut line, 1);
            assert_eq!(line, format!("\u{7}{shown}"));
            let json = serde_json::to_string_pretty(&[text]).unwrap();
            let escaped_json = escaped_json(&json);
            assert!(!escaped_json.contains(|c| c != '\n' && is_harmful(c)));
            let read_back: [String; 1] = serde_json::from_str(&escaped_json).unwrap();
            assert_eq!(read_back, [text]);
        }
    }
}

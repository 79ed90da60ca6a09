//! What is to be masked, said over the whole text at once: slow, and easy to
//! hold against the words of the documentation.

use keyctl::domain::find_token;

const PREFIXES: [&[u8]; 3] = [b"app", b"dataset", b"ds"];

/// The text with its tokens masked.
pub(crate) fn slow_redaction(text: &[u8]) -> Vec<u8> {
    let mut masked = text.to_vec();
    for start in 0..text.len() {
        let is_first = start == 0 || !text[start - 1].is_ascii_alphanumeric();
        if !is_first || !text[start].is_ascii_alphanumeric() {
            continue;
        }
        let word = &text[start..];
        let end = word.iter().position(|byte| !byte.is_ascii_alphanumeric());
        let word = &word[..end.unwrap_or(word.len())];
        let after = &text[start + word.len()..];
        let stars = match prefix_and_hyphen_before(&text[..start]) {
            Some(prefix) => hyphened_stars(prefix, word, after).map(|stars| (0, stars)),
            None => is_bare_token(word).then_some((3, 20)),
        };
        if let Some((skipped, stars)) = stars {
            masked[start + skipped..][..stars].fill(b'*');
        }
    }
    masked
}

fn prefix_and_hyphen_before(text: &[u8]) -> Option<&'static [u8]> {
    let text = text.strip_suffix(b"-")?;
    PREFIXES.into_iter().find(|prefix| text.ends_with(prefix))
}

/// How many of the word's first characters are masked, after a prefix and its
/// hyphen.
fn hyphened_stars(prefix: &[u8], word: &[u8], after: &[u8]) -> Option<usize> {
    if word.len() < 24 {
        return None;
    }
    let token = [prefix, b"-", &word[..24]].concat();
    if find_token(&String::from_utf8(token).expect("letters and digits are text")).is_some() {
        return Some(20);
    }
    if after.starts_with(b"-") {
        for prefix in PREFIXES {
            if word.ends_with(prefix) && word.len() - prefix.len() >= 24 {
                return Some(word.len() - prefix.len() - 4);
            }
        }
    }
    Some(word.len() - 4)
}

fn is_bare_token(word: &[u8]) -> bool {
    word.len() == 27
        && word.starts_with(b"app")
        && word[3..].iter().any(u8::is_ascii_digit)
        && word[3..].iter().any(u8::is_ascii_uppercase)
        && word[3..].iter().any(u8::is_ascii_lowercase)
}

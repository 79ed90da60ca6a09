//! The streaming mask: text comes in as it arrives, and leaves at the same
//! length, with stars where tokens were.
//!
//! What is masked is found in `masking` and decided in `run`: here is the window through
//! which a stream of any length is seen. It works on the bytes where they are,
//! since copying them would take as long as looking through them.

mod masking;
mod run;

use std::borrow::Cow;
use std::fmt;

use zeroize::Zeroizing;

use masking::{Finder, NEEDLES};
use run::Run;

/// How much is taken in at once: larger reads were no faster.
const BLOCK_LEN: usize = 64 * 1024;
/// How many bytes before the block are needed: as many as can be held back, which
/// is more than a prefix has.
const KEPT_LEN: usize = 24;

/// Masks tokens in a stream: prefix, stars, the last four characters, at the
/// same length. It never fails, and takes bytes of any encoding.
///
/// A token is `app-`, `dataset-` or `ds-` and 24 letters and digits, whatever
/// stands beside them. If more of them follow, they are masked too, up to the
/// last four, because tokens from elsewhere may be of any length; except after
/// a token whose check characters fit, which ends there, and before the next
/// token. `app` and 24 letters and digits without a hyphen are a token if they
/// are a word of their own and have a digit, an upper-case and a lower-case
/// letter among them.
///
/// What cannot be part of a token is passed on at once. Never more than the 24
/// bytes that may still become one are held back.
///
/// ```
/// use keyctl::leak::Redactor;
///
/// let mut redactor = Redactor::new();
/// let mut log = Vec::new();
/// redactor.push(b"401 for dataset-0123456789ABC", &mut log);
/// assert_eq!(log, b"401 for dataset-");
/// redactor.push(b"DEFGHIJKLYc\n", &mut log);
/// assert_eq!(log, b"401 for dataset-********************KLYc\n");
/// log.extend_from_slice(redactor.finish());
/// ```
pub struct Redactor {
    finder: Finder,
    /// Room for what is kept, and behind it for a block.
    text: Zeroizing<Vec<u8>>,
    /// The end of what came before, as it came.
    kept: Zeroizing<[u8; KEPT_LEN]>,
    kept_len: usize,
    /// How many bytes at the end of what is kept were not passed on.
    held_len: usize,
    /// The run that the text so far ends with.
    run: Option<Run>,
}

impl Redactor {
    /// One at the beginning of a stream.
    pub fn new() -> Redactor {
        Redactor::with_room(BLOCK_LEN)
    }

    fn with_room(len: usize) -> Redactor {
        Redactor {
            finder: Finder::new(),
            text: Zeroizing::new(vec![0; KEPT_LEN + len]),
            kept: Zeroizing::new([0; KEPT_LEN]),
            kept_len: 0,
            held_len: 0,
            run: None,
        }
    }

    /// Where to put the next bytes of the stream, at the front of it, for
    /// [`redact`](Self::redact).
    pub fn room(&mut self) -> &mut [u8] {
        &mut self.text[KEPT_LEN..]
    }

    /// Takes the first `count` bytes of the [`room`](Self::room), and returns
    /// what can be passed on, tokens masked.
    ///
    /// # Panics
    /// If `count` is more than the room has.
    pub fn redact(&mut self, count: usize) -> &[u8] {
        self.settle(count, false)
    }

    /// Takes the end of the stream, and returns what was held back. Another
    /// stream may begin.
    pub fn finish(&mut self) -> &[u8] {
        let (start, end) = (KEPT_LEN - self.held_len, KEPT_LEN);
        self.settle(0, true);
        (self.kept_len, self.held_len, self.run) = (0, 0, None);
        &self.text[start..end]
    }

    /// Takes bytes from elsewhere, and appends to `out` what can be passed on.
    pub fn push(&mut self, input: &[u8], out: &mut Vec<u8>) {
        for block in input.chunks(self.room().len()) {
            self.room()[..block.len()].copy_from_slice(block);
            out.extend_from_slice(self.redact(block.len()));
        }
    }

    fn settle(&mut self, count: usize, is_end: bool) -> &[u8] {
        let (begin, end) = (KEPT_LEN - self.kept_len, KEPT_LEN + count);
        let first = KEPT_LEN - self.held_len;
        let kept = &self.kept[KEPT_LEN - self.kept_len..];
        self.text[begin..KEPT_LEN].copy_from_slice(kept);
        let text = &mut self.text[begin..end];
        let fresh = self.kept_len;

        // Before anything is masked: what is masked was a prefix, perhaps.
        self.kept_len = text.len().min(KEPT_LEN);
        self.kept[KEPT_LEN - self.kept_len..].copy_from_slice(&text[text.len() - self.kept_len..]);

        self.held_len = self.finder.mask(text, fresh, &mut self.run, is_end);
        &self.text[first..end - self.held_len]
    }
}

/// The text with its tokens masked, for what is named after one.
///
/// ```
/// use keyctl::leak::redacted;
///
/// assert_eq!(redacted("app-0123456789ABCDEFGHIJKLNF.txt"), "app-********************KLNF.txt");
/// assert_eq!(redacted("app.log"), "app.log");
/// ```
pub fn redacted(text: &str) -> Cow<'_, str> {
    // Shorter than any token, or without what one begins with.
    if text.len() < KEPT_LEN || !NEEDLES.iter().any(|needle| text.contains(needle)) {
        return Cow::Borrowed(text);
    }
    // Room is cleared byte by byte in the end: what is said takes little of it.
    let mut redactor = Redactor::with_room(text.len().min(BLOCK_LEN));
    let mut passed = Vec::with_capacity(text.len());
    redactor.push(text.as_bytes(), &mut passed);
    passed.extend_from_slice(redactor.finish());
    // Letters and digits became stars; the rest is the text that it was.
    String::from_utf8(passed).map_or(Cow::Borrowed("***"), Cow::Owned)
}

impl Default for Redactor {
    fn default() -> Redactor {
        Redactor::new()
    }
}

/// Shows nothing of the text.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "dataset-0123456789ABCDEFGHIJKLYc";

    fn pieces<'t>(pieces: impl IntoIterator<Item = &'t [u8]>) -> Vec<String> {
        let mut redactor = Redactor::new();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let mut passed: Vec<String> = pieces
            .into_iter()
            .map(|piece| {
                let mut out = Vec::new();
                redactor.push(piece, &mut out);
                text(&out)
            })
            .collect();
        passed.push(text(redactor.finish()));
        passed
    }

    #[test]
    fn a_text_of_any_length_is_masked_as_a_stream_is() {
        let mask = "dataset-********************KLYc";
        for len in [
            0,
            1,
            23,
            24,
            25,
            BLOCK_LEN - 9,
            BLOCK_LEN,
            2 * BLOCK_LEN + 1,
        ] {
            let before = ".".repeat(len);
            assert_eq!(redacted(&before), before);
            let text = format!("{before}{TOKEN}{before}");
            assert_eq!(redacted(&text), format!("{before}{mask}{before}"), "{len}");
        }
    }

    #[test]
    fn what_cannot_be_part_of_a_token_is_passed_on_at_once() {
        let cases: [(&[&str], &[&str]); 8] = [
            (&["Continue? [y/N] "], &["Continue? [y/N] ", ""]),
            (&["Password:"], &["Password:", ""]),
            (&["app-", "web? "], &["app-", "web? ", ""]),
            (&["app-we", "b"], &["app-", "", "web"]),
            // A token of 24 and its last four, or a longer one.
            (
                &["app-0123456789ABCDEFGHIJKLxx", " "],
                &["app-********************", "KLxx ", ""],
            ),
            // Check characters that fit leave no doubt.
            (
                &["app-0123456789ABCDEFGHIJKLNF"],
                &["app-********************KLNF", ""],
            ),
            (&["application", "s "], &["app", "lications ", ""]),
            // Too few are left for a digit, an upper-case and a lower-case one.
            (
                &["app", "01234567890123456789ABC", "D"],
                &["app", "", "01234567890123456789ABCD", ""],
            ),
        ];
        for (input, expected) in cases {
            assert_eq!(pieces(input.iter().map(|text| text.as_bytes())), expected);
        }
    }

    #[test]
    fn a_token_is_masked_wherever_the_stream_is_cut() {
        let text = format!("{TOKEN}{TOKEN} ds-{}!", "x1".repeat(20));
        let whole = pieces([text.as_bytes()]).concat();
        assert_eq!(whole.len(), text.len());
        for cut in 0..=text.len() {
            let (before, after) = text.as_bytes().split_at(cut);
            assert_eq!(pieces([before, after]).concat(), whole, "cut at {cut}");
        }
        let single = text.as_bytes().chunks(1);
        assert_eq!(pieces(single).concat(), whole);
    }

    #[test]
    fn a_block_may_end_anywhere_in_a_token() {
        for before in BLOCK_LEN - 40..=BLOCK_LEN {
            let text = format!("{}{TOKEN}-{TOKEN}\n", ".".repeat(before));
            let masked = pieces([text.as_bytes()]).concat();
            let tokens = "dataset-********************KLYc-dataset-********************KLYc\n";
            assert!(masked.ends_with(tokens), "{before}: {}", &masked[before..]);
            assert_eq!(masked.len(), text.len());
        }
    }

    #[test]
    fn the_end_of_a_stream_is_the_beginning_of_another() {
        let mut redactor = Redactor::new();
        let mut out = Vec::new();
        redactor.push(&TOKEN.as_bytes()[..31], &mut out);
        out.extend_from_slice(redactor.finish());
        redactor.push(b"c ", &mut out);
        assert_eq!(out, format!("{} ", TOKEN).as_bytes());
    }
}

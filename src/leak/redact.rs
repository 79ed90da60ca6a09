//! Masking tokens in a stream, without waiting for more of it than a token takes.
//!
//! It changes bytes where they stand, so that each byte passes once. What it
//! cannot tell yet stays behind: the beginning of a prefix, or letters and digits
//! after one.

use std::borrow::Cow;

use memchr::memmem;

use super::dense::is_dense;
use super::finder::has_classes;

/// What a token begins with, and that without its hyphen.
const PREFIXES: [&str; 3] = ["dataset-", "app-", "ds-"];
const WORDS: [&[u8]; 3] = [b"dataset", b"app", b"ds"];
/// How many letters and digits a token has at least.
const MIN_BODY_LEN: usize = 24;
/// How many it may have: imported ones keep their lengths. Of a longer run, the
/// first 24 are taken for a token.
const MAX_BODY_LEN: usize = 1000;
/// How many of them are left to be seen.
const SHOWN_LEN: usize = 4;
const MASK: u8 = b'*';
/// What an imported token without a hyphen begins with, and how long it is.
const BARE_PREFIX: &[u8] = b"app";
const BARE_LEN: usize = BARE_PREFIX.len() + MIN_BODY_LEN;

/// What masks the tokens in one stream.
///
/// A token is a prefix (`app-`, `dataset-`, `ds-`), whatever stands before it,
/// and the 24 or more letters and digits behind it: those become stars, but for
/// the last four. Where they run into the prefix of another token, they end
/// before it. The imported form of `app` and 24 letters and digits without a
/// hyphen is masked where it stands alone and has a digit and letters of both
/// cases, since most of what looks so otherwise is a word.
#[derive(Default)]
pub struct Redactor {
    /// The byte that stood before those that are still to come.
    before: Option<u8>,
    /// What is to be masked of the bytes that stayed behind.
    ahead: Vec<(usize, usize)>,
}

impl Redactor {
    /// For a stream that begins.
    pub fn new() -> Redactor {
        Redactor::default()
    }

    /// Masks the tokens in `bytes`, as far as that can be told, and says how many
    /// of them may pass. The others, at most about a thousand, have to be the
    /// first ones of the next call; at the end of the stream, all may pass.
    ///
    /// ```
    /// use keyctl::leak::redact::Redactor;
    ///
    /// let mut bytes = *b"key=app-0123456789ABCDEFGHIJKLNF password? da";
    /// let len = Redactor::new().redact(&mut bytes, false);
    /// assert_eq!(&bytes[..len], b"key=app-********************KLNF password? ");
    /// ```
    pub fn redact(&mut self, bytes: &mut [u8], is_end: bool) -> usize {
        let mut masked = std::mem::take(&mut self.ahead);
        let mut passing = bytes.len();
        if !is_end {
            passing -= begun_len(bytes).max(self.unended_len(bytes));
        }
        self.find_bare(bytes, is_end, &mut masked);
        // One after the other: all at once, the hyphens of times and names would
        // be looked at one by one.
        for prefix in PREFIXES {
            for at in memmem::find_iter(bytes, prefix) {
                match masked_after(bytes, at + prefix.len(), is_end) {
                    After::Token(start, end) => masked.push((start, end)),
                    After::Nothing => {}
                    After::Unknown => passing = passing.min(at),
                }
            }
        }
        if let Some(last) = passing.checked_sub(1) {
            self.before = Some(bytes[last]);
        }
        for (start, end) in masked {
            if start < passing {
                bytes[start..end.min(passing)].fill(MASK);
            }
            if end > passing {
                self.ahead
                    .push((start.max(passing) - passing, end - passing));
            }
        }
        passing
    }

    /// How many bytes at the end may be a token without a hyphen that goes on.
    fn unended_len(&self, bytes: &[u8]) -> usize {
        let is_other = |byte: &u8| !byte.is_ascii_alphanumeric();
        let start = bytes.iter().rposition(is_other).map_or(0, |at| at + 1);
        let run = &bytes[start..];
        let may_be = run.starts_with(BARE_PREFIX) && run.len() <= BARE_LEN;
        if may_be && self.is_alone(start) {
            run.len()
        } else {
            0
        }
    }

    /// Whether no letter and no digit stands before a run that begins here.
    fn is_alone(&self, start: usize) -> bool {
        start > 0 || !self.before.is_some_and(|byte| byte.is_ascii_alphanumeric())
    }

    /// Finds tokens without a hyphen by their length: looking for so short a
    /// prefix, which begins many words, took longer than all the rest.
    fn find_bare(&self, bytes: &[u8], is_end: bool, masked: &mut Vec<(usize, usize)>) {
        const LOOK_LEN: usize = 16;
        const STRIDE: usize = BARE_LEN - LOOK_LEN + 1;
        let is_word = u8::is_ascii_alphanumeric;
        let mut at = 0;
        while let Some(look) = bytes.get(at..).and_then(<[u8]>::first_chunk::<LOOK_LEN>) {
            if !is_dense(*look) || !look.iter().all(is_word) {
                at += STRIDE;
                continue;
            }
            let before = bytes[..at].iter().rev().take(BARE_LEN);
            let start = at - before.take_while(|byte| is_word(byte)).count();
            let end = at + bytes[at..].iter().take_while(|byte| is_word(byte)).count();
            let run = &bytes[start..end];
            let is_whole = is_end || end < bytes.len();
            if run.len() == BARE_LEN
                && run.starts_with(BARE_PREFIX)
                && is_whole
                && self.is_alone(start)
            {
                let body = &run[BARE_PREFIX.len()..];
                if has_classes(body) {
                    masked.push((start + BARE_PREFIX.len(), end - SHOWN_LEN));
                }
            }
            at = end;
        }
    }
}

/// What stands behind a prefix.
enum After {
    /// A token: what is to be masked of it.
    Token(usize, usize),
    Nothing,
    /// That depends on what comes next.
    Unknown,
}

fn masked_after(bytes: &[u8], body: usize, is_end: bool) -> After {
    let run = run(&bytes[body..], MAX_BODY_LEN + 1);
    if run.len() > MAX_BODY_LEN {
        return After::Token(body, body + MIN_BODY_LEN - SHOWN_LEN);
    }
    let end = body + run.len();
    if end == bytes.len() && !is_end {
        return After::Unknown;
    }
    let mut len = run.len();
    if bytes.get(end) == Some(&b'-') {
        let next = WORDS.iter().find(|word| {
            run.strip_suffix(**word)
                .is_some_and(|run| run.len() >= MIN_BODY_LEN)
        });
        len -= next.map_or(0, |word| word.len());
    }
    if len < MIN_BODY_LEN {
        return After::Nothing;
    }
    After::Token(body, body + len - SHOWN_LEN)
}

/// The letters and digits that `bytes` begin with, at most `max` of them.
fn run(bytes: &[u8], max: usize) -> &[u8] {
    let bytes = &bytes[..bytes.len().min(max)];
    let is_other = |byte: &u8| !byte.is_ascii_alphanumeric();
    &bytes[..bytes.iter().position(is_other).unwrap_or(bytes.len())]
}

/// How many bytes at the end may be the beginning of a prefix.
fn begun_len(bytes: &[u8]) -> usize {
    let longest = |word: &&[u8]| {
        (1..=word.len())
            .rev()
            .find(|len| bytes.ends_with(&word[..*len]))
    };
    WORDS.iter().filter_map(longest).max().unwrap_or(0)
}

/// The text with its tokens masked.
///
/// ```
/// use keyctl::leak::redact::redacted;
///
/// assert_eq!(redacted("app-0123456789ABCDEFGHIJKLNF.txt"), "app-********************KLNF.txt");
/// ```
pub fn redacted(text: &str) -> Cow<'_, str> {
    if !WORDS
        .iter()
        .any(|word| memmem::find(text.as_bytes(), word).is_some())
    {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    Redactor::new().redact(&mut bytes, true);
    // Letters and digits became stars, which are text wherever those were.
    String::from_utf8(bytes).map_or_else(|_| Cow::Owned(String::new()), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is to do, told by looking at the whole text at once.
    fn reference(text: &[u8]) -> Vec<u8> {
        let mut masked = text.to_vec();
        for at in 0..text.len() {
            let word = WORDS.iter().find(|word| text[at..].starts_with(word));
            let Some(word) = word else { continue };
            let mut body = at + word.len();
            let has_hyphen = text.get(body) == Some(&b'-');
            body += usize::from(has_hyphen);
            let mut end = body;
            while end < text.len() && text[end].is_ascii_alphanumeric() {
                end += 1;
            }
            if has_hyphen {
                if end - body > 1000 {
                    end = body + 24;
                } else if text.get(end) == Some(&b'-') {
                    let next = WORDS.iter().find(|word| text[..end].ends_with(word));
                    let len = next.map_or(0, |word| word.len());
                    if end - body >= 24 + len {
                        end -= len;
                    }
                }
                if end - body >= 24 {
                    masked[body..end - 4].fill(b'*');
                }
                continue;
            }
            let is_alone = at == 0 || !text[at - 1].is_ascii_alphanumeric();
            let chars: Vec<char> = text[body..end]
                .iter()
                .map(|byte| char::from(*byte))
                .collect();
            if *word == b"app"
                && is_alone
                && chars.len() == 24
                && chars.iter().any(char::is_ascii_digit)
                && chars.iter().any(char::is_ascii_uppercase)
                && chars.iter().any(char::is_ascii_lowercase)
            {
                masked[body..end - 4].fill(b'*');
            }
        }
        masked
    }

    /// Passes the text through in pieces of these lengths, in turn.
    fn streamed(text: &[u8], lens: &[usize]) -> Vec<u8> {
        let mut redactor = Redactor::new();
        let mut passed = Vec::new();
        let mut buffer: Vec<u8> = Vec::new();
        let mut rest = text;
        for len in lens.iter().cycle() {
            let (piece, later) = rest.split_at(rest.len().min(*len));
            rest = later;
            buffer.extend_from_slice(piece);
            let count = redactor.redact(&mut buffer, rest.is_empty());
            passed.extend(buffer.drain(..count));
            assert!(buffer.len() <= 1100, "{} bytes stay behind", buffer.len());
            if rest.is_empty() {
                assert!(buffer.is_empty());
                return passed;
            }
        }
        passed
    }

    #[test]
    fn tokens_are_masked_at_the_same_length() {
        let body = "0123456789ABCDEFGHIJabcd";
        let stars = "********************abcd";
        let cases = [
            (format!("app-{body}"), format!("app-{stars}")),
            (format!("ds-{body}\n"), format!("ds-{stars}\n")),
            (format!("myapp-{body}, x"), format!("myapp-{stars}, x")),
            (
                format!("dataset-{body}dataset-{body}"),
                format!("dataset-{stars}dataset-{stars}"),
            ),
            (
                format!("app-{body}ds-{body}"),
                format!("app-{stars}ds-{stars}"),
            ),
            // One of another length, masked as a whole.
            (
                format!("app-{body}efg"),
                "app-***********************defg".to_owned(),
            ),
            // The second prefix is the end of the first token.
            (
                format!("app-0123456789ABCDEFGHIJKapp-{body}"),
                format!("app-********************Kapp-{stars}"),
            ),
            (
                format!("app-0123456789ABCDEFGdataset-{body}"),
                format!("app-********************aset-{stars}"),
            ),
            (format!("app{body}"), format!("app{stars}")),
            (format!("(app{body})"), format!("(app{stars})")),
            (format!("xapp{body}"), format!("xapp{body}")),
            (format!("app{body}e"), format!("app{body}e")),
            (format!("app-{}", &body[1..]), format!("app-{}", &body[1..])),
            (format!("app_{body}"), format!("app_{body}")),
            (format!("dataset{body}"), format!("dataset{body}")),
            (format!("apps-{body}"), format!("apps-{body}")),
            (
                "applicationprogramminginter".to_owned(),
                "applicationprogramminginter".to_owned(),
            ),
            (
                format!("é app-{body} \u{1f511}"),
                format!("é app-{stars} \u{1f511}"),
            ),
            (String::new(), String::new()),
        ];
        for (text, expected) in cases {
            assert_eq!(redacted(&text), expected);
            assert_eq!(reference(text.as_bytes()), expected.as_bytes(), "{text}");
            for len in 1..40 {
                let passed = streamed(text.as_bytes(), &[len]);
                assert_eq!(String::from_utf8(passed).unwrap(), expected, "{len}");
            }
        }
    }

    #[test]
    fn what_cannot_be_a_token_passes_at_once() {
        for (text, passing) in [
            ("password: ", 10),
            ("user@host:~$ ", 13),
            ("happy", 5),
            ("happ", 1),
            ("data", 0),
            ("dataset", 0),
            ("dataset_", 8),
            ("app-0123", 0),
            ("app-0123 ", 9),
            ("x ds-0123456789ABCDEFGHIJKLMNOP", 2),
            ("x ds-0123456789ABCDEFGHIJKLMNOP\n", 32),
            ("application", 0),
            ("application ", 12),
            ("map", 1),
        ] {
            let mut bytes = text.as_bytes().to_vec();
            assert_eq!(Redactor::new().redact(&mut bytes, false), passing, "{text}");
        }
    }

    #[test]
    fn streams_cut_anywhere_give_what_the_whole_text_gives() {
        let parts = [
            "app-",
            "dataset-",
            "ds-",
            "app",
            "dataset",
            "ds",
            "-",
            " ",
            "\n",
            "a",
            "A",
            "7",
            "Zz9",
            "0123456789",
            "ABCDEFGHIJ",
            "abcdefghijklmnopqrstuvwx",
            "\u{e9}",
            "aB3aB3aB3aB3aB3aB3aB3aB3",
            "**",
        ];
        // A small generator of its own: the same streams in every run.
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut draw = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        for _ in 0..20_000 {
            let mut text = Vec::new();
            for _ in 0..draw(24) {
                text.extend_from_slice(parts[draw(parts.len())].as_bytes());
                if draw(200) == 0 {
                    text.extend(std::iter::repeat_n(b'q', 970 + draw(60)));
                }
            }
            let lens = [1 + draw(9), 1 + draw(40), 1 + draw(300)];
            let expected = reference(&text);
            let passed = streamed(&text, &lens);
            assert_eq!(
                String::from_utf8_lossy(&passed),
                String::from_utf8_lossy(&expected),
                "{} in pieces of {lens:?}",
                String::from_utf8_lossy(&text)
            );
        }
    }
}

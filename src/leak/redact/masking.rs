//! Finding tokens in a window of text, and masking them there.

use aho_corasick::packed::Searcher;
use aho_corasick::{AhoCorasick, Input, Match, Span};

use super::run::{Run, prefix_before};

/// The ends of what a token begins with. Searching for these, rather than for
/// whole prefixes, takes one vectorised pass: they are equally long. A hyphen
/// alone would be found in every date.
pub(super) const NEEDLES: [&str; 3] = ["app", "set-", "ds-"];
/// How much of a needle, and of `app` with what follows, may lie in the block
/// before.
const OVERLAP_LEN: usize = 3;

/// Finds where tokens may begin.
pub(super) enum Finder {
    Vectorised(Searcher),
    /// For processors without the instructions.
    Portable(AhoCorasick),
}

impl Finder {
    pub(super) fn new() -> Finder {
        // Left to itself, the crate looks for rare bytes, which logs are full of:
        // that took seven times as many instructions.
        Searcher::new(NEEDLES).map_or_else(Finder::portable, Finder::Vectorised)
    }

    fn portable() -> Finder {
        let automaton = AhoCorasick::new(NEEDLES);
        Finder::Portable(automaton.expect("three short needles make an automaton"))
    }

    fn find(&self, text: &[u8], from: usize) -> Option<Match> {
        match self {
            Finder::Vectorised(searcher) => searcher.find_in(text, Span::from(from..text.len())),
            Finder::Portable(automaton) => automaton.find(Input::new(text).range(from..)),
        }
    }

    /// Masks what is to be masked of `text`, whose bytes from `fresh` on are new,
    /// and returns how many of its last bytes are to be held back. `open` is the run
    /// that the others end with, and becomes the one that all of it ends with.
    pub(super) fn mask(
        &self,
        text: &mut [u8],
        fresh: usize,
        open: &mut Option<Run>,
        is_end: bool,
    ) -> usize {
        let mut current = open.take();
        let mut at = match current {
            Some(_) => fresh,
            None => fresh.saturating_sub(OVERLAP_LEN),
        };
        loop {
            let Some(mut run) = current.take().or_else(|| self.next_run(text, &mut at)) else {
                return 0;
            };
            let end = at + word_len(&text[at..]);
            let (seen, rest) = text.split_at(end);
            let may_go_on = rest.is_empty() && !is_end;
            run.grow(seen, end - at, may_go_on);
            if may_go_on {
                let outlook = run.open(seen);
                fill(&mut text[..end], run.len(), outlook.clear);
                *open = Some(run);
                return outlook.held;
            }
            // The next token's prefix may be the end of this one, and is not to be
            // found any more once it is masked.
            let next_prefix = prefix_before(seen).filter(|_| rest.starts_with(b"-"));
            let clear = run.ended(seen, next_prefix);
            fill(&mut text[..end], run.len(), clear);
            current = next_prefix.map(Run::hyphened);
            at = end + usize::from(current.is_some());
        }
    }

    /// The next run that begins at or after `at`, and moves `at` there.
    fn next_run(&self, text: &[u8], at: &mut usize) -> Option<Run> {
        loop {
            let found = self.find(text, *at)?;
            *at = found.end();
            let (before, after) = text.split_at(found.end());
            if let Some(before) = before.strip_suffix(b"-") {
                match prefix_before(before) {
                    Some(prefix) => return Some(Run::hyphened(prefix)),
                    None => continue,
                }
            }
            let follows_a_word = before[..found.start()]
                .last()
                .is_some_and(u8::is_ascii_alphanumeric);
            match after.first() {
                Some(b'-') => {
                    *at += 1;
                    return prefix_before(before).map(Run::hyphened);
                }
                Some(byte) if byte.is_ascii_alphanumeric() && !follows_a_word => {
                    return Some(Run::bare());
                }
                // Without what follows, it is found again with the next block.
                Some(_) | None => {}
            }
        }
    }
}

/// How many letters and digits `text` begins with.
fn word_len(text: &[u8]) -> usize {
    let end = text.iter().position(|byte| !byte.is_ascii_alphanumeric());
    end.unwrap_or(text.len())
}

/// Masks the last `len` bytes of `text` save the last `clear` of them, as far
/// as they are still here.
fn fill(text: &mut [u8], len: usize, clear: usize) {
    let start = text.len().saturating_sub(len);
    let end = text.len().saturating_sub(clear);
    text[start..end.max(start)].fill(b'*');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let [masked, portable] = [Finder::new(), Finder::portable()].map(|finder| {
            let mut text = text.as_bytes().to_vec();
            assert_eq!(finder.mask(&mut text, 0, &mut None, true), 0);
            String::from_utf8(text).unwrap()
        });
        assert_eq!(masked, portable);
        masked
    }

    #[test]
    fn tokens_are_masked_wherever_they_stand() {
        let run = "0123456789abcdefghijklmn";
        let stars = "*".repeat(20);
        for prefix in ["app-", "dataset-", "ds-"] {
            for (before, after) in [
                ("", ""),
                ("Bearer ", "\r\n"),
                ("?key=", "&next"),
                ("%20", "%0A"),
                ("\u{1b}[1m", "\u{1b}[0m"),
                ("\"", "\\n\""),
                ("web", "_tail"),
                ("data", "-set"),
                ("é", "é"),
                ("--", "--"),
            ] {
                assert_eq!(
                    masked(&format!("{before}{prefix}{run}{after}")),
                    format!("{before}{prefix}{stars}klmn{after}")
                );
            }
        }
    }

    #[test]
    fn what_is_no_token_stays_as_it_is() {
        for text in [
            "",
            "app",
            "app-",
            "dataset-0123456789ABCDEFGHIJKLM",
            "dataset-550e8400-e29b-41d4-a716-446655440000",
            "app_0123456789ABCDEFGHIJKLNF",
            "key-0123456789ABCDEFGHIJKLNF",
            "set-0123456789ABCDEFGHIJKLNF",
            "APP-0123456789ABCDEFGHIJKLNF",
            "app-********************KLNF",
            "the application applies happily to all datasets-and-apps",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn runs_longer_than_a_token_are_masked_up_to_its_end() {
        let cases = [
            // Nothing says where it ends.
            (
                "ds-0123456789ABCDEFGHIJKLNFtail",
                "ds-************************tail",
            ),
            (
                "app-0123456789ABCDEFGHIJKLxxtail",
                "app-************************tail",
            ),
            // The check characters do.
            (
                "app-0123456789ABCDEFGHIJKLNFtail",
                "app-********************KLNFtail",
            ),
            // So does the next prefix, whether a token follows it or not.
            (
                "ds-0123456789ABCDEFGHIJKLxxdataset-0123456789ABCDEFGHIJKLxxapp-web",
                "ds-********************KLxxdataset-********************KLxxapp-web",
            ),
            (
                "ds-0123456789ABCDEFGHIJKLxxyapp-",
                "ds-*********************Lxxyapp-",
            ),
            // That belongs to the token itself if it were too short without.
            (
                "ds-0123456789ABCDEFGHIJKapp-0123456789ABCDEFGHIJKLxx",
                "ds-********************Kapp-********************KLxx",
            ),
            (
                "ds-0123456789ABCDEFGdataset-0123456789ABCDEFGHIJKLxx",
                "ds-********************aset-********************KLxx",
            ),
            (
                "app-dataset-0123456789ABCDEFGHIJKLYc",
                "app-dataset-********************KLYc",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn tokens_without_a_hyphen_are_words_with_all_classes() {
        let token = "app0123456789ABCDEFGHIJKLxx";
        let mask = "app********************KLxx";
        let cases = [
            (token.to_owned(), mask.to_owned()),
            (format!("key={token}\n"), format!("key={mask}\n")),
            (format!("é{token}é"), format!("é{mask}é")),
            (format!("x-{token}-y"), format!("x-{mask}-y")),
        ];
        for (text, expected) in cases {
            assert_eq!(masked(&text), expected);
        }
        for text in [
            format!("x{token}"),
            format!("1{token}"),
            format!("{token}x"),
            token[..26].to_owned(),
            token.to_lowercase(),
            token.to_uppercase(),
            "appConfigurationFactoryBean".to_owned(),
            "app012345678901234567890123".to_owned(),
        ] {
            assert_eq!(masked(&text), text);
        }
    }
}

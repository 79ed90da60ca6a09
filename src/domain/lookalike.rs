//! Tokens in the middle of other text, where they have no business to be.

use super::token::{CHECK_LEN, RANDOM_LEN, check_characters};

/// The prefixes under which tokens of this family are known, imported ones
/// included.
const PREFIXES: [&str; 3] = ["dataset", "app", "ds"];
/// From how many letters and digits after the hyphen a text looks like a token.
const LOOKALIKE_LEN: usize = 20;
/// No token and nothing that looks like one is shorter: a list reads a great many names
/// and words that are.
const SHORTEST_LEN: usize = "ds-".len() + LOOKALIKE_LEN;

/// The first token of the form issued here in `text`, wherever it stands: a
/// prefix, a hyphen, 24 letters and digits of which the last two fit the rest.
///
/// ```
/// use keyctl::domain::find_token;
///
/// let text = "Bearer%20app-0123456789ABCDEFGHIJKLNF,";
/// assert_eq!(find_token(text), Some("app-0123456789ABCDEFGHIJKLNF"));
/// assert_eq!(find_token("app-0123456789ABCDEFGHIJKLxx"), None);
/// ```
pub fn find_token(text: &str) -> Option<&str> {
    if text.len() < SHORTEST_LEN {
        return None;
    }
    let fits = |token: &&str| {
        let (text, check) = token.split_at(token.len() - CHECK_LEN);
        check.chars().eq(check_characters(text))
    };
    candidates(text)
        .filter_map(|(start, hyphen, run)| {
            let end = hyphen + 1 + RANDOM_LEN + CHECK_LEN;
            (run.len() >= RANDOM_LEN + CHECK_LEN).then(|| &text[start..end])
        })
        .find(fits)
}

/// The first part of `text` that is a token, or looks like one of another form:
/// a known prefix that is not the end of a longer word, a hyphen, and 20 or
/// more letters and digits.
///
/// ```
/// use keyctl::domain::find_lookalike;
///
/// assert_eq!(find_lookalike("see ds-0123456789abcdefghij!"), Some("ds-0123456789abcdefghij"));
/// assert_eq!(find_lookalike("ds-0123456789"), None);
/// ```
pub fn find_lookalike(text: &str) -> Option<&str> {
    if text.len() < SHORTEST_LEN {
        return None;
    }
    // Nearly all texts have none, and lists read a great many.
    candidates(text).next()?;
    let is_lookalike = |(start, _, run): &(usize, usize, &str)| {
        let follows_a_word = text[..*start].ends_with(|c: char| c.is_ascii_alphanumeric());
        run.len() >= LOOKALIKE_LEN && !follows_a_word
    };
    find_token(text).or_else(|| {
        let (start, hyphen, run) = candidates(text).find(is_lookalike)?;
        Some(&text[start..hyphen + 1 + run.len()])
    })
}

/// Every place where a known prefix and a hyphen stand: where the prefix
/// begins, where the hyphen is, and the letters and digits after it.
fn candidates(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let bytes = text.bytes().enumerate();
    let hyphens = bytes.filter_map(|(place, byte)| (byte == b'-').then_some(place));
    hyphens.filter_map(move |hyphen| {
        let before = &text[..hyphen];
        let prefix = PREFIXES.iter().find(|prefix| before.ends_with(**prefix))?;
        let after = &text[hyphen + 1..];
        let len = after
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(after.len());
        Some((hyphen - prefix.len(), hyphen, &after[..len]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_wherever_they_stand() {
        let token = "app-0123456789ABCDEFGHIJKLNF";
        let other = "dataset-0123456789ABCDEFGHIJKLYc";
        let cases = [
            (token.to_owned(), Some(token)),
            (format!("x{token}"), Some(token)),
            (format!("{token}tail"), Some(token)),
            (format!("app-{other}"), Some(other)),
            (format!("Bearer%20{token}%0a"), Some(token)),
            (format!("a\\n{other}\\n"), Some(other)),
            ("app-0123456789ABCDEFGHIJKLNG".to_owned(), None),
            ("ds-0123456789ABCDEFGHIJKLNF".to_owned(), None),
            (token[..27].to_owned(), None),
            ("é-è".to_owned(), None),
            (String::new(), None),
        ];
        for (text, found) in cases {
            assert_eq!(find_token(&text), found, "{text}");
        }
    }

    #[test]
    fn lookalikes_are_found_at_the_beginning_of_words() {
        let run = "0123456789abcdefghij";
        let cases = [
            (format!("app-{run}"), true),
            (format!("dataset-{run}"), true),
            (format!("ds-{run}"), true),
            (format!("--name=dataset-{run}&x"), true),
            (format!("é app-{run}"), true),
            (format!("app-x-app-{run}"), true),
            (format!("webapp-{run}"), false),
            // A whole token needs no beginning of a word.
            ("webapp-0123456789ABCDEFGHIJKLNF".to_owned(), true),
            (format!("key-{run}"), false),
            (format!("app-{}", &run[1..]), false),
            (format!("app_{run}"), false),
            (
                "dataset-550e8400-e29b-41d4-a716-446655440000".to_owned(),
                false,
            ),
            (String::new(), false),
        ];
        for (text, found) in cases {
            assert_eq!(find_lookalike(&text).is_some(), found, "{text}");
        }
    }
}

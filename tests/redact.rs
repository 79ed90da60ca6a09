//! The streaming mask against the slow one: random streams, made so that tokens,
//! half tokens and tokens that run into one another are likely, and cut at
//! random places.

#[path = "support/slow_redaction.rs"]
mod slow_redaction;

use keyctl::leak::Redactor;

use slow_redaction::slow_redaction;

/// The most that may be held back.
const MAX_HELD: usize = 24;

/// SplitMix64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("it is below a usize")
    }
}

/// A stream of up to 24 parts.
fn stream(random: &mut Random) -> Vec<u8> {
    const PARTS: [&str; 22] = [
        "app-",
        "dataset-",
        "ds-",
        "app",
        "dataset",
        "ds",
        "data",
        "set-",
        "a",
        "d",
        "-",
        "--",
        " ",
        "\n",
        "\\n",
        "%2D",
        "_",
        "é",
        "\u{1b}[0m",
        "Z",
        "7",
        "happy",
    ];
    let mut text = Vec::new();
    for _ in 0..random.below(24) {
        match random.below(3) {
            0 => text.extend_from_slice(PARTS[random.below(PARTS.len())].as_bytes()),
            1 => text.extend(letters_and_digits(random)),
            // With check characters that fit, with some that do not, or bytes.
            _ => match random.below(6) {
                0 => text.extend_from_slice(b"app-0123456789ABCDEFGHIJKLNF"),
                1 => text.extend_from_slice(b"dataset-0123456789ABCDEFGHIJKLYc"),
                2 => text.extend_from_slice(b"app0123456789ABCDEFGHIJKLyz"),
                3 => text.push(0xff),
                _ => {
                    text.extend_from_slice(PARTS[random.below(3)].as_bytes());
                    text.extend(letters_and_digits(random));
                }
            },
        }
    }
    text
}

fn letters_and_digits(random: &mut Random) -> Vec<u8> {
    let alphabet: &[u8] = match random.below(3) {
        0 => b"apdste",
        1 => b"0123456789",
        _ => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    };
    // Mostly of about a token's length.
    let len = match random.below(8) {
        0 => random.below(60),
        1 => random.below(8),
        _ => 14 + random.below(14),
    };
    (0..len)
        .map(|_| alphabet[random.below(alphabet.len())])
        .collect()
}

/// The stream in pieces, empty ones among them.
fn cut<'t>(mut text: &'t [u8], random: &mut Random) -> Vec<&'t [u8]> {
    let most = [2, 9, 40, 400][random.below(4)];
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let (piece, rest) = text.split_at(random.below(most).min(text.len()));
        pieces.push(piece);
        text = rest;
    }
    pieces
}

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

#[test]
fn streams_are_masked_as_the_whole_text_would_be() {
    let mut random = Random(1);
    let mut redactor = Redactor::new();
    let mut masked_count = 0;
    for _ in 0..20_000 {
        let text = stream(&mut random);
        let (mut out, mut taken) = (Vec::new(), 0);
        for piece in cut(&text, &mut random) {
            redactor.push(piece, &mut out);
            taken += piece.len();
            assert!(taken - out.len() <= MAX_HELD, "{}", shown(&text[..taken]));
        }
        out.extend_from_slice(redactor.finish());
        let expected = slow_redaction(&text);
        assert!(
            out == expected,
            "{}\nis {}\nnot {}",
            shown(&text),
            shown(&out),
            shown(&expected)
        );
        assert_eq!(out.len(), text.len());
        masked_count += usize::from(out != text);
    }
    // Otherwise the streams are not what they are meant to be.
    assert!((5_000..19_000).contains(&masked_count), "{masked_count}");
}

#[test]
fn streams_of_many_blocks_are_masked_as_the_whole_text_would_be() {
    let mut random = Random(2);
    let mut text = Vec::new();
    while text.len() < 1_000_000 {
        text.extend(stream(&mut random));
    }
    let mut redactor = Redactor::new();
    let mut out = Vec::new();
    redactor.push(&text, &mut out);
    out.extend_from_slice(redactor.finish());
    assert!(out == slow_redaction(&text));
}

/// Ways in which a text may go on that decide about all that is undecided.
fn continuations() -> Vec<String> {
    let mut continuations = vec!["z".repeat(40)];
    // The rest of a token, with the classes that it lacks.
    for len in 0..=24 {
        continuations.push("0Aa".repeat(8)[..len].to_owned());
    }
    continuations.extend(["A", "a", "0a", "A0", "Aa", "a0", "aA"].map(str::to_owned));
    // The rest of the next prefix.
    for prefix in ["app-", "dataset-", "ds-"] {
        continuations.extend((0..prefix.len()).map(|start| prefix[start..].to_owned()));
    }
    continuations
}

#[test]
fn nothing_is_held_back_that_is_decided() {
    let mut random = Random(3);
    let mut redactor = Redactor::new();
    let continuations = continuations();
    let mut held_count = 0;
    for _ in 0..150 {
        let text = stream(&mut random);
        let (mut out, mut taken) = (Vec::new(), 0);
        for piece in cut(&text, &mut random) {
            redactor.push(piece, &mut out);
            taken += piece.len();
            if random.below(3) > 0 {
                continue;
            }
            let futures = continuations.iter().map(|continuation| {
                slow_redaction(&[&text[..taken], continuation.as_bytes()].concat())
            });
            let futures: Vec<Vec<u8>> = futures.collect();
            // As far as all that may come agrees, and no further.
            let decided = (0..taken)
                .find(|&index| futures.iter().any(|one| one[index] != futures[0][index]))
                .unwrap_or(taken);
            assert_eq!(out.len(), decided, "of {}", shown(&text[..taken]));
            held_count += usize::from(decided < taken);
        }
        redactor.finish();
    }
    assert!(held_count > 100, "{held_count}");
}

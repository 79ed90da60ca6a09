//! The secret text, and the two things kept of it: a digest and a mask.
//!
//! A token is `<prefix>-<22 random base62><2 check characters>`. 22 characters
//! drawn evenly from 62 carry 131 bits, above the 112 that NIST SP 800-63B asks
//! of a look-up secret stored under a plain approved hash, so SHA-256 without
//! salt or stretching is right for it.

use std::fmt;
use std::time::Duration;

use rand::TryRng;
use rand::rngs::{SysError, SysRng};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::access::Kind;
use super::hash::hex;
use super::lookalike::find_token;
use super::mask::MaskedToken;

/// Base62 in the order that the check characters use.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(super) const RANDOM_LEN: usize = 22;
pub(super) const CHECK_LEN: usize = 2;

/// A secret token. It has no `Display`, its `Debug` shows nothing, and its
/// memory is wiped on drop. Only [`expose`](Self::expose) gives its text.
///
/// ```
/// let token = keyctl::Token::parse(b"app-0123456789ABCDEFGHIJKLNF").unwrap();
/// assert_eq!(format!("{token:?}"), "Token(..)");
/// assert_eq!(token.mask().to_string(), "app-0...KLNF");
/// ```
pub struct Token(Zeroizing<String>);

impl Token {
    /// The longest text that can be a token, in bytes.
    pub const MAX_LEN: usize = 1024;

    /// Draws a new token from the operating system's generator.
    ///
    /// # Errors
    /// [`RandomError`] if that generator fails. There is no fallback: a token
    /// from a weaker source would be worse than none.
    pub fn generate(kind: Kind) -> Result<Token, RandomError> {
        Token::generate_from(kind, &mut SysRng).map_err(RandomError)
    }

    fn generate_from<R: TryRng>(kind: Kind, rng: &mut R) -> Result<Token, R::Error> {
        let prefix = kind.prefix();
        let mut text = Zeroizing::new(String::with_capacity(
            prefix.len() + 1 + RANDOM_LEN + CHECK_LEN,
        ));
        text.push_str(prefix);
        text.push('-');
        draw_random_part(rng, &mut text)?;
        let [first, second] = check_characters(&text);
        text.push(first);
        text.push(second);
        Ok(Token(text))
    }

    /// Takes a presented token: 1 to [`MAX_LEN`](Self::MAX_LEN) bytes of
    /// printable ASCII. Nothing else is asked of its form, since imported
    /// tokens keep their own; whether a key has it is for the store to say.
    ///
    /// # Errors
    /// [`MalformedToken`] says what rules the text out, without repeating it.
    pub fn parse(text: &[u8]) -> Result<Token, MalformedToken> {
        check(text)?;
        let text = std::str::from_utf8(text).map_err(|_| MalformedToken::Characters)?;
        Ok(Token(Zeroizing::new(text.to_owned())))
    }

    /// The digest of a presented token, of which no copy is made.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub(crate) fn digest_of(text: &[u8]) -> Result<Digest, MalformedToken> {
        check(text)?;
        Ok(Digest(Sha256::digest(text).into()))
    }

    /// SHA-256 of the whole token, prefix included.
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.0.as_bytes()).into())
    }

    /// What lists show of it.
    pub fn mask(&self) -> MaskedToken {
        MaskedToken::of(&self.0)
    }

    /// Whether it has the form of a token issued here and its two check
    /// characters do not fit: a sign of a typing error. Never a reason to deny.
    pub fn looks_mistyped(&self) -> bool {
        self.has_form_issued_here() && find_token(&self.0).is_none()
    }

    /// Whether it begins with this text, which a mask may have left of it.
    pub fn begins_with(&self, text: &str) -> bool {
        self.0.starts_with(text)
    }

    /// Whether it ends with this text, which a mask may have left of it.
    pub fn ends_with(&self, text: &str) -> bool {
        self.0.ends_with(text)
    }

    /// Whether this is its SHA-1, which says nothing about who knew the token but
    /// is what some scanners keep of what they found.
    #[cfg(feature = "leak")]
    pub fn has_sha1(&self, hash: &[u8; 20]) -> bool {
        use sha1::Digest as _;
        let own: [u8; 20] = sha1::Sha1::digest(self.0.as_bytes()).into();
        own.ct_eq(hash).into()
    }

    /// Whether it has the form of a token issued here and its two check
    /// characters fit the rest. Chance does that once in 3,844 times.
    pub fn has_check_characters(&self) -> bool {
        self.has_form_issued_here() && find_token(&self.0).is_some()
    }

    /// Whether it is a prefix, a hyphen and 24 letters and digits.
    fn has_form_issued_here(&self) -> bool {
        let Some((prefix, random)) = self.0.split_once('-') else {
            return false;
        };
        [Kind::App, Kind::Dataset]
            .iter()
            .any(|kind| kind.prefix() == prefix)
            && random.len() == RANDOM_LEN + CHECK_LEN
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }

    /// The secret itself. Call it where the token is written out, and nowhere
    /// else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Whether a text can be a token.
fn check(text: &[u8]) -> Result<(), MalformedToken> {
    if text.is_empty() {
        return Err(MalformedToken::Empty);
    }
    if text.len() > Token::MAX_LEN {
        return Err(MalformedToken::TooLong);
    }
    // Without a way out in the middle, they are looked at all at once.
    let is_printable = |byte: &u8| matches!(byte, 0x20..=0x7e);
    match text.iter().fold(true, |all, byte| all & is_printable(byte)) {
        true => Ok(()),
        false => Err(MalformedToken::Characters),
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Appends 22 characters with a digit, an upper-case and a lower-case letter
/// among them, each drawn evenly.
fn draw_random_part<R: TryRng>(rng: &mut R, text: &mut String) -> Result<(), R::Error> {
    let start = text.len();
    let mut block = Zeroizing::new([0u8; 32]);
    loop {
        while text.len() < start + RANDOM_LEN {
            rng.try_fill_bytes(&mut *block)?;
            let drawn = block
                .iter()
                .filter_map(|&byte| character(byte))
                .take(start + RANDOM_LEN - text.len());
            text.extend(drawn);
        }
        let random = &text.as_bytes()[start..];
        if random.iter().any(u8::is_ascii_digit)
            && random.iter().any(u8::is_ascii_uppercase)
            && random.iter().any(u8::is_ascii_lowercase)
        {
            return Ok(());
        }
        text.truncate(start);
    }
}

/// The character that a random byte draws. 6 bits give 0 to 63; dropping 62 and
/// 63 leaves 62 values as likely as each other, where a remainder of the byte
/// would favour some.
fn character(byte: u8) -> Option<char> {
    ALPHABET
        .get(usize::from(byte & 0x3f))
        .map(|&byte| char::from(byte))
}

/// The two check characters of `<prefix>-<22 characters>`: CRC-32/ISO-HDLC
/// modulo 62², in base62. They catch typing errors and let scanners drop false
/// positives; they keep nobody out.
pub(super) fn check_characters(text: &str) -> [char; 2] {
    let remainder = crc32fast::hash(text.as_bytes()) as usize % (62 * 62);
    [remainder / 62, remainder % 62].map(|index| char::from(ALPHABET[index]))
}

/// Why a text cannot be a token. It never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedToken {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// More than [`Token::MAX_LEN`] bytes.
    #[error("it is longer than 1024 bytes")]
    TooLong,
    /// Control characters, or bytes outside ASCII.
    #[error("it has control characters or characters outside ASCII")]
    Characters,
}

/// The operating system's random generator failed.
#[derive(Debug, thiserror::Error)]
#[error("the operating system's random generator failed")]
pub struct RandomError(#[source] pub(super) SysError);

/// SHA-256 of a token, all that is stored of the secret.
///
/// Comparing two takes the same time wherever they differ; `Debug` shows
/// nothing, since a digest is enough to look for a key elsewhere.
#[derive(Clone)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The 32 bytes, in order.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its first eight bytes as a number, which has the order of digests: enough to put
    /// many in order, or to tell that one is not among them.
    pub(crate) fn beginning(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// In words it is compared in an eighth of the steps.
    fn words(&self) -> [u64; 4] {
        let (words, _) = self.0.as_chunks();
        std::array::from_fn(|nth| u64::from_ne_bytes(words[nth]))
    }

    /// A digest read back from where it was kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Digest {
        Digest(bytes)
    }

    /// What the log keeps of it when the record of its key is removed: its own
    /// SHA-256, as 64 hexadecimal digits, lower case. It tells whoever comes
    /// with the token that it was here, and nobody else anything.
    pub fn tombstone(&self) -> String {
        hex(&Sha256::digest(self.0).into())
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Digest) -> bool {
        self.words().ct_eq(&other.words()).into()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// 80 random bits as 16 characters of Crockford's base32, lower case, for ids.
pub(super) fn random_base32() -> Result<String, RandomError> {
    const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0u8; 16];
    SysRng.try_fill_bytes(&mut bytes).map_err(RandomError)?;
    let text = bytes
        .iter()
        .map(|byte| char::from(CROCKFORD[usize::from(byte & 0x1f)]))
        .collect();
    bytes.zeroize();
    Ok(text)
}

/// 128 random bits, in two halves, for a key that is used once.
pub(super) fn random_halves() -> Result<[u64; 2], RandomError> {
    let half = || SysRng.try_next_u64().map_err(RandomError);
    Ok([half()?, half()?])
}

/// A random part of a time to wait, all of it at most. Where the generator fails
/// that is half of it: those who wait may meet once more.
pub(crate) fn random_part_of(whole: Duration) -> Duration {
    let mut bytes = [0u8; 4];
    let part = match SysRng.try_fill_bytes(&mut bytes) {
        Ok(()) => u32::from_le_bytes(bytes),
        Err(_) => u32::MAX / 2,
    };
    whole.mul_f64(f64::from(part) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    /// Repeats a list of bytes for ever.
    struct Repeating(Vec<u8>, usize);

    impl TryRng for Repeating {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            unreachable!("tokens are drawn by bytes")
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            unreachable!("tokens are drawn by bytes")
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            for byte in bytes {
                *byte = self.0[self.1 % self.0.len()];
                self.1 += 1;
            }
            Ok(())
        }
    }

    struct Broken;

    impl TryRng for Broken {
        type Error = std::io::Error;

        fn try_next_u32(&mut self) -> Result<u32, std::io::Error> {
            Err(std::io::Error::other("no entropy"))
        }

        fn try_next_u64(&mut self) -> Result<u64, std::io::Error> {
            Err(std::io::Error::other("no entropy"))
        }

        fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), std::io::Error> {
            Err(std::io::Error::other("no entropy"))
        }
    }

    #[test]
    fn check_characters_follow_the_vectors() {
        let cases = [
            ("app-0123456789ABCDEFGHIJKL", ['N', 'F']),
            ("dataset-0123456789ABCDEFGHIJKL", ['Y', 'c']),
            ("dataset-t8IMtmhWzulciBpTMRMTqw", ['P', 'j']),
        ];
        for (text, check) in cases {
            assert_eq!(check_characters(text), check, "{text}");
        }
    }

    #[test]
    fn digest_is_sha_256_of_the_whole_token() {
        let token = Token::parse(b"dataset-t8IMtmhWzulciBpTMRMTqwPj").unwrap();
        let hex: String = token
            .digest()
            .as_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            hex,
            "8a4c0b7d4e0f4fc546a9e8e1da45fabb7e6c9af8b7b4cea212074cc82a5e6fe7"
        );
    }

    #[test]
    fn a_digest_is_equal_to_itself_alone_and_leaves_its_own_hash() {
        let [zeros, ones] = [0, 1].map(|byte| Digest::from_bytes([byte; 32]));
        assert_eq!(zeros, zeros.clone());
        assert_ne!(zeros, ones);
        // Of 32 bytes 00, computed apart from this code.
        assert_eq!(
            zeros.tombstone(),
            "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
        );
    }

    #[test]
    fn a_token_begins_and_ends_as_its_mask_shows() {
        let token = Token::parse(b"app-0123456789ABCDEFGHIJKLNF").unwrap();
        assert!(token.begins_with("app-0") && !token.begins_with("app-1"));
        assert!(token.ends_with("KLNF") && !token.ends_with("KLNG"));
        assert!(token.has_check_characters() && !token.looks_mistyped());
        let foreign = Token::parse(b"Bearer app-0123456789ABCDEFGHIJKLNF").unwrap();
        assert!(!foreign.has_check_characters() && !foreign.looks_mistyped());
    }

    #[cfg(feature = "leak")]
    #[test]
    fn a_token_has_one_sha_1() {
        use sha1::Digest as _;
        let token = Token::parse(b"app-0123456789ABCDEFGHIJKLNF").unwrap();
        let of = |text: &str| sha1::Sha1::digest(text.as_bytes()).into();
        assert!(token.has_sha1(&of("app-0123456789ABCDEFGHIJKLNF")));
        assert!(!token.has_sha1(&of("app-0123456789ABCDEFGHIJKLNG")));
    }

    #[test]
    fn generated_tokens_have_the_promised_shape() {
        for kind in [Kind::Dataset, Kind::App] {
            for _ in 0..500 {
                let token = Token::generate(kind).unwrap();
                let random = token.0.strip_prefix(kind.prefix()).unwrap();
                let random = random.strip_prefix('-').unwrap();
                assert_eq!(random.len(), 24);
                let drawn = &random.as_bytes()[..22];
                assert!(random.bytes().all(|byte| ALPHABET.contains(&byte)));
                assert!(drawn.iter().any(u8::is_ascii_digit));
                assert!(drawn.iter().any(u8::is_ascii_uppercase));
                assert!(drawn.iter().any(u8::is_ascii_lowercase));
                assert!(!token.looks_mistyped());
                assert!(find_token(token.expose()).is_some());
            }
        }
    }

    #[test]
    fn every_character_is_as_likely_as_any_other() {
        let mut counts = BTreeMap::new();
        for character in (0..=255).filter_map(character) {
            *counts.entry(character).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 62);
        assert!(counts.values().all(|&count| count == 4), "{counts:?}");
    }

    #[test]
    fn a_draw_without_every_class_is_drawn_again() {
        // The first 32 bytes give digits only; the next hold all classes.
        let mut bytes = vec![1u8; 32];
        bytes.extend((0..32).map(|i| i * 2));
        let mut rng = Repeating(bytes, 0);
        let token = Token::generate_from(Kind::App, &mut rng).unwrap();
        assert!(!token.expose().starts_with("app-1111111"));
    }

    #[test]
    fn a_failing_generator_gives_no_token() {
        let error = Token::generate_from(Kind::App, &mut Broken).unwrap_err();
        assert_eq!(error.to_string(), "no entropy");
    }

    #[test]
    fn presented_tokens_are_printable_ascii_of_bounded_length() {
        let longest = vec![b'a'; 1024];
        let too_long = vec![b'a'; 1025];
        let cases: [(&[u8], Option<MalformedToken>); 9] = [
            (b"app-0123456789ABCDEFGHIJKLNF", None),
            (b"x", None),
            (&longest, None),
            (&too_long, Some(MalformedToken::TooLong)),
            (b"", Some(MalformedToken::Empty)),
            (b"app-\x00", Some(MalformedToken::Characters)),
            (b"app-1\n", Some(MalformedToken::Characters)),
            (b"app-\x7f", Some(MalformedToken::Characters)),
            ("app-é".as_bytes(), Some(MalformedToken::Characters)),
        ];
        for (text, expected) in cases {
            assert_eq!(Token::parse(text).err(), expected, "{text:?}");
            assert_eq!(Token::digest_of(text).err(), expected, "{text:?}");
        }
    }

    #[test]
    fn mistyped_tokens_are_told_from_foreign_ones() {
        let cases = [
            ("app-0123456789ABCDEFGHIJKLNF", false),
            ("app-0123456789ABCDEFGHIJKLNG", true),
            ("app-0123456789ABCDEFGHIJLKNF", true),
            ("dataset-0123456789ABCDEFGHIJKLYc", false),
            ("ds-0123456789ABCDEFGHIJKLNG", false),
            ("app-short", false),
            ("app0123456789", false),
        ];
        for (text, mistyped) in cases {
            let token = Token::parse(text.as_bytes()).unwrap();
            assert_eq!(token.looks_mistyped(), mistyped, "{text}");
        }
    }

    #[test]
    fn nothing_of_a_secret_is_in_debug_output() {
        let token = Token::parse(b"app-0123456789ABCDEFGHIJKLNF").unwrap();
        assert_eq!(
            format!("{token:?} {:?}", token.digest()),
            "Token(..) Digest(..)"
        );
    }
}

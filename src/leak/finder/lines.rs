//! Where lines of base64 end, without a look at every byte.

use super::decode::sextet;

/// From how many characters on a line of base64 may go on in the next one. The
/// shortest lines in use have 60, those of GitHub's interface.
const MIN_LINE_LEN: usize = 60;
/// Such a line is not to be missed by a look at so many bytes, so far apart.
const LOOK_LEN: usize = 16;
pub(super) const STRIDE: usize = MIN_LINE_LEN - LOOK_LEN;
/// How many bytes of a stride stand before the look, and after it. A line that
/// is looked at has those before or those after.
const MARGIN: usize = (STRIDE - LOOK_LEN) / 2;

/// Hands over where each line of base64 ends. Looking at every newline instead
/// took as long as all the rest of the search.
pub(super) fn for_each_line(bytes: &[u8], mut each: impl FnMut(usize)) {
    let mut known_to = 0;
    let mut look_at = |at: usize| {
        if at < known_to {
            return;
        }
        if let Some(end) = base64_end(bytes, at) {
            known_to = end;
            if is_long(bytes, at, end) {
                each(end);
            }
        }
    };
    let (strides, _) = bytes.as_chunks();
    for (index, stride) in strides.iter().enumerate() {
        if may_be_in_line(stride) {
            look_at(index * STRIDE + MARGIN);
        }
    }
    look_at(strides.len() * STRIDE + MARGIN);
}

/// Whether the middle of a stride may be inside a line: a short word is told
/// from one here.
fn may_be_in_line(stride: &[u8; STRIDE]) -> bool {
    let is_dense = |from: usize| {
        let look = stride[from..].first_chunk();
        is_dense(look.expect("it lies in the stride"))
    };
    is_dense(MARGIN) && (is_dense(0) || is_dense(STRIDE - LOOK_LEN))
}

/// Whether no byte is below `+`, the lowest of base64: no blank, no quotation
/// mark, no bracket. All bytes at once (Warren, Hacker's Delight, 6-1), since a
/// branch for each would be anybody's guess, and so a processor's too.
fn is_dense(bytes: &[u8; LOOK_LEN]) -> bool {
    const EACH: u64 = u64::MAX / 255;
    let (words, _) = bytes.as_chunks::<8>();
    let low = |bytes: &[u8; 8]| {
        let word = u64::from_ne_bytes(*bytes);
        word.wrapping_sub(EACH * b'+' as u64) & !word
    };
    let any = words.iter().fold(0, |any, word| any | low(word));
    any & (EACH << 7) == 0
}

/// Where the base64 ends that a look's length of is at `at`.
fn base64_end(bytes: &[u8], at: usize) -> Option<usize> {
    let (looks, _) = bytes.get(at..)?.as_chunks();
    let count = looks.iter().take_while(|look| is_all_base64(look)).count();
    let end = at + count * LOOK_LEN;
    let rest = bytes[end..].iter().take_while(|byte| is_base64(**byte));
    (count > 0).then(|| end + rest.count())
}

/// Whether the base64 between, with what stands before it, has a line's length.
fn is_long(bytes: &[u8], at: usize, end: usize) -> bool {
    let Some(start) = end.checked_sub(MIN_LINE_LEN) else {
        return false;
    };
    let (looks, rest) = bytes[start.min(at)..at].as_chunks();
    looks.iter().all(is_all_base64) && rest.iter().all(|byte| is_base64(*byte))
}

/// All at once, as above: without a branch or a table, the compiler makes a
/// vector of them.
fn is_all_base64(bytes: &[u8; LOOK_LEN]) -> bool {
    bytes.iter().fold(true, |all, byte| {
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let is_digit = byte.wrapping_sub(b'0') < 10;
        let is_sign = (*byte == b'+') | (*byte == b'-');
        let is_line = (*byte == b'/') | (*byte == b'_');
        all & (is_letter | is_digit | is_sign | is_line)
    })
}

pub(super) fn is_base64(byte: u8) -> bool {
    const IS_BASE64: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = sextet(byte as u8).is_some();
            byte += 1;
        }
        table
    };
    IS_BASE64[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_seen_at_every_place() {
        for place in 0..LOOK_LEN {
            for byte in 0..=u8::MAX {
                let mut bytes = [b'x'; LOOK_LEN];
                bytes[place] = byte;
                assert_eq!(is_dense(&bytes), byte >= b'+', "{byte} at {place}");
                assert_eq!(is_all_base64(&bytes), is_base64(byte), "{byte} at {place}");
            }
        }
    }

    #[test]
    fn every_line_is_found_once_wherever_it_stands() {
        for len in MIN_LINE_LEN - 2..4 * STRIDE {
            for before in 0..2 * STRIDE {
                for after in [0, 1, MARGIN, LOOK_LEN, STRIDE, 2 * STRIDE] {
                    let line = "x".repeat(len);
                    let text = format!("{}{line}{}", "-.".repeat(before), ".-".repeat(after));
                    let text = &text[before..];
                    let mut ends = Vec::new();
                    for_each_line(text.as_bytes(), |end| ends.push(end));
                    let expected: &[usize] = match len >= MIN_LINE_LEN {
                        true => &[before + len],
                        false => &[],
                    };
                    assert_eq!(ends, expected, "{before} {len} {after}");
                }
            }
        }
    }
}

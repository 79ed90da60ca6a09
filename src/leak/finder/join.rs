//! Views of bytes in which broken lines of base64 are whole again.
//!
//! Base64 comes in lines of 60 to 76 characters: in certificates, mails, YAML,
//! and with its line ends escaped in JSON. Half of all tokens in it would be
//! missed if a break had to be absent.

use super::REACH;
use super::decode::sextet;

/// From how many characters on a line of base64 may go on in the next one. The
/// shortest lines in use have 60, those of GitHub's interface.
const MIN_LINE_LEN: usize = 60;
/// Such a line is not to be missed by a look at so many bytes, so far apart.
const LOOK_LEN: usize = 16;
const STRIDE: usize = MIN_LINE_LEN - LOOK_LEN;

/// Bytes without the breaks that stood between them.
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    /// Where the view begins in the bytes it was made from.
    start: usize,
    /// Where in the view a break was taken out, and how long it was.
    breaks: Vec<(usize, usize)>,
}

impl View {
    /// Where that begins in the original bytes which lies from `start` to `end`
    /// in the view, if a break was inside.
    pub(super) fn original_start(&self, start: usize, end: usize) -> Option<usize> {
        let before = self.breaks.partition_point(|(at, _)| *at <= start);
        let is_across = self.breaks.get(before).is_some_and(|(at, _)| *at < end);
        let taken_out: usize = self.breaks[..before].iter().map(|(_, len)| len).sum();
        is_across.then_some(self.start + start + taken_out)
    }
}

/// Hands over a view of each stretch of lines that belong together.
pub(super) fn views(bytes: &[u8], each: &mut dyn FnMut(&View)) {
    let mut open: Option<View> = None;
    // Where the last break ended in the original bytes.
    let mut copied_to = 0;
    for_each_line(bytes, |line_end| {
        let Some(next_line) = break_at(&bytes[line_end..]) else {
            return;
        };
        if line_end > copied_to + REACH || open.is_none() {
            if let Some(view) = open.take() {
                each(&closed(view, bytes, copied_to));
            }
            copied_to = line_end.saturating_sub(REACH).max(copied_to);
        }
        let view = open.get_or_insert_with(|| View {
            bytes: Vec::new(),
            start: copied_to,
            breaks: Vec::new(),
        });
        view.bytes.extend_from_slice(&bytes[copied_to..line_end]);
        view.breaks.push((view.bytes.len(), next_line));
        copied_to = line_end + next_line;
    });
    if let Some(view) = open {
        each(&closed(view, bytes, copied_to));
    }
}

/// The view with what follows its last break.
fn closed(mut view: View, bytes: &[u8], copied_to: usize) -> View {
    let end = bytes.len().min(copied_to + REACH);
    view.bytes.extend_from_slice(&bytes[copied_to..end]);
    view
}

/// Hands over where each line of base64 ends. Looking at every newline instead
/// took as long as all the rest of the search.
fn for_each_line(bytes: &[u8], mut each: impl FnMut(usize)) {
    let mut at = 0;
    while let Some(look) = bytes.get(at..).and_then(<[u8]>::first_chunk::<LOOK_LEN>) {
        if !is_dense(*look) || !look.iter().all(|byte| is_base64(*byte)) {
            at += STRIDE;
            continue;
        }
        let len_before = bytes[..at].iter().rev().take(MIN_LINE_LEN);
        let len_before = len_before.take_while(|byte| is_base64(**byte)).count();
        let len = bytes[at..].iter().take_while(|byte| is_base64(**byte));
        let end = at + len.count();
        if end - at + len_before >= MIN_LINE_LEN {
            each(end);
        }
        at = end;
    }
}

/// Whether no byte is below `+`, the lowest of base64: no blank, no quotation
/// mark, no bracket. All bytes at once (Warren, Hacker's Delight, 6-1), since a
/// branch for each would be anybody's guess, and so a processor's too.
pub(super) fn is_dense(bytes: [u8; 16]) -> bool {
    const EACH: u64 = u64::MAX / 255;
    let (words, _) = bytes.as_chunks::<8>();
    let low = |bytes: &[u8; 8]| {
        let word = u64::from_ne_bytes(*bytes);
        word.wrapping_sub(EACH * b'+' as u64) & !word
    };
    let any = words.iter().fold(0, |any, word| any | low(word));
    any & (EACH << 7) == 0
}

/// How long the break is that stands here: the end of a line and the blanks that
/// indent the next one, or what stands for a line's end in JSON. What follows
/// has to be base64.
fn break_at(bytes: &[u8]) -> Option<usize> {
    let next = if let Some(next) = bytes.strip_prefix(b"\\r\\n") {
        next
    } else if let Some(next) = bytes.strip_prefix(b"\\n") {
        next
    } else {
        let next = bytes.strip_prefix(b"\r").unwrap_or(bytes);
        let next = next.strip_prefix(b"\n")?;
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
        &next[next.iter().take(64).take_while(is_blank).count()..]
    };
    let goes_on = next.first().is_some_and(|byte| is_base64(*byte));
    goes_on.then_some(bytes.len() - next.len())
}

fn is_base64(byte: u8) -> bool {
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
    fn lines_that_belong_together_are_joined_and_others_are_not() {
        let line = "abcdefghij".repeat(6);
        let cases = [
            (format!("{line}\nxyz"), vec![format!("{line}xyz")]),
            (format!("{line}\r\n  xyz"), vec![format!("{line}xyz")]),
            (format!("{line}\\nxyz"), vec![format!("{line}xyz")]),
            (format!("{line}\\r\\nxyz"), vec![format!("{line}xyz")]),
            (format!("{line}\n{line}\nx"), vec![format!("{line}{line}x")]),
            (format!("{}\nxyz", &line[1..]), vec![]),
            (format!("{line} \nxyz"), vec![]),
            (format!("{line}\n\nxyz"), vec![]),
            (format!("{line}\n"), vec![]),
            ("some words\nof text\n".repeat(20), vec![]),
        ];
        for (text, expected) in cases {
            // Wherever it stands.
            for padding in 0..STRIDE + 2 {
                let padding = ".".repeat(padding);
                let text = format!("{padding}{text}");
                let mut found = Vec::new();
                views(text.as_bytes(), &mut |view| {
                    found.push(String::from_utf8(view.bytes.clone()).unwrap());
                });
                let expected: Vec<_> = expected.iter().map(|e| format!("{padding}{e}")).collect();
                assert_eq!(found, expected, "{text:?}");
            }
        }
    }

    #[test]
    fn every_low_byte_is_seen_at_every_place() {
        for place in 0..16 {
            for byte in 0..=u8::MAX {
                let mut bytes = [b'x'; 16];
                bytes[place] = byte;
                assert_eq!(is_dense(bytes), byte >= b'+', "{byte} at {place}");
            }
        }
    }

    #[test]
    fn what_lies_across_a_break_is_found_in_the_original() {
        let text = format!("__{}\r\n  qrst\n", "a".repeat(60));
        let mut count = 0;
        views(text.as_bytes(), &mut |view| {
            count += 1;
            assert_eq!(view.original_start(2, 62), None);
            assert_eq!(view.original_start(2, 63), Some(2));
            assert_eq!(view.original_start(61, 63), Some(61));
            assert_eq!(view.original_start(62, 63), None);
        });
        assert_eq!(count, 1);
    }
}

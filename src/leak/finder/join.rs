//! Views of bytes in which broken lines of base64 are whole again.
//!
//! Base64 comes in lines of 60 to 76 characters: in certificates, mails, YAML,
//! and with its line ends escaped in JSON. Half of all tokens in it would be
//! missed if a break had to be absent.

use super::REACH;
use super::lines::{for_each_line, is_base64};

/// Bytes without the breaks that stood between them.
#[derive(Default)]
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

    /// Hands itself over with what follows its last break, if it has one.
    fn hand_over(&mut self, bytes: &[u8], copied_to: usize, each: &mut dyn FnMut(&View)) {
        if !self.breaks.is_empty() {
            let end = bytes.len().min(copied_to + REACH);
            self.bytes.extend_from_slice(&bytes[copied_to..end]);
            each(self);
        }
        self.clear();
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.breaks.clear();
    }
}

/// Hands over a view of each stretch of lines that belong together, made in
/// `view`, whose room is used again.
pub(super) fn views(bytes: &[u8], view: &mut View, each: &mut dyn FnMut(&View)) {
    view.clear();
    // Where the last break ended in the original bytes.
    let mut copied_to = 0;
    for_each_line(bytes, |line_end| {
        let Some(next_line) = break_at(&bytes[line_end..]) else {
            return;
        };
        if line_end > copied_to + REACH || view.breaks.is_empty() {
            view.hand_over(bytes, copied_to, each);
            copied_to = line_end.saturating_sub(REACH).max(copied_to);
            view.start = copied_to;
        }
        view.bytes.extend_from_slice(&bytes[copied_to..line_end]);
        view.breaks.push((view.bytes.len(), next_line));
        copied_to = line_end + next_line;
    });
    view.hand_over(bytes, copied_to, each);
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

#[cfg(test)]
mod tests {
    use super::super::lines::STRIDE;
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
                views(text.as_bytes(), &mut View::default(), &mut |view| {
                    found.push(String::from_utf8(view.bytes.clone()).unwrap());
                });
                let expected: Vec<_> = expected.iter().map(|e| format!("{padding}{e}")).collect();
                assert_eq!(found, expected, "{text:?}");
            }
        }
    }

    #[test]
    fn what_lies_across_a_break_is_found_in_the_original() {
        let text = format!("__{}\r\n  qrst\n", "a".repeat(60));
        let mut count = 0;
        views(text.as_bytes(), &mut View::default(), &mut |view| {
            count += 1;
            assert_eq!(view.original_start(2, 62), None);
            assert_eq!(view.original_start(2, 63), Some(2));
            assert_eq!(view.original_start(61, 63), Some(61));
            assert_eq!(view.original_start(62, 63), None);
        });
        assert_eq!(count, 1);
    }
}

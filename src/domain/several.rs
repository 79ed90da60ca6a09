//! One or more of a kind.

use std::fmt;
use std::str::FromStr;

use super::text::Spelt;

/// One at least, in order and each once. One alone, which is what nearly all keys have
/// of scopes and datasets, is kept in place.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Several<T> {
    One(T),
    /// Two at least.
    More(Vec<T>),
}

impl<T: Ord> Several<T> {
    /// These, or `None` if there is none.
    pub(super) fn new(items: impl IntoIterator<Item = T>) -> Option<Several<T>> {
        let mut items = items.into_iter();
        let (first, second) = (items.next()?, items.next());
        let Some(second) = second else {
            return Some(Several::One(first));
        };
        let mut all = vec![first, second];
        all.extend(items);
        all.sort_unstable();
        all.dedup();
        match all.len() {
            1 => all.pop().map(Several::One),
            _ => Some(Several::More(all)),
        }
    }

    /// Those of a text, which has a blank between each.
    pub(super) fn read(text: &str) -> Result<Option<Several<T>>, T::Err>
    where
        T: FromStr,
    {
        if !text.contains(' ') {
            return text.parse().map(Several::One).map(Some);
        }
        let items: Result<Vec<T>, T::Err> = text.split(' ').map(str::parse).collect();
        Ok(Several::new(items?))
    }
}

impl<T> Several<T> {
    /// All of them in order.
    pub(super) fn as_slice(&self) -> &[T] {
        match self {
            Several::One(item) => std::slice::from_ref(item),
            Several::More(items) => items,
        }
    }
}

/// As it is read, each once and in order.
impl<T: Spelt> Spelt for Several<T> {
    fn is_spelt(&self, text: &str) -> bool {
        match self {
            Several::One(item) => item.is_spelt(text),
            Several::More(items) => {
                let texts = text.split(' ');
                texts.clone().count() == items.len()
                    && items
                        .iter()
                        .zip(texts)
                        .all(|(item, text)| item.is_spelt(text))
            }
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Several<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_are_in_order_and_each_once() {
        let cases: [(&[u8], &[u8]); 5] = [
            (&[1], &[1]),
            (&[1, 1], &[1]),
            (&[2, 1], &[1, 2]),
            (&[2, 1, 2], &[1, 2]),
            (&[3, 2, 1], &[1, 2, 3]),
        ];
        for (given, kept) in cases {
            let several = Several::new(given.iter().copied()).unwrap();
            assert_eq!(several.as_slice(), kept);
            assert_eq!(several, Several::new(kept.iter().copied()).unwrap());
            let texts: Vec<String> = given.iter().map(u8::to_string).collect();
            assert_eq!(Several::read(&texts.join(" ")), Ok(Some(several)));
        }
        assert_eq!(Several::<u8>::new([]), None);
        for text in ["", " ", "1 ", " 1", "1  2"] {
            assert!(Several::<u8>::read(text).is_err(), "{text:?}");
        }
    }
}

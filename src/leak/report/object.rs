//! JSON objects that somebody else wrote: a field is absent, of the type that is
//! asked for, or an error. Only what is asked for is decoded, so that no secret
//! stays behind in a tree of values.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::finding::{Hash, Place};
use crate::domain::Digest;

/// The fields of an object, not yet decoded. Of two of one name, the last counts.
pub(super) type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// An object, or a part of the report that has fields as one has.
pub(super) struct Object<'a>(Fields<'a>);

/// A field that is missing, or not of its type.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit {
    pub(super) field: &'static str,
    pub(super) expected: &'static str,
}

impl Unfit {
    /// A field that has to be there, and is not.
    pub(super) fn missing(field: &'static str) -> Unfit {
        let expected = "there";
        Unfit { field, expected }
    }
}

impl<'a> Object<'a> {
    /// The object that this is, if it is one.
    pub(super) fn of(raw: &'a RawValue) -> Option<Object<'a>> {
        Object::parse(raw.get())
    }

    /// The object that this text is, if it is one.
    pub(super) fn parse(text: &'a str) -> Option<Object<'a>> {
        serde_json::from_str(text).ok().map(Object)
    }

    /// Whether there is such a field, and it is not null.
    pub(super) fn has(&self, field: &str) -> bool {
        self.raw(field).is_some()
    }

    /// Whether all of these fields are there.
    pub(super) fn has_all(&self, fields: &[&str]) -> bool {
        fields.iter().all(|field| self.has(field))
    }

    /// Whether this field is there, and written so.
    pub(super) fn is(&self, field: &str, json: &str) -> bool {
        self.raw(field).is_some_and(|raw| raw.get() == json)
    }

    fn raw(&self, field: &str) -> Option<&'a RawValue> {
        let raw = self.0.get(field).copied();
        raw.filter(|raw| raw.get() != "null")
    }

    fn decoded<T>(
        &self,
        field: &'static str,
        expected: &'static str,
        decode: impl FnOnce(&'a str) -> serde_json::Result<T>,
    ) -> Result<Option<T>, Unfit> {
        self.raw(field)
            .map(|raw| decode(raw.get()).map_err(|_| Unfit { field, expected }))
            .transpose()
    }

    /// A text, wiped on drop.
    pub(super) fn text(&self, field: &'static str) -> Result<Option<Zeroizing<String>>, Unfit> {
        self.decoded(field, "a text", |raw| {
            serde_json::from_str(raw).map(Zeroizing::new)
        })
    }

    /// A text that is no secret; an empty one is none.
    pub(super) fn word(&self, field: &'static str) -> Result<Option<String>, Unfit> {
        let word = self.decoded(field, "a text", serde_json::from_str::<String>)?;
        Ok(word.filter(|word| !word.is_empty()))
    }

    /// A whole number; 0 stands for none where lines are counted from 1.
    pub(super) fn number(&self, field: &'static str) -> Result<Option<u64>, Unfit> {
        self.decoded(field, "a whole number", serde_json::from_str::<u64>)
    }

    /// An object.
    pub(super) fn object(&self, field: &'static str) -> Result<Option<Object<'a>>, Unfit> {
        Ok(self.fields(field)?.map(Object))
    }

    /// An object, or one without fields.
    pub(super) fn object_or_empty(&self, field: &'static str) -> Result<Object<'a>, Unfit> {
        Ok(Object(self.fields(field)?.unwrap_or_default()))
    }

    /// The fields of an object whose names are not known beforehand.
    pub(super) fn fields(&self, field: &'static str) -> Result<Option<Fields<'a>>, Unfit> {
        self.decoded(field, "an object", serde_json::from_str::<Fields<'a>>)
    }

    fn list(&self, field: &'static str) -> Result<Option<Vec<&'a RawValue>>, Unfit> {
        self.decoded(field, "a list", serde_json::from_str::<Vec<&'a RawValue>>)
    }

    /// A list of objects that has to be there, null being an empty one. The parts of
    /// the report that they are come with them.
    pub(super) fn objects(
        &self,
        field: &'static str,
    ) -> Result<Vec<(&'a RawValue, Object<'a>)>, Unfit> {
        if !self.0.contains_key(field) {
            return Err(Unfit::missing(field));
        }
        self.objects_or_none(field)
    }

    /// A list of objects, or none of them.
    pub(super) fn objects_or_none(
        &self,
        field: &'static str,
    ) -> Result<Vec<(&'a RawValue, Object<'a>)>, Unfit> {
        let list = self.list(field)?.unwrap_or_default();
        objects_of(list, field)
    }

    /// The place in the file `path`, with line and column in fields of these names.
    /// Without a path there is none.
    pub(super) fn place(
        &self,
        path: Option<String>,
        [line, column]: [&'static str; 2],
        commit: Option<String>,
    ) -> Result<Option<Place>, Unfit> {
        let end_line = match line {
            "StartLine" => self.number("EndLine")?,
            "startLine" => self.number("endLine")?,
            "start_line" => self.number("end_line")?,
            _ => None,
        };
        let line = self.number(line)?.filter(|line| *line > 0);
        let column = self.number(column)?;
        Ok(path.map(|path| Place {
            path,
            line,
            end_line,
            column,
            commit,
        }))
    }
}

/// The members of a list of this name, which have to be objects.
pub(super) fn objects_of<'a>(
    list: Vec<&'a RawValue>,
    field: &'static str,
) -> Result<Vec<(&'a RawValue, Object<'a>)>, Unfit> {
    let expected = "a list of objects";
    list.into_iter()
        .map(|part| Object::of(part).map(|object| (part, object)))
        .collect::<Option<_>>()
        .ok_or(Unfit { field, expected })
}

/// The SHA-256 that 64 hexadecimal digits are.
pub(super) fn sha256_from_hex(text: &str) -> Option<Hash> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    Some(Hash::Sha256(Digest::from_bytes(bytes.try_into().ok()?)))
}

/// The SHA-256 that this base64 is.
pub(super) fn sha256_from_base64(text: &str) -> Option<Hash> {
    let bytes = BASE64.decode(text.as_bytes()).ok()?;
    Some(Hash::Sha256(Digest::from_bytes(bytes.try_into().ok()?)))
}

/// The SHA-1 that 40 hexadecimal digits are.
pub(super) fn sha1_from_hex(text: &str) -> Option<Hash> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    Some(Hash::Sha1(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_absent_of_their_type_or_an_error() {
        let text = r#"{"t": "a\n", "e": "", "n": 7, "neg": -1, "f": 1.5, "o": {"x": []},
            "l": [1], "z": null, "lone": "\ud800"}"#;
        let object = Object::parse(text).unwrap();
        let unfit = |field, expected| Err(Unfit { field, expected });
        assert_eq!(&**object.text("t").unwrap().unwrap(), "a\n");
        assert_eq!(object.text("n").map(|_| ()), unfit("n", "a text"));
        assert_eq!(object.text("lone").map(|_| ()), unfit("lone", "a text"));
        assert_eq!(object.word("e"), Ok(None));
        assert_eq!(object.word("z"), Ok(None));
        assert_eq!(object.word("nowhere"), Ok(None));
        assert_eq!(object.number("n"), Ok(Some(7)));
        for field in ["t", "neg", "f", "o"] {
            let number = object.number(field).map(|_| ());
            assert_eq!(number, unfit(field, "a whole number"));
        }
        assert_eq!(object.list("l").unwrap().unwrap().len(), 1);
        assert!(object.list("o").is_err() && object.fields("l").is_err());
        assert!(object.object("o").unwrap().unwrap().has("x"));
        assert!(object.object("t").is_err());
        assert!(object.objects("z").unwrap().is_empty());
        assert!(object.objects_or_none("nowhere").unwrap().is_empty());
        let missing = object.objects("nowhere").map(|_| ());
        assert_eq!(missing, unfit("nowhere", "there"));
        let numbers = object.objects("l").map(|_| ());
        assert_eq!(numbers, unfit("l", "a list of objects"));
    }

    #[test]
    fn places_need_a_path_and_count_lines_from_one() {
        let object = Object::parse(r#"{"line": 7, "none": 0, "column": 0}"#).unwrap();
        let place = |line, path: Option<&str>| {
            let commit = Some("c0ffee".to_owned());
            let place = object.place(path.map(str::to_owned), [line, "column"], commit);
            place.unwrap()
        };
        let expected = Place {
            path: "a.py".to_owned(),
            line: Some(7),
            end_line: None,
            column: Some(0),
            commit: Some("c0ffee".to_owned()),
        };
        assert_eq!(place("line", Some("a.py")), Some(expected));
        assert_eq!(place("none", Some("a.py")).unwrap().line, None);
        assert_eq!(place("nowhere", Some("a.py")).unwrap().line, None);
        assert_eq!(place("line", None), None);
    }

    #[test]
    fn hashes_have_their_length() {
        let hex = |len: usize| "aB".repeat(len);
        assert!(sha256_from_hex(&hex(32)).is_some());
        assert!(sha1_from_hex(&hex(20)).is_some());
        for text in [&hex(31), &hex(33), &hex(20), "", "hmac-sha256:00", "é"] {
            assert!(sha256_from_hex(text).is_none(), "{text}");
        }
        assert!(sha1_from_hex(&hex(32)).is_none());
        assert!(sha256_from_base64("ikwLfU4PT8VGqejh2kX6u35smvi3tM6iEgdMyCpebGc=").is_some());
        assert!(sha256_from_base64("ikwLfU4PT8VGqejh2kX6u35smvi3tM6iEgdMyCpebGc").is_none());
        assert!(sha256_from_base64("AAAA").is_none());
    }
}

//! The lines of an export: what each record looks like, and what is taken back
//! for one. Every value passes the rule of its type on its way in.
//!
//! The form is `keyctl.export/v1`. A name that is not known is refused: it could
//! be what a newer keyctl narrows a key by.

mod key;

use std::collections::BTreeMap;

use keyctl::domain::{Entry, Event, EventHash, Head, Policy, RowDigest, Setting, find_token};
use keyctl::ops::Record;
use keyctl::{Invalid, Timestamp};
use serde::{Deserialize, Serialize};

use key::KeyLine;

const SCHEMA: &str = "keyctl.export/v1";

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstLine {
    schema: String,
    store_id: String,
    event_count: i64,
    head: Option<String>,
}

/// Any other line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub(crate) enum Line {
    Event(EventLine),
    Policy(BTreeMap<String, String>),
    Key(KeyLine),
    End { key_count: u64 },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventLine {
    seq: i64,
    at: String,
    actor: String,
    action: String,
    workspace: Option<String>,
    key_id: Option<String>,
    row_digest: Option<String>,
    /// As it was hashed, so JSON within JSON.
    detail: String,
    hash: String,
}

/// A record as it is written.
#[derive(Serialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub(crate) enum Written {
    First(FirstLine),
    Other(Line),
}

impl From<Record> for Written {
    fn from(record: Record) -> Written {
        Written::Other(match record {
            Record::Head(head) => {
                return Written::First(FirstLine {
                    schema: SCHEMA.to_owned(),
                    store_id: head.store_id,
                    event_count: head.seq,
                    head: head.hash.map(|hash| hash.to_string()),
                });
            }
            Record::Event(event) => Line::Event(EventLine::from(event)),
            Record::Policy(policy) => Line::Policy(settings(&policy)),
            Record::Key { added_by, key } => Line::Key(KeyLine::of(added_by, &key)),
            Record::End { key_count } => Line::End { key_count },
        })
    }
}

/// Reads the first line of an export; `None` if it is not one.
///
/// # Errors
/// What is wrong, without a word of the line.
pub(crate) fn read_first(line: &[u8]) -> Option<Result<Record, String>> {
    let first: FirstLine = serde_json::from_slice(line).ok()?;
    (first.schema == SCHEMA).then(|| {
        let hash = parsed_option("head", first.head.as_deref())?;
        Head::restored(&first.store_id, first.event_count, hash)
            .map(Record::Head)
            .map_err(|problem| problem.to_string())
    })
}

/// Reads any other line of an export.
///
/// # Errors
/// What is wrong, without a word of the line.
pub(crate) fn read(line: &[u8]) -> Result<Record, String> {
    let line = serde_json::from_slice(line)
        .map_err(|_| "it is not a record of an export, or not one of this version".to_owned())?;
    Ok(match line {
        Line::Event(line) => Record::Event(line.event()?),
        Line::Policy(settings) => Record::Policy(policy(settings)?),
        Line::Key(line) => line.record()?,
        Line::End { key_count } => Record::End { key_count },
    })
}

impl From<Event> for EventLine {
    fn from(event: Event) -> EventLine {
        let entry = event.entry;
        EventLine {
            seq: event.seq,
            at: entry.at.to_string(),
            actor: entry.actor.to_string(),
            action: entry.action.to_string(),
            workspace: entry.workspace.map(|workspace| workspace.to_string()),
            key_id: entry.key_id.map(|id| id.to_string()),
            row_digest: entry.row_digest.map(|digest| hex(*digest.as_bytes())),
            detail: entry.detail,
            hash: event.hash.to_string(),
        }
    }
}

impl EventLine {
    fn event(self) -> Result<Event, String> {
        let row_digest = self.row_digest.as_deref();
        let row_digest = row_digest.map(|text| bytes("row_digest", text));
        Ok(Event {
            seq: self.seq,
            entry: Entry {
                at: parsed("at", &self.at)?,
                actor: parsed("actor", &self.actor)?,
                action: parsed("action", &self.action)?,
                workspace: parsed_option("workspace", self.workspace.as_deref())?,
                key_id: parsed_option("key_id", self.key_id.as_deref())?,
                row_digest: row_digest.transpose()?.map(RowDigest::from_bytes),
                detail: checked_detail(self.detail)?,
            },
            hash: parsed("hash", &self.hash)?,
        })
    }
}

/// What changed is a JSON object, and holds no token.
fn checked_detail(detail: String) -> Result<String, String> {
    let is_object = serde_json::from_str::<serde_json::Map<_, _>>(&detail).is_ok();
    if is_object && find_token(&detail).is_none() {
        Ok(detail)
    } else {
        Err("its detail is not valid: not a JSON object without a token".to_owned())
    }
}

fn settings(policy: &Policy) -> BTreeMap<String, String> {
    Setting::ALL
        .map(|setting| (setting.field().to_owned(), policy.value(setting)))
        .into()
}

fn policy(mut settings: BTreeMap<String, String>) -> Result<Policy, String> {
    let mut policy = Policy::default();
    for setting in Setting::ALL {
        let value = settings
            .remove(setting.field())
            .ok_or_else(|| format!("it has no {}", setting.field()))?;
        let choice = setting.choose(&value);
        policy = policy.with(choice.map_err(|problem| invalid(setting.field(), &problem))?);
    }
    if settings.is_empty() {
        Ok(policy)
    } else {
        Err("it has a setting that this keyctl does not know".to_owned())
    }
}

fn parsed<T>(field: &str, text: &str) -> Result<T, String>
where
    T: std::str::FromStr<Err = Invalid>,
{
    text.parse().map_err(|problem| invalid(field, &problem))
}

fn parsed_option<T>(field: &str, text: Option<&str>) -> Result<Option<T>, String>
where
    T: std::str::FromStr<Err = Invalid>,
{
    text.map(|text| parsed(field, text)).transpose()
}

fn invalid(field: &str, problem: &Invalid) -> String {
    format!("its {field} is not valid: {problem}")
}

/// 32 bytes as 64 hexadecimal digits, which is how a hash is written.
fn hex(bytes: [u8; 32]) -> String {
    EventHash::from_bytes(bytes).to_string()
}

fn bytes(field: &str, text: &str) -> Result<[u8; 32], String> {
    parsed(field, text).map(|hash: EventHash| *hash.as_bytes())
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

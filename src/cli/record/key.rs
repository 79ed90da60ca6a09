//! The line of a key. It has the digest, which no other document has: with it, a
//! token is recognised in the store that the key is moved to.

use keyctl::domain::{Digest, TargetId};
use keyctl::ops::Record;
use keyctl::{Access, Datasets, Key, Scopes};
use serde::{Deserialize, Serialize};

use super::{bytes, hex, parsed, parsed_option, time};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyLine {
    /// The number of the event that added it.
    seq: i64,
    id: String,
    workspace: String,
    name: Option<String>,
    description: Option<String>,
    access: AccessLine,
    scopes: Vec<String>,
    digest: String,
    masked_token: String,
    created_at: String,
    created_by: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    disabled_at: Option<String>,
    revoked_at: Option<String>,
    revoke_reason: Option<String>,
    replaces: Option<String>,
    replaced_by: Option<String>,
}

/// There is no access without a type, and no field that means everything.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "type", rename_all = "snake_case")]
enum AccessLine {
    Datasets { datasets: Vec<String> },
    AllDatasets {},
    App { app: String },
}

impl KeyLine {
    pub(super) fn of(added_by: i64, key: &Key) -> KeyLine {
        fn text(value: Option<&impl ToString>) -> Option<String> {
            value.map(ToString::to_string)
        }
        KeyLine {
            seq: added_by,
            id: key.id.to_string(),
            workspace: key.workspace.to_string(),
            name: text(key.name.as_ref()),
            description: text(key.description.as_ref()),
            access: AccessLine::of(&key.access),
            scopes: key.scopes.iter().map(ToString::to_string).collect(),
            digest: hex(*key.digest.as_bytes()),
            masked_token: key.masked_token.to_string(),
            created_at: key.created_at.to_string(),
            created_by: key.created_by.to_string(),
            expires_at: time(key.expires_at),
            last_used_at: time(key.last_used_at),
            disabled_at: time(key.disabled_at),
            revoked_at: time(key.revoked_at),
            revoke_reason: text(key.revoke_reason.as_ref()),
            replaces: text(key.replaces.as_ref()),
            replaced_by: text(key.replaced_by.as_ref()),
        }
    }

    pub(super) fn record(self) -> Result<Record, String> {
        let scopes = self.scopes.iter().map(|scope| parsed("scopes", scope));
        let scopes = Scopes::new(scopes.collect::<Result<Vec<_>, _>>()?);
        let key = Key {
            id: parsed("id", &self.id)?,
            workspace: parsed("workspace", &self.workspace)?,
            name: parsed_option("name", self.name.as_deref())?,
            description: parsed_option("description", self.description.as_deref())?,
            access: self.access.access()?,
            scopes: scopes.ok_or("its scopes are not valid: there is none")?,
            digest: Digest::from_bytes(bytes("digest", &self.digest)?),
            masked_token: parsed("masked_token", &self.masked_token)?,
            created_at: parsed("created_at", &self.created_at)?,
            created_by: parsed("created_by", &self.created_by)?,
            expires_at: parsed_option("expires_at", self.expires_at.as_deref())?,
            last_used_at: parsed_option("last_used_at", self.last_used_at.as_deref())?,
            disabled_at: parsed_option("disabled_at", self.disabled_at.as_deref())?,
            revoked_at: parsed_option("revoked_at", self.revoked_at.as_deref())?,
            revoke_reason: parsed_option("revoke_reason", self.revoke_reason.as_deref())?,
            replaces: parsed_option("replaces", self.replaces.as_deref())?,
            replaced_by: parsed_option("replaced_by", self.replaced_by.as_deref())?,
        };
        let added_by = self.seq;
        Ok(Record::Key { added_by, key })
    }
}

impl AccessLine {
    fn of(access: &Access) -> AccessLine {
        match access {
            Access::Datasets(bound) => AccessLine::Datasets {
                datasets: bound.iter().map(ToString::to_string).collect(),
            },
            Access::AllDatasets => AccessLine::AllDatasets {},
            Access::App(id) => AccessLine::App {
                app: id.to_string(),
            },
        }
    }

    fn access(&self) -> Result<Access, String> {
        match self {
            AccessLine::Datasets { datasets } => {
                let ids = datasets.iter().map(|id| parsed("access", id));
                let ids = ids.collect::<Result<Vec<TargetId>, _>>()?;
                let bound = Datasets::new(ids).ok_or("its access is not valid: no dataset")?;
                Ok(Access::Datasets(bound))
            }
            AccessLine::AllDatasets {} => Ok(Access::AllDatasets),
            AccessLine::App { app } => parsed("access", app).map(Access::App),
        }
    }
}

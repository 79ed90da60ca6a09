//! What GitHub tells of leaked secrets, in five ways: alerts and their places
//! from its REST interface, messages to webhooks, messages to those who issue
//! tokens, and audit logs. See docs.github.com, "REST API endpoints for secret
//! scanning", "Webhook events and payloads", "Secret scanning partner program",
//! and "Identifying audit log events performed by an access token".

use super::Format;
use super::finding::{Place, Secret};
use super::json::Kind;
use super::object::{Object, Unfit, sha256_from_base64};

/// `secret` is left out with `hide_secret=true`. The first place of several is
/// given; those that are no files, such as comments, have no path.
pub(super) const ALERTS: Kind = Kind {
    format: Format::GithubAlerts,
    is_one: |object| object.has_all(&["secret_type", "number"]),
    is_companion: |_| false,
    read: |alert, reading| {
        let place = place(&alert.object_or_empty("first_location_detected")?)?;
        let secret = Secret::of(alert.text("secret")?);
        reading.push(alert.word("secret_type")?, place, secret, None);
        Ok(())
    },
};

/// What tells the places of an alert, one of which each of them has.
const PLACE_FIELDS: [&str; 10] = [
    "blob_sha",
    "page_url",
    "issue_title_url",
    "issue_body_url",
    "issue_comment_url",
    "discussion_title_url",
    "discussion_body_url",
    "pull_request_title_url",
    "pull_request_body_url",
    "pull_request_comment_url",
];

/// Where a partner is told that a token was found.
const SOURCES: [&str; 18] = [
    "content",
    "commit",
    "pull_request_title",
    "pull_request_description",
    "pull_request_comment",
    "issue_title",
    "issue_description",
    "issue_comment",
    "discussion_title",
    "discussion_body",
    "discussion_comment",
    "commit_comment",
    "gist_content",
    "gist_comment",
    "npm",
    "wiki_content",
    "wiki_commit",
    "unknown",
];

pub(super) const LOCATIONS: Kind = Kind {
    format: Format::GithubLocations,
    // Other logs have a type and details too.
    is_one: |object| {
        let details = object.object_or_empty("details");
        let is_place = |details: &Object<'_>| PLACE_FIELDS.iter().any(|field| details.has(field));
        object.has("type") && details.is_ok_and(|details| is_place(&details))
    },
    is_companion: |_| false,
    read: |location, reading| {
        let place = place(&location.object_or_empty("details")?)?;
        reading.push(None, place, Secret::Hidden, None);
        Ok(())
    },
};

/// `secret_scanning_alert`, and `secret_scanning_alert_location`, which has a
/// place. Neither has the secret.
pub(super) const WEBHOOK: Kind = Kind {
    format: Format::GithubWebhook,
    is_one: |object| {
        let alert = object.object("alert");
        object.has("action") && matches!(alert, Ok(Some(alert)) if (ALERTS.is_one)(&alert))
    },
    is_companion: |_| false,
    read: |message, reading| {
        let alert = message.object_or_empty("alert")?;
        let location = message.object_or_empty("location")?;
        let place = place(&location.object_or_empty("details")?)?;
        let secret = Secret::of(alert.text("secret")?);
        reading.push(alert.word("secret_type")?, place, secret, None);
        Ok(())
    },
};

pub(super) const PARTNER: Kind = Kind {
    format: Format::GithubPartner,
    is_one: |object| {
        let source = object.word("source");
        object.has_all(&["token", "type", "url"])
            && source.is_ok_and(|source| source.is_none_or(|source| SOURCES.contains(&&*source)))
    },
    is_companion: |_| false,
    read: |message, reading| {
        let place = message.word("url")?.and_then(|url| place_of_url(&url));
        let secret = Secret::of(message.text("token")?);
        reading.push(message.word("type")?, place, secret, None);
        Ok(())
    },
};

/// `hashed_token` is the SHA-256 in base64. Events without it are those that no
/// token was used for.
pub(super) const AUDIT_LOG: Kind = Kind {
    format: Format::GithubAuditLog,
    is_one: |object| object.has("hashed_token"),
    is_companion: |object| object.has("action"),
    read: |event, reading| {
        let hash = event.word("hashed_token")?;
        let hash = hash.as_deref().and_then(sha256_from_base64).ok_or(Unfit {
            field: "hashed_token",
            expected: "a SHA-256 in base64",
        })?;
        reading.push(event.word("action")?, None, Secret::Hidden, Some(hash));
        Ok(())
    },
};

fn place(details: &Object<'_>) -> Result<Option<Place>, Unfit> {
    let commit = details.word("commit_sha")?;
    details.place(
        details.word("path")?,
        ["start_line", "start_column"],
        commit,
    )
}

/// The place in `https://github.com/OWNER/REPO/blob/COMMIT/PATH`.
fn place_of_url(url: &str) -> Option<Place> {
    let (_, rest) = url.split_once("/blob/")?;
    let (commit, path) = rest.split_once('/')?;
    let (path, line) = match path.split_once("#L") {
        Some((path, line)) => (path, line.parse().ok()),
        None => (path, None),
    };
    Some(Place {
        path: path.to_owned(),
        line,
        end_line: None,
        column: None,
        commit: Some(commit.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_out_of_urls_of_files() {
        let commit = "12345600b9cbe38a219f39a9941c9319b600c002";
        let cases = [
            ("blob/C/foo/bar.txt", Some(("foo/bar.txt", None))),
            ("blob/C/foo/bar.txt#L7", Some(("foo/bar.txt", Some(7)))),
            ("blob/C/foo/bar.txt#Lx", Some(("foo/bar.txt", None))),
            ("issues/1#issuecomment-2", None),
            ("blob/C", None),
        ];
        for (url, expected) in cases {
            let url = format!("https://github.com/o/r/{}", url.replace('C', commit));
            let expected = expected.map(|(path, line)| Place {
                path: path.to_owned(),
                line,
                end_line: None,
                column: None,
                commit: Some(commit.to_owned()),
            });
            assert_eq!(place_of_url(&url), expected, "{url}");
        }
    }
}

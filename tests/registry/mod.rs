//! What the operations promise, through the library alone: which keys they find
//! and which they leave, and that what is only tried out leaves nothing.

mod ending;
mod finding;
mod import;
mod leaks;
mod requests;
mod trying;
mod verifying;

use keyctl::domain::Selector;
use keyctl::{
    Access, Datasets, IssueRequest, Key, Location, Registry, Scopes, Timestamp, Token, Workspace,
};

use crate::site::Site;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

fn workspace(name: &str) -> Workspace {
    name.parse().unwrap()
}

/// A registry of a store of its own.
struct Place {
    registry: Registry,
    site: Site,
}

impl Place {
    fn new() -> Place {
        let site = Site::new();
        let registry = Registry::create(&site.location(), "alice".parse().unwrap(), at(1)).unwrap();
        Place { registry, site }
    }

    fn location(&self) -> Location {
        self.site.location()
    }

    /// A key that is issued at 10, and its token.
    fn issue(&mut self, request: &IssueRequest) -> (Key, Token) {
        let mut token = None;
        let deliver = |_: &Key, issued: &Token| {
            token = Token::parse(issued.expose().as_bytes()).ok();
            Ok(())
        };
        let key = self.registry.issue(request, at(10), deliver).unwrap();
        (key, token.unwrap())
    }

    fn key(&mut self, id: &keyctl::KeyId, workspace: &Workspace) -> Key {
        let selector = Selector::Id(id.clone());
        self.registry.find(workspace, &selector, at(20)).unwrap()
    }

    /// How many events the log has.
    fn events(&mut self) -> i64 {
        self.registry.audit(None).unwrap().head.seq
    }
}

/// A key for an app that never ends.
fn request(app: &str, name: Option<&str>) -> IssueRequest {
    IssueRequest {
        workspace: Workspace::default(),
        access: Access::App(app.parse().unwrap()),
        name: name.map(|name| name.parse().unwrap()),
        description: None,
        scopes: Scopes::full(),
        expiry: None,
        dry_run: false,
    }
}

fn datasets(ids: &[&str]) -> Access {
    Access::Datasets(Datasets::new(ids.iter().map(|id| id.parse().unwrap())).unwrap())
}

//! What is asked of a store.

use crate::domain::{Action, Actor, KeyId, KeyName, TargetId, Timestamp, Workspace};

/// Which keys: those that fit all of it.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this workspace; `None` is any.
    pub workspace: Option<Workspace>,
    /// That reach this.
    pub reach: Reach,
    /// Of exactly this name.
    pub name: Option<KeyName>,
    /// Whose id begins like this.
    pub id_prefix: Option<String>,
}

/// Which keys by what they reach.
#[derive(Debug, Clone, Default)]
pub enum Reach {
    /// Any.
    #[default]
    Anything,
    /// Those that can reach this dataset, workspace-wide ones included.
    Dataset(TargetId),
    /// Those bound to this dataset.
    BoundTo(TargetId),
    /// Those of this app.
    App(TargetId),
}

/// Which events: those that fit all of it.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of keys of this workspace; `None` is any event.
    pub workspace: Option<Workspace>,
    /// Of this key.
    pub key_id: Option<KeyId>,
    /// That happened then or later.
    pub since: Option<Timestamp>,
    /// That this actor caused.
    pub actor: Option<Actor>,
    /// Of this kind.
    pub action: Option<Action>,
}

/// In what order, and from where on.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// What the keys are sorted by; equals keep the order of their issue.
    pub order: Order,
    /// Whether the greatest comes first.
    pub descending: bool,
    /// Only those that come after this key in that order.
    pub after: Option<KeyId>,
}

/// What keys are sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// When they were issued.
    #[default]
    CreatedAt,
    /// When they end; those that never do are last.
    ExpiresAt,
    /// When they were last used; those that never were are first.
    LastUsedAt,
    /// Their name, by bytes; those without are last.
    Name,
    /// Their id.
    Id,
}

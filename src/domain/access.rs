//! Who reaches what.
//!
//! Access is always said, never implied: there is no value that means
//! "everything" because something else is missing.

use std::fmt;
use std::str::FromStr;

use super::error::Invalid;
use super::name::TargetId;
use super::scope::Scope;
use super::several::Several;
use super::text::Spelt;

/// What a key is for. It decides the prefix of its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Datasets: bound to some, or open to all of the workspace.
    Dataset,
    /// One app.
    App,
}

impl Kind {
    /// The token's prefix, without its hyphen; also the kind's name.
    pub fn prefix(self) -> &'static str {
        match self {
            Kind::Dataset => "dataset",
            Kind::App => "app",
        }
    }
}

/// What a key reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// These datasets and no other.
    Datasets(Datasets),
    /// Every dataset of the workspace, those to come included.
    AllDatasets,
    /// One app.
    App(TargetId),
}

impl Access {
    /// The kind of key that has this access.
    pub fn kind(&self) -> Kind {
        match self {
            Access::Datasets(_) | Access::AllDatasets => Kind::Dataset,
            Access::App(_) => Kind::App,
        }
    }

    /// Whether a request for `target` is covered. A request that names no
    /// target touches the whole workspace, as [`Target::AllDatasets`] does.
    pub fn covers(&self, target: Option<&Target>) -> bool {
        match (self, target) {
            (Access::Datasets(bound), Some(Target::Dataset(id))) => bound.contains(id),
            (Access::App(own), Some(Target::App(id))) => own == id,
            (Access::AllDatasets, Some(Target::Dataset(_) | Target::AllDatasets) | None) => true,
            (Access::Datasets(_), Some(Target::App(_) | Target::AllDatasets) | None)
            | (Access::App(_), Some(Target::Dataset(_) | Target::AllDatasets) | None)
            | (Access::AllDatasets, Some(Target::App(_))) => false,
        }
    }

    /// The targets whose limits a key with this access counts against.
    pub fn targets(&self) -> Vec<Target> {
        match self {
            Access::Datasets(bound) => bound.iter().cloned().map(Target::Dataset).collect(),
            Access::AllDatasets => vec![Target::AllDatasets],
            Access::App(id) => vec![Target::App(id.clone())],
        }
    }
}

/// As people read it: `dataset ds_1`, `datasets ds_1, ds_2`, `all datasets`,
/// `app a_1`.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Access::AllDatasets => f.write_str("all datasets"),
            Access::App(id) => write!(f, "app {id}"),
            Access::Datasets(bound) => {
                let bound = bound.0.as_slice();
                for (i, id) in bound.iter().enumerate() {
                    f.write_str(match (i, bound.len()) {
                        (0, 1) => "dataset ",
                        (0, _) => "datasets ",
                        _ => ", ",
                    })?;
                    f.write_str(id.as_str())?;
                }
                Ok(())
            }
        }
    }
}

/// The datasets a key is bound to: one at least, sorted, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datasets(Several<TargetId>);

impl Datasets {
    /// These datasets, or `None` if there is none: no dataset is not the same
    /// as all of them, and is not an access at all.
    pub fn new(ids: impl IntoIterator<Item = TargetId>) -> Option<Datasets> {
        Several::new(ids).map(Datasets)
    }

    /// This dataset alone.
    pub fn one(id: TargetId) -> Datasets {
        Datasets(Several::One(id))
    }

    /// Whether this one is among them.
    pub fn contains(&self, id: &TargetId) -> bool {
        self.0.as_slice().binary_search(id).is_ok()
    }

    /// The others, or `None` if there is no other.
    pub fn without(&self, id: &TargetId) -> Option<Datasets> {
        Datasets::new(self.iter().filter(|other| *other != id).cloned())
    }

    /// The datasets in order.
    pub fn iter(&self) -> impl Iterator<Item = &TargetId> + Clone {
        self.0.as_slice().iter()
    }
}

/// As the store and logs write a list of them: one blank between each.
impl FromStr for Datasets {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Datasets, Invalid> {
        let ids = Several::read(text)?;
        let ids = ids.ok_or_else(|| Invalid::new("a bound key has one dataset at least"))?;
        Ok(Datasets(ids))
    }
}

impl Spelt for Datasets {
    fn is_spelt(&self, text: &str) -> bool {
        self.0.is_spelt(text)
    }
}

/// Something that requests name and limits count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One dataset.
    Dataset(TargetId),
    /// One app.
    App(TargetId),
    /// The workspace as a whole.
    AllDatasets,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Dataset(id) => write!(f, "dataset {id}"),
            Target::App(id) => write!(f, "app {id}"),
            Target::AllDatasets => f.write_str("all datasets"),
        }
    }
}

/// What a request asks: a target, and the scopes it takes.
///
/// ```
/// use keyctl::{Need, Target};
///
/// let need = Need {
///     target: Some(Target::Dataset("ds_42".parse()?)),
///     scopes: vec!["datasets:read".parse()?],
/// };
/// # assert!(need.target.is_some());
/// # Ok::<(), keyctl::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Need {
    /// What the request touches; `None` is a request that names nothing, and
    /// so touches the whole workspace.
    pub target: Option<Target>,
    /// The scopes it needs, all of them; none asks for no scope.
    pub scopes: Vec<Scope>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> TargetId {
        text.parse().unwrap()
    }

    fn datasets(ids: &[&str]) -> Access {
        Access::Datasets(Datasets::new(ids.iter().map(|text| id(text))).unwrap())
    }

    #[test]
    fn access_covers_only_what_it_names() {
        let one = datasets(&["ds_1"]);
        let two = datasets(&["ds_1", "ds_2"]);
        let app = Access::App(id("a_1"));
        let ds = |text| Some(Target::Dataset(id(text)));
        let for_app = |text| Some(Target::App(id(text)));
        let all = Some(Target::AllDatasets);
        let cases = [
            (&one, ds("ds_1"), true),
            (&one, ds("ds_2"), false),
            (&one, ds("DS_1"), false),
            (&one, all.clone(), false),
            (&one, None, false),
            (&one, for_app("ds_1"), false),
            (&two, ds("ds_2"), true),
            (&two, ds("ds_3"), false),
            (&two, None, false),
            (&Access::AllDatasets, ds("ds_1"), true),
            (&Access::AllDatasets, all.clone(), true),
            (&Access::AllDatasets, None, true),
            (&Access::AllDatasets, for_app("a_1"), false),
            (&app, for_app("a_1"), true),
            (&app, for_app("a_2"), false),
            (&app, ds("a_1"), false),
            (&app, all, false),
            (&app, None, false),
        ];
        for (access, target, covered) in cases {
            assert_eq!(
                access.covers(target.as_ref()),
                covered,
                "{access} for {target:?}"
            );
        }
    }

    #[test]
    fn no_dataset_is_no_access() {
        assert!(Datasets::new([]).is_none());
    }

    #[test]
    fn a_key_counts_in_each_of_its_targets() {
        assert_eq!(
            datasets(&["b", "a", "b"]).targets(),
            [Target::Dataset(id("a")), Target::Dataset(id("b"))]
        );
        assert_eq!(Access::AllDatasets.targets(), [Target::AllDatasets]);
        assert_eq!(Access::App(id("x")).targets(), [Target::App(id("x"))]);
    }

    #[test]
    fn access_reads_as_a_phrase() {
        assert_eq!(datasets(&["a"]).to_string(), "dataset a");
        assert_eq!(datasets(&["b", "a"]).to_string(), "datasets a, b");
        assert_eq!(Access::AllDatasets.to_string(), "all datasets");
        assert_eq!(Access::App(id("x")).to_string(), "app x");
    }

    #[test]
    fn a_target_reads_as_the_access_to_it() {
        for access in [datasets(&["a"]), Access::AllDatasets, Access::App(id("x"))] {
            assert_eq!(access.targets()[0].to_string(), access.to_string());
        }
    }
}

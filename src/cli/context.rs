//! What every command works with: where the store is, which workspace, who is
//! asking, and what time it is.

use std::env::{self, VarError};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use directories::ProjectDirs;
use keyctl::domain::{
    Action, Actor, Error, Exposure, FileFacts, Refusal, Selector, Status, StoreError,
};
use keyctl::{Key, Location, Registry, Timestamp, Verifier, Workspace};
use nix::unistd::{User, getuid};

use super::args::GlobalArgs;
use super::exit::Failure;
use super::prompt::Prompter;
use super::ui::{Ui, home_relative, quoted, shell_word};

/// The surroundings of a command.
pub(crate) struct Context<'a> {
    pub(crate) ui: &'a mut Ui,
    pub(crate) location: Location,
    pub(crate) workspace: Workspace,
    /// Whether the workspace was named: then tokens are looked up in it alone.
    pub(crate) is_workspace_named: bool,
    /// The actor that was named by an option, or else by the environment.
    actor: Option<Actor>,
    /// The actor that was named by an option.
    pub(crate) named_actor: Option<Actor>,
    pub(crate) now: Timestamp,
    pub(crate) assume_yes: bool,
    no_input: bool,
    has_warned_of_exposure: bool,
}

impl<'a> Context<'a> {
    /// Takes options, else the environment, else the defaults.
    pub(crate) fn new(args: &GlobalArgs, ui: &'a mut Ui) -> Result<Context<'a>, Failure> {
        let named = match &args.workspace {
            Some(workspace) => Some(workspace.clone()),
            None => from_env("KEYCTL_WORKSPACE")?,
        };
        Ok(Context {
            ui,
            location: location(args.store.as_deref())?,
            is_workspace_named: named.is_some(),
            workspace: named.unwrap_or_default(),
            actor: match &args.actor {
                Some(actor) => Some(actor.clone()),
                None => from_env("KEYCTL_ACTOR")?,
            },
            named_actor: args.actor.clone(),
            now: Timestamp::now(),
            assume_yes: args.yes,
            no_input: args.no_input || env_text("KEYCTL_NO_INPUT")?.is_some(),
            has_warned_of_exposure: false,
        })
    }

    /// Who is asking. The system is asked only where nobody was named and it matters:
    /// to look a user up takes as long as to look a key up.
    pub(crate) fn actor(&self) -> Result<Actor, Failure> {
        match &self.actor {
            Some(actor) => Ok(actor.clone()),
            None => system_user(),
        }
    }

    /// Takes the time anew, after somebody was waited for.
    pub(crate) fn refresh_now(&mut self) {
        self.now = Timestamp::now();
    }

    /// Opens the store that is there.
    pub(crate) fn open(&mut self) -> Result<Registry, Failure> {
        let registry = self.open_unwarned()?;
        self.warn_of_exposure();
        Ok(registry)
    }

    /// Opens the store for a command that looks at its surroundings itself.
    pub(crate) fn open_unwarned(&mut self) -> Result<Registry, Failure> {
        let registry = Registry::open(&self.location, self.actor()?)
            .map_err(|error| self.store_failure(error))?;
        // Others may have been waited for.
        self.refresh_now();
        Ok(registry)
    }

    /// Opens the store, and makes it first if there is none; a dry run makes
    /// none.
    pub(crate) fn open_or_create(&mut self, dry_run: bool) -> Result<Registry, Failure> {
        let actor = self.actor()?;
        if dry_run {
            let registry = Registry::pretend(&self.location, actor)
                .map_err(|error| self.store_failure(error))?;
            self.refresh_now();
            return Ok(registry);
        }
        let registry = Registry::create(&self.location, actor, self.now)
            .map_err(|error| self.store_failure(error))?;
        self.refresh_now();
        if registry.is_new() {
            // A misspelt place would otherwise go unnoticed.
            let place = home_relative(&self.location);
            self.ui.note(&format!("made a new store: {place}"));
        }
        self.warn_of_exposure();
        Ok(registry)
    }

    /// Whether anything is at the place of the store.
    pub(crate) fn has_store(&self) -> Result<bool, Failure> {
        keyctl::store::is_there(&self.location).map_err(|error| self.store_failure(error))
    }

    /// Opens the store that is there, to check tokens.
    pub(crate) fn verifier(&mut self, allow_replica: bool) -> Result<Verifier, Failure> {
        let open = if allow_replica {
            Verifier::open_replica
        } else {
            Verifier::open
        };
        let verifier = open(&self.location, self.workspace.clone())
            .map_err(|error| self.store_failure(error))?;
        self.warn_of_exposure();
        Ok(verifier)
    }

    /// Says, once, that others can read the store or plant something in its
    /// place. `store check` looks further, and at owners.
    fn warn_of_exposure(&mut self) {
        if std::mem::replace(&mut self.has_warned_of_exposure, true) {
            return;
        }
        // A courtesy: the store was opened.
        let surroundings = keyctl::store::survey_place(&self.location).unwrap_or_default();
        let user = getuid().as_raw();
        for file in &surroundings {
            let exposure = file
                .exposure(user)
                .filter(|found| *found != Exposure::Foreign);
            if let Some((problem, remedy)) = exposure.map(|found| exposed(file, found)) {
                self.ui.note(&format!("warning: {problem}"));
                self.ui.hint(&remedy);
            }
        }
    }

    /// The key that `selector` means.
    pub(crate) fn find(
        &self,
        registry: &mut Registry,
        selector: &Selector,
    ) -> Result<Key, Failure> {
        registry
            .find(&self.workspace, selector, self.now)
            .map_err(|error| self.failure(registry, error))
    }

    /// Where tokens are looked up: everywhere, unless a workspace was named.
    pub(crate) fn token_workspace(&self) -> Option<&Workspace> {
        self.is_workspace_named.then_some(&self.workspace)
    }

    /// Somebody to ask, if there is one.
    pub(crate) fn prompter(&self) -> Option<Prompter> {
        Prompter::new(self.ui.format(), self.no_input)
    }

    /// Says which tokens still open what these keys opened: those of the keys
    /// that they replaced, in their grace.
    pub(crate) fn warn_of_predecessors<'k>(
        &mut self,
        registry: &mut Registry,
        keys: impl IntoIterator<Item = &'k Key>,
    ) {
        for key in keys {
            // A courtesy: the command itself is done.
            let predecessors = registry.valid_predecessors(key, self.now);
            for old in predecessors.unwrap_or_default() {
                let until = old.expires_at.map(|at| format!(" until {at}"));
                self.ui.note(&format!(
                    "{}, which {} replaced, is still valid{}",
                    old.id,
                    key.id,
                    until.unwrap_or_default()
                ));
                self.ui
                    .hint(&format!("end it too: keyctl revoke {}", old.id));
            }
        }
    }

    /// Says that a piece of the room kept for ending keys was used up, if it was.
    pub(crate) fn tell_of_ballast(&mut self, registry: &Registry) {
        if registry.has_given_up_ballast() {
            self.ui
                .note("the disk is full: this took a piece of the room that keyctl keeps for it");
            self.ui
                .hint("make room: it is made good with the next change");
        }
    }

    /// Says that a name is no longer one key's alone.
    pub(crate) fn warn_of_shared_name(&mut self, registry: &mut Registry, key: &Key) {
        // Nobody hears the answer of the quiet.
        let Some(name) = key.name.as_ref().filter(|_| !self.ui.is_quiet()) else {
            return;
        };
        let selector = Selector::Name(name.clone());
        if let Err(Error::Refused(Refusal::Ambiguous { candidates, .. })) =
            registry.find(&self.workspace, &selector, self.now)
        {
            self.ui.note(&format!(
                "{} live keys are now named {name}: tell them apart by id",
                candidates.len()
            ));
        }
    }

    /// An error of an operation, with the hints that the store can give.
    pub(crate) fn failure(&self, registry: &mut Registry, error: Error) -> Failure {
        let suggestion = match &error {
            Error::NoMatch { selector, .. } => self.suggestion(registry, selector),
            _ => None,
        };
        let is_no_match = matches!(error, Error::NoMatch { .. });
        let mut failure = Failure::from(error);
        if is_no_match || failure.is_of_the_store() {
            failure = failure.about_store(&self.location);
        }
        match suggestion {
            Some(hint) => failure.hint_first(hint),
            None => failure,
        }
    }

    /// A failure, with the store if it is about it.
    pub(crate) fn about_store(&self, failure: Failure) -> Failure {
        if failure.is_of_the_store() {
            failure.about_store(&self.location)
        } else {
            failure
        }
    }

    pub(crate) fn store_failure(&self, error: StoreError) -> Failure {
        Failure::from(Error::Store(error)).about_store(&self.location)
    }

    /// The key that was perhaps meant: one that was pruned, one of that very name
    /// that is no longer live, else the live one whose name comes closest.
    fn suggestion(&self, registry: &mut Registry, typed: &str) -> Option<String> {
        // A courtesy: a store that fails here has failed before.
        if let Ok(id) = typed.parse() {
            let history = registry.history(&id).ok()?;
            let pruned = history.last().map(|event| &event.entry);
            let pruned = pruned.filter(|entry| entry.action == Action::Pruned)?;
            return Some(format!("it was pruned {}: keyctl audit {id}", pruned.at));
        }
        let keys = registry.named_keys(&self.workspace).ok()?;
        let name_of = |key: &Key| {
            key.name
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
        };
        let mut of_that_name = keys.iter().rev().filter(|key| name_of(key) == typed);
        if let Some(last) = of_that_name.next() {
            let status = |key: &Key| key.status(self.now);
            let replaced = std::iter::once(last)
                .chain(of_that_name)
                .find(|key| status(key) == Status::Active);
            return Some(match replaced {
                Some(key) => format!("a key of that name was replaced and is valid: {}", key.id),
                None => format!("a key of that name is {}: {}", status(last), last.id),
            });
        }
        let (similarity, key) = keys
            .iter()
            .filter(|key| key.is_live(self.now))
            .map(|key| (strsim::jaro_winkler(&name_of(key), typed), key))
            .max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (similarity >= 0.85)
            .then(|| format!("did you mean {} ({})?", quoted(&name_of(key)), key.id))
    }
}

/// What is wrong with a file or a folder, and what to run.
pub(crate) fn exposed(file: &FileFacts, exposure: Exposure) -> (String, String) {
    let path = home_relative(&Location::File(file.path.clone()));
    let (mode, owner) = (file.mode, file.owner);
    let plain = file.path.display().to_string();
    let word = shell_word(&plain);
    match exposure {
        Exposure::Open => (
            format!("{path} is open to others (mode {mode:04o})"),
            format!("chmod 600 {word}"),
        ),
        Exposure::Writable => (
            format!("others can write to the folder {path} (mode {mode:04o})"),
            if file.owner == getuid().as_raw() && mode & 0o1000 == 0 {
                format!("chmod go-w {word}")
            } else {
                "keep the store in a folder of its own".to_owned()
            },
        ),
        Exposure::Foreign => (
            format!("{path} belongs to user {owner}"),
            format!("see who that is, and whether it is meant so: ls -ld {word}"),
        ),
    }
}

/// The store of the option, else of the environment, else the user's own.
pub(super) fn location(option: Option<&Path>) -> Result<Location, Failure> {
    if let Some(path) = option {
        return location_of(path);
    }
    if let Some(path) = env::var_os("KEYCTL_STORE").filter(|value| !value.is_empty()) {
        return location_of(Path::new(&path));
    }
    let folders = ProjectDirs::from("", "", "keyctl").ok_or_else(|| {
        Failure::usage("there is no home directory to keep a store in")
            .hint("say where it is: --store PATH, or KEYCTL_STORE")
    })?;
    Ok(Location::File(folders.data_dir().join("keys.db")))
}

/// A path that is not text cannot be a URL. What was meant for one must not become
/// a file, with a password in its name.
fn location_of(path: &Path) -> Result<Location, Failure> {
    let Some(text) = path.to_str() else {
        return Ok(Location::File(PathBuf::from(path)));
    };
    let is_meant_for_server = text.starts_with("postgres:")
        || text.starts_with("postgresql:")
        || text.contains("password=")
        || text.contains("dbname=");
    match text.parse() {
        Ok(Location::File(_)) if is_meant_for_server => Err(Failure::usage(
            "the place of the store is neither a URL nor a path that keyctl takes",
        )
        .hint("a URL is like postgres://USER@HOST:PORT/DATABASE")),
        Ok(location) => Ok(location),
    }
}

/// The user of the process, not $USER, which anybody can set.
fn system_user() -> Result<Actor, Failure> {
    let uid = getuid();
    let name = User::from_uid(uid).ok().flatten().map(|user| user.name);
    name.unwrap_or_else(|| format!("uid {uid}"))
        .parse()
        .map_err(|problem| {
            Failure::usage(format!("the system's user cannot be an actor: {problem}"))
                .hint("name one: --actor NAME, or KEYCTL_ACTOR")
        })
}

/// The value of a variable; an empty one is unset.
fn env_text(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Failure::usage(format!("{name} is not text"))),
    }
}

fn from_env<T: FromStr<Err = keyctl::Invalid>>(name: &str) -> Result<Option<T>, Failure> {
    env_text(name)?
        .map(|text| {
            text.parse()
                .map_err(|problem| Failure::usage(format!("{name}: {problem}")))
        })
        .transpose()
}

//! A socket between keyctl and its server, where a connection is cut when a certain
//! message comes by, or messages are altered.

use std::io::{self, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use postgres::{Client, NoTls};
use tempfile::TempDir;

use super::wire::{Message, read, told};

const SOCKET: &str = ".s.PGSQL.5432";

/// When a connection is cut, as seen from one message of the client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The server does not get it.
    Before,
    /// The server gets it, and nobody waits for the answer.
    After,
    /// The server has answered, and the client does not get that.
    Answered,
    /// The server does not get it, for an administrator ended the connection.
    Terminated,
    /// The server has answered, and the client is told that it had to give up.
    Panicked,
    /// The server does not get it, and the connection stays as it is.
    Silent,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// The number of the connection since the proxy was armed, from 1 on.
    pub(crate) connection: usize,
    /// The number of the message on it, from 1 on.
    pub(crate) message: usize,
    pub(crate) moment: Moment,
    /// Whether nobody gets in afterwards.
    pub(crate) is_end: bool,
}

pub(crate) struct Proxy {
    folder: TempDir,
    /// The URL of the database, of which the folder is replaced.
    url: String,
    switchboard: Arc<Switchboard>,
}

struct Switchboard {
    server: PathBuf,
    url: String,
    /// What is said in place of something else.
    altered: Option<(&'static str, &'static str)>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cut: Option<Cut>,
    is_down: bool,
    /// What was said on each connection since it was armed.
    said: Vec<Vec<Message>>,
}

impl Proxy {
    /// Before the server of a database.
    pub(crate) fn new(url: &str) -> Proxy {
        Proxy::altering(url, None)
    }

    /// As [`new`](Self::new), where the first text is replaced by the second, of the
    /// same length, in all that clients say.
    pub(crate) fn altering(url: &str, altered: Option<(&'static str, &'static str)>) -> Proxy {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let switchboard = Arc::new(Switchboard {
            server: Path::new(&host(url).replace("%2F", "/")).join(SOCKET),
            url: url.to_owned(),
            altered,
            state: Mutex::default(),
        });
        let behind = Arc::clone(&switchboard);
        // It waits for connections until the process ends.
        thread::spawn(move || {
            for client in listener.incoming() {
                let behind = Arc::clone(&behind);
                thread::spawn(move || behind.connect(client.unwrap()));
            }
        });
        Proxy {
            folder,
            url: url.to_owned(),
            switchboard,
        }
    }

    /// The database, through here.
    pub(crate) fn url(&self) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        self.url.replacen(host(&self.url), &folder, 1)
    }

    /// Lets everything through from now on, save what is cut.
    pub(crate) fn arm(&self, cut: Option<Cut>) {
        *self.switchboard.state() = State {
            cut,
            ..State::default()
        };
    }

    /// What was said since then, by connection.
    pub(crate) fn said(&self) -> Vec<Vec<Message>> {
        self.switchboard.state().said.clone()
    }
}

/// The part of a URL between the role and the database.
fn host(url: &str) -> &str {
    let (_, rest) = url.split_once('@').unwrap();
    rest.split_once('/').unwrap().0
}

/// One connection.
struct Line {
    client: UnixStream,
    server: UnixStream,
    /// Which connection it is, from 1 on.
    number: usize,
    cut: Option<Cut>,
    /// The process of the server that serves it.
    backend: AtomicI32,
    /// Whether answers are kept back, and the connection cut behind them.
    withholds: AtomicBool,
}

impl Line {
    fn cut(&self) {
        // Whoever cut it already is no matter.
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }

    fn say_last(&self) -> io::Result<()> {
        if self.cut.is_some_and(|cut| cut.moment == Moment::Panicked) {
            let mut panic = b"E\0\0\0\0".to_vec();
            let fields = "SPANIC\0VPANIC\0C58030\0Mcould not fdatasync file\0\0";
            panic.extend(fields.as_bytes());
            let len = u32::try_from(panic.len() - 1).unwrap();
            panic[1..5].copy_from_slice(&len.to_be_bytes());
            (&self.client).write_all(&panic)?;
            // It takes a moment to die.
            thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn pass_answers(&self) -> io::Result<()> {
        loop {
            let message = read(&self.server, false)?;
            if message[0] == b'K' {
                let pid = message[5..9].try_into().unwrap();
                self.backend
                    .store(i32::from_be_bytes(pid), Ordering::SeqCst);
            }
            if !self.withholds.load(Ordering::SeqCst) {
                (&self.client).write_all(&message)?;
            } else if message[0] == b'Z' {
                return self.say_last();
            }
        }
    }
}

impl Switchboard {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(&self, client: UnixStream) {
        let (cut, number) = {
            let mut state = self.state();
            if state.is_down {
                return;
            }
            state.said.push(Vec::new());
            (state.cut, state.said.len())
        };
        let Ok(server) = UnixStream::connect(&self.server) else {
            return;
        };
        let line = Line {
            client,
            server,
            number,
            cut: cut.filter(|cut| cut.connection == number),
            backend: AtomicI32::new(0),
            withholds: AtomicBool::new(false),
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                // The end of either side is the end of both.
                let _ = line.pass_answers();
                line.cut();
            });
            if self.pass_questions(&line).is_err() {
                line.cut();
            }
        });
    }

    fn pass_questions(&self, line: &Line) -> io::Result<()> {
        for number in 1.. {
            let message = self.alter(read(&line.client, number == 1)?);
            self.note(line.number, told(&message, number == 1));
            match line.cut.filter(|cut| cut.message == number) {
                None => (&line.server).write_all(&message)?,
                Some(cut) => return self.cut(line, cut, &message),
            }
        }
        Ok(())
    }

    /// Unless that was before it was armed again.
    fn note(&self, connection: usize, message: Message) {
        if let Some(said) = self.state().said.get_mut(connection - 1) {
            said.push(message);
        }
    }

    fn cut(&self, line: &Line, cut: Cut, message: &[u8]) -> io::Result<()> {
        self.state().is_down = cut.is_end;
        match cut.moment {
            Moment::Before => line.cut(),
            Moment::After => {
                (&line.server).write_all(message)?;
                line.cut();
            }
            Moment::Answered | Moment::Panicked => {
                line.withholds.store(true, Ordering::SeqCst);
                (&line.server).write_all(message)?;
            }
            Moment::Terminated => self.terminate(line.backend.load(Ordering::SeqCst)),
            // Until the client goes.
            Moment::Silent => {
                while read(&line.client, false).is_ok() {}
                line.cut();
            }
        }
        Ok(())
    }

    fn terminate(&self, backend: i32) {
        let (server, _) = self.url.rsplit_once('/').unwrap();
        let url = server.replacen("keyctl@", "postgres@", 1) + "/postgres";
        let mut admin = Client::connect(&url, NoTls).unwrap();
        let sql = format!("SELECT pg_terminate_backend({backend}, 10000)");
        admin.batch_execute(&sql).unwrap();
    }

    fn alter(&self, mut message: Vec<u8>) -> Vec<u8> {
        let Some((from, to)) = self.altered else {
            return message;
        };
        assert_eq!(from.len(), to.len());
        let mut windows = message.windows(from.len());
        if let Some(place) = windows.position(|window| window == from.as_bytes()) {
            message[place..place + to.len()].copy_from_slice(to.as_bytes());
        }
        message
    }
}

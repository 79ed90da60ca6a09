//! Messages between a client and a server: a letter, a length, and the rest.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;

/// What a client sent.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) kind: u8,
    /// The SQL, if it has any.
    pub(crate) sql: String,
}

impl Message {
    /// Whether the server answers to it, and not to a later one.
    pub(crate) fn is_answered(&self) -> bool {
        matches!(self.kind, b'Q' | b'S' | STARTUP)
    }

    /// Whether it is the first that is said of something.
    pub(crate) fn begins(&self) -> bool {
        matches!(self.kind, b'Q' | b'P')
    }
}

/// The first message of a connection has no letter.
const STARTUP: u8 = 0;

/// The connection and the number of the last COMMIT.
pub(crate) fn last_commit(said: &[Vec<Message>]) -> (usize, usize) {
    let places = (1..).zip(said).flat_map(|(connection, messages)| {
        let numbered = (1..).zip(messages);
        numbered.map(move |(number, message)| (connection, number, message))
    });
    let commits = places.filter(|(.., message)| message.sql == "COMMIT");
    let (connection, message, _) = commits.last().unwrap();
    (connection, message)
}

/// One whole message.
pub(crate) fn read(mut stream: &UnixStream, is_startup: bool) -> io::Result<Vec<u8>> {
    let mut message = vec![0; if is_startup { 4 } else { 5 }];
    stream.read_exact(&mut message)?;
    let len = message[message.len() - 4..].try_into().unwrap();
    let rest = u64::from(u32::from_be_bytes(len)) - 4;
    if stream.take(rest).read_to_end(&mut message)? as u64 == rest {
        Ok(message)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

pub(crate) fn told(message: &[u8], is_startup: bool) -> Message {
    let kind = if is_startup { STARTUP } else { message[0] };
    let sql = match kind {
        b'Q' => &message[5..],
        // Behind the name of the statement.
        b'P' => message[5..].splitn(2, |byte| *byte == 0).nth(1).unwrap(),
        _ => &[],
    };
    let sql = sql.split(|byte| *byte == 0).next().unwrap();
    Message {
        kind,
        sql: String::from_utf8_lossy(sql).into_owned(),
    }
}

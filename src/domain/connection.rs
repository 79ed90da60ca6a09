//! How a connection to a server fails, by meaning.

/// Why there is no connection to the server of a store, or none any more. The
/// texts name servers, roles and databases, and never hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionFault {
    /// Nobody answers there.
    #[error("cannot reach the server at {server}: {why}")]
    Unreachable {
        /// The host or the socket, and the port.
        server: String,
        /// What happened instead.
        why: Unreached,
    },
    /// TLS was asked for, and the server has none.
    #[error("the server at {server} does not offer TLS")]
    TlsRefused {
        /// The host and the port.
        server: String,
    },
    /// TLS could not be agreed on.
    #[error("TLS with the server at {server} failed")]
    TlsFailed {
        /// The host and the port.
        server: String,
    },
    /// The server may be somebody else.
    #[error("the certificate of the server at {server} {why}")]
    Untrusted {
        /// The host and the port.
        server: String,
        /// What is wrong with its certificate.
        why: Distrust,
    },
    /// There are no certificates to hold that of the server against.
    #[error("there are no root certificates in {place}")]
    NoRoots {
        /// The file, or the system.
        place: String,
    },
    /// The server asks for a password, and none was given.
    #[error("the server at {server} asks for the password of role \"{role}\", and there is none")]
    PasswordMissing {
        /// The host or the socket, and the port.
        server: String,
        /// The role.
        role: String,
        /// A password file that is there, and why it was not used.
        unused: Option<UnusedFile>,
    },
    /// The password is not that of the role, or there is no such role: servers
    /// do not tell which.
    #[error("the server at {server} does not accept the password of role \"{role}\"")]
    PasswordWrong {
        /// The host or the socket, and the port.
        server: String,
        /// The role.
        role: String,
    },
    /// The server knows no such role, or lets it never log in.
    #[error("the server at {server} has no role \"{role}\" that may log in")]
    RoleUnknown {
        /// The host or the socket, and the port.
        server: String,
        /// The role.
        role: String,
    },
    /// The server does not let this role in from here, or not in this way.
    #[error("the server at {server} does not let role \"{role}\" in from here")]
    LoginRefused {
        /// The host or the socket, and the port.
        server: String,
        /// The role.
        role: String,
    },
    /// There is no such database.
    #[error("the server at {server} has no database \"{database}\"")]
    DatabaseUnknown {
        /// The host or the socket, and the port.
        server: String,
        /// The database.
        database: String,
    },
    /// All connections that the server allows are in use.
    #[error("the server has no connection left")]
    TooMany,
    /// The role may not do what was asked for.
    #[error("the role lacks a right on the server")]
    NoRight,
    /// The server takes no writes.
    #[error("the server at {server} takes no writes: it is a replica, or set to read-only")]
    Replica {
        /// The host or the socket, and the port.
        server: String,
    },
    /// The connection broke while a change was being saved, and nobody could be
    /// asked what became of it.
    #[error("the connection to the server was lost: whether the change was saved is unknown")]
    Unconfirmed,
    /// The connection broke.
    #[error("the connection to the server was lost")]
    Lost,
}

/// What happened instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    /// The name has no address.
    #[error("no such host")]
    UnknownHost,
    /// Nobody listens there.
    #[error("connection refused")]
    Refused,
    /// There is no such socket.
    #[error("no such socket")]
    NoSocket,
    /// The server is starting, or ending.
    #[error("it is starting up or shutting down")]
    NotReady,
    /// There was no answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// Something else, which the source tells.
    #[error("connection failed")]
    Other,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// None of those that are trusted vouches for it.
    #[error("is not trusted")]
    UnknownIssuer,
    /// It is of another host.
    #[error("is not for that name")]
    OtherName,
    /// It is of version 1 of X.509, in which no names of hosts can be told.
    #[error("is of an old form, X.509 version 1")]
    OldForm,
    /// It has ended.
    #[error("has expired")]
    Expired,
    /// It does not hold yet.
    #[error("is not valid yet")]
    NotYetValid,
    /// Something else, which the source tells.
    #[error("is not valid")]
    Other,
}

/// A password file that was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedFile {
    /// Its path.
    pub path: String,
    /// Why it was not used.
    pub why: WhyUnused,
}

/// Why a password file was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyUnused {
    /// Others may read it.
    Open,
    /// It was named, and is not there.
    Missing,
    /// It is no regular file.
    NotRegular,
    /// It could not be read.
    Unreadable,
    /// No line of it is for this server, database and role.
    NoLine,
}

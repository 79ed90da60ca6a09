//! Connecting to servers: names, ports, passwords and TLS, as users of libpq
//! expect.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

mod certificates;
mod passwords;
mod place;
#[expect(dead_code, reason = "no server is killed here")]
#[path = "../support/postgres.rs"]
mod postgres;
mod reaching;
#[expect(dead_code, reason = "all run with variables here")]
#[path = "../support/mod.rs"]
mod support;
mod tls;

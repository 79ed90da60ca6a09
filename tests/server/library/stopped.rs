//! A server that is there and does not answer.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::*;

/// A server whose processes all stand still until this is dropped.
struct Stopped(Vec<Pid>);

impl Stopped {
    fn new(server: &Server) -> Stopped {
        let file = std::fs::read_to_string(server.data().join("postmaster.pid")).unwrap();
        let first: i32 = file.lines().next().unwrap().parse().unwrap();
        let sql = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
        let rows = server.connect("postgres").query(sql, &[]).unwrap();
        // The first one makes the others, so that it must not see them stand.
        let others = rows.iter().map(|row| row.get(0));
        let processes = std::iter::once(first).chain(others).map(Pid::from_raw);
        let stopped = Stopped(processes.collect());
        for process in &stopped.0 {
            kill(*process, Signal::SIGSTOP).unwrap();
        }
        stopped
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        for process in &self.0 {
            let _ = kill(*process, Signal::SIGCONT);
        }
    }
}

#[test]
fn nobody_waits_longer_than_was_said() {
    let server = there(start(&[]));
    let store = Store::over(Sandbox::on(&server));
    let verifier = store.verifier().with_timeout(Duration::from_millis(500));
    let verifier = Arc::new(verifier);
    let verify = || {
        let (verifier, token) = (Arc::clone(&verifier), store.token.clone());
        in_time(move || verifier.verify(&token, &need("ds_1"), Timestamp::now()))
    };
    let is_valid = || verify().is_ok_and(|answer| answer.verdict.is_valid());
    until("it answers", is_valid);
    for _ in 0..2 {
        let stopped = Stopped::new(&server);
        for _ in 0..2 {
            let Err(Error::Store(error)) = verify() else {
                panic!("a server that stands still has answered");
            };
            assert_eq!(*error.fault(), StoreFault::TimedOut);
        }
        drop(stopped);
        until("it answers again", is_valid);
    }
}

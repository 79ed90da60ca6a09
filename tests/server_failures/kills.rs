//! A server that is killed in the middle of what its clients write.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ::postgres::{Client, NoTls};
use keyctl::Registry;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::RngExt;
use rand::rngs::SmallRng;

use super::campaign::{generator, report, size};
use super::postgres::Server;
use super::proxy::Proxy;
use super::writer::{Told, Writer, location};

/// A server that keeps what it says it keeps.
pub(crate) const KEEPING: [(&str, &str); 4] = [
    ("fsync", "on"),
    ("full_page_writes", "on"),
    // What is not waited for stays in memory, unless somebody asks for better.
    ("synchronous_commit", "off"),
    ("wal_writer_delay", "10s"),
];

/// How a server ends under its clients.
#[derive(Clone, Copy, Debug)]
enum Death {
    /// As with a loss of power.
    All,
    /// One of its processes dies, and it ends the others and begins again.
    OfOne,
    /// In good order: what is under way is undone.
    Orderly,
}

const DEATHS: [Death; 3] = [Death::All, Death::OfOne, Death::Orderly];

/// How many write through the library, and how many run the program.
const EMBEDDING: usize = 6;
const RUNNING: usize = 2;

/// Writers at a server that is killed again and again.
struct Campaign {
    server: Server,
    dice: SmallRng,
    round: usize,
    writers: Vec<Writer>,
    losses: Vec<String>,
}

impl Campaign {
    /// `None` where there is no server.
    fn new() -> Option<Campaign> {
        let server = Server::start(&KEEPING)?;
        let url = server.url("postgres", "postgres");
        Registry::create(
            &location(&url),
            "host".parse().unwrap(),
            keyctl::Timestamp::now(),
        )
        .unwrap();
        Some(Campaign {
            server,
            dice: generator(),
            round: 0,
            writers: Vec::new(),
            losses: Vec::new(),
        })
    }

    fn url(&self) -> String {
        self.server.url("postgres", "postgres")
    }

    /// Lets writers write until the server dies, has it come back, and holds it against
    /// what they were told.
    fn round(&mut self, url: &str, told: Told, death: Death) {
        self.round += 1;
        let mut writers: Vec<Writer> = (0..EMBEDDING + RUNNING)
            .map(|number| self.writer(url, number).told(told))
            .collect();
        let longest = size(600, 2_000) as u64;
        let patience = Duration::from_millis(self.dice.random_range(150..longest));
        let is_dead = AtomicBool::new(false);
        thread::scope(|scope| {
            for writer in &mut writers {
                let is_dead = &is_dead;
                scope.spawn(move || while writer.write() && !is_dead.load(Ordering::Relaxed) {});
            }
            thread::sleep(patience);
            self.die(death);
            is_dead.store(true, Ordering::Relaxed);
            self.come_back(death);
        });
        for writer in &mut writers {
            let losses = writer.losses(&self.server.url("postgres", "postgres"), &[]);
            self.losses.extend(losses);
        }
        self.writers.extend(writers);
        self.audit();
    }

    fn die(&mut self, death: Death) {
        match death {
            Death::All => self.server.kill(),
            Death::Orderly => self.server.stop(),
            Death::OfOne => self.kill_one(),
        }
    }

    /// Kills the process that serves the first writer, and waits until the server has
    /// noticed.
    fn kill_one(&self) {
        let mut bystander = self.server.connect("postgres");
        let sql = "SELECT pid FROM pg_stat_activity
                   WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
                   ORDER BY backend_start LIMIT 1";
        let pid = bystander.query_one(sql, &[]).unwrap().get(0);
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while bystander.simple_query("SELECT 1").is_ok() {
            assert!(Instant::now() < deadline, "{}", self.server.log());
        }
    }

    /// Waits until it takes connections.
    fn come_back(&mut self, death: Death) {
        match death {
            Death::All | Death::Orderly => self.server.go_on(),
            Death::OfOne => {
                let deadline = Instant::now() + Duration::from_secs(60);
                while Client::connect(&self.url(), NoTls).is_err() {
                    assert!(Instant::now() < deadline, "{}", self.server.log());
                    thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }

    fn writer(&self, url: &str, number: usize) -> Writer {
        let name = format!("writer-{}-{number}", self.round);
        if number < EMBEDDING {
            Writer::embedding(url, &name)
        } else {
            Writer::running(url, &name)
        }
    }

    fn audit(&mut self) {
        let auditor = Registry::open(&location(&self.url()), "auditor".parse().unwrap());
        if let Err(error) = auditor.unwrap().audit(None) {
            self.losses.push(error.to_string());
        }
    }

    fn event_count(&self) -> usize {
        self.writers.iter().map(Writer::event_count).sum()
    }
}

#[test]
fn what_was_acknowledged_survives_the_death_of_the_server() {
    let Some(mut campaign) = Campaign::new() else {
        return;
    };
    let rounds = size(3, 60);
    for death in DEATHS.into_iter().cycle().take(rounds) {
        campaign.round(&campaign.url(), Told::Afterwards, death);
    }
    // What came later has not undone what was there.
    let url = campaign.url();
    for writer in &mut campaign.writers {
        campaign.losses.extend(writer.losses(&url, &[]));
    }
    assert_eq!(campaign.losses, Vec::<String>::new());
    report(&format!(
        "ended {rounds} times under {} writers: {} events, none lost",
        EMBEDDING + RUNNING,
        campaign.event_count()
    ));
}

/// Rounds until something is lost, and not for ever.
fn rounds_until_a_loss(url: impl Fn(&Campaign) -> String, told: Told) -> Option<(usize, usize)> {
    let mut campaign = Campaign::new()?;
    let url = url(&campaign);
    while campaign.losses.is_empty() && campaign.round < 20 {
        campaign.round(&url, told, Death::All);
    }
    Some((campaign.round, campaign.losses.len()))
}

#[test]
fn what_is_acknowledged_before_it_is_committed_is_lost() {
    let Some((rounds, losses)) = rounds_until_a_loss(Campaign::url, Told::TooEarly) else {
        return;
    };
    assert!(losses > 0);
    report(&format!(
        "control, told too early: {losses} losses in round {rounds}"
    ));
}

#[test]
fn what_is_acknowledged_before_it_is_on_the_disk_is_lost() {
    let lazily = ("WHEN 'off' THEN 'on' ELSE", "WHEN 'off' THEN 'off'ELSE");
    let through = |campaign: &Campaign| {
        // Its thread goes on as long as the process.
        let proxy = Box::leak(Box::new(Proxy::altering(&campaign.url(), Some(lazily))));
        proxy.url()
    };
    let Some((rounds, losses)) = rounds_until_a_loss(through, Told::Afterwards) else {
        return;
    };
    assert!(losses > 0);
    report(&format!(
        "control, commits in memory: {losses} losses in round {rounds}"
    ));
}

//! Golden recordings: what they are, and how their traces are summed up. Shared by the native test and the one in the
//! browser, so that both read the same file and give the same hashes.

use consensus_playground::protocols::registry;
use consensus_playground::scenario::{Recording, library, link};
use consensus_playground::session::Session;
use consensus_playground::swarm;

/// The committed lines: `library STEM`, `swarm PROTOCOL SEED` or `link #v1.…`, then events and trace hash.
pub const GOLDEN: &str = include_str!("golden.txt");

/// One golden recording: its name, and the line it should give.
pub fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    GOLDEN.lines().filter(|line| !line.is_empty()).map(|line| {
        let (name, _) = line.split_once(" = ").expect("NAME = EVENTS HASH");
        (name, line)
    })
}

/// Replays the recording called `name` and gives its line.
pub fn replay(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    let recording = match words[..] {
        ["library", stem] => Recording::new(library::shipped(stem).expect("a shipped scenario").scenario().unwrap()),
        ["swarm", protocol, seed] => {
            let info = registry::info(protocol).expect("a protocol");
            let mut scenario = swarm::generate(info, "correct", seed.parse().expect("a seed"));
            scenario.stop.events = Some(5_000);
            Recording::new(scenario)
        }
        ["link", link] => link::decode(link).expect("a link").0,
        _ => panic!("{name}: no such kind of recording"),
    };
    let session = Session::driven(recording).expect("a recording that opens");
    format!("{name} = {} {:016x}", session.world().events(), session.world().trace().hash())
}

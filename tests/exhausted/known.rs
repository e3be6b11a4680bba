//! What `headless check` exhausts, and the counts: equal natively, on any number of threads, and in a browser.

use consensus_playground::check::answer::{self, Answer};
use consensus_playground::check::cluster::{Origin, Question};
use consensus_playground::check::{Bounds, Ended, Order, asked};
use consensus_playground::scenario::Scenario;

/// A scenario with bounds, and the states that there are: distinct, generated, depth.
pub struct Known {
    /// The scenario.
    pub file: &'static str,
    crashes: u8,
    /// Bounds on time-outs by name; 15 for none. Others do not fire.
    timeouts: &'static [(&'static str, u8)],
    epochs: Option<u64>,
    /// Reductions that are switched off.
    without: &'static [&'static str],
    /// The counts.
    pub counts: (u64, u64, u32),
}

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("../testdata/check/", $name, ".json"))
    };
}

/// Paxos with one crash, Raft with two terms, Zab with two epochs, Ben-Or with two rounds and FloodSet with two crashes.
pub const KNOWN: &[Known] = &[
    Known { file: file!("paxos"), crashes: 1, timeouts: &[], epochs: None, without: &[], counts: (864, 2_336, 12) },
    Known {
        file: file!("raft"),
        crashes: 1,
        timeouts: &[("Election", 15)],
        epochs: Some(2),
        without: &[],
        counts: (154_143, 812_322, 29),
    },
    Known {
        file: file!("zab"),
        crashes: 1,
        timeouts: &[],
        epochs: Some(2),
        without: &[],
        counts: (20_331, 52_103, 43),
    },
    Known {
        file: file!("ben-or"),
        crashes: 1,
        timeouts: &[],
        epochs: Some(2),
        without: &[],
        counts: (8_370, 44_132, 17),
    },
    Known {
        file: file!("floodset"),
        crashes: 2,
        timeouts: &[("Round", 4)],
        epochs: None,
        without: &[],
        counts: (149_054, 288_825, 59),
    },
];

/// Those that take longer: Viewstamped Replication with two views, and Zab with links that hold every vote, each with a crash.
pub const LARGE: &[Known] = &[
    Known {
        file: file!("vr"),
        crashes: 1,
        timeouts: &[("ViewChange", 15)],
        epochs: Some(1),
        without: &[],
        counts: (1_315_951, 5_306_491, 33),
    },
    Known {
        file: file!("zab"),
        crashes: 1,
        timeouts: &[],
        epochs: Some(2),
        without: &["latest"],
        counts: (1_767_047, 7_101_524, 63),
    },
];

/// The answer of the search from there on.
pub fn answer(known: &Known, origin: Origin<'_>, threads: usize) -> Answer {
    let scenario = origin.scenario();
    let mut question = Question::default();
    question.bounds.crashes = known.crashes;
    question.bounds.timeouts = 0;
    question.bounds.epochs = known.epochs;
    for (name, most) in known.timeouts {
        asked::bound_timer(&mut question.bounds, name, *most, scenario).expect("a timer");
    }
    for reduction in known.without {
        *asked::named(&mut question.reductions, reduction).expect("a reduction") = false;
    }
    answer::ask_from(origin, &question, Order::Breadth, Bounds::NONE, threads).expect("an answer")
}

/// Searches all of it.
pub fn exhausts(known: &Known, threads: usize) {
    let scenario = Scenario::from_json(known.file).expect("a scenario");
    let answer = answer(known, Origin::Start(&scenario), threads);
    let progress = &answer.progress;
    assert_eq!(progress.ended, Some(Ended::Exhausted), "{}", answer.text());
    assert_eq!((progress.unique, progress.generated, progress.depth), known.counts, "{}", answer.text());
    assert!(answer.seen[0].1 > 0, "{}", answer.text());
}

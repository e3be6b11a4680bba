//! Prints what the runs came to: one row per contestant, then the ratios of ours to the peers'.

use crate::Contestant;
use crate::setup::{Links, Outcome, Setup};
use std::time::Duration;

/// The runs of one contestant, as rates.
struct Summary {
    label: String,
    ours: bool,
    committed: u64,
    messages: u64,
    events: u64,
    messages_per_second: Spread,
    events_per_second: Spread,
    real_time: Spread,
    messages_per_cpu_second: Option<f64>,
}

/// The best and the median of a rate.
struct Spread {
    best: f64,
    median: f64,
}

impl Spread {
    fn of(rates: impl Iterator<Item = f64>) -> Self {
        let mut rates: Vec<f64> = rates.collect();
        rates.sort_by(f64::total_cmp);
        Spread { best: rates[rates.len() - 1], median: rates[rates.len() / 2] }
    }
}

impl Summary {
    fn of(contestant: &Contestant, runs: &[Outcome], setup: &Setup) -> Self {
        let per_second = |count: u64, time: Duration| count as f64 / time.as_secs_f64();
        let links = match contestant.links {
            Links::AnyOrder => "any order",
            Links::InOrder => "links in order",
        };
        let cpu = runs.iter().map(|run| run.cpu.map(|cpu| per_second(run.messages, cpu)));
        Summary {
            label: format!("{}, {links}", contestant.name),
            ours: contestant.ours,
            committed: runs[0].committed[0].count,
            messages: runs[0].messages,
            events: runs[0].events,
            messages_per_second: Spread::of(runs.iter().map(|run| per_second(run.messages, run.wall))),
            events_per_second: Spread::of(runs.iter().map(|run| per_second(run.events, run.wall))),
            real_time: Spread::of(runs.iter().map(|run| per_second(setup.virtual_us, run.wall) / 1e6)),
            messages_per_cpu_second: cpu.collect::<Option<Vec<_>>>().map(|rates| Spread::of(rates.into_iter()).best),
        }
    }

    fn print(&self) {
        let million = |rate: &Spread| format!("{:.2} ({:.2})", rate.best / 1e6, rate.median / 1e6);
        let cpu = self.messages_per_cpu_second.map_or("–".to_owned(), |rate| format!("{:.2}", rate / 1e6));
        println!(
            "{:<44} {:>10} {:>10} {:>10} {:>13} {:>13} {:>12} {:>9}",
            self.label,
            format!("{} × 5", self.committed),
            self.messages,
            self.events,
            million(&self.messages_per_second),
            million(&self.events_per_second),
            format!("{:.0} ({:.0})", self.real_time.best, self.real_time.median),
            cpu,
        );
    }
}

/// Prints all rows and, for every row of ours and every row of a peer, the ratios.
pub fn print(contestants: &[&Contestant], outcomes: &[Vec<Outcome>], setup: &Setup) {
    let summaries: Vec<Summary> =
        contestants.iter().zip(outcomes).map(|(contestant, runs)| Summary::of(contestant, runs, setup)).collect();
    println!(
        "{:<44} {:>10} {:>10} {:>10} {:>13} {:>13} {:>12} {:>9}",
        "best (median)", "committed", "messages", "events", "M messages/s", "M events/s", "× real time", "M m/cpu s"
    );
    summaries.iter().for_each(Summary::print);
    for ours in summaries.iter().filter(|summary| summary.ours) {
        println!("\n{} to", ours.label);
        for peer in summaries.iter().filter(|summary| !summary.ours) {
            println!(
                "  {:<42} messages/s {:.2}, messages/cpu s {}, × real time {:.2}",
                peer.label,
                ours.messages_per_second.best / peer.messages_per_second.best,
                ours.messages_per_cpu_second
                    .zip(peer.messages_per_cpu_second)
                    .map_or("–".to_owned(), |(ours, peer)| format!("{:.2}", ours / peer)),
                ours.real_time.best / peer.real_time.best,
            );
        }
    }
}

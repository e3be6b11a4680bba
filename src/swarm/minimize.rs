//! The smallest scenario that still fails in the same way: steps, clients and knobs are taken away while it does.

use super::judge;
use crate::scenario::{Disk, Scenario};

/// A scenario no larger than `scenario` that fails in `property` still.
pub fn minimize(scenario: &Scenario, property: &str) -> Scenario {
    let fails = |candidate: &Scenario| {
        judge(candidate).is_ok_and(|outcome| outcome.failure.is_some_and(|failure| failure.property == property))
    };
    let mut smallest = scenario.clone();
    let mut chunk = smallest.script.len();
    while chunk > 0 {
        let mut from = 0;
        while from < smallest.script.len() {
            let mut candidate = smallest.clone();
            candidate.script.drain(from..(from + chunk).min(candidate.script.len()));
            if fails(&candidate) {
                smallest = candidate;
            } else {
                from += chunk;
            }
        }
        chunk /= 2;
    }
    for change in CHANGES {
        let mut candidate = smallest.clone();
        change(&mut candidate);
        if candidate != smallest && fails(&candidate) {
            smallest = candidate;
        }
    }
    smallest
}

/// What may be left out beside the script, the larger things first.
const CHANGES: [fn(&mut Scenario); 9] = [
    |scenario| scenario.clients = None,
    |scenario| halve(scenario, |clients| clients.count = 1),
    |scenario| halve(scenario, |clients| clients.operations = 1),
    |scenario| halve(scenario, |clients| clients.operations = clients.operations.div_ceil(2)),
    |scenario| scenario.settings.clear(),
    |scenario| scenario.network.duplication_ppm = 0,
    |scenario| scenario.network.loss_ppm = 0,
    |scenario| scenario.network.drift_ppm = 0,
    |scenario| scenario.disk = Disk { min_us: 0, max_us: 0 },
];

fn halve(scenario: &mut Scenario, change: fn(&mut crate::scenario::Clients)) {
    if let Some(clients) = &mut scenario.clients {
        change(clients);
    }
}

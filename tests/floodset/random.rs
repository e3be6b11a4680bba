//! Random runs in lock step, as the book has them: at most f nodes crash, each in a round of its own choice, and any of
//! its messages of that round may be lost.

use crate::sentences::{floodset, round, tick, value};
use crate::support::{Random, n};
use consensus_playground::protocol::{Command, Protocol};
use consensus_playground::protocols::floodset::variant::ALL;

/// One run; an error is the property that it breaks.
fn run(variant: &str, seed: u64) -> Result<(), &'static str> {
    let mut random = Random(seed);
    let nodes = 1 + random.below(7) as u8;
    let f = random.below(usize::from(nodes)) as u64;
    let mut c = floodset(nodes, f, variant);
    let f = if f == 0 { (u64::from(nodes) - 1) / 2 } else { f };
    let mut asked: Vec<Command> = Vec::new();
    for node in 0..nodes {
        if random.per_mille(700) {
            let command = value(1 + random.below(3) as u32);
            asked.push(command);
            c.request(n(node), command);
        }
    }
    let mut crashes = f;
    for _ in 0..f + 2 {
        tick(&mut c);
        for node in c.nodes() {
            if crashes > 0 && c.up(node) && random.per_mille(250) {
                crashes -= 1;
                let reached = random.next() as u32;
                c.lose_where(|e| e.from == node && reached >> e.to.0 & 1 == 0);
                c.crash(node);
            }
        }
        c.settle();
    }
    round(&mut c);
    let up: Vec<_> = c.nodes().filter(|node| c.up(*node)).collect();
    if c.disorder.is_some() {
        return Err("Agreement");
    }
    if up.iter().any(|node| c.delivered(*node).iter().any(|command| !asked.contains(command))) {
        return Err("Validity");
    }
    // Whoever heard of a value at all: then all did.
    let heard = up.iter().any(|node| c.node(*node).row(1).is_some());
    if heard && up.iter().any(|node| c.delivered(*node).len() != 1) {
        return Err("Termination");
    }
    Ok(())
}

#[test]
fn no_f_crashes_break_anything() {
    for seed in 0..30_000 {
        assert_eq!(run("correct", seed), Ok(()), "seed {seed}");
    }
}

/// The same runs find every variant.
#[test]
fn the_same_crashes_find_every_variant() {
    for (_, card) in ALL {
        let found = (0..30_000).find(|seed| run(card.id, *seed) == Err(card.breaks));
        println!("{}: seed {found:?}", card.id);
        assert!(found.is_some(), "{} was not found", card.id);
    }
}

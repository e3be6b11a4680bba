//! FIFO, causal and total order against their definitions, over random small histories: the first violation is seen at
//! the very delivery that completes it.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug)]
enum Step {
    Broadcast {
        node: usize,
    },
    /// Delivers one of the messages that the node has not got, by a number that is taken modulo.
    Deliver {
        node: usize,
        which: usize,
    },
    Restart {
        node: usize,
    },
}

fn step(n: usize) -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..n).prop_map(|node| Step::Broadcast { node }),
        12 => (0..n, any::<usize>()).prop_map(|(node, which)| Step::Deliver { node, which }),
        1 => (0..n).prop_map(|node| Step::Restart { node }),
    ]
}

/// What the definitions speak of, written down plainly.
#[derive(Default)]
struct History {
    /// Sender of each message, in the order of broadcasts.
    senders: Vec<usize>,
    /// What may have caused each message.
    causes: Vec<BTreeSet<usize>>,
    /// What each node has done since its start that may cause what it does next.
    past: Vec<BTreeSet<usize>>,
    /// The present lists of delivered messages.
    lists: Vec<Vec<usize>>,
    /// What anybody has ever delivered.
    heard: BTreeSet<usize>,
    /// What a restart of its sender has put in doubt: asked for last and heard of by nobody, it may never have reached
    /// the sender's disk, and then it was no broadcast. FIFO and causal order leave it out.
    doubtful: BTreeSet<usize>,
    fifo: Option<u32>,
    causal: Option<u32>,
    total: Option<u32>,
}

impl History {
    fn new(n: usize) -> Self {
        History { past: vec![BTreeSet::new(); n], lists: vec![Vec::new(); n], ..History::default() }
    }

    fn step(&mut self, run: &mut Run, step: Step) {
        match step {
            Step::Broadcast { node } => {
                let message = self.senders.len();
                if message == 26 {
                    return;
                }
                run.request(node as u8, letter(message));
                self.senders.push(node);
                self.causes.push(self.past[node].clone());
                self.past[node].insert(message);
            }
            Step::Deliver { node, which } => {
                let missing: Vec<_> = (0..self.senders.len()).filter(|m| !self.lists[node].contains(m)).collect();
                if missing.is_empty() {
                    return;
                }
                let message = missing[which % missing.len()];
                let event = run.deliver(node as u8, self.lists[node].len() as u64 + 1, letter(message));
                self.deliver(node, message, event);
            }
            Step::Restart { node } => {
                run.restart(node as u8, false);
                self.lists[node].clear();
                // A node remembers nothing of what it delivered, but its own messages stay in its past.
                let own = (0..self.senders.len()).filter(|m| self.senders[*m] == node);
                let last = own.clone().filter(|m| self.heard.contains(m)).max();
                self.doubtful.extend(own.clone().filter(|m| Some(*m) > last));
                let own = own.filter(|m| !self.doubtful.contains(m));
                let own: BTreeSet<_> = own.flat_map(|m| self.causes[m].iter().copied().chain([m])).collect();
                self.past[node] = own;
            }
        }
    }

    fn deliver(&mut self, node: usize, message: usize, event: u32) {
        if !self.doubtful.contains(&message) {
            self.judge_before(node, message, event);
            let news: Vec<_> = self.causes[message].iter().copied().chain([message]).collect();
            self.past[node].extend(news);
            self.heard.insert(message);
        }
        self.lists[node].push(message);
        if !self.one_order() {
            self.total.get_or_insert(event);
        }
    }

    /// Whether `node` has all that must come before `message`.
    fn judge_before(&mut self, node: usize, message: usize, event: u32) {
        let list = &self.lists[node];
        let before = |m: &usize| list.contains(m);
        let of_sender = |m: &usize| self.senders[*m] == self.senders[message] && !self.doubtful.contains(m);
        if !(0..message).filter(of_sender).all(|m| before(&m)) {
            self.fifo.get_or_insert(event);
        }
        if !self.causes[message].iter().all(before) {
            self.causal.get_or_insert(event);
        }
    }

    /// Every two nodes deliver every two messages that both deliver in the same order.
    fn one_order(&self) -> bool {
        let place = |node: usize, m: usize| self.lists[node].iter().position(|other| *other == m);
        let all = self.senders.len();
        (0..self.lists.len()).all(|p| {
            (0..p).all(|q| {
                (0..all).all(|a| {
                    (0..a).all(|b| match (place(p, a), place(p, b), place(q, a), place(q, b)) {
                        (Some(pa), Some(pb), Some(qa), Some(qb)) => (pa < pb) == (qa < qb),
                        _ => true,
                    })
                })
            })
        })
    }
}

fn letter(message: usize) -> char {
    char::from(b'a' + message as u8)
}

proptest! {
    #![proptest_config(cases(6000))]

    #[test]
    fn orders_are_what_their_definitions_say((n, steps) in (2usize..=5).prop_flat_map(|n| {
        (Just(n), prop::collection::vec(step(n), 1..50))
    })) {
        let mut run = Run::new(card(Shape::Broadcast, &[Name::NoCreation, Name::NoDuplication]), n);
        let mut history = History::new(n);
        for step in steps {
            history.step(&mut run, step);
        }
        prop_assert_eq!(run.found(Name::FifoOrder), history.fifo);
        prop_assert_eq!(run.found(Name::CausalOrder), history.causal);
        prop_assert_eq!(run.found(Name::TotalOrder), history.total);
        prop_assert!(run.monitor.violated().is_none());
    }

    #[test]
    fn a_causal_history_stays_causal((n, steps) in (2usize..=4).prop_flat_map(|n| {
        (Just(n), prop::collection::vec(step(n), 1..60))
    })) {
        // Deliver only what has its turn: then only total order can break, and it is seen exactly.
        let mut run = Run::new(registry::info("causal").expect("registered"), n);
        let mut history = History::new(n);
        for step in steps {
            let turn = match step {
                Step::Restart { .. } => continue,
                Step::Broadcast { .. } => Some(step),
                Step::Deliver { node, which } => {
                    let list = &history.lists[node];
                    let ready = |m: &usize| !list.contains(m) && history.causes[*m].iter().all(|c| list.contains(c));
                    let ready: Vec<_> = (0..history.senders.len()).filter(ready).collect();
                    let chosen = (!ready.is_empty()).then(|| ready[which % ready.len()]);
                    let missing: Vec<_> = (0..history.senders.len()).filter(|m| !list.contains(m)).collect();
                    chosen.and_then(|m| missing.iter().position(|o| *o == m)).map(|which| Step::Deliver { node, which })
                }
            };
            if let Some(turn) = turn {
                history.step(&mut run, turn);
            }
        }
        run.holds(Name::CausalOrder);
        run.holds(Name::FifoOrder);
        prop_assert_eq!(run.found(Name::TotalOrder), history.total);
    }
}

//! Linearizability of what clients saw (Herlihy and Wing 1990), with the order of the log as its witness.
//!
//! The log gives a linearization for nothing: let every operation take effect at its first position. It is one if each
//! acknowledged operation has a position, each reply is what a reference state machine answers there, and no operation
//! stands before one that was acknowledged before it began; the last is one comparison with the highest acknowledged
//! position at its beginning. As long as this holds the history is linearizable, at a constant cost per operation.
//!
//! A witness that fails proves nothing yet: nodes that disagree about the log may still have told their clients a
//! story that fits together. From then on the history itself is searched ([`Exact`]), so that `violated` is exact.

use super::Moment;
use super::exact::{Exact, Verdict};
use super::findings::Findings;
use super::machine::{Machine, fits};
use super::names::Name;
use super::observation::{Action, Operation, Outcome, Reply};
use super::operations::{Ended, Record};
use super::sentence::{Part, Sentence};
use crate::growing::Growing;
use std::sync::Arc;

/// One line of the clients' history.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Invoked { id: u32, operation: Operation },
    Returned { id: u32, outcome: Outcome },
}

/// The clients' history and its witness.
#[derive(Clone, Debug)]
pub(super) struct Linearizability {
    history: Growing<Event>,
    machine: Machine,
    /// The highest position of an acknowledged operation.
    acknowledged: u64,
    /// The search, once the witness has failed.
    exact: Option<Arc<Exact>>,
}

impl Linearizability {
    /// Nothing has begun.
    pub(super) fn new() -> Self {
        Linearizability { history: Growing::default(), machine: Machine::default(), acknowledged: 0, exact: None }
    }

    /// The operation `id` begins.
    pub(super) fn invoked(&mut self, record: &mut Record, id: u32, operation: Operation) {
        if record.operation.is_some() {
            return;
        }
        record.operation = Some(operation);
        record.floor = self.acknowledged;
        self.history.push(Event::Invoked { id, operation });
        if let Some(exact) = &mut self.exact {
            Arc::make_mut(exact).invoked(id, operation);
        }
    }

    /// The operation has found its place in the order.
    pub(super) fn ordered(&mut self, findings: &Findings, record: &mut Record) {
        let Some(operation) = record.operation else { return };
        record.reply = Some(self.machine.apply(operation));
        if record.position <= record.floor || record.ended == Ended::Fail {
            self.search(findings);
        }
    }

    /// The operation ends for its client.
    pub(super) fn returned(
        &mut self,
        findings: &mut Findings,
        moment: &Moment,
        record: &Record,
        id: u32,
        outcome: Outcome,
    ) {
        let Some(operation) = record.operation else { return };
        self.history.push(Event::Returned { id, outcome });
        if let Some(exact) = &mut self.exact {
            if Arc::make_mut(exact).returned(id, outcome) == Verdict::None {
                findings.report(Name::Linearizability, moment, refuted(record, operation, outcome));
            }
            return;
        }
        let explained = match outcome {
            Outcome::Ok(reply) => record.position != 0 && record.reply.is_some_and(|expected| fits(reply, expected)),
            Outcome::Fail => record.position == 0,
            Outcome::Unknown => true,
        };
        match outcome {
            _ if !explained => self.search(findings),
            Outcome::Ok(_) => self.acknowledged = self.acknowledged.max(record.position),
            _ => {}
        }
        if self.exact.as_ref().is_some_and(|exact| exact.verdict() == Verdict::None) {
            findings.report(Name::Linearizability, moment, refuted(record, operation, outcome));
        }
    }

    /// The witness has failed: the history so far is searched.
    fn search(&mut self, findings: &Findings) {
        if self.exact.is_none() && findings.open(Name::Linearizability) {
            let mut exact = Exact::default();
            for event in self.history.iter() {
                match *event {
                    Event::Invoked { id, operation } => exact.invoked(id, operation),
                    Event::Returned { id, outcome } => drop(exact.returned(id, outcome)),
                }
            }
            self.exact = Some(Arc::new(exact));
        }
    }
}

/// "client 2 read b from k, which no order of the operations explains".
fn refuted(record: &Record, operation: Operation, outcome: Outcome) -> Sentence {
    let mut parts = vec![Part::Client(record.client)];
    match operation.action {
        Action::Read => parts.push(Part::Text(" read ")),
        Action::Write(value) => parts.extend([Part::Text(" wrote "), Part::Value(Some(value))]),
        Action::Append(value) => parts.extend([Part::Text(" appended "), Part::Value(Some(value))]),
        Action::Cas(old, new) => {
            parts.extend([Part::Text(" swapped "), Part::Value(old), Part::Text(" for "), Part::Value(Some(new))]);
        }
    }
    match outcome {
        Outcome::Ok(Reply::Read(value)) => parts.push(Part::Value(value)),
        Outcome::Ok(Reply::Swapped(false)) => parts.push(Part::Text(" in vain")),
        Outcome::Ok(Reply::Length(length)) => parts.extend([Part::Text(" as number "), Part::Number(length)]),
        Outcome::Ok(_) => {}
        Outcome::Fail => parts.push(Part::Text(" without effect")),
        Outcome::Unknown => parts.push(Part::Text(" with an unknown end")),
    }
    if let Some(key) = operation.key {
        parts.extend([Part::Text(" (key "), Part::Value(Some(key)), Part::Text(")")]);
    }
    parts.push(Part::Text(", which no order of the operations explains"));
    Sentence::new(&parts)
}

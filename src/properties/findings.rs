//! What the monitors have found so far: the first violation or counterexample of each property, and what liveness
//! still waits for.

use super::names::{Name, Names};
use super::{Moment, Property, Sentence, Status, Violation, Words};
use crate::protocol::{Info, Shape};

/// How a liveness property stood when it was last judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Live {
    /// Something is owed.
    Pending(Sentence),
    /// Something is owed and cannot come.
    Stalled(String),
}

/// The table of findings.
#[derive(Clone, Debug)]
pub(super) struct Findings {
    shape: Shape,
    watched: Names,
    promised: Names,
    /// Watched and not found yet: a property is looked at while it is open.
    open: Names,
    /// In the order in which they were found.
    found: Vec<(Name, Violation)>,
    /// Liveness properties that wait for something; the others hold.
    live: Vec<(Name, Live)>,
}

impl Findings {
    pub(super) fn new(info: &Info) -> Self {
        let watched = Names::watched(info);
        let promised = Names::promised(info);
        Findings { shape: info.shape, watched, promised, open: watched, found: Vec::new(), live: Vec::new() }
    }

    /// Whether `name` is watched and has not been violated yet.
    #[inline]
    pub(super) fn open(&self, name: Name) -> bool {
        self.open.has(name)
    }

    /// Whether one of `names` is watched and open.
    #[inline]
    pub(super) fn any_open(&self, names: Names) -> bool {
        self.open.any(names)
    }

    /// Whether the protocol promises `name`.
    pub(super) fn promised(&self, name: Name) -> bool {
        self.promised.has(name)
    }

    /// Notes the first violation of `name`; later ones are not looked for.
    pub(super) fn report(&mut self, name: Name, moment: &Moment, why: Sentence) {
        if self.open(name) {
            self.open = self.open.without(Names::of(&[name]));
            self.live.retain(|(n, _)| *n != name);
            self.found.push((name, Violation { name: name.text(), moment: *moment, why }));
        }
    }

    /// Notes how the liveness property `name` stands; `None`: nothing is owed.
    pub(super) fn stands(&mut self, name: Name, live: Option<Live>) {
        self.live.retain(|(n, _)| *n != name);
        if let Some(live) = live.filter(|_| self.open(name)) {
            self.live.push((name, live));
        }
    }

    /// The first violation of a promised property.
    pub(super) fn violated(&self) -> Option<&Violation> {
        self.found.iter().find(|(name, _)| self.promised(*name)).map(|(_, violation)| violation)
    }

    /// Everything that is watched.
    pub(super) fn properties(&self, words: &Words<'_>) -> impl Iterator<Item = Property> {
        self.watched.iter().map(|name| Property {
            name: name.text(),
            source: name.source(self.shape),
            liveness: name.liveness(self.shape),
            status: self.status(name, words),
        })
    }

    fn status(&self, name: Name, words: &Words<'_>) -> Status {
        let found = self.found.iter().find(|(n, _)| *n == name).map(|(_, v)| (v.moment.event, v.why.render(words)));
        match (self.promised(name), found) {
            (false, counterexample) => Status::NotPromised { counterexample },
            (true, Some((event, why))) => Status::Violated { event, why },
            (true, None) => match self.live.iter().find(|(n, _)| *n == name) {
                Some((_, Live::Pending(why))) => Status::Pending { why: why.render(words) },
                Some((_, Live::Stalled(why))) => Status::Stalled { why: why.clone() },
                None => Status::Holds,
            },
        }
    }
}

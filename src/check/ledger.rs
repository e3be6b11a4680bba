//! What a search notes down, in whatever order it goes: counts, bounds, and what was found where.

use super::batch::Batch;
use super::model::Model;

/// Where a search ends although there is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Most states on a path. Exact in breadth; in depth, a state that was first reached by a long path is not looked
    /// into again when a shorter one is found.
    pub depth: u32,
    /// Most distinct states.
    pub states: u64,
    /// Most bytes, as [`super::Progress::bytes`] counts them; looked at every few hundred
    /// states.
    pub bytes: u64,
}

impl Bounds {
    /// No bound.
    pub const NONE: Bounds = Bounds { depth: u32::MAX, states: u64::MAX, bytes: u64::MAX };
}

/// When a search has found enough. Both are sets of properties, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Until {
    /// One of these is broken or seen.
    pub any: u64,
    /// All of these are, and there is one.
    pub all: u64,
}

impl Until {
    fn is_met(self, found: u64) -> bool {
        found & self.any != 0 || (self.all != 0 && found & self.all == self.all)
    }
}

/// Why a search has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// There is nothing more: every state was expanded.
    Exhausted,
    /// What it was to go on for is found.
    Found,
    /// There are longer paths than allowed.
    Depth,
    /// There are more states than allowed.
    States,
    /// It would take more memory than allowed.
    Bytes,
}

/// The order in which states are expanded: what a discovered state is put into.
pub trait Walk<S> {
    /// Step number `ordinal` of the state under way leads to a new state, which takes so many bytes. Tells its depth.
    fn discover(&mut self, ordinal: u32, state: S, bytes: usize) -> u32;

    /// The state under way has no more steps.
    fn close(&mut self);

    /// The numbers of the steps to the state under way, and then its step number `ordinal`.
    fn trail(&self, ordinal: u32) -> Vec<u32>;

    /// How many states wait.
    fn waiting(&self) -> u64;

    /// The bytes that it takes.
    fn bytes(&self) -> u64;
}

/// The notes.
#[derive(Debug)]
pub struct Ledger {
    /// See [`super::Progress::generated`].
    pub generated: u64,
    /// Distinct states.
    pub unique: u64,
    /// See [`super::Progress::depth`].
    pub depth: u32,
    /// Whether and why the search has ended.
    pub ended: Option<Ended>,
    /// Its bounds.
    pub bounds: Bounds,
    until: Until,
    found: u64,
    trails: Vec<Option<Vec<u32>>>,
}

impl Ledger {
    /// Empty notes on so many properties.
    pub fn new(properties: usize, bounds: Bounds, until: Until) -> Self {
        assert!(properties <= 64, "at most 64 properties");
        let trails = vec![None; properties];
        Ledger { generated: 0, unique: 0, depth: 0, ended: None, bounds, until, found: 0, trails }
    }

    /// Of which properties something has been heard.
    pub fn found(&self) -> u64 {
        self.found
    }

    /// And of which nothing.
    pub fn wanted(&self) -> u64 {
        !self.found
    }

    /// The numbers of the steps to what was first heard of a property.
    pub fn trail(&self, property: usize) -> Option<&[u32]> {
        self.trails.get(property)?.as_deref()
    }

    /// Takes in a batch that was looked up, step by step, and judges what is new unless that is done: however large the
    /// batch and whoever made it, a search that ends within it ends at the same step.
    pub fn admit<M: Model>(&mut self, model: &M, batch: &mut Batch<M::State>, walk: &mut impl Walk<M::State>) {
        let Batch { steps, candidates, ends, fresh, marks, judged, .. } = batch;
        let before = self.generated;
        self.generated += u64::from(*steps);
        let (mut fresh, mut marks) = (fresh.iter().copied(), marks.iter().copied());
        let (mut new, mut marked) = (fresh.next(), marks.next());
        let (mut candidates, mut passed) = (candidates.drain(..), 0);
        for &end in &*ends {
            loop {
                let next = new.unwrap_or(end).min(marked.map_or(end, |(at, _)| at));
                if next >= end {
                    break;
                }
                let candidate = candidates.nth((next - passed) as usize).expect("every step that is named");
                let ordinal = candidate.ordinal;
                let generated = before + u64::from(candidate.before);
                passed = next + 1;
                let mut news = 0;
                if new == Some(next) {
                    if self.unique == self.bounds.states {
                        self.generated = generated;
                        self.ended = Some(Ended::States);
                        return;
                    }
                    new = fresh.next();
                    self.unique += 1;
                    model.admitted(&candidate.state);
                    if !*judged {
                        news = model.judge(&candidate.state);
                    }
                    let bytes = model.bytes(&candidate.state);
                    self.depth = self.depth.max(walk.discover(ordinal, candidate.state, bytes));
                }
                while let Some((_, bits)) = marked.filter(|(at, _)| *at == next) {
                    marked = marks.next();
                    news |= bits;
                }
                if news & self.wanted() != 0 {
                    self.hear(news, || walk.trail(ordinal));
                    if self.ended.is_some() {
                        self.generated = generated + 1;
                        return;
                    }
                }
            }
            walk.close();
        }
    }

    /// Notes where something is first heard of the properties in `marks`.
    #[cold]
    fn hear(&mut self, marks: u64, trail: impl Fn() -> Vec<u32>) {
        let news = marks & self.wanted();
        self.found |= news;
        for (property, place) in self.trails.iter_mut().enumerate() {
            if news >> property & 1 == 1 {
                *place = Some(trail());
            }
        }
        if self.until.is_met(self.found) {
            self.ended = Some(Ended::Found);
        }
    }
}

//! A search through all states of a model, a slice at a time.

use super::batch::Batch;
use super::breadth::Breadth;
use super::depth::Depth;
use super::ledger::{Bounds, Ended, Ledger, Until, Walk};
use super::model::{Kind, Model, Path, Property};
use super::replay::replay;
use super::visited::Visited;

/// The memory is looked at whenever so many states have been expanded.
const WEIGHED: u64 = 256;

/// In which order states are expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Level by level: the first path to anything is a shortest one.
    Breadth,
    /// Newest first: what waits is what branches off one path, instead of a level. Paths are not the shortest.
    Depth,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The initial states, and the steps that were taken from all states that were expanded.
    pub generated: u64,
    /// Distinct states.
    pub unique: u64,
    /// The most states on a path to a state, the first and the last one included. In breadth, on a shortest path.
    pub depth: u32,
    /// States that wait to be expanded.
    pub waiting: u64,
    /// The memory taken by what is remembered and what waits.
    pub bytes: u64,
    /// Whether and why it has ended.
    pub ended: Option<Ended>,
}

enum Walker<S> {
    Breadth(Breadth<S>),
    Depth(Depth<S>),
}

impl<S> Walker<S> {
    fn waiting(&self) -> u64 {
        match self {
            Walker::Breadth(breadth) => breadth.waiting(),
            Walker::Depth(depth) => depth.waiting(),
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Walker::Breadth(breadth) => breadth.bytes(),
            Walker::Depth(depth) => depth.bytes(),
        }
    }
}

/// A search. [`Search::run`] takes it forward; all results can be asked for at any time.
pub struct Search<M: Model> {
    model: M,
    properties: Vec<Property>,
    ledger: Ledger,
    visited: Visited,
    batch: Batch<M::State>,
    walker: Walker<M::State>,
}

impl<M: Model> Search<M> {
    /// A search that ends at the first counterexample to an [`Kind::Always`] property.
    pub fn new(model: M, order: Order, bounds: Bounds) -> Self {
        let properties = model.properties();
        let always = properties.iter().enumerate().filter(|(_, property)| property.kind == Kind::Always);
        let any = always.fold(0, |any, (index, _)| any | 1 << index);
        Self::until(model, order, bounds, Until { any, all: 0 })
    }

    /// A search that goes on until something else is found.
    pub fn until(model: M, order: Order, bounds: Bounds, until: Until) -> Self {
        let properties = model.properties();
        let mut ledger = Ledger::new(properties.len(), bounds, until);
        let (mut visited, mut batch) = (Visited::default(), Batch::default());
        batch.begin(&model);
        batch.look_up(&mut visited);
        let walker = match order {
            Order::Breadth => {
                let mut breadth = Breadth::default();
                ledger.admit(&model, &mut batch, &mut breadth);
                breadth.enter(&mut ledger);
                Walker::Breadth(breadth)
            }
            Order::Depth => {
                let mut depth = Depth::default();
                ledger.admit(&model, &mut batch, &mut depth);
                Walker::Depth(depth)
            }
        };
        Search { model, properties, ledger, visited, batch, walker }
    }

    /// Expands up to `budget` states more, and tells how far it is.
    pub fn run(&mut self, budget: u64) -> Progress {
        let mut left = budget;
        while left > 0 && self.ledger.ended.is_none() {
            let Search { model, ledger, visited, batch, walker, .. } = self;
            let before = left;
            while left > 0 && before - left < WEIGHED && ledger.ended.is_none() {
                left -= match walker {
                    Walker::Breadth(breadth) => breadth.advance(model, ledger, visited, batch, left),
                    Walker::Depth(depth) => depth.advance(model, ledger, visited, batch),
                };
            }
            self.weigh();
        }
        self.progress()
    }

    /// As [`Search::run`], on so many threads where that helps: breadth first, on levels that are large enough. Counts,
    /// verdict and paths are those of one thread; a bound on memory may end it a little earlier or later.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn run_on(&mut self, threads: usize, budget: u64) -> Progress
    where
        M: Sync,
        M::State: Send,
    {
        let mut crew = super::threads::Crew::new(threads.min(super::threads::MOST));
        let mut left = budget;
        while left > 0 && self.ledger.ended.is_none() {
            let Search { model, ledger, visited, walker, .. } = self;
            let shared = match walker {
                Walker::Breadth(breadth) => crew.round(model, ledger, visited, breadth, left),
                Walker::Depth(_) => None,
            };
            let slice = left.min(WEIGHED);
            left -= match shared {
                Some(expanded) => expanded,
                None => {
                    self.run(slice);
                    slice
                }
            };
            self.weigh();
        }
        self.progress()
    }

    fn weigh(&mut self) {
        if self.visited.bytes() + self.walker.bytes() > self.ledger.bounds.bytes {
            self.ledger.ended.get_or_insert(Ended::Bytes);
        }
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let Ledger { generated, unique, depth, ended, .. } = self.ledger;
        let bytes = self.visited.bytes() + self.walker.bytes();
        Progress { generated, unique, depth, waiting: self.walker.waiting(), bytes, ended }
    }

    /// The model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// Its properties.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// The first property for which there is a counterexample.
    pub fn broken(&self) -> Option<usize> {
        self.of(Kind::Always).find(|property| self.found(*property))
    }

    /// The properties that were to be seen and have not been: once the search is exhausted, they never are.
    pub fn unseen(&self) -> impl Iterator<Item = usize> {
        self.of(Kind::Sometimes).filter(|property| !self.found(*property))
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = usize> {
        let all = self.properties.iter().enumerate();
        all.filter(move |(_, property)| property.kind == kind).map(|(index, _)| index)
    }

    /// Whether a counterexample to `property` is found, or where it is seen.
    pub fn found(&self, property: usize) -> bool {
        self.ledger.found() >> property & 1 == 1
    }

    /// The numbers of the steps to what was first found of `property`, for [`replay`]: the first one chooses among the
    /// initial states.
    pub fn trail(&self, property: usize) -> Option<&[u32]> {
        self.ledger.trail(property)
    }

    /// The path to what was first found of `property`; in breadth there is no shorter one.
    pub fn path(&self, property: usize) -> Option<Path<M>> {
        let trail = self.trail(property)?;
        Some(replay(&self.model, trail).expect("a model whose steps depend on the state alone"))
    }
}

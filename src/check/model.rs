//! What can be searched: a system as states and the steps between them.

use super::fingerprint;
use std::fmt::Debug;
use std::hash::Hash;

/// A system to be explored.
///
/// The search sees states through [`Model::fingerprint`] alone, keeps those that it has yet to expand, and remembers a
/// path as the numbers of the steps taken. So everything here must depend on the model and the state and on nothing
/// else, the order of steps included: then counts, counterexamples and their order are the same on every machine.
pub trait Model: Sized {
    /// A configuration of the system. The smaller, the faster.
    type State: Clone + Hash;
    /// What leads from one to the next, for people and for replay. Made for every step: keep it small.
    type Action: Clone + Debug;

    /// Where runs begin.
    fn initial(&self) -> Vec<Self::State>;

    /// Every step from `state`, handed to `steps` one by one, in an order that the state determines.
    fn successors(&self, state: &Self::State, steps: &mut impl Steps<Self>);

    /// What is judged. At most 64; each is known by its index.
    fn properties(&self) -> Vec<Property>;

    /// A bit for each property that has something to say of a state: set where an [`Kind::Always`] property is broken
    /// and where a [`Kind::Sometimes`] property is seen. Asked once for each distinct state.
    fn judge(&self, state: &Self::State) -> u64;

    /// Told of each distinct state that the search takes in, in whatever order it was judged.
    fn admitted(&self, _state: &Self::State) {}

    /// What the search knows a state by: equal for states that it may take for one (under a symmetry, the fingerprint
    /// of one representative for all), different for others. See [`fingerprint`].
    fn fingerprint(&self, state: &Self::State) -> u64 {
        fingerprint::of(state)
    }

    /// Whether the search is to go there at all. What lies outside is neither counted nor judged.
    fn within(&self, _state: &Self::State) -> bool {
        true
    }

    /// About how many bytes a state takes while it waits to be expanded.
    fn bytes(&self, _state: &Self::State) -> usize {
        size_of::<Self::State>()
    }

    /// Why the last step of `path` breaks property `property`, or how it shows it, as one sentence.
    fn explain(&self, property: usize, _path: &Path<Self>) -> String {
        let property = self.properties()[property];
        match property.kind {
            Kind::Always => format!("{} does not hold.", property.name),
            Kind::Sometimes => format!("{} is reached.", property.name),
        }
    }
}

/// Who takes the successors of a state.
pub trait Steps<M: Model> {
    /// `action` leads to `state`.
    fn step(&mut self, action: M::Action, state: M::State) {
        self.marked(action, state, 0);
    }

    /// `action` leads to `state`, and the step itself has something to say of the properties in `marks`, as
    /// [`Model::judge`] has of states: for what shows in the step and no longer in the state behind it. Heard even where
    /// that state is known already.
    fn marked(&mut self, action: M::Action, state: M::State, marks: u64);

    /// Whether the rest may be left out: what was looked for is found. A model may ask, and need not.
    fn enough(&self) -> bool {
        false
    }
}

/// What is judged of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// What is wanted of it.
    pub kind: Kind,
}

impl Property {
    /// What must hold everywhere.
    pub const fn always(name: &'static str) -> Self {
        Property { name, kind: Kind::Always }
    }

    /// What must be seen somewhere.
    pub const fn sometimes(name: &'static str) -> Self {
        Property { name, kind: Kind::Sometimes }
    }
}

/// What is wanted of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It holds in every state and step that can be reached: one that breaks it is a counterexample.
    Always,
    /// Some state or step shows it. Without such properties a model in which nothing happens would pass.
    Sometimes,
}

/// A run of a model: where it began, and its steps, each with the state that it led to.
#[derive(Clone, Debug)]
pub struct Path<M: Model> {
    /// The first state.
    pub start: M::State,
    /// What followed.
    pub steps: Vec<(M::Action, M::State)>,
}

impl<M: Model> Path<M> {
    /// The last state.
    pub fn end(&self) -> &M::State {
        self.steps.last().map_or(&self.start, |(_, state)| state)
    }

    /// How many states it has, the first one included: its depth.
    pub fn depth(&self) -> u32 {
        self.steps.len() as u32 + 1
    }
}

//! A model of the playground as a model of Stateright's.
//!
//! Stateright asks for the actions of a state and then for the state that each leads to. Here an action is that state:
//! the successors are made once, as they are for the playground.

use consensus_playground::check::{Kind, Model, Steps};
use stateright::Property;
use std::fmt::Debug;

/// The model.
pub struct Adapted<M>(pub M);

struct Taker<'a, S>(&'a mut Vec<S>);

impl<M: Model> Steps<M> for Taker<'_, M::State> {
    #[inline]
    fn marked(&mut self, _action: M::Action, state: M::State, _marks: u64) {
        self.0.push(state);
    }
}

/// Whether property number `N` has something to say of the state; the rest of the judgement is left out.
fn says<M: Model, const N: u32>(model: &M, state: &M::State) -> bool {
    model.judge(state) >> N & 1 == 1
}

impl<M: Model> stateright::Model for Adapted<M>
where
    M::State: Debug + PartialEq,
{
    type State = M::State;
    type Action = M::State;

    fn init_states(&self) -> Vec<M::State> {
        self.0.initial()
    }

    fn actions(&self, state: &M::State, actions: &mut Vec<M::State>) {
        self.0.successors(state, &mut Taker(actions));
    }

    fn next_state(&self, _last: &M::State, action: M::State) -> Option<M::State> {
        Some(action)
    }

    fn within_boundary(&self, state: &M::State) -> bool {
        self.0.within(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let always: [fn(&Self, &M::State) -> bool; 3] = [
            |model, state| !says::<M, 0>(&model.0, state),
            |model, state| !says::<M, 1>(&model.0, state),
            |model, state| !says::<M, 2>(&model.0, state),
        ];
        let sometimes: [fn(&Self, &M::State) -> bool; 3] = [
            |model, state| says::<M, 0>(&model.0, state),
            |model, state| says::<M, 1>(&model.0, state),
            |model, state| says::<M, 2>(&model.0, state),
        ];
        let all = self.0.properties().into_iter().enumerate();
        let property = |(index, property): (usize, consensus_playground::check::Property)| match property.kind {
            Kind::Always => Property::always(property.name, always[index]),
            Kind::Sometimes => Property::sometimes(property.name, sometimes[index]),
        };
        all.map(property).collect()
    }
}

//! A question answered: the search, and what it found as a run.

use super::deed::Deed;
use super::run::{self, Run};
use super::space::{Space, Step};
use super::start::{Origin, Question};
use super::state::State;
use super::{midst, retold};
use crate::check::minimize::minimize;
use crate::check::model::{Model, Property, Steps};
use crate::check::{Bounds, Order, Search};
use crate::properties::Name;
use crate::protocol::*;

/// A counterexample.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The property.
    pub property: &'static str,
    /// Its steps.
    pub deeds: Vec<Deed>,
    /// The same as an ordinary run; a sentence when there is none.
    pub run: Result<Run, String>,
}

impl Space {
    /// Takes `steps` from `start`, those left out that cannot be taken; how many were looked at until the marks show
    /// something of `wanted`.
    pub fn walk(&self, start: &State, steps: &[Step], wanted: u64) -> Option<usize> {
        let mut state = start.clone();
        for (at, step) in steps.iter().enumerate() {
            let (after, marks) = self.apply(&state, *step)?;
            if (marks | self.judge(&after)) & wanted != 0 {
                return Some(at + 1);
            }
            state = after;
        }
        None
    }

    /// The steps from `start` in words.
    pub fn deeds(&self, start: &State, steps: &[Step], value: &dyn Fn(Value) -> String) -> Vec<Deed> {
        let mut state = start.clone();
        let mut deeds = Vec::with_capacity(steps.len());
        for step in steps {
            let Some((after, _)) = self.apply(&state, *step) else { break };
            deeds.push(self.deed(&state, *step, value));
            state = after;
        }
        deeds
    }

    /// The counterexample to the property numbered `property` that takes `steps` from where the search began.
    pub fn counterexample(
        &self,
        origin: Origin<'_>,
        question: &Question,
        property: usize,
        steps: &[Step],
    ) -> Counterexample {
        let start = &self.starts()[0];
        let steps = minimize(steps, |steps| self.walk(start, steps, 1 << property));
        let values = origin.values();
        let value = |value| values.show(value);
        let mut deeds = self.deeds(start, &steps, &value);
        let name = self.properties()[property].name;
        if self.core().court.chosen {
            match learnt(origin, question, &deeds, Name::of(name), &value) {
                Ok(more) => deeds = more,
                Err(sentence) => return Counterexample { property: name, deeds, run: Err(sentence) },
            }
        }
        let fused = self.core().fused();
        let run = match origin {
            Origin::Start(scenario) => run::of(scenario, &deeds, fused),
            Origin::Midst(world) => {
                midst::of(world, &deeds, fused, &|command| origin.proposals().nth(command.into()).map(str::to_owned))
            }
        };
        let run = run.and_then(|run| {
            let same = run.violated.iter().any(|violated| violated.name == name);
            if same { Ok(run) } else { Err(format!("the run of these steps does not violate {name}")) }
        });
        let run = run.map(|mut run| {
            if let Origin::Midst(world) = origin {
                run.file = retold::of(world, origin, &deeds, fused, name);
            }
            run
        });
        Counterexample { property: name, deeds, run }
    }
}

/// A space in which nothing happens but that learners learn.
struct Learning<'a> {
    space: &'a Space,
    start: State,
}

impl Model for Learning<'_> {
    type State = State;
    type Action = Step;

    fn initial(&self) -> Vec<State> {
        vec![self.start.clone()]
    }

    fn successors(&self, state: &State, steps: &mut impl Steps<Self>) {
        for (step, after, marks) in self.space.steps(state) {
            if self.space.teaches(step) {
                steps.marked(step, after, marks);
            }
        }
    }

    fn properties(&self) -> Vec<Property> {
        self.space.properties()
    }

    fn judge(&self, _state: &State) -> u64 {
        0
    }

    fn fingerprint(&self, state: &State) -> u64 {
        state.print()
    }
}

/// The same steps in a space with learners; where two values are chosen, and further until two learners have learnt
/// different ones.
fn learnt(
    origin: Origin<'_>,
    question: &Question,
    deeds: &[Deed],
    name: Option<Name>,
    value: &dyn Fn(Value) -> String,
) -> Result<Vec<Deed>, String> {
    let mut question = Question { only: name.into_iter().collect(), ..question.clone() };
    question.reductions.learners = false;
    let space = Space::of(origin, &question)?;
    let mut state = space.starts()[0].clone();
    let mut all = Vec::with_capacity(deeds.len());
    for deed in deeds {
        let (step, after, marks) = space.follow(&state, deed).ok_or("with learners the steps cannot be taken")?;
        all.push(space.deed(&state, step, value));
        state = after;
        if (marks | space.judge(&state)) & 1 != 0 {
            return Ok(all);
        }
    }
    let bounds = Bounds { states: 1_000_000, ..Bounds::NONE };
    let mut search = Search::new(Learning { space: &space, start: state.clone() }, Order::Breadth, bounds);
    search.run(u64::MAX);
    let path = search.path(0).ok_or("two values are chosen, and no learner learns both")?;
    let steps: Vec<Step> = path.steps.iter().map(|(step, _)| *step).collect();
    all.extend(space.deeds(&state, &steps, value));
    Ok(all)
}

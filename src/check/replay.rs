//! Walking a path again by the numbers of its steps.

use super::model::{Model, Path, Steps};

/// The path that takes, from the initial state number `choices[0]`, the steps with the numbers that follow. Nothing if
/// the model has no such path.
pub fn replay<M: Model>(model: &M, choices: &[u32]) -> Option<Path<M>> {
    let (first, rest) = choices.split_first()?;
    let start = model.initial().into_iter().nth(*first as usize)?;
    let mut path = Path { start, steps: Vec::with_capacity(rest.len()) };
    for choice in rest {
        let mut chooser = Chooser { before: *choice, chosen: None };
        model.successors(path.end(), &mut chooser);
        path.steps.push(chooser.chosen?);
    }
    Some(path)
}

/// Lets steps pass until the chosen one.
struct Chooser<M: Model> {
    before: u32,
    chosen: Option<(M::Action, M::State)>,
}

impl<M: Model> Steps<M> for Chooser<M> {
    fn marked(&mut self, action: M::Action, state: M::State, _marks: u64) {
        if self.chosen.is_none() {
            match self.before.checked_sub(1) {
                Some(before) => self.before = before,
                None => self.chosen = Some((action, state)),
            }
        }
    }

    fn enough(&self) -> bool {
        self.chosen.is_some()
    }
}

//! A search by stages. Before the search goes all the way it goes to a goal, which says something of the nodes and
//! nothing of the way there: "somebody leads", "node 2 has an entry". It goes on from all states in which the goal is
//! met first, on the shortest ways to it, and from no others. What lies far away comes within reach so: two stages of
//! ten steps each are a search of ten steps, twice.

use super::core::Core;
use super::space::{Space, Step};
use super::state::State;
use crate::check::model::{Model, Property, Steps};
use crate::check::visited::Visited;
use crate::check::{Bounds, Ended};
use crate::protocol::*;

/// What is to be reached: all of its conditions at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    text: String,
    conditions: Vec<Condition>,
}

/// What one node, or any, looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Condition {
    /// Its place in [`ASKED`].
    what: usize,
    node: Option<NodeId>,
    number: u64,
}

type Asked = fn(&View) -> u64;

/// What can be asked of a node that is up, by name.
const ASKED: &[(&str, Asked)] = &[
    ("leads", |view| u64::from(view.leads)),
    ("epoch", |view| view.epoch),
    ("last", |view| view.last),
    ("committed", |view| view.committed),
];

impl Goal {
    /// Reads a goal of a cluster of `nodes`: `"leads=1"`, `"leads@0=1,epoch@0=2"`, `"last@2=1"`, `"committed=1"`. An
    /// error is one sentence.
    pub fn parse(text: &str, nodes: u8) -> Result<Goal, String> {
        let condition = |part: &str| {
            let (left, number) = part.split_once('=')?;
            let (name, node) = left.split_once('@').map_or((left, None), |(name, node)| (name, Some(node)));
            let node = match node {
                None => None,
                Some(node) => Some(NodeId(node.parse().ok().filter(|node| *node < nodes)?)),
            };
            let what = ASKED.iter().position(|(asked, _)| *asked == name)?;
            Some(Condition { what, node, number: number.parse().ok()? })
        };
        let conditions: Option<Vec<Condition>> = text.split(',').map(condition).collect();
        let conditions = conditions.ok_or_else(|| {
            let names: Vec<&str> = ASKED.iter().map(|(name, _)| *name).collect();
            format!("expected {} of any node or of one, as leads@0=1,epoch@0=2, found {text:?}", names.join(", "))
        })?;
        Ok(Goal { text: text.to_owned(), conditions })
    }

    /// As it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it tells `node` from others.
    pub fn names(&self, node: NodeId) -> bool {
        self.conditions.iter().any(|condition| condition.node == Some(node))
    }

    fn is_met(&self, core: &Core, state: &State) -> bool {
        let up = |id: &u32| core.member(*id).state.map(|state| (core.member(*id).node, core.machine.view(state)));
        self.conditions.iter().all(|Condition { what, node, number }| {
            let mut nodes = state.members.iter().filter_map(up);
            nodes.any(|(at, view)| node.is_none_or(|node| node == at) && ASKED[*what].1(&view) == *number)
        })
    }
}

/// A state in which a goal is met, and the steps from the start to it.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The state.
    pub state: State,
    /// The way.
    pub steps: Vec<Step>,
}

/// How far the stages have come.
#[derive(Clone, Debug, Default)]
pub struct Stages {
    /// Where the next stage begins; none, when a goal was not reached.
    pub reached: Vec<Reached>,
    /// Distinct states of all stages.
    pub unique: u64,
    /// Steps that were taken.
    pub generated: u64,
    /// The steps to a property that was found broken on the way, and which.
    pub broken: Option<(usize, Vec<Step>)>,
    /// The goal that was not reached.
    pub missed: String,
    /// Which bound it was that kept from it.
    pub ended: Option<Ended>,
}

/// A state on the way: where it came from in the list of them, and by which step.
struct Visit {
    state: State,
    from: usize,
    step: Option<Step>,
}

impl Space {
    /// Goes to one goal after the other, within `bounds`. Of the properties, `judged` are promises.
    pub fn stages(&self, goals: &[Goal], judged: usize, bounds: Bounds) -> Stages {
        let start = |state: &State| Reached { state: state.clone(), steps: Vec::new() };
        let mut stages = Stages { reached: self.starts().iter().map(start).collect(), ..Stages::default() };
        stages.unique = stages.reached.len() as u64;
        for goal in goals {
            self.stage(goal, judged, bounds, &mut stages);
            if stages.reached.is_empty() {
                stages.missed.clone_from(&goal.text);
                break;
            }
        }
        stages
    }

    fn stage(&self, goal: &Goal, judged: usize, bounds: Bounds, stages: &mut Stages) {
        let starts = std::mem::take(&mut stages.reached);
        let way = |visits: &[Visit], mut at: usize, last: Option<Step>| -> Vec<Step> {
            let mut steps: Vec<Step> = last.into_iter().collect();
            while let Some(step) = visits[at].step {
                steps.push(step);
                at = visits[at].from;
            }
            steps.reverse();
            starts[visits[at].from].steps.iter().copied().chain(steps).collect()
        };
        let begin = |(from, reached): (usize, &Reached)| Visit { state: reached.state.clone(), from, step: None };
        let mut visits: Vec<Visit> = starts.iter().enumerate().map(begin).collect();
        let mut seen = Visited::default();
        for visit in &visits {
            seen.insert(visit.state.print());
        }
        let mut level = 0..visits.len();
        let mut depth = starts.first().map_or(0, |reached| reached.steps.len()) as u64;
        let (before, mut taken) = (stages.unique - starts.len() as u64, 0);
        while !level.is_empty() && stages.broken.is_none() {
            let met = |at: &usize| goal.is_met(&self.core(), &visits[*at].state);
            let there = level.clone().filter(met);
            let reached = |at: usize| Reached { state: visits[at].state.clone(), steps: way(&visits, at, None) };
            stages.reached = there.map(reached).collect();
            depth += 1;
            if !stages.reached.is_empty() || stages.ended.is_some() {
                break;
            }
            for at in level.clone() {
                stages.ended = match () {
                    () if depth >= u64::from(bounds.depth) => Some(Ended::Depth),
                    () if before + visits.len() as u64 >= bounds.states => Some(Ended::States),
                    () if seen.bytes() + taken > bounds.bytes => Some(Ended::Bytes),
                    () => None,
                };
                if stages.ended.is_some() {
                    break;
                }
                for (step, after, marks) in self.steps(&visits[at].state) {
                    stages.generated += 1;
                    let new = seen.insert(after.print());
                    let marks = marks | if new { self.marks(&after) } else { 0 };
                    let property = marks.trailing_zeros() as usize;
                    if property < judged {
                        stages.broken.get_or_insert_with(|| (property, way(&visits, at, Some(step))));
                    }
                    if new {
                        taken += (self.bytes(&after) + size_of::<Visit>()) as u64;
                        visits.push(Visit { state: after, from: at, step: Some(step) });
                    }
                }
            }
            level = level.end..visits.len();
        }
        stages.unique += (visits.len() - starts.len()) as u64;
    }
}

/// The space from where the stages have led.
pub struct Onward<'a> {
    /// The space.
    pub space: &'a Space,
    /// Where the last goal is met.
    pub starts: &'a [Reached],
}

impl Model for Onward<'_> {
    type State = State;
    type Action = Step;

    fn initial(&self) -> Vec<State> {
        self.starts.iter().map(|reached| reached.state.clone()).collect()
    }

    fn successors(&self, state: &State, steps: &mut impl Steps<Self>) {
        for (step, after, marks) in self.space.steps(state) {
            steps.marked(step, after, marks);
        }
    }

    fn properties(&self) -> Vec<Property> {
        self.space.properties()
    }

    fn judge(&self, state: &State) -> u64 {
        self.space.judge(state)
    }

    fn admitted(&self, state: &State) {
        self.space.admitted(state);
    }

    fn fingerprint(&self, state: &State) -> u64 {
        self.space.fingerprint(state)
    }

    fn bytes(&self, state: &State) -> usize {
        self.space.bytes(state)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::check::Order;
    use crate::check::answer::{self, Answer};
    use crate::check::cluster::Question;
    use crate::properties::Name;
    use crate::scenario::Scenario;

    fn ask(variant: &str, goals: &[&str]) -> Result<Answer, String> {
        let text = r#"{"version": 1, "title": "", "protocol": "raft", "variant": "VARIANT", "nodes": 3, "seed": 1,
            "settings": {"pre_vote": false, "check_quorum": false, "no_op": false},
            "network": {"model": "asynchronous", "scheduler": "manual"},
            "script": [{"do": "propose", "node": 0, "value": "x"}], "stop": {"quiescent": true}}"#;
        let scenario = Scenario::from_json(text.replace("VARIANT", variant)).expect("a scenario");
        let mut question = Question { only: vec![Name::LeaderCompleteness], ..Question::default() };
        question.bounds.timeouts = 2;
        question.bounds.timeouts_of[1] = Some(0);
        question.bounds.epochs = Some(2);
        question.bounds.goals = goals.iter().map(|goal| Goal::parse(goal, 3).expect("a goal")).collect();
        answer::ask(&scenario, &question, Order::Breadth, Bounds::NONE, 1)
    }

    #[test]
    fn a_goal_is_read() {
        assert!(
            Goal::parse("leads@0=1,epoch@0=2", 3).is_ok_and(|goal| goal.names(NodeId(0)) && !goal.names(NodeId(1)))
        );
        for text in ["", "leads", "leads=x", "leads@3=1", "leads@x=1", "lead=1", "leads=1,"] {
            let error = Goal::parse(text, 3).expect_err(text);
            assert_eq!(
                error,
                format!(
                    "expected leads, epoch, last, committed of any node or of one, as leads@0=1,epoch@0=2, found {text:?}"
                )
            );
        }
    }

    #[test]
    fn stages_find_what_the_whole_search_finds_and_less_of_it_is_seen() {
        let whole = ask("vote-ignores-log", &[]).expect("an answer");
        let staged = ask("vote-ignores-log", &["leads=1", "committed=1"]).expect("an answer");
        assert_eq!(staged.progress.ended, Some(Ended::Found));
        assert!(staged.progress.unique < whole.progress.unique, "{}{}", staged.text(), whole.text());
        let found = staged.counterexample.as_ref().expect("a counterexample");
        assert!(found.run.is_ok() && staged.text().contains("by way of"), "{}", staged.text());
        let correct = ask("correct", &["leads=1", "committed=1"]).expect("an answer");
        assert_eq!((correct.progress.ended, correct.violated()), (Some(Ended::Exhausted), false));
    }

    #[test]
    fn what_breaks_on_the_way_to_a_goal_is_found() {
        let answer = ask("vote-ignores-log", &["committed=1", "committed=2"]).expect("an answer");
        assert_eq!(answer.progress.ended, Some(Ended::Found));
        assert!(answer.counterexample.is_some_and(|found| found.run.is_ok()));
    }

    #[test]
    fn a_goal_that_is_never_reached_is_told() {
        let error = ask("correct", &["leads=1", "committed=2"]).expect_err("nothing is there");
        assert_eq!(error, "within the bounds no state was found in which committed=2");
    }
}

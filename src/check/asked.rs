//! A question to the checker as JSON: what a page sends to the worker.
//!
//! ```json
//! { "order": "breadth", "crashes": 1, "crashes_at": [0, 2], "timeouts": { "Election": 2, "Heartbeat@0": 1 },
//!   "lost_disks": 0, "restarts": false, "epochs": 2, "commands": 2, "clients_stay": true, "retries": 1, "without": ["learners"], "properties": ["Agreement"],
//!   "states": 1000000, "depth": 40, "megabytes": 500 }
//! ```
//!
//! Every field may be left out; `timeouts` may be one number for all timers, and `"Heartbeat@0"` is that of node 0. What
//! is unknown or out of range is an error, one sentence.

use super::cluster::{self, Question, Reductions};
use super::{Bounds, Order};
use crate::properties::Name;
use crate::protocol::{NodeId, NodeSet};
use crate::scenario::json::Json;
use crate::scenario::{Names, Scenario};

/// Memory where nothing is asked for: what a browser's tab bears well.
const MEGABYTES: u64 = 500;

/// A question, and how to search.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// In which order.
    pub order: Order,
    /// How far.
    pub bounds: Bounds,
}

impl Asked {
    /// Reads a question about `scenario`.
    pub fn from_json(text: &str, scenario: &Scenario) -> Result<Asked, String> {
        let Json::Object(fields) = Json::parse(text.as_bytes())? else {
            return Err("a question is a JSON object".to_owned());
        };
        let bounds = Bounds { bytes: MEGABYTES << 20, ..Bounds::NONE };
        let mut asked = Asked { question: Question::default(), order: Order::Breadth, bounds };
        for (name, value) in &fields {
            asked.set(name, value, scenario).map_err(|wanted| format!("{name}: {wanted}, not {}", value.found()))?;
        }
        Ok(asked)
    }

    /// An error says what is wanted.
    fn set(&mut self, name: &str, value: &Json, scenario: &Scenario) -> Result<(), String> {
        let number =
            |min, max| value.unsigned(min, max).ok_or_else(|| format!("expected a number from {min} to {max}"));
        let bounds = &mut self.question.bounds;
        match name {
            "order" => {
                self.order = match value.text() {
                    Some("breadth") => Order::Breadth,
                    Some("depth") => Order::Depth,
                    _ => return Err("expected \"breadth\" or \"depth\"".to_owned()),
                }
            }
            "crashes" => bounds.crashes = number(0, 255)? as u8,
            "crashes_at" => bounds.crashes_at = Some(nodes(value, scenario).ok_or("expected an array of nodes")?),
            "lost_disks" => bounds.lost_disks = number(0, 15)? as u8,
            "restarts" => bounds.restarts = value.flag().ok_or("expected true or false")?,
            "retries" => bounds.retries = number(0, 15)? as u8,
            "clients_stay" => bounds.clients_stay = value.flag().ok_or("expected true or false")?,
            "commands" => bounds.commands = number(0, 255)? as u8,
            "epochs" => bounds.epochs = Some(number(0, u64::MAX)?),
            "states" => self.bounds.states = number(1, u64::MAX)?,
            "depth" => self.bounds.depth = number(1, u32::MAX.into())? as u32,
            "megabytes" => self.bounds.bytes = number(1, 1 << 20)? << 20,
            "timeouts" => match value {
                Json::Object(timers) => {
                    for (timer, most) in timers {
                        let most = most.unsigned(0, 255).ok_or("expected numbers from 0 to 255")?;
                        bound_timer(bounds, timer, most as u8, scenario)?;
                    }
                }
                _ => bounds.timeouts = number(0, 255)? as u8,
            },
            "without" => {
                for reduction in texts(value)? {
                    *named(&mut self.question.reductions, reduction).ok_or("expected names of reductions")? = false;
                }
            }
            "properties" => {
                for name in texts(value)? {
                    self.question.only.push(Name::of(name).ok_or("expected names of properties")?);
                }
            }
            _ => return Err("there is no such field; expected none".to_owned()),
        }
        Ok(())
    }
}

fn texts(value: &Json) -> Result<impl Iterator<Item = &str>, String> {
    match value {
        Json::Array(all) if all.iter().all(|item| item.text().is_some()) => Ok(all.iter().filter_map(Json::text)),
        _ => Err("expected an array of names".to_owned()),
    }
}

fn nodes(value: &Json, scenario: &Scenario) -> Option<NodeSet> {
    let Json::Array(all) = value else { return None };
    all.iter().map(|node| Some(NodeId(node.unsigned(0, u64::from(scenario.nodes) - 1)? as u8))).collect()
}

/// Bounds how often a timer fires: `"Election"` at each node, `"Election@2"` at node 2.
pub fn bound_timer(bounds: &mut cluster::Bounds, name: &str, most: u8, scenario: &Scenario) -> Result<(), String> {
    let timers = Names::of(scenario.info).timers;
    let (kind, node) = name.split_once('@').map_or((name, None), |(kind, node)| (kind, Some(node)));
    let timer = timers.iter().position(|timer| *timer == kind);
    let timer = timer.ok_or_else(|| format!("the timers are {}", timers.join(", ")))?;
    let Some(node) = node else {
        bounds.timeouts_of[timer] = Some(most);
        return Ok(());
    };
    let node = node.parse().ok().filter(|node| *node < scenario.nodes);
    let node = node.ok_or_else(|| format!("the nodes are 0 to {}", scenario.nodes - 1))?;
    bounds.timeouts_at.push((timer as u8, NodeId(node), most));
    Ok(())
}

/// The reduction of that name, as `headless check` spells it behind `--no-`.
pub fn named<'a>(reductions: &'a mut Reductions, name: &str) -> Option<&'a mut bool> {
    Some(match name {
        "set" => &mut reductions.set,
        "own-messages" => &mut reductions.own_messages,
        "fused-restarts" => &mut reductions.fused_restarts,
        "idle-timeouts" => &mut reductions.idle_timeouts,
        "learners" => &mut reductions.learners,
        "silent-crashes" => &mut reductions.silent_crashes,
        "timer-order" => &mut reductions.timer_order,
        "symmetry" => &mut reductions.symmetry,
        "latest" => &mut reductions.latest,
        "normal" => &mut reductions.normal,
        _ => return None,
    })
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::scenario::library;

    fn asked(text: &str) -> Result<Asked, String> {
        let file = library::shipped("raft-split-brain").expect("a shipped scenario").json;
        Asked::from_json(text, &Scenario::from_json(file)?)
    }

    #[test]
    fn a_question_is_read() {
        let text = r#"{ "order": "depth", "crashes": 1, "timeouts": { "Election": 2, "Election@1": 4 }, "epochs": 3,
            "commands": 4, "crashes_at": [0, 2], "clients_stay": true, "restarts": true, "retries": 1, "lost_disks": 2, "without": ["learners", "set"], "properties": ["Agreement"], "states": 5, "depth": 6, "megabytes": 7 }"#;
        let Asked { question, order, bounds } = asked(text).expect("a question");
        assert_eq!((order, bounds), (Order::Depth, Bounds { depth: 6, states: 5, bytes: 7 << 20 }));
        assert_eq!((question.bounds.crashes, question.bounds.epochs, question.bounds.commands), (1, Some(3), 4));
        assert_eq!((question.bounds.of_timer(0, None), question.bounds.of_timer(1, None)), (2, 1));
        assert_eq!(question.bounds.of_timer(0, Some(NodeId(1))), 4);
        assert!(question.bounds.clients_stay && question.bounds.restarts);
        assert_eq!((question.bounds.retries, question.bounds.lost_disks), (1, 2));
        let crash = |node| question.bounds.crashes_at(NodeId(node));
        assert!(crash(0) && !crash(1) && crash(2) && !crash(3));
        assert!(!question.reductions.learners && !question.reductions.set && question.reductions.own_messages);
        assert_eq!(question.only, [Name::of("Agreement").expect("a property")]);
        let plain = asked("{}").expect("nothing is asked for");
        assert_eq!((plain.order, plain.bounds.bytes), (Order::Breadth, MEGABYTES << 20));
        assert_eq!(asked(r#"{ "timeouts": 3 }"#).expect("a question").question.bounds.timeouts, 3);
    }

    #[test]
    fn what_is_wrong_is_told_in_a_sentence() {
        for (text, sentence) in [
            ("[]", "a question is a JSON object"),
            (r#"{ "crashes": 256 }"#, "crashes: expected a number from 0 to 255, not 256"),
            (r#"{ "order": 1 }"#, "order: expected \"breadth\" or \"depth\", not 1"),
            (r#"{ "timeouts": { "Retry": 1 } }"#, "timeouts: the timers are Election, Heartbeat"),
            (r#"{ "timeouts": { "Election@9": 1 } }"#, "timeouts: the nodes are 0 to "),
            (r#"{ "crashes_at": [9] }"#, "crashes_at: expected an array of nodes"),
            (r#"{ "clients_stay": 1 }"#, "clients_stay: expected true or false, not 1"),
            (r#"{ "without": ["sense"] }"#, "without: expected names of reductions"),
            (r#"{ "properties": "Agreement" }"#, "properties: expected an array of names"),
            (r#"{ "speed": 1 }"#, "speed: there is no such field"),
        ] {
            let error = asked(text).expect_err(text);
            assert!(error.starts_with(sentence), "{error}");
        }
    }
}

//! Histories made by clients of a register that is linearizable, and small ones made of anything.

use proptest::prelude::*;
use std::collections::BTreeMap;

/// What kind of history.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub operations: usize,
    pub processes: usize,
    pub keys: u64,
    /// Percent of operations whose outcome is unknown.
    pub unknown: u64,
    /// A late read returns a value that was overwritten (by a write between its return and the read's invocation).
    pub falsify: bool,
    pub seed: u64,
}

impl Shape {
    pub fn plain(seed: u64) -> Self {
        Shape { operations: 100, processes: 5, keys: 1, unknown: 0, falsify: false, seed }
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) % bound
    }
}

/// An operation in flight.
struct Flight {
    f: &'static str,
    key: u64,
    value: String,
    /// Completion fields, once it took effect.
    done: Option<String>,
    /// For a read: a value that was certainly overwritten before it. For a write: the value that it will overwrite.
    stale: Option<String>,
}

/// Per key: the last value whose write has returned, and one that another write followed, from its invocation to its
/// return.
#[derive(Default)]
struct Overwritten {
    returned: BTreeMap<u64, String>,
    followed: BTreeMap<u64, String>,
}

impl Overwritten {
    fn invoked(&self, f: &str, key: u64) -> Option<String> {
        let of = if matches!(f, "read" | "get") { &self.followed } else { &self.returned };
        of.get(&key).cloned()
    }

    fn returned(&mut self, flight: &Flight) {
        if matches!(flight.f, "write" | "put") {
            self.returned.insert(flight.key, flight.value.clone());
            if let Some(stale) = &flight.stale {
                self.followed.insert(flight.key, stale.clone());
            }
        }
    }
}

/// Reads, writes and cas on five values. (A falsified read may well be right by luck.)
pub fn register(shape: &Shape) -> String {
    generate(shape, &mut |random| match random.below(4) {
        0 | 1 => ("read", String::new()),
        2 => ("write", random.below(5).to_string()),
        _ => ("cas", format!("[{},{}]", random.below(5), random.below(5))),
    })
}

/// Reads, writes and cas where every value is written once; a cas expects a recent value and often has it.
pub fn distinct(shape: &Shape) -> String {
    let mut number = 0;
    generate(shape, &mut |random| match random.below(4) {
        0 | 1 => ("read", String::new()),
        2 => {
            number += 1;
            ("write", number.to_string())
        }
        _ => {
            number += 1;
            ("cas", format!("[{},{number}]", number - 1 - random.below(3).min(number - 1)))
        }
    })
}

/// Gets, puts and appends of short strings, each of them different.
pub fn key_value(shape: &Shape) -> String {
    let mut number = 0;
    generate(shape, &mut |random| {
        number += 1;
        match random.below(10) {
            0..=3 => ("get", String::new()),
            4 => ("put", format!("\"{number};\"")),
            _ => ("append", format!("\"{number};\"")),
        }
    })
}

fn generate(shape: &Shape, ask: &mut dyn FnMut(&mut Random) -> (&'static str, String)) -> String {
    let mut random = Random(shape.seed.wrapping_mul(2).wrapping_add(1));
    let mut states: BTreeMap<u64, String> = BTreeMap::new();
    let mut flights: Vec<Option<Flight>> = (0..shape.processes).map(|_| None).collect();
    let mut out = String::new();
    let (mut asked, mut falsified) = (0, !shape.falsify);
    let mut overwritten = Overwritten::default();
    loop {
        let process = random.below(shape.processes as u64) as usize;
        let Some(flight) = flights[process].take() else {
            if asked < shape.operations {
                asked += 1;
                let (f, value) = ask(&mut random);
                let key = random.below(shape.keys);
                let given = if value.is_empty() { String::new() } else { format!(",\"value\":{value}") };
                let line =
                    format!("{{\"process\":{process},\"type\":\"invoke\",\"f\":\"{f}\",\"key\":\"k{key}\"{given}}}\n");
                out += &line;
                flights[process] = Some(Flight { f, key, value, done: None, stale: overwritten.invoked(f, key) });
            } else if flights.iter().all(Option::is_none) {
                return out;
            }
            continue;
        };
        let Some(done) = flight.done.clone() else {
            // It takes effect now; or its outcome becomes unknown, and in half of those cases it had none.
            let unknown = random.below(100) < shape.unknown;
            let mut done = String::new();
            if !unknown || random.below(2) == 0 {
                done = effect(&flight, &mut states);
            }
            if unknown {
                out += &format!("{{\"process\":{process},\"type\":\"info\"}}\n");
            } else {
                flights[process] = Some(Flight { done: Some(done), ..flight });
            }
            continue;
        };
        let mut done = done;
        let late = asked > shape.operations * 9 / 10 && matches!(flight.f, "read" | "get");
        if let Some(stale) = flight.stale.as_ref().filter(|_| late && !falsified) {
            falsified = true;
            done = format!(",\"value\":{stale}");
        }
        overwritten.returned(&flight);
        out += &format!("{{\"process\":{process},\"type\":\"ok\",\"f\":\"{}\"{done}}}\n", flight.f);
    }
}

fn effect(flight: &Flight, states: &mut BTreeMap<u64, String>) -> String {
    let state = states.entry(flight.key).or_insert_with(|| "null".into());
    match flight.f {
        "read" | "get" => return format!(",\"value\":{state}"),
        "append" if state != "null" => {
            state.pop();
            state.push_str(&flight.value[1..]);
        }
        "cas" => {
            let (old, new) = flight.value.trim_matches(['[', ']']).split_once(',').unwrap();
            let took = old == state;
            if took {
                *state = new.into();
            }
            return format!(",\"result\":{took}");
        }
        _ => *state = flight.value.clone(),
    }
    String::new()
}

/// A line's ingredients: process, what happens to its open operation, function, two values, key.
type Draw = (u8, u8, u8, u8, u8, bool);

/// Up to eight operations of up to four processes on up to two registers, with values so few that many histories are
/// linearizable by luck.
pub fn small() -> impl Strategy<Value = String> {
    (prop::collection::vec(any::<Draw>(), 1..=16), any::<bool>(), any::<bool>())
        .prop_map(|(draws, two_keys, strings)| small_history(&draws, two_keys, strings))
}

fn small_history(draws: &[Draw], two_keys: bool, strings: bool) -> String {
    let mut open: BTreeMap<u8, (&str, bool)> = BTreeMap::new();
    let mut out = String::new();
    let mut operations = 0;
    for &(process, kind, function, one, other, second_key) in draws {
        let process = process % 4;
        let scalar = |pick: u8| match (strings, pick % 3) {
            (_, 0) => "null".to_owned(),
            (true, pick) => ["\"\"", "\"a\"", "\"aa\""][usize::from(pick)].to_owned(),
            (false, pick) => pick.to_string(),
        };
        let Some((f, key)) = open.remove(&process) else {
            if operations == 8 {
                continue;
            }
            operations += 1;
            let f = ["read", "write", "cas", if strings { "append" } else { "write" }][usize::from(function % 4)];
            let value = match f {
                "read" => "null".to_owned(),
                "write" => scalar(one),
                "cas" => format!("[{},{}]", scalar(one), scalar(other)),
                _ => if one % 2 == 0 { "\"a\"" } else { "\"aa\"" }.to_owned(),
            };
            let key = two_keys && second_key;
            let name = if key { ",\"key\":\"k\"" } else { "" };
            out += &format!("{{\"process\":{process},\"type\":\"invoke\",\"f\":\"{f}\"{name},\"value\":{value}}}\n");
            open.insert(process, (f, key));
            continue;
        };
        let kind = ["ok", "ok", "ok", "ok", "info", "fail"][usize::from(kind % 6)];
        let returned = match (f, kind) {
            ("read", "ok") => {
                let read = if strings && one % 4 == 3 { "\"aaa\"".to_owned() } else { scalar(one) };
                format!(",\"value\":{read}")
            }
            ("cas", "ok") => format!(",\"result\":{}", one % 2 == 0),
            _ => String::new(),
        };
        let name = if key { ",\"key\":\"k\"" } else { "" };
        out += &format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\"{name}{returned}}}\n");
    }
    out
}

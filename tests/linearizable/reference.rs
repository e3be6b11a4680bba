//! The definition, tried order by order: slow, short and independent of the checker.

use consensus_playground::properties::linearizable::{Verdict, Witness};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
struct Operation {
    f: String,
    key: Value,
    value: Value,
    invoked: usize,
    /// The line, whether it took effect, and the completion.
    completed: Option<(usize, bool, Value)>,
}

/// The operations of the first `lines` lines, in the order in which they were invoked.
fn operations(jsonl: &str, lines: usize) -> Vec<Operation> {
    let mut operations: Vec<Operation> = Vec::new();
    let mut open: BTreeMap<u64, usize> = BTreeMap::new();
    for (line, text) in jsonl.lines().enumerate().take(lines) {
        let entry: Value = serde_json::from_str(text).unwrap();
        let process = entry["process"].as_u64().unwrap();
        match entry["type"].as_str().unwrap() {
            "invoke" => {
                open.insert(process, operations.len());
                let (f, key, value) = (&entry["f"], &entry["key"], &entry["value"]);
                let f = f.as_str().unwrap().replace("get", "read").replace("put", "write");
                let (key, value) = (key.clone(), value.clone());
                operations.push(Operation { f, key, value, invoked: line, completed: None });
            }
            "info" => drop(open.remove(&process)),
            kind => operations[open.remove(&process).unwrap()].completed = Some((line, kind == "ok", entry)),
        }
    }
    operations
}

/// The state after `operation`, if it fits.
fn step(state: &Value, operation: &Operation) -> Option<Value> {
    let completion = operation.completed.as_ref().map(|(_, _, entry)| entry);
    match operation.f.as_str() {
        "read" => completion.is_none_or(|entry| entry["value"] == *state).then(|| state.clone()),
        "write" => Some(operation.value.clone()),
        "append" => match state {
            Value::Null => Some(operation.value.clone()),
            Value::String(text) => Some(Value::String(format!("{text}{}", operation.value.as_str().unwrap()))),
            _ => None,
        },
        "cas" => {
            let took = operation.value[0] == *state;
            let said = completion.is_none_or(|entry| entry["result"].as_bool().unwrap() == took);
            said.then(|| if took { operation.value[1].clone() } else { state.clone() })
        }
        other => panic!("{other}"),
    }
}

/// Whether some order of `left` (all on one register) continues from `state`.
fn some_order(state: &Value, left: &[Operation]) -> bool {
    let first_return = left.iter().filter_map(|o| o.completed.as_ref()).map(|(line, ..)| *line).min();
    let Some(first_return) = first_return else { return true };
    (0..left.len()).any(|index| {
        let mut rest = left.to_vec();
        let next = rest.remove(index);
        next.invoked < first_return && step(state, &next).is_some_and(|state| some_order(&state, &rest))
    })
}

fn prefix_is_linearizable(jsonl: &str, lines: usize) -> bool {
    let mut registers: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
    for operation in operations(jsonl, lines) {
        let failed = operation.completed.as_ref().is_some_and(|(_, ok, _)| !ok);
        if !failed {
            registers.entry(operation.key.to_string()).or_default().push(operation);
        }
    }
    registers.values().all(|operations| some_order(&Value::Null, operations))
}

/// Whether the history is linearizable, by trying every order.
pub fn is_linearizable(jsonl: &str) -> bool {
    prefix_is_linearizable(jsonl, usize::MAX)
}

/// Checks what a verdict claims: a linearization is one; a prefix has none and without its last line it has one (where
/// there are few enough operations to try every order).
pub fn audit(jsonl: &str, verdict: &Verdict) {
    let all = operations(jsonl, usize::MAX);
    assert_eq!(verdict.operations as usize, all.len());
    match &verdict.witness {
        Witness::Linearization(order) => audit_order(&all, order),
        Witness::Conflict(conflict) => {
            assert!(conflict.operations.windows(2).all(|pair| pair[0] < pair[1]));
            let prefix = conflict.prefix as usize;
            if all.len() <= 8 {
                assert!(!prefix_is_linearizable(jsonl, prefix), "{conflict:?}");
                assert!(prefix_is_linearizable(jsonl, prefix - 1), "{conflict:?}");
                audit_core(jsonl, prefix, &conflict.operations);
            }
        }
        Witness::Unsettled { .. } => {}
    }
}

fn audit_order(all: &[Operation], order: &[u32]) {
    let mut places: Vec<Option<usize>> = vec![None; all.len()];
    let mut states: BTreeMap<String, Value> = BTreeMap::new();
    for (place, &id) in order.iter().enumerate() {
        let operation = &all[id as usize];
        assert_eq!(places[id as usize].replace(place), None, "operation {id} takes effect twice");
        let state = states.entry(operation.key.to_string()).or_default();
        *state = step(state, operation).unwrap_or_else(|| panic!("operation {id} does not fit {state}"));
    }
    let mut latest_invoked = 0;
    for &id in order {
        let operation = &all[id as usize];
        let returned = operation.completed.as_ref().map_or(usize::MAX, |(line, ..)| *line);
        assert!(latest_invoked < returned, "operation {id} comes after one that was invoked after its return");
        latest_invoked = latest_invoked.max(operation.invoked);
    }
    for (id, operation) in all.iter().enumerate() {
        match &operation.completed {
            Some((_, true, _)) => assert!(places[id].is_some(), "operation {id} is missing"),
            Some((_, false, _)) => assert!(places[id].is_none(), "operation {id} failed"),
            None => {}
        }
    }
}

/// The conflict stands on the outcomes of `core` and on each of them.
fn audit_core(jsonl: &str, prefix: usize, core: &[u32]) {
    let with_known = |known: &dyn Fn(u32) -> bool| {
        let mut registers: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
        for (id, mut operation) in operations(jsonl, prefix).into_iter().enumerate() {
            match &operation.completed {
                Some(_) if !known(id as u32) => operation.completed = None,
                Some((_, false, _)) => continue,
                _ => {}
            }
            registers.entry(operation.key.to_string()).or_default().push(operation);
        }
        registers.values().all(|operations| some_order(&Value::Null, operations))
    };
    assert!(!with_known(&|id| core.contains(&id)), "{core:?} do not conflict");
    for &spared in core {
        assert!(with_known(&|id| id != spared && core.contains(&id)), "{spared} has no part in {core:?}");
    }
}

//! Histories that are linearizable, histories that are not, and files that are no histories.
#![cfg(not(target_arch = "wasm32"))]

#[path = "linearizable/generate.rs"]
mod generate;
#[path = "linearizable/reference.rs"]
mod reference;

use consensus_playground::properties::linearizable::{Conflict, Verdict, Witness, check, check_within, parse};
use proptest::prelude::*;

/// `process type f value [result]`, one line each; an optional `@key` goes behind the f.
fn history(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines = lines.map(|line| {
        let mut words = line.split_whitespace();
        let mut word = || words.next();
        let (process, kind, f) = (word().unwrap(), word().unwrap(), word().unwrap());
        let (f, key) = f.split_once('@').map_or((f, String::new()), |(f, key)| (f, format!(",\"key\":\"{key}\"")));
        let value = word().filter(|value| *value != "-").map_or(String::new(), |value| format!(",\"value\":{value}"));
        let result = word().map_or(String::new(), |result| format!(",\"result\":{result}"));
        format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\"{key}{value}{result}}}\n")
    });
    lines.collect()
}

fn judge(text: &str) -> Verdict {
    let jsonl = history(text);
    let parsed = parse(&jsonl).unwrap();
    let verdict = check(&parsed);
    reference::audit(&jsonl, &verdict);
    verdict
}

#[track_caller]
fn linearizes(text: &str, order: &[u32]) {
    let verdict = judge(text);
    assert_eq!(verdict.linearizable, Some(true));
    assert_eq!(verdict.witness, Witness::Linearization(order.to_vec()));
}

#[track_caller]
fn conflicts(text: &str, prefix: u32, operations: &[u32]) -> Conflict {
    let verdict = judge(text);
    assert_eq!(verdict.linearizable, Some(false), "{verdict:?}");
    let Witness::Conflict(conflict) = verdict.witness else { panic!("{:?}", verdict.witness) };
    assert_eq!((conflict.prefix, &conflict.operations[..]), (prefix, operations), "{}", conflict.why);
    conflict
}

#[test]
fn an_empty_history_is_linearizable() {
    linearizes("", &[]);
}

#[test]
fn a_register_is_null_until_it_is_written() {
    linearizes("0 invoke read\n 0 ok read null", &[0]);
    conflicts("0 invoke read\n 0 ok read 1", 2, &[0]);
}

#[test]
fn a_read_that_overlaps_a_write_may_come_before_or_after_it() {
    for (value, order) in [("null", [1, 0]), ("1", [0, 1])] {
        let text = format!("0 invoke write 1\n 1 invoke read\n 1 ok read {value}\n 0 ok write");
        linearizes(&text, &order);
    }
}

#[test]
fn a_read_that_follows_two_writes_does_not_return_the_first() {
    let conflict = conflicts(
        "0 invoke write 1
         0 ok write 1
         1 invoke write 2
         1 ok write 2
         2 invoke read
         2 ok read 1
         2 invoke read
         2 ok read 2",
        6,
        &[0, 1, 2],
    );
    let why = "line 6: process 2 read 1, and no order of the operations on the register up to there explains it";
    assert_eq!(conflict.why, why);
}

#[test]
fn two_reads_in_a_row_do_not_go_back_in_time() {
    // Herlihy and Wing's point against regularity: both reads overlap the write, the second sees the older value.
    conflicts(
        "0 invoke write 1
         1 invoke read
         1 ok read 1
         1 invoke read
         1 ok read null
         0 ok write 1",
        5,
        &[1, 2],
    );
}

#[test]
fn an_operation_that_failed_never_took_effect() {
    linearizes("0 invoke write 1\n 0 fail write 1\n 1 invoke read\n 1 ok read null", &[1]);
    conflicts("0 invoke write 1\n 0 fail write 1\n 1 invoke read\n 1 ok read 1", 4, &[0, 1]);
}

#[test]
fn a_failure_that_comes_after_its_effect_was_seen_is_the_conflict() {
    let conflict = conflicts("0 invoke write 1\n 1 invoke read\n 1 ok read 1\n 0 fail write 1", 4, &[0, 1]);
    assert!(
        conflict.why.starts_with("line 4: process 0 failed, though others have seen its effect"),
        "{}",
        conflict.why
    );
}

#[test]
fn an_unknown_outcome_takes_effect_at_any_later_time_or_never() {
    let late = "0 invoke write 1
                0 info write 1
                1 invoke read
                1 ok read null
                1 invoke write 2
                1 ok write 2
                1 invoke read
                1 ok read 1";
    linearizes(late, &[1, 2, 0, 3]);
    linearizes("0 invoke write 1\n 0 info write\n 1 invoke read\n 1 ok read null", &[1]);
    linearizes("0 invoke write 1\n 1 invoke read\n 1 ok read 1", &[0, 1]);
}

#[test]
fn an_unknown_outcome_takes_effect_once_and_not_before_it_was_asked_for() {
    let twice = "0 invoke write 1
                 0 info write 1
                 1 invoke read
                 1 ok read 1
                 1 invoke write 2
                 1 ok write 2
                 1 invoke read
                 1 ok read 1";
    conflicts(twice, 8, &[1, 2, 3]);
    conflicts("1 invoke read\n 1 ok read 1\n 0 invoke write 1\n 0 info write 1", 2, &[0]);
}

#[test]
fn a_process_goes_on_after_an_unknown_outcome() {
    linearizes(
        "0 invoke write 1\n 0 info write\n 0 invoke write 2\n 0 ok write\n 0 invoke read\n 0 ok read 1",
        &[1, 0, 2],
    );
}

#[test]
fn a_cas_replaces_the_old_value_and_tells_whether_it_did() {
    linearizes("0 invoke cas [null,1]\n 0 ok cas - true\n 0 invoke read\n 0 ok read 1", &[0, 1]);
    linearizes("0 invoke cas [5,1]\n 0 ok cas [5,1] false\n 0 invoke read\n 0 ok read null", &[0, 1]);
    conflicts("0 invoke cas [5,1]\n 0 ok cas [5,1] true", 2, &[0]);
    conflicts("0 invoke cas [null,1]\n 0 ok cas - false", 2, &[0]);
    // Of two that compete one wins.
    let both =
        |second: &str| format!("0 invoke cas [null,1]\n 1 invoke cas [null,2]\n 0 ok cas - true\n 1 ok cas - {second}");
    linearizes(&both("false"), &[0, 1]);
    conflicts(&both("true"), 4, &[0, 1]);
}

#[test]
fn unknown_outcomes_of_cas_form_a_chain() {
    let chain = "0 invoke cas [null,1]
                 0 info cas
                 1 invoke cas [1,2]
                 1 info cas
                 2 invoke read
                 2 ok read 2";
    linearizes(chain, &[0, 1, 2]);
}

#[test]
fn an_open_write_that_nobody_reads_may_still_be_why_a_cas_was_refused() {
    linearizes("0 invoke write 7\n 1 invoke cas [null,1]\n 1 ok cas - false", &[0, 1]);
}

#[test]
fn appends_concatenate_in_one_order() {
    let appends = |read: &str| {
        format!(
            "0 invoke append@k \"a\"
             1 invoke append@k \"b\"
             2 invoke append@k \"c\"
             0 ok append@k
             1 ok append@k
             2 ok append@k
             3 invoke get@k
             3 ok get@k {read}"
        )
    };
    linearizes(&appends("\"cab\""), &[2, 0, 1, 3]);
    conflicts(&appends("\"ca\""), 8, &[1, 3]);
    conflicts(&appends("\"abca\""), 8, &[3]);
    conflicts(&appends("null"), 8, &[2, 3]);
}

#[test]
fn strings_are_compared_by_content_however_they_were_made() {
    linearizes(
        "0 invoke put@k \"ab\"
         0 ok put@k
         0 invoke append@k \"cd\"
         0 ok append@k
         1 invoke cas@k [\"abcd\",\"a\"]
         1 ok cas@k - true
         1 invoke append@k \"bcd\"
         1 ok append@k
         0 invoke cas@k [\"abcd\",1]
         0 ok cas@k - true
         0 invoke get@k
         0 ok get@k 1",
        &[0, 1, 2, 3, 4, 5],
    );
    linearizes("0 invoke append \"\"\n 0 ok append\n 0 invoke read\n 0 ok read \"\"", &[0, 1]);
}

#[test]
fn nothing_is_appended_to_a_number() {
    conflicts("0 invoke put 1\n 0 ok put\n 0 invoke append \"a\"\n 0 ok append", 4, &[0, 1]);
    linearizes(
        "0 invoke put 1\n 0 ok put\n 0 invoke append \"a\"\n 0 info append\n 0 invoke get\n 0 ok get 1",
        &[0, 2],
    );
}

#[test]
fn values_of_different_types_differ() {
    for (written, read) in [("1", "\"1\""), ("0", "false"), ("\"\"", "null"), ("null", "\"null\"")] {
        let verdict = judge(&format!("0 invoke write {written}\n 0 ok write\n 0 invoke read\n 0 ok read {read}"));
        assert_eq!(verdict.linearizable, Some(false), "{written} {read}");
    }
}

#[test]
fn registers_are_judged_one_by_one_and_merged_in_real_time() {
    linearizes(
        "0 invoke put@x 1
         1 invoke put@y 1
         1 ok put@y
         2 invoke get@x
         2 ok get@x null
         0 ok put@x
         1 invoke get@y
         1 ok get@y 1
         0 invoke get@x
         0 ok get@x 1",
        &[1, 2, 0, 3, 4],
    );
    // The register that conflicts first is reported.
    let conflict = conflicts(
        "0 invoke put@x 1
         0 ok put@x
         1 invoke get@y
         1 ok get@y 5
         0 invoke get@x
         0 ok get@x null",
        4,
        &[1],
    );
    assert_eq!(conflict.key.as_deref(), Some("y"));
}

#[test]
fn the_conflict_leaves_out_what_has_no_part_in_it() {
    let mut text = String::new();
    for value in 0..200 {
        text += &format!("0 invoke write {value}\n 0 ok write\n 1 invoke read\n 1 ok read {value}\n");
    }
    text += "2 invoke read\n 2 ok read 150\n 0 invoke write 9999\n 0 ok write\n";
    // The write that it returns, the last read that followed it, or what must follow those.
    let verdict = judge(&text);
    let Witness::Conflict(conflict) = verdict.witness else { panic!("{:?}", verdict.witness) };
    assert_eq!(conflict.prefix, 802);
    assert!(conflict.operations.len() <= 4 && conflict.operations.contains(&400), "{:?}", conflict.operations);
}

#[test]
fn a_verdict_is_json_as_the_model_says() {
    let json = |text: &str| serde_json::to_string(&judge(text)).unwrap();
    assert_eq!(json("0 invoke write 1\n 0 ok write"), r#"{"linearizable":true,"operations":1,"witness":[0]}"#);
    assert_eq!(
        json("0 invoke read@k\n 0 ok read@k 1"),
        concat!(
            r#"{"linearizable":false,"operations":1,"witness":{"prefix":2,"key":"k","operations":[0],"#,
            r#""why":"line 2: process 0 read 1, and no order of the operations on register \"k\" up to there explains it"}}"#
        )
    );
}

#[test]
fn a_search_that_runs_out_of_steps_says_so() {
    let jsonl = generate::register(&generate::Shape { operations: 300, processes: 10, ..generate::Shape::plain(1) });
    let verdict = check_within(&parse(&jsonl).unwrap(), 100);
    assert_eq!(verdict.linearizable, None);
    let json = serde_json::to_string(&verdict).unwrap();
    assert!(
        json.contains(r#""linearizable":null,"operations":300,"witness":{"unsettled":"not settled within 100 steps"#)
    );
}

/// What a history of this shape is found to be, within two million steps: some hundredths of a second.
#[track_caller]
fn settle(kind: fn(&generate::Shape) -> String, shape: generate::Shape) -> Verdict {
    let jsonl = kind(&shape);
    let verdict = check_within(&parse(&jsonl).unwrap(), 2_000_000);
    reference::audit(&jsonl, &verdict);
    assert!(verdict.linearizable.is_some(), "{shape:?} {:?}", verdict.witness);
    verdict
}

/// A thousand operations of ten processes, sound ones and ones with a stale read; without unknown outcomes, with some and
/// with very many.
#[test]
fn a_thousand_operations_of_ten_processes_are_settled() {
    for seed in 0..12 {
        for unknown in [0, 1, 10, 40] {
            let shape = generate::Shape { operations: 1_000, processes: 10, unknown, ..generate::Shape::plain(seed) };
            assert_eq!(settle(generate::distinct, shape).linearizable, Some(true), "{shape:?}");
            let shape = generate::Shape { falsify: true, ..shape };
            let Witness::Conflict(conflict) = settle(generate::distinct, shape).witness else { panic!("{shape:?}") };
            // The write of what was read, what followed it, and the stale read: a handful out of a thousand.
            assert!((2..=6).contains(&conflict.operations.len()), "{shape:?} {conflict:?}");
            assert!((1_700..1_999).contains(&conflict.prefix), "{shape:?} {conflict:?}");
        }
    }
}

/// The same where five values are written again and again, so that much may explain a read.
#[test]
fn values_that_repeat_are_settled() {
    for seed in 0..12 {
        for unknown in [0, 1, 10, 40] {
            let shape = generate::Shape { operations: 1_000, processes: 10, unknown, ..generate::Shape::plain(seed) };
            assert_eq!(settle(generate::register, shape).linearizable, Some(true), "{shape:?}");
            // With many writes that may come at any later time, to rule out each of them is out of reach.
            if unknown <= 1 {
                settle(generate::register, generate::Shape { falsify: true, ..shape });
            }
        }
    }
}

/// Two thousand operations of fifty clients on ten keys with appends, as key-value stores are tested.
#[test]
fn fifty_clients_that_append_on_ten_keys_are_settled() {
    for seed in 0..8 {
        for unknown in [0, 2, 10] {
            let shape =
                generate::Shape { operations: 2_024, processes: 50, keys: 10, unknown, ..generate::Shape::plain(seed) };
            assert_eq!(settle(generate::key_value, shape).linearizable, Some(true), "{shape:?}");
            let shape = generate::Shape { falsify: true, ..shape };
            assert_eq!(settle(generate::key_value, shape).linearizable, Some(false), "{shape:?}");
        }
    }
}

#[test]
fn a_long_history_neither_recurses_nor_slows_down() {
    let shape = generate::Shape { operations: 100_000, processes: 5, ..generate::Shape::plain(3) };
    let verdict = check_within(&parse(&generate::register(&shape)).unwrap(), 20_000_000);
    assert_eq!(verdict.linearizable, Some(true));
}

#[test]
fn what_is_no_history_is_refused_with_the_line_and_the_reason() {
    let cases = [
        ("{", "line 1: EOF while parsing an object (column 1)"),
        ("[]", "line 1: invalid length 0, expected struct Entry with 6 elements (column 2)"),
        (r#"{"process":0,"type":"invoke"}"#, "line 1: an invoke names its f"),
        (
            r#"{"process":-1,"type":"invoke","f":"read"}"#,
            "line 1: invalid value: integer `-1`, expected u64 (column 13)",
        ),
        (
            r#"{"process":0,"type":"begin","f":"read"}"#,
            "line 1: unknown variant `begin`, expected one of `invoke`, `ok`, `fail`, `info` (column 27)",
        ),
        (
            r#"{"process":0,"type":"invoke","f":"read","time":5}"#,
            "line 1: unknown field `time`, expected one of `process`, `type`, `f`, `key`, `value`, `result` (column 46)",
        ),
        (r#"{"process":0,"type":"invoke","f":"write"}"#, "line 1: a write needs the value that it writes"),
        (r#"{"process":0,"type":"invoke","f":"read","value":1}"#, "line 1: a read is invoked without a value"),
        (r#"{"process":0,"type":"invoke","f":"cas","value":[1]}"#, "line 1: a cas needs [old, new] as its value"),
        (r#"{"process":0,"type":"invoke","f":"cas","value":1}"#, "line 1: a cas needs [old, new] as its value"),
        (r#"{"process":0,"type":"invoke","f":"append","value":1}"#, "line 1: an append needs a string as its value"),
        (
            r#"{"process":0,"type":"invoke","f":"write","value":[1]}"#,
            "line 1: a value is null, true, false, an integer or a string",
        ),
        (r#"{"process":0,"type":"invoke","f":"write","value":1.5}"#, "line 1: a number is an integer of 64 bits"),
        (
            r#"{"process":0,"type":"invoke","f":"write","value":1,"result":true}"#,
            "line 1: result belongs to the completion of a cas",
        ),
    ];
    for (text, sentence) in cases {
        assert_eq!(parse(text).unwrap_err(), sentence, "{text}");
    }
}

#[test]
fn completions_must_match_their_invocations() {
    let cases = [
        ("0 ok read 1", "line 1: process 0 completes without an invoke"),
        ("0 info read", "line 1: process 0 completes without an invoke"),
        ("0 invoke read\n 1 fail read", "line 2: process 1 completes without an invoke"),
        ("0 invoke read\n 0 invoke read", "line 2: process 0 invokes while its operation of line 1 is open"),
        ("0 invoke read\n 0 ok read 1\n 0 ok read 1", "line 3: process 0 completes without an invoke"),
        ("0 invoke read\n 0 ok write 1", "line 2: completes another f than was invoked in line 1"),
        ("0 invoke read@a\n 0 ok read@b 1", "line 2: completes on another key than was invoked in line 1"),
        ("0 invoke read\n 0 ok read@b 1", "line 2: completes on another key than was invoked in line 1"),
        ("0 invoke read\n 0 ok read", "line 2: a read completes with the value that it returned"),
        ("0 invoke write 1\n 0 ok write 2", "line 2: completes with another value than was invoked in line 1"),
        ("0 invoke cas [1,2]\n 0 ok cas [1,3] true", "line 2: completes with another value than was invoked in line 1"),
        ("0 invoke cas [1,2]\n 0 ok cas", "line 2: a cas completes with a result, true or false"),
        ("0 invoke cas [1,2]\n 0 info cas - true", "line 2: result belongs to the completion of a cas"),
        ("0 invoke write 1\n 0 ok write 1 true", "line 2: result belongs to the completion of a cas"),
    ];
    for (text, sentence) in cases {
        assert_eq!(parse(&history(text)).unwrap_err(), sentence, "{text}");
    }
}

#[test]
fn bounds_are_held_and_named() {
    let long = format!(r#"{{"process":0,"type":"invoke","f":"write","value":"{}"}}"#, "x".repeat(64 * 1024));
    let sentence = format!("line 2: has {} bytes, at most 65536 are read", long.len());
    assert_eq!(parse(&format!("\n{long}")).unwrap_err(), sentence);
    let mut many = String::new();
    for _ in 0..500_001 {
        many += "{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}\n{\"process\":0,\"type\":\"info\"}\n";
        many += "{\"process\":1,\"type\":\"invoke\",\"f\":\"read\"}\n{\"process\":1,\"type\":\"info\"}\n";
    }
    assert_eq!(parse(&many).unwrap_err(), "line 2000001: a history has at most 1000000 operations");
    assert_eq!(parse(&"\n".repeat(4_000_001)).unwrap_err(), "line 4000001: a history has at most 4000000 lines");
    let nested = format!(r#"{{"process":0,"type":"invoke","f":"write","value":{}}}"#, "[".repeat(60_000));
    assert!(parse(&nested).unwrap_err().starts_with("line 1: recursion limit exceeded"));
}

#[test]
fn empty_lines_count_as_lines() {
    let text =
        "\n{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}\r\n\n{\"process\":0,\"type\":\"ok\",\"value\":3}\n";
    let Witness::Conflict(conflict) = check(&parse(text).unwrap()).witness else { panic!() };
    assert_eq!((conflict.prefix, conflict.operations), (4, vec![0]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    /// Small histories, right and wrong ones: the verdict, the witness and the shortest prefix are those that trying
    /// every order gives.
    #[test]
    fn small_histories_are_judged_as_by_trying_every_order(jsonl in generate::small()) {
        let verdict = check(&parse(&jsonl).unwrap());
        prop_assert_eq!(verdict.linearizable, Some(reference::is_linearizable(&jsonl)));
        reference::audit(&jsonl, &verdict);
    }

    /// Whatever the bytes, there is a history or a sentence with a line.
    #[test]
    fn damaged_files_are_refused_with_a_sentence(
        jsonl in generate::small(), at in 0_usize..2_000, byte in any::<char>(), cut in any::<bool>(),
    ) {
        let mut damaged: Vec<char> = jsonl.chars().collect();
        let at = at % (damaged.len() + 1);
        if cut { damaged.truncate(at) } else { damaged.insert(at, byte) }
        match parse(&damaged.into_iter().collect::<String>()) {
            Ok(history) => { check_within(&history, 1_000_000); }
            Err(sentence) => prop_assert!(sentence.starts_with("line ") && !sentence.contains('\n'), "{sentence}"),
        }
    }
}

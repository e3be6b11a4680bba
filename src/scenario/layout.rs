//! A recording spelled out as the bytes of a link, and back.

use super::plain::{Plain, PlainAction, PlainClients, PlainCount, PlainNetwork, PlainPattern};
use super::plain::{PlainScenario, PlainSetting, PlainVerb};
use super::wire::Wire;
use std::mem::discriminant;

/// Writes the recording.
pub fn write(mut plain: Plain) -> Vec<u8> {
    let mut wire = Wire { bytes: Vec::new(), left: None, damaged: false };
    wire.recording(&mut plain);
    wire.bytes
}

/// Reads a recording. The error is a sentence.
pub fn read(bytes: &[u8]) -> Result<Plain, &'static str> {
    let mut wire = Wire { bytes: Vec::new(), left: Some(bytes), damaged: false };
    let mut plain = Plain::default();
    wire.recording(&mut plain);
    match wire.left {
        _ if wire.damaged => Err("the link does not hold a recording"),
        Some([_, ..]) => Err("the link does not hold a recording: there is more behind it"),
        _ => Ok(plain),
    }
}

const PATTERN: PlainPattern = PlainPattern { from: None, to: None, kind: None };
const COUNT: PlainCount = PlainCount::Number(0);

/// The choices in the order of their numbers, not filled in.
static SETTINGS: [PlainSetting; 3] = [PlainSetting::Flag(false), PlainSetting::Integer(0), PlainSetting::Range(0, 0)];

static VERBS: [PlainVerb; 18] = [
    PlainVerb::Propose { node: 0, value: String::new() },
    PlainVerb::Crash { node: 0 },
    PlainVerb::Restart { node: 0, disk_lost: false },
    PlainVerb::Pause { node: 0 },
    PlainVerb::Resume { node: 0 },
    PlainVerb::Partition { groups: Vec::new() },
    PlainVerb::Heal,
    PlainVerb::Cut { from: 0, to: 0 },
    PlainVerb::Join { from: 0, to: 0 },
    PlainVerb::Drop { pattern: PATTERN, count: COUNT },
    PlainVerb::Duplicate { pattern: PATTERN, count: COUNT },
    PlainVerb::Delay { pattern: PATTERN, count: COUNT, by_ms: 0 },
    PlainVerb::Slow { node: 0, by_ms: 0 },
    PlainVerb::Skew { node: 0, by_ms: 0, ppm: 0 },
    PlainVerb::Deliver { pattern: PATTERN, count: COUNT },
    PlainVerb::Fire { node: 0, timer: 0 },
    PlainVerb::Settle,
    PlainVerb::SlowLink { from: 0, to: 0, by_ms: 0 },
];

static ACTIONS: [PlainAction; 8] = [
    PlainAction::Step(PlainVerb::Heal),
    PlainAction::DeliverMessage { id: 0 },
    PlainAction::HoldMessage { id: 0 },
    PlainAction::ReleaseMessage { id: 0 },
    PlainAction::DelayMessage { id: 0, by_ms: 0 },
    PlainAction::DuplicateMessage { id: 0 },
    PlainAction::DropMessage { id: 0 },
    PlainAction::TakeOver { seed: 0 },
];

/// The layout of links `#v1.`.
impl Wire<'_> {
    fn recording(&mut self, plain: &mut Plain) {
        self.scenario(&mut plain.scenario);
        self.list(&mut plain.interventions, |wire, (event, action)| {
            wire.number(event);
            wire.action(action);
        });
        self.option(&mut plain.cursor, Wire::number);
        self.list(&mut plain.words, Wire::text);
    }

    fn scenario(&mut self, plain: &mut PlainScenario) {
        self.text(&mut plain.title);
        self.text(&mut plain.protocol);
        self.text(&mut plain.variant);
        self.byte(&mut plain.nodes);
        self.number(&mut plain.seed);
        self.list(&mut plain.settings, |wire, (name, setting)| {
            wire.text(name);
            wire.setting(setting);
        });
        self.network(&mut plain.network);
        self.number(&mut plain.disk_us.0);
        self.number(&mut plain.disk_us.1);
        self.option(&mut plain.clients, Wire::clients);
        self.list(&mut plain.script, |wire, (at, verb)| {
            wire.option(at, Wire::number);
            wire.verb(verb);
        });
        self.option(&mut plain.stop.at_ms, Wire::number);
        self.option(&mut plain.stop.events, Wire::number);
        self.flag(&mut plain.stop.quiescent);
    }

    fn setting(&mut self, setting: &mut PlainSetting) {
        let kind = SETTINGS.iter().position(|blank| discriminant(blank) == discriminant(setting));
        let kind = self.choice(kind.unwrap_or(0), SETTINGS.len());
        if self.left.is_some() {
            setting.clone_from(&SETTINGS[kind]);
        }
        match setting {
            PlainSetting::Flag(flag) => self.flag(flag),
            PlainSetting::Integer(integer) => self.number(integer),
            PlainSetting::Range(low, high) => {
                self.number(low);
                self.number(high);
            }
        }
    }

    fn network(&mut self, network: &mut PlainNetwork) {
        self.text(&mut network.model);
        self.number(&mut network.min_ms);
        self.number(&mut network.delta_ms);
        self.number(&mut network.gst_ms);
        self.small(&mut network.drift_ppm);
        self.small(&mut network.loss_ppm);
        self.small(&mut network.duplication_ppm);
        self.text(&mut network.scheduler);
    }

    fn clients(&mut self, clients: &mut PlainClients) {
        self.small(&mut clients.count);
        self.small(&mut clients.operations);
        self.text(&mut clients.state_machine);
        self.number(&mut clients.think_ms);
        self.number(&mut clients.timeout_ms);
    }

    fn matched(&mut self, pattern: &mut PlainPattern, count: &mut PlainCount) {
        self.option(&mut pattern.from, Wire::byte);
        self.option(&mut pattern.to, Wire::byte);
        self.option(&mut pattern.kind, Wire::small);
        let (kind, mut skip, mut number) = match *count {
            PlainCount::Number(number) => (0, 0, number),
            PlainCount::All => (1, 0, 0),
            PlainCount::After { skip, number } => (2, skip, number),
        };
        let kind = self.choice(kind, 3);
        if kind == 2 {
            self.small(&mut skip);
        }
        if kind != 1 {
            self.small(&mut number);
        }
        *count = match kind {
            0 => PlainCount::Number(number),
            1 => PlainCount::All,
            _ => PlainCount::After { skip, number },
        };
    }

    fn verb(&mut self, verb: &mut PlainVerb) {
        let kind = VERBS.iter().position(|blank| discriminant(blank) == discriminant(verb));
        let kind = self.choice(kind.unwrap_or(0), VERBS.len());
        if self.left.is_some() {
            verb.clone_from(&VERBS[kind]);
        }
        match verb {
            PlainVerb::Propose { node, value } => {
                self.byte(node);
                self.text(value);
            }
            PlainVerb::Crash { node } | PlainVerb::Pause { node } | PlainVerb::Resume { node } => self.byte(node),
            PlainVerb::Restart { node, disk_lost } => {
                self.byte(node);
                self.flag(disk_lost);
            }
            PlainVerb::Partition { groups } => self.list(groups, Wire::small),
            PlainVerb::Heal | PlainVerb::Settle => {}
            PlainVerb::Cut { from, to } | PlainVerb::Join { from, to } => {
                self.byte(from);
                self.byte(to);
            }
            PlainVerb::Drop { pattern, count }
            | PlainVerb::Duplicate { pattern, count }
            | PlainVerb::Deliver { pattern, count } => self.matched(pattern, count),
            PlainVerb::Delay { pattern, count, by_ms } => {
                self.matched(pattern, count);
                self.number(by_ms);
            }
            PlainVerb::Slow { node, by_ms } => {
                self.byte(node);
                self.number(by_ms);
            }
            PlainVerb::SlowLink { from, to, by_ms } => {
                self.byte(from);
                self.byte(to);
                self.number(by_ms);
            }
            PlainVerb::Skew { node, by_ms, ppm } => {
                self.byte(node);
                self.signed(by_ms);
                let mut wide = i64::from(*ppm);
                self.signed(&mut wide);
                match wide.try_into() {
                    Ok(fits) => *ppm = fits,
                    Err(_) => self.damaged = true,
                }
            }
            PlainVerb::Fire { node, timer } => {
                self.byte(node);
                self.small(timer);
            }
        }
    }

    fn action(&mut self, action: &mut PlainAction) {
        let kind = ACTIONS.iter().position(|blank| discriminant(blank) == discriminant(action));
        let kind = self.choice(kind.unwrap_or(0), ACTIONS.len());
        if self.left.is_some() {
            action.clone_from(&ACTIONS[kind]);
        }
        match action {
            PlainAction::Step(verb) => self.verb(verb),
            PlainAction::DeliverMessage { id }
            | PlainAction::HoldMessage { id }
            | PlainAction::ReleaseMessage { id }
            | PlainAction::DuplicateMessage { id }
            | PlainAction::DropMessage { id }
            | PlainAction::TakeOver { seed: id } => self.small(id),
            PlainAction::DelayMessage { id, by_ms } => {
                self.small(id);
                self.number(by_ms);
            }
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    fn number() -> impl Strategy<Value = u64> {
        (any::<u64>(), 0u32..64).prop_map(|(number, shift)| number >> shift)
    }

    fn filled(kind: usize, n: u64, text: String, on: bool) -> PlainVerb {
        let (byte, small, signed) = (n as u8, n as u32, n as i64);
        let pattern =
            PlainPattern { from: on.then_some(byte), to: (n & 1 == 0).then_some(byte), kind: on.then_some(n as u16) };
        let count = match n & 6 {
            0 => PlainCount::All,
            2 => PlainCount::After { skip: small | 1, number: small },
            _ => PlainCount::Number(small),
        };
        let (node, by_ms) = (byte, n);
        [
            PlainVerb::Propose { node, value: text },
            PlainVerb::Crash { node },
            PlainVerb::Restart { node, disk_lost: on },
            PlainVerb::Pause { node },
            PlainVerb::Resume { node },
            PlainVerb::Partition { groups: vec![small; usize::from(byte % 4)] },
            PlainVerb::Heal,
            PlainVerb::Cut { from: byte, to: byte / 2 },
            PlainVerb::Join { from: byte, to: byte / 2 },
            PlainVerb::Drop { pattern, count },
            PlainVerb::Duplicate { pattern, count },
            PlainVerb::Delay { pattern, count, by_ms },
            PlainVerb::Slow { node, by_ms },
            PlainVerb::Skew { node, by_ms: if on { signed } else { signed.wrapping_neg() }, ppm: small as i32 },
            PlainVerb::Deliver { pattern, count },
            PlainVerb::Fire { node, timer: n as u16 },
            PlainVerb::Settle,
            PlainVerb::SlowLink { from: byte, to: byte / 2, by_ms },
        ]
        .into_iter()
        .nth(kind)
        .expect("a verb")
    }

    fn verb() -> impl Strategy<Value = PlainVerb> {
        (0usize..18, number(), ".{0,5}", any::<bool>()).prop_map(|(kind, n, text, on)| filled(kind, n, text, on))
    }

    fn action() -> impl Strategy<Value = PlainAction> {
        (0usize..8, verb(), any::<u32>(), number()).prop_map(|(kind, verb, id, by_ms)| match kind {
            0 => PlainAction::Step(verb),
            1 => PlainAction::DeliverMessage { id },
            2 => PlainAction::HoldMessage { id },
            3 => PlainAction::ReleaseMessage { id },
            4 => PlainAction::DelayMessage { id, by_ms },
            5 => PlainAction::DuplicateMessage { id },
            6 => PlainAction::DropMessage { id },
            _ => PlainAction::TakeOver { seed: id },
        })
    }

    fn setting() -> impl Strategy<Value = PlainSetting> {
        (0..3, number(), number()).prop_map(|(kind, low, high)| match kind {
            0 => PlainSetting::Flag(low & 1 == 1),
            1 => PlainSetting::Integer(low),
            _ => PlainSetting::Range(low, high),
        })
    }

    prop_compose! {
        fn scenario()(
            title in ".{0,20}",
            word in select(vec!["raft", "", "asynchronous", "é"]),
            numbers in prop::collection::vec(number(), 9),
            small in any::<(u8, u32, u32, u16)>(),
            settings in prop::collection::vec(("[a-z]{0,9}", setting()), 0..4),
            script in prop::collection::vec((prop::option::of(number()), verb()), 0..9),
            given in any::<(bool, bool, bool)>(),
        ) -> PlainScenario {
            let word = word.to_owned();
            let (nodes, drift_ppm, loss_ppm, count) = small;
            PlainScenario {
                title,
                protocol: word.clone(),
                variant: word.clone(),
                nodes,
                seed: numbers[0],
                settings,
                network: PlainNetwork {
                    model: word.clone(),
                    min_ms: numbers[1],
                    delta_ms: numbers[2],
                    gst_ms: numbers[3],
                    drift_ppm,
                    loss_ppm,
                    duplication_ppm: 7,
                    scheduler: word.clone(),
                },
                disk_us: (numbers[4], numbers[5]),
                clients: given.0.then_some(PlainClients {
                    count,
                    operations: loss_ppm,
                    state_machine: word,
                    think_ms: numbers[6],
                    timeout_ms: numbers[7],
                }),
                script,
                stop: super::super::plain::PlainStop {
                    at_ms: given.1.then_some(numbers[8]),
                    events: given.2.then_some(numbers[7]),
                    quiescent: given.0,
                },
            }
        }
    }

    prop_compose! {
        fn plain()(
            scenario in scenario(),
            interventions in prop::collection::vec((number(), action()), 0..9),
            cursor in prop::option::of(number()),
            words in prop::collection::vec(".{0,9}", 0..4),
        ) -> Plain {
            Plain { scenario, interventions, cursor, words }
        }
    }

    proptest! {
        #[test]
        fn the_bytes_are_those_of_postcard(plain in plain(), place in any::<Index>(), other in any::<u8>()) {
            let theirs = postcard::to_allocvec(&plain).expect("it is written");
            prop_assert_eq!(&write(plain.clone()), &theirs);
            prop_assert_eq!(read(&theirs), Ok(plain));
            // Damaged: whatever postcard reads, we read alike; what we read is no longer than the bytes.
            let mut damaged = theirs;
            let place = place.index(damaged.len());
            damaged[place] = other;
            let read = read(&damaged);
            if let Ok((theirs, [])) = postcard::take_from_bytes::<Plain>(&damaged) {
                prop_assert_eq!(read, Ok(theirs));
            } else if let Ok(read) = read {
                prop_assert!(write(read).len() <= damaged.len());
            }
        }

        #[test]
        fn what_was_cut_short_is_refused(plain in plain(), place in any::<Index>()) {
            let bytes = write(plain);
            prop_assert!(read(&bytes[..place.index(bytes.len())]).is_err());
        }
    }
}

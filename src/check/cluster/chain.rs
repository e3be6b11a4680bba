//! One step of one node: a handler with every answer to its choices, what it sent itself, and every point where a crash
//! may cut it short.

use super::ghost::Told;
use super::machine::{Act, How, Input, Machine};
use crate::protocol::*;

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// Which.
    pub node: NodeId,
    /// Its state; `None` while it is down.
    pub state: Option<u32>,
    /// Its disk.
    pub disk: u32,
    /// The armed timers, in the order in which they were armed when that matters, else by kind.
    pub timers: Vec<Armed>,
    /// How often each timer has fired, four bits a kind.
    pub fired: u32,
}

/// An armed timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Armed {
    /// The kind.
    pub timer: u8,
    /// The least and the longest wait, 0 when the order does not matter.
    pub range: (u64, u64),
}

/// What a step led to, before it has a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Result {
    /// The node after.
    pub member: Member,
    /// What it sent to others: receiver and message.
    pub sent: Vec<(NodeId, u32)>,
    /// What it told.
    pub told: Vec<Told>,
    /// The answers that its choices got, each with the number of alternatives.
    pub answers: Vec<(u32, u32)>,
    /// When a crash cut it: how many writes were done by then.
    pub cut: Option<u32>,
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// The input of the first handler.
    pub input: Input,
    /// The disk was lost.
    pub lost: bool,
    /// Crash before the so-manieth write that follows another effect, from 0.
    pub cut: Option<u32>,
    /// After a cut: start again at once.
    pub restart: bool,
    /// What it sends itself arrives in the same step.
    pub own_messages: bool,
    /// How handlers are run.
    pub how: How,
    /// The order in which timers were armed matters.
    pub timer_order: bool,
    /// Which facts some property wants.
    pub wants: Wants,
}

/// Which facts some property wants.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wants {
    /// Requests.
    pub asked: bool,
    /// Commits, with the log.
    pub commits: bool,
    /// Logs of leaders.
    pub logs: bool,
    /// Proposals.
    pub proposals: bool,
    /// Acceptances.
    pub acceptances: bool,
    /// Promises.
    pub promises: bool,
    /// Cuts of a leader's log.
    pub cuts: bool,
    /// What primaries broadcast.
    pub broadcasts: bool,
}

/// Answers choices by a list, and goes through all lists.
#[derive(Default)]
struct Answers {
    /// Each answer with the number of alternatives.
    given: Vec<(u32, u32)>,
    at: usize,
}

impl Chooser for Answers {
    fn choose(&mut self, bound: u32) -> u32 {
        if self.at == self.given.len() {
            self.given.push((0, bound));
        }
        self.at += 1;
        self.given[self.at - 1].0
    }
}

impl Answers {
    /// The next list; false when there is none.
    fn next(&mut self) -> bool {
        self.at = 0;
        while let Some((answer, bound)) = self.given.pop() {
            if answer + 1 < bound {
                self.given.push((answer + 1, bound));
                return true;
            }
        }
        false
    }
}

/// Every result of `run` on `member`, without cuts and then with.
pub fn all(machine: &mut dyn Machine, member: &Member, run: Run, cuts: bool) -> Vec<Result> {
    let mut results = Vec::new();
    let mut most = collect(machine, member, run, &mut results);
    if cuts {
        let mut cut = 0;
        while cut < most {
            most = most.max(collect(machine, member, Run { cut: Some(cut), ..run }, &mut results));
            cut += 1;
        }
    }
    results
}

/// Adds the results of all answers; gives the largest number of points to cut at.
fn collect(machine: &mut dyn Machine, member: &Member, run: Run, results: &mut Vec<Result>) -> u32 {
    let mut answers = Answers::default();
    let mut most = 0;
    loop {
        let mut step = Step::new(member, run);
        step.run(machine, &mut answers);
        most = most.max(step.cuts);
        if run.cut.is_none() || step.cut.is_some() {
            let result = step.result(&answers);
            let same = |other: &Result| {
                (&other.member, &other.sent, &other.told) == (&result.member, &result.sent, &result.told)
                    && other.cut.is_some() == result.cut.is_some()
            };
            if !results.iter().any(same) {
                results.push(result);
            }
        }
        if !answers.next() {
            return most;
        }
    }
}

/// A step under way.
struct Step {
    run: Run,
    member: Member,
    sent: Vec<(NodeId, u32)>,
    told: Vec<Told>,
    /// What it sent itself and has not handled.
    own: std::collections::VecDeque<u32>,
    /// Whether something has happened that a crash would leave behind.
    visible: bool,
    /// How many writes are done.
    writes: u32,
    /// How many points to cut at were passed.
    cuts: u32,
    cut: Option<u32>,
}

impl Step {
    fn new(member: &Member, run: Run) -> Self {
        Step {
            run,
            member: member.clone(),
            sent: Vec::new(),
            told: Vec::new(),
            own: Default::default(),
            visible: false,
            writes: 0,
            cuts: 0,
            cut: None,
        }
    }

    fn run(&mut self, machine: &mut dyn Machine, answers: &mut Answers) {
        if let (Input::Request(command), true) = (self.run.input, self.run.wants.asked) {
            self.told.push(Told::Asked { command });
        }
        if self.run.lost {
            self.told.push(Told::DiskLost);
        }
        self.handle(machine, answers, self.run.input);
        while self.cut.is_none()
            && let Some(message) = self.own.pop_front()
        {
            self.handle(machine, answers, Input::Message { from: self.member.node, message });
        }
        if self.cut.is_some() {
            self.crash(machine, answers);
        }
    }

    fn result(self, answers: &Answers) -> Result {
        let Step { member, sent, told, cut, .. } = self;
        Result { member, sent, told, answers: answers.given.clone(), cut }
    }

    /// Runs one handler and carries out its effects, up to the cut.
    fn handle(&mut self, machine: &mut dyn Machine, answers: &mut Answers, input: Input) {
        let node = self.member.node;
        if let Input::Boot = input {
            self.told.push(Told::Restarted);
        }
        let before = self.member.state.unwrap_or(0);
        let view = (!matches!(input, Input::Boot)).then(|| machine.view(before));
        let leads = view.as_ref().is_some_and(|view| view.leads);
        // Which epoch it leads, fact by fact, as `properties/logs.rs` has it.
        let mut reign = view.filter(|view| view.leads).map(|view| view.epoch);
        let mut acts = Vec::new();
        let after = machine.handle(self.run.how, node, before, self.member.disk, input, answers, &mut acts);
        self.member.state = Some(after);
        for act in acts {
            match act {
                Act::Persist(disk) => {
                    if self.visible && self.reaches_cut() {
                        return;
                    }
                    self.member.disk = disk;
                    self.writes += 1;
                    self.visible = true;
                }
                Act::Send { to, message } => {
                    if to == node && self.run.own_messages {
                        self.own.push_back(message);
                    } else {
                        self.sent.push((to, message));
                    }
                    self.visible = true;
                }
                Act::SetTimer { timer, min, max } => self.arm(timer, (min, max)),
                Act::CancelTimer(timer) => self.member.timers.retain(|armed| armed.timer != timer),
                Act::Deliver { position, command, checked } => {
                    self.told.push(Told::Delivered { position, command, checked });
                }
                Act::Install(position) => self.told.push(Told::Installed { position }),
                Act::Observe(fact) => {
                    match fact {
                        Fact::Leads { epoch } => reign = Some(epoch),
                        Fact::StepsDown => reign = None,
                        Fact::Epoch { epoch } => reign = reign.filter(|reign| *reign >= epoch),
                        _ => {}
                    }
                    self.observe(machine, after, (leads, reign), fact);
                }
            }
        }
    }

    /// A write that follows another effect: whether the crash comes here.
    fn reaches_cut(&mut self) -> bool {
        let here = self.run.cut == Some(self.cuts);
        self.cuts += 1;
        if here {
            self.cut = Some(self.writes);
        }
        here
    }

    fn crash(&mut self, machine: &mut dyn Machine, answers: &mut Answers) {
        self.own.clear();
        self.member.state = None;
        self.member.timers.clear();
        if self.run.restart {
            // A crash during the start that follows is a crash of its own.
            self.visible = false;
            self.run.cut = None;
            self.handle(machine, answers, Input::Boot);
            while let Some(message) = self.own.pop_front() {
                self.handle(machine, answers, Input::Message { from: self.member.node, message });
            }
        }
    }

    fn arm(&mut self, timer: u8, range: (u64, u64)) {
        let timers = &mut self.member.timers;
        timers.retain(|armed| armed.timer != timer);
        if self.run.timer_order {
            timers.push(Armed { timer, range });
        } else {
            let at = timers.partition_point(|armed| armed.timer < timer);
            timers.insert(at, Armed { timer, range: (0, 0) });
        }
    }

    fn observe(&mut self, machine: &dyn Machine, state: u32, (led, reign): (bool, Option<u64>), fact: Fact) {
        let wants = self.run.wants;
        let log = |wanted: bool, last: u64| {
            let rows = (1..=if wanted { last } else { 0 }).map_while(|position| machine.row(state, position));
            rows.map(|row| (row.epoch, row.command)).collect()
        };
        let told = match fact {
            Fact::Leads { epoch } => Told::Leads { epoch, log: log(wants.logs, machine.view(state).last) },
            Fact::Commits { position } if wants.commits => {
                Told::Commits { term: machine.view(state).epoch, log: log(true, position) }
            }
            Fact::Appends { position, epoch, command } if wants.broadcasts && reign == Some(epoch) => {
                Told::Broadcasts { epoch, command, log: log(true, position - 1) }
            }
            Fact::Proposes { position, ballot, command } if wants.proposals => {
                Told::Proposes { position, ballot, command }
            }
            Fact::Accepts { position, ballot, command } if wants.acceptances => {
                Told::Accepts { position, ballot, command }
            }
            Fact::Epoch { epoch } if wants.promises => Told::Promises { ballot: epoch },
            Fact::Truncates { .. } if led && wants.cuts && machine.view(state).leads => Told::LeaderCut,
            _ => return,
        };
        self.told.push(told);
    }
}

//! Every word that a person reads on the page, in English. A translation is another file with the same names.

pub mod rules;
mod sentences;

pub use sentences::*;

/// The name, its first word in bold.
pub const NAME: (&str, &str) = ("consensus", "playground");

/// Labels of the bar.
pub mod bar {
    pub const LABEL: &str = "The run";
    pub const CHANGE: &str = "Change the run";
    pub const PROTOCOL: &str = "Protocol";
    pub const NETWORK: &str = "Network";
    pub const NODES: &str = "Nodes";
    pub const SEED: &str = "Seed";
    pub const DIE: &str = "Another seed";
    pub const SCENARIO: &str = "Scenario";
    pub const OWN: &str = "Your own run";
    pub const OPEN_FILE: &str = "Open a file…";
    pub const SCENARIOS: &str = "Worth seeing";
    pub const BUGS: &str = "Bugs worth seeing";
    pub const SETTINGS: &str = "Settings";
    pub const CHECK: &str = "Check";
    pub const SHARE: &str = "Share";
    pub const THEME: &str = "Theme";
    pub const HELP: &str = "Keys";
    pub const MODELS: [&str; 3] = ["Synchronous", "Partially synchronous", "Asynchronous"];
    pub const MODEL_NOTES: [&str; 3] = [
        "Every message arrives within Δ, and the protocol knows Δ.",
        "From GST on every message arrives within Δ; the protocol knows neither.",
        "Delays are finite and have no bound; clocks say nothing.",
    ];
    pub const THEMES: [&str; 3] = ["as the system has it", "light", "dark"];
}

/// The settings dialog.
pub mod settings {
    pub const TITLE: &str = "Settings of the run";
    pub const NOTE: &str = "Applying them starts a new run.";
    pub const NETWORK: &str = "Network";
    pub const DELTA: &str = "Longest delay Δ (ms)";
    pub const MIN: &str = "Shortest delay (ms)";
    pub const GST: &str = "Stabilisation time GST (ms)";
    pub const DRIFT: &str = "Clock drift ρ (ppm)";
    pub const LOSS: &str = "Messages lost (%)";
    pub const LOSS_GST: &str = "Messages lost before GST (%)";
    pub const DUPLICATION: &str = "Messages duplicated (%)";
    pub const SCHEDULER: &str = "Who delivers";
    pub const RANDOM: &str = "the seed";
    pub const MANUAL: &str = "you, by hand";
    pub const PROTOCOL: &str = "Protocol";
    pub const VARIANT: &str = "Rules";
    pub const CORRECT: &str = "all rules kept";
    pub const WORKLOAD: &str = "Workload";
    pub const CLIENTS: &str = "Clients (0 for none)";
    pub const MACHINE: &str = "State machine";
    pub const MACHINES: [&str; 3] = ["log", "register", "key–value"];
    pub const THINK: &str = "Pause between operations (ms)";
    pub const APPLY: &str = "Start the run";
    pub const NOT_A_NUMBER: &str = "expected a whole number";
    pub const NOT_A_RANGE: &str = "expected two numbers, as in 150–300";
    pub const NOT_A_SHARE: &str = "expected a number from 0 to 100";
}

/// Stage, node menu, partition.
pub mod stage {
    pub const TITLE: &str = "Messages";
    pub const PARTITION: &str = "Partition…";
    pub const HEAL: &str = "Heal the network";
    pub const NODES: &str = "Nodes";
    pub const CRASHED: &str = "crashed";
    pub const NOT_STARTED: &str = "not started yet";
    pub const PAUSED: &str = "paused";
    pub const APART: &str = "cut off";
    pub const CRASH: &str = "Crash";
    pub const RESTART: &str = "Restart, disk kept";
    pub const RESTART_LOST: &str = "Restart, disk lost";
    pub const PAUSE: &str = "Pause";
    pub const RESUME: &str = "Resume";
    pub const ISOLATE: &str = "Cut off";
    pub const SLOW: &str = "Slow down by 200 ms";
    pub const FAST: &str = "As fast as it was";
    pub const INSPECT: &str = "Inspect";
    pub const PROPOSE: &str = "Ask it to order a value";
    pub const LINKS: &str = "Its links…";
    pub const SKEW: &str = "Clock 200 ms ahead";
    pub const SEE_AS: &str = "See what it knows";
    pub const EYES: &str = "Whose knowledge is shown";
    pub const ALL_EYES: &str = "See all";
    pub const SETTLE: &str = "Deliver everything";
    pub const EYES_NOTE: &str =
        "Each node as it was when it sent the last message that came through. Nobody sees what is in flight.";
    pub const NEVER: &str = "never heard of";
    pub const LINKS_NOTE: &str = "Each direction by itself.";
    pub const CUT: &str = "Cut";
    pub const JOIN: &str = "Join";
    pub const SLOW_LINK: &str = "+200 ms";
    pub const DRAG_BACK: &str = "Let go: nothing changes";
    pub const PARTITION_TITLE: &str = "Partition the network";
    pub const PARTITION_NOTE: &str = "Only nodes of one group reach each other.";
    pub const APPLY: &str = "Partition";
    pub const GROUPS: [&str; 3] = ["A", "B", "C"];
    pub const ONE_GROUP: &str = "Put at least one node into another group.";

    pub const ASKS: &str = "asks";
    pub const ANSWERS: &str = "answers: + agrees, − refuses";
    pub const TIMER: &str = "timer";

    pub fn menu(node: crate::protocol::NodeId) -> String {
        format!("What to do with {node}")
    }

    pub fn links_of(node: crate::protocol::NodeId) -> String {
        format!("Links of {node}")
    }

    pub fn fire(timer: &str) -> String {
        format!("Fire its {timer} timer")
    }

    pub fn ago(ms: u64) -> String {
        format!("{} ago", super::short_seconds(ms * 1000))
    }

    pub fn see_as(node: crate::protocol::NodeId) -> String {
        format!("See as {node}")
    }

    /// What letting go would do: "n0, n1 | n2, n3, n4".
    pub fn let_go(groups: &[crate::protocol::NodeSet]) -> String {
        if groups.len() < 2 {
            return "Let go: the network is whole".to_owned();
        }
        let groups: Vec<String> = groups.iter().map(|group| crate::diagnosis::names(*group)).collect();
        format!("Let go: {}", groups.join(" | "))
    }

    pub fn group_of(node: crate::protocol::NodeId) -> String {
        format!("Group of {node}")
    }

    pub fn in_flight(count: usize, held: usize) -> String {
        match held {
            0 => format!("{count} in flight"),
            held if held == count => format!("{held} wait for you"),
            held => format!("{count} in flight, {held} wait for you"),
        }
    }
}

/// The order and the strip over it.
pub mod order {
    pub const TITLE: &str = "Total order";
    pub const TITLE_ONE: &str = "The value";
    pub const TITLE_BROADCAST: &str = "Delivered";
    pub const SUB: &str = "delivered over time";
    pub const SUB_ONE: &str = "decided over time";
    pub const SUB_BROADCAST: &str = "over time";
    pub const DELIVERED: &str = "delivered";
    pub const DECIDED: &str = "decided";
    pub const WRITTEN: &str = "not yet committed";
    pub const ACCEPTED: &str = "not yet decided";
    pub const DIFFERS: &str = "others have something else here";

    pub fn bracket(agreed: u64) -> String {
        format!("same first {agreed} on every node that is up")
    }

    pub fn bracket_short(agreed: u64) -> String {
        format!("same first {agreed}")
    }

    pub fn leaderless(us: u64) -> String {
        format!("no leader for {}", super::short_seconds(us))
    }

    /// `one_value`: there is one place only to be behind in.
    pub fn crashed(at: u64, behind: u64, one_value: bool) -> String {
        let at = super::short_seconds(at);
        match behind {
            0 => format!("crashed at {at}"),
            _ if one_value => format!("crashed at {at}, undecided"),
            _ => format!("crashed at {at}, {behind} behind"),
        }
    }

    pub fn row(node: crate::protocol::NodeId, delivered: u64, last: &str) -> String {
        match delivered {
            0 => format!("{node} has delivered nothing"),
            _ => format!("{node} has delivered {delivered}, the last {last}"),
        }
    }

    pub fn progress(points: u64) -> String {
        format!("Delivered over time: {points} so far")
    }
}

/// The space–time diagram.
pub mod spacetime {
    pub const TITLE: &str = "Space–time";
    pub const ZOOM_IN: &str = "Show less time";
    pub const ZOOM_OUT: &str = "Show more time";
    pub const LABEL: &str =
        "Space–time diagram: one line a node, messages as arrows. The list of events says the same in words.";
    pub const GST: &str = "GST";
    pub const FOLLOW: &str = "Back to now";
    pub const STEPS: &str = "steps";
    pub const STEPS_LABEL: &str = "One step for each event instead of true time";
    pub const WHY: &str = "What led here";
    pub const GO: &str = "Go there";
    pub const NO_LEADER: &str = "no leader";
    pub const KEYS: &str = "Arrow keys step; with the diagram in focus + and − zoom, Page Up and Page Down move.";

    pub fn quorum(nodes: crate::protocol::NodeSet, n: usize) -> String {
        format!("By then {} of {n} had it: {}.", nodes.len(), crate::diagnosis::names(nodes))
    }

    pub fn steps(count: u64) -> String {
        format!("{count} steps shown")
    }

    pub fn cone(past: usize, future: usize) -> String {
        format!("{past} events led to it, {future} so far may come from it.")
    }

    pub fn shown(us: u64) -> String {
        format!("{} shown", super::short_seconds(us))
    }
}

/// The side panel.
pub mod side {
    pub const LABEL: &str = "More about the run";
    pub const PROPERTIES: &str = "Properties";
    pub const NODE: &str = "Node";
    pub const MESSAGES: &str = "In flight";
    pub const LOG: &str = "Events";
    pub const ASSUMPTIONS: &str = "Assumptions";
    pub const NONE_BROKEN: &str = "Nothing that the model or the protocol assumes was broken.";
    pub const DURABLE: &str = "On the disk";
    pub const VOLATILE: &str = "In memory";
    pub const TIMERS: &str = "Timers";
    pub const WAITS: &str = "Waits for";
    pub const STATE: &str = "State machine";
    pub const WRITING: &str = "The disk is writing.";
    pub const CHOOSE: &str = "Which node";
    pub const NO_MESSAGES: &str = "Nothing is in flight.";
    pub const DELIVER: &str = "Deliver";
    pub const HOLD: &str = "Hold";
    pub const RELEASE: &str = "Release";
    pub const DELAY: &str = "+100 ms";
    pub const DUPLICATE: &str = "Copy";
    pub const DROP: &str = "Drop";
    pub const TAKE_OVER: &str = "By hand";
    pub const NO_EVENTS: &str = "Nothing has happened yet.";
    pub const FIND: &str = "Search events";
    pub const LAST: &str = "Last event";
    pub const CHANGED: &str = " (changed by it)";

    pub fn not_up(started: bool) -> &'static str {
        if started { "It is down: what was in memory is gone." } else { "It has not started yet." }
    }

    pub fn found(rows: u32, searched: u32) -> String {
        format!("{rows} of {searched}")
    }

    pub fn inbox(node: crate::protocol::NodeId) -> String {
        format!("Inbox of {node}")
    }

    pub fn jump(event: u32) -> String {
        format!("event {event}")
    }

    pub fn jump_to(name: &str, event: u32) -> String {
        format!("{name}: show event {event}")
    }

    pub fn broken_by(by: &str, at: u64) -> String {
        format!("{by}, {}", super::short_seconds(at))
    }

    pub fn fires_in(us: u64) -> String {
        format!("in {} ms", us / 1000)
    }

    pub fn message(kind: &str, from: crate::protocol::NodeId, to: crate::protocol::NodeId) -> String {
        format!("{kind} {from} → {to}")
    }

    pub fn arrives(held: bool, in_ms: u64) -> String {
        if held { "waits".to_owned() } else { format!("{in_ms} ms") }
    }

    pub fn more(count: usize) -> String {
        format!("and {count} more")
    }
}

/// The clock.
pub mod clock {
    pub const LABEL: &str = "Clock";
    pub const PLAY: &str = "Play";
    pub const PAUSE: &str = "Pause";
    pub const BACK: &str = "One event back";
    pub const FORWARD: &str = "One event forward";
    pub const PREVIOUS: &str = "Previous meaningful event";
    pub const NEXT: &str = "Next meaningful event";
    pub const TIME: &str = "Time";
    pub const SPEED: &str = "Speed";
    pub const UNDO: &str = "Take back";
    pub const BRANCH: &str = "Branch";
    pub const OVER: &str = "the run ends here";
    pub const TAKEN_BACK: &str = "taken back";
    pub const TREE: &str = "Branches";
    pub const TREE_NOTE: &str = "Acting in the past begins a new branch; the old one stays.";
    pub const UNTIL: &str = "Run until…";

    pub fn goal(goal: crate::ui::goal::Goal, one_value: bool) -> String {
        use crate::ui::goal::Goal;
        match goal {
            Goal::Leader => "somebody is elected".to_owned(),
            Goal::Delivered(_) if one_value => "it is decided".to_owned(),
            Goal::Delivered(1) => "one more is delivered".to_owned(),
            Goal::Delivered(more) => format!("{more} more are delivered"),
            Goal::Violated => "a property breaks".to_owned(),
            Goal::Stalled => "it is stuck".to_owned(),
        }
    }

    pub fn branch(number: usize, line: &crate::ui::view::clock::BranchLine) -> String {
        let name = match line.left {
            None => "original run".to_owned(),
            Some((_, at)) => format!("branch {number}, from {}", super::short_seconds(at)),
        };
        if line.deed.is_empty() { name } else { format!("{name}: {}", line.deed) }
    }

    /// Virtual time per wall time.
    pub fn speed(speed: f64) -> String {
        if speed >= 0.95 {
            format!("{} ×", speed.round() as u32)
        } else {
            format!("1/{} ×", (1.0 / speed).round() as u32)
        }
    }

    pub fn at(now: u64, event: u32) -> String {
        format!("{} s, event {event}", crate::ui::view::seconds(now))
    }
}

/// Dialogs.
pub mod dialog {
    pub const CLOSE: &str = "Close";
    pub const SHARE: &str = "Share this run";
    pub const SHARE_NOTE: &str = "Whoever opens the link sees the same run, up to here.";
    pub const LINK: &str = "Link";
    pub const COPY: &str = "Copy";
    pub const COPIED: &str = "Copied.";
    pub const COPY_BY_HAND: &str = "Copy it by hand: the browser does not let the page.";
    pub const KEYS: &str = "Keys";
    pub const KEYS_ON: &str = "Listen to these keys";
    pub const KEY_LIST: [(&str, &str); 11] = [
        ("Space", "play, pause"),
        ("←  →", "one event back, forward"),
        ("Shift ←  →", "previous, next meaningful event"),
        ("Home  End", "to the beginning, to where the run was computed"),
        ("↑  ↓", "on the stage: another node"),
        ("Enter", "on a node: what to do with it"),
        ("c", "crash the leader"),
        ("l", "play until somebody leads"),
        ("+  −", "on the diagram: less, more time; Page Up, Page Down move it"),
        ("z", "take back what was done last"),
        ("?", "these keys"),
    ];
}

/// The checker.
pub mod check {
    pub const TITLE: &str = "Check everything that may happen";
    pub const NOTE: &str = "Every order of messages, time-outs and crashes from the start of this scenario, or from now \
                            on, within these bounds. Three nodes are many: every further one multiplies.";
    pub const HERE: &str = "From the present moment on";
    pub const PAUSE: &str = "Pause";
    pub const RESUME: &str = "Go on";
    pub const VALENCE: &str = "What can still be decided?";
    pub const ADVERSARY: &str = "Let an adversary schedule it";
    pub const ROUNDS: &str = "Rounds over many seeds";
    pub const PLANS: &str = "The adversary looks ahead…";
    pub const CRASHES: &str = "Crashes, together";
    pub const TIMEOUTS: &str = "Time-outs of each kind, at each node";
    pub const STATES: &str = "States, at most";
    pub const START: &str = "Check";
    pub const STOP: &str = "Stop";
    pub const OPEN: &str = "Open as a run";
    pub const NONE: &str = "The checker could not start here.";

    /// What can still be decided, by the checker's word; `reached` are the decisions that it found.
    pub fn valence(verdict: &str, reached: &[String]) -> String {
        let values = reached.join(" and ");
        match verdict {
            "bivalent" => format!("Bivalent: {values} can both still be decided."),
            "univalent" => format!("Univalent: within the bounds only {values} can be decided any more."),
            "undecided" => "Within the bounds nothing is decided at all.".to_owned(),
            "not settled" if reached.is_empty() => "Not settled within the bound.".to_owned(),
            "not settled" => format!("Not settled within the bound: {values} can be decided, the rest is open."),
            other => other.to_owned(),
        }
    }

    pub fn progress(states: f64, depth: f64, rate: f64) -> String {
        let rate = if rate > 0.0 { format!(", {} a second", rate as u64) } else { String::new() };
        format!("{} states, depth {}{rate}", states as u64, depth as u64)
    }
}

/// The crash panel.
pub mod crash {
    pub const TITLE: &str = "The playground has crashed";
    pub const NOTE: &str = "This is a fault of ours. The link below replays the run up to where it happened.";
    pub const LINK: &str = "Replay the run";
    pub const RELOAD: &str = "Start afresh";
}

/// The tabs that the panels become on a phone.
pub const TABS: [&str; 4] = ["Stage", "Order", "Time", "Details"];
/// What the tabs are for.
pub const TABS_LABEL: &str = "Panels";
/// The line under the title.
pub const AHEAD: &str = "Valence";
pub const STORY: &str = "What is happening";
/// Where that is told.
pub const RULE_LEFT_OUT: &str = "The rule that is left out";
/// A rule is left out, and what to watch.
pub const LEFT_OUT: &str = "Left out: ";
/// Before the property that breaks.
pub const WATCH: &str = "Watch ";
/// A property is broken.
pub fn broken(name: &str) -> String {
    format!("Violated: {name}")
}

/// Nothing moves; the cause in a few words.
pub fn stalled(cause: &str) -> String {
    format!("Stalled: {cause}.")
}

/// Nobody has decided.
pub const UNDECIDED: &str = "Nothing is decided yet.";

/// How long an adversary has kept a run undecided.
pub fn survived(deliveries: usize) -> String {
    format!("{deliveries} deliveries survived.")
}
/// The network is not whole.
pub const PARTED: &str = "The network is divided.";
/// Undo every partition.
pub const HEAL: &str = "Heal the network";
/// What is done when the run has no next event.
pub const ENDED: &str = "The run ends here. Go back to act.";
/// A file that the browser does not give.
pub const NOT_READ: &str = "The file could not be read.";
/// There is nothing that one could go back or forward to.
pub const NO_MARK: &str = "There is no such event.";

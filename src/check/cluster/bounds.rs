//! How far a search goes, and by which reductions.

/// What bounds a search, beside its depth and the number of its states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Crashes in all; where the protocol recovers, each with a restart.
    pub crashes: u8,
    /// How often each timer of each node fires at most; from [`UNCOUNTED`] on without a bound.
    pub timeouts: u8,
    /// As `timeouts`, by kind of timer.
    pub timeouts_of: [Option<u8>; 8],
    /// Of the scenario's commands, so many of the first are asked for.
    pub commands: u8,
    /// No node goes beyond the highest epoch at the start by more than this.
    pub epochs: Option<u64>,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { crashes: 0, timeouts: 1, timeouts_of: [None; 8], commands: u8::MAX, epochs: None }
    }
}

impl Bounds {
    /// How often the timer of this kind fires at each node at most.
    pub fn of_timer(&self, timer: u8) -> u8 {
        self.timeouts_of[usize::from(timer)].unwrap_or(self.timeouts).min(UNCOUNTED)
    }
}

/// From so many on time-outs are not counted: something else must bound them. (A count has four bits.)
pub const UNCOUNTED: u8 = 15;

/// What the channels between nodes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// A message that was sent may arrive at any time, any number of times, or never: loss and duplication cost nothing.
    Set,
    /// Each message arrives once at most, and all before it on its link have come: a link that loses something stands
    /// still for good.
    Queues,
    /// Each message arrives once at most, in any order.
    Bag,
}

/// Reductions: each leaves out states that show nothing that others do not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reductions {
    /// The network as a monotone set, where the protocol does not ask for links that keep order.
    pub set: bool,
    /// A message to oneself is handled in the step that sends it.
    pub own_messages: bool,
    /// Crash and restart are one step.
    pub fused_restarts: bool,
    /// A step that changes a count of time-outs and nothing else is left out.
    pub idle_timeouts: bool,
    /// Messages that serve learning only are not delivered; chosen is chosen once a majority has accepted.
    pub learners: bool,
    /// Where channels may lose, a crash for good is a node that takes no more steps.
    pub silent_crashes: bool,
    /// Two timers of a node fire in order when their ranges cannot overlap (not in the asynchronous model).
    pub timer_order: bool,
    /// Nodes that nothing tells apart count as one.
    pub symmetry: bool,
    /// Nodes forget what nothing will read any more.
    pub normal: bool,
}

impl Default for Reductions {
    fn default() -> Self {
        Reductions {
            set: true,
            own_messages: true,
            fused_restarts: true,
            idle_timeouts: true,
            learners: true,
            silent_crashes: true,
            timer_order: true,
            symmetry: true,
            normal: true,
        }
    }
}

//! Gray and Lamport's two-phase commit: *Consensus on Transaction Commit* (ACM TODS 2006), the specification `TwoPhase`
//! of its appendix, action by action. Messages are a set: what was sent can be received at any time and many times.

use crate::check::fingerprint::scramble;
use crate::check::model::{Model, Property, Steps};

/// The most resource managers that a state has room for.
pub const MOST: u32 = 15;

/// The specification, with so many resource managers.
#[derive(Clone, Copy, Debug)]
pub struct TwoPhase {
    managers: u32,
    /// `TMCommit` without "the TM has received *Prepared* from all": wrong.
    hasty: bool,
}

/// All variables in one word: four sets of resource managers, of [`MOST`] bits each, then four flags.
///
/// A resource manager is working (in neither of the first two sets), prepared (in the first), committed (in the second)
/// or aborted (in both). The third set is `tmPrepared`, the fourth holds the *Prepared* messages. `tmState` is the flags
/// 0 and 1, the messages *Commit* and *Abort* are the flags 2 and 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State(u64);

/// The actions, in the specification's spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The TM commits the transaction.
    TmCommit,
    /// The TM aborts the transaction.
    TmAbort,
    /// The TM receives a *Prepared* message from a resource manager.
    TmRcvPrepared(u8),
    /// A resource manager prepares.
    RmPrepare(u8),
    /// A resource manager aborts on its own.
    RmChooseToAbort(u8),
    /// A resource manager is told to commit.
    RmRcvCommitMsg(u8),
    /// A resource manager is told to abort.
    RmRcvAbortMsg(u8),
}

const TM_DONE: u64 = 1 << 60;
const TM_ABORTED: u64 = 1 << 61;
const COMMIT: u64 = 1 << 62;
const ABORT: u64 = 1 << 63;

/// `TCConsistent`: no resource manager has committed while another has aborted.
pub const CONSISTENT: usize = 0;
/// Some run commits everywhere.
pub const ALL_COMMIT: usize = 1;
/// Some run aborts everywhere.
pub const ALL_ABORT: usize = 2;

impl TwoPhase {
    /// With so many resource managers, at most [`MOST`].
    pub fn new(managers: u32) -> Self {
        TwoPhase { managers: managers.clamp(1, MOST), hasty: false }
    }

    /// A transaction manager that commits before all are prepared.
    pub fn hasty(managers: u32) -> Self {
        TwoPhase { hasty: true, ..Self::new(managers) }
    }

    fn all(self) -> u64 {
        (1 << self.managers) - 1
    }

    /// The managers that have committed and those that have aborted.
    fn outcomes(self, state: State) -> (u64, u64) {
        let (low, high) = (state.0, state.0 >> MOST);
        (high & !low & self.all(), high & low & self.all())
    }
}

impl Model for TwoPhase {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        vec![State(0)]
    }

    #[inline]
    fn successors(&self, &State(state): &State, steps: &mut impl Steps<Self>) {
        if state & TM_DONE == 0 {
            if self.hasty || state >> (2 * MOST) & self.all() == self.all() {
                steps.step(Action::TmCommit, State(state | TM_DONE | COMMIT));
            }
            steps.step(Action::TmAbort, State(state | TM_DONE | TM_ABORTED | ABORT));
        }
        for manager in 0..self.managers {
            let me = manager as u8;
            let (low, high) = (1 << manager, 1 << (manager + MOST));
            let (received, sent) = (1 << (manager + 2 * MOST), 1 << (manager + 3 * MOST));
            if state & TM_DONE == 0 && state & sent != 0 {
                steps.step(Action::TmRcvPrepared(me), State(state | received));
            }
            if state & (low | high) == 0 {
                steps.step(Action::RmPrepare(me), State(state | low | sent));
                steps.step(Action::RmChooseToAbort(me), State(state | low | high));
            }
            if state & COMMIT != 0 {
                steps.step(Action::RmRcvCommitMsg(me), State(state & !low | high));
            }
            if state & ABORT != 0 {
                steps.step(Action::RmRcvAbortMsg(me), State(state | low | high));
            }
        }
    }

    fn properties(&self) -> Vec<Property> {
        vec![Property::always("TCConsistent"), Property::sometimes("all commit"), Property::sometimes("all abort")]
    }

    #[inline]
    fn judge(&self, state: &State) -> u64 {
        let (committed, aborted) = self.outcomes(*state);
        u64::from(committed != 0 && aborted != 0) << CONSISTENT
            | u64::from(committed == self.all()) << ALL_COMMIT
            | u64::from(aborted == self.all()) << ALL_ABORT
    }

    /// One to one: no two states share a fingerprint.
    #[inline]
    fn fingerprint(&self, state: &State) -> u64 {
        scramble(state.0)
    }
}

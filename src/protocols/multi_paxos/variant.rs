//! Multi-Paxos with one rule left out, on purpose: each differs from the correct code by one condition.

use crate::protocol::{Variant, cards};

/// The rule that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// M1a. A new leader proposes nothing in slots of which no promise reported anything.
    ///
    /// 1. n0 proposes *red* in slot 1 and *blue* in slot 2; only *blue* reaches n1. 2. n0 crashes; n1 leads with n2,
    ///    which knows nothing of slot 1. 3. n1 goes on behind slot 2, and nobody ever executes it.
    GapNotFilled,
    /// M1b. A leader executes what is chosen behind a slot that is not.
    ///
    /// 1. n0 proposes *red* in slot 1 and *blue* in slot 2; n1 accepts *blue* first. 2. n0 executes *blue*, slot 1 being
    ///    left out.
    GapSkipped,
    /// M2. A promise leaves out what its acceptor knows to be chosen, and says nothing of it.
    ///
    /// 1. *red* is chosen in slot 1 by n0 and n1, and n1 hears of it. 2. n0 crashes; n2 leads by n1's promise, which
    ///    reports nothing. 3. n2 proposes *blue* in slot 1, and n1 accepts it.
    PromiseOmitsChosen,
    /// M3. A node that lost its disk votes again once it has seen an instance through.
    ///
    /// 1. n3 of five begins ballot 8; n4 promises it, and loses its disk while the promise is under way. 2. *red* is
    ///    chosen in slot 1 under ballot 5 by n0, n1 and n2: n4 has observed an instance. 3. n0 and n1 and n4 choose
    ///    *blue* in slot 2 under ballot 5. 4. n4's old promise reaches n3, which leads ballot 8 by n2, n3 and n4, none
    ///    of which reported slot 2.
    WipedVotes,
    /// M4. A command that was chosen in two slots is executed twice.
    ExecutesTwice,
    /// M5. The promise is not on the disk.
    ///
    /// 1. n0 leads ballot 3. 2. n2 promises ballot 4 to n1, and restarts. 3. n0's *red* is chosen in slot 1 by n0 and n2.
    ///    4. The promise reaches n1, which leads ballot 4, was told of nothing, and has *blue* chosen by n1 and n2.
    VolatilePromise,
    /// M6. An acceptor says that it has accepted before its disk has it.
    ///
    /// 1. n1 accepts *red* in slot 1, says so to n0, which executes it, and crashes before the write. 2. n1 restarts and
    ///    leads by n2's promise, neither knowing of *red*. 3. *blue* is chosen in slot 1.
    AcceptWithoutPersist,
}

/// Every variant with its card.
pub const ALL: &[(Broken, Variant)] = &[
    (
        Broken::GapNotFilled,
        Variant {
            id: "gap-not-filled",
            code: "M1a",
            title: text!("The new leader leaves a gap"),
            rule: text!(
                "A new leader fills every slot of which nobody reported anything, below the last that was reported, \
                   with a no-op: else nothing behind it is ever executed."
            ),
            source: text!(
                "Paxos Made Simple §3: “we let it fill the gap immediately by proposing, as commands 136 and 137, a \
                     special “no-op” command”"
            ),
            breaks: "Validity",
        },
    ),
    (
        Broken::GapSkipped,
        Variant {
            id: "gap-skipped",
            code: "M1b",
            title: text!("The leader steps over a gap"),
            rule: text!(
                "A command is executed when it and all before it are chosen, not as soon as it is chosen itself."
            ),
            source: text!(
                "Paxos Made Simple §3: “it can’t execute commands 138–140, which it also knows, because commands 136 \
                     and 137 have yet to be chosen”"
            ),
            breaks: "State Machine Safety",
        },
    ),
    (
        Broken::PromiseOmitsChosen,
        Variant {
            id: "promise-omits-chosen",
            code: "M2",
            title: text!("A promise leaves out what is chosen"),
            rule: text!(
                "A promise reports what was accepted in chosen slots too, or says up to where all is chosen: else a \
                   leader that does not know proposes there anew."
            ),
            source: text!(
                "Paxos Made Simple §2.2, Phase 1(b): “with the highest-numbered proposal (if any) that it has \
                     accepted”, for all instances (§3)"
            ),
            breaks: "State Machine Safety",
        },
    ),
    (
        Broken::WipedVotes,
        Variant {
            id: "wiped-votes",
            code: "M3",
            title: text!("A lost disk, and one instance observed"),
            rule: text!(
                "An acceptor that lost its disk votes no more: to have seen one instance through does not tell it what \
                   it had promised, and its promise may still be under way."
            ),
            source: text!(
                "Chandra, Griesemer, Redstone, Paxos Made Live, §5.1, Handling disk corruption; Michael, Ports, Sharma, \
                     Szekeres, Recovering Shared Objects Without Stable Storage, DISC 2017, §6"
            ),
            breaks: "P2c",
        },
    ),
    (
        Broken::ExecutesTwice,
        Variant {
            id: "executes-twice",
            code: "M4",
            title: text!("One command in two slots, executed twice"),
            rule: text!(
                "A command that was chosen in an earlier slot already, because its client tried again, is not executed \
                   again."
            ),
            source: text!("van Renesse, Altinbuken, Paxos Made Moderately Complex, §2, the replica’s perform()"),
            breaks: "No duplication",
        },
    ),
    (
        Broken::VolatilePromise,
        Variant {
            id: "volatile-promise",
            code: "M5",
            title: text!("The promise is not on the disk"),
            rule: text!(
                "A promise is on the disk before anybody hears of it, so that an acceptor that restarts keeps its word."
            ),
            source: text!(
                "Paxos Made Simple §2.5: “records its intended response in stable storage before actually sending \
                     the response”"
            ),
            breaks: "Promises never decrease",
        },
    ),
    (
        Broken::AcceptWithoutPersist,
        Variant {
            id: "accept-without-persist",
            code: "M6",
            title: text!("Accepted before the disk has it"),
            rule: text!("An acceptor answers Accept when the proposal is on its disk."),
            source: text!(
                "Paxos Made Simple §2.5: “records its intended response in stable storage before actually sending \
                     the response”"
            ),
            breaks: "State Machine Safety",
        },
    ),
];

/// The cards alone, for [`crate::protocol::Info`].
pub const CARDS: &[Variant] = &cards::<_, { ALL.len() }>(ALL);

//! The rule that a node follows at a message or timer, in one sentence, with where it is written.

use crate::protocol::Text;

/// The rule of `protocol` for what is called `name`, a kind of message or timer; `None` where none is told.
pub fn rule(protocol: &str, name: &str) -> Option<Text> {
    RULES.iter().find(|(of, at, _)| *of == protocol && *at == name).map(|(.., rule)| *rule)
}

/// Protocol, message or timer, sentence.
const RULES: &[(&str, &str, Text)] = &[
    (
        "raft",
        "Election",
        text!(
            "“If election timeout elapses without receiving AppendEntries RPC from current leader or granting vote to \
         candidate: convert to candidate” (Raft, Figure 2)"
        ),
    ),
    (
        "raft",
        "Heartbeat",
        text!(
            "“Send initial empty AppendEntries RPCs (heartbeat) to each server; repeat during idle periods to prevent election timeouts” (Raft, Figure 2)"
        ),
    ),
    (
        "raft",
        "RequestVote",
        text!(
            "“If votedFor is null or candidateId, and candidate’s log is at least as up-to-date as receiver’s log, grant \
         vote” (Raft, Figure 2)"
        ),
    ),
    (
        "raft",
        "RequestVoteResponse",
        text!("“If votes received from majority of servers: become leader” (Raft, Figure 2)"),
    ),
    (
        "raft",
        "PreVote",
        text!("A vote is promised only to a candidate that could win, and only when no leader is heard (thesis, §9.6)"),
    ),
    ("raft", "PreVoteResponse", text!("Only who would win an election starts one (thesis, §9.6)")),
    (
        "raft",
        "AppendEntries",
        text!(
            "“Reply false if log doesn’t contain an entry at prevLogIndex whose term matches prevLogTerm”; else append what \
         is new (Raft, Figure 2)"
        ),
    ),
    (
        "raft",
        "AppendEntriesResponse",
        text!(
            "“If there exists an N such that N > commitIndex, a majority of matchIndex[i] ≥ N, and log[N].term == \
         currentTerm: set commitIndex = N” (Raft, Figure 2)"
        ),
    ),
    (
        "raft",
        "InstallSnapshot",
        text!("A follower too far behind gets the leader’s snapshot in place of its log (Raft, §7)"),
    ),
    (
        "paxos",
        "Prepare",
        text!(
            "An acceptor promises “not to accept any more proposals numbered less than n”, and says which it has accepted \
         (Paxos Made Simple, §2.2)"
        ),
    ),
    (
        "paxos",
        "Promise",
        text!(
            "With promises from a majority, the proposer asks for “the value of the highest-numbered proposal among the \
         responses” (Paxos Made Simple, §2.2)"
        ),
    ),
    (
        "paxos",
        "Accept",
        text!(
            "The acceptor accepts “unless it has already responded to a prepare request having a number greater than n” \
         (Paxos Made Simple, §2.2)"
        ),
    ),
    (
        "paxos",
        "Accepted",
        text!("A value is chosen when a majority of acceptors has accepted it (Paxos Made Simple, §2.2)"),
    ),
    ("paxos", "Nack", text!("A proposer that hears of a higher number gives its own up (Paxos Made Simple, §2.2)")),
    ("paxos", "Retry", text!("A proposer whose number came to nothing tries a higher one (Paxos Made Simple, §2.4)")),
    ("best-effort", "Data", text!("What arrives is delivered at once; a sender that dies halfway is nobody’s concern")),
    ("reliable", "Data", text!("What arrives for the first time is passed on to all before it is delivered")),
    ("fifo", "Data", text!("A message is delivered only if its number is the next one of its sender")),
    (
        "causal",
        "Data",
        text!("A message waits until all that its sender had delivered before it is delivered here, too"),
    ),
    ("sequencer", "Request", text!("The sequencer gives each message the next number, once")),
    ("sequencer", "Order", text!("Messages are delivered in the order of their numbers, without a gap")),
    (
        "multi-paxos",
        "Prepare",
        text!("One promise covers every slot: the acceptor reports all that it has accepted (Paxos Made Simple, §3)"),
    ),
    (
        "multi-paxos",
        "Promise",
        text!(
            "With promises from a majority the leader proposes again what was reported, and fills what lies between with \
         no-ops (Paxos Made Simple, §3)"
        ),
    ),
    (
        "multi-paxos",
        "Accept",
        text!("As in Paxos, slot by slot: accepted unless a higher ballot was promised (Paxos Made Simple, §2.2)"),
    ),
    (
        "multi-paxos",
        "Accepted",
        text!(
            "What a majority has accepted in a slot is chosen there; slots are executed in order (Paxos Made Simple, §3)"
        ),
    ),
    (
        "zab",
        "CEPOCH",
        text!("With a quorum of CEPOCH the leader proposes an epoch later than all of them (Zab, phase 1, discovery)"),
    ),
    (
        "zab",
        "NEWEPOCH",
        text!(
            "A follower takes an epoch later than any it acknowledged, and tells its history (Zab, phase 1, discovery)"
        ),
    ),
    (
        "zab",
        "ACK-E",
        text!(
            "The leader takes over the history of the latest epoch, and of those the longest (Zab, phase 1, discovery)"
        ),
    ),
    (
        "zab",
        "NEWLEADER",
        text!("The follower makes the leader’s history its own before it acknowledges (Zab, phase 2, synchronization)"),
    ),
    (
        "zab",
        "ACK-LD",
        text!("With a quorum of acknowledgements the history is committed (Zab, phase 2, synchronization)"),
    ),
    ("zab", "COMMIT-LD", text!("What was synchronised is delivered, in order (Zab, phase 2, synchronization)")),
    (
        "zab",
        "PROPOSE",
        text!(
            "Proposals are accepted in the order of their zxids and written down before they are acknowledged (Zab, phase 3)"
        ),
    ),
    ("zab", "ACK", text!("With a quorum of acknowledgements the leader commits (Zab, phase 3, broadcast)")),
    ("zab", "COMMIT", text!("A transaction is delivered once all before it are (Zab, phase 3, broadcast)")),
    (
        "vr",
        "PREPARE",
        text!(
            "A backup takes a PREPARE only when it has all earlier requests in its log (Viewstamped Replication Revisited, §4.1)"
        ),
    ),
    (
        "vr",
        "PREPAREOK",
        text!("With answers of f backups the operation is committed (Viewstamped Replication Revisited, §4.1)"),
    ),
    (
        "vr",
        "COMMIT",
        text!("A primary without requests tells how far it has committed (Viewstamped Replication Revisited, §4.1)"),
    ),
    (
        "vr",
        "ViewChange",
        text!(
            "A backup that hears no primary advances its view-number and says so (Viewstamped Replication Revisited, §4.2)"
        ),
    ),
    (
        "vr",
        "STARTVIEWCHANGE",
        text!(
            "With STARTVIEWCHANGE from f others a replica hands its log to the new primary (Viewstamped Replication \
         Revisited, §4.2)"
        ),
    ),
    (
        "vr",
        "DOVIEWCHANGE",
        text!(
            "With f + 1 of them the new primary takes the log of the latest normal view, and of those the longest \
         (Viewstamped Replication Revisited, §4.2)"
        ),
    ),
    (
        "vr",
        "STARTVIEW",
        text!("The log of the new primary replaces the replica’s own (Viewstamped Replication Revisited, §4.2)"),
    ),
    (
        "vr",
        "RECOVERYRESPONSE",
        text!(
            "f + 1 responses with its nonce, one of them from the primary of the latest view, give a replica its state back \
         (Viewstamped Replication Revisited, §4.3)"
        ),
    ),
    (
        "floodset",
        "Flood",
        text!(
            "Each round everybody sends all values it has seen; after f + 1 rounds all have the same set (Lynch, §6.2)"
        ),
    ),
    (
        "ben-or",
        "Report",
        text!("Of n − f reports, more than half of all nodes with one value make a proposal of it (Ben-Or 1983)"),
    ),
    (
        "ben-or",
        "Proposal",
        text!(
            "Of n − f proposals, f + 1 for one value decide it, one is adopted, and with none a coin is flipped (Ben-Or 1983)"
        ),
    ),
];

#[cfg(test)]
mod tests {
    use super::RULES;
    use crate::protocol::{Message, Protocol, Timer};
    use crate::protocols::registry::{self, Visitor};

    struct Names;

    impl Visitor for Names {
        type Output = Vec<&'static str>;
        fn visit<P: Protocol>(self) -> Self::Output {
            let kinds = P::Message::KINDS.iter().map(|kind| kind.name);
            kinds.chain(P::Timer::ALL.iter().map(|timer| timer.name())).collect()
        }
    }

    #[test]
    fn every_rule_is_one_of_a_message_or_timer_that_there_is() {
        for (protocol, name, _) in RULES {
            let names = registry::visit(protocol, Names).unwrap_or_else(|| panic!("{protocol} is no protocol"));
            assert!(names.contains(name), "{protocol} has no {name}, only {names:?}");
        }
        for info in registry::ALL {
            assert!(RULES.iter().any(|(protocol, ..)| *protocol == info.id), "{} has no rule", info.id);
        }
    }
}

//! The rule that a node follows at a message or timer, in one sentence, with where it is written.

/// The rule of `protocol` for what is called `name`, a kind of message or timer; `None` where none is told.
pub fn rule(protocol: &str, name: &str) -> Option<&'static str> {
    RULES.iter().find(|(of, at, _)| *of == protocol && *at == name).map(|(.., rule)| *rule)
}

/// Protocol, message or timer, sentence.
const RULES: &[(&str, &str, &str)] = &[
    (
        "raft",
        "Election",
        "“If election timeout elapses without receiving AppendEntries RPC from current leader or granting vote to \
         candidate: convert to candidate” (Raft, Figure 2)",
    ),
    (
        "raft",
        "Heartbeat",
        "The leader “sends initial empty AppendEntries RPCs … repeat during idle periods” (Raft, Figure 2)",
    ),
    (
        "raft",
        "RequestVote",
        "“If votedFor is null or candidateId, and candidate’s log is at least as up-to-date as receiver’s log, grant \
         vote” (Raft, Figure 2)",
    ),
    ("raft", "RequestVoteResponse", "“If votes received from majority of servers: become leader” (Raft, Figure 2)"),
    (
        "raft",
        "PreVote",
        "A vote is promised only to a candidate that could win, and only when no leader is heard (thesis, §9.6)",
    ),
    ("raft", "PreVoteResponse", "Only who would win an election starts one (thesis, §9.6)"),
    (
        "raft",
        "AppendEntries",
        "“Reply false if log doesn’t contain an entry at prevLogIndex whose term matches prevLogTerm”; else append what \
         is new (Raft, Figure 2)",
    ),
    (
        "raft",
        "AppendEntriesResponse",
        "“If there exists an N such that N > commitIndex, a majority of matchIndex[i] ≥ N, and log[N].term == \
         currentTerm: set commitIndex = N” (Raft, Figure 2)",
    ),
    ("raft", "InstallSnapshot", "A follower too far behind gets the leader’s snapshot in place of its log (Raft, §7)"),
    (
        "paxos",
        "Prepare",
        "An acceptor promises “not to accept any more proposals numbered less than n”, and says which it has accepted \
         (Paxos Made Simple, §2.2)",
    ),
    (
        "paxos",
        "Promise",
        "With promises from a majority, the proposer asks for “the value of the highest-numbered proposal among the \
         responses” (Paxos Made Simple, §2.2)",
    ),
    (
        "paxos",
        "Accept",
        "The acceptor accepts “unless it has already responded to a prepare request having a number greater than n” \
         (Paxos Made Simple, §2.2)",
    ),
    ("paxos", "Accepted", "A value is chosen when a majority of acceptors has accepted it (Paxos Made Simple, §2.2)"),
    ("paxos", "Nack", "A proposer that hears of a higher number gives its own up (Paxos Made Simple, §2.2)"),
    ("paxos", "Retry", "A proposer whose number came to nothing tries a higher one (Paxos Made Simple, §2.4)"),
    ("best-effort", "Data", "What arrives is delivered at once; a sender that dies halfway is nobody’s concern"),
    ("reliable", "Data", "What arrives for the first time is passed on to all before it is delivered"),
    ("fifo", "Data", "A message is delivered only if its number is the next one of its sender"),
    ("causal", "Data", "A message waits until all that its sender had delivered before it is delivered here, too"),
    ("sequencer", "Request", "The sequencer gives each message the next number, once"),
    ("sequencer", "Order", "Messages are delivered in the order of their numbers, without a gap"),
];

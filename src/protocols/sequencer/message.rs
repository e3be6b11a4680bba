//! What is sent to the sequencer and what comes back.

use crate::protocol::{self, Kind, Value};
use crate::protocols::dissemination::Letter;

/// What travels. The number of a `Request` on the link is the sender's number for its message, that of an `Order`
/// is its place in the sequence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// To the sequencer: give this message a number.
    Request { letter: Letter<()> },
    /// From the sequencer: the message with the number `seqnum`.
    Order { seqnum: u64, letter: Letter<()> },
    /// The receiver has the sender's message `link` on its disk.
    Ack { link: u64 },
}

impl protocol::Message for Message {
    const KINDS: &'static [Kind] = &[
        Kind { name: "Request", short: "REQ", reply: false, heartbeat: false },
        Kind { name: "Order", short: "ORD", reply: false, heartbeat: false },
        Kind { name: "Ack", short: "ack", reply: true, heartbeat: true },
    ];

    fn kind(&self) -> u8 {
        match self {
            Message::Request { .. } => 0,
            Message::Order { .. } => 1,
            Message::Ack { .. } => 2,
        }
    }

    fn fields(&self, value: &dyn Fn(Value) -> String) -> Vec<(&'static str, String)> {
        let name = |letter: &Letter<()>| {
            [
                ("origin", letter.origin.to_string()),
                ("number", letter.number.to_string()),
                ("m", value(letter.command.value)),
            ]
        };
        match self {
            Message::Request { letter } => name(letter).into(),
            Message::Order { seqnum, letter } => {
                let mut fields = vec![("seqnum", seqnum.to_string())];
                fields.extend(name(letter));
                fields
            }
            Message::Ack { link } => vec![("link", link.to_string())],
        }
    }
}

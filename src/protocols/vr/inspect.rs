//! What people see of a node: never read by the algorithm.

use super::message::show;
use super::{Config, OpNumber, Status, Vr};
use crate::protocol::{ClientId, Field, NodeId, NodeSet, Value, View, Wait};
use std::fmt::Write as _;

impl Vr {
    pub(super) fn summary(&self) -> View {
        View {
            role: match self.status {
                Status::Normal if self.leads() => "primary",
                Status::Normal => "backup",
                Status::ViewChange(_) => "view-change",
                Status::Recovering(_) => "recovering",
            },
            leads: self.leads(),
            epoch: self.view.into(),
            first: 1,
            last: self.log.op_number().into(),
            committed: self.commit.into(),
            leader: self.is_normal().then(|| self.primary(self.view)),
        }
    }

    pub(super) fn variables(&self, value: &dyn Fn(Value) -> String) -> Vec<Field> {
        let field = |name, durable, value| Field { name, value, durable };
        let number = |name, number: OpNumber| field(name, false, number.to_string());
        let status = match self.status {
            Status::Normal => "normal",
            Status::ViewChange(_) => "view-change",
            Status::Recovering(_) => "recovering",
        };
        let mut fields = vec![
            number("view-number", self.view),
            field("status", false, status.to_string()),
            number("op-number", self.log.op_number()),
            field("log", false, self.log.describe(value)),
            number("commit-number", self.commit),
            field("client-table", false, self.log.describe_clients()),
            number("v′", self.normal),
            field("view-number on disk", true, self.disk.view_number.to_string()),
            field("nonce", true, self.disk.nonce.to_string()),
        ];
        if self.leads() {
            let backups = self.others().map(|node| format!("{node}: {}", self.prepared[node.index()]));
            fields.push(field("prepared", false, backups.collect::<Vec<_>>().join(", ")));
        }
        if let Some(transfer) = self.wanted() {
            let asked = format!("view {} from {}", transfer.v, transfer.asked);
            fields.push(field("state transfer", false, asked));
        }
        match &self.status {
            Status::Normal => {}
            Status::ViewChange(change) => {
                fields.push(field("STARTVIEWCHANGE from", false, format!("{:?}", change.started)));
                fields.push(field("DOVIEWCHANGE from", false, format!("{:?}", senders(&change.reports))));
            }
            Status::Recovering(answers) => {
                fields.push(field("RECOVERYRESPONSE from", false, format!("{:?}", senders(answers))));
            }
        }
        fields
    }

    pub(super) fn awaited(&self, config: &Config) -> Vec<Wait> {
        let quorum = |what, have| vec![Wait::Quorum { what, epoch: self.view.into(), have, need: config.quorum() }];
        let primary = self.primary(self.view);
        let mut waits = match &self.status {
            Status::Normal if self.leads() && self.commit < self.log.op_number() => {
                let next = self.commit + 1;
                let has = |node: &NodeId| *node == self.me || self.prepared[node.index()] >= next;
                quorum("PREPAREOK", NodeId::all(usize::from(self.nodes)).filter(has).collect())
            }
            Status::Normal => Vec::new(),
            Status::ViewChange(change) if !change.sent => quorum("STARTVIEWCHANGE", change.started),
            Status::ViewChange(change) if primary == self.me => quorum("DOVIEWCHANGE", senders(&change.reports)),
            Status::ViewChange(_) => vec![Wait::Node { what: "STARTVIEW", node: primary }],
            Status::Recovering(answers) if answers.len() >= config.quorum() => {
                vec![Wait::Node { what: "RECOVERYRESPONSE", node: self.primary(self.latest_heard()) }]
            }
            Status::Recovering(answers) => quorum("RECOVERYRESPONSE", senders(answers)),
        };
        if let Some(transfer) = self.wanted() {
            waits.push(Wait::Node { what: "NEWSTATE", node: transfer.asked });
        }
        waits
    }
}

fn senders<T>(of: &[(NodeId, T)]) -> NodeSet {
    of.iter().map(|(sender, _)| *sender).collect()
}

/// How many of a log's last entries, or of the clients, are spelled out.
const SHOWN: OpNumber = 12;

impl super::Log {
    /// "1: a (view 0), 2: b (view 1)".
    fn describe(&self, value: &dyn Fn(Value) -> String) -> String {
        let first = self.op_number().saturating_sub(SHOWN) + 1;
        let mut text = String::from(if first > 1 { "… " } else { "" });
        for n in first..=self.op_number() {
            if let Some(entry) = self.get(n) {
                let comma = if n == first { "" } else { ", " };
                let _ = write!(text, "{comma}{n}: {} (view {})", show(entry, value), entry.view);
            }
        }
        text
    }

    /// "client 0: 3, client 1: 2": the request-number of each, at most so many clients, the last ones.
    fn describe_clients(&self) -> String {
        let mut clients = Vec::new();
        let mut before = ClientId(u32::MAX);
        while clients.len() < SHOWN as usize
            && let Some((client, s)) = self.last_client_before(before)
        {
            clients.push(format!("client {}: {s}", client.0));
            before = client;
        }
        clients.reverse();
        clients.join(", ")
    }
}

//! The messages in the diagram: arrows from where they were sent to where they ended.

use super::{BLOCK, Frame, HEADS, LEFT, SpaceTime};
use crate::session::Cone;
use crate::sim::MessageRecord;
use crate::ui::paint::Scene;

impl SpaceTime {
    pub(super) fn messages(&self, scene: &Scene<'_>, frame: &Frame) {
        let head = scene.session.head();
        let (trace, kinds) = (head.trace(), head.cluster().kinds());
        let (mut low, mut high) = (0, trace.messages.len());
        while low < high {
            let middle = (low + high) / 2;
            if frame.when(trace, trace.messages[middle].sent) <= frame.to { low = middle + 1 } else { high = middle }
        }
        let end = low;
        let mut seen = Vec::new();
        for block in 0..end.div_ceil(BLOCK) {
            if self.ends.get(block).is_some_and(|last| frame.when(trace, *last) < frame.from) {
                continue;
            }
            for id in block * BLOCK..((block + 1) * BLOCK).min(end) {
                let message = &trace.messages[id];
                if message.from == message.to {
                    continue;
                }
                let sent = frame.when(trace, message.sent);
                let ended = frame.when(trace, message.ended);
                let lit = self.cone.as_ref().map_or(Lit::Not, |cone| lit(cone, message));
                if ended >= frame.from && message.fate != 2 && (scene.eyes.is_none() || lit == Lit::Past) {
                    seen.push((message, sent, ended, lit));
                }
            }
        }
        let heads = seen.len() <= HEADS;
        let ctx = &self.sheet.ctx;
        ctx.save();
        ctx.begin_path();
        ctx.rect(LEFT, 0.0, self.sheet.width - LEFT, self.sheet.height);
        ctx.clip();
        // One path for each look: strokes are what costs.
        let looks = [Look::Reply, Look::Asks, Look::Lost, Look::Future, Look::Caused, Look::Causes];
        let dim = if self.cone.is_some() && scene.eyes.is_none() { 0.3 } else { 1.0 };
        for look in looks {
            ctx.begin_path();
            for &(message, sent, ended, lit) in &seen {
                let is_reply = kinds.get(usize::from(message.kind)).is_some_and(|kind| kind.reply);
                let own = match lit {
                    Lit::Past if scene.eyes.is_none() => Look::Causes,
                    Lit::Future => Look::Caused,
                    _ if sent > frame.shown => Look::Future,
                    _ if message.fate == 3 => Look::Lost,
                    _ if is_reply => Look::Reply,
                    _ => Look::Asks,
                };
                if own == look {
                    self.arrow(frame, message, sent, ended, heads);
                }
            }
            let palette = scene.palette;
            let (colour, alpha, wide) = match look {
                Look::Reply => (palette.soft.as_str(), 0.7 * dim, 1.0),
                Look::Asks => (palette.ink.as_str(), 0.85 * dim, 1.0),
                Look::Lost => (palette.warn.as_str(), 0.85 * dim, 1.0),
                Look::Future => (palette.soft.as_str(), 0.35 * dim, 1.0),
                Look::Caused => (palette.epoch(2), 1.0, 1.3),
                Look::Causes => (palette.accent.as_str(), 1.0, 1.8),
            };
            ctx.set_stroke_style_str(colour);
            ctx.set_global_alpha(alpha);
            self.sheet.dash(if look == Look::Lost { &[3.0, 3.0] } else { &[] });
            ctx.set_line_width(wide);
            ctx.stroke();
        }
        ctx.restore();
    }

    fn arrow(&self, frame: &Frame, message: &MessageRecord, sent: u64, ended: u64, heads: bool) {
        let ctx = &self.sheet.ctx;
        let (x0, y0) = (frame.x(sent), frame.y(message.from));
        let (mut x1, mut y1) = (frame.x(ended.min(frame.to + frame.to)), frame.y(message.to));
        if ended == u64::MAX {
            // Still in flight, nobody knows for how long: it points on.
            let reach = 0.3;
            (x1, y1) = (frame.x(frame.shown).max(x0 + 6.0), y0 + (y1 - y0) * reach);
        }
        ctx.move_to(x0, y0);
        ctx.line_to(x1, y1);
        if heads && ended != u64::MAX && message.fate != 3 {
            let (dx, dy) = (x1 - x0, y1 - y0);
            let length = (dx * dx + dy * dy).sqrt().max(1.0);
            let (ux, uy) = (dx / length, dy / length);
            ctx.move_to(x1 - ux * 6.0 - uy * 2.6, y1 - uy * 6.0 + ux * 2.6);
            ctx.line_to(x1, y1);
            ctx.line_to(x1 - ux * 6.0 + uy * 2.6, y1 - uy * 6.0 - ux * 2.6);
        }
    }
}

/// How an arrow looks.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Reply,
    Asks,
    Lost,
    Future,
    Caused,
    Causes,
}

/// On which side of the event that is looked at a message lies.
#[derive(Clone, Copy, PartialEq)]
enum Lit {
    Not,
    Past,
    Future,
}

fn lit(cone: &Cone, message: &MessageRecord) -> Lit {
    if cone.past(message.sent) && cone.past(message.ended) {
        Lit::Past
    } else if (message.sent == cone.event() || cone.future(message.sent)) && cone.future(message.ended) {
        Lit::Future
    } else {
        Lit::Not
    }
}

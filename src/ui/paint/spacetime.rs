//! The space–time diagram: one lane a node, messages as arrows, reigns as bands, what is still to come faded. Only
//! what lies in the window is looked at, so that its cost does not grow with the run.

use super::{Paint, Scene, Sheet};
use crate::protocol::NodeId;
use crate::sim::{MarkKind, MessageRecord, Trace, What};
use crate::ui::{strings, view};
use std::cell::Cell;
use std::rc::Rc;

/// The part of time that is shown; shared with the component that has the buttons.
#[derive(Debug)]
pub struct Span {
    /// How much, µs.
    pub width: Cell<u64>,
    /// The left end at the last drawing, µs.
    pub from: Cell<u64>,
}

/// Messages in a block of the index.
const BLOCK: usize = 256;
/// More arrows than that are drawn without heads.
const HEADS: usize = 400;
/// Room for names at the left, and above and below.
pub const LEFT: f64 = 44.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 20.0;

/// The painter of the diagram.
pub struct SpaceTime {
    sheet: Sheet,
    span: Rc<Span>,
    /// By block of messages: the latest end of any of them, for blocks in which all have ended.
    ends: Vec<u64>,
    /// What the index was made of: another branch has other ends.
    branch: (usize, usize),
}

impl SpaceTime {
    /// A painter on `sheet`.
    pub fn new(sheet: Sheet, span: Rc<Span>) -> SpaceTime {
        SpaceTime { sheet, span, ends: Vec::new(), branch: (0, 0) }
    }
}

struct Frame {
    from: u64,
    to: u64,
    shown: u64,
    scale: f64,
    lane: f64,
}

impl Frame {
    fn x(&self, at: u64) -> f64 {
        LEFT + (at as f64 - self.from as f64) * self.scale
    }

    fn y(&self, node: NodeId) -> f64 {
        TOP + self.lane * (f64::from(node.0) + 0.5)
    }
}

impl Paint for SpaceTime {
    fn paint(&mut self, scene: &Scene<'_>) {
        if !self.sheet.clear() {
            return;
        }
        let nodes = usize::from(scene.session.scenario().nodes);
        let width = self.span.width.get();
        // The present stands at four fifths, so that what is in flight has room.
        let from = scene.shown.saturating_sub(width / 5 * 4);
        self.span.from.set(from);
        let frame = Frame {
            from,
            to: from + width,
            shown: scene.shown,
            scale: (self.sheet.width - LEFT) / width as f64,
            lane: (self.sheet.height - TOP - BOTTOM) / nodes as f64,
        };
        self.index(scene);
        self.bands(scene, &frame);
        self.lanes(scene, &frame, nodes);
        self.messages(scene, &frame);
        self.deeds(scene, &frame);
        self.present(scene, &frame);
    }
}

fn time(trace: &Trace, event: u32) -> u64 {
    trace.events.get(event as usize).map_or(u64::MAX, |event| event.at)
}

impl SpaceTime {
    /// Notes the latest end of every block of messages that have all ended.
    fn index(&mut self, scene: &Scene<'_>) {
        let session = scene.session;
        let trace = session.head().trace();
        let branch = (session.branch(), session.branches()[session.branch()].interventions().len());
        if self.branch != branch || self.ends.len() * BLOCK > trace.messages.len() {
            self.ends.clear();
            self.branch = branch;
        }
        while (self.ends.len() + 1) * BLOCK <= trace.messages.len() {
            let start = self.ends.len() * BLOCK;
            let ended = (start..start + BLOCK).map(|id| trace.messages[id].ended).try_fold(0, |latest, ended| {
                (ended != MessageRecord::IN_FLIGHT).then(|| time(trace, ended).max(latest))
            });
            let Some(ended) = ended else { break };
            self.ends.push(ended);
        }
    }

    fn bands(&self, scene: &Scene<'_>, frame: &Frame) {
        let (sheet, world) = (&self.sheet, scene.session.head());
        let ctx = &sheet.ctx;
        for reign in world.reigns().iter().rev().take(200) {
            let end = reign.to.unwrap_or(world.now().max(scene.shown));
            if end < frame.from || reign.from > frame.to {
                continue;
            }
            let (x0, x1) = (frame.x(reign.from.max(frame.from)), frame.x(end.min(frame.to)));
            let y = frame.y(reign.node);
            ctx.set_fill_style_str(scene.palette.epoch(view::colour(world, reign.epoch)));
            ctx.set_global_alpha(0.28);
            ctx.fill_rect(x0, y - 4.0, (x1 - x0).max(1.0), 8.0);
            ctx.set_global_alpha(1.0);
        }
        let gst = scene.session.scenario().network.gst_us;
        if gst > frame.from && gst < frame.to {
            let x = frame.x(gst);
            ctx.set_stroke_style_str(&scene.palette.accent);
            ctx.set_line_width(1.0);
            sheet.dash(&[5.0, 4.0]);
            sheet.line((x, TOP - 6.0), (x, sheet.height - BOTTOM));
            sheet.dash(&[]);
            ctx.set_fill_style_str(&scene.palette.accent);
            ctx.set_font("11px system-ui, sans-serif");
            let _ = ctx.fill_text(strings::spacetime::GST, x + 4.0, TOP - 2.0);
        }
    }

    fn lanes(&self, scene: &Scene<'_>, frame: &Frame, nodes: usize) {
        let (sheet, world) = (&self.sheet, scene.session.world());
        let ctx = &sheet.ctx;
        let every = (11.0 / frame.lane).ceil().max(1.0) as usize;
        ctx.set_font("12px system-ui, sans-serif");
        ctx.set_text_align("right");
        ctx.set_text_baseline("middle");
        for node in NodeId::all(nodes) {
            let y = frame.y(node);
            let up = world.up().contains(node);
            ctx.set_stroke_style_str(&scene.palette.rule);
            ctx.set_line_width(1.3);
            sheet.dash(if up { &[] } else { &[2.0, 5.0] });
            sheet.line((LEFT, y), (sheet.width, y));
            sheet.dash(&[]);
            if node.index().is_multiple_of(every) {
                ctx.set_fill_style_str(if up { &scene.palette.ink } else { &scene.palette.soft });
                let _ = ctx.fill_text(&node.to_string(), LEFT - 12.0, y);
            }
        }
        self.axis(scene, frame);
    }

    fn axis(&self, scene: &Scene<'_>, frame: &Frame) {
        let ctx = &self.sheet.ctx;
        let steps: [u64; 12] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
        let least = (90.0 / frame.scale) as u64;
        let step = steps.iter().map(|ms| ms * 1000).find(|step| *step >= least).unwrap_or(10_000_000);
        ctx.set_text_align("center");
        ctx.set_font("11px system-ui, sans-serif");
        ctx.set_fill_style_str(&scene.palette.soft);
        let mut at = frame.from.next_multiple_of(step);
        while at <= frame.to {
            let x = frame.x(at);
            if x > LEFT + 16.0 && x < self.sheet.width - 24.0 {
                let _ = ctx.fill_text(&format!("{} s", view::seconds(at)), x, self.sheet.height - 8.0);
            }
            at += step;
        }
    }

    fn messages(&self, scene: &Scene<'_>, frame: &Frame) {
        let head = scene.session.head();
        let (trace, kinds) = (head.trace(), head.cluster().kinds());
        let (mut low, mut high) = (0, trace.messages.len());
        while low < high {
            let middle = (low + high) / 2;
            if time(trace, trace.messages[middle].sent) <= frame.to { low = middle + 1 } else { high = middle }
        }
        let end = low;
        let mut seen = Vec::new();
        for block in 0..end.div_ceil(BLOCK) {
            if self.ends.get(block).is_some_and(|latest| *latest < frame.from) {
                continue;
            }
            for id in block * BLOCK..((block + 1) * BLOCK).min(end) {
                let message = &trace.messages[id];
                if message.from == message.to {
                    continue;
                }
                let sent = time(trace, message.sent);
                let ended = time(trace, message.ended);
                if ended >= frame.from && message.fate != 2 {
                    seen.push((message, sent, ended));
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
        for (reply, lost, future) in
            [(true, false, false), (false, false, false), (false, true, false), (false, false, true)]
        {
            ctx.begin_path();
            for &(message, sent, ended) in &seen {
                let is_reply = kinds.get(usize::from(message.kind)).is_some_and(|kind| kind.reply);
                let look = (
                    is_reply && message.fate != 3 && sent <= frame.shown,
                    message.fate == 3 && sent <= frame.shown,
                    sent > frame.shown,
                );
                if look == (reply, lost, future) {
                    self.arrow(frame, message, sent, ended, heads);
                }
            }
            let palette = scene.palette;
            ctx.set_stroke_style_str(if lost {
                &palette.warn
            } else if reply || future {
                &palette.soft
            } else {
                &palette.ink
            });
            ctx.set_global_alpha(if future {
                0.35
            } else if reply {
                0.7
            } else {
                0.85
            });
            self.sheet.dash(if lost { &[3.0, 3.0] } else { &[] });
            ctx.set_line_width(1.0);
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

    /// What was done to the run, and what it came to.
    fn deeds(&self, scene: &Scene<'_>, frame: &Frame) {
        let trace = scene.session.head().trace();
        let (sheet, palette) = (&self.sheet, scene.palette);
        let ctx = &sheet.ctx;
        let (mut low, mut high) = (0, trace.marks.len());
        while low < high {
            let middle = (low + high) / 2;
            if time(trace, trace.marks[middle].event) <= frame.to { low = middle + 1 } else { high = middle }
        }
        for mark in (0..low).rev().map(|i| &trace.marks[i]) {
            let Some(event) = trace.events.get(mark.event as usize) else { continue };
            if event.at < frame.from {
                break;
            }
            let (x, y) = (frame.x(event.at), frame.y(mark.node));
            match mark.kind {
                MarkKind::Delivered { .. } => {
                    ctx.set_fill_style_str(palette.epoch(2));
                    ctx.fill_rect(x - 1.5, y - 6.0, 3.0, 12.0);
                }
                MarkKind::Elected { .. } => {
                    ctx.set_fill_style_str(&palette.accent);
                    ctx.begin_path();
                    ctx.move_to(x, y - 7.0);
                    ctx.line_to(x + 6.0, y);
                    ctx.line_to(x, y + 7.0);
                    ctx.line_to(x - 6.0, y);
                    ctx.fill();
                }
                MarkKind::Fault | MarkKind::Violated { .. } => {
                    self.fault(scene, frame, event.what, x, frame.y(event.node))
                }
            }
        }
    }

    fn fault(&self, scene: &Scene<'_>, frame: &Frame, what: What, x: f64, y: f64) {
        let (sheet, palette) = (&self.sheet, scene.palette);
        sheet.ctx.set_stroke_style_str(&palette.warn);
        sheet.ctx.set_line_width(2.2);
        match what {
            What::Crash | What::Wipe => {
                sheet.line((x - 5.0, y - 5.0), (x + 5.0, y + 5.0));
                sheet.line((x - 5.0, y + 5.0), (x + 5.0, y - 5.0));
            }
            What::Start | What::Resume => {
                sheet.circle(x, y, 5.0);
                sheet.ctx.stroke();
            }
            What::Partition | What::Heal => {
                sheet.ctx.set_line_width(1.2);
                sheet.dash(if what == What::Heal { &[2.0, 4.0] } else { &[] });
                sheet.line(
                    (x, TOP - 6.0),
                    (x, TOP + frame.lane * 25.0_f64.min((sheet.height - TOP - BOTTOM) / frame.lane)),
                );
                sheet.dash(&[]);
            }
            _ => sheet.line((x, y - 6.0), (x, y + 6.0)),
        }
    }

    fn present(&self, scene: &Scene<'_>, frame: &Frame) {
        let (sheet, x) = (&self.sheet, frame.x(frame.shown));
        sheet.ctx.set_stroke_style_str(&scene.palette.accent);
        sheet.ctx.set_fill_style_str(&scene.palette.accent);
        sheet.ctx.set_line_width(1.6);
        sheet.line((x, TOP - 8.0), (x, sheet.height - BOTTOM));
        sheet.circle(x, TOP - 9.0, 4.0);
        sheet.ctx.fill();
    }
}

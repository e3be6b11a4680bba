//! The space–time diagram: one lane a node, messages as arrows, reigns as bands, what is still to come faded. Only
//! what lies in the window is looked at, so that its cost does not grow with the run.

mod arrows;

use super::{Paint, Scene, Sheet};
use crate::protocol::NodeId;
use crate::session::{Cone, describe};
use crate::sim::{MarkKind, MessageRecord, Trace, What};
use crate::ui::{strings, view};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The part of the run that is shown, and what is looked at; shared with the component that has the buttons. Lengths
/// are µs, or where every event is one step, thousandths of a step.
#[derive(Debug)]
pub struct Span {
    /// How much.
    pub width: Cell<u64>,
    /// The left end where it was moved by hand; else it follows the present.
    pub fixed: Cell<Option<u64>>,
    /// Whether every event is one step.
    pub steps: Cell<bool>,
    /// The left end at the last drawing.
    pub from: Cell<u64>,
    /// Where the pointer is.
    pub pointer: Cell<Option<(f64, f64)>>,
    /// The event under it at the last drawing.
    pub hover: Cell<Option<u32>>,
    /// The event that was picked.
    pub picked: Cell<Option<u32>>,
    /// Events that are ringed: those by which the quorum of the picked one was known.
    pub rings: RefCell<Vec<u32>>,
}

/// A step's length.
pub const STEP: u64 = 1000;

/// Messages in a block of the index.
const BLOCK: usize = 256;
/// From how far an event can be pointed at, and how many are looked at for that.
const REACH: f64 = 9.0;
const SCANNED: usize = 4000;
/// More arrows than that are drawn without heads.
const HEADS: usize = 400;
/// Room for names at the left, and above and below.
pub const LEFT: f64 = 44.0;
pub const TOP: f64 = 16.0;
const BOTTOM: f64 = 20.0;

/// The painter of the diagram.
pub struct SpaceTime {
    sheet: Sheet,
    span: Rc<Span>,
    /// By block of messages: the last event at which one of them ended, for blocks in which all have ended.
    ends: Vec<u32>,
    /// What the index was made of: another branch has other ends.
    branch: (usize, usize),
    /// Past and future of the event that is looked at.
    cone: Option<Cone>,
}

impl SpaceTime {
    /// A painter on `sheet`.
    pub fn new(sheet: Sheet, span: Rc<Span>) -> SpaceTime {
        SpaceTime { sheet, span, ends: Vec::new(), branch: (0, 0), cone: None }
    }
}

struct Frame {
    from: u64,
    to: u64,
    shown: u64,
    scale: f64,
    lane: f64,
    steps: bool,
}

impl Frame {
    /// Where an event stands on the axis.
    fn when(&self, trace: &Trace, event: u32) -> u64 {
        match self.steps {
            _ if event == MessageRecord::IN_FLIGHT => u64::MAX,
            true => (u64::from(event) + 1) * STEP,
            false => time(trace, event),
        }
    }

    /// Where a moment stands on the axis.
    fn moment(&self, trace: &Trace, at: u64) -> u64 {
        if self.steps { (first_after(trace, at) as u64 * STEP).max(STEP) } else { at }
    }

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
        let (width, steps) = (self.span.width.get(), self.span.steps.get());
        let shown = if steps { u64::from(scene.session.world().events()) * STEP } else { scene.shown };
        // The present stands at four fifths, so that what is in flight has room.
        let from = self.span.fixed.get().unwrap_or(shown.saturating_sub(width / 5 * 4));
        self.span.from.set(from);
        let frame = Frame {
            from,
            to: from + width,
            shown,
            scale: (self.sheet.width - LEFT) / width as f64,
            lane: (self.sheet.height - TOP - BOTTOM) / nodes as f64,
            steps,
        };
        self.index(scene);
        self.look(scene, &frame);
        self.bands(scene, &frame);
        self.lanes(scene, &frame, nodes);
        self.messages(scene, &frame);
        self.deeds(scene, &frame);
        self.present(scene, &frame);
        self.point_out(scene, &frame);
    }
}

/// The number of events that happened no later than `at` µs.
fn first_after(trace: &Trace, at: u64) -> usize {
    let (mut low, mut high) = (0, trace.events.len());
    while low < high {
        let middle = (low + high) / 2;
        if trace.events[middle].at <= at { low = middle + 1 } else { high = middle }
    }
    low
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
            let ended = (start..start + BLOCK)
                .map(|id| trace.messages[id].ended)
                .try_fold(0, |latest, ended| (ended != MessageRecord::IN_FLIGHT).then(|| ended.max(latest)));
            let Some(ended) = ended else { break };
            self.ends.push(ended);
        }
    }

    /// Which event is looked at, and what belongs to it.
    fn look(&mut self, scene: &Scene<'_>, frame: &Frame) {
        let (span, session) = (&self.span, scene.session);
        let trace = session.head().trace();
        let hover = span.pointer.get().and_then(|at| self.nearest(trace, frame, at));
        span.hover.set(hover);
        let mine = scene.eyes.and_then(|me| *session.known(me).get(me.index())?);
        let wanted = mine.or(hover).or(span.picked.get());
        let known = self.cone.as_mut().filter(|cone| Some(cone.event()) == wanted);
        match known {
            Some(cone) => session.grow(cone),
            None => self.cone = wanted.and_then(|event| session.cone(event)),
        }
    }

    /// The event nearest to a point, if one is near.
    fn nearest(&self, trace: &Trace, frame: &Frame, (x, y): (f64, f64)) -> Option<u32> {
        let lane = ((y - TOP) / frame.lane).floor();
        if lane < 0.0 || x < LEFT - REACH {
            return None;
        }
        let place = |x: f64| (frame.from as f64 + (x - LEFT) / frame.scale).max(0.0) as u64;
        let (from, to) = (place(x - REACH), place(x + REACH));
        let first = if frame.steps { (from / STEP) as usize } else { first_after(trace, from) };
        let mut nearest = None;
        for number in first..trace.events.len().min(first + SCANNED) {
            let event = &trace.events[number];
            let at = frame.when(trace, number as u32);
            if at > to {
                break;
            }
            let far = (frame.x(at) - x).abs();
            if f64::from(event.node.0) == lane && nearest.is_none_or(|(least, _)| far < least) {
                nearest = Some((far, number as u32));
            }
        }
        nearest.map(|(_, number)| number)
    }

    /// Stretches without a leader, over all lanes.
    fn leaderless(&self, scene: &Scene<'_>, frame: &Frame) {
        let world = scene.session.head();
        let trace = world.trace();
        if scene.eyes.is_some() {
            return;
        }
        let ctx = &self.sheet.ctx;
        ctx.set_text_align("center");
        ctx.set_font("11px system-ui, sans-serif");
        let gap = |from: u64, to: u64| {
            let (from, to) = (frame.moment(trace, from), frame.moment(trace, to));
            let (x0, x1) = (frame.x(from.max(frame.from)), frame.x(to.min(frame.to)));
            if x1 - x0 < 1.0 {
                return;
            }
            ctx.set_fill_style_str(&scene.palette.warn_bg);
            ctx.set_global_alpha(0.6);
            ctx.fill_rect(x0, TOP - 4.0, x1 - x0, self.sheet.height - TOP - BOTTOM + 4.0);
            ctx.set_global_alpha(1.0);
            if x1 - x0 > 64.0 {
                ctx.set_fill_style_str(&scene.palette.warn);
                let _ = ctx.fill_text(strings::spacetime::NO_LEADER, (x0 + x1) / 2.0, TOP - 5.0);
            }
        };
        let now = world.now().max(if frame.steps { 0 } else { scene.shown });
        view::leaderless(world, now, gap);
    }

    fn bands(&self, scene: &Scene<'_>, frame: &Frame) {
        self.leaderless(scene, frame);
        let (sheet, world) = (&self.sheet, scene.session.head());
        let (ctx, trace) = (&sheet.ctx, world.trace());
        if scene.eyes.is_some() {
            return;
        }
        for reign in world.reigns().iter().rev().take(200) {
            let from = frame.moment(trace, reign.from);
            let end = reign.to.map_or(frame.shown.max(frame.moment(trace, world.now())), |to| frame.moment(trace, to));
            if end < frame.from || from > frame.to {
                continue;
            }
            let (x0, x1) = (frame.x(from.max(frame.from)), frame.x(end.min(frame.to)));
            let y = frame.y(reign.node);
            ctx.set_fill_style_str(scene.palette.epoch(view::colour(world, reign.epoch)));
            ctx.set_global_alpha(0.28);
            ctx.fill_rect(x0, y - 4.0, (x1 - x0).max(1.0), 8.0);
            ctx.set_global_alpha(1.0);
        }
        let gst = frame.moment(trace, scene.session.scenario().network.gst_us);
        if scene.session.scenario().network.gst_us > 0 && gst > frame.from && gst < frame.to {
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
            // Nobody sees another one crash.
            let alive = world.up().contains(node) || !world.started(node);
            let up = alive || scene.eyes.is_some_and(|me| me != node);
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
                let label = if frame.steps { (at / STEP).to_string() } else { format!("{} s", view::seconds(at)) };
                let _ = ctx.fill_text(&label, x, self.sheet.height - 8.0);
            }
            at += step;
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
            if frame.when(trace, trace.marks[middle].event) <= frame.to { low = middle + 1 } else { high = middle }
        }
        for mark in (0..low).rev().map(|i| &trace.marks[i]) {
            let Some(event) = trace.events.get(mark.event as usize) else { continue };
            let at = frame.when(trace, mark.event);
            if at < frame.from {
                break;
            }
            if scene.eyes.is_some() && !self.cone.as_ref().is_some_and(|cone| cone.past(mark.event)) {
                continue;
            }
            let (x, y) = (frame.x(at), frame.y(mark.node));
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

    /// The event that is looked at: a dot, its words; rings where its quorum was known.
    fn point_out(&self, scene: &Scene<'_>, frame: &Frame) {
        let (sheet, palette, head) = (&self.sheet, scene.palette, scene.session.head());
        let (ctx, trace) = (&sheet.ctx, head.trace());
        ctx.set_stroke_style_str(&palette.accent);
        ctx.set_fill_style_str(&palette.accent);
        ctx.set_line_width(2.0);
        let place = |number: u32| {
            let event = trace.events.get(number as usize)?;
            let at = frame.when(trace, number);
            (at >= frame.from && at <= frame.to).then(|| (frame.x(at), frame.y(event.node)))
        };
        for (x, y) in self.span.rings.borrow().iter().filter_map(|number| place(*number)) {
            sheet.circle(x, y, 7.0);
            ctx.stroke();
        }
        if let Some((x, y)) = self.span.picked.get().and_then(place) {
            sheet.circle(x, y, 5.0);
            ctx.fill();
        }
        let Some(number) = self.span.hover.get() else { return };
        let (Some((x, y)), Some(event)) = (place(number), trace.events.get(number as usize)) else { return };
        sheet.circle(x, y, 4.0);
        ctx.fill();
        ctx.set_font("12px system-ui, sans-serif");
        ctx.set_text_align("left");
        ctx.set_text_baseline("middle");
        let words = describe(head, event);
        let wide = 7.0 * words.chars().count() as f64 + 16.0;
        let left = (x + 10.0).min(sheet.width - wide).max(LEFT);
        let top = if y > 40.0 { y - 32.0 } else { y + 10.0 };
        sheet.pill(left, top, wide, 22.0, 6.0);
        ctx.set_fill_style_str(&palette.card);
        ctx.fill();
        ctx.set_line_width(1.0);
        ctx.stroke();
        ctx.set_fill_style_str(&palette.ink);
        let _ = ctx.fill_text_with_max_width(&words, left + 8.0, top + 11.5, wide - 16.0);
    }
}

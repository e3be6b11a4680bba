//! What moves on the stage: timers as arcs round the nodes, messages on their way.

use super::{Paint, Scene, Sheet};
use crate::protocol::{Kind, NodeId};
use crate::session::Session;
use crate::sim::{Flight, World};
use crate::ui::geometry::{Point, Ring};
use crate::ui::view::stage::away;
use std::f64::consts::{FRAC_PI_2, TAU};

/// With more messages than that in flight, glyphs lose their letters.
const LETTERS: usize = 80;
/// A glyph's height, and half of that of a small one.
const TALL: f64 = 17.0;
const SMALL: f64 = 3.6;
/// A small glyph's edge.
const EDGE: f64 = 1.3;
/// From how far a message can be picked up.
const REACH: f64 = 16.0;

/// The painter of the stage.
pub struct Stage(pub Sheet);

impl Paint for Stage {
    fn paint(&mut self, scene: &Scene<'_>) {
        if !self.0.clear() {
            return;
        }
        let world = scene.session.world();
        let ring = ring(world, (self.0.width, self.0.height), scene.eyes);
        for node in world.up().iter().filter(|node| scene.eyes.is_none_or(|me| me == *node)) {
            self.timers(scene, &ring, node);
        }
        if scene.eyes.is_some() {
            return;
        }
        if !ring.words() {
            self.epochs(scene, &ring);
        }
        self.flights(scene, &ring);
    }
}

impl Stage {
    fn timers(&self, scene: &Scene<'_>, ring: &Ring, node: NodeId) {
        let Stage(sheet) = self;
        let centre = ring.at(node);
        for (i, (_, since, at)) in scene.session.world().timers(node).take(2).enumerate() {
            let whole = at.saturating_sub(since).max(1) as f64;
            let left = (at.saturating_sub(scene.shown) as f64 / whole).clamp(0.0, 1.0);
            let radius = ring.node + 5.0 + 4.5 * i as f64;
            sheet.ctx.set_stroke_style_str(&scene.palette.timer);
            sheet.ctx.set_line_width(2.6);
            sheet.ctx.set_line_cap("round");
            sheet.ctx.begin_path();
            let _ = sheet.ctx.arc(centre.x, centre.y, radius, -FRAC_PI_2, -FRAC_PI_2 + TAU * left);
            sheet.ctx.stroke();
        }
    }

    /// Where nodes are too many for words, the number of the epoch outside the ring.
    fn epochs(&self, scene: &Scene<'_>, ring: &Ring) {
        let (Stage(sheet), world) = (self, scene.session.world());
        if world.scenario().info.epoch_word.is_empty() {
            return;
        }
        sheet.ctx.set_font("10px system-ui, sans-serif");
        sheet.ctx.set_text_align("center");
        sheet.ctx.set_text_baseline("middle");
        sheet.ctx.set_fill_style_str(&scene.palette.soft);
        for node in world.up().iter() {
            let at = ring.outside(node, 17.0);
            let epoch = world.cluster().view(node).map_or(0, |view| view.epoch);
            let _ = sheet.ctx.fill_text(&epoch.to_string(), at.x, at.y);
        }
    }

    fn flights(&self, scene: &Scene<'_>, ring: &Ring) {
        let world = scene.session.world();
        let small = !ring.words() || world.flights().count() > LETTERS;
        let kinds = world.cluster().kinds();
        let Stage(sheet) = self;
        sheet.ctx.set_font("600 10px system-ui, sans-serif");
        sheet.ctx.set_text_align("center");
        sheet.ctx.set_text_baseline("middle");
        let mut before = None;
        for (slot, flight, point) in places(world, ring, scene.shown) {
            let Some(kind) = kinds.get(usize::from(flight.kind)) else { continue };
            let agrees = world.cluster().positive(slot);
            if small {
                let look = (kind.reply, agrees);
                self.dot(scene, point, look, before.replace(look) != Some(look));
            } else {
                self.glyph(scene, point, kind, agrees, flight.held);
            }
        }
        sheet.ctx.set_global_alpha(1.0);
    }

    /// A message of many. Words are dear on their way out of the program: colours are named where the look changes.
    fn dot(&self, scene: &Scene<'_>, at: Point, (reply, agrees): (bool, bool), changed: bool) {
        let Stage(sheet) = self;
        if changed {
            let colour = if agrees { &scene.palette.ink } else { &scene.palette.warn };
            sheet.ctx.set_fill_style_str(if reply { &scene.palette.card } else { colour });
            sheet.ctx.set_stroke_style_str(colour);
            sheet.ctx.set_line_width(EDGE);
        }
        // An edge of the same colour is drawn with what it surrounds.
        sheet.circle(at.x, at.y, if reply { SMALL } else { SMALL + EDGE / 2.0 });
        sheet.ctx.fill();
        if reply {
            sheet.ctx.stroke();
        }
    }

    fn glyph(&self, scene: &Scene<'_>, at: Point, kind: &Kind, agrees: bool, held: bool) {
        let Stage(sheet) = self;
        let letters = letters(kind, agrees);
        let width = 9.0 + 6.6 * letters.chars().count() as f64;
        let colour = if agrees { &scene.palette.ink } else { &scene.palette.warn };
        sheet.pill(at.x - width / 2.0, at.y - TALL / 2.0, width, TALL, if kind.reply { TALL / 2.0 } else { 4.0 });
        sheet.ctx.set_fill_style_str(if kind.reply { &scene.palette.card } else { colour });
        sheet.ctx.fill();
        sheet.ctx.set_stroke_style_str(if held { &scene.palette.accent } else { colour });
        sheet.ctx.set_line_width(if held { 2.4 } else { 1.2 });
        sheet.ctx.stroke();
        sheet.ctx.set_fill_style_str(if kind.reply { colour } else { &scene.palette.card });
        let _ = sheet.ctx.fill_text(&letters, at.x, at.y + 0.5);
    }
}

/// The ring as the nodes stand on it.
fn ring(world: &World, (width, height): (f64, f64), eyes: Option<NodeId>) -> Ring {
    let n = usize::from(world.scenario().nodes);
    let away = if eyes.is_none() { away(world.network(), n) } else { Default::default() };
    Ring::new(width, height, n).with_away(away)
}

/// "AE", "AE+", "RV−".
fn letters(kind: &Kind, agrees: bool) -> String {
    if !kind.reply {
        return kind.short.to_owned();
    }
    let stem = kind.short.strip_suffix('r').unwrap_or(kind.short);
    format!("{stem}{}", if agrees { '+' } else { '−' })
}

/// Where the messages are: those that wait at their receiver stand in a queue before it.
fn places<'a>(world: &'a World, ring: &'a Ring, shown: u64) -> impl Iterator<Item = (u32, &'a Flight, Point)> {
    let mut waiting = [0u16; crate::protocol::MAX_NODES * crate::protocol::MAX_NODES];
    world.flights().filter(|(_, flight)| flight.from != flight.to).map(move |(slot, flight)| {
        let whole = flight.arrives_at.saturating_sub(flight.sent_at).max(1) as f64;
        let mut part = (shown.saturating_sub(flight.sent_at) as f64 / whole).clamp(0.0, 1.0);
        if part >= 1.0 {
            let link = flight.from.index() * crate::protocol::MAX_NODES + flight.to.index();
            // Off the receiver's rim, one behind the other.
            let way = ring.between(flight.from, flight.to, 0.0).to(ring.between(flight.from, flight.to, 1.0)).max(1.0);
            part = (1.0 - (12.0 + 17.0 * f64::from(waiting[link].min(6))) / way).max(0.0);
            waiting[link] += 1;
        }
        (slot, flight, ring.between(flight.from, flight.to, part))
    })
}

/// A message that was picked up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Its id.
    pub id: u32,
    /// Where it is.
    pub at: Point,
}

/// The message nearest to a point of a stage of this size, if one is near.
pub fn hit(session: &Session, shown: u64, size: (f64, f64), at: Point) -> Option<Hit> {
    let world = session.world();
    let ring = ring(world, size, None);
    let distance = |point: &Point| ((point.x - at.x).powi(2) + (point.y - at.y).powi(2)).sqrt();
    places(world, &ring, shown)
        .map(|(_, flight, point)| (distance(&point), Hit { id: flight.id, at: point }))
        .filter(|(distance, _)| *distance <= REACH)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, hit)| hit)
}

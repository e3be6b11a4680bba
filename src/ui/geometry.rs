//! Where things stand on the stage, in CSS pixels.

use super::view::stage::Dropped;
use crate::protocol::{NodeId, NodeSet};
use std::fmt::{self, Display, Formatter};

/// A point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl Point {
    /// How far it is to another point.
    pub fn to(self, other: Point) -> f64 {
        ((self.x - other.x).powi(2) + (self.y - other.y).powi(2)).sqrt()
    }
}

/// The ring on which the nodes stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ring {
    /// Width of the stage.
    pub width: f64,
    /// Height of the stage.
    pub height: f64,
    /// How many nodes there are.
    pub nodes: usize,
    /// The radius of a node.
    pub node: f64,
    /// Half axes of the ellipse.
    radius: Point,
    /// Nodes that a partition keeps from the others: they stand a little further out, the others further in.
    away: NodeSet,
}

/// By how much, as a part of the half axes.
const ASIDE: f64 = 0.06;

impl Ring {
    /// The ring of `nodes` on a stage of this size.
    pub fn new(width: f64, height: f64, nodes: usize) -> Ring {
        let nodes = nodes.max(1);
        // Words stand above or below every node and need room at the sides.
        let room = Point { x: (width / 2.0 - 62.0).max(40.0), y: (height / 2.0 - 62.0).max(40.0) };
        // As round as it may be: an ellipse only where a circle would be too narrow for the nodes.
        let circle = room.x.min(room.y);
        let stretch = if nodes > 7 { 2.4 } else { 1.25 };
        let radius = Point { x: room.x.min(circle * stretch), y: room.y.min(circle * stretch) };
        // Nodes stand closest where the ring is most curved.
        let closest = std::f64::consts::TAU * radius.x.min(radius.y) / nodes as f64;
        // Three nodes have their words in a low frame, too.
        let least = if nodes <= 3 && circle > 50.0 { 17.5 } else { 9.0 };
        let node = (closest / 2.6).min(circle * 0.24).clamp(least, 29.0);
        Ring { width, height, nodes, node, radius, away: NodeSet::default() }
    }

    /// The ring with these nodes apart from the others.
    pub fn with_away(self, away: NodeSet) -> Ring {
        Ring { away, ..self }
    }

    fn centre(&self) -> Point {
        Point { x: self.width / 2.0, y: self.height / 2.0 - 2.0 }
    }

    fn on(&self, place: f64, scale: f64) -> Point {
        if self.nodes == 1 && scale < 1.1 {
            return self.centre();
        }
        let (sin, cos) = sin_cos(place / self.nodes as f64 - 0.25);
        let centre = self.centre();
        Point { x: centre.x + self.radius.x * scale * cos, y: centre.y + self.radius.y * scale * sin }
    }

    /// Where `node` stands.
    pub fn at(&self, node: NodeId) -> Point {
        let scale = match self.away {
            away if away.is_empty() => 1.0,
            away if away.contains(node) => 1.0 + ASIDE,
            _ => 1.0 - ASIDE,
        };
        self.on(f64::from(node.0), scale)
    }

    /// A wall behind `node`, between it and the next: from the centre outwards.
    pub fn wall(&self, node: NodeId) -> (Point, Point) {
        let place = f64::from(node.0) + 0.5;
        (self.centre(), self.on(place, 1.22))
    }

    /// Whether the words of `node` stand above it: at the top of the ring, where messages come from below.
    pub fn above(&self, node: NodeId) -> bool {
        self.nodes > 1 && self.at(node).y < self.centre().y - self.radius.y * 0.55
    }

    /// What it means that `node` was let go at `at`: nothing when it was hardly moved.
    pub fn dropped(&self, node: NodeId, at: Point) -> Option<Dropped> {
        if at.to(self.at(node)) < self.node * 1.3 {
            return None;
        }
        let others = NodeId::all(self.nodes).filter(|other| *other != node);
        let near = others.map(|other| (at.to(self.at(other)), other)).filter(|(far, _)| *far < self.node * 2.4);
        if let Some((_, other)) = near.min_by(|a, b| a.0.total_cmp(&b.0)) {
            return Some(Dropped::Beside(other));
        }
        let centre = self.centre();
        let (x, y) = ((at.x - centre.x) / self.radius.x, (at.y - centre.y) / self.radius.y);
        Some(if (x * x + y * y).sqrt() < 0.6 { Dropped::Among } else { Dropped::Alone })
    }

    /// A point outside the ring, `by` pixels from the rim of `node`.
    pub fn outside(&self, node: NodeId, by: f64) -> Point {
        let (at, centre) = (self.at(node), self.centre());
        let (dx, dy) = (at.x - centre.x, at.y - centre.y);
        let length = (dx * dx + dy * dy).sqrt().max(1.0);
        let out = self.node + by;
        Point { x: at.x + dx / length * out, y: at.y + dy / length * out }
    }

    /// Whether words must be short, or those of neighbours would run into each other.
    pub fn narrow(&self) -> bool {
        self.nodes > 7 || self.width / (self.nodes.min(5) as f64) < 85.0
    }

    /// Whether there is room for words at the nodes.
    pub fn words(&self) -> bool {
        self.node > 17.0 && self.nodes < 10
    }

    /// The point at `part` (0..=1) of the way of a message between two nodes, from rim to rim. Two opposite ways
    /// keep to their right, so that messages that meet can be told apart.
    pub fn between(&self, from: NodeId, to: NodeId, part: f64) -> Point {
        let (a, b) = (self.at(from), self.at(to));
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let length = (dx * dx + dy * dy).sqrt().max(1.0);
        let rim = (self.node + 8.0).min(length / 2.0);
        let along = rim + (length - 2.0 * rim) * part;
        let aside = 5.0;
        Point { x: a.x + (dx * along - dy * aside) / length, y: a.y + (dy * along + dx * aside) / length }
    }

    /// The corners of a hexagon around a point, as an SVG polygon has them.
    pub fn hexagon(&self, centre: Point) -> String {
        let radius = self.node * 1.12;
        let corner = |i: u8| {
            let (sin, cos) = sin_cos(f64::from(i) / 6.0 - 1.0 / 12.0);
            format!("{},{}", Px(centre.x + radius * cos), Px(centre.y + radius * sin))
        };
        (0..6).map(corner).collect::<Vec<_>>().join(" ")
    }
}

/// A length as markup has it: with one digit behind the point, if it is not 0. In a browser Rust's own formatting of
/// fractions, exact to the last digit, weighs 6 kB.
pub struct Px(pub f64);

impl Display for Px {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // No screen has so many pixels that this would not do.
        let tenths = (self.0.clamp(-1e8, 1e8) * 10.0).round() as i32;
        if tenths < 0 {
            f.write_str("-")?;
        }
        let tenths = tenths.unsigned_abs();
        write!(f, "{}", tenths / 10)?;
        match tenths % 10 {
            0 => Ok(()),
            tenth => write!(f, ".{tenth}"),
        }
    }
}

/// A length as the value of an attribute.
pub fn px(length: f64) -> String {
    Px(length).to_string()
}

/// Sine and cosine of so many turns, good to eight digits. In a browser Rust's own bring their tables for angles of any
/// size along, 9 kB.
fn sin_cos(turns: f64) -> (f64, f64) {
    let quarter = (turns * 4.0 + 0.5).floor();
    let angle = (turns - quarter / 4.0) * std::f64::consts::TAU;
    let square = angle * angle;
    // Taylor's series within an eighth of a turn of 0.
    let series = |least: f64, first: f64| {
        [10.0, 8.0, 6.0, 4.0, 2.0].iter().fold(1.0, |sum, n| 1.0 - square / ((n + least) * (n + least - 1.0)) * sum)
            * first
    };
    let (sin, cos) = (series(1.0, angle), series(0.0, 1.0));
    match quarter - (quarter / 4.0).floor() * 4.0 {
        0.0 => (sin, cos),
        1.0 => (cos, -sin),
        2.0 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_and_cosines_are_right() {
        for step in -4000..4000 {
            let turns = f64::from(step) / 1234.5;
            let (sin, cos) = sin_cos(turns);
            let angle = turns * std::f64::consts::TAU;
            assert!((sin - angle.sin()).abs() < 1e-8 && (cos - angle.cos()).abs() < 1e-8, "{turns}: {sin} {cos}");
        }
    }

    #[test]
    fn lengths_have_a_tenth_at_most() {
        let lengths = [0.0, 0.04, 0.05, -0.04, -0.26, 12.0, 12.96, 380.25, -7.7, f64::NAN, f64::INFINITY];
        let written = ["0", "0", "0.1", "0", "-0.3", "12", "13", "380.3", "-7.7", "0", "100000000"];
        assert_eq!(lengths.map(px), written);
    }

    #[test]
    fn where_a_node_is_let_go_says_what_is_meant() {
        let ring = Ring::new(560.0, 380.0, 5);
        let node = NodeId(0);
        let home = ring.at(node);
        assert_eq!(ring.dropped(node, Point { x: home.x + 10.0, ..home }), None);
        assert_eq!(ring.dropped(node, Point { y: home.y - 50.0, ..home }), Some(Dropped::Alone));
        assert_eq!(ring.dropped(node, ring.centre()), Some(Dropped::Among));
        let n2 = ring.at(NodeId(2));
        assert_eq!(ring.dropped(node, Point { x: n2.x + 30.0, ..n2 }), Some(Dropped::Beside(NodeId(2))));
    }

    #[test]
    fn words_leave_the_other_nodes_free() {
        for (width, height) in [(584.0, 380.0), (546.0, 357.0), (291.0, 236.0)] {
            for nodes in 2..=25 {
                let ring = Ring::new(width, height, nodes);
                // "FOLLOWING · epoch 12", "FOLLOWING · 12".
                let half = if ring.narrow() { 46.0 } else { 66.0 };
                for node in NodeId::all(nodes).filter(|_| ring.words()) {
                    let (at, below) = (ring.at(node), !ring.above(node));
                    let y = at.y + if below { ring.node + 21.0 } else { -ring.node - 20.0 };
                    for other in NodeId::all(nodes).filter(|other| *other != node) {
                        let there = ring.at(other);
                        let (dx, dy) = (((there.x - at.x).abs() - half).max(0.0), ((there.y - y).abs() - 6.0).max(0.0));
                        let room = (dx * dx + dy * dy).sqrt() - ring.node;
                        assert!(room > -4.5, "{nodes} nodes on {width}×{height}: {node} lies on {other} by {room}");
                    }
                }
            }
        }
    }

    #[test]
    fn three_nodes_have_words_in_a_low_frame() {
        assert!(Ring::new(291.0, 236.0, 3).words() && !Ring::new(291.0, 236.0, 5).words());
    }

    #[test]
    fn nodes_stand_inside_and_apart() {
        for (width, height) in [(584.0, 380.0), (358.0, 340.0), (380.0, 300.0)] {
            for nodes in 1..=25 {
                let ring = Ring::new(width, height, nodes);
                let points: Vec<Point> = NodeId::all(nodes).map(|node| ring.at(node)).collect();
                for (i, a) in points.iter().enumerate() {
                    assert!(a.x - ring.node > 0.0 && a.x + ring.node < width, "{nodes} nodes: {a:?}");
                    assert!(a.y - ring.node > 0.0 && a.y + ring.node + 12.0 < height, "{nodes} nodes: {a:?}");
                    for b in &points[..i] {
                        let apart = ((a.x - b.x).powi(2) + (a.y - b.y).powi(2)).sqrt();
                        assert!(apart > 1.9 * ring.node, "{nodes} nodes on {width}×{height}: {apart}");
                    }
                }
            }
        }
    }
}

//! A node that is dragged: away from the others, a partition; beside one of another group, into that group.

use crate::protocol::NodeId;
use crate::ui::geometry::{Point, Ring};
use crate::ui::view::stage::Dropped;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

/// What is dragged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drag {
    /// The node.
    pub node: NodeId,
    /// Where the pointer went down.
    pub start: Point,
    /// Where it is, once it has moved far enough to be no click.
    pub at: Option<Point>,
}

/// Less than that is a click, pixels.
const CLICK: f64 = 6.0;

/// Where the pointer is, within the stage. The page listens at its root: `current_target` would be that.
pub fn place(event: &MouseEvent) -> Option<Point> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let edge = target.closest(".field").ok()??.get_bounding_client_rect();
    Some(Point { x: f64::from(event.client_x()) - edge.x(), y: f64::from(event.client_y()) - edge.y() })
}

impl Drag {
    /// The drag when the pointer has come to `at`.
    pub fn to(self, at: Point) -> Drag {
        let moved = self.at.is_some() || at.to(self.start) > CLICK;
        Drag { at: moved.then_some(at), ..self }
    }

    /// What letting go there means on `ring`; `None` when the node was hardly moved.
    pub fn dropped(self, ring: &Ring) -> Option<Dropped> {
        ring.dropped(self.node, self.at?)
    }
}

//! Canvases: what moves every frame is drawn here, outside the virtual DOM.

mod sheet;
mod spacetime;
mod stage;

pub use sheet::Sheet;
pub use spacetime::{LEFT, STEP, SpaceTime, Span, TOP};
pub use stage::{Stage, hit};

use super::dom;
use crate::protocol::NodeId;
use crate::session::Session;

/// What is drawn.
pub struct Scene<'a> {
    /// The run.
    pub session: &'a Session,
    /// The moment shown, µs.
    pub shown: u64,
    /// The colours.
    pub palette: &'a Palette,
    /// Whose knowledge is shown, if not everybody's.
    pub eyes: Option<NodeId>,
}

/// Something that draws itself on a canvas of its own.
pub trait Paint {
    /// Draws the scene.
    fn paint(&mut self, scene: &Scene<'_>);
}

/// The page's colours, as the style sheet has them; empty strings until they are read.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    pub ink: String,
    pub soft: String,
    pub rule: String,
    pub card: String,
    pub accent: String,
    pub warn: String,
    pub warn_bg: String,
    pub timer: String,
    pub epochs: Vec<String>,
}

impl Palette {
    /// Reads the colours, unless they are known.
    pub fn refresh(&mut self) {
        if !self.ink.is_empty() {
            return;
        }
        let Some(root) = dom::document().document_element() else { return };
        let Ok(Some(style)) = dom::window().get_computed_style(&root) else { return };
        let read = |name: &str| style.get_property_value(name).unwrap_or_default().trim().to_owned();
        *self = Palette {
            ink: read("--ink"),
            soft: read("--soft"),
            rule: read("--rule"),
            card: read("--card"),
            accent: read("--accent"),
            warn: read("--warn"),
            warn_bg: read("--warn-bg"),
            timer: read("--timer"),
            epochs: (0..crate::ui::view::COLOURS).map(|i| read(&format!("--e{i}"))).collect(),
        };
    }

    /// The colour of an epoch.
    pub fn epoch(&self, colour: u8) -> &str {
        self.epochs.get(usize::from(colour)).map_or("", String::as_str)
    }
}

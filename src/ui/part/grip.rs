//! Hands on the space–time diagram: the wheel and two fingers zoom, dragging pans, dragging the present scrubs, a click
//! picks an event or goes to a moment; keys do the same.

use crate::ui::dom::Listener;
use crate::ui::paint::{LEFT, STEP, Span, TOP};
use crate::ui::runner::Runner;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent, WheelEvent};
use yew::prelude::*;

/// The least and the most that can be shown: 5 ms to an hour; 5 steps to the longest run.
const LEAST: f64 = 5_000.0;
const MOST: f64 = 3.6e9;
/// Less than that is a click, pixels.
const CLICK: f64 = 4.0;
/// How near to the present a drag scrubs.
const PRESENT: f64 = 8.0;

/// What the pointers do.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Rest,
    Pan,
    Scrub,
}

/// The hands.
pub struct Grip {
    pub span: Rc<Span>,
    runner: Runner,
    element: RefCell<Option<Element>>,
    /// Pointers that are down, with where they are.
    down: RefCell<Vec<(i32, f64)>>,
    mode: Cell<Mode>,
    /// Where the first went down, the left end and the width then.
    start: Cell<(f64, f64, f64)>,
    moved: Cell<bool>,
}

impl Grip {
    pub fn new(span: Rc<Span>, runner: Runner) -> Grip {
        let start = Cell::new((0.0, 0.0, 0.0));
        let (element, down, mode) = (RefCell::default(), RefCell::default(), Cell::new(Mode::Rest));
        Grip { span, runner, element, down, mode, start, moved: Cell::new(false) }
    }

    /// The pointer within the diagram, and the diagram's width.
    fn place(&self, x: i32, y: i32) -> (f64, f64, f64) {
        let Some(element) = &*self.element.borrow() else { return (0.0, 0.0, 1.0) };
        let edge = element.get_bounding_client_rect();
        (f64::from(x) - edge.x(), f64::from(y) - edge.y(), (edge.width() - LEFT).max(1.0))
    }

    fn wide(&self) -> f64 {
        self.span.width.get() as f64
    }

    /// Follows the present again.
    pub fn follow(&self) {
        self.span.fixed.set(None);
        self.runner.refresh();
    }

    /// Shows more or less around what stands at `part` of the width.
    pub fn zoom(&self, part: f64, out: bool) {
        self.zoom_by(part, if out { 1.6 } else { 1.0 / 1.6 });
    }

    fn zoom_by(&self, part: f64, factor: f64) {
        let before = self.wide();
        let after = (before * factor).clamp(LEAST, MOST);
        self.span.width.set(after as u64);
        if let Some(from) = self.span.fixed.get() {
            self.span.fixed.set(Some((from as f64 + part * (before - after)).max(0.0) as u64));
        } else if part != 0.8 {
            self.span.fixed.set(Some((self.span.from.get() as f64 + part * (before - after)).max(0.0) as u64));
        }
        self.runner.refresh();
    }

    /// Moves the diagram by a part of its width.
    fn pan(&self, part: f64) {
        let from = self.span.from.get() as f64 + part * self.wide();
        self.span.fixed.set(Some(from.max(0.0) as u64));
        self.runner.refresh();
    }

    fn seek(&self, x: f64, width: f64) {
        let at = (self.span.from.get() as f64 + (x - LEFT) / width * self.wide()).max(0.0) as u64;
        if self.span.steps.get() { self.runner.seek((at / STEP) as u32) } else { self.runner.seek_time(at) }
    }

    fn pressed(&self, event: &PointerEvent) {
        let (x, y, width) = self.place(event.client_x(), event.client_y());
        if let Some(element) = &*self.element.borrow() {
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        self.down.borrow_mut().push((event.pointer_id(), x));
        if self.down.borrow().len() == 1 {
            let world = |session: &crate::session::Session, shown| (session.world().events(), shown);
            let (events, shown) = self.runner.read(world);
            let present = if self.span.steps.get() { u64::from(events) * STEP } else { shown };
            let at = LEFT + (present as f64 - self.span.from.get() as f64) / self.wide() * width;
            let scrub = (x - at).abs() < PRESENT || y < TOP;
            self.mode.set(if scrub { Mode::Scrub } else { Mode::Pan });
            self.moved.set(false);
        }
        self.start.set((x, self.span.from.get() as f64, self.wide()));
    }

    fn moved(&self, event: &PointerEvent) {
        let (x, y, width) = self.place(event.client_x(), event.client_y());
        self.span.pointer.set(Some((x, y)));
        let mut down = self.down.borrow_mut();
        let spread = |down: &[(i32, f64)]| if let [a, b] = down { (a.1 - b.1).abs().max(20.0) } else { 0.0 };
        let before = spread(&down);
        if let Some(mine) = down.iter_mut().find(|pointer| pointer.0 == event.pointer_id()) {
            mine.1 = x;
        }
        let (after, middle) = (spread(&down), down.iter().map(|pointer| pointer.1).sum::<f64>() / 2.0);
        let one = down.len() == 1;
        drop(down);
        let (start, from, wide) = self.start.get();
        if after > 0.0 {
            self.moved.set(true);
            return self.zoom_by((middle - LEFT) / width, before / after);
        }
        if one && (x - start).abs() > CLICK {
            self.moved.set(true);
        }
        match self.mode.get() {
            Mode::Scrub if self.moved.get() => self.seek(x, width),
            Mode::Pan if self.moved.get() => {
                let left = from - (x - start) / width * wide;
                self.span.fixed.set(Some(left.max(0.0) as u64));
            }
            _ => {}
        }
        self.runner.refresh();
    }

    /// A pointer goes up: true when it was a click.
    fn released(&self, event: &PointerEvent) -> bool {
        self.down.borrow_mut().retain(|pointer| pointer.0 != event.pointer_id());
        if let Some((_, x)) = self.down.borrow().first() {
            // The finger that stays moves on from where it is.
            self.start.set((*x, self.span.from.get() as f64, self.wide()));
            return false;
        }
        self.mode.replace(Mode::Rest) != Mode::Rest && !self.moved.get()
    }

    fn wheel(&self, event: &WheelEvent) {
        event.prevent_default();
        let (x, _, width) = self.place(event.client_x(), event.client_y());
        if event.shift_key() || event.delta_x().abs() > event.delta_y().abs() {
            self.pan((event.delta_x() + event.delta_y()) / width);
        } else {
            let part = ((x - LEFT) / width).clamp(0.0, 1.0);
            self.zoom_by(part, if event.delta_y() > 0.0 { 1.2 } else { 1.0 / 1.2 });
        }
    }

    fn key(&self, event: &KeyboardEvent) -> bool {
        match event.key().as_str() {
            "+" | "=" => self.zoom(0.8, false),
            "-" => self.zoom(0.8, true),
            "PageUp" => self.pan(-0.5),
            "PageDown" => self.pan(0.5),
            _ => return false,
        }
        event.prevent_default();
        true
    }
}

/// Lets the hands take hold of the canvas. `pick` is told the event that was clicked, `drawn` when the head changes.
#[hook]
pub fn use_grip(grip: &Rc<Grip>, canvas: &NodeRef, pick: Callback<Option<u32>>, drawn: UseForceUpdateHandle) {
    let (grip, canvas) = (grip.clone(), canvas.clone());
    use_effect_with((), move |()| {
        let element = canvas.cast::<Element>();
        grip.element.replace(element.clone());
        // Attached to the canvas itself: at the document's root a browser does not let the wheel be taken.
        let listen = |name: &'static str| {
            let (grip, pick, drawn) = (grip.clone(), pick.clone(), drawn.clone());
            let heard = move |event: web_sys::Event| {
                let before = (grip.span.width.get(), grip.span.fixed.get().is_some());
                heard(&grip, name, event, &pick);
                if before != (grip.span.width.get(), grip.span.fixed.get().is_some()) {
                    drawn.force_update();
                }
            };
            element.as_ref().map(|element| Listener::new(element, name, heard))
        };
        let names = ["pointerdown", "pointermove", "pointerup", "pointercancel", "pointerleave", "wheel", "keydown"];
        let listeners = names.map(listen);
        move || {
            drop(listeners);
            grip.element.replace(None);
        }
    });
}

fn heard(grip: &Grip, name: &str, event: web_sys::Event, pick: &Callback<Option<u32>>) {
    match name {
        "wheel" => grip.wheel(event.unchecked_ref()),
        "keydown" => {
            grip.key(event.unchecked_ref());
        }
        "pointerdown" => grip.pressed(event.unchecked_ref()),
        "pointermove" => grip.moved(event.unchecked_ref()),
        "pointerleave" => {
            grip.span.pointer.set(None);
            grip.runner.refresh();
        }
        _ => {
            let event: &PointerEvent = event.unchecked_ref();
            if grip.released(event) && name == "pointerup" {
                match grip.span.hover.get() {
                    Some(number) => pick.emit(Some(number)),
                    None => {
                        let (x, _, width) = grip.place(event.client_x(), event.client_y());
                        if x > LEFT {
                            grip.seek(x, width);
                        }
                    }
                }
            }
        }
    }
}

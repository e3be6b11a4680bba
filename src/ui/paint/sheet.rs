//! A canvas that keeps to the size of its element and to the device's pixels.

use crate::ui::dom;
use std::f64::consts::TAU;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// A canvas and its context. Coordinates are CSS pixels.
pub struct Sheet {
    canvas: HtmlCanvasElement,
    /// The context.
    pub ctx: CanvasRenderingContext2d,
    /// Width in CSS pixels.
    pub width: f64,
    /// Height in CSS pixels.
    pub height: f64,
}

impl Sheet {
    /// The sheet of a canvas; `None` where the browser gives no context.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Sheet> {
        let ctx = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Sheet { canvas, ctx, width: 0.0, height: 0.0 })
    }

    /// Clears the sheet; false when it has no size.
    pub fn clear(&mut self) -> bool {
        let (width, height) = (f64::from(self.canvas.client_width()), f64::from(self.canvas.client_height()));
        if width < 1.0 || height < 1.0 {
            return false;
        }
        let ratio = dom::window().device_pixel_ratio().clamp(1.0, 3.0);
        let pixels = ((width * ratio).round() as u32, (height * ratio).round() as u32);
        if (self.canvas.width(), self.canvas.height()) != pixels {
            self.canvas.set_width(pixels.0);
            self.canvas.set_height(pixels.1);
        }
        (self.width, self.height) = (width, height);
        let _ = self.ctx.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        self.ctx.clear_rect(0.0, 0.0, width, height);
        true
    }

    /// A straight line.
    pub fn line(&self, from: (f64, f64), to: (f64, f64)) {
        self.ctx.begin_path();
        self.ctx.move_to(from.0, from.1);
        self.ctx.line_to(to.0, to.1);
        self.ctx.stroke();
    }

    /// A circle, as a path.
    pub fn circle(&self, x: f64, y: f64, radius: f64) {
        self.ctx.begin_path();
        let _ = self.ctx.arc(x, y, radius, 0.0, TAU);
    }

    /// A rectangle with round corners, as a path.
    pub fn pill(&self, x: f64, y: f64, width: f64, height: f64, radius: f64) {
        self.ctx.begin_path();
        if self.ctx.round_rect_with_f64(x, y, width, height, radius).is_err() {
            self.ctx.rect(x, y, width, height);
        }
    }

    /// Dashes of this length, or none.
    pub fn dash(&self, lengths: &[f64]) {
        let list = js_sys::Array::new();
        for length in lengths {
            list.push(&(*length).into());
        }
        let _ = self.ctx.set_line_dash(&list);
    }
}

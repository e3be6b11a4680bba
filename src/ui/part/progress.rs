//! Delivered over time; where that is flat, why, and the button that would end it.

use super::state::Hand;
use crate::ui::geometry::{Px, px};
use crate::ui::strings::order as words;
use crate::ui::tree::html;
use crate::ui::view::progress::{POINTS, Progress};
use std::fmt::Write;
use yew::prelude::*;

const LEFT: f64 = 40.0;

/// The strip, drawn into the element `field` of this size.
pub fn strip(hand: &Hand, progress: &Progress, field: &NodeRef, (width, height): (f64, f64)) -> Html {
    let height = height.max(24.0);
    let most = progress.points.last().copied().unwrap_or(0);
    let least = progress.points.first().copied().unwrap_or(0);
    let (w, h) = ((width - LEFT - 6.0).max(10.0), (height - 12.0).max(10.0));
    let x = |i: f64| LEFT + w * i / POINTS as f64;
    let y = |count: u64| 6.0 + h - h * count.saturating_sub(least) as f64 / most.saturating_sub(least).max(1) as f64;
    let mut path = String::new();
    for (i, count) in progress.points.iter().enumerate() {
        let _ = write!(path, "{}{} {}", if i == 0 { 'M' } else { 'L' }, Px(x(i as f64)), Px(y(*count)));
    }
    let part = |at: u64| (at.max(progress.from) - progress.from) as f64 / (progress.to - progress.from) as f64;
    let stretch = |(from, to): &(u64, u64)| {
        let (x0, x1) = (LEFT + w * part(*from), LEFT + w * part(*to));
        let words = (x1 - x0 > 130.0).then(|| {
            // Above the line or below it, where there is room.
            let level = progress.points.get((part(*to) * POINTS as f64) as usize).copied().unwrap_or(most);
            let place = if y(level) < height / 2.0 { height - 12.0 } else { 15.0 };
            html! { <text class="number leaderless" x={px((x0 + x1) / 2.0)} y={px(place)}>{ words::leaderless(to - from) }</text> }
        });
        html! {
            <>
                <rect class="flat" x={px(x0)} y="2" width={px(x1 - x0)} height={px(height - 4.0)} />
                { words }
            </>
        }
    };
    let flat = progress.flat_since.map(|since| {
        let x0 = LEFT + w * part(since);
        let x1 = x(progress.points.len().saturating_sub(1) as f64).max(x0 + 2.0);
        html! { <rect class="flat" x={px(x0)} y="2" width={px(x1 - x0)} height={px(height - 4.0)} /> }
    });
    let why = progress.why.clone().map(|why| {
        let hand = hand.clone();
        let (change, restart) = (why.change.clone(), why.restart_with);
        let onclick = move |_| match restart {
            Some(setting) if change.is_empty() => hand.restart_with(setting),
            _ => change.iter().for_each(|action| hand.act(action.clone())),
        };
        html! {
            <p class="why">{ &why.sentence }
                if !why.label.is_empty() {
                    <button type="button" class="try" id="change" {onclick}>{ &why.label }</button>
                }
            </p>
        }
    });
    html! {
        <>
            <div class="strip" ref={field.clone()}>
                <svg viewBox={format!("0 0 {} {}", Px(width.max(1.0)), Px(height.max(1.0)))} role="img"
                    aria-label={words::progress(most)}>
                    { flat }
                    { for progress.leaderless.iter().map(stretch) }
                    <text class="number end" x={px(LEFT - 12.0)} y="9">{ most }</text>
                    if least < most {
                        <text class="number end" x={px(LEFT - 12.0)} y={px(height - 5.0)}>{ least }</text>
                    }
                    <path class="axis" d={format!("M{} {}h{}", Px(LEFT), Px(height - 5.0), Px(w))} />
                    <path class="line" d={path} />
                </svg>
            </div>
            { why.unwrap_or_default() }
        </>
    }
}

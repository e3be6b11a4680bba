//! The order: rows are nodes, columns are positions. Colour and mark by epoch, dashed until committed, solid once
//! delivered, a bracket over what is the same everywhere.

use super::progress;
use super::state::use_hand;
use crate::protocol::Shape;
use crate::ui::dom;
use crate::ui::geometry::{Px, px};
use crate::ui::strings::order as words;
use crate::ui::tree::{classes, html};
use crate::ui::view::order::{Cell, Order as Model, Row, State};
use crate::ui::view::progress::Progress;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct OrderProps {
    pub order: Rc<Model>,
    pub progress: Rc<Progress>,
}

/// Room for the names at the left.
const LEFT: f64 = 40.0;
/// Room for the bracket and the numbers.
const TOP: f64 = 42.0;
/// From one column to the next.
const STEP: f64 = 31.0;
const GAP: f64 = 4.0;

/// Where rows and columns are.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Grid {
    width: f64,
    step: f64,
    row: f64,
    first: u64,
}

impl Grid {
    fn x(&self, column: usize) -> f64 {
        LEFT + column as f64 * self.step
    }

    fn tall(&self) -> f64 {
        (self.row - 6.0).clamp(5.0, 36.0)
    }
}

/// The panel.
#[component]
pub fn Order(properties: &OrderProps) -> Html {
    let hand = use_hand();
    let field = use_node_ref();
    let size = dom::use_size(&field);
    let strip = use_node_ref();
    let strip_size = dom::use_size(&strip);
    let order = &properties.order;
    let columns = ((size.0 - LEFT) / STEP).floor().clamp(5.0, 60.0) as u64;
    use_effect_with(columns, {
        let runner = hand.runner.clone();
        move |columns| runner.look(|look| look.columns = *columns)
    });
    let one = order.shape == Shape::OneValue;
    let room = (size.1 - TOP).max(60.0);
    let grid = Grid {
        width: size.0.max(1.0),
        step: if one { (size.0 - LEFT).clamp(80.0, 260.0) } else { STEP },
        row: (room / order.rows.len() as f64).clamp(6.0, 48.0),
        first: order.first,
    };
    let height = TOP + grid.row * order.rows.len() as f64;
    let row = |(i, row): (usize, &Rc<Row>)| {
        yew::html! { <RowShape key={row.node.0} row={row.clone()} {grid} y={TOP + grid.row * i as f64} /> }
    };
    let (title, sub) = match order.shape {
        Shape::OneValue => (words::TITLE_ONE, words::SUB_ONE),
        Shape::Broadcast => (words::TITLE_BROADCAST, words::SUB_BROADCAST),
        Shape::Replicated => (words::TITLE, words::SUB),
    };
    html! {
        <section class="card order" aria-labelledby="order-title">
            <div class="head"><h2 id="order-title">{ title }<small>{ sub }</small></h2></div>
            { progress::strip(&hand, &properties.progress, &strip, strip_size) }
            <div class="field" ref={field}>
                <svg viewBox={format!("0 0 {} {}", Px(grid.width), Px(height))} height={px(height)} aria-hidden="true">
                    { bracket(order, &grid) }
                    { for order.rows.iter().enumerate().map(row) }
                </svg>
                <ul class="hidden">{ for order.rows.iter().map(|row| html! { <li>{ spoken(row) }</li> }) }</ul>
            </div>
            { legend(order) }
        </section>
    }
}

fn spoken(row: &Row) -> String {
    let last = row.cells.iter().rev().find(|cell| cell.state == State::Delivered);
    words::row(row.node, row.delivered, last.map_or("", |cell| &cell.text))
}

/// The numbers of the columns, and the bracket over the agreed prefix.
fn bracket(order: &Model, grid: &Grid) -> Html {
    let number = |place: u64| {
        let column = (place - order.first) as usize;
        let x = grid.x(column) + (grid.step - GAP) / 2.0;
        html! { <text class="number" x={px(x)} y={px(TOP - 8.0)}>{ place }</text> }
    };
    let numbered = |place: &u64| place.is_multiple_of(5) || *place == 1;
    if order.shape == Shape::OneValue {
        return html! {};
    }
    let agreed = order.agreed.min(order.first + order.columns - 1);
    let shown = agreed.checked_sub(order.first - 1).filter(|count| *count > 0);
    let bracket = shown.map(|count| {
        let (x0, x1) = (grid.x(0), grid.x(count as usize) - GAP);
        // Open at the left when it reaches further back than there is room.
        let start = if order.first > 1 { "18" } else { "24v-6" };
        let text = if x1 - x0 > 250.0 { words::bracket(order.agreed) } else { words::bracket_short(order.agreed) };
        let (class, x) = if x1 - x0 > 110.0 { ("brace middle", (x0 + x1) / 2.0) } else { ("brace", x0) };
        html! {
            <>
                <path class="bracket" d={format!("M{} {start}H{}v6", Px(x0), Px(x1))} />
                <text {class} x={px(x)} y="12">{ text }</text>
            </>
        }
    });
    html! {
        <>
            { for bracket }
            { for (order.first..order.first + order.columns).filter(numbered).map(number) }
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct RowProps {
    row: Rc<Row>,
    grid: Grid,
    y: f64,
}

/// A node's row; drawn anew only when something in it changed.
#[component]
fn RowShape(properties: &RowProps) -> Html {
    let RowProps { row, grid, y } = properties;
    let middle = y + grid.tall() / 2.0;
    // Words need 12 px: where rows are lower, every so-manieth has its name, and tells when it crashed.
    let named = row.node.index().is_multiple_of((12.0 / grid.row).ceil() as usize);
    let class = classes!("name", row.leads.then_some("leads"), (!row.up).then_some("down"));
    let note = row.crashed_at.filter(|_| named).map(|at| {
        let column = row.cells.iter().position(|cell| cell.state == State::Empty).unwrap_or(row.cells.len());
        let text = words::crashed(at, row.behind, row.cells.len() == 1);
        let room = grid.width - grid.x(column) > 160.0;
        let (class, x) = if room { ("note", grid.x(column) + 8.0) } else { ("note end", grid.width - 4.0) };
        html! { <text {class} x={px(x)} y={px(middle)}>{ text }</text> }
    });
    html! {
        <g class={classes!((!row.up).then_some("faded"))}>
            if named { <text {class} x={px(LEFT - 12.0)} y={px(middle)}>{ row.node.to_string() }</text> }
            { for row.cells.iter().enumerate().map(|(column, cell)| shape(cell, grid, column, *y)) }
            { for note }
        </g>
    }
}

fn shape(cell: &Cell, grid: &Grid, column: usize, y: f64) -> Html {
    let (x, tall, wide) = (grid.x(column), grid.tall(), grid.step - GAP);
    let state = match cell.state {
        State::Empty => "empty",
        State::Compacted => "compacted",
        State::Written => "written",
        State::Committed => "committed",
        State::Delivered => "delivered",
    };
    if cell.state == State::Empty {
        return html! { <rect class="cell empty" x={px(x)} y={px(y)} width={px(wide)} height={px(tall)} rx="4" /> };
    }
    let class = classes!("cell", state, format!("e{}", cell.colour), cell.differs.then_some("differs"));
    let inset = if cell.state == State::Written { 0.7 } else { 0.0 };
    // Letters as they fit: 6.8 px each at full size.
    let room = (wide / 6.8) as usize;
    let length = cell.text.chars().count();
    let text =
        if length <= room + 1 { cell.text.to_string() } else { cell.text.chars().take(room).chain(['…']).collect() };
    html! {
        <g {class}>
            <rect x={px(x + inset)} y={px(y + inset)} width={px(wide - 2.0 * inset)} height={px(tall - 2.0 * inset)} rx="4" />
            <path class="mark" d={format!("M{} {}h{}", Px(x + 3.0), Px(y + tall - 2.5), Px(wide - 6.0))} />
            if tall >= 14.0 {
                <text class={classes!((length >= room).then_some("tight"))} x={px(x + wide / 2.0)}
                    y={px(y + tall / 2.0 - 1.0)}>{ text }</text>
            }
        </g>
    }
}

fn legend(order: &Model) -> Html {
    let one = order.shape == Shape::OneValue;
    let sample = |class: &'static str, text: &str| {
        html! {
            <li><svg width="18" height="16" aria-hidden="true"><g class={classes!("cell", "e0", class)}>
                <rect x="1" y="1" width="16" height="14" rx="3" /></g></svg>{ text }</li>
        }
    };
    let epoch = |(epoch, colour): &(u64, u8)| {
        html! {
            <li><svg width="22" height="16" aria-hidden="true"><g class={format!("cell e{colour}")}>
                <path class="mark" d="M2 8h18" /></g></svg>{ format!("{} {epoch}", order.epoch_word) }</li>
        }
    };
    let differs = order.rows.iter().any(|row| row.cells.iter().any(|cell| cell.differs));
    let recent = order.epochs.len().saturating_sub(4);
    html! {
        <ul class="legend">
            { sample("delivered", if one { words::DECIDED } else { words::DELIVERED }) }
            if order.shape != Shape::Broadcast {
                { sample("written", if one { words::ACCEPTED } else { words::WRITTEN }) }
            }
            if differs { { sample("delivered differs", words::DIFFERS) } }
            if !order.epoch_word.is_empty() { { for order.epochs[recent..].iter().map(epoch) } }
        </ul>
    }
}

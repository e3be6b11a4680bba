//! The stage: nodes as focusable elements round a ring, walls of partitions, and the canvas on which messages move.

use super::drag::{self, Drag};
use super::menu::{message_menu, node_menu};
use super::state::{Do, Hand, Open, use_hand};
use crate::protocol::NodeId;
use crate::scenario::Verb;
use crate::ui::geometry::{Point, Px, Ring, px};
use crate::ui::paint::{self, Sheet};
use crate::ui::strings::{self, stage as words};
use crate::ui::tree::{classes, html};
use crate::ui::view::eyes::Seen;
use crate::ui::view::stage::{Node, Stage as Model, partition};
use crate::ui::{dom, runner::Runner};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement, HtmlSelectElement, SvgElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct StageProps {
    pub stage: Rc<Model>,
    pub open: Open,
}

/// The panel.
#[component]
pub fn Stage(properties: &StageProps) -> Html {
    let hand = use_hand();
    let (field, canvas) = (use_node_ref(), use_node_ref());
    let size = dom::use_size(&field);
    let reached = use_state(|| NodeId(0));
    let stage = &properties.stage;
    let ring = Ring::new(size.0, size.1, stage.nodes.len()).with_away(stage.away);
    let dragged = use_state(|| None::<Drag>);
    // A click that ends a drag is none.
    let moved = use_memo((), |()| Rc::new(Cell::new(false)));
    use_painter(&hand.runner, &canvas);

    // What stands beside the stage may take room from it: the canvas follows.
    use_effect_with((size.0 as i64, size.1 as i64), {
        let runner = hand.runner.clone();
        move |_| runner.refresh()
    });

    let picked = {
        let (hand, eyes_on) = (hand.clone(), stage.eyes);
        move |event: MouseEvent| {
            let at = drag::place(&event);
            let hit = at.and_then(|at| hand.runner.read(|session, shown| paint::hit(session, shown, size, at)));
            if let (Some(hit), None) = (hit, eyes_on) {
                hand.runner.pause();
                hand.open(Open::Message(hit.id, hit.at));
            }
        }
    };
    let act = |label: &'static str, verb: Verb| {
        let hand = hand.clone();
        html! {
            <button type="button" class="quiet" onclick={move |_| hand.perform(std::slice::from_ref(&verb))}>{ label }</button>
        }
    };
    let divide = {
        let hand = hand.clone();
        move |_| hand.open(Open::Partition)
    };
    let expanded = match properties.open {
        Open::Node(id) => Some(id),
        _ => None,
    };
    let nodes = Nodes {
        hand: &hand,
        ring,
        count: stage.nodes.len(),
        epoch_word: stage.epoch_word,
        reached: &reached,
        dragged: &dragged,
        moved: &moved,
        stage,
        expanded,
    };
    let hint = (*dragged).filter(|drag| drag.at.is_some()).map(|drag| {
        let groups = drag.dropped(&ring).and_then(|dropped| stage.regrouped(drag.node, dropped));
        let words = groups.map_or_else(|| words::DRAG_BACK.to_owned(), |groups| words::let_go(&groups));
        html! { <p class="hint" aria-hidden="true">{ words }</p> }
    });
    let menu = match &properties.open {
        Open::Node(id) => stage.nodes.get(id.index()).map(|node| node_menu(&hand, node, stage, ring.at(*id), size)),
        Open::Message(id, at) => Some(message_menu(&hand, *id, *at, size)),
        _ => None,
    };
    let viewbox = format!("0 0 {} {}", Px(size.0.max(1.0)), Px(size.1.max(1.0)));
    html! {
        <section class="card stage" aria-labelledby="stage-title">
            <div class="head">
                <h2 id="stage-title">{ words::TITLE }<small>{
                    if stage.eyes.is_none() { words::in_flight(stage.in_flight, stage.held) } else { String::new() } }</small></h2>
                if stage.manual { { act(words::SETTLE, Verb::Settle) } }
                if !stage.blocked.is_empty() { { act(words::HEAL, Verb::Heal) } }
                if stage.nodes.len() > 1 {
                    <button type="button" class="quiet" onclick={divide}>{ words::PARTITION }</button>
                    { eyes(&hand, stage) }
                }
            </div>
            <div class="field" ref={field}>
                <svg viewBox={viewbox.clone()} aria-hidden="true">{ links(stage, &ring) }</svg>
                <canvas ref={canvas} aria-hidden="true"></canvas>
                <svg viewBox={viewbox} role="group" aria-label={words::NODES} onclick={picked}>
                    { for stage.nodes.iter().map(|node| node_shape(&nodes, node)) }
                </svg>
                { hint.unwrap_or_default() }
                { menu.unwrap_or_default() }
            </div>
            { legend(stage) }
        </section>
    }
}

#[hook]
fn use_painter(runner: &Runner, canvas: &NodeRef) {
    let (runner, canvas) = (runner.clone(), canvas.clone());
    use_effect_with((), move |()| {
        let sheet = canvas.cast::<HtmlCanvasElement>().and_then(Sheet::new);
        let id = sheet.map(|sheet| runner.attach(Box::new(paint::Stage(sheet))));
        move || {
            if let Some(id) = id {
                runner.detach(id);
            }
        }
    });
}

/// Links, and the walls where there are none.
fn links(stage: &Model, ring: &Ring) -> Html {
    let n = stage.nodes.len();
    let pairs = NodeId::all(n).flat_map(|a| NodeId::all(n).filter(move |b| *b > a).map(move |b| (a, b)));
    let line = |(a, b): (NodeId, NodeId)| {
        let (p, q) = (ring.at(a), ring.at(b));
        let cut = stage.blocked.iter().find(|(x, y, ..)| (*x, *y) == (a, b));
        let class = match cut {
            None => "link",
            Some((_, _, true, true)) => return html! {},
            Some(_) => "link oneway",
        };
        let slow = stage.slow_links.iter().any(|&(x, y, _)| (x.min(y), x.max(y)) == (a, b));
        let class = classes!(class, slow.then_some("slow"));
        html! { <line {class} x1={px(p.x)} y1={px(p.y)} x2={px(q.x)} y2={px(q.y)} /> }
    };
    let wall = |a: NodeId| {
        let b = NodeId((a.0 + 1) % n as u8);
        let between = n > 2 && stage.parted(a, b);
        between.then(|| {
            let (p, q) = ring.wall(a);
            html! { <line class="wall" x1={px(p.x)} y1={px(p.y)} x2={px(q.x)} y2={px(q.y)} /> }
        })
    };
    html! {
        <g>
            { for pairs.filter(|_| n <= 11).map(line) }
            { for NodeId::all(n).filter_map(wall) }
        </g>
    }
}

/// What the nodes of a stage have in common.
struct Nodes<'a> {
    hand: &'a Hand,
    ring: Ring,
    count: usize,
    epoch_word: &'static str,
    /// The node at which the tab key stops.
    reached: &'a UseStateHandle<NodeId>,
    /// What is dragged.
    dragged: &'a UseStateHandle<Option<Drag>>,
    moved: &'a Rc<Cell<bool>>,
    stage: &'a Rc<Model>,
    /// The node whose menu is open.
    expanded: Option<NodeId>,
}

/// A node: a shape that says its role, its name, its words.
fn node_shape(nodes: &Nodes<'_>, node: &Node) -> Html {
    let Nodes { hand, ring, count, epoch_word, reached, dragged, expanded, .. } = nodes;
    let drag = (***dragged).filter(|drag| drag.node == node.id);
    let at = drag.and_then(|drag| drag.at).unwrap_or(ring.at(node.id));
    let (x, y, r, id) = (at.x, at.y, ring.node, node.id);
    let onclick = {
        let (hand, reach, moved) = ((*hand).clone(), reached.setter(), nodes.moved.clone());
        move |event: MouseEvent| {
            event.stop_propagation();
            if moved.replace(false) {
                return;
            }
            reach.set(id);
            hand.open(Open::Node(id));
        }
    };
    let onkeydown = {
        let (hand, reach, count) = ((*hand).clone(), reached.setter(), *count as u8);
        move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "Enter" | " " => {
                    event.prevent_default();
                    hand.open(Open::Node(id));
                    return;
                }
                "ArrowDown" => (id.0 + 1) % count,
                "ArrowUp" => (id.0 + count - 1) % count,
                _ => return,
            };
            event.prevent_default();
            reach.set(NodeId(next));
            let element = dom::document().get_element_by_id(&format!("node-{next}"));
            if let Some(element) = element.and_then(|element| element.dyn_into::<SvgElement>().ok()) {
                let _ = element.focus();
            }
        }
    };
    let class = classes!(
        "node",
        node.leads.then_some("leads"),
        (!node.up).then_some(if node.crashed { "down" } else { "early" }),
        node.paused.then_some("paused"),
        (node.seen != Seen::Now).then_some("remembered"),
        drag.and_then(|drag| drag.at).map(|_| "dragged"),
        node.apart.then_some("apart"),
    );
    let shape = if node.leads && node.up {
        html! { <polygon class="shape" points={ring.hexagon(at)} /> }
    } else {
        html! { <circle class="shape" cx={px(x)} cy={px(y)} r={px(r)} /> }
    };
    let cross = node.crashed.then(|| {
        let d = r * 0.38;
        let (left, top, whole) = (Px(x - d), Px(y - d), Px(2.0 * d));
        let path = format!("M{left} {top}l{whole} {whole}m0 -{whole}l-{whole} {whole}");
        html! { <path class="cross" d={path} /> }
    });
    let [onpointerdown, onpointermove, onpointerup, onpointercancel] = pointers(nodes, id);
    // Where the words are seen, they are the name; else the name says more than is seen.
    let label = (!ring.words()).then(|| strings::node(node, epoch_word));
    html! {
        <g key={id.0} {class} id={format!("node-{}", id.0)} role="button" tabindex={if ***reached == id { "0" } else { "-1" }}
            aria-label={label.clone()} aria-haspopup="dialog" aria-expanded={(*expanded == Some(id)).to_string()} {onclick} {onkeydown}
            {onpointerdown} {onpointermove} {onpointerup} {onpointercancel}>
            { for label.map(|label| html! { <title>{ label }</title> }) }
            <circle class="halo" cx={px(x)} cy={px(y)} r={px(r + 11.0)} />
            { shape }
            { for cross }
            { tail(node, at, r) }
            if !node.crashed {
                <text class={classes!("id", (r < 18.0).then_some("small"))} x={px(x)} y={px(y)}>{ id.to_string() }</text>
                { " " }
            }
            { caption(node, at, ring, epoch_word) }
        </g>
    }
}

/// The end of the node's log, inside of it.
fn tail(node: &Node, at: Point, r: f64) -> Html {
    if r < 24.0 || !node.up {
        return html! {};
    }
    let left = at.x - 4.0 * node.tail.len() as f64 + 1.0;
    let entry = |(i, (colour, delivered)): (usize, &(u8, bool))| {
        let class = if *delivered { format!("tail e{colour}") } else { format!("tail e{colour} written") };
        html! { <rect {class} x={px(left + 8.0 * i as f64)} y={px(at.y + 12.0)} width="6" height="4" /> }
    };
    html! { <g>{ for node.tail.iter().enumerate().map(entry) }</g> }
}

/// Dragging a node by pointer or touch; what it does, the partition dialog does as well.
fn pointers(nodes: &Nodes<'_>, id: NodeId) -> [Callback<PointerEvent>; 4] {
    let set = nodes.dragged.setter();
    let drag = (**nodes.dragged).filter(|drag| drag.node == id);
    let down = {
        let (set, moved) = (set.clone(), nodes.moved.clone());
        Callback::from(move |event: PointerEvent| {
            moved.set(false);
            if let (0, Some(start), Some(target)) = (event.button(), drag::place(&event), event.target()) {
                // The pointer belongs to the node from here on, however fast it goes.
                let _ = target.unchecked_into::<Element>().set_pointer_capture(event.pointer_id());
                set.set(Some(Drag { node: id, start, at: None }));
            }
        })
    };
    let moved = {
        let (set, moved) = (set.clone(), nodes.moved.clone());
        Callback::from(move |event: PointerEvent| {
            if let (Some(drag), Some(at)) = (drag, drag::place(&event)) {
                let next = drag.to(at);
                moved.set(next.at.is_some());
                set.set(Some(next));
            }
        })
    };
    let up = {
        let (set, hand, stage, ring) = (set.clone(), nodes.hand.clone(), nodes.stage.clone(), nodes.ring);
        Callback::from(move |_: PointerEvent| {
            let groups = drag.and_then(|drag| stage.regrouped(drag.node, drag.dropped(&ring)?));
            if let Some(groups) = groups {
                hand.perform(&[partition(groups)]);
            }
            set.set(None);
        })
    };
    [down, moved, up, Callback::from(move |_: PointerEvent| set.set(None))]
}

/// Whose knowledge is shown.
fn eyes(hand: &Hand, stage: &Model) -> Html {
    let hand = hand.clone();
    let onchange = move |event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        hand.tell(Do::Eyes(select.and_then(|select| select.value().parse().ok()).map(NodeId)));
    };
    let option = |node: &Node| {
        let id = node.id;
        html! { <option value={id.0.to_string()} selected={stage.eyes == Some(id)}>{ words::see_as(id) }</option> }
    };
    html! {
        <label class="eyes"><span class="hidden">{ words::EYES }</span><select id="eyes" {onchange}>
            <option value="" selected={stage.eyes.is_none()}>{ words::ALL_EYES }</option>
            { for stage.nodes.iter().map(option) }
        </select></label>
    }
}

/// What the glyphs mean.
fn legend(stage: &Model) -> Html {
    if stage.eyes.is_some() {
        return html! { <p class="legend">{ words::EYES_NOTE }</p> };
    }
    html! {
        <ul class="legend">
            <li><svg width="22" height="14" aria-hidden="true"><rect class="asks" x="1" y="1" width="20" height="12" rx="3" /></svg>
                { words::ASKS }</li>
            <li><svg width="22" height="14" aria-hidden="true"><rect class="answers" x="1" y="1" width="20" height="12" rx="6" /></svg>
                { words::ANSWERS }</li>
            <li><svg width="18" height="14" aria-hidden="true"><path class="timer" d="M9 2a5.5 5.5 0 1 1 -5.5 5.5" /></svg>
                { words::TIMER }</li>
        </ul>
    }
}

/// The words at a node, away from the messages: its role, and its epoch with the mark that the order has for it.
fn caption(node: &Node, at: Point, ring: &Ring, epoch_word: &str) -> Html {
    if !ring.words() {
        return html! {};
    }
    let y = if ring.above(node.id) { (at.y - ring.node - 16.0).max(12.0) } else { at.y + ring.node + 25.0 };
    let state = if node.seen == Seen::Never {
        words::NEVER.to_owned()
    } else if node.crashed {
        format!("{} {}", node.id, words::CRASHED)
    } else if !node.up {
        words::NOT_STARTED.to_owned()
    } else if node.paused {
        words::PAUSED.to_owned()
    } else {
        node.role.to_owned()
    };
    let apart = (node.up && node.apart).then(|| format!(" · {}", words::APART));
    let word = if ring.narrow() { "" } else { epoch_word };
    let epoch =
        (node.up && node.seen != Seen::Never && !epoch_word.is_empty()).then(|| format!(" · {word} {}", node.epoch));
    let slow = match node.seen {
        Seen::Ago(_) | Seen::Never => String::new(),
        Seen::Now if node.slow_ms > 0 => format!(" · +{} ms", node.slow_ms),
        Seen::Now => String::new(),
    };
    let (epoch, age) = match node.seen {
        // Above a node there is room for one line only.
        Seen::Ago(ms) if ring.above(node.id) => (Some(format!(" · {}", words::ago(ms))), String::new()),
        Seen::Ago(ms) => (epoch, words::ago(ms)),
        _ => (epoch, String::new()),
    };
    html! {
        <text class="words" x={px(at.x)} y={px(y)}>
            <tspan class="role">{ state }</tspan>
            <tspan class="soft">{ epoch.unwrap_or_default() }{ apart.unwrap_or_default() }{ slow }</tspan>
            if !age.is_empty() {
                // Who hears it hears no "term 189 ms".
                { " " }
                <tspan class="soft" x={px(at.x)} dy="14">{ age }</tspan>
            }
        </text>
    }
}

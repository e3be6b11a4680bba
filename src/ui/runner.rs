//! Owns the session outside the virtual DOM: plays it in one animation-frame loop, lets canvases draw themselves, and
//! publishes a small view a few times a second. Nothing runs while nothing moves.

use super::goal::{Goal, Quest};
use super::paint::{Paint, Palette, Scene};
use super::view::{Desk, Look, Pace, Side, View};
use super::{crash, dom, setup};
use crate::scenario::{Action, Recording, Scenario, Verb, bounds, link};
use crate::session::Session;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use yew::Callback;

/// Virtual seconds in a second, slowest first.
pub const SPEEDS: [f64; 13] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
/// The speed at which the page opens: one twentieth.
pub const OPENING_SPEED: usize = 5;
/// Engine work in a frame, ms.
const SLICE_MS: f64 = 4.0;
/// Between two views while time runs, ms.
const PUBLISH_MS: f64 = 100.0;
/// The longest step between two frames, ms: after a pause of the browser the run does not race.
const LONGEST_MS: f64 = 100.0;
/// Events between two looks at the wall clock.
const BATCH: u32 = 32;
/// How far the way to the next meaningful event may be, in events.
const FAR: u32 = 20_000;
/// For so long a run goes on after something was done, µs: who acts sees what comes of it.
const AFTER_US: u64 = 10_000_000;
/// How far the way to a goal may be, in events, and how much of a frame it may take, ms.
const FURTHEST: u32 = 40_000;
const HURRY_MS: f64 = 12.0;

struct Inner {
    session: Session,
    playing: bool,
    speed: f64,
    /// The moment shown, µs.
    shown: f64,
    look: Look,
    desk: Desk,
    /// What the run is played until, from which event and frontier.
    quest: Option<Quest>,
    from: (u32, u64),
    palette: Palette,
    painters: Vec<(u32, Box<dyn Paint>)>,
    next_painter: u32,
    listener: Option<Callback<Rc<View>>>,
    /// Something has changed that the view shows.
    stale: bool,
    published_at: f64,
    last_frame: Option<f64>,
    requested: bool,
    frame: Option<Closure<dyn FnMut(f64)>>,
}

/// The handle that components hold.
#[derive(Clone)]
pub struct Runner(Rc<RefCell<Inner>>);

impl PartialEq for Runner {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Runner {
    /// A runner of `session`, at rest.
    pub fn new(session: Session, look: Look) -> Runner {
        let shown = session.world().now() as f64;
        let inner = Inner {
            session,
            playing: false,
            speed: SPEEDS[OPENING_SPEED],
            shown,
            look,
            desk: Desk::default(),
            quest: None,
            from: (0, 0),
            palette: Palette::default(),
            painters: Vec::new(),
            next_painter: 0,
            listener: None,
            stale: true,
            published_at: f64::MIN,
            last_frame: None,
            requested: false,
            frame: None,
        };
        let runner = Runner(Rc::new(RefCell::new(inner)));
        runner.note();
        let weak = Rc::downgrade(&runner.0);
        let frame = Closure::<dyn FnMut(f64)>::new(move |now| {
            if let Some(inner) = weak.upgrade() {
                Runner(inner).frame(now);
            }
        });
        runner.0.borrow_mut().frame = Some(frame);
        runner
    }

    /// Publishes views to `listener` from now on.
    pub fn listen(&self, listener: Callback<Rc<View>>) {
        self.0.borrow_mut().listener = Some(listener);
        self.touch();
    }

    /// The view as it is now.
    pub fn view(&self) -> View {
        self.0.borrow_mut().view()
    }

    /// Reads something off the session.
    pub fn read<T>(&self, read: impl FnOnce(&Session, u64) -> T) -> T {
        let inner = self.0.borrow();
        read(&inner.session, inner.shown as u64)
    }

    /// The scenario that runs.
    pub fn scenario(&self) -> Scenario {
        self.read(|session, _| session.scenario().clone())
    }

    /// Draws with `painter` at every frame in which something changed, until [`Runner::detach`].
    pub fn attach(&self, painter: Box<dyn Paint>) -> u32 {
        let mut inner = self.0.borrow_mut();
        inner.next_painter += 1;
        let id = inner.next_painter;
        inner.painters.push((id, painter));
        drop(inner);
        self.request();
        id
    }

    /// Ends [`Runner::attach`].
    pub fn detach(&self, id: u32) {
        self.0.borrow_mut().painters.retain(|(painter, _)| *painter != id);
    }

    /// Colours have changed: they are read anew.
    pub fn repaint(&self) {
        self.0.borrow_mut().palette = Palette::default();
        self.request();
    }

    /// Draws anew at the next frame, with nothing new to tell.
    pub fn refresh(&self) {
        self.request();
    }

    /// Looks at something else.
    pub fn look(&self, change: impl FnOnce(&mut Look)) {
        let mut inner = self.0.borrow_mut();
        let before = inner.look;
        change(&mut inner.look);
        let changed = before != inner.look;
        drop(inner);
        if changed {
            self.touch();
        }
    }

    /// Starts a run of `scenario`; what runs is kept when that is not possible. The error is one sentence.
    pub fn start(&self, scenario: &Scenario) -> Result<(), String> {
        let mut session = Session::new(scenario.checked()?)?;
        setup::begin(&mut session);
        self.replace(session);
        Ok(())
    }

    /// Opens the run of a recording at its cursor, at rest.
    pub fn open(&self, recording: Recording) -> Result<(), String> {
        let session = Session::open(recording)?;
        self.replace(session);
        self.pause();
        Ok(())
    }

    fn replace(&self, session: Session) {
        let mut inner = self.0.borrow_mut();
        inner.shown = session.world().now() as f64;
        inner.session = session;
        (inner.desk, inner.quest) = Default::default();
        drop(inner);
        self.note();
        self.touch();
    }

    /// Leaves the run for the crash panel.
    fn note(&self) {
        crash::remember(self.read(|session, _| session.recording()));
    }

    /// Runs ahead to `at` µs at once.
    pub fn ahead(&self, at: u64) {
        let mut inner = self.0.borrow_mut();
        while inner.session.next_at().is_some_and(|next| next <= at) && inner.session.step() {}
        inner.shown = at as f64;
        drop(inner);
        self.touch();
    }

    /// Whether time runs.
    pub fn playing(&self) -> bool {
        self.0.borrow().playing
    }

    /// Lets time run, or stops it. A run that is over runs again.
    pub fn toggle(&self) {
        if self.playing() {
            return self.pause();
        }
        if self.over() {
            self.home();
        }
        self.play();
    }

    /// Whether nothing is left to happen, not by hand either.
    fn over(&self) -> bool {
        let session = &mut self.0.borrow_mut().session;
        session.at_head() && session.next_at().is_none() && !session.world().network().manual()
    }

    /// Lets time run.
    pub fn play(&self) {
        let mut inner = self.0.borrow_mut();
        inner.playing = true;
        inner.quest = None;
        inner.last_frame = None;
        drop(inner);
        self.touch();
    }

    /// Stops time.
    pub fn pause(&self) {
        let mut inner = self.0.borrow_mut();
        (inner.playing, inner.quest) = (false, None);
        drop(inner);
        self.touch();
    }

    /// Plays as fast as this machine goes until the goal is reached, the run ends, or time is stopped.
    pub fn until(&self, goal: Goal) {
        self.play();
        let mut inner = self.0.borrow_mut();
        inner.from = (inner.session.world().events(), inner.session.world().frontier());
        inner.quest = Some(Quest::Running(goal));
    }

    /// Looks for events.
    pub fn search(&self, query: &str) {
        self.0.borrow_mut().desk.search.seek(query);
        self.touch();
    }

    /// The speed, as a place in [`SPEEDS`].
    pub fn set_speed(&self, place: usize) {
        if let Some(speed) = SPEEDS.get(place) {
            self.0.borrow_mut().speed = *speed;
            self.touch();
        }
    }

    /// Moves the cursor by hand: time stops.
    fn walk<T>(&self, walk: impl FnOnce(&mut Session) -> T) -> T {
        let mut inner = self.0.borrow_mut();
        (inner.playing, inner.quest) = (false, None);
        let result = walk(&mut inner.session);
        inner.shown = inner.session.world().now() as f64;
        drop(inner);
        self.touch();
        result
    }

    /// One event forward; false when there is none.
    pub fn step(&self) -> bool {
        self.walk(|session| session.next_at().is_some() && session.step())
    }

    /// One event back; false at the beginning.
    pub fn back(&self) -> bool {
        self.walk(Session::back)
    }

    /// To where `event` events have happened.
    pub fn seek(&self, event: u32) {
        self.walk(|session| session.seek(event.min(session.head().events())));
    }

    /// To a moment within what was computed.
    pub fn seek_time(&self, at: u64) {
        self.walk(|session| session.seek_time(at));
        let mut inner = self.0.borrow_mut();
        // Between two events the later moment is shown: what is in flight is on its way.
        let next = inner.session.next_at();
        if next.is_none_or(|next| at < next) && at <= inner.session.head().now() {
            inner.shown = inner.shown.max(at as f64);
        }
    }

    /// To the beginning: all nodes have started.
    pub fn home(&self) {
        self.walk(|session| session.seek(u32::from(session.scenario().nodes).min(session.head().events())));
    }

    /// To where the run was computed.
    pub fn end(&self) {
        self.walk(|session| session.seek(session.head().events()));
    }

    /// To the next meaningful event; false when none is near.
    pub fn next_mark(&self) -> bool {
        self.walk(|session| {
            for _ in 0..FAR {
                let before = session.world().trace().marks.len();
                if session.next_at().is_none() || !session.step() {
                    return false;
                }
                if session.world().trace().marks.len() > before {
                    return true;
                }
            }
            false
        })
    }

    /// To the meaningful event before; false when there is none.
    pub fn previous_mark(&self) -> bool {
        self.walk(Session::previous_mark)
    }

    /// Does verbs at the cursor; false when the run has ended and nothing can be done any more.
    pub fn perform(&self, verbs: &[Verb]) -> bool {
        verbs.iter().all(|verb| self.act(Action::Step(verb.clone())))
    }

    /// Does something at the cursor; false when it has no effect.
    pub fn act(&self, action: Action) -> bool {
        let mut inner = self.0.borrow_mut();
        let before = inner.session.world().events();
        inner.quest = None;
        inner.session.act(action);
        let done = inner.session.world().events() > before;
        if done {
            let until = inner.session.world().now() + AFTER_US;
            inner.session.prolong(until.min(bounds::AT_MS * 1000));
        }
        inner.shown = inner.shown.max(inner.session.world().now() as f64);
        drop(inner);
        self.note();
        self.touch();
        done
    }

    /// Takes back what was done last.
    pub fn undo(&self) -> bool {
        let done = self.walk(Session::undo);
        self.note();
        done
    }

    /// Shows another branch.
    pub fn switch(&self, branch: usize) {
        self.walk(|session| session.switch(branch));
        self.note();
    }

    /// The link to this run at this event. The error is one sentence.
    pub fn link(&self) -> Result<String, String> {
        self.read(|session, _| link::encode(&session.recording()))
    }

    /// The run at this event for the second program.
    pub fn carried(&self) -> String {
        self.read(|session, _| link::carry(&session.recording()).unwrap_or_default())
    }

    /// The view has changed: it is published at the next frame.
    fn touch(&self) {
        self.0.borrow_mut().stale = true;
        self.request();
    }

    fn request(&self) {
        let mut inner = self.0.borrow_mut();
        if inner.requested {
            return;
        }
        if let Some(frame) = &inner.frame {
            inner.requested = dom::window().request_animation_frame(frame.as_ref().unchecked_ref()).is_ok();
        }
    }

    fn frame(&self, now: f64) {
        let mut inner = self.0.borrow_mut();
        inner.requested = false;
        inner.advance(now);
        inner.paint();
        let publish = inner.stale || inner.playing && now - inner.published_at >= PUBLISH_MS;
        let view = publish.then(|| {
            inner.stale = false;
            inner.published_at = now;
            crash::reached(inner.session.world().events());
            inner.view()
        });
        // A search goes on.
        let more = inner.look.side == Side::Log && inner.more();
        inner.stale |= more;
        let (listener, playing) = (inner.listener.clone(), inner.playing || more);
        drop(inner);
        if let (Some(view), Some(listener)) = (view, listener) {
            listener.emit(Rc::new(view));
        }
        if playing {
            self.request();
        }
    }
}

impl Inner {
    fn view(&mut self) -> View {
        let pace = Pace { shown: self.shown as u64, playing: self.playing, speed: self.speed, quest: self.quest };
        View::of(&mut self.session, pace, self.look, &mut self.desk)
    }

    /// Looks further for what is searched; true when it looked at something.
    fn more(&mut self) -> bool {
        let Inner { desk, session, .. } = self;
        desk.search.further(session)
    }

    /// Hurries on to a goal.
    fn hurry(&mut self, goal: Goal) {
        let started = dom::now();
        while dom::now() - started < HURRY_MS {
            for _ in 0..BATCH {
                let over = self.session.next_at().is_none() || !self.session.step();
                let missed = over || self.session.world().events() > self.from.0 + FURTHEST;
                self.shown = self.session.world().now() as f64;
                if missed && !goal.holds(&self.session) {
                    // Nobody wants to be where nothing happened.
                    self.session.seek(self.from.0);
                    self.shown = self.session.world().now() as f64;
                    self.quest = Some(Quest::Missed(goal));
                    return self.rest();
                }
                if missed || goal.reached(&self.session, self.from.1) {
                    self.quest = Some(Quest::Reached(goal));
                    return self.rest();
                }
            }
        }
    }

    fn advance(&mut self, now: f64) {
        let last = self.last_frame.replace(now);
        if !self.playing {
            self.last_frame = None;
            return;
        }
        if let Some(Quest::Running(goal)) = self.quest {
            return self.hurry(goal);
        }
        let Some(last) = last else { return };
        let target = self.shown + (now - last).clamp(0.0, LONGEST_MS) * 1000.0 * self.speed;
        let started = dom::now();
        loop {
            for _ in 0..BATCH {
                match self.session.next_at() {
                    Some(at) if at as f64 <= target => {
                        if !self.session.step() {
                            return self.rest();
                        }
                    }
                    Some(_) => {
                        self.shown = target;
                        return;
                    }
                    None => {
                        // By hand, messages still travel to where they wait.
                        let travels = |flight: &crate::sim::Flight| flight.arrives_at as f64 > self.shown;
                        if self.session.world().flights().any(|(_, flight)| travels(flight)) {
                            self.shown = target;
                            return;
                        }
                        return self.rest();
                    }
                }
            }
            if dom::now() - started > SLICE_MS {
                // As fast as this machine goes.
                self.shown = self.session.world().now() as f64;
                return;
            }
        }
    }

    fn rest(&mut self) {
        self.playing = false;
        self.stale = true;
        self.shown = self.shown.max(self.session.world().now() as f64);
    }

    fn paint(&mut self) {
        let Inner { session, palette, painters, shown, look, .. } = self;
        if painters.is_empty() {
            return;
        }
        palette.refresh();
        let scene = Scene { session, shown: *shown as u64, palette, eyes: look.eyes };
        for (_, painter) in painters {
            painter.paint(&scene);
        }
    }
}

//! The checker as a program of its own, so that the page need not carry it. `www/checker.js` loads it: into a worker
//! where one can start, else beside the page.

#[cfg(target_arch = "wasm32")]
mod checker {
    use consensus_playground::check::ahead::Ahead;
    use consensus_playground::check::answer::answer;
    use consensus_playground::check::asked::Asked;
    use consensus_playground::check::cluster::{Origin, Question, Space};
    use consensus_playground::check::coins::Coins;
    use consensus_playground::check::models::two_phase::TwoPhase;
    use consensus_playground::check::{Bounds, Order, Search, valence};
    use consensus_playground::scenario::json::Json;
    use consensus_playground::scenario::{Network, Recording, Scenario, Scheduler, link};
    use consensus_playground::session::Session;
    use wasm_bindgen::prelude::*;

    /// A search through everything that may happen from a scenario's start, or from the cursor of a link on.
    #[wasm_bindgen]
    pub struct Check {
        session: Session,
        question: Question,
        search: Search<Space>,
    }

    #[wasm_bindgen]
    impl Check {
        /// The search that answers a question (`src/check/asked.rs`) about a scenario file or the scenario of a link.
        #[wasm_bindgen(constructor)]
        pub fn new(source: &str, question: &str) -> Result<Check, JsError> {
            Check::of(source, question).map_err(|sentence| JsError::new(&sentence))
        }

        fn of(source: &str, question: &str) -> Result<Check, String> {
            let session = Session::driven(recording(source)?)?;
            let Asked { question, order, bounds } = Asked::from_json(question, session.scenario())?;
            let search = Search::new(Space::of(origin(&session), &question)?, order, bounds);
            Ok(Check { session, question, search })
        }

        /// Expands up to `budget` states; whether there are more.
        pub fn run(&mut self, budget: u32) -> bool {
            self.search.run(budget.into()).ended.is_none()
        }

        /// How far it is: states generated and distinct, depth, states that wait, bytes.
        pub fn progress(&self) -> Vec<f64> {
            let progress = self.search.progress();
            let counts = [progress.generated, progress.unique, progress.depth.into(), progress.waiting, progress.bytes];
            counts.map(|count| count as f64).to_vec()
        }

        /// What is found, as `headless check --json` prints it.
        pub fn answer(&self) -> String {
            answer(origin(&self.session), &self.question, &self.search).json()
        }
    }

    /// The look ahead from where the cursor of a link stands.
    #[wasm_bindgen(js_name = Ahead)]
    pub struct LookAhead(Ahead);

    #[wasm_bindgen(js_class = Ahead)]
    impl LookAhead {
        /// The bounds are those of `question` (`src/check/asked.rs`).
        #[wasm_bindgen(constructor)]
        pub fn new(source: &str, question: &str) -> Result<LookAhead, JsError> {
            let ahead = || -> Result<Ahead, String> {
                let recording = recording(source)?;
                let cursor = recording.cursor.unwrap_or(u64::MAX);
                let next = recording.interventions.iter().find(|next| next.event >= cursor);
                let next = next.map(|next| next.action.clone());
                // What an adversary picks is in the link.
                let session = Session::open(recording)?;
                let Asked { question, .. } = Asked::from_json(question, session.scenario())?;
                Ahead::new(session.world(), &question, next.as_ref())
            };
            ahead().map(LookAhead).map_err(|sentence| JsError::new(&sentence))
        }

        /// Looks at up to `budget` states more; whether there is more to find out.
        pub fn run(&mut self, budget: u32) -> bool {
            self.0.run(budget.into())
        }

        /// What is known so far; see [`Ahead::json`].
        pub fn answer(&self) -> String {
            self.0.json()
        }
    }

    /// In how many rounds Ben-Or's protocol decides, over many seeds.
    #[wasm_bindgen]
    pub struct Rounds([Coins; 2]);

    #[wasm_bindgen]
    impl Rounds {
        /// Of a scenario, with so many seeds.
        #[wasm_bindgen(constructor)]
        pub fn new(source: &str, seeds: &str) -> Result<Rounds, JsError> {
            let scenario = recording(source).map_err(|sentence| JsError::new(&sentence))?.scenario;
            let seeds = seeds.parse().unwrap_or(0);
            Ok(Rounds(
                [Scheduler::Random, Scheduler::Adversary].map(|scheduler| Coins::new(&scenario, scheduler, seeds)),
            ))
        }

        /// One seed more, scheduled at random and by an adversary; whether there are more.
        pub fn run(&mut self, _budget: u32) -> bool {
            self.0.each_mut().map(|coins| coins.toss().unwrap_or(false)) == [true; 2]
        }

        /// How many seeds are done, and by round and scheduler how many runs decided in it; those that did not decide
        /// come first, as round 0.
        pub fn answer(&self) -> String {
            let last = self.0.iter().map(|coins| coins.counts().0.len()).max().unwrap_or(0);
            let row = |round: usize| {
                let count = |coins: &Coins| match (round, coins.counts()) {
                    (0, (_, undecided)) => undecided,
                    (_, (rounds, _)) => rounds.get(round - 1).copied().unwrap_or(0),
                };
                Json::Array(self.0.iter().map(|coins| Json::Unsigned(count(coins).into())).collect())
            };
            let fields = vec![
                ("seeds", Json::Unsigned(self.0[0].done().into())),
                ("rounds", Json::Array((0..=last).map(row).collect())),
            ];
            Json::object(fields).indented()
        }
    }

    /// A scenario file, which is an object, or what a link holds: from its `#`, or a whole address that ends in it.
    fn recording(source: &str) -> Result<Recording, String> {
        if source.contains("#v") && !source.trim_start().starts_with('{') {
            return Ok(link::carried(source)?.0);
        }
        Ok(Recording { cursor: Some(0), ..Recording::new(Scenario::from_json(source)?) })
    }

    /// A scenario file as a link, which may be longer than links are allowed to be.
    #[wasm_bindgen(js_name = linkOf)]
    pub fn link_of(file: &str) -> Result<String, JsError> {
        let link = Scenario::from_json(file).and_then(|scenario| link::carry(&Recording::new(scenario)));
        link.map_err(|sentence| JsError::new(&sentence))
    }

    /// Where the cursor stands: at the start, while nothing has happened but that nodes started.
    fn origin(session: &Session) -> Origin<'_> {
        let started = u32::from(session.scenario().nodes);
        if session.world().events() <= started && session.recording().interventions.is_empty() {
            return Origin::Start(session.scenario());
        }
        Origin::Midst(session.world())
    }

    /// Which decisions can still be reached from where the cursor stands, as JSON: `valence` is "bivalent",
    /// "univalent", "undecided" or "not settled"; `reached`, the decisions that were found; `distinct`, the states seen.
    #[wasm_bindgen]
    pub fn valence(source: &str, question: &str) -> Result<String, JsError> {
        let told = || -> Result<String, String> {
            let session = Session::driven(recording(source)?)?;
            let scenario = session.scenario();
            let Asked { question, bounds, .. } = Asked::from_json(question, scenario)?;
            let space = Space::of(origin(&session), &question)?;
            let valence = valence::of(&space, &space.starts()[0], bounds.states.min(VALENCE_STATES));
            let values = origin(&session).values();
            let reached = valence.reached.iter().map(|value| Json::Text(values.show(*value)));
            let fields = vec![
                ("valence", Json::Text(valence.verdict().word().to_owned())),
                ("reached", Json::Array(reached.collect())),
                ("distinct", Json::Unsigned(valence.states)),
                ("depth", Json::Unsigned(valence.depth.into())),
            ];
            Ok(Json::object(fields).indented())
        };
        told().map_err(|sentence| JsError::new(&sentence))
    }

    /// The link of the same run with what an adversary picks, from its start up to event `until`; its cursor is where it
    /// begins to pick.
    #[wasm_bindgen]
    pub fn adversary(source: &str, until: u32) -> Result<String, JsError> {
        let told = || -> Result<String, String> {
            let Recording { mut scenario, .. } = recording(source)?;
            let ended = scenario.stop.max_events().min(until.into());
            scenario.network = Network::asynchronous(scenario.network.min_us, Scheduler::Adversary);
            let cursor = Some(u64::from(scenario.nodes));
            let picked = Session::picked(Recording { cursor, ..Recording::new(scenario) }, ended as u32)?;
            link::encode(&picked)
        };
        told().map_err(|sentence| JsError::new(&sentence))
    }

    /// States that are looked at for one valence: a second or two.
    const VALENCE_STATES: u64 = 200_000;

    /// For measuring: searches all of two-phase commit with so many resource managers; states generated and distinct.
    #[wasm_bindgen(js_name = twoPhase)]
    pub fn two_phase(managers: u32) -> Vec<f64> {
        let progress = Search::new(TwoPhase::new(managers), Order::Breadth, Bounds::NONE).run(u64::MAX);
        vec![progress.generated as f64, progress.unique as f64]
    }
}

fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    println!("The checker of the page runs in a browser; here it is `headless check`.");
}

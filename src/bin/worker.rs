//! The checker as a program of its own, so that the page need not carry it. `www/checker.js` loads it: into a worker
//! where one can start, else beside the page.

#[cfg(target_arch = "wasm32")]
mod checker {
    use consensus_playground::check::answer::answer;
    use consensus_playground::check::asked::Asked;
    use consensus_playground::check::cluster::{Question, Space};
    use consensus_playground::check::models::two_phase::TwoPhase;
    use consensus_playground::check::{Bounds, Order, Search};
    use consensus_playground::scenario::{Scenario, link};
    use wasm_bindgen::prelude::*;

    /// A search through everything that may happen from a scenario's start.
    #[wasm_bindgen]
    pub struct Check {
        scenario: Scenario,
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
            let scenario = if source.contains("#v") && !source.trim_start().starts_with('{') {
                link::decode(source)?.0.scenario
            } else {
                Scenario::from_json(source)?
            };
            let Asked { question, order, bounds } = Asked::from_json(question, &scenario)?;
            let search = Search::new(Space::of_scenario(&scenario, &question)?, order, bounds);
            Ok(Check { scenario, question, search })
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
            answer(&self.scenario, &self.question, &self.search).json()
        }
    }

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

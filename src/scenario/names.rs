//! The names that a protocol's card does not carry: its kinds of messages and timers.

use super::format::{Model, Scenario};
use crate::protocol::{Info, Message, Protocol, Setup, Timer};
use crate::protocols::registry::{self, Visitor};

/// The names that a script may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Kinds of messages, indexed by `Message::kind`.
    pub kinds: Vec<&'static str>,
    /// Timers, indexed by `Timer::index`.
    pub timers: Vec<&'static str>,
}

impl Names {
    /// The names of the protocol with this card; none when the registry does not have it.
    pub fn of(info: &'static Info) -> Names {
        registry::visit(info.id, Collect).unwrap_or_default()
    }
}

struct Collect;

impl Visitor for Collect {
    type Output = Names;

    fn visit<P: Protocol>(self) -> Names {
        Names {
            kinds: P::Message::KINDS.iter().map(|kind| kind.name).collect(),
            timers: P::Timer::ALL.iter().map(|timer| timer.name()).collect(),
        }
    }
}

impl Scenario {
    /// What the protocol is told when it is configured.
    pub fn setup(&self) -> Setup<'_> {
        Setup {
            nodes: usize::from(self.nodes),
            variant: self.variant,
            given: &self.settings,
            declared: self.info.settings,
            delta: (self.network.model == Model::Synchronous).then_some(self.network.delta_us),
        }
    }
}

/// Whether the protocol takes its settings together; the error is its own sentence.
pub fn configure(scenario: &Scenario) -> Result<(), String> {
    struct Configure<'a>(Setup<'a>);
    impl Visitor for Configure<'_> {
        type Output = Result<(), String>;

        fn visit<P: Protocol>(self) -> Self::Output {
            P::configure(&self.0).map(|_| ())
        }
    }
    registry::visit(scenario.info.id, Configure(scenario.setup()))
        .unwrap_or_else(|| Err(format!("{} is not in the registry", scenario.info.id)))
}

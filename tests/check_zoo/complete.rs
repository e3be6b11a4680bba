//! Nothing that a search could find is missing from the zoo.

use super::{LARGE, ZOO};
use consensus_playground::check::cluster::ghost::JUDGED;
use consensus_playground::properties::Name;
use consensus_playground::protocols::registry;

/// A variant has a row if what it breaks is judged by the search: not what has to happen in the end, nor
/// linearizability.
#[test]
fn every_safety_variant_is_in_the_zoo() {
    for info in registry::ALL {
        for variant in info.variants {
            let name = Name::of(variant.breaks).expect("a property");
            let judged = JUDGED.contains(&name) && !name.liveness(info.shape);
            let found = ZOO.iter().chain(LARGE).any(|case| (case.protocol, case.variant) == (info.id, variant.id));
            assert_eq!(found, judged, "{} {}", info.id, variant.id);
        }
    }
}

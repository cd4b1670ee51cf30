//! Statistics of a name, which the registry of the program keeps.

use super::Stats;
use crate::observe::StatsRegistry;
use std::sync::{Arc, OnceLock};

/// A name, and what the registry keeps for it.
pub(super) struct Named {
    name: &'static str,
    registered: OnceLock<Arc<Stats>>,
}

impl Named {
    pub(super) const fn new(name: &'static str) -> Named {
        Named {
            name,
            registered: OnceLock::new(),
        }
    }

    /// The statistics that the registry keeps, which it makes at the first use.
    #[inline]
    pub(super) fn registered(&self) -> &Stats {
        self.registered.get_or_init(|| StatsRegistry::global().stats(self.name))
    }
}

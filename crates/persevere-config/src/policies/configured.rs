//! A guard with its settings.

/// A guard with the settings that it was built from, to find out whether they have changed.
#[derive(Clone)]
pub(crate) struct Configured<S, G> {
    settings: S,
    pub(crate) guard: G,
}

impl<S: PartialEq, G> Configured<S, G> {
    /// The guard before if its settings have not changed. Otherwise builds a guard, which adopts the state of the guard
    /// before.
    pub(crate) fn replacing(
        before: Option<Configured<S, G>>,
        settings: S,
        build: impl FnOnce(&S) -> G,
        adopt: impl FnOnce(&G, &G),
    ) -> Configured<S, G> {
        match before {
            Some(before) if before.settings == settings => before,
            before => {
                let guard = build(&settings);
                if let Some(before) = before {
                    adopt(&guard, &before.guard);
                }
                Configured { settings, guard }
            }
        }
    }
}

//! The JSON schema of settings.

/// The JSON schema of settings, for editors and for other programs that write them. It accepts what the parser accepts,
/// and nothing else, except rules that join several settings: a minimum above its window, bounds of the review, names
/// of policies that are not there. Durations are at most 584 years there.
pub const SCHEMA: &str = include_str!("../schema.json");

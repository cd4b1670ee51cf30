//! The JSON schema of settings.

/// The JSON schema of settings, for editors and for other programs that write them. It accepts the files that the
/// parser accepts, and no others, with one exception: it does not check rules that join several settings. These rules
/// concern a minimum above its window, bounds of the review, and names of policies that do not exist. Durations are at
/// most 584 years there.
pub const SCHEMA: &str = include_str!("../schema.json");

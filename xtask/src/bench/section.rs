//! A part of the page.

/// A part of the page, and what it says of places where `persevere` is not first or not where it should be.
#[derive(Default)]
pub(crate) struct Section {
    pub(crate) text: String,
    pub(crate) behind: Vec<String>,
}

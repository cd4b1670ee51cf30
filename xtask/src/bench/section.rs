//! A part of the page.

/// A part of the page, and what it says of places where `persevere` is not first or not where it should be.
#[derive(Default)]
pub(crate) struct Section {
    pub(crate) text: String,
    pub(crate) behind: Vec<String>,
}

/// What was found of a contestant: less is better.
pub(crate) struct Figure {
    pub(crate) value: f64,
    /// The contestant, and the figure as it is to be read.
    pub(crate) shown: String,
}

/// Says which others are ahead of the first of ours, and lists all of ours beside.
pub(crate) fn ahead(place: &str, others: impl IntoIterator<Item = Figure>, ours: &[Figure]) -> Option<String> {
    let first = ours.first()?.value;
    let ahead = others.into_iter().filter(|other| other.value < first);
    let ahead: Vec<_> = ahead.map(|other| other.shown).collect();
    (!ahead.is_empty()).then(|| format!("{place}: {}, beside {}", ahead.join(", "), list(ours)))
}

/// Figures in one line.
pub(crate) fn list(figures: &[Figure]) -> String {
    figures
        .iter()
        .map(|figure| figure.shown.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_ahead_is_told() {
        let figure = |name: &str, value: f64| Figure {
            value,
            shown: format!("{name} {value}"),
        };
        let ours = [figure("persevere", 2.0), figure("attribute", 1.0)];
        let line = ahead("Here", [figure("a", 1.5), figure("b", 2.0)], &ours);
        assert_eq!(line.as_deref(), Some("Here: a 1.5, beside persevere 2, attribute 1"));
        assert_eq!(ahead("Here", [figure("b", 2.0)], &ours), None);
        assert_eq!(ahead("Here", [figure("b", 2.0)], &[]), None);
    }
}

//! A table in Markdown that finds where peers are ahead.

use std::fmt;

/// A figure, and how it is shown.
pub(crate) type Cell = Option<(f64, String)>;

/// Rows of contestants. Less is better.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) title: String,
    head: Vec<String>,
    rows: Vec<(String, Vec<Cell>)>,
}

impl Table {
    pub(crate) fn new<S: Into<String>>(head: impl IntoIterator<Item = S>) -> Table {
        let head = head.into_iter().map(Into::into).collect();
        Table {
            head,
            ..Table::default()
        }
    }

    /// Adds a row, unless all its cells are empty.
    pub(crate) fn row(&mut self, name: impl Into<String>, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<_> = cells.into_iter().collect();
        if cells.iter().any(Option::is_some) {
            self.rows.push((name.into(), cells));
        }
    }

    /// The peers that are ahead of the first of ours, for each column.
    pub(crate) fn ahead(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let Some((ours, own)) = self.rows.iter().find(|(name, _)| is_ours(name)) else {
            return lines;
        };
        for (index, column) in self.head.iter().enumerate() {
            let Some((value, shown)) = own.get(index).cloned().flatten() else {
                continue;
            };
            let others = self.rows.iter().filter_map(|(name, cells)| {
                let (other, shown) = cells.get(index)?.as_ref()?;
                (is_peer(name) && *other < value).then(|| format!("{name} {shown}"))
            });
            let others = others.collect::<Vec<_>>().join(", ");
            if !others.is_empty() {
                lines.push(format!("{}, {column}: {others}, beside {ours} {shown}", self.title));
            }
        }
        lines
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = "---|".repeat(self.head.len() + 1);
        writeln!(f, "|  | {} |\n|{rule}", self.head.join(" | "))?;
        for (name, cells) in &self.rows {
            let cells = cells.iter().map(|cell| cell.as_ref().map_or("", |(_, shown)| shown));
            writeln!(f, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "))?;
        }
        Ok(())
    }
}

/// Whether a contestant is of this repository.
pub(crate) fn is_ours(name: &str) -> bool {
    name.starts_with("persevere") || name.starts_with("attribute")
}

/// Whether a contestant is another package: neither ours, nor written for the comparison.
fn is_peer(name: &str) -> bool {
    let own = ["bare", "best", "usual", "hand-written", "atomic add", "mutex"];
    !is_ours(name) && !own.iter().any(|own| name.starts_with(own))
}

/// A whole number.
pub(crate) fn whole(value: f64) -> Cell {
    Some((value, format!("{value:.0}")))
}

/// The median of the measurements; the upper of the two middle values of an even number.
pub(crate) fn median(measured: impl IntoIterator<Item = f64>) -> f64 {
    let mut measured: Vec<_> = measured.into_iter().collect();
    measured.sort_by(f64::total_cmp);
    measured.get(measured.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median of some measurements, and in brackets the median of their ratios to others of the same rounds.
pub(crate) fn beside(measured: &[f64], others: &[f64], places: usize) -> Cell {
    let value = median(measured.iter().copied());
    let ratio = median(measured.iter().zip(others).map(|(one, other)| one / other));
    Some((value, format!("{value:.places$} ({ratio:.2})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_markdown_and_names_peers_ahead() {
        let mut table = Table::new(["a", "b"]);
        table.title = "Here".to_owned();
        table.row("best", [whole(1.0), None]);
        table.row("persevere", [whole(2.0), whole(3.0)]);
        table.row("backon", [beside(&[1.5, 9.0, 1.0], &[3.0, 9.0, 1.0], 1), whole(3.0)]);
        table.row("nothing", [None, None]);
        let lines = [
            "|  | a | b |",
            "|---|---|---|",
            "| best | 1 |  |",
            "| persevere | 2 | 3 |",
            "| backon | 1.5 (1.00) | 3 |",
        ];
        assert_eq!(table.to_string(), lines.join("\n") + "\n");
        assert_eq!(table.ahead(), ["Here, a: backon 1.5 (1.00), beside persevere 2"]);
    }
}

//! A table in Markdown, and the middle of several measurements.

use std::fmt;

/// Rows of as many cells as the head has.
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<S: Into<String>>(head: impl IntoIterator<Item = S>) -> Table {
        Table {
            head: head.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; what it lacks stays empty.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut cells: Vec<_> = cells.into_iter().collect();
        cells.resize(self.head.len(), String::new());
        self.rows.push(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |", self.head.join(" | "))?;
        writeln!(f, "|{}", "---|".repeat(self.head.len()))?;
        for row in &self.rows {
            // An empty cell is one blank wide, so that no line ends with blanks.
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        Ok(())
    }
}

/// The middle one of an odd number of measurements, the mean of the two in the middle of an even one; none of none.
pub(crate) fn median(measured: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut measured: Vec<_> = measured.into_iter().collect();
    measured.sort_by(f64::total_cmp);
    let middle = measured.len() / 2;
    let upper = *measured.get(middle)?;
    Some(if measured.len() % 2 == 1 {
        upper
    } else {
        f64::midpoint(measured[middle - 1], upper)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown() {
        let mut table = Table::new(["case", "figure"]);
        table.row(["a".to_owned()]);
        assert_eq!(table.to_string(), "| case | figure |\n|---|---|\n| a |  |\n");
    }

    #[test]
    fn the_middle_is_found() {
        assert_eq!(median([]), None);
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}

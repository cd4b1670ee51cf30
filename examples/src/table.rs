//! Rows of text in aligned columns.

use std::fmt::Write;

/// Formats `rows` below `head`, each column as wide as its widest cell.
#[must_use]
pub fn aligned<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = head.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    let head = head.map(str::to_owned);
    let rule = widths.map(|width| "-".repeat(width));
    for row in [&head, &rule].into_iter().chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _infallible = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::aligned;

    #[test]
    fn columns_align_to_widest_cell() {
        let rows = [["1", "x"], ["1000", "y"]].map(|row| row.map(str::to_owned));
        assert_eq!(
            aligned(["n", "name"], &rows),
            "n     name\n----  ----\n1     x\n1000  y\n"
        );
    }
}

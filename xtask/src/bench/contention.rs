//! Breakers that several threads call at once.

use super::scale::Scale;
use super::section::Section;
use super::table::{Table, median};
use crate::command::Outcome;

const CONTESTANTS: [&str; 10] = [
    "bare",
    "atomic add",
    "mutex",
    "hand-written",
    "persevere, consecutive",
    "persevere, last 100",
    "persevere, slices",
    "failsafe, consecutive",
    "failsafe, rate",
    "recloser, last 100",
];
const THREADS: [usize; 3] = [1, 2, 8];
/// How long each measurement takes.
const MILLISECONDS: &str = "300";

/// What ours should be, in how many times the best of others, with the most threads.
const WANTED: [(&str, &[&str], f64); 3] = [
    (
        "persevere, consecutive",
        &["failsafe, consecutive", "recloser, last 100"],
        10.0,
    ),
    ("persevere, last 100", &["failsafe, rate", "recloser, last 100"], 1.5),
    ("persevere, slices", &["failsafe, rate", "recloser, last 100"], 1.5),
];

/// Calls per second of a contestant, one for each round.
type Rates = Vec<f64>;

/// Measures in turns, and makes the table.
pub(crate) fn section(scale: &Scale, rounds: usize) -> Outcome<Section> {
    let mut all: Vec<Vec<Rates>> = Vec::new();
    for threads in THREADS {
        let mut rates = vec![Rates::new(); CONTESTANTS.len()];
        for round in 1..=rounds {
            for (contestant, rates) in CONTESTANTS.iter().zip(&mut rates) {
                let numbers = scale.measure(&["calls", contestant, &threads.to_string(), MILLISECONDS])?;
                let rate = numbers.first().copied().unwrap_or(f64::NAN);
                println!("contention {round}/{rounds}: {threads} threads, {contestant}: {rate:.0} calls per second");
                rates.push(rate);
            }
        }
        all.push(rates);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Section {
        text: text(&all, rounds, cores),
        behind: all.last().map_or(vec![], |rates| behind(rates)),
    })
}

fn text(all: &[Vec<Rates>], rounds: usize, cores: usize) -> String {
    let mut head = vec![String::new()];
    head.extend(
        THREADS
            .iter()
            .map(|threads| format!("{threads} thread{}", if *threads == 1 { "" } else { "s" })),
    );
    let mut table = Table::new(head);
    let by_hand = CONTESTANTS
        .iter()
        .position(|contestant| *contestant == "hand-written")
        .unwrap_or(0);
    for (index, contestant) in CONTESTANTS.iter().enumerate() {
        let cells = all.iter().map(|rates| {
            let figure = median(rates[index].iter().copied()).unwrap_or(f64::NAN);
            format!("{:.1} ({:.2})", figure / 1e6, beside(&rates[index], &rates[by_hand]))
        });
        table.row([(*contestant).to_owned()].into_iter().chain(cells));
    }
    format!(
        "\n## Breakers under contention\n\n\
         Millions of calls per second of all threads together, while every call succeeds: the median of {rounds}, in turns, in\n\
         brackets the ratio to the one by hand, the median of the ratios in each turn. This machine has {cores} core{}, so\n\
         that no more threads than that run at once. `atomic add` and `mutex` add one and call; `hand-written` only reads one\n\
         atomic while all goes well.\n\n{table}",
        if cores == 1 { "" } else { "s" }
    )
}

/// The median of the ratios in each round.
fn beside(one: &Rates, other: &Rates) -> f64 {
    median(one.iter().zip(other).map(|(one, other)| one / other)).unwrap_or(f64::NAN)
}

/// Where ours is not as many times the best of others as is wanted.
fn behind(rates: &[Rates]) -> Vec<String> {
    let of = |name: &str| {
        let index = CONTESTANTS.iter().position(|contestant| *contestant == name);
        index.map_or(&[][..], |index| rates[index].as_slice())
    };
    let threads = THREADS[THREADS.len() - 1];
    let below = WANTED.iter().filter_map(|(ours, others, wanted)| {
        // The best of each round.
        let best: Rates = (0..of(ours).len())
            .map(|round| others.iter().map(|other| of(other)[round]).fold(0.0, f64::max))
            .collect();
        let ratio = beside(&of(ours).to_vec(), &best);
        (ratio < *wanted).then(|| {
            format!(
                "Breakers under contention, {threads} threads: {ours} {ratio:.2} times the best of {}, where {wanted} is wanted",
                others.join(" and ")
            )
        })
    });
    below.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two rounds, of which the second is twice as quick for all.
    fn rates(of: impl Fn(&str) -> f64) -> Vec<Rates> {
        CONTESTANTS.iter().map(|name| vec![of(name), 2.0 * of(name)]).collect()
    }

    #[test]
    fn figures_stand_beside_the_one_by_hand() {
        let one = || rates(|name| if name == "mutex" { 1e6 } else { 4e6 });
        let text = text(&[one(), one(), one()], 2, 2);
        assert!(
            text.contains("| mutex | 1.5 (0.25) | 1.5 (0.25) | 1.5 (0.25) |"),
            "{text}"
        );
    }

    #[test]
    fn what_is_not_quick_enough_is_told_of() {
        let quick = rates(|name| match name {
            "persevere, consecutive" => 10e6,
            "persevere, last 100" | "persevere, slices" => 1.5e6,
            _ => 1e6,
        });
        assert_eq!(behind(&quick), [""; 0]);
        let slow = rates(|name| if name == "persevere, slices" { 1.5e6 } else { 1e6 });
        assert_eq!(behind(&slow).len(), 2);
    }
}

//! `[budget.NAME]`: a retry budget.

use crate::mistake::{Mistake, MistakeKind};
use crate::table::{Table, joined};
use crate::tree::Entry;
use crate::words::{ADAPTIVE_THROTTLE, BUDGET, COST, GRPC_THROTTLE, TOKEN_BUCKET, WINDOWED_RATIO};
use persevere_budget::{AdaptiveThrottle, Class, GrpcThrottle, TokenBucket, WindowedRatio};
use persevere_core::nearest;
use std::time::Duration;

/// The settings of a budget; `None` means the builder's default.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BudgetSettings {
    Windowed {
        ratio: Option<f64>,
        reserve: Option<u32>,
        window: Option<Duration>,
    },
    Bucket {
        numbers: Option<Numbers>,
        capacity: Option<u32>,
        costs: Vec<(Class, u32)>,
        reward: Option<u32>,
    },
    Grpc {
        max_tokens: u32,
        token_ratio: f64,
    },
    Adaptive {
        multiplier: Option<f64>,
        window: Option<Duration>,
        seed: Option<u64>,
    },
}

/// The numbers of the AWS clients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Numbers {
    Aws20,
    Aws21,
}

/// Reads a budget; `None` if there is a mistake.
pub(crate) fn read(entry: &Entry, mistakes: &mut Vec<Mistake>) -> Option<BudgetSettings> {
    let path = joined("budget", &entry.name);
    let before = mistakes.len();
    let mut table = Table::read(
        &path,
        "kind of budget",
        "[budget.billing]",
        &entry.tree,
        &BUDGET,
        mistakes,
    );
    let settings = [windowed, bucket, grpc, adaptive].map(|read| read(&mut table));
    let settings = settings.into_iter().flatten().next();
    if settings.is_none() && !BUDGET.iter().any(|(kind, _)| table.has(kind)) {
        table.incomplete("its kind, as in `windowed_ratio = { ratio = 0.2 }`");
    }
    settings.filter(|_| mistakes.len() == before)
}

fn windowed(table: &mut Table<'_>) -> Option<BudgetSettings> {
    let mut table = table.table("windowed_ratio", &WINDOWED_RATIO)?;
    let (ratio, window) = (table.f64("ratio"), table.duration("window"));
    if let Some(ratio) = ratio {
        table.accepted(
            "ratio",
            WindowedRatio::new().try_ratio(ratio),
            MistakeKind::InvalidBudget,
        );
    }
    if let Some(window) = window {
        table.accepted(
            "window",
            WindowedRatio::new().try_window(window),
            MistakeKind::InvalidBudget,
        );
    }
    let reserve = table.u32("reserve");
    Some(BudgetSettings::Windowed { ratio, reserve, window })
}

fn bucket(table: &mut Table<'_>) -> Option<BudgetSettings> {
    if let Some(word) = table.word("token_bucket") {
        let numbers = match word {
            "aws_2_0" => Some(Numbers::Aws20),
            "aws_2_1" => Some(Numbers::Aws21),
            _ => None,
        };
        if numbers.is_none() {
            let suggestion = match nearest::nearest(word, ["aws_2_0", "aws_2_1"]) {
                Some(known) => format!("did you mean `\"{known}\"`?"),
                None => "write `\"aws_2_1\"`, `\"aws_2_0\"` or `{ capacity = 500 }`".to_owned(),
            };
            let word = word.to_owned();
            table.mistake("token_bucket", MistakeKind::Choice { word, suggestion });
        }
        return Some(BudgetSettings::Bucket {
            numbers: Some(numbers?),
            capacity: None,
            costs: Vec::new(),
            reward: None,
        });
    }
    let mut table = table.table("token_bucket", &TOKEN_BUCKET)?;
    if !table.has("capacity") {
        table.incomplete("`capacity = 500`");
    }
    let capacity = table.u32("capacity");
    if let Some(tokens) = capacity {
        table.accepted("capacity", TokenBucket::try_new(tokens), MistakeKind::InvalidBudget);
    }
    let reward = table.u32("reward");
    if let Some(tokens) = reward {
        table.accepted(
            "reward",
            TokenBucket::new(1).try_reward(tokens),
            MistakeKind::InvalidBudget,
        );
    }
    let costs = table
        .table("cost", &COST)
        .map(|mut table| costs(&mut table))
        .unwrap_or_default();
    Some(BudgetSettings::Bucket {
        numbers: None,
        capacity: Some(capacity?),
        costs,
        reward,
    })
}

fn costs(table: &mut Table<'_>) -> Vec<(Class, u32)> {
    let classes = [Class::Transient, Class::Throttling, Class::Timeout];
    let costs = classes.into_iter().zip(COST).filter_map(|(class, (name, _))| {
        let tokens = table.u32(name)?;
        table.accepted(
            name,
            TokenBucket::new(1).try_cost(class, tokens),
            MistakeKind::InvalidBudget,
        )?;
        Some((class, tokens))
    });
    costs.collect()
}

fn grpc(table: &mut Table<'_>) -> Option<BudgetSettings> {
    let mut table = table.table("grpc_throttle", &GRPC_THROTTLE)?;
    if !table.has("max_tokens") || !table.has("token_ratio") {
        table.incomplete("both `max_tokens = 10` and `token_ratio = 0.1`");
    }
    let (tokens, ratio) = (table.u32("max_tokens"), table.f64("token_ratio"));
    if let Some(tokens) = tokens {
        table.accepted(
            "max_tokens",
            GrpcThrottle::try_new(tokens, 0.1),
            MistakeKind::InvalidBudget,
        );
    }
    if let Some(ratio) = ratio {
        table.accepted(
            "token_ratio",
            GrpcThrottle::try_new(10, ratio),
            MistakeKind::InvalidBudget,
        );
    }
    Some(BudgetSettings::Grpc {
        max_tokens: tokens?,
        token_ratio: ratio?,
    })
}

fn adaptive(table: &mut Table<'_>) -> Option<BudgetSettings> {
    let mut table = table.table("adaptive_throttle", &ADAPTIVE_THROTTLE)?;
    let (multiplier, window) = (table.f64("multiplier"), table.duration("window"));
    if let Some(multiplier) = multiplier {
        table.accepted(
            "multiplier",
            AdaptiveThrottle::new().try_multiplier(multiplier),
            MistakeKind::InvalidBudget,
        );
    }
    if let Some(window) = window {
        table.accepted(
            "window",
            AdaptiveThrottle::new().try_window(window),
            MistakeKind::InvalidBudget,
        );
    }
    let seed = table.u64("seed");
    Some(BudgetSettings::Adaptive {
        multiplier,
        window,
        seed,
    })
}

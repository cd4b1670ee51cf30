//! Settings without a value, a name or a comma.

use persevere::retry;

#[retry(max_attempts = 3, max_attempts = 4)]
fn twice() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_attempts)]
fn no_value() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_attempts(3))]
fn in_parentheses() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = , max_attempts = 3)]
fn nothing() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_attempts = 3 jitter = full)]
fn no_comma() -> std::io::Result<()> {
    Ok(())
}

#[retry("3 times")]
fn no_key() -> std::io::Result<()> {
    Ok(())
}

#[retry(clamp_hints = true)]
fn value_of_flag() -> std::io::Result<()> {
    Ok(())
}

#[retry(budget = &A, budget_by(&B, class_of))]
fn two_budgets() -> std::io::Result<()> {
    Ok(())
}

#[retry(budget_by = &B)]
fn budget_without_classes() -> std::io::Result<()> {
    Ok(())
}

fn main() {}

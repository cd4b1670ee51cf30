//! A blocking operation in an async run.

use persevere::{Policy, TokioSleeper};

async fn load() -> Vec<u8> {
    Policy::default().on(TokioSleeper).run(|| std::fs::read("file")).await.unwrap()
}

fn main() {
    let _ = load();
}

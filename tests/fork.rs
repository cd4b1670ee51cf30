//! Contract B6 after a `fork`: the delays of the children differ from each other, and from the parent's.

#![cfg(unix)]
#![allow(missing_docs)]

use fork::{Fork, fork, waitpid};
use persevere::{Policy, Run, Step, ThreadSleeper};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// The first draws of a run, which is not made.
fn draws() -> Vec<u128> {
    let policy = Policy::exponential(Duration::from_secs(3600)).max_attempts(4);
    let mut steps = Run::new(policy, ThreadSleeper).steps();
    let mut delays = Vec::new();
    while let Ok(_attempt) = steps.begin() {
        match steps.settle(&Err::<(), _>("down")) {
            Some(Step::Wait(delay)) => delays.push(delay.as_nanos()),
            _ => break,
        }
    }
    delays
}

#[test]
fn children_of_a_fork_draw_other_delays() {
    // The thread has drawn before, so that its children inherit its state.
    let mut seen = BTreeSet::from([draws()]);
    let children = 8;
    for _ in 0..children {
        let (mut here, mut there) = UnixStream::pair().unwrap();
        match fork().unwrap() {
            Fork::Child => {
                let written = there.write_all(format!("{:?}", draws()).as_bytes());
                // Without the destructors and the report of the test's process.
                std::process::exit(i32::from(written.is_err()));
            }
            Fork::Parent(child) => {
                drop(there);
                let mut text = String::new();
                here.read_to_string(&mut text).unwrap();
                waitpid(child).unwrap();
                let numbers = text
                    .trim_matches(['[', ']'])
                    .split(", ")
                    .map(|number| number.parse().unwrap());
                let delays: Vec<u128> = numbers.collect();
                assert_eq!(delays.len(), 3, "{text}");
                assert!(seen.insert(delays), "{text} was drawn before");
            }
        }
    }
    assert_eq!(seen.len(), children + 1);
}

use super::*;

const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MILLI;
/// The positions of arguments of the script.
const NUMBER: usize = 7;
const WANTED: usize = 10;
const NEEDED: usize = 11;

/// A quota of 1000 per second, by slices of 50 ms, for two processes.
fn ledger() -> (Ledger, Lease) {
    let settings = Settings {
        key: "calls".to_owned(),
        quota: 1_000,
        batch: 10,
        processes: 2,
        slice: 50_000,
        counting: 22,
        life: 10_000,
        slow: 20 * MILLI,
    };
    (Ledger::new(settings), Lease::default())
}

/// The arguments of the request that is due.
fn ask(ledger: &mut Ledger, lease: &Lease, now: u64) -> Vec<i64> {
    match ledger.next(lease, now) {
        Next::Ask(request) => request.arguments,
        Next::Wait(time) => panic!("nothing to ask for {time:?}"),
    }
}

/// An answer that grants permits for 100 ms, or contains a wait of 50 ms.
fn answer(granted: i64) -> Answer {
    Ok(vec![
        granted,
        100_000,
        500,
        1,
        0,
        7,
        if granted > 0 { 0 } else { 50_000 },
        0,
        0,
    ])
}

#[test]
fn answer_to_a_keeper_that_was_held_up_is_ignored() {
    let (mut ledger, lease) = ledger();
    assert!(ledger.short(&lease, 5, SECOND).is_err());
    let first = ask(&mut ledger, &lease, SECOND);
    // Another keeper waits for that answer, and then repeats the request.
    assert!(matches!(ledger.next(&lease, SECOND), Next::Wait(_)));
    let later = SECOND + 100 * MILLI;
    let repeated = ask(&mut ledger, &lease, later);
    assert_eq!(first[NUMBER], repeated[NUMBER], "the server answers it once");
    ledger.answered(&lease, later, later + MILLI, answer(10));
    assert_eq!((lease.left(later + MILLI), ledger.counts().leased), (10, 10));

    ledger.answered(&lease, SECOND, later + 2 * MILLI, answer(10));
    assert!(ledger.short(&lease, 20, later + 2 * MILLI).is_err());
    let next = ask(&mut ledger, &lease, later + 2 * MILLI);
    ledger.answered(&lease, SECOND, later + 3 * MILLI, answer(10));
    assert_eq!(ledger.counts().leased, 10);
    assert_eq!(next[NUMBER], first[NUMBER] + 1);
    ledger.answered(&lease, later + 2 * MILLI, later + 4 * MILLI, answer(20));
    assert_eq!(ledger.counts().leased, 30);
}

#[test]
fn weight_of_a_call_that_is_gone_does_not_hold_back_others() {
    let (mut ledger, lease) = ledger();
    let mut now = SECOND;
    let mut exchange = |ledger: &mut Ledger, weights: &[u32], granted| {
        for weight in weights {
            assert!(ledger.short(&lease, *weight, now).is_err());
        }
        let arguments = ask(ledger, &lease, now);
        ledger.answered(&lease, now, now + MILLI, answer(granted));
        now += 70 * MILLI;
        arguments[NEEDED]
    };
    assert_eq!(exchange(&mut ledger, &[900, 1], 0), 900);
    // The keeper may send a request before the call tries again.
    assert_eq!(exchange(&mut ledger, &[1], 0), 900);
    assert_eq!(exchange(&mut ledger, &[900, 1], 0), 900, "it still waits");
    assert_eq!(exchange(&mut ledger, &[1], 0), 900);
    assert!(exchange(&mut ledger, &[1], 10) < 900, "it is gone");
}

#[test]
fn keeper_that_ends_during_an_exchange_leaves_it_to_the_next() {
    let (mut ledger, lease) = ledger();
    assert!(ledger.short(&lease, 5, SECOND).is_err());
    let first = ask(&mut ledger, &lease, SECOND);
    assert!(ledger.last(&lease, SECOND).is_none());
    assert_eq!(ledger.status(), Status::Local(Cause::NotKept));
    let later = SECOND + MILLI;
    let again = ask(&mut ledger, &lease, later);
    assert_eq!((again[NUMBER], again[WANTED]), (first[NUMBER], first[WANTED]));
    ledger.answered(&lease, later, later + MILLI, answer(10));
    assert!(ledger.status().is_shared());

    // The rest goes back by a request, which the next keeper repeats.
    let last = ledger.last(&lease, later + 2 * MILLI).unwrap().arguments;
    let later = later + 3 * MILLI;
    let again = ask(&mut ledger, &lease, later);
    assert_eq!(last[NUMBER..10], again[NUMBER..10], "number, permits and slice");
    assert_eq!((last[8], lease.left(later)), (10, 0));
}

#[test]
fn fork_has_no_permits_and_another_number() {
    let (mut ledger, lease) = ledger();
    let parent = ask(&mut ledger, &lease, SECOND);
    ledger.answered(&lease, SECOND, SECOND + MILLI, answer(10));
    assert_eq!(lease.left(SECOND + MILLI), 10);
    ledger.member.set_parent();
    let child = ask(&mut ledger, &lease, SECOND + MILLI);
    assert_eq!((lease.left(SECOND + MILLI), child[NUMBER]), (0, 1));
    assert_ne!(parent[6], child[6]);
}

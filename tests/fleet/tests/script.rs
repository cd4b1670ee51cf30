//! V1, V3 and V6: the script of quotas, on a real server, beside a slow model of it.

use fastrand::Rng;
use persevere_fleet::Server;
use redis::{Connection, Script};
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

const QUOTA: i64 = 100;
const SLICE: i64 = 10_000;
const COUNTING: i64 = 6;
const PROCESSES: i64 = 20;
/// In how many places answers are kept. Few, so that processes overwrite the answers of others.
const PLACES: i64 = 64;

/// A request of the script.
#[derive(Clone, Debug, Default)]
struct Request {
    process: i64,
    number: i64,
    returned: i64,
    lease: i64,
    wanted: i64,
    needed: i64,
    own: i64,
    slices: i64,
    /// 0 for 8 slices.
    epoch: i64,
    /// Since the last answer, in slices of the process's clock.
    since: i64,
    spent: Vec<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Answer {
    granted: i64,
    valid: i64,
    left: i64,
    members: i64,
    settling: i64,
    slice: i64,
    wait: i64,
    repeated: i64,
    is_taken: i64,
}

/// A request for five permits, by its number.
fn request(number: i64) -> Request {
    Request {
        process: 9,
        number,
        wanted: 5,
        ..Request::default()
    }
}

fn ask(connection: &mut Connection, request: &Request) -> Answer {
    let script = Script::new(include_str!("../../../crates/persevere-redis/src/quota.lua"));
    let mut call = script.key("quota");
    for argument in [
        QUOTA,
        SLICE,
        COUNTING,
        60_000,
        if request.epoch > 0 { request.epoch } else { 8 },
        request.process % PLACES,
        request.process,
        request.number,
    ] {
        call.arg(argument);
    }
    for argument in [
        request.returned,
        request.lease,
        request.wanted,
        request.needed,
        PROCESSES,
        request.own,
        request.slices,
        request.since,
    ] {
        call.arg(argument);
    }
    call.arg(&request.spent);
    let answer: Vec<i64> = call.invoke(connection).unwrap();
    let [granted, valid, left, members, settling, slice, wait, repeated, is_taken] = answer[..] else {
        panic!("{answer:?}");
    };
    Answer {
        granted,
        valid,
        left,
        members,
        settling,
        slice,
        wait,
        repeated,
        is_taken,
    }
}

/// Sends requests until the key is a period old, and returns the first grant.
fn settle(connection: &mut Connection) -> Answer {
    let mut number = 0;
    loop {
        number += 1;
        // Its share was taken before.
        let own = QUOTA / PROCESSES;
        let answer = ask(
            connection,
            &Request {
                process: 7,
                number,
                wanted: 1,
                own,
                ..Request::default()
            },
        );
        if answer.settling == 0 {
            return answer;
        }
        assert_eq!(answer.granted, 0, "a key without a past grants the share");
        thread::sleep(Duration::from_micros(SLICE as u64));
    }
}

/// A process of the model: its last request, and its lease.
#[derive(Clone, Debug)]
struct Process {
    last: Request,
    held: i64,
    lease: i64,
}

/// Random processes lease, return, repeat requests, report what they spent, and die. A slow model keeps the grants of
/// each slice, and computes the grants of the script.
#[test]
fn random_requests_are_granted_as_by_the_model() {
    let Some(server) = Server::start() else { return };
    let mut connection = server.connect();
    let first = settle(&mut connection);
    let mut rng = Rng::new();
    let seed = rng.get_seed();
    let mut taken = BTreeMap::from([(first.slice, first.granted)]);
    // The process of the last request, for each place.
    let mut known = BTreeMap::from([(7, 7)]);
    let process = |rng: &mut Rng| Process {
        last: Request {
            process: rng.i64(1_000..1 << 53),
            ..Request::default()
        },
        held: 0,
        lease: 0,
    };
    let mut processes: Vec<Process> = (0..20).map(|_| process(&mut rng)).collect();
    let (start, mut requests, mut granted, mut full) = (Instant::now(), 0, 0, 0);
    while start.elapsed() < Duration::from_secs(3) {
        let at = rng.usize(0..processes.len());
        let one = &mut processes[at];
        match rng.u32(0..20) {
            0 => {
                // The process dies with its permits.
                *one = process(&mut rng);
                continue;
            }
            1 if known.get(&(one.last.process % PLACES)) == Some(&one.last.process) => {
                // The answer was lost.
                let answer = ask(&mut connection, &one.last);
                assert_eq!(answer.repeated, 1, "seed {seed}");
                assert_eq!(
                    (answer.granted, answer.slice),
                    (one.held, one.lease),
                    "seed {seed}: the same answer"
                );
                continue;
            }
            2 => thread::sleep(Duration::from_micros(rng.u64(0..2 * SLICE as u64))),
            // As long as the ring of slices, or longer.
            3 if rng.u32(0..50) == 0 => thread::sleep(Duration::from_micros(rng.u64(0..30 * SLICE as u64))),
            _ => {}
        }
        let returned = if rng.bool() { rng.i64(0..=one.held) } else { 0 };
        let spent = if rng.u32(0..10) == 0 {
            vec![rng.i64(0..8), rng.i64(1..10)]
        } else {
            vec![]
        };
        let request = Request {
            process: one.last.process,
            number: one.last.number + 1,
            returned,
            lease: one.lease,
            wanted: rng.i64(0..30),
            needed: rng.i64(0..10),
            own: 0,
            slices: rng.i64(0..20),
            epoch: 0,
            since: 1_000,
            spent,
        };
        let answer = ask(&mut connection, &request);
        let holder = known.insert(request.process % PLACES, request.process);
        let was_known = holder == Some(request.process);
        assert!(
            answer.is_taken == 0 || holder.is_some_and(|holder| holder != request.process),
            "seed {seed}"
        );
        let lease_of = answer.slice;
        // Without a grant, the answer names the slice of the request. With one, the next slice begins after `wait`.
        let slice = if answer.granted > 0 {
            lease_of - (answer.valid - answer.wait) / SLICE + 1
        } else {
            lease_of
        };
        let counts = |of: i64| of > slice - COUNTING;
        if was_known && counts(one.lease) {
            *taken.entry(one.lease).or_default() -= returned;
        }
        if let [ago, permits] = request.spent[..] {
            let of = slice - (ago - 1).max(0);
            if counts(of) {
                *taken.entry(of).or_default() += permits;
            }
        }
        let left = QUOTA
            - taken
                .iter()
                .filter(|(slice, _)| counts(**slice))
                .map(|(_, sum)| sum)
                .sum::<i64>();
        let expected = if left >= request.needed.max(1) {
            request.wanted.min(left)
        } else {
            0
        };
        assert_eq!(
            answer.granted, expected,
            "seed {seed}: {left} were left for {request:?}"
        );
        assert_eq!(answer.left, (left - answer.granted).max(0), "seed {seed}");
        let is_plenty = answer.granted > 0 && 8 * (left - answer.granted) >= QUOTA;
        let slices = if is_plenty { request.slices.clamp(2, 16) } else { 2 };
        assert_eq!(lease_of, slice + slices - 2, "seed {seed}: {answer:?}");
        assert!(
            answer.valid > SLICE * (slices - 1) && answer.valid <= slices * SLICE,
            "{answer:?}"
        );
        assert!(
            answer.wait > 0 && answer.wait <= 16 * SLICE && answer.members >= 1,
            "{answer:?}"
        );
        *taken.entry(lease_of).or_default() += answer.granted;
        (one.held, one.lease, one.last) = (answer.granted, answer.slice, request);
        requests += 1;
        granted += answer.granted;
        full += i64::from(answer.left == 0);
    }
    assert!(
        requests > 50 && granted > QUOTA && full > 0,
        "{requests} requests, {granted} granted, {full} times full"
    );
}

/// V6: a server that has lost the last request of a process has lost others too.
#[test]
fn lost_writes_are_noticed() {
    let Some(server) = Server::start() else { return };
    let mut connection = server.connect();
    settle(&mut connection);
    assert_eq!(ask(&mut connection, &request(1)).granted, 5);
    let copy: Vec<u8> = redis::cmd("DUMP").arg("quota").query(&mut connection).unwrap();
    assert_eq!(ask(&mut connection, &request(2)).granted, 5);
    // As a replica that has not received the last request.
    redis::cmd("RESTORE")
        .arg("quota")
        .arg(0)
        .arg(copy)
        .arg("REPLACE")
        .exec(&mut connection)
        .unwrap();
    let third = Request {
        own: 3,
        wanted: 30,
        ..request(3)
    };
    let answer = ask(&mut connection, &third);
    assert_eq!(
        (answer.granted, answer.settling),
        (2, COUNTING),
        "the rest of a share of 5, for a period"
    );
    let answer = ask(&mut connection, &Request { own: 5, ..request(4) });
    assert_eq!(answer.granted, 0, "no more");
}

/// V3: a request whose connection was given up may arrive after later ones.
#[test]
fn request_that_arrives_after_later_ones_changes_nothing() {
    let Some(server) = Server::start() else { return };
    let mut connection = server.connect();
    settle(&mut connection);
    for number in 1..=3 {
        assert_eq!(ask(&mut connection, &request(number)).granted, 5);
    }
    let before: BTreeMap<String, String> = server.run("HGETALL quota");
    for number in 1..=2 {
        assert_eq!(ask(&mut connection, &request(number)).granted, 0);
    }
    assert_eq!(server.run::<BTreeMap<String, String>>("HGETALL quota"), before);
    let answer = ask(&mut connection, &request(4));
    assert_eq!((answer.granted, answer.settling), (5, 0));
}

#[test]
fn members_are_counted_by_epochs() {
    let Some(server) = Server::start() else { return };
    let mut connection = server.connect();
    let (start, mut number) = (Instant::now(), 0);
    // Each process sends requests until the server counts this many, and never more.
    for expected in [20, 1] {
        loop {
            number += 1;
            let processes = 2_000..2_000 + expected;
            let members = processes.map(|process| {
                let request = Request {
                    process,
                    number,
                    epoch: 50,
                    ..Request::default()
                };
                ask(&mut connection, &request).members
            });
            let members = members.max().unwrap();
            assert!((1..=20).contains(&members), "{members}");
            if members == expected {
                break;
            }
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "{members} members, not {expected}"
            );
            thread::sleep(Duration::from_micros(SLICE as u64));
        }
    }
}

/// V1: a clock that goes back a little stands still. One that goes back by more than the period makes the key a new one.
#[test]
fn clock_that_goes_back_grants_nothing_twice() {
    let Some(server) = Server::start() else { return };
    let mut connection = server.connect();
    settle(&mut connection);
    let mut number = 0;
    let mut grant = |connection: &mut Connection, ahead: i64| {
        number += 1;
        let ahead = redis::cmd("HINCRBY")
            .arg("quota")
            .arg("k")
            .arg(ahead)
            .query::<i64>(connection);
        let request = Request {
            process: 9,
            number,
            wanted: QUOTA / 4,
            own: QUOTA,
            ..Request::default()
        };
        (ahead.unwrap(), ask(connection, &request))
    };
    assert_eq!(grant(&mut connection, 0).1.granted, QUOTA / 4);
    let (slice, answer) = grant(&mut connection, COUNTING / 2);
    assert_eq!((answer.slice, answer.granted, answer.settling), (slice, QUOTA / 4, 0));
    assert!(answer.valid <= 16 * SLICE, "{answer:?}");
    let (_, answer) = grant(&mut connection, 1_000);
    assert_eq!((answer.granted, answer.settling), (0, COUNTING), "the share is taken");
}

/// V1: a clock that jumps forward makes the key a new one, unless the process has waited as long by its own clock.
#[test]
fn clock_that_jumps_forward_grants_nothing_twice() {
    let Some(server) = Server::start() else { return };
    for (since, is_new) in [(1, true), (COUNTING, false)] {
        server.run::<()>("FLUSHALL");
        let mut connection = server.connect();
        settle(&mut connection);
        let mut request = Request {
            process: 9,
            number: 1,
            wanted: 5,
            own: QUOTA,
            ..Request::default()
        };
        let slice = ask(&mut connection, &request).slice;
        // As if the slice were longer ago.
        let ago = slice - COUNTING;
        let record = format!("HSET quota k {ago} l9 9:1:5:{ago}:{}:{ago}", ago / 8);
        server.run::<()>(&record);
        (request.number, request.since) = (2, since);
        let answer = ask(&mut connection, &request);
        assert_eq!(answer.settling == COUNTING, is_new, "{answer:?}");
        assert_eq!(answer.granted == 0, is_new, "{answer:?}");
    }
}

/// V10.
#[test]
fn key_lives_as_long_as_it_is_told() {
    let Some(server) = Server::start() else { return };
    let mut connection = server.connect();
    settle(&mut connection);
    let life: i64 = redis::cmd("PTTL").arg("quota").query(&mut connection).unwrap();
    assert!((50_000..=60_000).contains(&life), "{life}");
}

//! Three replicas on loopback, one of which stalls now and then: the tail of the latency, without and with a hedge.

use persevere::TokioSleeper;
use persevere::budget::WindowedRatio;
use persevere::hedge::{Hedge, HedgeStats, Latency, Quantile};
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The times of the reads in the last 30 s.
static LATENCY: Latency = Latency::new().minimum_samples(50);
/// A read that takes longer than 90 % of the reads before it is sent to the next replica too.
static HEDGE: Hedge = Hedge::at(&LATENCY, Quantile::P90).floor(Duration::from_millis(10));
/// At most 10 % more reads.
static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(0);
static STATS: HedgeStats = HedgeStats::new();

const CLIENTS: usize = 3;
const READS: usize = 200;
const STALL: Duration = Duration::from_millis(150);

/// Starts a replica that answers a key with its square. If it is the slow one, every sixth read takes longer.
async fn replica(is_slow: bool) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        for read in 1_u32.. {
            let (mut client, _) = listener.accept().await?;
            tokio::spawn(async move {
                let key = u64::from(client.read_u32().await?);
                if is_slow && read % 6 == 0 {
                    tokio::time::sleep(STALL).await;
                }
                client.write_u64(key * key).await
            });
        }
        io::Result::Ok(())
    });
    Ok(address)
}

async fn read(replica: SocketAddr, key: u32) -> io::Result<u64> {
    let mut stream = TcpStream::connect(replica).await?;
    stream.write_u32(key).await?;
    stream.read_u64().await
}

/// Reads one key after another, from one replica after another, and returns the times.
async fn client(replicas: [SocketAddr; 3], offset: usize, is_hedged: bool) -> io::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for index in 0..READS {
        let key = index as u32;
        // Each leg goes to another replica.
        let replica = |leg: usize| replicas[(index + offset + leg) % 3];
        let begin = Instant::now();
        let value = if is_hedged {
            let hedge = HEDGE.on(TokioSleeper).budget(&BUDGET).observe(&STATS);
            hedge.run(|leg| read(replica(leg.index()), key)).await?
        } else {
            read(replica(0), key).await?
        };
        times.push(begin.elapsed());
        assert_eq!(value, u64::from(key).pow(2));
    }
    Ok(times)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let replicas = [replica(false).await?, replica(true).await?, replica(false).await?];
    println!("{:<16} {:>10} {:>10} {:>10}", "", "p50", "p90", "p99");
    let mut tails = Vec::new();
    for (name, is_hedged) in [("without a hedge", false), ("with a hedge", true)] {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|offset| tokio::spawn(client(replicas, offset, is_hedged)))
            .collect();
        let mut times = Vec::new();
        for client in clients {
            times.extend(client.await??);
        }
        times.sort_unstable();
        let [p50, p90, p99] = [50, 90, 99].map(|percent| times[times.len() * percent / 100]);
        println!("{name:<16} {p50:>10.1?} {p90:>10.1?} {p99:>10.1?}");
        tails.push(p99);
    }
    let stats = STATS.snapshot();
    println!(
        "{} reads, {} hedges, of which {} gave the answer",
        stats.calls, stats.hedges, stats.hedges_won
    );
    if tails[0] < STALL || tails[1] > tails[0] / 2 || stats.hedges * 10 > stats.calls {
        return Err(format!("unexpected: p99 {tails:?}, {stats:?}").into());
    }
    Ok(())
}

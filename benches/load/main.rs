//! Load on a `hubline serve` of its own with `benches/load.toml`: calls per second through a queue, twice as many as can be taken, an hour of
//! turnover. By hand, on a machine that does nothing else:
//!
//! ```text
//! cargo bench --bench load -- capacity            # calls per second, up to the first rate that is too much
//! cargo bench --bench load -- overload [RATE]     # twice that rate beside calls that talk; RATE: what can be taken, else found out first
//! cargo bench --bench load -- soak MINUTES [RATE] # RATE calls a second beside calls that talk; figures once a minute into soak.csv
//! ```
//!
//! `HUBLINE_BIN` names another program than the one just built. The house runs on the first core and the load on the second where the rights
//! suffice (`nice`, `taskset`).

mod callers;
mod house;
mod phones;
mod talkers;

use callers::{Callers, Outcome};
use house::House;
use phones::Phones;
use std::io::Write;
use std::time::{Duration, Instant};
use talkers::Talkers;

/// Rates that are tried for the capacity, calls per second.
const RATES: [u32; 12] = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000, 1_200, 1_400];
/// How long each is tried.
const TRIED: Duration = Duration::from_secs(8);
/// What is too slow for a set-up (the goal for a house that is not overloaded).
const SLOW_MS: f64 = 50.0;
/// How long there is too much.
const OVERLOADED: Duration = Duration::from_secs(15);
/// Calls that talk meanwhile.
const TALKING: usize = 50;
/// How long a call of the turnover lasts.
const HOLD: Duration = Duration::from_millis(200);
/// What a soak may grow by after its first part, in percent, and in descriptors.
const GROWTH: f64 = 5.0;
const DESCRIPTORS: i64 = 40;

fn main() -> anyhow::Result<()> {
    // Cargo passes `--bench` as well.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let number = |n: usize| words.get(n).and_then(|word| word.parse::<u32>().ok());
    match words.first().map(String::as_str) {
        Some("overload") => overload(number(1)),
        Some("soak") => soak(number(1).unwrap_or(60), number(2)),
        _ => capacity(&House::start()?, &Phones::start()?).map(drop),
    }
}

fn line(what: &str, outcome: &Outcome, house: &House, spent: Duration) {
    println!(
        "{what:<22} {:>6} calls: {} answered, {} told to come again, {} failed, {} repeats; set-up p50 {:.1} p99 {:.1} max {:.1} ms; told p99 {:.1} max {:.1} ms; \
         {:.2} ms of a core per call; RSS {:.1} MB; load {}",
        outcome.begun,
        outcome.set_up.len(),
        outcome.turned_away.len(),
        outcome.failed,
        outcome.repeats,
        part(&outcome.set_up, 0.5),
        part(&outcome.set_up, 0.99),
        part(&outcome.set_up, 1.0),
        part(&outcome.turned_away, 0.99),
        part(&outcome.turned_away, 1.0),
        1_000.0 * spent.as_secs_f64() / (outcome.set_up.len().max(1) as f64),
        house.resident_mb(),
        house::load(),
    );
}

/// A share of the sorted times, ms.
fn part(times: &[Duration], share: f64) -> f64 {
    let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// One rate for so long.
fn run(house: &House, what: &str, rate: u32, time: Duration) -> anyhow::Result<Outcome> {
    let before = house.processor_time();
    let outcome = Callers::new()?.call(rate, time, HOLD)?;
    line(what, &outcome, house, house.processor_time().saturating_sub(before));
    Ok(outcome)
}

/// The highest rate at which everybody is answered in time.
fn capacity(house: &House, _phones: &Phones) -> anyhow::Result<u32> {
    run(house, "warm-up", 50, Duration::from_secs(4))?;
    let mut best = 0;
    for rate in RATES {
        let outcome = run(house, &format!("{rate} calls/s"), rate, TRIED)?;
        if outcome.set_up.len() < outcome.begun || outcome.repeats > 0 || part(&outcome.set_up, 0.99) > SLOW_MS {
            break;
        }
        best = rate;
        // Ports rest after a call.
        std::thread::sleep(Duration::from_secs(6));
    }
    println!("capacity: {best} calls/s");
    Ok(best)
}

fn overload(known: Option<u32>) -> anyhow::Result<()> {
    let (house, phones) = (House::start()?, Phones::start()?);
    let capacity = match known {
        Some(rate) => {
            run(&house, "warm-up", 50, Duration::from_secs(4))?;
            rate
        }
        None => capacity(&house, &phones)?,
    };
    std::thread::sleep(Duration::from_secs(6));
    let talkers = Talkers::start(TALKING)?;
    let quiet = talkers.listen(Duration::from_secs(5));
    println!("{TALKING} calls talk: {quiet}");
    let during = std::thread::scope(|scope| {
        let listening = scope.spawn(|| talkers.listen(OVERLOADED));
        let outcome = run(&house, &format!("{} calls/s", 2 * capacity), 2 * capacity, OVERLOADED);
        (listening.join(), outcome)
    });
    let (Ok(heard), outcome) = during else { anyhow::bail!("the listener panicked") };
    let outcome = outcome?;
    println!("{TALKING} calls talk: {heard}");
    println!("without Retry-After: {}", outcome.without_retry_after);
    let judged = [
        ("who is turned away hears so within 100 ms", part(&outcome.turned_away, 1.0) <= 100.0 && outcome.without_retry_after == 0),
        ("who is taken is set up within 100 ms (p99)", part(&outcome.set_up, 0.99) <= 100.0),
        ("nobody is left without an answer", outcome.failed == 0),
        ("who talks loses no packet", heard.lost == 0),
    ];
    for (what, holds) in judged {
        println!("{} {what}", if holds { "ok    " } else { "MISSED" });
    }
    talkers.hang_up();
    run(&house, "afterwards", capacity / 2, TRIED).map(drop)
}

/// Turnover for so many minutes; flat means: after the first fifth, which warms the caches, nothing grows.
fn soak(minutes: u32, rate: Option<u32>) -> anyhow::Result<()> {
    let (house, phones) = (House::start()?, Phones::start()?);
    let rate = match rate {
        Some(rate) => rate,
        None => capacity(&house, &phones)? * 6 / 10,
    };
    println!("{minutes} minutes of {rate} calls/s beside {TALKING} calls that talk, each for a minute; figures in soak.csv");
    let mut csv = std::fs::File::create("soak.csv")?;
    writeln!(
        csv,
        "minute,rss_mb,anonymous_mb,descriptors,udp_ports,database_mb,calls,answered,turned_away,failed,repeats,p99_ms,packets_lost,cpu_percent,load"
    )?;
    let mut samples = Vec::new();
    let mut failed = 0;
    for minute in 1..=minutes {
        let (begun, before) = (Instant::now(), house.processor_time());
        let talkers = Talkers::start(TALKING)?;
        let (heard, outcome) = std::thread::scope(|scope| {
            let listening = scope.spawn(|| talkers.listen(Duration::from_secs(50)));
            let outcome = Callers::new().and_then(|callers| callers.call(rate, Duration::from_secs(50), HOLD));
            (listening.join(), outcome)
        });
        let (Ok(heard), outcome) = (heard, outcome?) else { anyhow::bail!("the listener panicked") };
        talkers.hang_up();
        // What ended has gone by then, so that each sample is of the same: a house without calls.
        std::thread::sleep(Duration::from_secs(7));
        let sample = house.sample()?;
        let cpu = 100.0 * (house.processor_time().saturating_sub(before)).as_secs_f64() / begun.elapsed().as_secs_f64();
        writeln!(
            csv,
            "{minute},{:.1},{:.1},{},{},{:.0},{},{},{},{},{},{:.1},{},{cpu:.1},{}",
            sample.resident_mb,
            sample.anonymous_mb,
            sample.descriptors,
            sample.udp_ports,
            sample.database_mb,
            outcome.begun,
            outcome.set_up.len(),
            outcome.turned_away.len(),
            outcome.failed,
            outcome.repeats,
            part(&outcome.set_up, 0.99),
            heard.lost,
            house::load(),
        )?;
        csv.flush()?;
        failed += outcome.failed;
        println!(
            "minute {minute}: RSS {:.1} MB, {} descriptors, {} UDP ports, {} of {} answered, p99 {:.1} ms, {} packets lost",
            sample.resident_mb,
            sample.descriptors,
            sample.udp_ports,
            outcome.set_up.len(),
            outcome.begun,
            part(&outcome.set_up, 0.99),
            heard.lost,
        );
        samples.push(sample);
    }
    let warm = &samples[samples.len() / 5..];
    let (Some(first), Some(last)) = (warm.first(), warm.last()) else { anyhow::bail!("no samples") };
    let growth = 100.0 * (last.resident_mb - first.resident_mb) / first.resident_mb;
    let judged = [
        (format!("memory: {:.1} to {:.1} MB ({growth:+.1} %)", first.resident_mb, last.resident_mb), growth <= GROWTH),
        (
            format!("descriptors: {} to {}", first.descriptors, last.descriptors),
            (last.descriptors as i64 - first.descriptors as i64).abs() <= DESCRIPTORS,
        ),
        (format!("UDP ports: {} to {}", first.udp_ports, last.udp_ports), last.udp_ports <= first.udp_ports),
        (format!("calls that were not answered: {failed}"), failed == 0),
    ];
    for (what, holds) in judged {
        println!("{} {what}", if holds { "flat  " } else { "MISSED" });
    }
    Ok(())
}

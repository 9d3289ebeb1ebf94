//! A trunk whose callers are hard to listen to: noise taken out, soft and loud brought to one loudness, for the agent's ear and in the recording,
//! from the next call on after a reload; and everybody else's packets as they came.

use crate::rig::deskphone::DeskPhone;
use crate::rig::noise::Noise;
use crate::rig::phone::Caller;
use crate::rig::served::Served;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, until};
use hubline::sim::g711;
use std::path::Path;

const FRAME: usize = 160;

/// A prompt of the house, 8 kHz.
fn spoken(name: &str) -> Vec<i16> {
    let file = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("static/sounds/en").join(name)).expect("a prompt");
    let at = file.windows(4).position(|four| four == b"data").expect("audio");
    file[at + 8..].iter().map(|byte| g711::decode(*byte)).collect()
}

/// Three sentences with a second between them.
fn talk() -> Vec<i16> {
    let pause = [0; 8_000];
    let parts = ["welcome.wav", "please-hold.wav", "welcome.wav"].map(spoken);
    [&pause[..], &pause, &parts[0], &pause, &parts[1], &pause, &parts[2], &pause[..800]].concat()
}

/// As the line carries it.
fn at(talk: &[i16], gain: f64) -> Vec<i16> {
    talk.iter().map(|sample| g711::decode(g711::encode((f64::from(*sample) * gain).clamp(-32_000.0, 32_000.0) as i16))).collect()
}

/// With a fan in the room.
fn with_fan(talk: &[i16], level: f64) -> Vec<i16> {
    let (mut noise, mut last) = (Noise::new(31), 0.0);
    let mut roll = || noise.below(20_001) as f64 / 10_000.0 - 1.0;
    let noisy = talk.iter().map(|sample| {
        last = 0.7 * last + 0.3 * level * roll();
        (f64::from(*sample) + 2.0 * last) as i16
    });
    noisy.map(|sample| g711::decode(g711::encode(sample))).collect()
}

/// How loud it is while somebody speaks, and in the pauses between, in dB: from the first loud frame to the last.
fn levels(samples: &[i16]) -> (f64, f64) {
    let power = |frame: &[i16]| frame.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / FRAME as f64;
    let powers: Vec<f64> = samples.chunks_exact(FRAME).map(power).collect();
    let rank = |powers: &[f64], share: f64| {
        let mut sorted = powers.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.get((sorted.len() as f64 * share) as usize).copied().unwrap_or_default()
    };
    let loud = rank(&powers, 0.97) * 0.3;
    let first = powers.iter().position(|power| *power > loud).unwrap_or_default();
    let last = powers.iter().rposition(|power| *power > loud).unwrap_or_default();
    let within = powers.get(first..=last).unwrap_or_default();
    let db = |power: f64| 10.0 * power.max(1.0).log10();
    (db(rank(within, 0.9)), db(rank(within, 0.1)))
}

struct Line {
    house: Served,
    phone: DeskPhone,
    calls: usize,
}

impl Line {
    fn business(options: &str, phone: &DeskPhone) -> String {
        format!(
            "{options}[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n[[queues]]\nid = \"sales\"\nname = \"Sales\"\nrecord = true\n\
             wrap_up = \"0s\"\n[[agents]]\nid = \"dora\"\nname = \"Dora\"\nqueues = [\"sales\"]\nphone = \"{}\"\nalways_available = true\n",
            phone.uri()
        )
    }

    /// Switches on what these lines of the trunk say, while it runs.
    async fn reload(&self, options: &str) {
        self.house.configure(&Line::business(options, &self.phone));
        let reloaded = self.house.hubline(&["reload"], "").await;
        assert!(reloaded.status.success(), "{}", String::from_utf8_lossy(&reloaded.stderr));
    }

    async fn call(&mut self) -> Caller {
        let caller = Caller::dial(self.house.sip, "4001", "+491", 0.0).await;
        caller.hears(AGENT_HZ).await;
        caller
    }

    /// Says this to the agent; gives what they have heard.
    async fn says(&self, caller: &Caller, talk: &[i16]) -> Vec<i16> {
        self.phone.forget();
        caller.say(talk).await;
        until("all is said", || self.phone.everything().len() > talk.len() + 4_000).await;
        self.phone.everything()
    }

    /// The customer's side of the recording of the call that ends now.
    async fn recorded(&mut self, caller: Caller) -> Vec<i16> {
        caller.hang_up().await;
        self.calls += 1;
        let done = vec!["done"; self.calls];
        until("the recording is done", || self.house.rows("SELECT state FROM recording ORDER BY call") == done).await;
        self.phone.is_idle().await;
        let file = self.house.rows("SELECT file FROM recording ORDER BY call").pop().expect("a recording");
        Recording::read(&self.house.data().join("recordings").join(file)).left
    }
}

/// Whether a quarter of a second from the middle of what was sent is there, sample by sample.
fn untouched(sent: &[i16], heard: &[i16]) -> bool {
    let piece = &sent[sent.len() / 2..sent.len() / 2 + 2_000];
    heard.windows(piece.len()).any(|window| window == piece)
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_goes_and_loudness_is_evened_out_from_the_next_call_on() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = Served::new(&Line::business("", &phone));
    let mut line = Line { house, phone, calls: 0 };
    line.house.start().await;
    let noisy = with_fan(&at(&talk(), 1.0), 900.0);
    let (speech, noise) = levels(&noisy);
    println!("sent: speech {speech:.1} dB, noise {noise:.1} dB");

    // Off: what is heard and recorded is what was sent, to the bit, and goes on being so in a call that runs when it is switched on.
    let caller = line.call().await;
    let heard = line.says(&caller, &noisy).await;
    assert!(untouched(&noisy, &heard), "relayed as it came");
    line.reload("noise_suppression = true\n").await;
    let short = &noisy[..24_000];
    let heard = line.says(&caller, short).await;
    assert!(untouched(short, &heard), "the running call keeps what it began with");
    assert!(untouched(&noisy, &line.recorded(caller).await), "recorded as it came");

    // On.
    let caller = line.call().await;
    let heard = line.says(&caller, &noisy).await;
    let recorded = line.recorded(caller).await;
    for (place, samples) in [("heard", &heard), ("recorded", &recorded)] {
        let (kept, left) = levels(samples);
        println!("{place}: speech {kept:.1} dB, noise {left:.1} dB");
        assert!(!untouched(&noisy, samples));
        assert!(noise - left >= 10.0, "{place}: noise from {noise:.1} to {left:.1} dB");
        assert!((speech - kept).abs() < 4.0, "{place}: speech from {speech:.1} to {kept:.1} dB");
    }

    // Soft and loud callers, 20 dB apart.
    line.reload("automatic_gain = true\n").await;
    let (soft, loud) = (at(&talk(), 0.2), at(&talk(), 2.0));
    let apart = levels(&loud).0 - levels(&soft).0;
    let caller = line.call().await;
    // The first time it is still learning who speaks.
    line.says(&caller, &soft).await;
    let heard = line.says(&caller, &soft).await;
    let raised = levels(&heard).0 - levels(&soft).0;
    line.recorded(caller).await;
    let caller = line.call().await;
    line.says(&caller, &loud).await;
    let lowered = line.says(&caller, &loud).await;
    let recorded = line.recorded(caller).await;
    let left = levels(&lowered).0 - levels(&heard).0;
    println!("soft raised by {raised:.1} dB; {apart:.1} dB apart as sent, {left:.1} dB as heard");
    assert!(raised > 6.0, "{raised}");
    assert!(apart > 15.0 && left.abs() < 7.0, "{apart} to {left} dB");
    let full = |samples: &[i16]| samples.iter().filter(|sample| sample.unsigned_abs() > 32_000).count();
    assert!(full(&lowered) + full(&recorded) == 0, "{} samples at full scale", full(&lowered) + full(&recorded));

    // Where it cannot be, it is refused with a word about where it can, and what runs goes on.
    line.house.configure(&Line::business("", &line.phone).replace("record = true", "record = true\nnoise_suppression = true"));
    let refused = line.house.hubline(&["reload"], "").await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(3), "{said}");
    assert!(said.contains("unknown key `noise_suppression`") && said.contains("write it in its [[trunks]]"), "{said}");
    let caller = line.call().await;
    line.recorded(caller).await;
    assert_eq!(line.house.stop().await, Some(0));
}

//! The E-model (ITU-T G.107) cut down to what an RTP endpoint knows: delay, jitter and loss of G.711.

/// Packet-loss robustness of G.711 with concealment under random loss (G.113 Appendix I).
const BPL: f32 = 25.1;
/// Rating with nothing wrong but the default noises (G.107 §7.7).
const BEST: f32 = 93.2;
/// Packetisation and playout beside the network, in ms.
const FIXED_DELAY: f32 = 30.0;

/// Mean opinion score, 1.0 to 4.5, from loss (0.0–1.0), jitter and round trip in ms.
pub fn estimate(loss: f32, jitter_ms: f32, rtt_ms: f32) -> f32 {
    // A playout buffer of twice the jitter is what receivers commonly settle at.
    let delay = rtt_ms.max(0.0) / 2.0 + 2.0 * jitter_ms.max(0.0) + FIXED_DELAY;
    let delay_impairment = 0.024 * delay + 0.11 * (delay - 177.3).max(0.0);
    let percent = loss.clamp(0.0, 1.0) * 100.0;
    let loss_impairment = 95.0 * percent / (percent + BPL);
    let rating = (BEST - delay_impairment - loss_impairment).clamp(0.0, 100.0);
    // G.107 Annex B.
    let mos = 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6;
    mos.clamp(1.0, 4.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_line_is_good_and_each_fault_makes_it_worse() {
        let clean = estimate(0.0, 1.0, 10.0);
        assert!((4.3..4.5).contains(&clean), "{clean}");
        assert!(estimate(0.02, 1.0, 10.0) < clean);
        assert!(estimate(0.0, 40.0, 10.0) < clean);
        assert!(estimate(0.0, 1.0, 600.0) < 3.7);
        assert!(estimate(0.2, 1.0, 10.0) < 2.8);
        assert!(estimate(1.0, 500.0, 2000.0) >= 1.0);
    }
}

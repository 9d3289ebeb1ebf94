//! G.722 at 64 kbit/s (ITU-T G.722): the band is split in two at 4 kHz, and each half is coded as the difference to a
//! prediction. Names and block numbers are those of the recommendation's clause 6.

/// Coefficients of the band-splitting filter (table 11), every second one.
const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];
/// Inverse quantizers: 6 and 4 bits of the lower band, 2 bits of the higher (tables 17, 16, 21), sign and size in one.
const QM6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856, -7192, -6576,
    -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984,
    13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040,
    728, 432, 136, -432, -136,
];
const QM4: [i32; 16] = [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
const QM2: [i32; 4] = [-7408, -1616, 7408, 1616];
/// Decision levels of the lower band (table 14).
const Q6: [i32; 30] = [
    0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765,
    1980, 2195, 2557, 2919,
];
/// The decision level of the higher band.
const Q2: i32 = 564;
/// How the code moves the step's logarithm (tables 18 and 22).
const WL: [i32; 16] = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
const WH: [i32; 4] = [798, -214, 798, -214];
/// Powers of two between two octaves (table 19).
const ILB: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
    3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];

/// Codes samples at 16 kHz, two to a byte.
pub struct Encoder {
    filter: [i32; 24],
    low: Band,
    high: Band,
}

/// Decodes them.
pub struct Decoder {
    filter: [i32; 24],
    low: Band,
    high: Band,
}

impl Encoder {
    pub fn new() -> Encoder {
        Encoder { filter: [0; 24], low: Band::low(), high: Band::high() }
    }

    /// Fills `out` from twice as many samples; says how many bytes that are.
    pub fn encode(&mut self, samples: &[i16], out: &mut [u8]) -> usize {
        let pairs = samples.as_chunks::<2>().0;
        for (pair, byte) in pairs.iter().zip(out.iter_mut()) {
            self.filter.copy_within(2.., 0);
            (self.filter[22], self.filter[23]) = (i32::from(pair[0]), i32::from(pair[1]));
            let (odd, even) = split(&self.filter);
            let (low, high) = (self.code_low((even + odd) >> 14), self.code_high((even - odd) >> 14));
            *byte = high << 6 | low;
        }
        pairs.len().min(out.len())
    }

    /// Blocks 1L to 4L.
    fn code_low(&mut self, sample: i32) -> u8 {
        let band = &mut self.low;
        let difference = saturate(sample - band.predicted);
        let size = if difference < 0 { -(difference + 1) } else { difference };
        let level = (1..30).find(|&level| size < (Q6[level] * band.step) >> 12).unwrap_or(30) as u8;
        // Table 15: positive codes fall from 61, negative ones from 63, 62 and then 31.
        let code = match (difference < 0, level) {
            (false, level) => 62 - level,
            (true, 1) => 63,
            (true, 2) => 62,
            (true, level) => 34 - level,
        };
        band.low_step(code >> 2);
        code
    }

    /// Blocks 1H to 4H.
    fn code_high(&mut self, sample: i32) -> u8 {
        let band = &mut self.high;
        let difference = saturate(sample - band.predicted);
        let size = if difference < 0 { -(difference + 1) } else { difference };
        let large = size >= (Q2 * band.step) >> 12;
        let code = match (difference < 0, large) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        band.high_step(code);
        code
    }
}

impl Decoder {
    pub fn new() -> Decoder {
        Decoder { filter: [0; 24], low: Band::low(), high: Band::high() }
    }

    /// Appends two samples for each byte.
    pub fn decode(&mut self, bytes: &[u8], out: &mut Vec<i16>) {
        for &byte in bytes {
            let (low, high) = (byte & 63, byte >> 6);
            // Blocks 5 and 6: the full code is heard, but only its upper four bits are predicted from.
            let low_sample = (self.low.predicted + ((self.low.step * QM6[low as usize]) >> 15)).clamp(-16_384, 16_383);
            self.low.low_step(low >> 2);
            let high_sample = (self.high.predicted + ((self.high.step * QM2[high as usize]) >> 15)).clamp(-16_384, 16_383);
            self.high.high_step(high);
            self.filter.copy_within(2.., 0);
            (self.filter[22], self.filter[23]) = (low_sample + high_sample, low_sample - high_sample);
            let (odd, even) = split(&self.filter);
            out.extend([saturate(even >> 11) as i16, saturate(odd >> 11) as i16]);
        }
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Encoder::new()
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Decoder::new()
    }
}

/// The two halves of the band filter: over the even places, and over the odd ones backwards.
fn split(filter: &[i32; 24]) -> (i32, i32) {
    let (mut first, mut second) = (0, 0);
    for n in 0..12 {
        first += filter[2 * n] * QMF[n];
        second += filter[2 * n + 1] * QMF[11 - n];
    }
    (first, second)
}

/// One band's predictor and step, the same at both ends.
struct Band {
    step: i32,
    /// Logarithm of the step.
    log: i32,
    predicted: i32,
    /// The zeros' part of the prediction.
    zeros_part: i32,
    /// Reconstructed signal and partial reconstruction before this.
    r: [i32; 2],
    p: [i32; 2],
    poles: [i32; 2],
    differences: [i32; 6],
    zeros: [i32; 6],
}

impl Band {
    fn low() -> Band {
        Band::with(32)
    }

    fn high() -> Band {
        Band::with(8)
    }

    fn with(step: i32) -> Band {
        Band { step, log: 0, predicted: 0, zeros_part: 0, r: [0; 2], p: [0; 2], poles: [0; 2], differences: [0; 6], zeros: [0; 6] }
    }

    /// Blocks 2L to 4L.
    fn low_step(&mut self, code: u8) {
        let code = code as usize & 15;
        let difference = (self.step * QM4[code]) >> 15;
        self.rescale(WL[code], 18_432, 8);
        self.adapt(difference);
    }

    /// Blocks 2H to 4H.
    fn high_step(&mut self, code: u8) {
        let code = code as usize & 3;
        let difference = (self.step * QM2[code]) >> 15;
        self.rescale(WH[code], 22_528, 10);
        self.adapt(difference);
    }

    /// Block 3: LOGSCL, SCALEL and LOGSCH, SCALEH.
    fn rescale(&mut self, by: i32, most: i32, shift: i32) {
        self.log = (((self.log * 127) >> 7) + by).clamp(0, most);
        let fraction = ILB[((self.log >> 6) & 31) as usize];
        let shift = shift - (self.log >> 11);
        self.step = if shift < 0 { fraction << -shift } else { fraction >> shift } << 2;
    }

    /// Block 4: the predictor learns from a difference and predicts anew.
    fn adapt(&mut self, difference: i32) {
        let r = saturate(self.predicted + difference);
        let p = saturate(self.zeros_part + difference);
        let same = |a: i32, b: i32| (a < 0) == (b < 0);
        // UPPOL2.
        let slope = saturate(self.poles[0] << 2);
        let slope = if same(p, self.p[0]) { -slope } else { slope }.min(32_767);
        let drift = if same(p, self.p[1]) { 128 } else { -128 };
        let second = ((slope >> 7) + drift + ((self.poles[1] * 32_512) >> 15)).clamp(-12_288, 12_288);
        // UPPOL1.
        let most = saturate(15_360 - second);
        let push = if same(p, self.p[0]) { 192 } else { -192 };
        let first = saturate(push + ((self.poles[0] * 32_640) >> 15)).clamp(-most, most);
        // UPZERO.
        let push = if difference == 0 { 0 } else { 128 };
        for (zero, &before) in self.zeros.iter_mut().zip(&self.differences) {
            let push = if same(before, difference) { push } else { -push };
            *zero = saturate(push + ((*zero * 32_640) >> 15));
        }
        // DELAYA.
        self.differences.copy_within(..5, 1);
        self.differences[0] = difference;
        (self.r, self.p, self.poles) = ([r, self.r[0]], [p, self.p[0]], [first, second]);
        // FILTEP, FILTEZ, PREDIC.
        let times = |factor: i32, value: i32| (factor * saturate(2 * value)) >> 15;
        let poles_part = saturate(times(first, self.r[0]) + times(second, self.r[1]));
        self.zeros_part = saturate(self.zeros.iter().zip(&self.differences).map(|(&zero, &before)| times(zero, before)).sum());
        self.predicted = saturate(poles_part + self.zeros_part);
    }
}

fn saturate(value: i32) -> i32 {
    value.clamp(-32_768, 32_767)
}

#[cfg(test)]
mod tests;

//! µ-law by its formula (ITU-T G.711), one sample at a time: slow, short and independent of the tables it is used to test.

/// Compresses one 16-bit sample.
pub fn encode(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = (i32::from(sample).abs() + 132).min(32_635);
    let exponent = (magnitude >> 7).ilog2();
    let mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    !(sign | (exponent as u8) << 4 | mantissa as u8)
}

/// Expands one byte.
pub fn decode(byte: u8) -> i16 {
    let byte = !byte;
    let (exponent, mantissa) = (u32::from(byte >> 4 & 7), i32::from(byte & 0x0f));
    let magnitude = (((mantissa << 3) + 132) << exponent) - 132;
    (if byte & 0x80 == 0 { magnitude } else { -magnitude }) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_survives_a_round_trip_and_the_extremes_are_the_standards() {
        for code in 0..=255 {
            // 0x7f and 0xff are both zero.
            assert!(encode(decode(code)) == code || code == 0x7f, "{code}");
        }
        assert_eq!((decode(0x80), decode(0x00), decode(0xff)), (32_124, -32_124, 0));
    }
}

//! Several talkers as one: a sum that never wraps, and that bends before it clips.

/// Up to here the sum passes unchanged.
const KNEE: i32 = 24_576;
const MOST: i32 = 32_767;

/// Adds a talker to the sum; gain in 1/256.
pub fn add(sum: &mut [i32], samples: &[i16], gain: i32) {
    for (sum, &sample) in sum.iter_mut().zip(samples) {
        *sum += i32::from(sample) * gain / 256;
    }
}

/// The sum as a sample: above the knee the rest is bent so that it only nears full scale.
pub fn limit(sum: i32) -> i16 {
    let size = sum.unsigned_abs().min(1 << 24) as i32;
    if size <= KNEE {
        return sum as i16;
    }
    let (over, room) = (i64::from(size - KNEE), i64::from(MOST - KNEE));
    let bent = KNEE + (over * room / (over + room)) as i32;
    (bent * sum.signum()) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_even_rising_and_within_bounds() {
        assert_eq!((limit(1000), limit(-1000), limit(KNEE)), (1000, -1000, KNEE as i16));
        let mut last = i16::MIN;
        for sum in (-400_000..400_000).step_by(37) {
            let limited = limit(sum);
            assert!(limited >= last);
            last = limited;
        }
        assert!((MOST - 10..=MOST).contains(&i32::from(limit(i32::MAX))));
        let mut sum = [0; 3];
        add(&mut sum, &[100, -100, 30_000], 256);
        add(&mut sum, &[100, 100, 30_000], 128);
        assert_eq!(sum, [150, -50, 45_000]);
    }
}

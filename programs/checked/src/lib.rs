//! Integer arithmetic on money that says when a result does not fit. Nothing here rounds without saying how.
#![cfg_attr(target_arch = "bpf", no_std)]
#![forbid(unsafe_code)]

/// A whole in basis points.
pub const WHOLE_BPS: u16 = 10_000;

/// `a * b`, or nothing when it does not fit in 64 bits.
///
/// `u64::checked_mul` is not to be had: it needs a 128-bit product (`__multi3`), which LLVM 22 cannot call on this
/// target. So both are cut into halves of 32 bits: `(ah·2³² + al)(bh·2³² + bl)` fits only when `ah·bh` is zero and
/// what is left of the middle, times 2³², leaves room for `al·bl`.
#[inline(always)]
pub const fn mul(a: u64, b: u64) -> Option<u64> {
    const LOW: u64 = u32::MAX as u64;
    let (a_high, a_low, b_high, b_low) = (a >> 32, a & LOW, b >> 32, b & LOW);
    // Each is below 2³², so no product of two of them overflows.
    let middle = match (a_high, b_high) {
        (0, _) => b_high * a_low,
        (_, 0) => a_high * b_low,
        _ => return None,
    };
    if middle > LOW { None } else { (middle << 32).checked_add(a_low * b_low) }
}

/// `bps` ten-thousandths of an amount, rounded down: the rest of the amount belongs to the other part of a split.
/// Nothing when the share is more than the whole.
pub const fn share(amount: u64, bps: u16) -> Option<u64> {
    if bps > WHOLE_BPS {
        return None;
    }
    let (whole, bps) = (WHOLE_BPS as u64, bps as u64);
    // Splitting off the remainder first keeps every product below the amount, or below 10⁸.
    Some((amount / whole) * bps + (amount % whole) * bps / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values around which carries happen, and a walk through the rest by a multiplicative generator (Knuth, MMIX).
    fn values() -> Vec<u64> {
        let mut found = Vec::new();
        for bit in 0..64 {
            for offset in [u64::MAX, 0, 1] {
                found.push((1u64 << bit).wrapping_add(offset));
            }
        }
        let mut state = 1u64;
        for _ in 0..400 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            found.push(state >> (state & 63));
        }
        found.push(u64::MAX);
        found
    }

    #[test]
    fn a_product_is_exact_or_refused() {
        let values = values();
        for &a in &values {
            for &b in &values {
                assert_eq!(mul(a, b), a.checked_mul(b), "{a} * {b}");
            }
        }
    }

    #[test]
    fn a_share_is_rounded_down_and_never_exceeds_the_whole() {
        for amount in values() {
            for bps in [0u16, 1, 3_333, 5_000, 9_000, 9_999, WHOLE_BPS] {
                let exact = amount as u128 * bps as u128 / 10_000;
                assert_eq!(share(amount, bps).map(u128::from), Some(exact), "{bps} of {amount}");
            }
        }
    }

    #[test]
    fn more_than_the_whole_is_no_share() {
        assert_eq!(share(1, WHOLE_BPS + 1), None);
    }
}

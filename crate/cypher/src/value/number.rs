//! Integers and floats, compared as the numbers they stand for.

use std::cmp::Ordering;

/// 2^63, the first float above every integer.
const ABOVE_INTEGERS: f64 = 9_223_372_036_854_775_808.0;

/// Compares without rounding the integer; `None` for NaN.
pub fn compare_mixed(integer: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= ABOVE_INTEGERS {
        return Some(Ordering::Less);
    }
    if float < -ABOVE_INTEGERS {
        return Some(Ordering::Greater);
    }
    let whole = float.trunc();
    // Within ±2^63 a float without fraction is an integer.
    let order = integer.cmp(&(whole as i64));
    let fraction = float - whole;
    Some(order.then(if fraction > 0.0 {
        Ordering::Less
    } else if fraction < 0.0 {
        Ordering::Greater
    } else {
        Ordering::Equal
    }))
}

/// The integer that a float stands for; `None` where it has a fraction or lies outside.
pub fn exact_integer(float: f64) -> Option<i64> {
    if float.trunc() == float && (-ABOVE_INTEGERS..ABOVE_INTEGERS).contains(&float) { Some(float as i64) } else { None }
}

/// The float without its fraction as an integer; `None` for NaN and outside 64 bits.
pub fn truncated(float: f64) -> Option<i64> {
    exact_integer(float.trunc())
}

/// The shortest digits that read as the same float, with a point, or with an exponent where zeros would hide them.
pub fn float_text(float: f64) -> String {
    if float.is_nan() {
        "NaN".to_owned()
    } else if float.is_infinite() {
        if float > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else if float == 0.0 || (1e-10..1e16).contains(&float.abs()) {
        let text = format!("{float}");
        if text.contains('.') { text } else { text + ".0" }
    } else {
        format!("{float:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_integers_are_not_rounded() {
        let above = 9_007_199_254_740_993;
        assert_eq!(compare_mixed(above, 9_007_199_254_740_992.0), Some(Ordering::Greater));
        assert_eq!(compare_mixed(i64::MAX, ABOVE_INTEGERS), Some(Ordering::Less));
        assert_eq!(compare_mixed(i64::MIN, -ABOVE_INTEGERS), Some(Ordering::Equal));
        assert_eq!(compare_mixed(i64::MIN, f64::NEG_INFINITY), Some(Ordering::Greater));
        assert_eq!(compare_mixed(-1, -1.5), Some(Ordering::Greater));
        assert_eq!(compare_mixed(0, f64::NAN), None);
    }

    #[test]
    fn floats_read_back() {
        for float in [0.1, 1e16, 1e-7, -2.5, 123_456_789.0, f64::MAX, f64::MIN_POSITIVE, 9_007_199_254_740_993.0] {
            let text = float_text(float);
            assert_eq!(text.parse::<f64>().unwrap(), float);
            assert!(text.contains(['.', 'e']), "{text}");
        }
        assert_eq!(
            [-0.0, 1e-5, 1e15, 1e308, -1.5e-20].map(float_text),
            ["-0.0", "0.00001", "1000000000000000.0", "1e308", "-1.5e-20"]
        );
    }
}

//! Numbers as a physicist writes them.

/// Value and standard error in the short notation, 1.2345(67), with two digits of the error; the value alone, with six
/// digits, if there is no error; "-" if there is no value.
#[must_use]
pub fn with_error(value: f64, error: f64) -> String {
    if !value.is_finite() {
        return "-".to_string();
    }
    if !error.is_finite() || error <= 0.0 {
        return short(value);
    }
    let size = value.abs().max(error);
    if !(1e-4..1e7).contains(&size) {
        let exponent = size.log10().floor() as i32;
        // Powers of ten that are not numbers any more would turn the value into zero over zero.
        if (-300..300).contains(&exponent) {
            let unit = 10f64.powi(exponent);
            return format!("{}e{exponent}", fixed_with_error(value / unit, error / unit));
        }
    }
    fixed_with_error(value, error)
}

fn fixed_with_error(value: f64, error: f64) -> String {
    let mut decimals = 1 - error.log10().floor() as i32;
    // 0.0996 becomes 0.100 on rounding: one digit less keeps it at two.
    if (error * 10f64.powi(decimals)).round() >= 100.0 {
        decimals -= 1;
    }
    if decimals > 15 {
        return short(value);
    }
    let unit = 10f64.powi(decimals);
    if decimals <= 0 {
        return format!("{}({})", (value * unit).round() / unit, (error * unit).round() / unit);
    }
    let places = decimals as usize;
    if error >= 1.0 {
        return format!("{value:.places$}({error:.places$})");
    }
    format!("{value:.places$}({})", (error * unit).round())
}

/// A number with six significant digits, "-" if it is none.
#[must_use]
pub fn short(value: f64) -> String {
    rounded(value, 6)
}

/// A number with at most `figures` significant digits, "-" if it is none.
#[must_use]
pub fn rounded(value: f64, figures: usize) -> String {
    if !value.is_finite() {
        return "-".to_string();
    }
    if value != 0.0 && !(1e-4..1e7).contains(&value.abs()) {
        return format!("{value:.*e}", figures.saturating_sub(1));
    }
    let digits = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    let places = (figures as i32 - 1 - digits).max(0) as usize;
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// A number with all its digits, for files; empty if it is none.
#[must_use]
pub fn exact(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

/// Units with raised digits and the sign of the Angstrom, such as J² for J^2; empty for the unit "1".
#[must_use]
pub fn units(units: &str) -> String {
    if units == "1" {
        return String::new();
    }
    let mut out = String::new();
    let mut is_raised = false;
    for character in units.replace("Angstrom", "\u{c5}").chars() {
        let raised = match character {
            '-' => Some('\u{207b}'),
            '0' => Some('\u{2070}'),
            '1' => Some('\u{b9}'),
            '2' => Some('\u{b2}'),
            '3' => Some('\u{b3}'),
            '4'..='9' => char::from_u32(0x2070 + u32::from(character) - u32::from('0')),
            _ => None,
        };
        match (character, raised) {
            ('^', _) => is_raised = true,
            (_, Some(raised)) if is_raised => out.push(raised),
            _ => {
                is_raised = false;
                out.push(character);
            }
        }
    }
    out
}

/// A name with its units in parentheses.
#[must_use]
pub fn labeled(name: &str, unit: &str) -> String {
    match units(unit).as_str() {
        "" => name.to_string(),
        unit => format!("{name} ({unit})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_of_the_error_are_kept() {
        assert_eq!(with_error(1.2345, 0.0067), "1.2345(67)");
        assert_eq!(with_error(-1.2345, 0.067), "-1.234(67)");
        assert_eq!(with_error(1.0, 0.0996), "1.00(10)");
        assert_eq!(with_error(12.34, 1.26), "12.3(1.3)");
        assert_eq!(with_error(123.4, 12.3), "123(12)");
        assert_eq!(with_error(12_345.0, 678.0), "12350(680)");
        assert_eq!(with_error(1.234_56e-7, 1.2e-9), "1.235(12)e-7");
        assert_eq!(with_error(1.234_56e9, 3.4e7), "1.235(34)e9");
        assert_eq!(with_error(0.0, 0.003), "0.0000(30)");
    }

    #[test]
    fn numbers_that_are_none_do_not_break_anything() {
        assert_eq!(with_error(f64::NAN, 0.1), "-");
        assert_eq!(with_error(0.25, f64::NAN), "0.25");
        assert_eq!(with_error(0.25, 0.0), "0.25");
        assert_eq!(with_error(1.0, 1e-300), "1");
        assert!(!with_error(f64::MAX, f64::MAX).is_empty());
        assert_eq!(exact(f64::INFINITY), "");
    }

    #[test]
    fn numbers_without_errors_have_six_digits() {
        assert_eq!(short(0.123_456_789), "0.123457");
        assert_eq!(short(100.0), "100");
        assert_eq!(short(-2.5), "-2.5");
        assert_eq!(short(0.0), "0");
        assert_eq!(short(1.5e-9), "1.50000e-9");
    }

    #[test]
    fn units_are_typeset() {
        assert_eq!(units("1/J^3"), "1/J\u{b3}");
        assert_eq!(units("Angstrom^3 per atom"), "\u{c5}\u{b3} per atom");
        assert_eq!(units("J^-12 m"), "J\u{207b}\u{b9}\u{b2} m");
        assert_eq!(labeled("x", "1"), "x");
    }
}

//! Colors that people with any color vision can tell apart.

/// Okabe and Ito, Color Universal Design (2008), without yellow, which is too light for thin lines.
const CATEGORIES: [&str; 7] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"];

/// Nine equidistant samples of the viridis map of matplotlib.
const VIRIDIS: [[f64; 3]; 9] = [
    [68.0, 1.0, 84.0],
    [71.0, 45.0, 123.0],
    [59.0, 82.0, 139.0],
    [44.0, 114.0, 142.0],
    [33.0, 145.0, 140.0],
    [40.0, 174.0, 128.0],
    [94.0, 201.0, 98.0],
    [173.0, 220.0, 48.0],
    [253.0, 231.0, 37.0],
];

/// The color of the category `index`; repeats after seven.
#[must_use]
pub fn category(index: usize) -> String {
    CATEGORIES[index % CATEGORIES.len()].to_string()
}

/// Red, green and blue of the viridis map at `fraction`, clamped to 0 to 1.
#[must_use]
pub fn viridis(fraction: f64) -> [u8; 3] {
    let fraction = if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 };
    let place = fraction * (VIRIDIS.len() - 1) as f64;
    let index = (place as usize).min(VIRIDIS.len() - 2);
    let weight = place - index as f64;
    let mix = |k: usize| (VIRIDIS[index][k] * (1.0 - weight) + VIRIDIS[index + 1][k] * weight).round() as u8;
    [mix(0), mix(1), mix(2)]
}

/// The viridis map as an SVG color.
#[must_use]
pub fn sequential(fraction: f64) -> String {
    let [red, green, blue] = viridis(fraction);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_the_map_are_exact() {
        assert_eq!(sequential(0.0), "#440154");
        assert_eq!(sequential(1.0), "#fde725");
        assert_eq!(sequential(f64::NAN), "#440154");
        assert_eq!(sequential(7.0), sequential(1.0));
    }
}

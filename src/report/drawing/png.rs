//! Pictures as data URIs.
//!
//! A map drawn as rectangles would take a hundred bytes of SVG for every pixel, and plotters can embed a bitmap only
//! pixel by pixel of the page, without holes and with three image formats as dependencies. A PNG with a palette has a
//! byte per pixel before compression, and viewers enlarge it.

use super::palette::ColorMap;
use base64::{Engine, prelude::BASE64_STANDARD};
use plotters::style::RGBColor;

/// A picture with one byte per pixel, `rows` from the top, each of `width` pixels; the byte is the place on the color map
/// from 0 to 254, and 255 is transparent. `None` if the rows do not have that width.
#[must_use]
pub fn indexed_png_uri(width: usize, rows: &[Vec<u8>], map: ColorMap) -> Option<String> {
    let color = |place: u8| {
        let RGBColor(red, green, blue) = map.color(f64::from(place) / 254.0);
        [red, green, blue]
    };
    let mut opacity = vec![255u8; 256];
    opacity[255] = 0;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width.try_into().ok()?, rows.len().try_into().ok()?);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette((0..=255).flat_map(color).collect::<Vec<u8>>());
    encoder.set_trns(opacity);
    let mut writer = encoder.write_header().ok()?;
    if rows.iter().any(|row| row.len() != width) {
        return None;
    }
    writer.write_image_data(&rows.concat()).ok()?;
    writer.finish().ok()?;
    Some(uri(&file))
}

/// A picture with red, green and blue of each pixel, row by row from the top. `None` if there are not as many.
#[must_use]
pub fn rgb_png_uri(width: usize, height: usize, rgb: &[u8]) -> Option<String> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width.try_into().ok()?, height.try_into().ok()?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(rgb).ok()?;
    writer.finish().ok()?;
    Some(uri(&file))
}

fn uri(file: &[u8]) -> String {
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_of_the_wrong_number_are_refused() {
        assert!(rgb_png_uri(2, 1, &[0; 5]).is_none());
        assert!(rgb_png_uri(2, 1, &[0; 6]).is_some());
    }

    #[test]
    fn rows_of_the_wrong_width_are_refused() {
        assert!(indexed_png_uri(2, &[vec![0, 1], vec![2]], ColorMap::Sequential).is_none());
        assert!(indexed_png_uri(0, &[], ColorMap::Sequential).is_none());
        assert!(
            indexed_png_uri(2, &[vec![0, 1]], ColorMap::Diverging)
                .is_some_and(|uri| uri.starts_with("data:image/png;base64,iVBOR"))
        );
    }
}

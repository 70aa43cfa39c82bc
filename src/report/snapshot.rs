//! A configuration to look at: extended XYZ for OVITO and ASE, and a picture.

use crate::foundation::{Error, Result};
use std::fmt::Write;

/// One site of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Position in the unit of length: the edge of the cubic cell, or the distance of sites on hypercubic lattices.
    pub position: [f64; 3],
    /// The numbers on it, field after field.
    pub values: Vec<f64>,
}

/// A box of sites and what the numbers on them are.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Corners of the box: lowest and highest along each axis.
    pub bounds: [[f64; 2]; 3],
    /// Whether the box is the whole lattice along an axis, and so periodic.
    pub periodic: [bool; 3],
    /// Name and width of each field; fields of width one hold signs.
    pub fields: Vec<(String, usize)>,
    /// The sites.
    pub sites: Vec<Site>,
    /// A line about where it comes from.
    pub comment: String,
}

impl Snapshot {
    /// The sites as extended XYZ: species P (plus) or N (minus) after the first field of signs, X where there is none
    /// (readers expect names of elements), positions and all fields.
    #[must_use]
    pub fn extended_xyz(&self) -> String {
        let length = |d: usize| self.bounds[d][1] - self.bounds[d][0];
        let sign = self.first_column(1);
        let mut text = format!(
            "{}\nLattice=\"{} 0 0 0 {} 0 0 0 {}\" Origin=\"{} {} {}\" pbc=\"{}\" Properties=species:S:1:pos:R:3",
            self.sites.len(),
            length(0),
            length(1),
            length(2),
            self.bounds[0][0],
            self.bounds[1][0],
            self.bounds[2][0],
            self.periodic.map(|yes| if yes { "T" } else { "F" }).join(" ")
        );
        // Writing to a string cannot fail.
        for (name, width) in &self.fields {
            let _ = write!(text, ":{name}:R:{width}");
        }
        let _ = writeln!(text, " comment=\"{}\"", self.comment);
        for site in &self.sites {
            let species = match sign.map(|column| site.values[column] > 0.0) {
                Some(true) => "P",
                Some(false) => "N",
                None => "X",
            };
            let [x, y, z] = site.position;
            let _ = write!(text, "{species} {x} {y} {z}");
            for value in &site.values {
                let _ = write!(text, " {value}");
            }
            text.push('\n');
        }
        text
    }

    /// The first column of the first field of this width.
    fn first_column(&self, width: usize) -> Option<usize> {
        let mut next = 0;
        for (_, columns) in &self.fields {
            if *columns == width {
                return Some(next);
            }
            next += columns;
        }
        None
    }

    /// A PNG of the box seen along z, higher sites over lower ones: the hue of a disk is the azimuth of the spin, its
    /// lightness the component along z; a sign of -1 leaves the middle of the disk open. Sites with a sign alone are
    /// orange (+1) and blue (-1).
    ///
    /// # Errors
    /// `Error::Internal` if the picture cannot be encoded.
    pub fn picture(&self) -> Result<Vec<u8>> {
        let extent = |d: usize| (self.bounds[d][1] - self.bounds[d][0]).max(1e-9);
        let scale = (LARGEST_PICTURE / extent(0).max(extent(1))).clamp(2.0, 160.0);
        let [width, height] = [0, 1].map(|d| (extent(d) * scale).ceil() as usize);
        let radius = scale * self.spacing() * 0.36;
        let (spin, sign) = (self.first_column(3), self.first_column(1));
        let mut pixels = vec![255u8; 3 * width * height];
        let mut sites: Vec<&Site> = self.sites.iter().collect();
        sites.sort_by(|a, b| a.position[2].total_cmp(&b.position[2]));
        for site in sites {
            let plus = sign.is_none_or(|column| site.values[column] > 0.0);
            let color = match spin {
                Some(k) => direction_color([site.values[k], site.values[k + 1], site.values[k + 2]]),
                None if plus => [213, 94, 0],
                None => [0, 114, 178],
            };
            let open = if spin.is_some() && !plus { 0.45 * radius } else { 0.0 };
            let center = [0, 1].map(|d| (site.position[d] - self.bounds[d][0]) * scale + radius);
            let span = |center: f64, size: usize| {
                let first = (center - radius).floor().max(0.0) as usize;
                first..((center + radius).ceil().max(0.0) as usize + 1).min(size)
            };
            for y in span(center[1], height) {
                for x in span(center[0], width) {
                    let distance = (x as f64 + 0.5 - center[0]).hypot(y as f64 + 0.5 - center[1]);
                    if (open..=radius).contains(&distance) {
                        // Pictures count rows from the top.
                        let at = 3 * ((height - 1 - y) * width + x);
                        pixels[at..at + 3].copy_from_slice(&color);
                    }
                }
            }
        }
        encode(width, height, &pixels)
    }

    /// The distance between neighboring sites as they appear along z, by which disks are sized.
    fn spacing(&self) -> f64 {
        let volume: f64 = self.bounds.iter().map(|[low, high]| high - low).product();
        (volume / self.sites.len().max(1) as f64).cbrt()
    }
}

/// Longest side of a picture in pixels, about.
const LARGEST_PICTURE: f64 = 1200.0;

/// Hue from the azimuth, lightness from the polar angle: white is +z, black is -z.
fn direction_color([x, y, z]: [f64; 3]) -> [u8; 3] {
    let hue = (y.atan2(x) / std::f64::consts::TAU).rem_euclid(1.0) * 6.0;
    let lightness = 0.5 + 0.48 * z.clamp(-1.0, 1.0);
    let chroma = 1.0 - (2.0 * lightness - 1.0).abs();
    let middle = chroma * (1.0 - (hue % 2.0 - 1.0).abs());
    let [r, g, b] = match hue as u32 {
        0 => [chroma, middle, 0.0],
        1 => [middle, chroma, 0.0],
        2 => [0.0, chroma, middle],
        3 => [0.0, middle, chroma],
        4 => [middle, 0.0, chroma],
        _ => [chroma, 0.0, middle],
    };
    [r, g, b].map(|part| ((part + lightness - chroma / 2.0) * 255.0).round() as u8)
}

fn encode(width: usize, height: usize, pixels: &[u8]) -> Result<Vec<u8>> {
    let failed = |cause: png::EncodingError| Error::Internal(format!("cannot encode a picture: {cause}"));
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_sites() -> Snapshot {
        let site = |x: f64, spin: [f64; 3], sign: f64| Site {
            position: [x, 0.0, 0.0],
            values: spin.into_iter().chain([sign]).collect(),
        };
        Snapshot {
            bounds: [[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]],
            periodic: [true, false, true],
            fields: vec![("spins".into(), 3), ("displacements".into(), 1)],
            sites: vec![site(0.0, [1.0, 0.0, 0.0], 1.0), site(0.5, [0.0, 0.0, -1.0], -1.0)],
            comment: "test".into(),
        }
    }

    #[test]
    fn extended_xyz_names_its_columns_and_has_a_line_per_site() {
        let text = two_sites().extended_xyz();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], "2");
        assert!(lines[1].contains("Properties=species:S:1:pos:R:3:spins:R:3:displacements:R:1"));
        assert!(lines[1].contains("pbc=\"T F T\""));
        assert_eq!(lines[2], "P 0 0 0 1 0 0 1");
        assert_eq!(lines[3], "N 0.5 0 0 0 0 -1 -1");
    }

    #[test]
    fn pictures_are_png_and_opposite_spins_have_opposite_hues() {
        assert!(two_sites().picture().unwrap().starts_with(b"\x89PNG"));
        assert_eq!(direction_color([1.0, 0.0, 0.0]), [255, 0, 0]);
        assert_eq!(direction_color([-1.0, 0.0, 0.0]), [0, 255, 255]);
        assert!(direction_color([0.0, 0.0, 1.0]).iter().all(|&c| c > 228));
    }
}

//! A PNG picture of the sequential color map as a data URI, uncompressed: the maps are small.

use super::palette::viridis;

/// A picture with one byte per pixel, `rows` from the top, each of `width` pixels; the byte is the place on the
/// sequential color map from 0 to 254, and 255 is transparent. `None` if the rows do not have that width.
#[must_use]
pub fn indexed_png_uri(width: usize, rows: &[Vec<u8>]) -> Option<String> {
    if width == 0 || rows.is_empty() || rows.iter().any(|row| row.len() != width) {
        return None;
    }
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(u32::try_from(width).ok()?.to_be_bytes());
    header.extend(u32::try_from(rows.len()).ok()?.to_be_bytes());
    // Eight bits per pixel, palette.
    header.extend([8, 3, 0, 0, 0]);
    push_chunk(&mut png, b"IHDR", &header)?;
    let colors: Vec<u8> = (0..255u8).flat_map(|k| viridis(f64::from(k) / 254.0)).chain([255; 3]).collect();
    push_chunk(&mut png, b"PLTE", &colors)?;
    let mut opacity = [255u8; 256];
    opacity[255] = 0;
    push_chunk(&mut png, b"tRNS", &opacity)?;
    let pixels: Vec<u8> = rows.iter().flat_map(|row| std::iter::once(0).chain(row.iter().copied())).collect();
    push_chunk(&mut png, b"IDAT", &stored_deflate(&pixels))?;
    push_chunk(&mut png, b"IEND", &[])?;
    Some(format!("data:image/png;base64,{}", base64(&png)))
}

fn push_chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) -> Option<()> {
    png.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
    let start = png.len();
    png.extend(kind);
    png.extend(data);
    let sum = crc32(&png[start..]);
    png.extend(sum.to_be_bytes());
    Some(())
}

/// RFC 1950 and 1951 with stored blocks only.
fn stored_deflate(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks = data.chunks(65_535);
    let last = blocks.len().saturating_sub(1);
    for (index, block) in blocks.enumerate() {
        let length = block.len() as u16;
        out.push(u8::from(index == last));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(adler32(data).to_be_bytes());
    out
}

fn adler32(data: &[u8]) -> u32 {
    let (a, b) = data.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 })
    })
}

fn base64(data: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(data.len().div_ceil(3) * 4);
    for group in data.chunks(3) {
        let byte = |k: usize| u32::from(group.get(k).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for k in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * k) & 63) as usize];
            out.push(if k <= group.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_sums_match_their_published_values() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
        assert_eq!(base64(b"Man"), "TWFu");
        assert_eq!(base64(b"Ma"), "TWE=");
        assert_eq!(base64(b"M"), "TQ==");
    }

    #[test]
    fn rows_of_the_wrong_width_are_refused() {
        assert!(indexed_png_uri(2, &[vec![0, 1], vec![2]]).is_none());
        assert!(indexed_png_uri(0, &[]).is_none());
        assert!(
            indexed_png_uri(2, &[vec![0, 1]])
                .is_some_and(|uri| uri.starts_with("data:image/png;base64,iVBOR"))
        );
    }
}

//! Text inside SVG and HTML.

use std::fmt::Write;

/// Replaces the characters that have a meaning in HTML and SVG.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Control characters are not allowed in XML, even escaped.
            c if c.is_control() && c != '\n' && c != '\t' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// An axis label as SVG markup, with the B of k_B lowered.
#[must_use]
pub fn label_markup(label: &str) -> String {
    let escaped = escape(label);
    let mut parts = escaped.split("k_B");
    let mut markup = parts.next().unwrap_or_default().to_string();
    for rest in parts {
        let _ = write!(markup, r#"k<tspan dy="3" font-size="9.5">B</tspan><tspan dy="-3">{rest}</tspan>"#);
    }
    markup
}

/// The estimated width of a text in a sans-serif font; no font is read, so it errs on the wide side.
#[must_use]
pub fn estimated_width(text: &str, size: f64) -> f64 {
    let em: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '.' | ',' | '|' | '(' | ')' | ' ' | 'f' | 't' | ':' | '\'' => 0.34,
            'm' | 'w' | 'M' | 'W' => 0.9,
            c if c.is_uppercase() => 0.72,
            _ => 0.58,
        })
        .sum();
    em * size
}

/// Where a text is anchored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The text starts at the point.
    Start,
    /// The text is centered on the point.
    Middle,
    /// The text ends at the point.
    End,
}

/// Appends a text element; `markup` must be escaped already, `attributes` is copied as it is.
pub fn push_text(svg: &mut String, at: [f64; 2], size: f64, anchor: Anchor, markup: &str, attributes: &str) {
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        r#"<text x="{:.1}" y="{:.1}" font-size="{size}" text-anchor="{anchor}"{attributes}>{markup}</text>"#,
        at[0], at[1]
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_cannot_enter_through_text() {
        assert_eq!(escape("<a href=\"x\">&'\u{1}"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\u{fffd}");
    }
}

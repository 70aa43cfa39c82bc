//! The second line: pairs of keys and values.

/// Splits a line into pairs. Values may be bare words, quoted, or in brackets or braces, which are kept; a key without
/// a value means "T".
///
/// # Errors
/// A text that says what is wrong.
pub fn pairs(line: &str) -> Result<Vec<(String, String)>, String> {
    let mut rest = line.trim_start();
    let mut found: Vec<(String, String)> = Vec::new();
    while !rest.is_empty() {
        let (key, after) = word(rest, |c| c == '=' || c.is_whitespace())?;
        if key.is_empty() {
            return Err(format!("the second line has no key before {rest:?}: expected key=value"));
        }
        // Blanks around the sign are common enough.
        let after_blanks = after.trim_start();
        let (value, after) = match after_blanks.strip_prefix('=') {
            Some(value) => word(value.trim_start(), char::is_whitespace)?,
            None => ("T".to_string(), after_blanks),
        };
        if found.iter().any(|(known, _)| *known == key) {
            return Err(format!("the second line has the key {key} twice"));
        }
        found.push((key, value));
        rest = after.trim_start();
    }
    Ok(found)
}

/// A word at the start of a text, up to what ends it unless quoted or bracketed, and what follows.
fn word(text: &str, ends: impl Fn(char) -> bool) -> Result<(String, &str), String> {
    let unclosed = |what: char| format!("the second line has an opening {what} that is not closed");
    let mut letters = text.char_indices();
    match letters.next() {
        Some((_, quote @ ('"' | '\''))) => {
            let mut inside = String::new();
            while let Some((at, letter)) = letters.next() {
                match letter {
                    '\\' => inside.extend(letters.next().map(|(_, escaped)| escaped)),
                    _ if letter == quote => return Ok((inside, &text[at + quote.len_utf8()..])),
                    _ => inside.push(letter),
                }
            }
            Err(unclosed(quote))
        }
        Some((_, open @ ('[' | '{'))) => {
            let close = if open == '[' { ']' } else { '}' };
            let mut depth = 1usize;
            for (at, letter) in letters {
                depth += usize::from(letter == open);
                depth -= usize::from(letter == close);
                if depth == 0 {
                    return Ok((text[..=at].to_string(), &text[at + 1..]));
                }
            }
            Err(unclosed(open))
        }
        _ => {
            let end = text.find(ends).unwrap_or(text.len());
            Ok((text[..end].to_string(), &text[end..]))
        }
    }
}

/// A value as it must be written to be read back: quoted where needed.
#[must_use]
pub fn quoted(value: &str) -> String {
    let is_bare = |c: char| !c.is_whitespace() && !"\"'\\=[]{}".contains(c);
    if !value.is_empty() && value.chars().all(is_bare) {
        return value.to_string();
    }
    let brackets =
        value.starts_with(['[', '{']) && word(value, |_| false).is_ok_and(|(_, rest)| rest.is_empty());
    if brackets {
        return value.to_string();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The numbers in a value, whatever brackets and commas are between them.
pub fn numbers(value: &str) -> impl Iterator<Item = &str> {
    value.split(|c: char| c.is_whitespace() || "[]{},".contains(c)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_in_every_spelling() {
        let line = r#" a=1 b = "x y" 'c d'={1 2} e=[[1, 2], [3, 4]] flag f="say \"no\"" g='it"s' h="""#;
        let expected = [
            ("a", "1"),
            ("b", "x y"),
            ("c d", "{1 2}"),
            ("e", "[[1, 2], [3, 4]]"),
            ("flag", "T"),
            ("f", "say \"no\""),
            ("g", "it\"s"),
            ("h", ""),
        ];
        let expected = expected.map(|(key, value)| (key.to_string(), value.to_string()));
        assert_eq!(pairs(line).unwrap(), expected);
        assert_eq!(numbers("[[1, 2], [3, 4]]").collect::<Vec<_>>(), ["1", "2", "3", "4"]);
        for value in ["", "1.5", "x y", "a=\"b\\", "[1, 2]", "[1] [2]", "{", "é ü"] {
            let line = format!("key={} next=1", quoted(value));
            assert_eq!(pairs(&line).unwrap()[0].1, value, "{line}");
        }
    }

    #[test]
    fn broken_lines_are_refused() {
        assert!(pairs("a=\"1").unwrap_err().contains("opening \" that is not closed"));
        assert!(pairs("a=[[1]").unwrap_err().contains("opening [ that is not closed"));
        assert!(pairs("a=1 =2").unwrap_err().contains("no key before \"=2\""));
        assert!(pairs("a=1 a=2").unwrap_err().contains("the key a twice"));
    }
}

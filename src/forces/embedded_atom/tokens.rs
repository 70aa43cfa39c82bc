//! Reader of free-format numbers: lines with their numbers, comments, Fortran exponents, and what is wrong where.

use crate::foundation::Error;

/// What is wrong, and on which line (from 1).
#[derive(Debug, Clone)]
pub struct Complaint {
    /// Line of the file.
    pub line: usize,
    /// What was found and what was expected.
    pub text: String,
}

impl Complaint {
    /// As an error about the file called `name`.
    #[must_use]
    pub fn into_error(self, name: &str) -> Error {
        Error::Configuration(format!("{name}, line {}: {}", self.line, self.text))
    }
}

/// What parsing gives.
pub type Parsed<T> = Result<T, Complaint>;

/// The words of one line, up to a `#`.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    line: usize,
    words: Vec<&'a [u8]>,
}

impl Words<'_> {
    /// How many words.
    pub fn count(&self) -> usize {
        self.words.len()
    }

    /// Word as text; bytes that are no text show as replacement characters.
    pub fn text(&self, index: usize) -> Option<String> {
        self.words.get(index).map(|word| shown(word))
    }

    /// Word as a finite number, if it is one.
    pub fn number(&self, index: usize) -> Option<f64> {
        self.words.get(index).and_then(|word| number(word))
    }

    /// Word as a whole number from 0 to `most`, also where it is written with a point.
    pub fn whole(&self, index: usize, most: usize) -> Option<usize> {
        let value = self.number(index)?;
        (value >= 0.0 && value <= most as f64 && value.fract() == 0.0).then_some(value as usize)
    }

    /// All words from `first` on.
    pub fn rest(&self, first: usize) -> Vec<String> {
        self.words.iter().skip(first).map(|word| shown(word)).collect()
    }

    /// A complaint about this line.
    pub fn complain(&self, text: impl Into<String>) -> Complaint {
        Complaint { line: self.line, text: text.into() }
    }
}

/// A word in a message: no control characters, not endless.
fn shown(word: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(word).chars().filter(|c| !c.is_control()).collect();
    if text.chars().count() <= 40 { text } else { text.chars().take(37).chain("...".chars()).collect() }
}

/// A finite number. Fortran writes exponents as D, and leaves the letter out where they have three digits.
pub fn number(word: &[u8]) -> Option<f64> {
    // Rust also reads "nan" and "infinity".
    let plain = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
    let text = std::str::from_utf8(word).ok()?;
    if let Some(value) = plain(text) {
        return Some(value);
    }
    if !matches!(word.first(), Some(b'0'..=b'9' | b'+' | b'-' | b'.')) {
        return None;
    }
    if text.contains(['d', 'D']) {
        return plain(&text.replacen(['d', 'D'], "e", 1));
    }
    let sign = text.rfind(['+', '-']).filter(|&at| at > 0 && matches!(word[at - 1], b'0'..=b'9' | b'.'))?;
    plain(&format!("{}e{}", &text[..sign], &text[sign..]))
}

/// A file read line by line.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Lines<'a> {
    /// From the first line, after a byte order mark if there is one.
    pub fn new(bytes: &'a [u8]) -> Self {
        Lines { rest: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), line: 0 }
    }

    fn next_raw(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|&byte| byte == b'\n').unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        self.line += 1;
        Some(line)
    }

    /// The next line as a comment, whatever it holds.
    pub fn comment(&mut self, what: &str) -> Parsed<String> {
        match self.next_raw() {
            Some(line) => Ok(String::from_utf8_lossy(line).trim().to_string()),
            None => Err(self.ended(&format!("expected {what}."))),
        }
    }

    /// The next line with words on it, if any.
    pub fn next_words(&mut self) -> Option<Words<'a>> {
        loop {
            let line = self.next_raw()?;
            let words: Vec<&[u8]> = words(line).collect();
            if !words.is_empty() {
                return Some(Words { line: self.line, words });
            }
        }
    }

    /// The next line with words on it, which is expected to be `what`.
    pub fn expect_words(&mut self, what: &str) -> Parsed<Words<'a>> {
        self.next_words().ok_or_else(|| self.ended(&format!("expected {what}.")))
    }

    /// A complaint about the line read last.
    pub fn complain(&self, text: impl Into<String>) -> Complaint {
        Complaint { line: self.line, text: text.into() }
    }

    /// A complaint that the file ends.
    fn ended(&self, what: &str) -> Complaint {
        self.complain(format!("the file ends here, it is truncated: {what}"))
    }

    /// An array of numbers, several per line, that begins and ends with a line. `source` says where its length is
    /// given.
    pub fn numbers(&mut self, count: usize, what: &str, source: &str) -> Parsed<Vec<f64>> {
        // A false count must not take memory the file cannot fill.
        let mut values = Vec::with_capacity(count.min(self.rest.len() / 2 + 1));
        while values.len() < count {
            let Some(line) = self.next_raw() else {
                let found = values.len();
                return Err(self.ended(&format!("{found} of the {count} numbers of {what} were found.")));
            };
            for word in words(line) {
                let Some(value) = number(word) else {
                    return Err(self.complain(format!(
                        "`{}` is no finite number: expected number {} of the {count} of {what}; \
                         how many there are is given {source}.",
                        shown(word),
                        values.len() + 1
                    )));
                };
                if values.len() == count {
                    return Err(self.complain(format!(
                        "more numbers than the {count} of {what}, which are to end with a line: \
                         is their number right {source}?"
                    )));
                }
                values.push(value);
            }
        }
        Ok(values)
    }

    /// No lines of numbers may follow.
    pub fn expect_end(&mut self) -> Parsed<()> {
        let mut found: Option<(usize, usize)> = None;
        while let Some(words) = self.next_words() {
            if (0..words.count()).all(|index| words.number(index).is_some()) {
                let (line, sum) = found.unwrap_or((words.line, 0));
                found = Some((line, sum + words.count()));
            }
        }
        found.map_or(Ok(()), |(line, count)| {
            let text =
                format!("{count} numbers follow where the last table ended: expected the end of the file.");
            Err(Complaint { line, text })
        })
    }
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = line.iter().position(|&byte| byte == b'#').unwrap_or(line.len());
    line[..end].split(|byte| byte.is_ascii_whitespace() || *byte == 0).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_fortran_and_c_write_them() {
        for (text, value) in [
            ("1", 1.0),
            ("-.5", -0.5),
            ("0.", 0.0),
            ("1.5D-03", 1.5e-3),
            ("-2.5d+2", -250.0),
            ("3.00000000000000E-0002", 0.03),
            ("0.1234-105", 0.1234e-105),
            ("1.-105", 1e-105),
            ("+4e2", 400.0),
        ] {
            assert_eq!(number(text.as_bytes()), Some(value), "{text}");
        }
        for text in ["", "nan", "inf", "-infinity", "fcc", "1.2.3", "1e", "d5", "1d", "1e999", "--5", "-"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
        for text in ["1D2D3", "5-", "1e5-3", "0x10"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(number(b"1\xff"), None);
    }

    #[test]
    fn arrays_end_with_a_line() {
        let text = b"1 2 # two\r\n\n 3\t4\n5 6\n";
        assert_eq!(Lines::new(text).numbers(4, "F", "").unwrap(), [1.0, 2.0, 3.0, 4.0]);
        let complaint = Lines::new(text).numbers(5, "F", "in line 5").unwrap_err();
        assert!(complaint.line == 4 && complaint.text.contains("more numbers than the 5 of F"));
        let complaint = Lines::new(text).numbers(7, "F", "").unwrap_err();
        assert!(complaint.line == 4 && complaint.text.contains("6 of the 7 numbers of F"));
        let complaint = Lines::new(b"1 2\n3 x4\n").numbers(usize::MAX, "F", "").unwrap_err();
        assert!(
            complaint.line == 2 && complaint.text.contains("`x4` is no finite number: expected number 4")
        );
    }
}

//! Lines with their numbers, words as numbers, and what is said when they are not; numbers written so that they
//! survive.

use crate::foundation::{Error, Result};
use std::io::Write;
use std::str::FromStr;

/// The lines of a text, counted.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    /// What messages call the text: its file.
    pub source: &'a str,
    lines: std::iter::Peekable<std::str::Lines<'a>>,
    /// The number of the line that came last, from 1.
    pub number: usize,
}

impl<'a> Lines<'a> {
    /// The lines of a text.
    #[must_use]
    pub fn new(text: &'a str, source: &'a str) -> Self {
        Lines { source, lines: text.lines().peekable(), number: 0 }
    }

    /// The next line.
    pub fn next(&mut self) -> Option<&'a str> {
        let line = self.lines.next()?;
        self.number += 1;
        Some(line)
    }

    /// The next line, which must be there; `what` it should hold.
    ///
    /// # Errors
    /// `Error::Configuration` at the end of the text.
    pub fn expect(&mut self, what: &str) -> Result<&'a str> {
        match self.next() {
            Some(line) => Ok(line),
            None => Err(Error::Configuration(format!(
                "{}: the file ends after line {}: expected {what}",
                self.source, self.number
            ))),
        }
    }

    /// Goes past blank lines; whether there is another line behind them.
    pub fn skip_blank(&mut self) -> bool {
        while self.lines.peek().is_some_and(|line| line.trim().is_empty()) {
            self.next();
        }
        self.lines.peek().is_some()
    }

    /// An error in the line that came last.
    #[must_use]
    pub fn error(&self, what: impl std::fmt::Display) -> Error {
        error_at(self.source, self.number, what)
    }

    /// An error from elsewhere, with the place in front.
    #[must_use]
    pub fn locate(&self, error: &Error) -> Error {
        self.error(error)
    }

    /// A word as a finite number.
    ///
    /// # Errors
    /// `Error::Configuration` that names the word.
    pub fn real(&self, word: &str, what: &str) -> Result<f64> {
        word.parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(|| {
            self.error(format!("{what} is {word:?}: expected a finite number such as -1.5 or 2e-3"))
        })
    }

    /// A word as a whole number.
    ///
    /// # Errors
    /// `Error::Configuration` that names the word.
    pub fn integer<T: FromStr>(&self, word: &str, what: &str) -> Result<T> {
        word.parse()
            .map_err(|_| self.error(format!("{what} is {word:?}: expected a whole number in its range")))
    }

    /// Words as finite numbers, exactly as many as asked for.
    ///
    /// # Errors
    /// `Error::Configuration`.
    pub fn reals<const N: usize>(&self, words: &[&str], what: &str) -> Result<[f64; N]> {
        if words.len() != N {
            return Err(self.error(format!("{what} has {} numbers: expected {N}", words.len())));
        }
        let mut values = [0.0; N];
        for (value, word) in values.iter_mut().zip(words) {
            *value = self.real(word, what)?;
        }
        Ok(values)
    }

    /// Words as image flags.
    ///
    /// # Errors
    /// `Error::Configuration`.
    pub fn image(&self, words: &[&str]) -> Result<[i32; 3]> {
        let mut image = [0; 3];
        for (flag, word) in image.iter_mut().zip(words) {
            *flag = self.integer(word, "an image flag")?;
        }
        Ok(image)
    }
}

/// An error in a line of a source.
#[must_use]
pub fn error_at(source: &str, line: usize, what: impl std::fmt::Display) -> Error {
    Error::Configuration(format!("{source}:{line}: {what}"))
}

/// A number as the shortest text that reads back to the same bits, with an exponent where it is short.
#[must_use]
pub fn real(value: f64) -> String {
    format!("{value:?}")
}

/// Calls `write` with a buffer in front of `out`; `target` is what messages call it.
///
/// # Errors
/// `Error::Storage` if writing fails, or what `write` reports.
pub fn buffered(
    out: &mut dyn Write,
    target: &str,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    let mut buffer = std::io::BufWriter::with_capacity(1 << 16, out);
    write(&mut buffer)
        .and_then(|()| buffer.flush())
        .map_err(|cause| Error::Storage(format!("cannot write {target}: {cause}")))
}

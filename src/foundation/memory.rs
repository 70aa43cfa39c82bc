//! How much memory there is, so that a run too large for its computer is refused before it starts.

use super::{Error, Result};

/// Bytes of memory of this computer; `None` where the system does not say.
#[must_use]
pub fn total() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(1024.0 * kilobytes)
}

/// Refuses what cannot fit: `what` names the key or the cause, `instead` what would help.
///
/// # Errors
/// `Error::Configuration` if more bytes are needed than this computer has.
pub fn require(bytes: f64, what: &str, instead: &str) -> Result<()> {
    match total() {
        Some(total) if bytes > total => Err(Error::Configuration(format!(
            "{what}: this needs about {:.0} GB of memory per rank, and this computer has {:.0} GB; expected {instead}.",
            bytes / 1e9,
            total / 1e9
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_fits_and_an_exabyte_does_not() {
        require(1.0, "[system] size = 1", "less").unwrap();
        if total().is_some() {
            let message = require(1e18, "[system] size = 9", "a smaller size").unwrap_err().to_string();
            assert!(
                message.contains("needs about 1000000000 GB of memory") && message.contains("a smaller size")
            );
        }
    }
}

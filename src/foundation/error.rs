//! One error type; every message says what happened, where, what was expected and what is safe.

use thiserror::Error;

/// What can go wrong, one variant per exit code a user sees.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum Error {
    /// The command line cannot be obeyed (exit code 64).
    #[error("{0}")]
    Usage(String),
    /// The configuration is not valid, or does not fit the run it should continue (exit code 65).
    #[error("{0}")]
    Configuration(String),
    /// A checkpoint was required and none is usable (exit code 66).
    #[error("{0}")]
    Checkpoint(String),
    /// An internal check failed: not a number, an energy that drifted (exit code 70).
    #[error("{0}")]
    Internal(String),
    /// Reading or writing failed: disk full, permissions, a damaged file (exit code 74).
    #[error("{0}")]
    Storage(String),
}

/// The result of everything in vitrum that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The process exit code that goes with this error; the list is part of the documented interface.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage(_) => 64,
            Error::Configuration(_) => 65,
            Error::Checkpoint(_) => 66,
            Error::Internal(_) => 70,
            Error::Storage(_) => 74,
        }
    }

    /// The same kind of error for another rank's exit code, used when ranks agree on a failure.
    #[must_use]
    pub fn from_exit_code(code: u8, message: String) -> Self {
        match code {
            64 => Error::Usage(message),
            65 => Error::Configuration(message),
            66 => Error::Checkpoint(message),
            70 => Error::Internal(message),
            _ => Error::Storage(message),
        }
    }

    /// The same error with a sentence more.
    #[must_use]
    pub fn and(self, sentence: &str) -> Self {
        Self::from_exit_code(
            self.exit_code(),
            format!("{}. {sentence}", self.to_string().trim_end_matches('.')),
        )
    }

    /// A storage error about `path`, from an operating-system error.
    #[must_use]
    pub fn storage(action: &str, path: &std::path::Path, cause: &dyn std::fmt::Display) -> Self {
        Error::Storage(format!("cannot {action} {}: {cause}", path.display()))
    }
}

//! Errors of the whole workspace: one enum whose variants are Python's kinds, so that a binding maps them one to one.

use std::fmt;

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in a sentence that names the operator, the operands and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// An argument has the wrong type (Python's `TypeError`).
    Type(String),
    /// An argument has the right type and a value that cannot be used (Python's `ValueError`).
    Value(String),
    /// An index or a dimension is out of range (Python's `IndexError`).
    Index(String),
    /// Everything else: shapes that do not match, a failing device, autograd misuse (Python's `RuntimeError`).
    Runtime(String),
    /// Something that is not built yet on this device or for this dtype (Python's `NotImplementedError`).
    Unsupported(String),
    /// A device ran out of memory (Python's `MemoryError`-like `OutOfMemoryError`).
    OutOfMemory(String),
    /// A matrix that has no answer: singular, not positive-definite (Python's `LinAlgError`, a `RuntimeError`).
    LinAlg(String),
}

impl Error {
    /// The same error with `note` appended to its message.
    pub fn context(self, note: &str) -> Error {
        self.reworded(|message| format!("{message}\n{note}"))
    }

    /// The same error with the operator's name in its message.
    pub fn naming(self, operator: &str) -> Error {
        if self.message().contains(operator) {
            return self;
        }
        self.reworded(|message| format!("{operator}: {message}"))
    }

    fn reworded(self, change: impl FnOnce(String) -> String) -> Error {
        match self {
            Error::Type(m) => Error::Type(change(m)),
            Error::Value(m) => Error::Value(change(m)),
            Error::Index(m) => Error::Index(change(m)),
            Error::Runtime(m) => Error::Runtime(change(m)),
            Error::Unsupported(m) => Error::Unsupported(change(m)),
            Error::OutOfMemory(m) => Error::OutOfMemory(change(m)),
            Error::LinAlg(m) => Error::LinAlg(change(m)),
        }
    }

    /// The message alone.
    pub fn message(&self) -> &str {
        match self {
            Error::Type(m)
            | Error::Value(m)
            | Error::Index(m)
            | Error::Runtime(m)
            | Error::Unsupported(m)
            | Error::OutOfMemory(m)
            | Error::LinAlg(m) => m,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

/// A formatted [`Error::Type`].
#[macro_export]
macro_rules! type_err {
    ($($arg:tt)*) => { $crate::Error::Type(format!($($arg)*)) };
}

/// A formatted [`Error::Value`].
#[macro_export]
macro_rules! value_err {
    ($($arg:tt)*) => { $crate::Error::Value(format!($($arg)*)) };
}

/// A formatted [`Error::Index`].
#[macro_export]
macro_rules! index_err {
    ($($arg:tt)*) => { $crate::Error::Index(format!($($arg)*)) };
}

/// A formatted [`Error::Runtime`].
#[macro_export]
macro_rules! runtime_err {
    ($($arg:tt)*) => { $crate::Error::Runtime(format!($($arg)*)) };
}

/// A formatted [`Error::Unsupported`].
#[macro_export]
macro_rules! unsupported {
    ($($arg:tt)*) => { $crate::Error::Unsupported(format!($($arg)*)) };
}

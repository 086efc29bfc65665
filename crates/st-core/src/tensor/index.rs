//! Indexing as Rust writes it: `x.i((0, .., 2..5))`.

use super::Tensor;
use crate::ops::Index;
use st_kernel::Result;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// A whole number that says where in a dimension, from its end if negative.
pub trait Position: Copy {
    /// As the widest such number.
    fn position(self) -> i64;
}

macro_rules! positions {
    ($($t:ty)*) => {$(
        impl Position for $t {
            fn position(self) -> i64 { self as i64 }
        }
    )*};
}
positions!(i32 i64 usize);

impl<T: Position> From<T> for Index {
    fn from(at: T) -> Index {
        Index::Int(at.position())
    }
}

/// A mask, or positions.
impl From<&Tensor> for Index {
    fn from(tensor: &Tensor) -> Index {
        Index::Tensor(tensor.clone())
    }
}

/// All of a dimension.
impl From<RangeFull> for Index {
    fn from(_: RangeFull) -> Index {
        slice(None, None)
    }
}

macro_rules! ranges {
    ($($range:ident |$r:ident| $start:expr, $end:expr;)*) => {$(
        impl<T: Position> From<$range<T>> for Index {
            fn from($r: $range<T>) -> Index { slice($start, $end) }
        }
    )*};
}
ranges! {
    Range |r| Some(r.start.position()), Some(r.end.position());
    RangeFrom |r| Some(r.start.position()), None;
    RangeTo |r| None, Some(r.end.position());
    RangeInclusive |r| Some(r.start().position()), after(r.end().position());
    RangeToInclusive |r| None, after(r.end.position());
}

fn slice(start: Option<i64>, end: Option<i64>) -> Index {
    Index::Slice { start, end, step: None }
}

/// Where a range ends that includes a position; after the last one is the end.
fn after(position: i64) -> Option<i64> {
    (position != -1).then_some(position + 1)
}

/// What stands in the brackets of an index: one item, or a tuple of them.
pub trait Indices {
    /// The items, a dimension each.
    fn items(self) -> Vec<Index>;
}

impl<T: Into<Index>> Indices for T {
    fn items(self) -> Vec<Index> {
        vec![self.into()]
    }
}

macro_rules! tuples {
    ($($($name:ident),+;)*) => {$(
        impl<$($name: Into<Index>),+> Indices for ($($name,)+) {
            #[allow(non_snake_case)] // The types' names serve for the values.
            fn items(self) -> Vec<Index> {
                let ($($name,)+) = self;
                vec![$($name.into()),+]
            }
        }
    )*};
}
tuples! { A, B; A, B, C; A, B, C, D; A, B, C, D, E; }

impl Tensor {
    /// The part at an index: a number takes its dimension away, a range cuts it, `..` keeps it, a tensor picks.
    ///
    /// ```
    /// # fn main() -> st_core::Result<()> {
    /// use st_core::Tensor;
    /// let x = Tensor::of([[1i64, 2, 3], [4, 5, 6]])?;
    /// assert_eq!(x.i(1)?.to_vec::<i64>()?, [4, 5, 6]);
    /// assert_eq!(x.i((.., 0))?.to_vec::<i64>()?, [1, 4]);
    /// assert_eq!(x.i((-1, 1..))?.to_vec::<i64>()?, [5, 6]);
    /// assert_eq!(x.i(&x.gt(3)?)?.to_vec::<i64>()?, [4, 5, 6]);
    /// # Ok(()) }
    /// ```
    pub fn i(&self, at: impl Indices) -> Result<Tensor> {
        self.index(&at.items())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_pythons() -> Result<()> {
        let x = Tensor::arange(0, 6, 1, None, 0)?;
        let at = |index: Index| x.i(index)?.to_vec::<i64>();
        assert_eq!(at((1..3).into())?, [1, 2]);
        assert_eq!(at((1..=3).into())?, [1, 2, 3]);
        assert_eq!(at((..=-1).into())?, [0, 1, 2, 3, 4, 5]);
        assert_eq!(at((-2..).into())?, [4, 5]);
        assert_eq!(at((..-4).into())?, [0, 1]);
        assert_eq!(at((2usize..).into())?, [2, 3, 4, 5]);
        assert!(x.i(6).is_err());
        Ok(())
    }

    #[test]
    fn an_item_for_each_dimension() -> Result<()> {
        let x = Tensor::arange(0, 24, 1, None, 0)?.reshape(&[2, 3, 4])?;
        assert_eq!(x.i((1, .., 2..4))?.shape(), [3, 2]);
        assert_eq!(x.i((1, 2, 3))?.to_scalar::<i64>()?, 23);
        let rows = Tensor::of([2i64, 0])?;
        assert_eq!(x.i((.., &rows))?.shape(), [2, 2, 4]);
        assert!(x.i((0, 0))?.shares_storage(&x));
        assert!(x.i((0, 0, 0, 0)).is_err());
        Ok(())
    }
}

//! Sizes as callers write them: one number for all dimensions, or one for each.

/// A number for each of `N` dimensions; one number serves all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes<const N: usize>(pub [usize; N]);

impl<const N: usize> From<usize> for Sizes<N> {
    fn from(size: usize) -> Sizes<N> {
        Sizes([size; N])
    }
}

impl<const N: usize> From<[usize; N]> for Sizes<N> {
    fn from(sizes: [usize; N]) -> Sizes<N> {
        Sizes(sizes)
    }
}

impl<const N: usize> Sizes<N> {
    pub(crate) fn signed(self) -> [i64; N] {
        self.0.map(|n| n as i64)
    }
}

/// Any number of sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape(pub Vec<usize>);

impl From<usize> for Shape {
    fn from(size: usize) -> Shape {
        Shape(vec![size])
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(sizes: [usize; N]) -> Shape {
        Shape(sizes.to_vec())
    }
}

impl From<&[usize]> for Shape {
    fn from(sizes: &[usize]) -> Shape {
        Shape(sizes.to_vec())
    }
}

impl Shape {
    pub(crate) fn signed(&self) -> Vec<i64> {
        self.0.iter().map(|&n| n as i64).collect()
    }
}

//! Tensors from arrays as they are written: `Tensor::of([[1.0, 2.0], [3.0, 4.0]])`.

use super::{Element, Tensor};
use st_kernel::{DType, Result, value_err};

/// Numbers, arrays and vectors of them, nested to any depth.
pub trait Nested {
    /// The dtype of its numbers.
    const DTYPE: DType;
    /// The sizes, from the outermost; an error where the parts of a vector differ in theirs.
    fn sizes(&self) -> Result<Vec<usize>>;
    /// Appends the numbers in row-major order, as bytes.
    fn write(&self, bytes: &mut Vec<u8>);
}

impl<T: Element> Nested for T {
    const DTYPE: DType = T::DTYPE;

    fn sizes(&self) -> Result<Vec<usize>> {
        Ok(Vec::new())
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        self.to_scalar().write(T::DTYPE, bytes);
    }
}

impl<T: Nested, const N: usize> Nested for [T; N] {
    const DTYPE: DType = T::DTYPE;

    fn sizes(&self) -> Result<Vec<usize>> {
        sizes_of(self)
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        self.iter().for_each(|part| part.write(bytes));
    }
}

impl<T: Nested> Nested for Vec<T> {
    const DTYPE: DType = T::DTYPE;

    fn sizes(&self) -> Result<Vec<usize>> {
        sizes_of(self)
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        self.iter().for_each(|part| part.write(bytes));
    }
}

fn sizes_of<T: Nested>(parts: &[T]) -> Result<Vec<usize>> {
    let mut sizes = vec![parts.len()];
    let Some((first, others)) = parts.split_first() else { return Ok(sizes) };
    let inner = first.sizes()?;
    for other in others {
        let found = other.sizes()?;
        if found != inner {
            return Err(value_err!(
                "Tensor::of: parts of sizes {inner:?} and {found:?} beside one another make no tensor; give all parts the same sizes"
            ));
        }
    }
    sizes.extend(inner);
    Ok(sizes)
}

impl Tensor {
    /// A CPU tensor of numbers as they are written, with their dtype.
    ///
    /// ```
    /// # fn main() -> st_core::Result<()> {
    /// use st_core::Tensor;
    /// let matrix = Tensor::of([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]])?;
    /// assert_eq!(matrix.shape(), [3, 2]);
    /// assert_eq!(Tensor::of(7i64)?.shape(), []);
    /// # Ok(()) }
    /// ```
    pub fn of(numbers: impl Nested) -> Result<Tensor> {
        fn make<N: Nested>(numbers: &N) -> Result<Tensor> {
            let mut bytes = Vec::new();
            numbers.write(&mut bytes);
            Tensor::from_bytes(&bytes, &numbers.sizes()?, N::DTYPE, 0)
        }
        make(&numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_gives_the_shape() -> Result<()> {
        let rows = vec![vec![1i32, 2, 3], vec![4, 5, 6]];
        let t = Tensor::of(rows.clone())?;
        assert_eq!((t.shape(), t.dtype()), (&[2, 3][..], DType::I32));
        assert_eq!(t.to_vec::<i32>()?, rows.concat());
        assert_eq!(Tensor::of([[[true]], [[false]]])?.shape(), [2, 1, 1]);
        assert_eq!(Tensor::of(Vec::<f32>::new())?.shape(), [0]);
        Ok(())
    }

    #[test]
    fn ragged_vectors_are_refused() {
        let error = Tensor::of(vec![vec![1.0f32], vec![2.0, 3.0]]).expect_err("the rows differ");
        assert!(error.message().contains("[1] and [2]"), "{error}");
    }
}

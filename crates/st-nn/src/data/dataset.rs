//! Data sets: samples by index.

use super::{Rows, Sample};
use st_core::random::Generator;
use st_core::{DType, Result, Tensor, index_err, value_err};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// Samples by index. `len` and `get` are all it takes.
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_core::{Result, Tensor};
/// use st_nn::data::{DataLoader, Dataset};
///
/// /// Numbers and whether they are even.
/// struct Parity(usize);
///
/// impl Dataset for Parity {
///     type Sample = (f32, bool);
///
///     fn len(&self) -> usize {
///         self.0
///     }
///
///     fn get(&self, index: usize) -> Result<(f32, bool)> {
///         Ok((index as f32, index.is_multiple_of(2)))
///     }
/// }
///
/// let loader = DataLoader::new(Parity(5), 2);
/// let batches = loader.iter().collect::<Result<Vec<_>>>()?;
/// assert_eq!(batches[1].0.to_vec::<f32>()?, [2.0, 3.0]);
/// assert_eq!(batches[2].1.to_vec::<bool>()?, [true]);
/// # Ok(()) }
/// ```
pub trait Dataset: Send + Sync {
    /// What an index gives.
    type Sample: Sample;

    /// How many samples there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sample at an index below [`len`](Dataset::len).
    fn get(&self, index: usize) -> Result<Self::Sample>;

    /// The samples at these indices as a batch, for data sets that have a quick way.
    fn batch(&self, indices: &[usize]) -> Result<<Self::Sample as Sample>::Batch> {
        Self::Sample::collate(indices.iter().map(|&i| self.get(i)).collect::<Result<_>>()?)
    }
}

/// What batches of a data set are.
pub type Batch<D> = <<D as Dataset>::Sample as Sample>::Batch;

impl<D: Dataset + ?Sized> Dataset for Arc<D> {
    type Sample = D::Sample;
    fn len(&self) -> usize {
        (**self).len()
    }
    fn get(&self, index: usize) -> Result<D::Sample> {
        (**self).get(index)
    }
    fn batch(&self, indices: &[usize]) -> Result<Batch<D>> {
        (**self).batch(indices)
    }
}

impl<S: Sample + Clone + Sync> Dataset for Vec<S> {
    type Sample = S;
    fn len(&self) -> usize {
        self.len()
    }
    fn get(&self, index: usize) -> Result<S> {
        <[S]>::get(self, index).cloned().ok_or_else(|| out_of_range(index, self.len()))
    }
}

/// Tensors whose first dimension counts samples: one, or a tuple of them.
pub struct TensorDataset<T> {
    columns: Vec<Column>,
    kind: PhantomData<fn() -> T>,
}

/// A tensor's elements on the host.
struct Column {
    bytes: Vec<u8>,
    /// Of the tensor.
    shape: Vec<usize>,
    dtype: DType,
    device: u8,
}

impl<T: Rows> TensorDataset<T> {
    /// A data set of the tensors' elements as they are now.
    pub fn new(tensors: T) -> Result<TensorDataset<T>> {
        let columns = tensors.tensors().iter().map(Column::new).collect::<Result<Vec<_>>>()?;
        let counts: Vec<usize> = columns.iter().map(Column::rows).collect();
        if counts.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(value_err!("TensorDataset: the tensors must have as many rows each, got {counts:?}"));
        }
        Ok(TensorDataset { columns, kind: PhantomData })
    }

    fn made(parts: Result<Vec<Tensor>>) -> Result<T> {
        T::from_tensors(&mut parts?.into_iter())
            .ok_or_else(|| value_err!("TensorDataset: a tensor is missing"))
    }
}

impl<T: Rows> Dataset for TensorDataset<T> {
    type Sample = T;

    fn len(&self) -> usize {
        self.columns.first().map_or(0, Column::rows)
    }

    fn get(&self, index: usize) -> Result<T> {
        TensorDataset::made(self.columns.iter().map(|column| column.row(index)).collect())
    }

    fn batch(&self, indices: &[usize]) -> Result<T> {
        TensorDataset::made(self.columns.iter().map(|column| column.pick(indices)).collect())
    }
}

impl Column {
    fn new(tensor: &Tensor) -> Result<Column> {
        if tensor.dim() == 0 {
            return Err(value_err!("TensorDataset: a tensor without dimensions has no rows"));
        }
        Ok(Column {
            bytes: tensor.to_bytes()?,
            shape: tensor.shape().to_vec(),
            dtype: tensor.dtype(),
            device: tensor.device(),
        })
    }

    fn rows(&self) -> usize {
        self.shape[0]
    }

    fn pick(&self, rows: &[usize]) -> Result<Tensor> {
        let shape = [&[rows.len()], &self.shape[1..]].concat();
        let size = shape[1..].iter().product::<usize>() * self.dtype.size();
        let mut bytes = Vec::with_capacity(rows.len() * size);
        for &row in rows {
            if row >= self.rows() {
                return Err(out_of_range(row, self.rows()));
            }
            bytes.extend_from_slice(&self.bytes[row * size..][..size]);
        }
        Tensor::from_bytes(&bytes, &shape, self.dtype, 0)?.to_device(self.device)
    }

    fn row(&self, row: usize) -> Result<Tensor> {
        self.pick(&[row])?.squeeze(Some(&[0]))
    }
}

/// Some samples of a data set.
pub struct Subset<D> {
    data: Arc<D>,
    indices: Vec<usize>,
}

impl<D: Dataset> Subset<D> {
    /// The samples at these indices.
    pub fn new(data: Arc<D>, indices: Vec<usize>) -> Result<Subset<D>> {
        match indices.iter().find(|&&i| i >= data.len()) {
            Some(&i) => Err(out_of_range(i, data.len())),
            None => Ok(Subset { data, indices }),
        }
    }
}

impl<D: Dataset> Dataset for Subset<D> {
    type Sample = D::Sample;

    fn len(&self) -> usize {
        self.indices.len()
    }

    fn get(&self, index: usize) -> Result<D::Sample> {
        self.data.get(*self.indices.get(index).ok_or_else(|| out_of_range(index, self.len()))?)
    }

    fn batch(&self, indices: &[usize]) -> Result<Batch<D>> {
        let indices: Vec<usize> = indices.iter().map(|&i| self.indices[i]).collect();
        self.data.batch(&indices)
    }
}

/// A data set in two random parts, the first with this share of the samples.
pub fn random_split<D: Dataset>(data: D, share: f64, seed: u64) -> Result<(Subset<D>, Subset<D>)> {
    if !(0.0..=1.0).contains(&share) {
        return Err(value_err!("random_split: expected a share from 0 to 1, got {share}"));
    }
    let order = permutation(data.len(), seed)?;
    let (first, second) = order.split_at((data.len() as f64 * share).round() as usize);
    let data = Arc::new(data);
    Ok((Subset::new(data.clone(), first.to_vec())?, Subset::new(data, second.to_vec())?))
}

/// The integers below n in the order of a seed.
pub(super) fn permutation(n: usize, seed: u64) -> Result<Vec<usize>> {
    let order = Generator::new(seed).permutation(n, 0)?.to_vec::<i64>()?;
    Ok(order.into_iter().map(|i| i as usize).collect())
}

/// So many indices, a batch at a time.
pub(super) fn chunks(count: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..count).step_by(size).map(move |start| start..count.min(start + size))
}

fn out_of_range(index: usize, len: usize) -> st_core::Error {
    index_err!("sample {index} is out of range: the data set has {len} samples")
}

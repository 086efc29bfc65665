//! The mean of something over a data set.

use crate::Module;
use crate::data::{Batch, DataLoader, Dataset};
use st_core::{DType, Result, Tensor, autograd::no_grad};

/// The mean of all elements that `value` gives for the batches of a data set, such as the losses of samples or whether
/// they were recognised. Layers do what they do when the model is used, and nothing is recorded.
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_core::Tensor;
/// use st_nn::data::{DataLoader, TensorDataset};
/// use st_nn::{Layer, Sequential, train::evaluate};
/// let model = Sequential::new(); // what comes in goes out
/// let scores = Tensor::of([[1.0f32, 2.0], [4.0, 3.0], [5.0, 6.0]])?;
/// let data = TensorDataset::new((scores, Tensor::of([1i64, 0, 0])?))?;
/// let accuracy = evaluate(&model, &DataLoader::new(data, 2), |model, (x, classes)| {
///     model.forward(x)?.argmax(Some(1), false)?.eq(classes)
/// })?;
/// assert_eq!(accuracy, 2.0 / 3.0);
/// # Ok(()) }
/// ```
pub fn evaluate<M, D>(
    model: &M,
    data: &DataLoader<D>,
    value: impl Fn(&M, &Batch<D>) -> Result<Tensor>,
) -> Result<f64>
where
    M: Module,
    D: Dataset + 'static,
    Batch<D>: 'static,
{
    let _layers = model.evaluating();
    let _mode = no_grad();
    let (mut total, mut count) = (0.0, 0);
    for batch in data {
        let values = value(model, &batch?)?;
        total += values.to_dtype(DType::F64)?.sum_all()?.to_scalar::<f64>()?;
        count += values.numel();
    }
    Ok(total / count as f64)
}

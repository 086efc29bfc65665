//! Gradients kept small.

use crate::parameter::Parameter;
use st_core::functional::stack;
use st_core::{DType, Result, Tensor, autograd::no_grad};

/// Scales all gradients by one factor so that their norm, as if they were one vector, is at most `max`; gives the norm
/// they had. It is not waited for.
pub fn clip_grad_norm(parameters: &[Parameter], max: f64) -> Result<Tensor> {
    let _mode = no_grad();
    let grads: Vec<Tensor> = parameters.iter().filter_map(|p| p.grad()).collect();
    if grads.is_empty() {
        return Tensor::of(0.0f32);
    }
    let wide = |t: &Tensor| t.to_dtype(if t.dtype() == DType::F64 { DType::F64 } else { DType::F32 });
    let squares = grads.iter().map(|g| wide(g)?.square()?.sum_all()).collect::<Result<Vec<_>>>()?;
    let norm = stack(&squares, 0)?.sum_all()?.sqrt()?;
    let factor = ((&norm + 1e-6)?.reciprocal()? * max)?;
    let factor = factor.clamp(None, Some(1.0.into()))?;
    for grad in grads {
        grad.in_place(|g| g * &factor.to_dtype(g.dtype())?)?;
    }
    Ok(norm)
}

/// Cuts every element of the gradients to [-limit, limit].
pub fn clip_grad_value(parameters: &[Parameter], limit: f64) -> Result<()> {
    let _mode = no_grad();
    for grad in parameters.iter().filter_map(|p| p.grad()) {
        grad.in_place(|g| g.clamp(Some((-limit).into()), Some(limit.into())))?;
    }
    Ok(())
}

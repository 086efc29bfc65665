//! Complex tensors.
//!
//! A [`Complex`] is a real tensor whose last dimension is two: the real and the imaginary part of each element. So the graph,
//! the kernels of every backend and the tape know real numbers only, and the gradient that the tape has for such a pair is
//! the one torch defines for a complex number (the conjugate of Wirtinger's).
//!
//! An operator of the table meets complex arguments in `dispatch`: pointwise ones have a formula (`pointwise`), the
//! others are linear in their values, in one or in each of several, and act on the parts.

mod algebra;
mod bytes;
mod checks;
mod composites;
mod derivatives;
mod dispatch;
mod matrices;
mod moves;
mod names;
mod norms;
mod numbers;
mod pointwise;
mod products;
mod reductions;
mod running;
mod scatter;

pub(crate) use dispatch::call;
pub use numbers::Numbers;

use crate::autograd::Rule;
use crate::ops::Operand;
use crate::tensor::{Tensor, default_dtype};
use smallvec::SmallVec;
use st_kernel::view::View;
use st_kernel::{DType, Ex, Expr, Result, Scalar, runtime_err, unsupported};

/// A complex tensor.
///
/// ```
/// # fn main() -> st_core::Result<()> {
/// use st_core::{Complex, Tensor};
/// let z = Complex::join(&Tensor::from_slice(&[3.0f32], &[1])?, &Tensor::from_slice(&[4.0f32], &[1])?)?;
/// assert_eq!(z.abs()?.to_vec::<f32>()?, [5.0]);
/// assert_eq!(z.mul(&z.conj()?)?.re()?.to_vec::<f32>()?, [25.0]);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Complex(Tensor);

/// Torch's name of a complex dtype in messages, by the dtype of its parts.
pub fn torch_name(parts: DType) -> &'static str {
    match parts {
        DType::F16 => "ComplexHalf",
        DType::BF16 => "BComplex32",
        DType::F64 => "ComplexDouble",
        _ => "ComplexFloat",
    }
}

/// `complex64` for the dtype of its parts, `float32`.
pub fn dtype_name(parts: DType) -> &'static str {
    match parts {
        DType::F16 => "complex32",
        DType::BF16 => "bcomplex32",
        DType::F64 => "complex128",
        _ => "complex64",
    }
}

/// The dtype of the parts, by the name of the complex dtype.
pub fn parse_dtype(name: &str) -> Option<DType> {
    match name {
        "complex32" | "chalf" => Some(DType::F16),
        "bcomplex32" => Some(DType::BF16),
        "complex64" | "cfloat" => Some(DType::F32),
        "complex128" | "cdouble" => Some(DType::F64),
        _ => None,
    }
}

/// The parts' dtype that complex numbers get when nobody says one.
pub fn default_parts() -> DType {
    parts_of(default_dtype())
}

/// The parts' dtype of a complex number that holds a real one of this dtype.
pub(crate) fn parts_of(real: DType) -> DType {
    match real {
        float if float.is_float() => float,
        _ => {
            if default_dtype() == DType::F64 {
                DType::F64
            } else {
                DType::F32
            }
        }
    }
}

impl Complex {
    /// The complex tensor whose parts lie in the last dimension: `view_as_complex`.
    pub fn from_pairs(pairs: &Tensor) -> Result<Complex> {
        let view = &pairs.0.view;
        let fault = match (view.shape.last(), view.strides.last()) {
            (None, _) => Some("Input tensor must have one or more dimensions"),
            (Some(n), _) if *n != 2 => Some("Tensor must have a last dimension of size 2"),
            (_, Some(s)) if *s != 1 => Some("Tensor must have a last dimension with stride 1"),
            _ if view.strides[..view.strides.len() - 1].iter().any(|s| s % 2 != 0) => {
                Some("Tensor must have a stride divisible by 2 for all but last dimension")
            }
            _ if view.offset % 2 != 0 => Some("Tensor must have a storage_offset divisible by 2"),
            _ => None,
        };
        match fault {
            _ if !matches!(pairs.dtype(), DType::F16 | DType::F32 | DType::F64) => Err(unsupported!(
                "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: {}",
                pairs.dtype()
            )),
            Some(fault) => Err(runtime_err!(
                "view_as_complex: {fault}; got shape {:?}, strides {:?}",
                pairs.shape(),
                pairs.strides()
            )),
            None => pairs.view_as_rule(view.clone(), || Rule::Reshape).map(Complex),
        }
    }

    /// As a handle of pairs that are known to be some: the very tensor, not a view of it.
    pub fn of_pairs(pairs: Tensor) -> Complex {
        Complex(pairs)
    }

    /// Pairs at the same place of the tape whose parts lie side by side, as those of complex numbers do: the elements of a
    /// gradient may lie in any order.
    pub fn side_by_side(pairs: Tensor) -> Result<Tensor> {
        let view = &pairs.0.view;
        let (last, others) = view.strides.split_last().expect("pairs have a dimension of two");
        let odd = others.iter().zip(&view.shape).any(|(step, &size)| size > 1 && step % 2 != 0);
        if *last == 1 && !odd || pairs.numel() == 0 {
            return Ok(pairs);
        }
        let order: Vec<usize> = (0..pairs.dim()).collect();
        pairs.laid_out(&order)
    }

    /// The real tensor underneath, with a last dimension of two.
    pub fn pairs(&self) -> &Tensor {
        &self.0
    }

    /// From its parts, which broadcast.
    pub fn join(re: &Tensor, im: &Tensor) -> Result<Complex> {
        let parts = parts_of(crate::ops::result_type(&[Operand::Tensor(re), Operand::Tensor(im)]));
        let join =
            Expr::build(&[re.dtype(), im.dtype()], |x| vec![either(x[0].cast(parts), x[1].cast(parts))]);
        let join = crate::ops::Pointwise::intern("complex", join, None);
        let shape = st_kernel::view::broadcast(re.shape(), im.shape()).ok_or_else(|| {
            runtime_err!("complex: the shapes {:?} and {:?} do not broadcast", re.shape(), im.shape())
        })?;
        let mut pairs: Vec<i64> = shape.iter().map(|&n| n as i64).collect();
        pairs.push(2);
        let (re, im) = (re.unsqueeze(-1)?.expand(&pairs)?, im.unsqueeze(-1)?);
        crate::ops::apply(join, &[Operand::Tensor(&re), Operand::Tensor(&im)]).map(Complex)
    }

    /// Real numbers as complex ones.
    pub fn from_real(real: &Tensor, parts: DType) -> Result<Complex> {
        dispatch::convert(&crate::ops::Value::Tensor(real.clone()), parts)
    }

    /// A complex number everywhere.
    pub fn full(
        shape: &[usize],
        value: [f64; 2],
        parts: DType,
        device: crate::graph::DeviceId,
    ) -> Result<Complex> {
        let part = |x: f64| Tensor::full(shape, x, parts, device);
        Complex::join(&part(value[0])?, &part(value[1])?)
    }

    /// The real parts: a view.
    pub fn re(&self) -> Result<Tensor> {
        self.0.select(-1, 0)
    }

    /// As real numbers: the real parts, but for truth values whether a number is not zero.
    pub fn to_real(&self, dtype: DType) -> Result<Tensor> {
        match dtype {
            DType::Bool => self.re()?.logical_or(&self.im()?),
            _ => self.re()?.to_dtype(dtype),
        }
    }

    /// The imaginary parts: a view.
    pub fn im(&self) -> Result<Tensor> {
        self.0.select(-1, 1)
    }

    /// Sizes.
    pub fn shape(&self) -> &[usize] {
        let shape = self.0.shape();
        &shape[..shape.len() - 1]
    }

    /// Steps between elements.
    pub fn strides(&self) -> SmallVec<[isize; 6]> {
        let strides = self.0.strides();
        strides[..strides.len() - 1].iter().map(|s| s / 2).collect()
    }

    /// Position of the first element in the storage.
    pub fn storage_offset(&self) -> usize {
        self.0.storage_offset() / 2
    }

    /// Number of dimensions.
    pub fn dim(&self) -> usize {
        self.0.dim() - 1
    }

    /// Number of elements.
    pub fn numel(&self) -> usize {
        self.0.numel() / 2
    }

    /// The dtype of the parts.
    pub fn parts(&self) -> DType {
        self.0.dtype()
    }

    /// With parts of another dtype.
    pub fn to_parts(&self, parts: DType) -> Result<Complex> {
        self.0.to_dtype(parts).map(Complex)
    }

    /// The only element.
    pub fn item(&self) -> Result<[f64; 2]> {
        if self.numel() != 1 {
            return Err(runtime_err!(
                "a Tensor with {} elements cannot be converted to Scalar; index or reduce it to one element",
                self.numel()
            ));
        }
        let parts = self.0.to_vec::<f64>()?;
        Ok([parts[0], parts[1]])
    }

    /// The view that a function makes of the parts.
    pub fn viewed(&self, view: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Complex> {
        self.seen_as(&view(&self.re()?)?.0.view)
    }

    /// What a real view of one of its parts shows, with both parts.
    fn seen_as(&self, part: &View) -> Result<Complex> {
        let mut view = part.clone();
        // A last dimension of size one that was added has the step of one part.
        view.strides.iter_mut().for_each(|step| *step += *step % 2);
        view.shape.push(2);
        view.strides.push(1);
        let from = self.0.0.view.clone();
        self.0.view_as_rule(view.clone(), || Rule::AsStrided(Box::new((from, view)))).map(Complex)
    }
}

/// The first at even positions, which hold real parts, the second at odd ones.
fn either(re: Ex, im: Ex) -> Ex {
    let odd = Ex::position() & Ex::constant(Scalar::Int(1), DType::I64);
    st_kernel::expr::select(st_kernel::expr::ne(odd, 0.0), im, re, re)
}

impl std::fmt::Debug for Complex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Complex({}{:?})", dtype_name(self.parts()), self.shape())
    }
}

//! New tensors: from the host's memory, filled with a number, with nothing in them yet.

use super::{Element, Tensor};
use crate::graph::{Arg, Args, DeviceId, Node, Op};
use crate::ops::Pointwise;
use crate::runtime;
use st_kernel::view::{Dims, numel};
use st_kernel::{DType, Expr, Result, Scalar, value_err};

impl Tensor {
    /// A tensor of the elements in `bytes`, row-major.
    pub fn from_bytes(bytes: &[u8], shape: &[usize], dtype: DType, device: DeviceId) -> Result<Tensor> {
        if bytes.len() != numel(shape) * dtype.size() {
            return Err(value_err!(
                "{} bytes do not make a {dtype} tensor of shape {shape:?}, which takes {}",
                bytes.len(),
                numel(shape) * dtype.size()
            ));
        }
        let open = runtime::device(device)?;
        let buffer = open.alloc(bytes.len())?;
        open.upload(bytes, &buffer)?;
        Ok(Tensor::from_node(Node::leaf(buffer, shape, dtype, device), 0))
    }

    /// A CPU tensor of these elements, row-major.
    pub fn from_slice<T: Element>(elements: &[T], shape: &[usize]) -> Result<Tensor> {
        let mut bytes = Vec::with_capacity(elements.len() * T::DTYPE.size());
        elements.iter().for_each(|x| x.to_scalar().write(T::DTYPE, &mut bytes));
        Tensor::from_bytes(&bytes, shape, T::DTYPE, 0)
    }

    /// Every element the same number; it stays an expression until somebody needs memory.
    pub fn full(shape: &[usize], value: impl Into<Scalar>, dtype: DType, device: DeviceId) -> Result<Tensor> {
        let number = Arg::whole(Node::scalar(value.into().cast(dtype), dtype, device));
        let copy = Pointwise::intern("full", Expr::build(&[dtype], |x| vec![x[0]]), None);
        let args = Args::from_iter([number]);
        Ok(Tensor::from_node(Node::new(Op::Pointwise(copy), args, Dims::from_slice(shape), dtype, device), 0))
    }

    /// Memory with undefined contents.
    pub fn empty(shape: &[usize], dtype: DType, device: DeviceId) -> Result<Tensor> {
        Ok(Tensor::from_node(Node::new(Op::Empty, Args::new(), Dims::from_slice(shape), dtype, device), 0))
    }
}

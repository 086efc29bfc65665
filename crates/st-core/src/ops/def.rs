//! What a row of the operator table says, and the values an operator is called with.

use super::PointwiseRow;
use crate::graph::DeviceId;
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::{DType, Result, Scalar};

/// An argument of an operator.
#[derive(Clone)]
pub enum Value {
    /// Not given.
    None,
    /// A tensor.
    Tensor(Tensor),
    /// A list of tensors; `None` entries occur in index lists only.
    Tensors(Vec<Option<Tensor>>),
    /// A number or a truth value.
    Scalar(Scalar),
    /// Sizes, dimensions.
    Ints(SmallVec<[i64; 4]>),
    /// A data type.
    DType(DType),
    /// A device.
    Device(DeviceId),
    /// A word, such as a reduction's name.
    Text(String),
}

/// What an operator gives.
pub enum Output {
    /// A tensor.
    One(Tensor),
    /// Several, named by [`OpDef::returns`].
    Many(Vec<Tensor>),
    /// A plain value, such as `numel` or `equal` give.
    Plain(Value),
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// `Tensor`.
    Tensor,
    /// `Tensor | Number`: an operand.
    Operand,
    /// `Tensor[]`.
    Tensors,
    /// `Number`.
    Number,
    /// `int`.
    Int,
    /// `int[]`: a list, a tuple, one integer or, for the last positional parameter, several arguments.
    Ints,
    /// `float`.
    Float,
    /// `bool`.
    Bool,
    /// `str`.
    Text,
    /// `dtype`.
    DType,
    /// `device`.
    Device,
}

/// A parameter of an operator.
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: ParamKind,
    /// Whether `None` is allowed.
    pub optional: bool,
    /// What it is when not given; `None` if it must be given.
    pub default: Option<Value>,
    /// After the `*`.
    pub keyword_only: bool,
}

/// What an operator does.
pub enum Kind {
    /// An expression over primitives.
    Pointwise(PointwiseRow),
    /// Operators made of operators.
    Build(fn(&[Value]) -> Result<Output>),
}

/// Where an operator appears in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forms(pub u8);

impl Forms {
    /// `st.name`.
    pub const FUNCTION: Forms = Forms(1);
    /// `Tensor.name`.
    pub const METHOD: Forms = Forms(2);
    /// `Tensor.name_` (and `st.name_`).
    pub const INPLACE: Forms = Forms(4);
    /// The `out=` keyword of `st.name`.
    pub const OUT: Forms = Forms(8);
    /// `st.nn.functional.name`.
    pub const FUNCTIONAL: Forms = Forms(16);
}

/// A row of the operator table. Rows of one name are overloads, tried in order.
pub struct OpDef {
    /// The name in Python and Rust.
    pub name: &'static str,
    /// The parameters in Python's syntax: `(input: Tensor, dim: int[]? = None, *, dtype: dtype? = None)`.
    pub signature: &'static str,
    /// What it computes, in a line.
    pub doc: &'static str,
    /// What it does.
    pub kind: Kind,
    /// Where it appears.
    pub forms: Forms,
    /// Names of several results; empty for one.
    pub returns: &'static [&'static str],
    /// Torch's function of the same meaning, what the tests compare with.
    pub torch: &'static str,
    /// ONNX's operator of the same meaning.
    pub onnx: Option<&'static str>,
    /// Where the tests sample each operand.
    pub domain: (f64, f64),
}

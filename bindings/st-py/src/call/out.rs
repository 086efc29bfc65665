//! The tensors a caller gives for results, `out=` and the receiver of an in-place method: what torch lets them be.

use crate::convert;
use crate::errors::OrRaise;
use crate::tensor::PyTensor;
use crate::warnings;
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use st_core::ops::{Kind, OpDef, Output, Value};
use st_core::tensor::Overlap;
use st_core::{Complex, DType, Scalar, Tensor};

/// Operators whose results are not converted: their `out=` has the result's dtype.
const EXACT: &str = "gelu lerp linalg_svd logsigmoid ormqr softplus softshrink \
    addbmm addmm addmv alias_copy all amax amin aminmax any argmax argmin as_strided_copy avg_pool2d \
    avg_pool3d baddbmm bmm bucketize complex cross cummax cummin detach_copy diag diagonal_copy dot expand_copy float_power frexp \
    gather histc histogram index_add index_copy index_reduce index_select inner isin isneginf isposinf kthvalue linalg_cholesky \
    linalg_cholesky_ex linalg_cross linalg_det linalg_eigh linalg_eigvalsh inverse linalg_inv linalg_inv_ex linalg_ldl_factor \
    linalg_ldl_factor_ex linalg_ldl_solve linalg_lu linalg_lu_factor linalg_lu_factor_ex linalg_lu_solve linalg_matrix_norm \
    linalg_multi_dot linalg_norm linalg_qr linalg_slogdet linalg_solve linalg_solve_ex linalg_solve_triangular \
    linalg_svdvals linalg_vecdot linalg_vector_norm linear linspace log_softmax logcumsumexp logspace lu_solve lu_unpack \
    masked_select matmul max min mm mode msort multinomial mv nan_to_num nanquantile narrow_copy nonzero norm permute_copy polar \
    quantile renorm scatter scatter_add scatter_reduce searchsorted signbit slice_copy slice_scatter softmax sort \
    split_with_sizes_copy squeeze_copy t_copy take take_along_dim tensordot topk transpose_copy triangular_solve tril triu \
    unbind_copy unfold_copy unsqueeze_copy vdot view_copy where";

/// Operators that go through their operand once and convert nothing: `out=` has the result's dtype, or torch does not find it.
const FOUND: &str = "abs bitwise_not ceil conj_physical floor frac hardshrink neg round sgn sign trunc";

/// Operators whose results are converted where nothing is lost: torch's names of them and of their results.
const CASTABLE: [(&str, &str, &[&str]); 13] = [
    ("cholesky_inverse", "cholesky_inverse", &["result"]),
    ("cholesky_solve", "cholesky_solve", &["result"]),
    ("geqrf", "torch.geqrf", &["a", "tau"]),
    ("linalg_cond", "linalg.cond", &["result"]),
    ("linalg_eig", "torch.linalg.eig", &["eigenvalues", "eigenvectors"]),
    ("linalg_eigvals", "torch.linalg.eigvals", &["eigenvalues"]),
    ("linalg_householder_product", "torch.linalg.householder_product", &["result"]),
    ("linalg_matrix_power", "matrix_power", &["result"]),
    ("linalg_matrix_rank", "linalg.matrix_rank", &["result"]),
    ("linalg_pinv", "linalg.pinv", &["result"]),
    ("linalg_tensorinv", "tensorinv", &["result"]),
    ("linalg_tensorsolve", "tensorsolve", &["result"]),
    ("orgqr", "torch.linalg.householder_product", &["result"]),
];

/// Operators whose in-place forms read their other operands while they write.
const SCATTERING: &str = "index_add index_copy index_fill index_put put scatter scatter_add";

/// Operators that read their operands while they write: `out=` may not even be one of them.
const APART: &str = "cat cross gather index_select kthvalue linalg_cross masked_select take take_along_dim";

const SHARED: &str = "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. \
     Please clone() the tensor before performing the operation.";
const REPEATED: &str = "unsupported operation: more than one element of the written-to tensor refers to a single memory location. \
     Please clone() the tensor before performing the operation.";

/// Operators made of several that work element by element all the same.
const ELEMENTWISE: &str = "float_power fmod igamma igammac masked_fill nextafter pow remainder";

fn is_listed(list: &str, op: &OpDef) -> bool {
    list.split_whitespace().any(|name| name == op.name)
}

/// Puts an operator's results into the tensors given for them.
pub(super) fn write<'py>(
    name: &str,
    op: &'static OpDef,
    values: &[Value],
    out: &Bound<'py, PyAny>,
    output: Output,
) -> PyResult<Bound<'py, PyAny>> {
    let Some(results) = raw_results(output) else {
        return Err(PyTypeError::new_err(format!("{name}() has no tensor for out=")));
    };
    if op.name == "nonzero" && matches!(values, [_, Value::Scalar(Scalar::Bool(true))]) {
        return Err(PyRuntimeError::new_err("nonzero does not support the out kwarg when as_tuple is True"));
    }
    let outs = convert::items(out).unwrap_or_else(|| vec![out.clone()]);
    if outs.len() != results.len() {
        return Err(PyTypeError::new_err(format!("{name}(): out= must hold {} tensors", results.len())));
    }
    let mut targets = Vec::with_capacity(outs.len());
    for target in &outs {
        targets.push(target.cast::<PyTensor>().map_err(|_| {
            let got = convert::type_name(target);
            PyTypeError::new_err(format!("{name}(): argument 'out' must be Tensor, not {got}"))
        })?);
    }
    for (at, (target, (result, complex))) in targets.iter().zip(&results).enumerate() {
        expect_castable(op, at, target.get(), (result.dtype(), *complex))?;
        expect_dtype(name, op, values, (at, target.get()), (result.dtype(), *complex))?;
        if target.get().is_complex() == *complex {
            // What may not be an operand is looked at as it is given, all else as it will be.
            let own = target.get().tensor();
            let seen = if is_listed(APART, op) { own.clone() } else { own.fitted_to(result).or_raise()? };
            expect_apart(op, &seen, values)?;
        }
    }
    if let [one, other] = &targets[..]
        && one.get().tensor().overlap(other.get().tensor()) != Overlap::Nothing
    {
        return Err(PyValueError::new_err(format!(
            "{name}(): the two out= tensors must not overlap in memory; give two tensors of their own"
        )));
    }
    for (target, (result, complex)) in targets.iter().zip(&results) {
        let result = match op.name {
            // Throws of a coin are of whatever dtype the caller wants; bytes may become truth values.
            "bernoulli" | "all" | "any" => &result.to_dtype(target.get().tensor().dtype()).or_raise()?,
            // A row of numbers fills whatever has as many places.
            "arange" | "linspace" | "logspace" | "range" => &in_shape_of(target.get(), result, *complex)?,
            _ => result,
        };
        warn_of_resizing(out.py(), target.get(), result, *complex)?;
        write_one(target.get(), result, *complex)?;
    }
    if op.returns.is_empty() {
        return Ok(out.clone());
    }
    super::several(out.py(), op, outs.into_iter().map(Ok))
}

fn in_shape_of(out: &PyTensor, row: &Tensor, complex: bool) -> PyResult<Tensor> {
    let same = out.tensor().numel() == row.numel() && out.is_complex() == complex;
    let sizes: Vec<i64> = out.tensor().shape().iter().map(|&n| n as i64).collect();
    if same { row.view(&sizes).or_raise() } else { Ok(row.clone()) }
}

/// Torch's warning when a tensor that is not empty gets another shape.
fn warn_of_resizing(py: Python<'_>, out: &PyTensor, result: &Tensor, complex: bool) -> PyResult<()> {
    let needed = &result.shape()[..result.dim() - usize::from(complex)];
    if out.tensor().numel() == 0 || out.shape() == needed {
        return Ok(());
    }
    let text = format!(
        "An output with one or more elements was resized since it had shape {:?}, which does not match the required output \
         shape {needed:?}. This behavior is deprecated, and in a future PyTorch release outputs will not be resized unless they have \
         zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with t.resize_(0).",
        out.shape()
    );
    warnings::warn(py, &text)
}

fn write_one(target: &PyTensor, result: &Tensor, complex: bool) -> PyResult<()> {
    let widened = match target.is_complex() && !complex {
        true => Some(Complex::from_real(result, target.tensor().dtype()).or_raise()?),
        false => None,
    };
    let result = widened.as_ref().map_or(result, Complex::pairs);
    let out = target.tensor().fitted_to(result).or_raise()?;
    expect_places(&out)?;
    out.write_into(result).or_raise()?;
    if !out.is(target.tensor()) {
        target.replace(out);
    }
    Ok(())
}

fn expect_dtype(
    name: &str,
    op: &'static OpDef,
    values: &[Value],
    (at, out): (usize, &PyTensor),
    (wanted, complex): (DType, bool),
) -> PyResult<()> {
    let own = out.tensor().dtype();
    if let Some((named, of_complex)) = named_dtype(op, values)
        && (named, of_complex) != (own, out.is_complex())
    {
        let (named, own) = (torch_name(named, of_complex), torch_name(own, out.is_complex()));
        return Err(PyRuntimeError::new_err(format!(
            "{name}(): dtype {named} does not match dtype of out parameter ({own})"
        )));
    }
    // (Torch's `all` and `any` of bytes are bytes.)
    let same = own == wanted && out.is_complex() == complex;
    if let Some(asked) = asked_dtype(op, values)
        && asked != (own, out.is_complex())
    {
        return Err(PyRuntimeError::new_err(format!(
            "{name}(): Expected out tensor to have dtype {}, but got {} instead",
            c_name(asked.0, asked.1),
            c_name(own, out.is_complex())
        )));
    }
    // The larger of two tensors and the largest element of all are converted, those along a dimension are not.
    let of_all = matches!(op.name, "max" | "min") && op.params().iter().all(|p| p.name != "dim");
    let sizes = op.name == "abs" && values.iter().any(Value::is_complex);
    if !same && !sizes && is_listed(FOUND, op) {
        let (found, wanted) = (torch_name(own, out.is_complex()), torch_name(wanted, complex));
        return Err(PyRuntimeError::new_err(format!("Found dtype {found} but expected {wanted}")));
    }
    let exact = is_listed(EXACT, op);
    if !exact && complex && !out.is_complex() {
        return Err(PyRuntimeError::new_err(format!(
            "{name}(): result type ComplexFloat can't be cast to the desired output type Float"
        )));
    }
    let truth = matches!(op.name, "all" | "any") && matches!(own, DType::U8 | DType::Bool);
    if same || of_all || !exact || truth {
        return Ok(());
    }
    let (needs, got) = (torch_name(wanted, complex), torch_name(own, out.is_complex()));
    Err(PyRuntimeError::new_err(match op.name {
        "all" | "any" => format!("{name} only supports bool tensor for result, got: {got}"),
        "nonzero" => {
            format!("nonzero: Expected out tensor to have scalar type {needs} but got scalar type {got}")
        }
        "cummax" | "cummin" | "logcumsumexp" => {
            format!("{name}(): expected scalar_type {needs} but found {got}")
        }
        "amax" | "amin" => format!(
            "Expected the dtype for input and out to match, but got {needs} for input's dtype and {got} for out's dtype."
        ),
        "aminmax" => format!(
            "Expected out tensor to have dtype {}, but got {} instead",
            needs.to_lowercase(),
            got.to_lowercase()
        ),
        "isposinf" | "isneginf" => format!("{name} does not support non-boolean outputs"),
        "float_power" => format!(
            "the output given to float_power has dtype {got} but the operation's result requires dtype {needs}"
        ),
        "mode" => {
            let which = ["values", "indices"][at];
            format!("mode(): expected scalar type '{needs}' but got '{got}' for {which} output")
        }
        "quantile" | "nanquantile" => {
            format!(
                "{name}() out tensor must be same dtype as the input tensor, which is {needs}, but got {got}"
            )
        }
        "linalg_norm" | "linalg_matrix_norm" => {
            format!("linalg.{name} expected out tensor dtype {needs} but got: {got}")
        }
        "linalg_multi_dot" | "chain_matmul" => format!(
            "{name}(): expected out tensor to have dtype {} but got {}",
            c_name(wanted, complex),
            c_name(own, out.is_complex())
        ),
        "dot" | "vdot" => format!("{name}(): result dtype {got} does not match input dtype {needs}"),
        "tensordot" | "inner" => format!(
            "{name}: Expected the output tensor to have dtype {needs}, but got an output tensor with dtype {got}"
        ),
        "linalg_vecdot" => format!("linalg.vecdot: Expected out of dtype{needs} but found {got}"),
        "linalg_solve_triangular" => format!("{name}(): expected scalar type {needs} but found {got}"),
        "ormqr" => format!(
            "torch.ormqr: Expected input and result to have the same dtype, but input has dtype{needs} and result has dtype {got}"
        ),
        "complex" | "polar" => format!(
            "{name}(): Expected object of scalar type {needs} but got scalar type {got} for argument 'out'"
        ),
        _ => format!(
            "{name}(): Expected out tensor to have dtype {}, but got {} instead",
            c_name(wanted, complex),
            c_name(own, out.is_complex())
        ),
    }))
}

/// An error if a result of one of the [`CASTABLE`] operators would lose what its dtype tells.
fn expect_castable(op: &OpDef, at: usize, out: &PyTensor, (wanted, complex): (DType, bool)) -> PyResult<()> {
    let Some((_, operator, results)) = CASTABLE.iter().find(|(name, ..)| *name == op.name) else {
        return Ok(());
    };
    let own = out.tensor().dtype();
    if out.is_complex() || (!complex && own.category() >= wanted.category()) {
        return Ok(());
    }
    let (result, wanted) = (results[at], torch_name(wanted, complex));
    let got = torch_name(own, out.is_complex());
    Err(PyRuntimeError::new_err(format!(
        "{operator}: Expected {result} to be safely castable from {wanted} dtype, but got {result} with dtype {got}"
    )))
}

/// What torch's C++ calls a dtype.
fn c_name(dtype: DType, complex: bool) -> String {
    let own = match dtype {
        DType::Bool => "bool",
        DType::U8 => "unsigned char",
        DType::I8 => "signed char",
        DType::U16 => "unsigned short",
        DType::I16 => "short",
        DType::U32 => "unsigned int",
        DType::I32 => "int",
        DType::U64 => "unsigned long",
        DType::I64 => "long",
        DType::F16 => "c10::Half",
        DType::BF16 => "c10::BFloat16",
        DType::F32 => "float",
        DType::F64 => "double",
    };
    if complex { format!("c10::complex<{own}>") } else { own.to_owned() }
}

/// The dtype the caller named for a new tensor, which is that of `out=`.
fn named_dtype(op: &'static OpDef, values: &[Value]) -> Option<(DType, bool)> {
    if !op.params().iter().any(|p| p.name == "device") {
        return None;
    }
    values.iter().find_map(|value| match value {
        Value::DType(dtype) => Some((*dtype, false)),
        Value::ComplexDType(parts) => Some((*parts, true)),
        _ => None,
    })
}

/// The dtype the caller named for sums and products, which is that of `out=`.
fn asked_dtype(op: &OpDef, values: &[Value]) -> Option<(DType, bool)> {
    let adds = matches!(op.name, "sum" | "nansum" | "mean" | "prod" | "cumsum" | "cumprod");
    match values.last() {
        Some(Value::DType(dtype)) if adds => Some((*dtype, false)),
        Some(Value::ComplexDType(parts)) if adds => Some((*parts, true)),
        _ => None,
    }
}

pub(super) fn torch_name(dtype: DType, complex: bool) -> &'static str {
    if complex { st_core::complex_name(dtype) } else { st_core::dtype_name(dtype) }
}

/// An error if what is written and what is read are the same memory, but not element for element.
pub(super) fn expect_apart(op: &OpDef, target: &Tensor, values: &[Value]) -> PyResult<()> {
    let apart = is_listed(APART, op);
    if apart {
        expect_places(target)?;
    }
    if !apart && !matches!(op.kind, Kind::Pointwise(_)) && !is_listed(ELEMENTWISE, op) {
        return Ok(());
    }
    let shares = |operand: &Tensor| match target.overlap(operand) {
        Overlap::Whole => apart,
        Overlap::Part => true,
        Overlap::Nothing | Overlap::Unknown => false,
    };
    let found = values.iter().any(|value| match value {
        Value::Tensor(operand) => shares(operand),
        Value::Complex(operand) => shares(operand.pairs()),
        Value::Tensors(list) => list.iter().flatten().any(shares),
        _ => false,
    });
    if found { Err(PyRuntimeError::new_err(SHARED)) } else { Ok(()) }
}

/// An error if an in-place operator that writes at indices reads what it writes, in one more of its operands.
pub(super) fn expect_scattered_apart(op: &OpDef, target: &Tensor, values: &[Value]) -> PyResult<()> {
    if !is_listed(SCATTERING, op) {
        return Ok(());
    }
    let shares = |operand: &Tensor| matches!(target.overlap(operand), Overlap::Whole | Overlap::Part);
    let found = values[1..].iter().any(|value| match value {
        Value::Tensor(operand) => shares(operand),
        Value::Complex(operand) => shares(operand.pairs()),
        Value::Tensors(list) => list.iter().flatten().any(shares),
        _ => false,
    });
    if found { Err(PyRuntimeError::new_err(SHARED)) } else { Ok(()) }
}

/// Elements of one place cannot hold different results.
fn expect_places(out: &Tensor) -> PyResult<()> {
    if out.repeats() { Err(PyRuntimeError::new_err(REPEATED)) } else { Ok(()) }
}

/// The tensors an operator gave, and whether they are pairs of complex numbers.
fn raw_results(output: Output) -> Option<Vec<(Tensor, bool)>> {
    Some(match output {
        Output::One(result) => vec![(result, false)],
        Output::Complex(result) => vec![(result.pairs().clone(), true)],
        Output::Many(results) => results.into_iter().map(|result| (result, false)).collect(),
        Output::Tuple(results) => {
            results.into_iter().map(raw_results).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect()
        }
        Output::Plain(_) => return None,
    })
}

//! `dtype` objects: one for each element type, as in torch, with `finfo` and `iinfo`.

use crate::convert;
use crate::errors::raise;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use st_core::DType;

/// The type of a tensor's elements.
#[pyclass(name = "dtype", module = "spiraltorch_rs", frozen)]
pub(crate) struct PyDType(pub(crate) DType);

static SINGLETONS: PyOnceLock<Vec<Py<PyDType>>> = PyOnceLock::new();

/// The object of a dtype.
pub(crate) fn object(py: Python<'_>, dtype: DType) -> &Bound<'_, PyDType> {
    let make = || DType::ALL.iter().map(|&d| Py::new(py, PyDType(d))).collect();
    SINGLETONS.get_or_try_init(py, make).expect("ten small objects fit in memory")[dtype as usize].bind(py)
}

#[pymethods]
impl PyDType {
    fn __repr__(&self) -> String {
        format!("spiraltorch_rs.{}", self.0)
    }

    /// Pickled by name, so that it stays a singleton.
    fn __reduce__(&self) -> &'static str {
        self.0.name()
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// Bytes an element takes.
    #[getter]
    fn itemsize(&self) -> usize {
        self.0.size()
    }

    #[getter]
    fn is_floating_point(&self) -> bool {
        self.0.is_float()
    }

    #[getter]
    fn is_complex(&self) -> bool {
        false
    }

    #[getter]
    fn is_signed(&self) -> bool {
        !matches!(self.0, DType::Bool | DType::U8)
    }
}

/// Exponent and mantissa bits of a float dtype.
fn float_bits(dtype: DType) -> Option<(i32, i32)> {
    match dtype {
        DType::F16 => Some((5, 10)),
        DType::BF16 => Some((8, 7)),
        DType::F32 => Some((8, 23)),
        DType::F64 => Some((11, 52)),
        _ => None,
    }
}

/// Numerical limits of a floating-point dtype.
#[pyclass(name = "finfo", module = "spiraltorch_rs", frozen)]
struct FloatInfo {
    dtype: DType,
    exponent: i32,
    mantissa: i32,
}

#[pymethods]
impl FloatInfo {
    #[new]
    #[pyo3(signature = (r#type=None))]
    fn new(r#type: Option<&Bound<'_, PyAny>>) -> PyResult<FloatInfo> {
        let dtype = match r#type {
            Some(given) => convert::dtype("finfo", given)?,
            None => st_core::default_dtype(),
        };
        let (exponent, mantissa) = float_bits(dtype).ok_or_else(|| {
            raise(st_core::Error::Type(format!(
                "finfo() requires a floating point input type, got {dtype}. Use iinfo to handle '{dtype}'"
            )))
        })?;
        Ok(FloatInfo { dtype, exponent, mantissa })
    }

    #[getter]
    fn bits(&self) -> usize {
        self.dtype.size() * 8
    }

    #[getter]
    fn dtype(&self) -> &'static str {
        self.dtype.name()
    }

    /// The distance from 1 to the next number.
    #[getter]
    fn eps(&self) -> f64 {
        2f64.powi(-self.mantissa)
    }

    #[getter]
    fn max(&self) -> f64 {
        let bias = (1 << (self.exponent - 1)) - 1;
        (2.0 - self.eps()) * 2f64.powi(bias)
    }

    #[getter]
    fn min(&self) -> f64 {
        -self.max()
    }

    /// The smallest normal number.
    #[getter]
    fn tiny(&self) -> f64 {
        2f64.powi(2 - (1 << (self.exponent - 1)))
    }

    #[getter]
    fn smallest_normal(&self) -> f64 {
        self.tiny()
    }

    /// Decimal digits that survive.
    #[getter]
    fn resolution(&self) -> f64 {
        10f64.powi(-(f64::from(self.mantissa) * 2f64.log10()).floor() as i32)
    }

    fn __repr__(&self) -> String {
        format!(
            "finfo(resolution={}, min={}, max={}, eps={}, smallest_normal={}, tiny={}, dtype={})",
            short(self.resolution()),
            short(self.min()),
            short(self.max()),
            short(self.eps()),
            short(self.tiny()),
            short(self.tiny()),
            self.dtype
        )
    }
}

/// A number in six digits, as C's `%g` prints it.
fn short(x: f64) -> String {
    let scientific = format!("{x:.5e}");
    let (digits, exponent) = scientific.split_once('e').expect("the format has an exponent");
    let exponent: i32 = exponent.parse().expect("a whole number");
    let trimmed = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(digits), exponent.abs());
    }
    trimmed(&format!("{x:.*}", (5 - exponent) as usize))
}

/// Numerical limits of an integer dtype.
#[pyclass(name = "iinfo", module = "spiraltorch_rs", frozen)]
struct IntInfo(DType);

#[pymethods]
impl IntInfo {
    #[new]
    fn new(r#type: &Bound<'_, PyAny>) -> PyResult<IntInfo> {
        let dtype = convert::dtype("iinfo", r#type)?;
        if dtype.is_int() {
            return Ok(IntInfo(dtype));
        }
        Err(raise(st_core::Error::Type(format!("iinfo() requires an integer input type, got {dtype}"))))
    }

    #[getter]
    fn bits(&self) -> usize {
        self.0.size() * 8
    }

    #[getter]
    fn dtype(&self) -> &'static str {
        self.0.name()
    }

    #[getter]
    fn max(&self) -> i64 {
        let bits = self.bits() as u32 - u32::from(self.0 != DType::U8);
        (u64::MAX >> (64 - bits)) as i64
    }

    #[getter]
    fn min(&self) -> i64 {
        if self.0 == DType::U8 { 0 } else { -self.max() - 1 }
    }

    fn __repr__(&self) -> String {
        format!("iinfo(min={}, max={}, dtype={})", short(self.min() as f64), short(self.max() as f64), self.0)
    }
}

/// The dtype that a Python type stands for: `float`, `int`, `bool`.
pub(crate) fn of_python_type(given: &Bound<'_, PyType>) -> Option<DType> {
    let py = given.py();
    if given.is(py.get_type::<pyo3::types::PyFloat>()) {
        Some(DType::F64)
    } else if given.is(py.get_type::<pyo3::types::PyInt>()) {
        Some(DType::I64)
    } else if given.is(py.get_type::<pyo3::types::PyBool>()) {
        Some(DType::Bool)
    } else {
        None
    }
}

/// Torch's other names.
const ALIASES: [(&str, DType); 6] = [
    ("half", DType::F16),
    ("float", DType::F32),
    ("double", DType::F64),
    ("short", DType::I16),
    ("int", DType::I32),
    ("long", DType::I64),
];

/// Adds the dtypes under their names.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyDType>()?;
    module.add_class::<FloatInfo>()?;
    module.add_class::<IntInfo>()?;
    let names = DType::ALL.iter().map(|d| (d.name(), *d)).chain(ALIASES);
    for (name, dtype) in names {
        module.add(name, object(module.py(), dtype))?;
    }
    Ok(())
}

//! `dtype` objects: one for each element type, as in torch, with `finfo` and `iinfo`.

use crate::convert;
use crate::errors::raise;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use st_core::DType;
use st_core::tensor::display::module;

/// The type of a tensor's elements.
#[pyclass(name = "dtype", module = "spiraltorch_rs", frozen)]
pub(crate) struct PyDType {
    /// The type of an element, or of the parts of a complex one.
    pub(crate) dtype: DType,
    pub(crate) complex: bool,
}

static SINGLETONS: PyOnceLock<Vec<Py<PyDType>>> = PyOnceLock::new();

/// The object of a dtype.
pub(crate) fn object(py: Python<'_>, dtype: DType) -> &Bound<'_, PyDType> {
    object_of(py, dtype, false)
}

/// The object of a dtype, or of the complex dtype whose parts have it.
pub(crate) fn object_of(py: Python<'_>, dtype: DType, complex: bool) -> &Bound<'_, PyDType> {
    let make = || {
        let real = DType::ALL.map(|dtype| PyDType { dtype, complex: false });
        let complex = DType::ALL.map(|dtype| PyDType { dtype, complex: true });
        real.into_iter().chain(complex).map(|dtype| Py::new(py, dtype)).collect()
    };
    let objects = SINGLETONS.get_or_try_init(py, make).expect("a few small objects fit in memory");
    objects[dtype as usize + usize::from(complex) * DType::ALL.len()].bind(py)
}

/// What a dtype prints as.
pub(crate) fn text(dtype: DType, complex: bool) -> String {
    PyDType { dtype, complex }.__repr__()
}

impl PyDType {
    fn name(&self) -> &'static str {
        if self.complex { st_core::complex::dtype_name(self.dtype) } else { self.dtype.name() }
    }
}

#[pymethods]
impl PyDType {
    fn __repr__(&self) -> String {
        format!("{}.{}", module(), self.name())
    }

    /// Pickled by name, so that it stays a singleton.
    fn __reduce__(&self) -> &'static str {
        self.name()
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
        self.dtype.size() * if self.complex { 2 } else { 1 }
    }

    #[getter]
    fn is_floating_point(&self) -> bool {
        self.dtype.is_float() && !self.complex
    }

    #[getter]
    fn is_complex(&self) -> bool {
        self.complex
    }

    /// The dtype of real numbers of the same precision.
    fn to_real<'py>(&self, py: Python<'py>) -> Bound<'py, PyDType> {
        object(py, self.dtype).clone()
    }

    /// The complex dtype of the same precision.
    fn to_complex<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDType>> {
        if !self.dtype.is_float() {
            return Err(PyRuntimeError::new_err(format!("Unknown Complex ScalarType for {}", self.dtype)));
        }
        Ok(object_of(py, self.dtype, true).clone())
    }

    #[getter]
    fn is_signed(&self) -> bool {
        self.dtype.is_float() || self.dtype.integers().0 < 0
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
#[pyclass(name = "finfo", module = "spiraltorch_rs", frozen, eq, hash)]
#[derive(PartialEq, Eq, Hash)]
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
            Some(given) => match convert::complex_parts(given) {
                Some(parts) => parts,
                None => convert::dtype("finfo", given)?,
            },
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
#[pyclass(name = "iinfo", module = "spiraltorch_rs", frozen, eq, hash)]
#[derive(PartialEq, Eq, Hash)]
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
    fn max(&self) -> u64 {
        let bits = self.bits() as u32 - u32::from(self.0.integers().0 < 0);
        u64::MAX >> (64 - bits)
    }

    #[getter]
    fn min(&self) -> i64 {
        self.0.integers().0
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
    for name in ["complex32", "chalf", "bcomplex32", "complex64", "cfloat", "complex128", "cdouble"] {
        let parts = st_core::complex::parse_dtype(name).expect("the name of a complex dtype");
        module.add(name, object_of(module.py(), parts, true))?;
    }
    Ok(())
}

//! `memory_format` and `layout` objects: in which order elements stand in memory.

use crate::errors::OrRaise;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use st_core::Tensor;
use st_core::tensor::display::module;

/// In which order the dimensions of an image stand in memory.
#[pyclass(name = "memory_format", module = "spiraltorch_rs", frozen, eq, hash)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MemoryFormat {
    /// Row-major.
    #[pyo3(name = "contiguous_format")]
    Contiguous,
    /// As it is.
    #[pyo3(name = "preserve_format")]
    Preserve,
    /// The channels of a pixel side by side.
    #[pyo3(name = "channels_last")]
    ChannelsLast,
    /// The channels of a voxel side by side.
    #[pyo3(name = "channels_last_3d")]
    ChannelsLast3d,
}

use MemoryFormat::{ChannelsLast, ChannelsLast3d, Contiguous, Preserve};

impl MemoryFormat {
    fn name(self) -> &'static str {
        match self {
            Contiguous => "contiguous_format",
            Preserve => "preserve_format",
            ChannelsLast => "channels_last",
            ChannelsLast3d => "channels_last_3d",
        }
    }

    /// The dimensions in the order they stand in memory, where that is not their own.
    fn order(self) -> Option<&'static [i64]> {
        match self {
            Contiguous | Preserve => None,
            ChannelsLast => Some(&[0, 2, 3, 1]),
            ChannelsLast3d => Some(&[0, 2, 3, 4, 1]),
        }
    }

    /// Whether it is another order than that of the dimensions.
    pub(crate) fn reorders(self) -> bool {
        self.order().is_some()
    }

    /// Whether the elements of a tensor stand in this order; the parts of complex ones side by side.
    pub(crate) fn is_that_of(self, tensor: &Tensor, complex: bool) -> PyResult<bool> {
        let Some(order) = self.order() else { return Ok(tensor.is_contiguous()) };
        let parts = complex.then_some(order.len() as i64);
        let order: Vec<i64> = order.iter().copied().chain(parts).collect();
        Ok(order.len() == tensor.dim() && tensor.permute(&order).or_raise()?.is_contiguous())
    }

    /// The format a tensor has.
    pub(crate) fn seen_in(tensor: &Tensor, complex: bool) -> PyResult<MemoryFormat> {
        for format in [ChannelsLast, ChannelsLast3d] {
            if !tensor.is_contiguous() && format.is_that_of(tensor, complex)? {
                return Ok(format);
            }
        }
        Ok(Contiguous)
    }

    /// The steps of a tensor of these sizes in this order, where it is not that of the dimensions.
    pub(crate) fn strides(self, shape: &[usize]) -> PyResult<Option<Vec<isize>>> {
        let Some(order) = self.order() else { return Ok(None) };
        self.expect_rank(shape.len())?;
        let (mut strides, mut step) = (vec![0; shape.len()], 1);
        for &d in order.iter().rev() {
            strides[d as usize] = step;
            step *= shape[d as usize].max(1) as isize;
        }
        Ok(Some(strides))
    }

    fn expect_rank(self, rank: usize) -> PyResult<()> {
        match self.order() {
            Some(order) if order.len() != rank => Err(pyo3::exceptions::PyRuntimeError::new_err(format!(
                "required rank {} tensor to use {} format",
                order.len(),
                self.name()
            ))),
            _ => Ok(()),
        }
    }

    /// The tensor, or the pairs of a complex one, with its elements in this order: itself where they are. A new one (`fresh`)
    /// has the steps of this order in dimensions of size one, too.
    pub(crate) fn arrange(self, tensor: Tensor, complex: bool, fresh: bool) -> PyResult<Tensor> {
        let rank = tensor.dim() - usize::from(complex);
        let mut order: Vec<i64> = match self.order() {
            Some(order) => order.into(),
            None if self == Contiguous => (0..rank as i64).collect(),
            None => return Ok(tensor),
        };
        self.expect_rank(rank)?;
        order.extend(complex.then_some(rank as i64));
        let places: Vec<usize> = order.iter().map(|&d| d as usize).collect();
        let seen = tensor.permute(&order).or_raise()?;
        if seen.is_contiguous() {
            let exact = !fresh || tensor.stands_in(&places);
            return if exact {
                Ok(tensor)
            } else {
                tensor.copy().and_then(|t| t.laid_out(&places)).or_raise()
            };
        }
        let mut back = vec![0; order.len()];
        places.iter().enumerate().for_each(|(at, &d)| back[d] = at as i64);
        seen.contiguous().and_then(|t| t.permute(&back)).or_raise()
    }
}

#[pymethods]
impl MemoryFormat {
    fn __repr__(&self) -> String {
        format!("{}.{}", module(), self.name())
    }

    fn __reduce__(&self) -> &'static str {
        self.name()
    }
}

/// How a tensor keeps its elements: here always in strides.
#[pyclass(name = "layout", module = "spiraltorch_rs", frozen, eq, hash)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Layout(&'static str);

static STRIDED: PyOnceLock<Py<Layout>> = PyOnceLock::new();

/// The layout of every tensor: one object, which programs compare by identity.
pub(crate) fn strided(py: Python<'_>) -> PyResult<Py<Layout>> {
    STRIDED.get_or_try_init(py, || Py::new(py, Layout("strided"))).map(|layout| layout.clone_ref(py))
}

#[pymethods]
impl Layout {
    fn __repr__(&self) -> String {
        format!("{}.{}", module(), self.0)
    }

    fn __reduce__(&self) -> &'static str {
        self.0
    }
}

/// Adds the objects under their names. Layouts that no tensor has are there to be compared with.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<MemoryFormat>()?;
    module.add_class::<Layout>()?;
    for format in [Contiguous, Preserve, ChannelsLast, ChannelsLast3d] {
        module.add(format.name(), format)?;
    }
    module.add("legacy_contiguous_format", Contiguous)?;
    module.add("strided", strided(module.py())?)?;
    for name in ["sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc", "jagged"] {
        module.add(name, Layout(name))?;
    }
    Ok(())
}

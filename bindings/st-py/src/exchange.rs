//! What `spiraltorch_rs.distributed` asks of devices that work together with those of other processes.

use crate::call::{Args, Native, natives};
use crate::errors::OrRaise;
use crate::gpu::device_of;
use crate::tensor::tensor_of;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use st_core::DType;
use st_core::runtime::{Buffer, Communicator, Exchange, ExchangeStep, Union};
use std::sync::Arc;
use std::time::Duration;

type Answer<'py> = PyResult<Bound<'py, PyAny>>;
/// What goes where, a rank or the number of a `ReduceOp`, how many elements; what is read, and what is written, and where.
type Asked<'py> =
    (String, usize, usize, Option<(Bound<'py, PyAny>, usize)>, Option<(Bound<'py, PyAny>, usize)>);

/// A device's place among those of other processes.
#[pyclass(name = "Communicator", module = "spiraltorch_rs.distributed", frozen)]
struct PyCommunicator(Arc<dyn Communicator>);

#[pymethods]
impl PyCommunicator {
    /// Begins steps together, which may take so many seconds. Nobody else may have seen the memory that is written.
    fn run(&self, py: Python<'_>, steps: Vec<Asked<'_>>, seconds: f64) -> PyResult<()> {
        let most = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        let steps = steps.iter().map(step).collect::<PyResult<Vec<_>>>()?;
        py.detach(|| self.0.run(&steps, most)).or_raise()
    }

    /// Raises what went wrong since.
    fn check(&self) -> PyResult<()> {
        self.0.check().or_raise()
    }

    /// Gives up what is under way.
    fn abort(&self, py: Python<'_>) {
        py.detach(|| self.0.abort());
    }
}

fn step((what, number, count, from, to): &Asked<'_>) -> PyResult<ExchangeStep> {
    let exchange = match what.as_str() {
        "all_reduce" => Exchange::AllReduce(union(*number)?),
        "reduce_scatter" => Exchange::ReduceScatter(union(*number)?),
        "all_gather" => Exchange::AllGather,
        "broadcast" => Exchange::Broadcast(*number),
        "send" => Exchange::Send(*number),
        "receive" => Exchange::Receive(*number),
        _ => return Err(PyValueError::new_err(format!("no collective is named {what}"))),
    };
    let (from, to) = (memory(from.as_ref())?, memory(to.as_ref())?);
    let dtype = from.as_ref().or(to.as_ref()).map(|(dtype, _)| *dtype);
    let dtype = dtype.ok_or_else(|| PyValueError::new_err("a collective takes tensors"))?;
    let place = |side: Option<_>| side.map(|(_, place)| place);
    Ok(ExchangeStep { what: exchange, dtype, count: *count, from: place(from), to: place(to) })
}

/// The memory of a tensor, and where in it something begins.
fn memory(side: Option<&(Bound<'_, PyAny>, usize)>) -> PyResult<Option<(DType, (Buffer, usize))>> {
    let Some((given, start)) = side else { return Ok(None) };
    let tensor = tensor_of(given).filter(|tensor| tensor.is_contiguous());
    let tensor = tensor.ok_or_else(|| PyTypeError::new_err("a collective takes contiguous tensors"))?;
    let start = tensor.storage_offset() + start;
    Ok(Some((tensor.dtype(), (tensor.storage().or_raise()?, start))))
}

fn union(number: usize) -> PyResult<Union> {
    let known = [Union::Sum, Union::Mean, Union::Product, Union::Min, Union::Max];
    known.get(number).copied().ok_or_else(|| PyValueError::new_err("Cannot use this ReduceOp with NCCL"))
}

fn meeting<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    Ok(PyBytes::new(args.py, &device_of(args)?.meeting().or_raise()?).into_any())
}

fn join<'py>(args: &Args<'_, 'py>) -> Answer<'py> {
    let device = device_of(args)?;
    let meeting: Vec<u8> = args.required(1)?.extract()?;
    let (size, rank) = (args.required(2)?.extract()?, args.required(3)?.extract()?);
    let joined = args.py.detach(|| device.join(&meeting, size, rank)).or_raise()?;
    Ok(Bound::new(args.py, PyCommunicator(joined))?.into_any())
}

pub(crate) const FUNCTIONS: &[Native] = natives! {
    "_meeting" ("device") meeting: "Bytes by which devices of several processes find each other.";
    "_join" ("device, meeting, size, rank") join: "A device's place among those of other processes.";
};

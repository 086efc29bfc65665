//! The extension module `spiraltorch_rs._C`: types, the GIL and errors; no mathematics.
//!
//! | room | what lives there |
//! |---|---|
//! | `tensor`, `object`, `handle`, `operators`, `properties`, `size` | the class `Tensor`: operators of Python, its objects, the tensor an object holds, attributes, methods that are no operators |
//! | `call` | how a call finds its operator: the table's functions and methods, argument matching, messages |
//! | `overrides` | `__torch_function__` |
//! | `convert`, `errors`, `warnings` | Python's values to the core's and back; errors, panics; what torch warns of |
//! | `gpu` | streams, events, graphs, pinned memory, arrays on a GPU |
//! | `profile` | recording what a program does |
//! | `creation`, `buffer`, `dlpack` | tensors from data and from other libraries' memory |
//! | `indexing` | `x[...]` |
//! | `autograd` | gradients, hooks, users' functions, modes |
//! | `autocast` | mixed precision: switching it on and off |
//! | `vmap` | functions recorded on one sample of a batch |
//! | `dtype`, `layout`, `device`, `runtime`, `debug` | the small objects; running, settings; the user's line |

#![expect(non_snake_case, reason = "the module is `_C`, as in torch")]

mod autocast;
mod autograd;
mod buffer;
mod call;
mod convert;
mod creation;
mod debug;
mod device;
mod dlpack;
mod dtype;
mod errors;
mod exchange;
mod gpu;
mod handle;
mod indexing;
mod layout;
mod nodes;
mod object;
mod operators;
mod overrides;
mod profile;
mod properties;
mod runtime;
mod size;
mod tensor;
mod vmap;
mod warnings;

/// A graph is many small pieces, made and dropped by the hundred: the C library takes twice as long over them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use pyo3::prelude::*;

/// The extension module.
#[pymodule]
fn _C(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    errors::register(module)?;
    dtype::register(module)?;
    layout::register(module)?;
    device::register(module)?;
    runtime::register(module)?;
    gpu::register(module)?;
    autograd::register(module)?;
    vmap::register(module)?;
    debug::register();
    module.add_class::<tensor::PyTensor>()?;
    let functions = [
        errors::FUNCTIONS,
        creation::FUNCTIONS,
        dlpack::FUNCTIONS,
        gpu::FUNCTIONS,
        exchange::FUNCTIONS,
        autocast::FUNCTIONS,
        autograd::FUNCTIONS,
        vmap::FUNCTIONS,
        overrides::FUNCTIONS,
        profile::FUNCTIONS,
        runtime::FUNCTIONS,
        properties::FUNCTIONS,
    ];
    let methods = [
        creation::METHODS,
        buffer::METHODS,
        dlpack::METHODS,
        autograd::METHODS,
        runtime::METHODS,
        properties::METHODS,
    ];
    call::register(module, &functions, &methods)
}

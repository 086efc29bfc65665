//! Mixed precision: inside an autocast region operators choose the dtype they compute in, by torch's lists.
//!
//! Calls from Python pass [`prepare`]. An operator that is made of operators decides for all of its parts, and products
//! and sums are in single precision whatever they are given, so nothing else changes.

mod lists;

use crate::autograd;
use crate::graph::DeviceId;
use crate::ops::{OpDef, Value};
use crate::runtime;
use crate::tensor::Tensor;
pub use lists::{Policy, policy};
use st_kernel::{DType, Result, runtime_err};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

/// What autocast does on a kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Whether it does anything.
    pub enabled: bool,
    /// The dtype of what is fast in low precision.
    pub dtype: DType,
}

/// A cast of a parameter: the parameter, its version then, and the cast.
type CachedCast = (Tensor, u32, Tensor);

struct State {
    settings: HashMap<String, Setting>,
    cache: HashMap<usize, CachedCast>,
    keeps_casts: bool,
    depth: usize,
}

thread_local! {
    /// Whether any kind of device is switched on: all that a call outside of autocast asks.
    static ON: Cell<bool> = const { Cell::new(false) };
    static STATE: Box<RefCell<State>> = Box::new(RefCell::new(State {
        settings: HashMap::new(),
        cache: HashMap::new(),
        keeps_casts: true,
        depth: 0,
    }));
}

fn look<R>(at: impl FnOnce(&State) -> R) -> R {
    STATE.with(|state| at(&state.borrow()))
}

fn change<R>(to: impl FnOnce(&mut State) -> R) -> R {
    STATE.with(|state| to(&mut state.borrow_mut()))
}

/// Whether this thread is in a region.
#[inline]
pub fn is_on() -> bool {
    ON.get()
}

/// What was set for a kind of device; off, and torch's dtype, if nothing was.
pub fn setting(kind: &str) -> Setting {
    let dtype = if kind == "cpu" { DType::BF16 } else { DType::F16 };
    look(|state| state.settings.get(kind).copied()).unwrap_or(Setting { enabled: false, dtype })
}

/// Sets it.
pub fn set(kind: &str, setting: Setting) {
    change(|state| {
        state.settings.insert(kind.into(), setting);
        ON.set(state.settings.values().any(|setting| setting.enabled));
    });
}

/// Whether casts of parameters are kept until the end of the region.
pub fn keeps_casts() -> bool {
    look(|state| state.keeps_casts)
}

/// Sets whether they are.
pub fn set_keeps_casts(on: bool) {
    change(|state| state.keeps_casts = on);
}

/// Forgets them.
pub fn clear_cache() {
    drop(change(|state| std::mem::take(&mut state.cache)));
}

/// Enters (1) or leaves (-1) a region; how deep this thread is then.
pub fn nest(by: isize) -> usize {
    change(|state| {
        state.depth = state.depth.saturating_add_signed(by);
        state.depth
    })
}

/// Casts an operator's arguments as this thread's region wants it.
pub fn prepare(op: &'static OpDef, values: &mut [Value]) -> Result<()> {
    let Some((device, low)) = values.iter().find_map(active) else { return Ok(()) };
    let listed = lists::policy(op.name, device == 0).filter(|_| lists::applies(op.name, device == 0, values));
    let Some(policy) = listed else { return Ok(()) };
    match policy {
        Policy::Low => cast_all(values, device, low),
        Policy::Single => cast_all(values, device, DType::F32),
        Policy::SingleResult => match op.params().iter().position(|param| param.name == "dtype") {
            Some(i) => {
                if matches!(values[i], Value::None) && values.first().is_some_and(|v| is_eligible(v, device))
                {
                    values[i] = Value::DType(DType::F32);
                }
                Ok(())
            }
            None => cast_all(values, device, DType::F32),
        },
        Policy::Widest => cast_all(values, device, widest(values, device, low)),
        // The weights are always cast; what is kept from step to step says how exactly it is kept.
        Policy::State => {
            let state = op.params().iter().position(|param| param.name == "hx").unwrap_or(1);
            cast_all(values, device, widest(&values[state..=state], device, low))
        }
        Policy::Refused => Err(runtime_err!(
            "nn.functional.{0} and its module are unsafe to autocast. Many models use a sigmoid layer right before \
             it: combine the two with {0}_with_logits, which is safe to autocast.",
            op.name
        )),
    }
}

/// As [`prepare`] for the operands of one of Python's symbols; `None` if they stay as they are.
pub fn prepared(
    op: Option<&'static OpDef>,
    values: impl FnOnce() -> Vec<Value>,
) -> Result<Option<Vec<Value>>> {
    let Some(op) = op.filter(|op| lists::is_listed(op.name)) else { return Ok(None) };
    let mut values = values();
    prepare(op, &mut values)?;
    Ok(Some(values))
}

/// The device of an argument, and the low precision there, if autocast is on there.
fn active(value: &Value) -> Option<(DeviceId, DType)> {
    let device = match value {
        Value::Tensor(tensor) => tensor.device(),
        Value::Tensors(list) => list.iter().flatten().next()?.device(),
        _ => return None,
    };
    let kind = if device == 0 { "cpu" } else { runtime::device(device).ok()?.info().kind };
    let setting = setting(kind);
    setting.enabled.then_some((device, setting.dtype))
}

/// Single precision if one of the tensors has it, else the region's.
fn widest(values: &[Value], device: DeviceId, low: DType) -> DType {
    let single = values.iter().any(|value| has(value, device, |dtype| dtype == DType::F32));
    if single { DType::F32 } else { low }
}

/// Whether an argument has a tensor that is cast, of a dtype that `accepts` says yes to.
fn has(value: &Value, device: DeviceId, accepts: impl Fn(DType) -> bool) -> bool {
    let test = |t: &Tensor| is_castable(t, device) && accepts(t.dtype());
    match value {
        Value::Tensor(tensor) => test(tensor),
        Value::Tensors(list) => list.iter().flatten().any(test),
        _ => false,
    }
}

fn is_eligible(value: &Value, device: DeviceId) -> bool {
    has(value, device, |_| true)
}

/// Double precision is meant, and stays.
fn is_castable(tensor: &Tensor, device: DeviceId) -> bool {
    tensor.dtype().is_float() && tensor.dtype() != DType::F64 && tensor.device() == device
}

fn cast_all(values: &mut [Value], device: DeviceId, dtype: DType) -> Result<()> {
    for value in values {
        match value {
            Value::Tensor(tensor) => *tensor = cast(tensor, device, dtype)?,
            Value::Tensors(list) => {
                for tensor in list.iter_mut().flatten() {
                    *tensor = cast(tensor, device, dtype)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn cast(tensor: &Tensor, device: DeviceId, dtype: DType) -> Result<Tensor> {
    if !is_castable(tensor, device) || tensor.dtype() == dtype {
        return Ok(tensor.clone());
    }
    // Parameters are used more than once: by layers that share them, by the steps of a recurrence.
    let kept = tensor.dtype() == DType::F32
        && keeps_casts()
        && !tensor.is_sample()
        && tensor.requires_grad()
        && tensor.is_leaf();
    if !kept {
        return tensor.to_dtype(dtype);
    }
    let key = Arc::as_ptr(&tensor.0) as usize;
    let known = look(|state| {
        let (_, version, cast) = state.cache.get(&key)?;
        (*version == tensor.version() && cast.dtype() == dtype).then(|| cast.clone())
    });
    if let Some(cast) = known {
        return Ok(cast);
    }
    let cast = tensor.to_dtype(dtype)?;
    // One that was made under `no_grad` would pass no gradient on.
    if autograd::is_grad_enabled() {
        let entry = (tensor.clone(), tensor.version(), cast.clone());
        drop(change(|state| state.cache.insert(key, entry)));
    }
    Ok(cast)
}

//! What a device cannot do: whether the host may do it instead, and that the user is told.
//!
//! Nothing moves to the CPU silently. By default it is an error that names the operator; a program may allow it.

use super::device;
use crate::graph::DeviceId;
use st_kernel::{Buffer, Error, Kernel, Launch, Result, Scalar, unsupported};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock, PoisonError};

/// What happens to an operator that a device has no kernel for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fallback {
    /// It is an error.
    Error,
    /// The host does it, and the user is told once for each operator.
    Warn,
    /// The host does it.
    Allow,
}

static POLICY: AtomicU8 = AtomicU8::new(Fallback::Error as u8);
static TELL: OnceLock<fn(&str) -> Result<()>> = OnceLock::new();

/// What was told, and what is to be told after the run.
#[derive(Default)]
struct Told {
    known: BTreeSet<String>,
    waiting: Vec<String>,
}

static TOLD: Mutex<Option<Told>> = Mutex::new(None);

/// What happens to an operator that a device has no kernel for.
pub fn fallback() -> Fallback {
    match POLICY.load(Relaxed) {
        0 => Fallback::Error,
        1 => Fallback::Warn,
        _ => Fallback::Allow,
    }
}

/// Sets it, and gives what it was.
pub fn set_fallback(policy: Fallback) -> Fallback {
    let before = fallback();
    POLICY.store(policy as u8, Relaxed);
    before
}

/// A language binding says how a warning reaches the user; an error of it is an error of the run.
pub fn set_tell(tell: fn(&str) -> Result<()>) {
    let _ = TELL.set(tell);
}

/// An algorithm of the host is about to work on memory of another device.
pub(super) fn to_host(operators: &str, on: DeviceId) -> Result<()> {
    match fallback() {
        Fallback::Error => Err(unsupported!(
            "{operators}: {} has no kernel for this, it is an algorithm of the host; move the operands with .cpu(), or allow copies there and back with set_fallback('warn')",
            name(on)?
        )),
        Fallback::Warn => {
            tell(format!(
                "{operators} is an algorithm of the host: operands of {} are copied there and back",
                name(on)?
            ));
            Ok(())
        }
        Fallback::Allow => Ok(()),
    }
}

/// A device refused a kernel: the CPU runs it if the user allowed that.
pub(super) fn to_cpu(
    refused: Error,
    operators: &str,
    on: DeviceId,
    kernel: &Kernel,
    (launch, buffers, params): (&Launch, &[Buffer], &[Scalar]),
) -> Result<()> {
    match fallback() {
        Fallback::Error => {
            return Err(refused.context("the CPU does it instead after set_fallback('warn')"));
        }
        Fallback::Warn => {
            tell(format!("{operators} has no kernel on {}, the CPU does it: {refused}", name(on)?))
        }
        Fallback::Allow => {}
    }
    let (own, cpu) = (device(on)?, device(0)?);
    let mut copies: Vec<Buffer> = Vec::with_capacity(buffers.len());
    for buffer in buffers {
        let mut bytes = vec![0; buffer.len()];
        own.download(buffer, &mut bytes)?;
        let copy = cpu.alloc(bytes.len())?;
        cpu.upload(&bytes, &copy)?;
        copies.push(copy);
    }
    cpu.compile(kernel)?.launch(launch, &copies, params)?;
    for write in &launch.writes {
        let at = write.buffer as usize;
        let mut bytes = vec![0; buffers[at].len()];
        cpu.download(&copies[at], &mut bytes)?;
        own.upload(&bytes, &buffers[at])?;
    }
    Ok(())
}

fn name(on: DeviceId) -> Result<String> {
    let info = device(on)?.info();
    Ok(format!("{}:{}", info.kind, info.index))
}

/// Remembers what the user is told after the run, when nothing is locked; once.
fn tell(text: String) {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    let told = told.get_or_insert_default();
    if told.known.insert(text.clone()) {
        told.waiting.push(text);
    }
}

/// Tells the user what is waiting.
pub(super) fn flush() -> Result<()> {
    if fallback() != Fallback::Warn {
        return Ok(());
    }
    let waiting = match TOLD.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        Some(told) => std::mem::take(&mut told.waiting),
        None => return Ok(()),
    };
    let Some(tell) = TELL.get() else {
        waiting.iter().for_each(|text| eprintln!("warning: {text}"));
        return Ok(());
    };
    for text in waiting {
        tell(&text).inspect_err(|_| forget(&text))?;
    }
    Ok(())
}

/// What the user makes an error of is an error the next time, too.
fn forget(text: &str) {
    if let Some(told) = TOLD.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        told.known.remove(text);
    }
}

//! Graphs of a device: work that is recorded instead of done, and done again on the same memory.
//!
//! What is asked for meanwhile runs into the recording. Nodes that recorded work has read or made are fixed: they keep their
//! memory, which nothing else takes over. What is written to them in place, during the recording or later, is computed like
//! anything else and then copied to where they are, so that the next replay finds it.

use super::{device, flush_all};
use crate::graph::{Cell, DeviceId, Node, created_pending};
use crate::ops::Operand;
use crate::random::Generator;
use crate::tensor::Tensor;
use st_kernel::{Buffer, DType, DeviceBuffer, Graph, Result, Scalar, runtime_err, unsupported};
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// A recording of this thread.
struct Capture {
    on: DeviceId,
    kept: Vec<Buffer>,
    draws: Vec<Draws>,
}

/// Random numbers of recorded work: each replay draws new ones, from where their generator stands then.
pub(crate) struct Draws {
    generator: Generator,
    /// Key and first word.
    state: Tensor,
    /// Words a replay takes.
    words: usize,
}

/// Recorded work. It keeps the memory that it reads.
pub struct Captured {
    graph: Box<dyn Graph>,
    on: DeviceId,
    draws: Vec<Draws>,
    _kept: Vec<Buffer>,
}

/// Fixed contents that were written in place and have to go back to their memory after the next run.
struct Written {
    cell: Weak<Cell>,
    node: Weak<Node>,
    /// Until the run: whoever else holds the node reads it.
    held: Option<Arc<Node>>,
    /// From the run on: the memory, if nothing in the run reads it.
    unread: Option<Buffer>,
    memory: Weak<dyn DeviceBuffer>,
}

thread_local!(static CAPTURE: RefCell<Option<Capture>> = const { RefCell::new(None) });
/// Whether there ever was a recording.
static ANY: AtomicBool = AtomicBool::new(false);
static WRITTEN: Mutex<Vec<Written>> = Mutex::new(Vec::new());

fn with<T>(f: impl FnOnce(&mut Capture) -> T) -> Option<T> {
    if !ANY.load(Relaxed) {
        return None;
    }
    CAPTURE.with_borrow_mut(|capture| capture.as_mut().map(f))
}

fn written() -> Vec<Written> {
    std::mem::take(&mut *WRITTEN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Whether this thread's work is being recorded.
pub fn is_capturing() -> bool {
    with(|_| ()).is_some()
}

/// From here on this thread's work on a device is recorded, with memory of a pool of its own.
pub fn begin_capture(on: DeviceId, pool: u64) -> Result<()> {
    if is_capturing() {
        return Err(runtime_err!("a graph is being captured by this thread already"));
    }
    flush_all()?;
    let device = device(on)?;
    let graphs = device.graphs().ok_or_else(|| unsupported!("{} records no graphs", device.info().kind))?;
    graphs.begin(pool)?;
    ANY.store(true, Relaxed);
    CAPTURE.set(Some(Capture { on, kept: Vec::new(), draws: Vec::new() }));
    Ok(())
}

/// Runs what waits into the recording, which ends.
pub fn end_capture() -> Result<Captured> {
    if !is_capturing() {
        return Err(runtime_err!("no graph is being captured by this thread"));
    }
    let flushed = flush_all();
    let (capture, graph) = stop()?;
    flushed?;
    Ok(Captured { graph: graph?, on: capture.on, draws: capture.draws, _kept: capture.kept })
}

/// Ends a recording that has failed.
pub fn abort_capture() {
    let _ = stop();
}

fn stop() -> Result<(Capture, Result<Box<dyn Graph>>)> {
    let capture = CAPTURE.take().ok_or_else(|| runtime_err!("no graph is being captured by this thread"))?;
    let graphs = device(capture.on)?.graphs().ok_or_else(|| runtime_err!("the device records no graphs"))?;
    Ok((capture, graphs.end()))
}

impl Captured {
    /// Has the device do the work once more.
    pub fn replay(&self) -> Result<()> {
        // What was asked for before reads and writes memory as it is now.
        flush_all()?;
        for draws in &self.draws {
            let [key, first] = draws.generator.take(draws.words);
            let bytes = [key.to_le_bytes(), first.to_le_bytes()].concat();
            device(self.on)?.upload(&bytes, &draws.state.storage()?)?;
        }
        self.graph.replay()
    }

    /// Writes what the device does to a file.
    pub fn draw(&self, file: &str) -> Result<()> {
        self.graph.draw(file)
    }
}

/// A run reads a node's memory.
pub(super) fn reads(node: &Arc<Node>, out: u8) {
    with(|capture| {
        if node.device == capture.on {
            node.fix();
            capture.kept.extend(node.value(out).cloned());
        }
    });
}

/// A run has made a node.
pub(super) fn makes(node: &Arc<Node>) {
    with(|capture| {
        if node.device == capture.on {
            node.fix();
        }
    });
}

/// A cell is about to be advanced to another node.
pub(crate) fn writes(cell: &Arc<Cell>) {
    if !ANY.load(Relaxed) {
        return;
    }
    let (node, out) = cell.node();
    let recorded = with(|capture| capture.on == cell.device) == Some(true);
    let (true, Some(memory)) = (recorded || node.is_fixed(), node.value(out)) else { return };
    let memory = Arc::downgrade(memory);
    let entry = Written {
        cell: Arc::downgrade(cell),
        node: Arc::downgrade(&node),
        held: Some(node),
        unread: None,
        memory,
    };
    WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
}

/// What a run does besides what it is asked for: all that may read contents which are about to be written over.
pub(super) fn before_run(roots: &mut Vec<Arc<Node>>) {
    if !ANY.load(Relaxed) {
        return;
    }
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    if is_capturing() || !written.is_empty() {
        roots.extend(created_pending());
    }
    for entry in written.iter_mut() {
        if entry.held.take().is_some_and(|node| Arc::strong_count(&node) == 1) {
            entry.unread = entry.memory.upgrade();
        }
        if let (Some(cell), Some(node)) = (entry.cell.upgrade(), entry.node.upgrade()) {
            let (heir, out) = cell.node();
            node.fix();
            node.set_heir((out == 0).then_some(&heir));
        }
    }
}

/// Copies what was written to where it belongs, unless it has been computed there. No other result was.
pub(super) fn after_run() -> Result<()> {
    if !ANY.load(Relaxed) {
        return Ok(());
    }
    let mut again = Vec::new();
    for entry in written() {
        let old = entry.unread.clone().or_else(|| entry.memory.upgrade());
        let (Some(cell), Some(old)) = (entry.cell.upgrade(), old) else { continue };
        let (node, out) = cell.node();
        if !node.is_realized() {
            again.push(Written { unread: Some(old), ..entry });
            continue;
        }
        let Some(new) = node.value(out) else { continue };
        if std::ptr::addr_eq(Arc::as_ptr(new), Arc::as_ptr(&old)) {
            node.fix();
            continue;
        }
        if let Some(node) = entry.node.upgrade() {
            node.set_heir(None);
            return Err(runtime_err!(
                "memory that a CUDA graph works on was written in place while its old contents are still needed (for a gradient?); write to a clone() instead"
            ));
        }
        device(cell.device)?.copy(new, &old)?;
        let shape = node.out_shape(out).to_vec();
        let leaf = Node::leaf(old.clone(), &shape, cell.dtype, cell.device);
        leaf.fix();
        cell.replace(leaf, 0);
        with(|capture| capture.kept.push(old));
    }
    WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).extend(again);
    Ok(())
}

/// Key and first word of random numbers that recorded work draws; none if this thread records nothing there.
pub(crate) fn draws(generator: &Generator, words: usize, on: DeviceId) -> Result<Option<[Tensor; 2]>> {
    if with(|capture| capture.on == on) != Some(true) {
        return Ok(None);
    }
    let known = with(|c| {
        let draws = c.draws.iter_mut().find(|d| d.generator.is(generator))?;
        let first = draws.words;
        draws.words += words;
        Some((draws.state.clone(), first))
    });
    let (state, first) = match known.flatten() {
        Some(known) => known,
        None => {
            let buffer = device(on)?.alloc(2 * DType::I64.size())?;
            let state = Tensor::from_node(Node::leaf(buffer, &[2], DType::I64, on), 0);
            let draws = Draws { generator: generator.clone(), state: state.clone(), words };
            with(|capture| capture.draws.push(draws));
            (state, 0)
        }
    };
    let first = state.select(0, 1)?.add(Operand::Scalar(Scalar::Int(first as i64)))?;
    Ok(Some([state.select(0, 0)?, first]))
}

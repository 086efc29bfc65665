//! Tensors saved for a gradient: what they held at the time, or an error if they have been written since.

use super::node::{Edge, Work};
use super::{is_anomaly_enabled, is_grad_enabled};
use crate::graph::Cell;
use crate::tensor::Tensor;
use st_kernel::view::View;
use st_kernel::{DType, Error, Result, runtime_err};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::Arc;

/// Gives a saved tensor back.
pub type Unpack = Arc<dyn Fn() -> Result<Tensor> + Send + Sync>;
/// Called when a tensor is saved; what it gives is called when the tensor is needed.
pub type Pack = Arc<dyn Fn(&Tensor) -> Result<Unpack> + Send + Sync>;

/// A saved tensor. It holds memory, not the handle: a handle that is written later would lead back to the node that saved it.
#[derive(Clone)]
pub(crate) enum Saved {
    /// Memory seen through a view (`None`: all of it in order) and how often it had been written.
    Held { cell: Arc<Cell>, view: Option<Arc<View>>, version: u32 },
    /// Whatever a hook made of it.
    Packed(Unpack),
}

thread_local!(static PACKS: RefCell<Vec<Pack>> = const { RefCell::new(Vec::new()) });

/// While the guard lives, tensors saved by this thread go through `pack`.
pub fn saved_tensors_hooks(pack: Pack) -> SavedHooksGuard {
    push_saved_tensors_hooks(pack);
    SavedHooksGuard { stays_on_its_thread: PhantomData }
}

/// As [`saved_tensors_hooks`], until [`pop_saved_tensors_hooks`]: for languages that have no guards.
pub fn push_saved_tensors_hooks(pack: Pack) {
    PACKS.with_borrow_mut(|packs| packs.push(pack));
}

/// Ends the newest hooks of this thread.
pub fn pop_saved_tensors_hooks() {
    let ended = PACKS.with_borrow_mut(Vec::pop);
    drop(ended);
}

/// Ends [`saved_tensors_hooks`].
#[must_use = "the hooks last as long as the guard"]
pub struct SavedHooksGuard {
    stays_on_its_thread: PhantomData<*const ()>,
}

impl Drop for SavedHooksGuard {
    fn drop(&mut self) {
        pop_saved_tensors_hooks();
    }
}

impl Saved {
    pub(crate) fn new(tensor: &Tensor) -> Result<Saved> {
        if tensor.is_inference() {
            return Err(runtime_err!(
                "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use `no_grad()` instead of `inference_mode()`."
            ));
        }
        match PACKS.with_borrow(|packs| packs.last().cloned()) {
            Some(pack) => Saved::packed(tensor, &pack),
            None => Ok(Saved::held(tensor)),
        }
    }

    pub(crate) fn packed(tensor: &Tensor, pack: &Pack) -> Result<Saved> {
        // What a hook does with the tensor is not part of the graph.
        let _guard = super::no_grad();
        let version = tensor.version();
        let unpack = pack(&tensor.detach())?;
        if tensor.version() != version {
            return Err(runtime_err!(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook can not be modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to perform in-place operations on the input to a pack hook."
            ));
        }
        Ok(Saved::Packed(unpack))
    }

    pub(crate) fn held(tensor: &Tensor) -> Saved {
        Saved::Held {
            cell: tensor.0.storage.cell().clone(),
            view: tensor.0.operand_view.clone(),
            version: tensor.version(),
        }
    }

    /// Whether it is memory of this cell.
    pub(crate) fn is_of(&self, of: &Arc<Cell>) -> bool {
        matches!(self, Saved::Held { cell, .. } if Arc::ptr_eq(cell, of))
    }

    /// Whether it is this very tensor, and not its memory in another shape.
    pub(crate) fn is(&self, tensor: &Tensor) -> bool {
        matches!(self, Saved::Held { view, .. } if self.is_of(tensor.0.storage.cell()) && *view == tensor.0.operand_view)
    }

    /// The same elements are in another cell now.
    pub(crate) fn move_to(&mut self, to: &Arc<Cell>) {
        if let Saved::Held { cell, version, .. } = self {
            (*cell, *version) = (to.clone(), to.version());
        }
    }

    /// The tensor, from `origin` on the tape; an error if it has been written since.
    pub(crate) fn unpack(&self, origin: Option<&Edge>) -> Result<Tensor> {
        self.unpack_at(origin, is_grad_enabled())
    }

    /// As `unpack`; `placed` if the tensor is put on the tape, which rules look at only while they are recorded.
    pub(crate) fn unpack_at(&self, origin: Option<&Edge>, placed: bool) -> Result<Tensor> {
        let tensor = match self {
            Saved::Packed(unpack) => unpack()?.detach(),
            Saved::Held { cell, view, version } => {
                let seen = match view {
                    Some(view) => (**view).clone(),
                    None => whole(cell),
                };
                if cell.version() != *version {
                    return Err(modified(cell, &seen, *version, origin));
                }
                if let Some(leaf) = origin.and_then(|edge| leaf_seen_as(edge, cell, &seen)) {
                    return Ok(leaf);
                }
                Tensor::seeing(cell.clone(), seen, view.clone())
            }
        };
        if let Some(edge) = origin.filter(|_| placed) {
            tensor.set_history(edge.clone());
        }
        Ok(tensor)
    }
}

fn whole(cell: &Cell) -> View {
    let (node, out) = cell.node();
    View::contiguous(node.out_shape(out))
}

/// The leaf itself, if that is what was saved.
fn leaf_seen_as(edge: &Edge, cell: &Arc<Cell>, view: &View) -> Option<Tensor> {
    match &edge.node.work {
        Work::Accumulate(leaf, _) if Arc::ptr_eq(leaf.0.storage.cell(), cell) && leaf.0.view == *view => {
            Some(leaf.clone())
        }
        _ => None,
    }
}

fn modified(cell: &Cell, view: &View, version: u32, origin: Option<&Edge>) -> Error {
    let whose = match origin {
        Some(edge) if matches!(edge.node.work, Work::Rule(_)) => {
            format!(", which is output {} of {},", edge.out, edge.node.name())
        }
        _ => String::new(),
    };
    let hint = if is_anomaly_enabled() {
        "the line named below made the operation that failed to compute its gradient. The variable in question was changed there or anywhere later. Good luck!"
    } else {
        "enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True)."
    };
    runtime_err!(
        "one of the variables needed for gradient computation has been modified by an inplace operation: [torch.{}Tensor {:?}]{whose} is at version {}; expected version {version} instead. Hint: {hint}",
        torch_name(cell.dtype),
        &view.shape[..],
        cell.version()
    )
}

/// The name torch's errors have for a dtype.
pub fn torch_name(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "Bool",
        DType::U8 => "Byte",
        DType::I8 => "Char",
        DType::I16 => "Short",
        DType::I32 => "Int",
        DType::I64 => "Long",
        DType::U16 => "UInt16",
        DType::U32 => "UInt32",
        DType::U64 => "UInt64",
        DType::F16 => "Half",
        DType::BF16 => "BFloat16",
        DType::F32 => "Float",
        DType::F64 => "Double",
    }
}

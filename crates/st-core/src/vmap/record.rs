//! What a function computes from samples is recorded: samples, random nodes, and which nodes have been lifted so far.

use crate::autograd::next_id;
use crate::graph::{Arg, Node, Op};
use crate::tensor::Tensor;
use smallvec::{SmallVec, smallvec};
use st_kernel::view::View;
use st_kernel::{Error, Result, runtime_err};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

/// What random operators do inside a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Randomness {
    /// They are refused.
    Error,
    /// Each entry of the batch draws its own numbers.
    Different,
    /// All entries see the same numbers.
    Same,
}

/// A function that is, or was, recorded on one sample of a batch.
pub struct Recording {
    pub(super) batch: usize,
    pub(super) randomness: Randomness,
    /// Nodes of the tape from this number on were made inside.
    pub(super) since: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    inputs: Vec<Input>,
    /// Nodes that draw numbers for each entry.
    draws: HashMap<*const Node, Weak<Node>>,
    lifted: HashMap<*const Node, (Weak<Node>, Lifted)>,
}

// SAFETY: the addresses are names only; nothing is read through them.
unsafe impl Send for State {}

/// A sample and the batch it stands for, as it was then.
struct Input {
    sample: Tensor,
    node: Arc<Node>,
    batched: Tensor,
    memory: (Arc<Node>, u8),
}

/// A node's outputs with a leading batch dimension, each all of the memory of an output of a node.
pub(super) type Outputs = SmallVec<[(Arc<Node>, u8); 2]>;
/// For each operand of a node, what it is with the batch, if it has one.
type LiftedArgs = SmallVec<[Option<(Arc<Node>, u8)>; 3]>;

/// What has become of a node.
#[derive(Clone)]
enum Lifted {
    /// It does not depend on the batch.
    Alone,
    /// Held: computing it again would cost more than its memory.
    Held(Outputs),
    /// Computed again if nobody else holds it.
    Loose(SmallVec<[(Weak<Node>, u8); 2]>),
}

thread_local!(static OPEN: RefCell<Vec<Arc<Recording>>> = const { RefCell::new(Vec::new()) });

/// Begins the error of whoever needs the value of a sample.
const NEEDS_VALUE: &str = "vmap: the value of a tensor is needed while the function is recorded";

pub(crate) fn value_error() -> Error {
    runtime_err!("{NEEDS_VALUE}; a sample has none")
}

/// Whether an error says that a recorded function cannot go without values.
pub fn is_value_error(message: &str) -> bool {
    message.contains(NEEDS_VALUE)
}

/// Whether a node of this operation draws numbers of which each entry of a batch has its own.
pub(crate) fn draws_for_batch(op: &Op) -> bool {
    let Op::Pointwise(p) = op else { return false };
    p.is_random() && OPEN.with_borrow(|open| open.iter().any(|r| r.randomness == Randomness::Different))
}

/// Such a node depends on the batches of this thread's recordings.
pub(crate) fn claim(node: &Arc<Node>) {
    OPEN.with_borrow(|open| {
        for recording in open.iter().filter(|r| r.randomness == Randomness::Different) {
            recording.state().draws.insert(Arc::as_ptr(node), Arc::downgrade(node));
        }
    });
}

/// Whether this thread records a function.
pub(crate) fn is_recording() -> bool {
    OPEN.with_borrow(|open| !open.is_empty())
}

/// How many entries draw numbers of their own where one does; an error where random operators are refused.
pub fn batch_of_draws() -> Result<usize> {
    OPEN.with_borrow(|open| {
        if open.iter().any(|r| r.randomness == Randomness::Error) {
            return Err(runtime_err!(
                "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' randomness flags on vmap or perform the randomness operation out of vmap"
            ));
        }
        let own = open.iter().filter(|r| r.randomness == Randomness::Different);
        Ok(own.map(|r| r.batch).product())
    })
}

/// Ends the newest recording of this thread.
pub fn end() {
    let ended = OPEN.with_borrow_mut(Vec::pop);
    drop(ended);
}

impl Recording {
    /// Begins to record a function of batches of this size, until [`end`].
    pub fn begin(batch: usize, randomness: Randomness) -> Arc<Recording> {
        let state = Mutex::default();
        let recording = Arc::new(Recording { batch, randomness, since: next_id(), state });
        OPEN.with_borrow_mut(|open| open.push(recording.clone()));
        recording
    }

    /// A tensor that stands for one entry of a batch, whose first dimension counts the entries.
    pub fn sample(&self, batched: &Tensor) -> Result<Tensor> {
        let node = Node::sample(&batched.shape()[1..], batched.dtype(), batched.device());
        let sample = Tensor::from_node(node.clone(), 0);
        if batched.requires_grad() {
            sample.requires_grad_(true)?;
        }
        // Memory in order, as every lifted node has.
        let batched = batched.whole()?;
        let Arg::Of { node: memory, out, .. } = batched.arg() else {
            unreachable!("a tensor's operand is a node")
        };
        let input = Input { sample: sample.clone(), node, batched, memory: (memory, out) };
        self.state().inputs.push(input);
        Ok(sample)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic while the lock is held")
    }

    /// The batch that a leaf of the tape stands for, if it is a sample.
    pub(super) fn batch_behind(&self, leaf: &Tensor) -> Option<Tensor> {
        self.state().inputs.iter().find(|i| i.sample.is(leaf)).map(|i| i.batched.clone())
    }

    /// An operand with the batch in front; one that does not depend on it as it is.
    pub(super) fn lift_arg(&self, arg: &Arg) -> Result<(Arg, bool)> {
        let Arg::Of { node, out, .. } = arg else { return Ok((arg.clone(), false)) };
        let mut found = Found::new();
        self.lift_node(node, &mut found)?;
        let lifted = found.get(&Arc::as_ptr(node)).and_then(Option::as_ref);
        Ok(match lifted {
            None => (arg.clone(), false),
            Some(outputs) => (batched(arg, &outputs[usize::from(*out)], self.batch, 0), true),
        })
    }

    /// Whether a tensor depends on this recording's batches.
    pub fn is_batched(&self, tensor: &Tensor) -> Result<bool> {
        Ok(tensor.is_sample() && self.lift_arg(&tensor.arg())?.1)
    }

    /// The lifted operands of a sample's node, for who looks behind it.
    pub(super) fn lift_operands(&self, node: &Node) -> Result<Vec<(Arg, bool)>> {
        node.args().iter().map(|arg| self.lift_arg(arg)).collect()
    }

    /// Lifts a node and what it was made of, operands first, without recursion.
    fn lift_node(&self, root: &Arc<Node>, found: &mut Found) -> Result<()> {
        enum Visit {
            Enter(Arc<Node>),
            Leave(Arc<Node>),
        }
        let mut stack = vec![Visit::Enter(root.clone())];
        while let Some(visit) = stack.pop() {
            match visit {
                Visit::Enter(node) => {
                    if found.contains_key(&Arc::as_ptr(&node)) {
                        continue;
                    }
                    if let Some(known) = self.known(&node) {
                        found.insert(Arc::as_ptr(&node), known);
                        continue;
                    }
                    stack.push(Visit::Leave(node.clone()));
                    node.with_args(|args| {
                        stack.extend(args.iter().filter_map(Arg::node).cloned().map(Visit::Enter))
                    });
                }
                Visit::Leave(node) => {
                    let key = Arc::as_ptr(&node);
                    let outputs = self.apply_rule(&node, found)?;
                    self.remember(&node, &outputs);
                    found.insert(key, outputs);
                }
            }
        }
        Ok(())
    }

    /// What needs no rule: nodes that have a value, samples, what was lifted before.
    fn known(&self, node: &Arc<Node>) -> Option<Option<Outputs>> {
        if !node.is_sample() {
            return Some(None);
        }
        let state = self.state();
        if let Some(input) = state.inputs.iter().find(|i| Arc::ptr_eq(&i.node, node)) {
            return Some(Some(smallvec![input.memory.clone()]));
        }
        match &state.lifted.get(&Arc::as_ptr(node))?.1 {
            Lifted::Alone => Some(None),
            Lifted::Held(outputs) => Some(Some(outputs.clone())),
            Lifted::Loose(outputs) => {
                let alive = outputs.iter().map(|(node, out)| Some((node.upgrade()?, *out)));
                alive.collect::<Option<Outputs>>().map(Some)
            }
        }
    }

    fn apply_rule(&self, node: &Arc<Node>, found: &Found) -> Result<Option<Outputs>> {
        let args = node.args();
        let lifted: LiftedArgs = args
            .iter()
            .map(|arg| match arg {
                Arg::Of { node, out, .. } => {
                    let outputs = found.get(&Arc::as_ptr(node))?.as_ref()?;
                    Some(outputs[usize::from(*out)].clone())
                }
                Arg::Number(_) => None,
            })
            .collect();
        let draws = self.state().draws.contains_key(&Arc::as_ptr(node));
        if !draws && lifted.iter().all(Option::is_none) {
            return Ok(None);
        }
        super::rules::Call { recording: self, node, args: &args, lifted: &lifted }.batched().map(Some)
    }

    /// Expressions are cheap to compute again, and holding them would keep them from being fused.
    fn remember(&self, node: &Arc<Node>, outputs: &Option<Outputs>) {
        let lifted = match outputs {
            None => Lifted::Alone,
            Some(outputs) if matches!(node.op, Op::Pointwise(_) | Op::Gather(_) | Op::Assign(_)) => {
                Lifted::Loose(outputs.iter().map(|(node, out)| (Arc::downgrade(node), *out)).collect())
            }
            Some(outputs) => Lifted::Held(outputs.clone()),
        };
        self.state().lifted.insert(Arc::as_ptr(node), (Arc::downgrade(node), lifted));
    }
}

/// Nodes that one walk has met, and what they are lifted.
type Found = HashMap<*const Node, Option<Outputs>>;

/// An operand seen with the batch in front, after as many dimensions of size one as it lacks of `rank`.
pub(super) fn batched(arg: &Arg, lifted: &(Arc<Node>, u8), batch: usize, rank: usize) -> Arg {
    let Arg::Of { node, out, .. } = arg else { return arg.clone() };
    let count: usize = node.out_shape(*out).iter().product();
    let view = arg.strided();
    let missing = rank.saturating_sub(view.shape.len());
    let mut seen = View { shape: smallvec![batch], strides: smallvec![count as isize], offset: view.offset };
    seen.shape.extend(std::iter::repeat_n(1, missing).chain(view.shape));
    seen.strides.extend(std::iter::repeat_n(0, missing).chain(view.strides));
    Arg::Of { node: lifted.0.clone(), out: lifted.1, view: Some(Arc::new(seen)) }
}

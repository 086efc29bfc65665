//! A node of the tape: the rule of one operator, where its gradients go, and what the rule looks at.

use super::gradient::Keeps;
use super::hooks::{HookHandle, NodeHooks, PostNodeHook, PreNodeHook};
use super::saved::Saved;
use super::{Rule, anomaly};
use crate::chain::{Waiting, drop_iteratively};
use crate::graph::DeviceId;
use crate::lock::Lock;
use crate::ops::Value;
use crate::tensor::Tensor;
use smallvec::{SmallVec, smallvec};
use st_kernel::view::Dims;
use st_kernel::{DType, Result, runtime_err};
use std::any::Any;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// An output of a node: where a tensor comes from, where a gradient goes.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) node: Arc<GradNode>,
    pub(crate) out: u32,
}

pub(crate) type Edges = SmallVec<[Option<Edge>; 3]>;

/// What a node does with gradients.
pub(crate) enum Work {
    /// Hands them on by a rule.
    Rule(Rule),
    /// Adds them to the leaf's `.grad`, one thread at a time.
    Accumulate(Tensor, Mutex<()>),
}

/// The tensors a rule looks at.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    pub(crate) inputs: SmallVec<[Option<Saved>; 3]>,
    pub(crate) outputs: SmallVec<[Option<Saved>; 1]>,
}

/// What has become of what a rule looks at.
enum Saves {
    /// There are only numbers, which stay.
    Numbers,
    Kept(Box<Kept>),
    Released,
}

/// What is known of an output of a node, which gradients of it have to fit.
pub(crate) struct Made {
    pub(crate) shape: Dims,
    pub(crate) dtype: DType,
    pub(crate) device: DeviceId,
}

impl Made {
    fn of(tensor: &Tensor) -> Made {
        Made { shape: Dims::from_slice(tensor.shape()), dtype: tensor.dtype(), device: tensor.device() }
    }
}

/// A node of the tape. Nodes are made after those they lead to, so that descending `id` is an order to run them in.
pub(crate) struct GradNode {
    pub(crate) id: u64,
    pub(crate) work: Work,
    pub(crate) edges: Edges,
    /// Shapes and dtypes of the inputs.
    pub(crate) shapes: SmallVec<[(Dims, DType); 2]>,
    pub(crate) outputs: SmallVec<[Made; 1]>,
    /// What its rule looks at, until that is released; a rule that looks at nothing can run any number of times.
    saves: Option<Lock<Saves>>,
    hooks: OnceLock<Arc<NodeHooks>>,
    /// The operator that the user called, where the rule is of another.
    label: OnceLock<&'static str>,
    /// The line of the forward pass.
    pub(crate) origin: Option<Arc<str>>,
}

const RELEASED: &str = "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.";

pub(crate) fn released_error() -> st_kernel::Error {
    runtime_err!("{RELEASED}")
}

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// The id the next node gets, or a later one.
pub fn next_id() -> u64 {
    NEXT_ID.load(Ordering::Relaxed)
}

impl GradNode {
    // Inlined, like `of_rule`: a node is put together where it stays, instead of being moved there.
    #[inline(always)]
    fn new(
        work: Work,
        edges: Edges,
        inputs: &[Option<&Tensor>],
        outputs: SmallVec<[Made; 1]>,
        saves: Option<Saves>,
    ) -> Arc<GradNode> {
        let mut shapes = SmallVec::new();
        for input in inputs {
            let shape = |t: &Tensor| (Dims::from_slice(t.shape()), t.dtype());
            shapes.push(input.map_or((Dims::new(), DType::F32), shape));
        }
        let leaf = matches!(work, Work::Accumulate(..));
        Arc::new(GradNode {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            work,
            edges,
            shapes,
            outputs,
            saves: saves.map(Lock::new),
            hooks: OnceLock::new(),
            label: OnceLock::new(),
            // A leaf's node is made under its lock, where no code of the user may run; no line made it anyway.
            origin: if leaf { None } else { anomaly::origin() },
        })
    }

    /// The node of an operator; saves what its rule looks at and nothing else.
    #[inline]
    pub(crate) fn of_rule(
        rule: Rule,
        edges: Edges,
        inputs: &[Option<&Tensor>],
        outs: &[Tensor],
    ) -> Result<Arc<GradNode>> {
        let keeps = rule.keeps(&|i| edges[i].is_some());
        let mut made = SmallVec::new();
        outs.iter().for_each(|out| made.push(Made::of(out)));
        if keeps == Keeps::default() {
            return Ok(GradNode::new(Work::Rule(rule), edges, inputs, made, None));
        }
        let held = |(i, input): (usize, &Option<&Tensor>)| keeps.inputs >> i & 1 == 1 && input.is_some();
        if keeps.outputs == 0 && !inputs.iter().enumerate().any(held) {
            return Ok(GradNode::new(Work::Rule(rule), edges, inputs, made, Some(Saves::Numbers)));
        }
        let mut kept = Box::new(Kept::default());
        if keeps.inputs != 0 {
            for (i, input) in inputs.iter().enumerate() {
                let kept_input = input.filter(|_| keeps.inputs >> i & 1 == 1);
                kept.inputs.push(kept_input.map(Saved::new).transpose()?);
            }
        }
        if keeps.outputs != 0 {
            for (i, out) in outs.iter().enumerate() {
                let is_kept = keeps.outputs >> i & 1 == 1;
                kept.outputs.push(is_kept.then(|| Saved::new(out)).transpose()?);
            }
        }
        Ok(GradNode::new(Work::Rule(rule), edges, inputs, made, Some(Saves::Kept(kept))))
    }

    /// The node of a gradient that goes to edges, each of a tensor of this shape and dtype.
    pub(crate) fn of_edges(rule: Rule, ways: Vec<(Edge, Dims, DType)>, outs: &[&Tensor]) -> Arc<GradNode> {
        let (mut edges, mut shapes) = (Edges::new(), SmallVec::new());
        for (edge, shape, dtype) in ways {
            edges.push(Some(edge));
            shapes.push((shape, dtype));
        }
        let made = outs.iter().copied().map(Made::of).collect();
        let mut node = GradNode::new(Work::Rule(rule), edges, &[], made, None);
        if let Some(node) = Arc::get_mut(&mut node) {
            node.shapes = shapes;
        }
        node
    }

    /// The node in which the gradients of a leaf end.
    pub(crate) fn of_leaf(leaf: &Tensor) -> Arc<GradNode> {
        let work = Work::Accumulate(leaf.clone(), Mutex::new(()));
        GradNode::new(work, Edges::new(), &[], smallvec![Made::of(leaf)], None)
    }

    pub(crate) fn name(&self) -> String {
        if let Some(label) = self.label.get() {
            return super::gradient::name_of(label);
        }
        match &self.work {
            Work::Rule(rule) => rule.name(),
            Work::Accumulate(..) => "AccumulateGrad".into(),
        }
    }

    /// The hooks, if there have ever been any.
    pub(crate) fn hooks(&self) -> Option<Arc<NodeHooks>> {
        match &self.work {
            Work::Rule(_) => self.hooks.get().cloned(),
            Work::Accumulate(leaf, _) => leaf.leaf_hooks(),
        }
    }

    /// The hooks, to add one.
    pub(crate) fn hooks_to_add(&self) -> Arc<NodeHooks> {
        match &self.work {
            Work::Rule(_) => self.hooks.get_or_init(Arc::default).clone(),
            Work::Accumulate(leaf, _) => leaf.leaf_hooks_to_add(),
        }
    }

    /// The saved inputs and outputs, with their places on the tape where it is being recorded. Lists of which nothing was
    /// kept are empty.
    #[expect(clippy::type_complexity, reason = "a pair of lists")]
    pub(crate) fn unpack(
        self: &Arc<Self>,
    ) -> Result<(SmallVec<[Option<Tensor>; 3]>, SmallVec<[Option<Tensor>; 1]>)> {
        let mut unpacked = (SmallVec::new(), SmallVec::new());
        let Some(saves) = &self.saves else { return Ok(unpacked) };
        let kept = match &*saves.lock() {
            Saves::Numbers => return Ok(unpacked),
            Saves::Kept(kept) => Kept::clone(kept),
            Saves::Released => return Err(released_error()),
        };
        for (saved, edge) in kept.inputs.iter().zip(&self.edges) {
            let tensor = saved.as_ref().map(|saved| saved.unpack(edge.as_ref())).transpose()?;
            unpacked.0.push(tensor);
        }
        for (out, saved) in kept.outputs.iter().enumerate() {
            let edge = || Edge { node: self.clone(), out: out as u32 };
            unpacked.1.push(saved.as_ref().map(|saved| saved.unpack(Some(&edge()))).transpose()?);
        }
        Ok(unpacked)
    }

    /// Lets the saved tensors go.
    pub(crate) fn release(&self) {
        if let Work::Rule(Rule::Custom(custom)) = &self.work {
            return custom.release();
        }
        if let Some(saves) = &self.saves {
            let old = std::mem::replace(&mut *saves.lock(), Saves::Released);
            drop(old);
        }
    }

    /// Shows whom its hooks and what a user wrote belong to, if nobody else holds the node.
    pub(crate) fn visit_owners(self: &Arc<Self>, visit: &mut dyn FnMut(&dyn Any)) {
        let (1, Work::Rule(rule)) = (Arc::strong_count(self), &self.work) else { return };
        if let Some(hooks) = self.hooks.get() {
            hooks.visit_owners(visit);
        }
        if let Rule::Custom(custom) = rule {
            custom.visit_owners(visit);
        }
    }

    /// Calls `f` on the saved inputs and outputs, if there are any.
    pub(crate) fn with_kept(&self, f: impl FnOnce(&mut Kept)) {
        if let Some(saves) = &self.saves
            && let Saves::Kept(kept) = &mut *saves.lock()
        {
            f(kept);
        }
    }
}

/// A chain of 100,000 nodes must not be dropped by recursion: edges wait in a list of the thread instead.
impl Drop for GradNode {
    fn drop(&mut self) {
        let edges = std::mem::take(&mut self.edges);
        if !edges.is_empty() {
            drop_iteratively(&DROPPING, edges);
        }
    }
}

thread_local!(static DROPPING: Waiting<Edges> = const { RefCell::new(None) });

impl Tensor {
    /// Calls what made this tensor by the operator that the user called, if that was made since node number `since`.
    pub fn label_grad_fn(&self, label: &'static str, since: u64) {
        if let Some(edge) = self.edge().filter(|edge| edge.node.id >= since) {
            let _ = edge.node.label.set(label);
        }
    }
}

/// A node as users see it.
#[derive(Clone)]
pub struct GradFn(pub(crate) Arc<GradNode>);

impl GradFn {
    /// Its name, such as `MulBackward`.
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// The nodes its gradients go to and which output of them; `None` for inputs without gradient.
    pub fn next_functions(&self) -> Vec<Option<(GradFn, usize)>> {
        let edge = |e: &Option<Edge>| e.as_ref().map(|e| (GradFn(e.node.clone()), e.out as usize));
        self.0.edges.iter().map(edge).collect()
    }

    /// The leaf whose gradient ends here.
    pub fn variable(&self) -> Option<Tensor> {
        match &self.0.work {
            Work::Accumulate(leaf, _) => Some(leaf.clone()),
            Work::Rule(_) => None,
        }
    }

    /// Later nodes have larger numbers.
    pub fn sequence_id(&self) -> u64 {
        self.0.id
    }

    /// Whether two handles are one node.
    pub fn is(&self, other: &GradFn) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// As [`Tensor::visit_owners`].
    pub fn visit_owners(&self, visit: &mut dyn FnMut(&dyn Any)) {
        self.0.visit_owners(visit);
    }

    /// The line of the forward pass that made it, where lines are remembered.
    pub fn origin(&self) -> Option<Arc<str>> {
        self.0.origin.clone()
    }

    /// Calls the hook after the node ran, with the gradients of its inputs and outputs.
    pub fn register_hook(&self, hook: PostNodeHook) -> HookHandle {
        self.0.hooks_to_add().after.add(0, hook)
    }

    /// Calls the hook before the node runs, with the gradients of its outputs.
    pub fn register_prehook(&self, hook: PreNodeHook) -> HookHandle {
        self.0.hooks_to_add().before.add(0, hook)
    }
}

/// A place in what a node saved.
#[derive(Clone, Copy, Debug)]
pub enum SavedPlace {
    /// Of an operand.
    Input(usize),
    /// Of a result.
    Output(usize),
}

impl Kept {
    fn at(&mut self, place: SavedPlace) -> Option<&mut Saved> {
        match place {
            SavedPlace::Input(i) => self.inputs.get_mut(i)?.as_mut(),
            SavedPlace::Output(i) => self.outputs.get_mut(i)?.as_mut(),
        }
    }
}

/// What a node saved.
impl GradFn {
    /// The rule a user wrote.
    pub fn custom(&self) -> Option<&dyn super::Backward> {
        match &self.0.work {
            Work::Rule(Rule::Custom(rule)) => Some(&**rule),
            _ => None,
        }
    }

    /// Where a tensor of this name would be saved: `self` or a parameter of the operator, `result`.
    pub fn saved_place(&self, name: &str) -> Option<SavedPlace> {
        let Work::Rule(rule) = &self.0.work else { return None };
        match name {
            "self" | "input" => Some(SavedPlace::Input(0)),
            "result" | "values" => Some(SavedPlace::Output(0)),
            "indices" if self.0.outputs.len() > 1 => Some(SavedPlace::Output(1)),
            _ => {
                let params = crate::ops::lookup(rule.stem()?).first()?.params();
                params.iter().position(|param| param.name == name).map(SavedPlace::Input)
            }
        }
    }

    /// What is saved there: a tensor, a number, or nothing.
    pub fn saved(&self, place: SavedPlace) -> Result<Option<Value>> {
        if let (Work::Rule(Rule::Pointwise(_, numbers)), SavedPlace::Input(i)) = (&self.0.work, place)
            && let Some(Some(number)) = numbers.get(i)
        {
            return Ok(Some(Value::Scalar(*number)));
        }
        let (inputs, outputs) = self.0.unpack()?;
        let found = match place {
            SavedPlace::Input(i) => inputs.get(i).cloned(),
            SavedPlace::Output(i) => outputs.get(i).cloned(),
        };
        Ok(found.flatten().map(Value::Tensor))
    }

    /// Puts what is saved there through a hook.
    pub fn pack_saved(&self, place: SavedPlace, pack: &super::Pack) -> Result<()> {
        let mut held = None;
        self.0.with_kept(|kept| held = kept.at(place).cloned());
        let tensor = match held {
            None => {
                return Err(runtime_err!(
                    "Calling register_hooks on a saved tensor with value None is forbidden"
                ));
            }
            Some(Saved::Packed(_)) => {
                return Err(runtime_err!(
                    "Calling register_hooks on a saved tensor whose hooks have already been set. Hint: only one pair of hooks is allowed at a time."
                ));
            }
            Some(held) => held.unpack(None)?,
        };
        let packed = Saved::packed(&tensor, pack)?;
        self.0.with_kept(|kept| {
            if let Some(saved) = kept.at(place) {
                *saved = packed;
            }
        });
        Ok(())
    }
}

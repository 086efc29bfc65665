//! The way back: gradients walk the tape from the newest node to the oldest.
//!
//! A node is always made after the nodes it leads to, so its number orders the walk: when the newest waiting node is run,
//! all that could send it a gradient have been. Nothing recurses, and no count of users is needed.

use super::hooks::NodeHooks;
use super::node::{GradFn, GradNode, Work};
use super::sums::{Products, Sum, are_few_rows};
use super::{Call, Edge, Gradients, ModeGuard, Rule, anomaly, is_grad_enabled};
use crate::graph::DeviceId;
use crate::ops::matmul;
use crate::runtime::{self, span};
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::view::{broadcast, numel};
use st_kernel::{DType, Result, index_err, runtime_err, value_err};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// Where gradients start or are asked for: at a tensor, or at an output of a node.
#[derive(Clone)]
pub struct End(Place);

#[derive(Clone)]
enum Place {
    Tensor(Tensor),
    Output(Edge),
}

impl From<Tensor> for End {
    fn from(tensor: Tensor) -> End {
        End(Place::Tensor(tensor))
    }
}

impl End {
    /// At an output of a node, if it has so many.
    pub fn at_output(node: &GradFn, out: usize) -> Result<End> {
        if out >= node.0.outputs.len() {
            return Err(index_err!(
                "{} has {} outputs, and none of number {out} for a gradient to start or end at",
                node.name(),
                node.0.outputs.len()
            ));
        }
        Ok(End(Place::Output(Edge { node: node.0.clone(), out: out as u32 })))
    }

    fn edge(&self) -> Option<Edge> {
        match &self.0 {
            Place::Tensor(tensor) => tensor.edge(),
            Place::Output(edge) => Some(edge.clone()),
        }
    }

    /// The tensor, if it is at one.
    pub fn tensor(&self) -> Option<&Tensor> {
        match &self.0 {
            Place::Tensor(tensor) => Some(tensor),
            Place::Output(_) => None,
        }
    }

    /// Shape, dtype and device of what is there.
    pub fn made(&self) -> (&[usize], DType, DeviceId) {
        match &self.0 {
            Place::Tensor(tensor) => (tensor.shape(), tensor.dtype(), tensor.device()),
            Place::Output(edge) => {
                let made = &edge.node.outputs[edge.out as usize];
                (&made.shape, made.dtype, made.device)
            }
        }
    }

    fn all<E: Clone + Into<End>>(ends: &[E]) -> Vec<End> {
        ends.iter().cloned().map(Into::into).collect()
    }

    /// The gradient to start with: the given one, if it fits, or the 1 of a scalar. `i` is for messages.
    fn first_gradient(&self, i: usize, given: Option<&Tensor>) -> Result<Tensor> {
        let (shape, dtype, device) = self.made();
        match given {
            None if numel(shape) == 1 => Tensor::full(shape, 1.0, dtype, device),
            None => Err(runtime_err!("grad can be implicitly created only for scalar outputs")),
            Some(gradient) if gradient.shape() == shape => gradient.to_dtype(dtype),
            Some(gradient) => Err(runtime_err!(
                "Mismatch in shape: grad_output[{i}] has a shape of torch.Size({:?}) and output[{i}] has a shape of torch.Size({shape:?}).",
                gradient.shape()
            )),
        }
    }
}

/// Adds the gradients of tensors, or of other ends, to the `.grad` of the leaves (or of `inputs` only).
pub fn backward<E: Clone + Into<End>>(
    outputs: &[E],
    gradients: Option<&[Option<Tensor>]>,
    retain_graph: bool,
    create_graph: bool,
    inputs: Option<&[E]>,
) -> Result<()> {
    let mut targets = None;
    if let Some(inputs) = inputs.map(End::all) {
        if inputs.is_empty() {
            return Err(runtime_err!("`inputs` argument to `backward()` cannot be empty."));
        }
        inputs.iter().filter_map(End::tensor).try_for_each(Tensor::retain_grad)?;
        targets = Some(inputs.iter().map(End::edge).collect::<Vec<_>>());
    }
    let _mode = ModeGuard::grad(create_graph);
    let mut pass = Pass { retain_graph: retain_graph || create_graph, ..Pass::default() };
    let roots = pass.start(&End::all(outputs), gradients)?;
    pass.wanted = targets.map(|targets| Arc::new(Wanted::new(&roots, &targets, true)));
    pass.run(roots)
}

/// The gradients of `outputs` with respect to `inputs`, tensors or other ends; nothing is accumulated.
pub fn grad<E: Clone + Into<End>>(
    outputs: &[E],
    inputs: &[E],
    grad_outputs: Option<&[Option<Tensor>]>,
    retain_graph: bool,
    create_graph: bool,
    allow_unused: bool,
    materialize_grads: bool,
) -> Result<Vec<Option<Tensor>>> {
    if inputs.is_empty() {
        return Err(value_err!("grad requires non-empty inputs."));
    }
    let inputs = End::all(inputs);
    if !inputs.iter().filter_map(End::tensor).all(Tensor::requires_grad) {
        return Err(runtime_err!("One of the differentiated Tensors does not require grad"));
    }
    let targets: Vec<_> = inputs.iter().map(End::edge).collect();
    let _mode = ModeGuard::grad(create_graph);
    let mut pass = Pass { retain_graph: retain_graph || create_graph, ..Pass::default() };
    let roots = pass.start(&End::all(outputs), grad_outputs)?;
    pass.wanted = Some(Arc::new(Wanted::new(&roots, &targets, false)));
    pass.captured.resize(inputs.len(), None);
    pass.run(roots)?;
    let mut found = pass.captured;
    for (i, (gradient, input)) in found.iter_mut().zip(&inputs).enumerate().filter(|(_, (g, _))| g.is_none())
    {
        match input.tensor() {
            Some(tensor) if materialize_grads => {
                *gradient = Some(Tensor::full(tensor.shape(), 0.0, tensor.dtype(), tensor.device())?);
            }
            _ if allow_unused => {}
            _ => {
                return Err(runtime_err!(
                    "The differentiated Tensor at index {i} appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior."
                ));
            }
        }
    }
    Ok(found)
}

/// The gradients that arrive at edges and go no further; the tape is retained.
pub(crate) fn grad_of_edges(
    outputs: &[Tensor],
    targets: &[Option<Edge>],
    gradients: &[Option<Tensor>],
    create_graph: bool,
) -> Result<Vec<Option<Tensor>>> {
    let _mode = ModeGuard::grad(create_graph);
    let mut pass = Pass { retain_graph: true, ..Pass::default() };
    let roots = pass.start(&End::all(outputs), Some(gradients))?;
    let mut wanted = Wanted::new(&roots, targets, false);
    targets.iter().flatten().for_each(|end| {
        wanted.run.remove(&end.node.id);
    });
    pass.wanted = Some(Arc::new(wanted));
    pass.captured.resize(targets.len(), None);
    pass.run(roots)?;
    Ok(pass.captured)
}

thread_local!(static RUNNING: RefCell<Vec<Arc<GradNode>>> = const { RefCell::new(Vec::new()) });

/// The node this thread runs now.
pub fn current_node() -> Option<GradFn> {
    RUNNING.with_borrow(|running| running.last().cloned().map(GradFn))
}

/// Marks a node as the one that runs.
struct Running;

impl Running {
    fn new(node: &Arc<GradNode>) -> Running {
        RUNNING.with_borrow_mut(|running| running.push(node.clone()));
        Running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let node = RUNNING.with_borrow_mut(Vec::pop);
        drop(node);
    }
}

thread_local!(static PASSES: RefCell<Vec<Reach>> = const { RefCell::new(Vec::new()) });

/// Where a pass comes to.
struct Reach {
    roots: Vec<Edge>,
    wanted: Option<Arc<Wanted>>,
}

/// The innermost pass of this thread, as long as it runs.
struct Walking;

impl Walking {
    fn new(roots: Vec<Edge>, wanted: Option<Arc<Wanted>>) -> Walking {
        PASSES.with_borrow_mut(|passes| passes.push(Reach { roots, wanted }));
        Walking
    }
}

impl Drop for Walking {
    fn drop(&mut self) {
        let reach = PASSES.with_borrow_mut(Vec::pop);
        drop(reach);
    }
}

/// Whether the backward pass that this thread is in runs a node.
pub fn will_run(node: &GradFn) -> Result<bool> {
    let found = PASSES.with_borrow(|passes| {
        let Reach { roots, wanted } = passes.last()?;
        // (A leaf that was asked for may be one that nothing leads to.)
        if wanted.as_ref().is_some_and(|wanted| !wanted.runs(node.0.id)) {
            return Some(false);
        }
        let mut seen: HashSet<u64, ByNumber> = HashSet::default();
        let mut waiting: Vec<&Edge> = roots.iter().collect();
        while let Some(edge) = waiting.pop() {
            if edge.node.id == node.0.id {
                return Some(true);
            }
            // No way leads from older to newer.
            if edge.node.id > node.0.id && seen.insert(edge.node.id) {
                waiting.extend(edge.node.edges.iter().flatten());
            }
        }
        Some(false)
    });
    found.ok_or_else(|| runtime_err!("only a backward pass runs nodes, and there is none"))
}

/// Hashes the number of a node: numbers are counted up, so spreading them over the table is enough.
#[derive(Default)]
struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn write_u64(&mut self, number: u64) {
        self.0 = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("only numbers of nodes are hashed");
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

type ByNumber = BuildHasherDefault<NumberHasher>;

/// Which nodes matter when only some gradients are asked for.
#[derive(Default)]
struct Wanted {
    /// Nodes that were looked at: whether they lie on a way to a target. Others are not run.
    run: HashMap<u64, bool, ByNumber>,
    /// Targets: which output of the node is which answer.
    targets: HashMap<u64, Vec<(u32, usize)>, ByNumber>,
}

impl Wanted {
    fn new(roots: &[Edge], targets: &[Option<Edge>], accumulate: bool) -> Wanted {
        let mut wanted = Wanted::default();
        for (i, edge) in targets.iter().enumerate() {
            let Some(edge) = edge else { continue };
            wanted.targets.entry(edge.node.id).or_default().push((edge.out, i));
        }
        let oldest = wanted.targets.keys().min().copied().unwrap_or(u64::MAX);
        let mut seen: Vec<&GradNode> = Vec::new();
        let mut waiting: Vec<&Edge> = roots.iter().collect();
        while let Some(edge) = waiting.pop() {
            // No way leads from older to newer.
            if edge.node.id >= oldest && wanted.run.insert(edge.node.id, false).is_none() {
                seen.push(&edge.node);
                waiting.extend(edge.node.edges.iter().flatten());
            }
        }
        if accumulate {
            wanted.run.extend(wanted.targets.keys().map(|&id| (id, true)));
        }
        seen.sort_unstable_by_key(|node| node.id);
        for node in seen {
            if node.edges.iter().flatten().any(|e| wanted.needs(e.node.id)) {
                wanted.run.insert(node.id, true);
            }
        }
        wanted
    }

    fn runs(&self, id: u64) -> bool {
        self.run.get(&id) == Some(&true)
    }

    fn needs(&self, id: u64) -> bool {
        self.runs(id) || self.targets.contains_key(&id)
    }
}

/// Nodes with the gradients that have arrived, by age.
#[derive(Default)]
struct Waiting {
    /// The newest of all, unless it is among the others: the next one of a chain is found here.
    newest: Option<Arrived>,
    others: BTreeMap<u64, Arrived>,
}

/// A node, and the gradient of each of its outputs.
struct Arrived {
    node: Arc<GradNode>,
    sums: SmallVec<[Sum; 1]>,
}

impl Arrived {
    fn at(node: &Arc<GradNode>) -> Arrived {
        let mut sums = SmallVec::new();
        node.outputs.iter().for_each(|_| sums.push(Sum::default()));
        Arrived { node: node.clone(), sums }
    }
}

impl Waiting {
    /// What waits for the gradient that an edge leads to.
    fn sum(&mut self, to: &Edge) -> &mut Sum {
        let id = to.node.id;
        let newest = match &self.newest {
            Some(newest) => newest.node.id,
            None => self.others.last_key_value().map_or(0, |(id, _)| *id),
        };
        let arrived = if id > newest || self.newest.as_ref().is_some_and(|_| id == newest) {
            if id > newest
                && let Some(older) = self.newest.take()
            {
                self.others.insert(newest, older);
            }
            self.newest.get_or_insert_with(|| Arrived::at(&to.node))
        } else {
            self.others.entry(id).or_insert_with(|| Arrived::at(&to.node))
        };
        &mut arrived.sums[to.out as usize]
    }

    fn pop_newest(&mut self) -> Option<Arrived> {
        self.newest.take().or_else(|| self.others.pop_last().map(|(_, arrived)| arrived))
    }
}

/// A walk along the tape.
#[derive(Default)]
struct Pass {
    waiting: Waiting,
    wanted: Option<Arc<Wanted>>,
    captured: Vec<Option<Tensor>>,
    retain_graph: bool,
}

impl Pass {
    /// Sends the first gradients; gives where to.
    fn start(&mut self, ends: &[End], gradients: Option<&[Option<Tensor>]>) -> Result<Vec<Edge>> {
        if gradients.is_some_and(|g| g.len() != ends.len()) {
            return Err(runtime_err!(
                "got {} tensors and {} gradients",
                ends.len(),
                gradients.map_or(0, <[_]>::len)
            ));
        }
        let mut roots = Vec::with_capacity(ends.len());
        for (i, end) in ends.iter().enumerate() {
            let Some(edge) = end.edge() else {
                return Err(runtime_err!(
                    "element {i} of tensors does not require grad and does not have a grad_fn"
                ));
            };
            let gradient = end.first_gradient(i, gradients.and_then(|g| g[i].as_ref()))?;
            self.waiting.sum(&edge).add(gradient)?;
            roots.push(edge);
        }
        Ok(roots)
    }

    fn run(&mut self, roots: Vec<Edge>) -> Result<()> {
        let _pass = Walking::new(roots, self.wanted.clone());
        while let Some(Arrived { node, sums }) = self.waiting.pop_newest() {
            self.arrive(&node, sums).map_err(|e| anomaly::explain(e, &node))?;
        }
        Ok(())
    }

    fn arrive(&mut self, node: &Arc<GradNode>, mut sums: SmallVec<[Sum; 1]>) -> Result<()> {
        if self.passes_transposed(node, &mut sums) {
            return Ok(());
        }
        let mut upstream = Gradients::new();
        for sum in sums {
            upstream.push(sum.total()?);
        }
        self.visit(node, upstream)
    }

    /// Sends products of rows on through a transposition, as products for what was transposed; says whether it did.
    fn passes_transposed(&mut self, node: &GradNode, sums: &mut [Sum]) -> bool {
        let (Work::Rule(Rule::Permute(order)), [sum]) = (&node.work, sums) else { return false };
        let (true, [Some(edge)]) = (order[..] == [1, 0], &node.edges[..]) else { return false };
        let stops = |w: &Wanted| w.targets.contains_key(&node.id) || !w.runs(node.id);
        if node.hooks().is_some() || self.wanted.as_deref().is_some_and(stops) {
            return false;
        }
        let Some(products) = sum.take_products() else { return false };
        self.waiting.sum(edge).add_products(products.transposed(node.shapes[0].clone()));
        true
    }

    fn visit(&mut self, node: &Arc<GradNode>, mut upstream: Gradients) -> Result<()> {
        let hooks = node.hooks();
        if let Some(hooks) = &hooks {
            hooks.arrive(&mut upstream)?;
        }
        if let Some(wanted) = &self.wanted {
            for &(out, answer) in wanted.targets.get(&node.id).into_iter().flatten() {
                if let Some(slot) = self.captured.get_mut(answer) {
                    slot.clone_from(&upstream[out as usize]);
                }
            }
            if !wanted.runs(node.id) {
                return Ok(());
            }
        }
        if let Some(hooks) = &hooks {
            hooks.run_before(&mut upstream)?;
        }
        match &node.work {
            Work::Accumulate(leaf, turn) => {
                let Some(gradient) = upstream.pop().flatten() else { return Ok(()) };
                if !leaf.requires_grad() {
                    // It was taken off the tape since.
                    return Ok(());
                }
                let seen = hooks.as_ref().map(|_| [Some(gradient.clone())]);
                let turn = turn.lock().expect("no panic while the lock is held");
                leaf.accumulate(gradient)?;
                drop(turn);
                let (Some(hooks), Some(seen)) = (hooks, seen) else { return Ok(()) };
                hooks.run_accumulated(leaf)?;
                hooks.run_after(&mut [], &seen)
            }
            Work::Rule(rule) => self.apply(node, rule, upstream, hooks.as_deref()),
        }
    }

    /// Sends the gradient of a part on as what it is; says whether the node was one.
    fn passes_part(&mut self, node: &GradNode, rule: &Rule, upstream: &[Option<Tensor>]) -> Result<bool> {
        let [Some(gradient)] = upstream else { return Ok(false) };
        let (Some(region), Some(edge)) = (rule.region(gradient.shape()), &node.edges[0]) else {
            return Ok(false);
        };
        let shape = &node.shapes[0];
        self.waiting.sum(edge).add_part(shape, region, gradient.to_dtype(shape.1)?)?;
        Ok(true)
    }

    /// Sends the gradient of a matrix that a few rows were multiplied with on as these rows; says whether it did.
    fn passes_product(
        &mut self,
        node: &Arc<GradNode>,
        rule: &Rule,
        upstream: &[Option<Tensor>],
    ) -> Result<bool> {
        let (Rule::Matmul([_, turned]), [Some(gradient)]) = (rule, upstream) else { return Ok(false) };
        let [(left, dtype), matrix] = &node.shapes[..] else { return Ok(false) };
        let (true, Some(edge)) = (left.len() == 2 && are_few_rows(left[0], &matrix.0), &node.edges[1]) else {
            return Ok(false);
        };
        let (inputs, _) = node.unpack()?;
        let [Some(rows), ..] = &inputs[..] else { return Ok(false) };
        let gradient = matmul::whole_gradient(left, &matrix.0, &gradient.to_dtype(*dtype)?)?;
        self.waiting.sum(edge).add_products(Products::new(matrix.clone(), *turned, rows.clone(), gradient));
        Ok(true)
    }

    fn apply(
        &mut self,
        node: &Arc<GradNode>,
        rule: &Rule,
        upstream: Gradients,
        hooks: Option<&NodeHooks>,
    ) -> Result<()> {
        // Hooks and anomaly mode want to see every gradient.
        let unseen = hooks.is_none() && !anomaly::is_anomaly_enabled();
        if unseen && self.passes_part(node, rule, &upstream)? {
            return Ok(());
        }
        let wanted = self.wanted.as_deref();
        let wants = |e: &Edge| wanted.is_none_or(|w| w.needs(e.node.id));
        let mut needs: SmallVec<[bool; 4]> =
            node.edges.iter().map(|e| e.as_ref().is_some_and(wants)).collect();
        if unseen && needs.last() == Some(&true) {
            needs[node.edges.len() - 1] = !self.passes_product(node, rule, &upstream)?;
        }
        // Only what a user wrote asks which node it is run by.
        let running = matches!(rule, Rule::Custom(_)).then(|| Running::new(node));
        let name = || format!("autograd::engine::evaluate_function: {}", node.name());
        let device = upstream.iter().flatten().next().map_or(0, Tensor::device);
        let work = || runtime::beside(device, || differentiate(node, rule, &upstream, &needs));
        let mut gradients = span("cpu_op", name, work)?;
        drop(running);
        if let Some(hooks) = hooks {
            hooks.run_after(&mut gradients, &upstream)?;
        }
        if !self.retain_graph {
            node.release();
        }
        anomaly::refuse_nan(node, &gradients)?;
        // Leaves take over gradients that nobody else holds.
        drop(upstream);
        for (i, gradient) in gradients.into_iter().enumerate() {
            if let (Some(gradient), Some(edge), true) = (gradient, &node.edges[i], needs[i]) {
                self.waiting.sum(edge).add(fit(node, i, gradient)?)?;
            }
        }
        Ok(())
    }
}

/// Applies a rule. Where an operator's rule has nothing to say about an input that wants a gradient, that is zero.
fn differentiate(
    node: &Arc<GradNode>,
    rule: &Rule,
    upstream: &[Option<Tensor>],
    needs: &[bool],
) -> Result<Gradients> {
    if let Rule::Custom(custom) = rule {
        let gradients = custom.backward(upstream)?;
        if gradients.len() != node.edges.len() {
            return Err(runtime_err!(
                "function {} returned an incorrect number of gradients (expected {}, got {})",
                node.name(),
                node.edges.len(),
                gradients.len()
            ));
        }
        return Ok(gradients.into());
    }
    let (inputs, outputs) = node.unpack()?;
    let call = Call { inputs: &inputs, shapes: &node.shapes, outputs: &outputs, upstream, needs };
    let mut gradients = rule.gradient(&call)?;
    gradients.resize(needs.len(), None);
    if let Some(device) = upstream.iter().flatten().next().map(Tensor::device) {
        for (i, gradient) in gradients.iter_mut().enumerate().filter(|(i, g)| needs[*i] && g.is_none()) {
            let (shape, dtype) = &node.shapes[i];
            *gradient = Some(Tensor::full(shape, 0.0, *dtype, device)?);
        }
    }
    Ok(gradients)
}

impl GradFn {
    /// The gradients of a node's inputs from those of its outputs, outside of a backward pass.
    pub fn call(&self, upstream: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let node = &self.0;
        let needs: Vec<bool> = node.edges.iter().map(Option::is_some).collect();
        match (&node.work, upstream) {
            (_, given) if given.iter().all(Option::is_none) => Ok(vec![None; needs.len()]),
            (Work::Rule(rule), _) => Ok(differentiate(node, rule, upstream, &needs)?.into_vec()),
            (Work::Accumulate(leaf, _), _) => {
                upstream[0].clone().map_or(Ok(()), |gradient| leaf.accumulate(gradient))?;
                Ok(Vec::new())
            }
        }
    }

    /// How many outputs it has.
    pub fn outputs(&self) -> usize {
        self.0.outputs.len()
    }
}

/// A gradient has its tensor's shape and dtype; one that was not reduced after broadcasting is now.
fn fit(node: &GradNode, i: usize, gradient: Tensor) -> Result<Tensor> {
    let (shape, dtype) = &node.shapes[i];
    let gradient = match () {
        () if gradient.shape() == &shape[..] && gradient.dtype() == *dtype => return Ok(gradient),
        () if gradient.shape() == &shape[..] => gradient,
        () if broadcast(gradient.shape(), shape).as_deref() == Some(gradient.shape()) => {
            gradient.sum_to(shape)?
        }
        () => {
            return Err(runtime_err!(
                "Function {} returned an invalid gradient at index {i} - got {:?} but expected shape compatible with {:?}",
                node.name(),
                gradient.shape(),
                &shape[..]
            ));
        }
    };
    gradient.to_dtype(*dtype)
}

impl Tensor {
    /// Adds to `.grad`, on the device; the first gradient is taken over as it is where nobody else has it.
    fn accumulate(&self, gradient: Tensor) -> Result<()> {
        match self.grad() {
            None => self.put_grad(Some(owned(gradient, self)?)),
            Some(sum) if is_grad_enabled() => self.put_grad(Some(sum.add(&gradient)?)),
            Some(sum) => sum.become_(&sum.add(&gradient)?)?,
        }
        Ok(())
    }

    /// Adds to the `.grad` of a tensor that is not a leaf; the gradient goes on to others.
    pub(super) fn accumulate_retained(&self, gradient: &Tensor) -> Result<()> {
        self.accumulate(gradient.clone())
    }
}

/// The gradient in memory of its own, in the order of its leaf.
fn owned(gradient: Tensor, leaf: &Tensor) -> Result<Tensor> {
    // A view that alone holds its base has the memory for itself too.
    let base = gradient.base();
    let base_holds = base.as_ref().map_or(0, |b| usize::from(Arc::strong_count(&b.0) == 2));
    let alone = Arc::strong_count(&gradient.0) == 1 && gradient.0.storage.holders() == 1 + base_holds;
    let order = leaf.0.view.dense_order().filter(|order| !order.is_sorted());
    let view = order.as_ref().map(|order| gradient.0.view.permute(order));
    let whole = view.as_ref().unwrap_or(&gradient.0.view).is_whole(gradient.0.storage.numel);
    if !gradient.requires_grad() && alone && whole && !gradient.0.storage.is_shared() {
        return Ok(gradient.detach());
    }
    let copy = gradient.copy()?;
    if let Some(order) = order { copy.laid_out(&order) } else { Ok(copy) }
}

//! The plan of a run: kernels in order, and whose memory each of them reads and writes.
//!
//! Memory comes from the device's allocator when a step first writes it and goes back after the last step that reads it.
//! A result takes over the memory of an operand that nobody reads afterwards wherever both are walked alike, so a
//! parameter is updated where it is.

use super::beside;
use super::columns;
use super::direct;
use super::group::{self, Anchor, Group, GroupId, Stored, reaches};
use super::item::{Item, ItemId, items};
use super::lines;
use super::lower::{Lowered, Param, Value, Work, lower};
use super::snapshot::{Snapshot, Standing};
use crate::graph::Op;
use smallvec::SmallVec;
use st_kernel::view::contiguous_strides;
use st_kernel::{
    Body, DType, DeviceInfo, Inst, Kernel, Launch, Prim, Program, Repeated, Result, Scalar, Store, Val,
};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Mutex};

/// A number of a buffer of the run.
pub(crate) type Slot = u32;

/// Where a step's result lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Make {
    /// In new memory of so many bytes.
    Alloc(usize),
    /// In the memory of this slot, which nobody reads afterwards.
    Take(Slot),
}

/// The kind of a step that is a function of the host.
pub(crate) const HOST: &str = "host";

/// One kernel to run.
pub(crate) struct Step {
    /// `None` if there is only memory to be made.
    pub(crate) program: Option<Arc<dyn Program>>,
    /// Shared with the equal steps of all plans.
    pub(crate) launch: Arc<Launch>,
    pub(crate) buffers: SmallVec<[Slot; 6]>,
    pub(crate) params: SmallVec<[StepParam; 4]>,
    pub(crate) makes: SmallVec<[(Slot, Make); 2]>,
    pub(crate) frees: SmallVec<[Slot; 4]>,
    /// The nodes it computes, operands first.
    pub(crate) nodes: Vec<u32>,
    /// What kind of kernel it is, for people.
    pub(crate) kind: &'static str,
    /// What it computes, for people: `mul+add+gelu`.
    pub(crate) label: String,
    /// Bytes it reads and writes.
    pub(crate) bytes: usize,
}

/// A parameter of a step.
#[derive(Clone, Copy)]
pub(crate) enum StepParam {
    /// One of the snapshot's numbers.
    Number(u32),
    /// A size.
    Size(i64),
}

/// What a node's value is in after the run.
pub(crate) struct Outcome {
    pub(crate) node: u32,
    pub(crate) slots: SmallVec<[Slot; 2]>,
    /// Whether somebody waits for it, or it only helped.
    pub(crate) wanted: bool,
}

/// All steps of a run.
pub(crate) struct Plan {
    pub(crate) slots: usize,
    /// Slots that are filled before the run, from a node's output.
    pub(crate) given: Vec<(Slot, u32, u8)>,
    pub(crate) steps: Vec<Step>,
    pub(crate) outcomes: Vec<Outcome>,
    /// What the device keeps of its runs.
    pub(crate) kept: Mutex<Repeated>,
}

/// Finds or makes a program.
pub(crate) type Compile<'a> = dyn FnMut(&Kernel) -> Result<Arc<dyn Program>> + 'a;

/// Plans the run of a snapshot on a device.
pub(crate) fn plan(
    snapshot: &Snapshot,
    fuse: bool,
    device: &DeviceInfo,
    compile: &mut Compile,
) -> Result<Plan> {
    let mut items = items(snapshot);
    let mut grouping = group::group(&items, fuse, device.max_buffers);
    let mut lowered: Vec<Option<Lowered>> = Vec::with_capacity(grouping.groups.len());
    for id in 0..grouping.groups.len() {
        lowered.push(lower(&items, &grouping.places, id, &mut grouping.groups[id])?);
    }
    if fuse {
        direct::place(&mut items, &mut grouping.groups, &mut lowered);
        lines::align(&mut items, &grouping.groups, &mut lowered, device.line);
        if device.sums_down {
            columns::join(&mut items, &mut grouping.groups, &mut lowered, device.max_buffers);
        }
        if device.adds_bias {
            beside::round_biases(&mut items, &mut grouping.groups, &mut lowered);
            beside::unite_casts(&mut grouping.groups, &mut lowered, device.max_buffers);
        }
    }
    let mut planner = Planner::new(&items, &grouping.groups, &lowered);
    for id in planner.order() {
        planner.step(id, compile)?;
    }
    Ok(planner.finish())
}

struct Planner<'a> {
    items: &'a [Item],
    groups: &'a [Group],
    lowered: &'a [Option<Lowered>],
    /// For each value, the groups that have still to read it.
    readers: HashMap<Value, SmallVec<[GroupId; 4]>>,
    /// For each group, the values it reads.
    reads: Vec<SmallVec<[Value; 6]>>,
    slots: HashMap<Value, Slot>,
    given: Vec<(Slot, u32, u8)>,
    steps: Vec<Step>,
    outcomes: Vec<Outcome>,
}

impl<'a> Planner<'a> {
    fn new(items: &'a [Item], groups: &'a [Group], lowered: &'a [Option<Lowered>]) -> Planner<'a> {
        let mut readers: HashMap<Value, SmallVec<[GroupId; 4]>> = HashMap::new();
        let mut reads: Vec<SmallVec<[Value; 6]>> = vec![SmallVec::new(); groups.len()];
        for (id, group) in groups.iter().enumerate() {
            let stored = |value: &Value| group.stores.iter().any(|s| s.item == value.0);
            let loads = lowered[id].iter().flat_map(|l| &l.buffers).filter(|v| !stored(v)).copied();
            for value in loads.chain(group.base.map(|(base, _)| base)) {
                let list = readers.entry(value).or_default();
                if !list.contains(&id) {
                    list.push(id);
                    reads[id].push(value);
                }
            }
        }
        Planner {
            items,
            groups,
            lowered,
            readers,
            reads,
            slots: HashMap::new(),
            given: Vec::new(),
            steps: Vec::new(),
            outcomes: Vec::new(),
        }
    }

    /// Groups in an order that respects who waits for whom; otherwise in the program's order.
    fn order(&self) -> Vec<GroupId> {
        let mut waits: Vec<SmallVec<[GroupId; 4]>> =
            self.groups.iter().map(|g| SmallVec::from_slice(&g.waits_for)).collect();
        // Who writes into memory goes after those that only read it, so that nobody needs a copy.
        for (id, group) in self.groups.iter().enumerate() {
            if let Some((base, _)) = group.base {
                for &reader in &self.readers[&base] {
                    if reader != id
                        && !reaches(waits.len(), |g| &waits[g], reader, id)
                        && !waits[id].contains(&reader)
                    {
                        waits[id].push(reader);
                    }
                }
            }
        }
        // Sums of blocks and rounded biases, which the program does not know, have no place in its order.
        let known = |&i: &ItemId| self.items[i].node.is_some() || !matches!(self.items[i].op, Op::Empty);
        let key =
            |id: GroupId| self.groups[id].stores.iter().map(|s| s.item).filter(known).max().unwrap_or(0);
        let mut missing: Vec<usize> = waits.iter().map(SmallVec::len).collect();
        let mut followers: Vec<Vec<GroupId>> = vec![Vec::new(); waits.len()];
        for (id, list) in waits.iter().enumerate() {
            list.iter().for_each(|&w| followers[w].push(id));
        }
        let mut ready: BinaryHeap<Reverse<(ItemId, GroupId)>> =
            (0..waits.len()).filter(|&id| missing[id] == 0).map(|id| Reverse((key(id), id))).collect();
        let mut order = Vec::with_capacity(waits.len());
        while let Some(Reverse((_, id))) = ready.pop() {
            order.push(id);
            for &next in &followers[id] {
                missing[next] -= 1;
                if missing[next] == 0 {
                    ready.push(Reverse((key(next), next)));
                }
            }
        }
        debug_assert_eq!(order.len(), waits.len(), "groups wait for each other");
        order
    }

    fn slot(&mut self, value: Value) -> Slot {
        let next = self.slots.len() as Slot;
        let slot = *self.slots.entry(value).or_insert(next);
        if slot == next && self.items[value.0].is_memory() {
            self.given.push((slot, self.items[value.0].node.expect("copies are not memory") as u32, value.1));
        }
        slot
    }

    fn step(&mut self, id: GroupId, compile: &mut Compile) -> Result<()> {
        let group = &self.groups[id];
        let mut makes: SmallVec<[(Slot, Make); 2]> = SmallVec::new();
        let mut taken: SmallVec<[Value; 2]> = SmallVec::new();
        let own = |s: &&Stored| s.into == s.item && !self.items[s.item].is_elsewhere;
        for stored in group.stores.iter().filter(own) {
            let base = group.base.filter(|(_, result)| *result == stored.item).map(|(base, _)| base);
            let from = match base {
                Some(base) if self.may_write(id, base, stored.item) => Some(base),
                Some(base) => {
                    self.copy(base, (stored.item, 0), compile)?;
                    continue;
                }
                None => self.takeover(id, stored.item, &taken),
            };
            let make = match from {
                Some(value) => {
                    taken.push(value);
                    Make::Take(self.slot(value))
                }
                None => Make::Alloc(self.items[stored.item].bytes(0)),
            };
            makes.push((self.slot((stored.item, 0)), make));
            for out in 1..self.items[stored.item].outputs() {
                let bytes = self.items[stored.item].bytes(out);
                makes.push((self.slot((stored.item, out)), Make::Alloc(bytes)));
            }
        }
        let mut step = self.describe(id);
        step.makes = makes;
        if let Some(lowered) = &self.lowered[id] {
            step.program = Some(match &lowered.work {
                Work::Kernel(kernel) => compile(kernel)?,
                Work::Host(program) => program.clone(),
            });
            step.launch = Arc::new(lowered.launch.clone());
            step.buffers = lowered.buffers.iter().map(|&v| self.slot(v)).collect();
            step.params = lowered.params.iter().map(|p| self.param(*p)).collect();
        }
        step.frees = self.last_reads(id);
        self.steps.push(step);
        self.tell_outcomes(id);
        Ok(())
    }

    fn param(&self, param: Param) -> StepParam {
        match param {
            Param::Item(item) => StepParam::Number(self.items[item].number.expect("parameters are numbers")),
            Param::Step(size) => StepParam::Size(size),
        }
    }

    /// Whether a value's memory is nobody else's after this group, and may be this result's.
    fn is_last_reader(&self, id: GroupId, value: Value, result: ItemId) -> bool {
        let private = match self.items[value.0].standing {
            Standing::LastRead | Standing::Passing => true,
            Standing::Inherited(heir) => self.items[result].node == Some(heir as usize),
            Standing::Memory | Standing::Wanted => false,
        };
        private
            && self.items[value.0].outputs() == 1
            && self.readers.get(&value).is_some_and(|r| r[..] == [id])
    }

    /// Whether a group may write into its base's memory: it reads nothing of it, or each element where it alone writes it.
    fn may_write(&self, id: GroupId, base: Value, result: ItemId) -> bool {
        let Some(lowered) = &self.lowered[id] else { return self.is_last_reader(id, base, result) };
        let once = self.groups[id].stores.iter().all(|s| s.into == s.item);
        self.is_last_reader(id, base, result)
            && !may_fail(&lowered.work)
            && (once && reads_as_it_writes(lowered, base, 0) || !lowered.buffers.contains(&base))
    }

    /// An operand whose memory a result can take over.
    fn takeover(&self, id: GroupId, result: ItemId, taken: &[Value]) -> Option<Value> {
        let lowered = self.lowered[id].as_ref()?;
        let group = &self.groups[id];
        let own = match group.anchor {
            Anchor::Loop => 0,
            Anchor::Result(_) => 2,
            Anchor::Alone(_) => return None,
        };
        if may_fail(&lowered.work) {
            return None;
        }
        let write = group.stores.iter().position(|s| s.item == result)?;
        let bytes = self.items[result].bytes(0);
        let fits = |value: &Value| {
            let item = &self.items[value.0];
            item.bytes(value.1) == bytes
                && item.out_dtype(value.1).size() == self.items[result].dtype.size()
                && !taken.contains(value)
                && self.is_last_reader(id, *value, result)
                && reads_as_it_writes(lowered, *value, write)
                && !lowered.launch.reads[..own].iter().any(|r| lowered.buffers[r.buffer as usize] == *value)
        };
        let inherits = |value: &&Value| matches!(self.items[value.0].standing, Standing::Inherited(_));
        let mut own = lowered.buffers.iter().filter(inherits);
        own.find(|v| fits(v)).or_else(|| lowered.buffers.iter().find(|v| fits(v))).copied()
    }

    /// A step that copies a value into memory of its own, because others still read it.
    fn copy(&mut self, from: Value, to: Value, compile: &mut Compile) -> Result<()> {
        let item = &self.items[from.0];
        let (dtype, bytes) = (item.out_dtype(from.1), item.bytes(from.1));
        let count = bytes / dtype.size();
        let (from, to) = (self.slot(from), self.slot(to));
        let mut step = Step {
            program: None,
            launch: Arc::default(),
            buffers: SmallVec::from_slice(&[from, to]),
            params: SmallVec::new(),
            makes: SmallVec::from_slice(&[(to, Make::Alloc(bytes))]),
            frees: SmallVec::new(),
            nodes: Vec::new(),
            kind: "loop",
            label: "copy".into(),
            bytes: 2 * bytes,
        };
        if count > 0 {
            let (kernel, launch) = flat_copy(dtype, count);
            step.program = Some(compile(&kernel)?);
            step.launch = Arc::new(launch);
        }
        self.steps.push(step);
        Ok(())
    }

    /// Strikes a group off the lists of readers. The slots that nobody reads any more.
    fn last_reads(&mut self, id: GroupId) -> SmallVec<[Slot; 4]> {
        let mut done: SmallVec<[Slot; 4]> = SmallVec::new();
        for value in std::mem::take(&mut self.reads[id]) {
            let Some(readers) = self.readers.get_mut(&value) else { continue };
            readers.retain(|r| *r != id);
            let private = !matches!(self.items[value.0].standing, Standing::Memory | Standing::Wanted);
            if readers.is_empty() && private {
                done.push(self.slot(value));
            }
        }
        done
    }

    fn describe(&self, id: GroupId) -> Step {
        let group = &self.groups[id];
        let mut members = group.members.clone();
        members.sort_unstable();
        let touched = self.lowered[id].iter().flat_map(|l| &l.buffers);
        Step {
            program: None,
            launch: Arc::default(),
            buffers: SmallVec::new(),
            params: SmallVec::new(),
            makes: SmallVec::new(),
            frees: SmallVec::new(),
            nodes: members.iter().filter_map(|&i| self.items[i].node.map(|n| n as u32)).collect(),
            kind: self.lowered[id].as_ref().map_or("memory", |l| kind_name(&l.work)),
            label: label(members.iter().map(|&i| self.items[i].op.name())),
            bytes: touched.map(|v| self.items[v.0].bytes(v.1)).sum(),
        }
    }

    fn tell_outcomes(&mut self, id: GroupId) {
        for stored in self.groups[id].stores.iter().filter(|s| s.into == s.item) {
            let item = &self.items[stored.item];
            // Only this run knows how its lines lie.
            let Some(node) = item.node.filter(|_| item.pitch.is_none() && !item.is_elsewhere) else {
                continue;
            };
            let slots = (0..item.outputs()).map(|out| self.slots[&(stored.item, out)]).collect();
            self.outcomes.push(Outcome {
                node: node as u32,
                slots,
                wanted: item.standing == Standing::Wanted,
            });
        }
    }

    fn finish(self) -> Plan {
        let Planner { slots, mut given, mut steps, mut outcomes, .. } = self;
        // Plans stay: what they do not need is given back.
        given.shrink_to_fit();
        steps.shrink_to_fit();
        outcomes.shrink_to_fit();
        Plan { slots: slots.len(), given, steps, outcomes, kept: Mutex::default() }
    }
}

/// Whether every read of a value is at the very elements that a write meets.
fn reads_as_it_writes(lowered: &Lowered, value: Value, write: usize) -> bool {
    let Some(buffer) = lowered.buffers.iter().position(|v| *v == value) else { return true };
    let write = &lowered.launch.writes[write];
    let mut reads = lowered.launch.reads.iter().filter(|r| r.buffer as usize == buffer);
    reads.all(|r| r.gather.is_empty() && r.offset == write.offset && r.strides == write.strides)
}

/// Whether a kernel can stop half-way, on an index out of range or an integer division by zero.
fn may_fail(work: &Work) -> bool {
    let Work::Kernel(kernel) = work else { return true };
    let divides = |p: Prim| matches!(p, Prim::TruncDiv | Prim::FloorDiv | Prim::Fmod | Prim::Mod);
    kernel.body().is_some_and(|body| {
        body.insts.iter().any(|(inst, dtype)| match inst {
            Inst::Gather(..) => true,
            Inst::Call(p, _) => divides(*p) && !dtype.is_float(),
            _ => false,
        })
    })
}

fn flat_copy(dtype: DType, count: usize) -> (Kernel, Launch) {
    let body = Body {
        insts: vec![(Inst::Load(0), dtype)],
        reads: vec![dtype],
        params: Vec::new(),
        stores: vec![Store { value: Val(0), per_row: false }],
    };
    let access = |buffer| st_kernel::Access {
        buffer,
        offset: 0,
        strides: contiguous_strides(&[count]),
        gather: Vec::new(),
    };
    let launch = Launch {
        dims: SmallVec::from_slice(&[count]),
        reads: vec![access(0)],
        writes: vec![access(1)],
        ints: Vec::new(),
    };
    (Kernel::Loop { outer: 1, inner: 0, row_reads: vec![false], body }, launch)
}

fn kind_name(work: &Work) -> &'static str {
    let Work::Kernel(kernel) = work else { return HOST };
    match kernel {
        Kernel::Loop { inner: 0, .. } => "loop",
        Kernel::Loop { body, .. } if body.stores.iter().all(|s| s.per_row) => "reduce",
        Kernel::Loop { .. } => "rows",
        Kernel::Matmul { .. } => "matmul",
        Kernel::Conv { .. } => "conv",
        Kernel::Scan { .. } => "scan",
        Kernel::Scatter { .. } => "scatter",
        Kernel::Sort { .. } => "sort",
        Kernel::Attention { .. } => "attention",
    }
}

/// Names in order, repetitions counted: `mul+add+exp`, `add x12`.
fn label<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut runs: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match runs.last_mut() {
            Some((last, n)) if *last == name => *n += 1,
            _ => runs.push((name, 1)),
        }
    }
    let one = |(name, n): (&str, usize)| if n == 1 { name.to_string() } else { format!("{name} x{n}") };
    runs.into_iter().map(one).collect::<Vec<_>>().join("+")
}

impl StepParam {
    /// Its number in this run.
    pub(crate) fn value(self, snapshot: &Snapshot) -> Scalar {
        match self {
            StepParam::Size(size) => Scalar::Int(size),
            StepParam::Number(at) => snapshot.number(at),
        }
    }
}

//! From a group to a kernel and the numbers it is launched with.

use super::access::{Access, AccessId, Space};
use super::group::{Anchor, Group, GroupId, NUMBER, Place};
use super::host::HostProgram;
use super::item::{Item, ItemId};
use crate::graph::{ConvDims, HostOp, Op};
use crate::ops::Pointwise;
use smallvec::SmallVec;
use st_kernel::view::{Strides, View};
use st_kernel::{
    Body, DType, Expr, Inst, Kernel, Launch, Prim, Program, ReduceOp, Result, Scalar, Store, Val,
    runtime_err, type_err,
};
use std::collections::HashMap;
use std::sync::Arc;

/// A value in memory: an item and which of its outputs.
pub(super) type Value = (ItemId, u8);

/// A kernel and its launch, whose buffers are still values.
pub(super) struct Lowered {
    pub(super) work: Work,
    pub(super) launch: Launch,
    /// The values that the launch's buffers hold, in order.
    pub(super) buffers: Vec<Value>,
    pub(super) params: Vec<Param>,
}

impl Lowered {
    /// Forgets buffers that the launch no longer touches, or has twice.
    pub(super) fn compact(&mut self) {
        let mut buffers: Vec<Value> = Vec::new();
        for access in self.launch.reads.iter_mut().chain(&mut self.launch.writes) {
            let value = self.buffers[access.buffer as usize];
            let at = buffers.iter().position(|b| *b == value).unwrap_or_else(|| {
                buffers.push(value);
                buffers.len() - 1
            });
            access.buffer = at as u32;
        }
        self.buffers = buffers;
    }
}

/// What is launched.
pub(super) enum Work {
    /// A kernel that the device compiles.
    Kernel(Kernel),
    /// A function of the host.
    Host(Arc<dyn Program>),
}

/// Where a kernel's parameter comes from. A size is one too: another shape needs no other kernel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Param {
    /// The number an item is.
    Item(ItemId),
    /// A step of a row-major position.
    Step(i64),
}

/// Lowers a group; `None` if there is nothing to run.
pub(super) fn lower(
    items: &[Item],
    places: &[Place],
    id: GroupId,
    group: &mut Group,
) -> Result<Option<Lowered>> {
    if let Anchor::Alone(item) = group.anchor {
        return alone(items, item);
    }
    if group.stores.is_empty() {
        return Ok(None);
    }
    group.space.simplify();
    let mut writer = Writer::new(items, places, id, group);
    let anchor = match group.anchor {
        Anchor::Result(item) => Some(item),
        _ => None,
    };
    if let Some(item) = anchor {
        // A product reads its operands itself, as reads 0 and 1.
        items[item].operands.iter().for_each(|o| writer.reserve(o.item, o.out));
    }
    let mut writes = Vec::new();
    for stored in &group.stores {
        let item = &items[stored.item];
        let value = match item.op {
            Op::Assign(_) => writer.operand(stored.item, stored.access, 1)?,
            _ => writer.value(stored.item, stored.access)?,
        };
        let per_row = group.space.has_inner() && group.space.is_per_row(stored.access);
        writer.body.stores.push(Store { value, per_row });
        let buffer = writer.buffer((stored.into, 0));
        writes.push(access(buffer, group.space.access(stored.access)));
    }
    let Writer { body, reads, buffers, params, .. } = writer;
    let mut launch = Launch { dims: group.space.dims.clone(), reads, writes, ints: Vec::new() };
    if launch.dims.contains(&0) && (!group.space.has_inner() || launch.dims[..group.space.outer].contains(&0))
    {
        return Ok(None);
    }
    let kernel = match anchor {
        None => {
            // In a loop without points an operand without elements seems to be one for each row.
            let has_elements = |r: &st_kernel::Access| {
                let (item, out) = buffers[r.buffer as usize];
                !items[item].out_shape(out).contains(&0)
            };
            loops(&group.space, body, &launch, &has_elements)
        }
        Some(item) => result(&items[item], items, body, &mut launch),
    };
    Ok(Some(Lowered { work: Work::Kernel(kernel), launch, buffers, params }))
}

fn access(buffer: u32, at: &Access) -> st_kernel::Access {
    st_kernel::Access { buffer, offset: at.offset, strides: at.strides.clone(), gather: Vec::new() }
}

fn loops(
    space: &Space,
    body: Body,
    launch: &Launch,
    has_elements: &dyn Fn(&st_kernel::Access) -> bool,
) -> Kernel {
    let per_row = |r: &st_kernel::Access| {
        let still = r.strides[space.outer..].iter().all(|&s| s == 0);
        space.has_inner() && r.gather.is_empty() && still && has_elements(r)
    };
    let row_reads = launch.reads.iter().map(per_row).collect();
    Kernel::Loop { outer: space.outer, inner: space.dims.len() - space.outer, row_reads, body }
}

/// A product or a convolution with its epilogue. The launch gets the operands' accesses.
fn result(item: &Item, items: &[Item], body: Body, launch: &mut Launch) -> Kernel {
    let operand = |k: usize| &item.operands[k].view;
    let dtype = items[item.operands[0].item].out_dtype(item.operands[0].out);
    let acc = dtype.compute();
    match &item.op {
        Op::Conv(kind, dims) => {
            for k in 0..2 {
                launch.reads[k].strides = Strides::from_elem(0, launch.dims.len());
            }
            launch.ints = conv_ints(dims);
            Kernel::Conv { kind: *kind, spatial: dims.spatial.len(), dtype, acc, body }
        }
        _ => {
            let batch = item.shape.len() - 2;
            let k = operand(0).shape[batch + 1];
            launch.dims.push(k);
            launch.reads.iter_mut().chain(&mut launch.writes).for_each(|a| a.strides.resize(batch + 3, 0));
            let place = |view: &View, order: [Option<usize>; 3]| -> Strides {
                let own = order.iter().map(|o| o.map_or(0, |d| view.strides[batch + d]));
                view.strides[..batch].iter().copied().chain(own).collect()
            };
            launch.reads[0].strides = place(operand(0), [Some(0), None, Some(1)]);
            launch.reads[1].strides = place(operand(1), [None, Some(1), Some(0)]);
            launch.reads[0].offset = operand(0).offset;
            launch.reads[1].offset = operand(1).offset;
            // What looks at coordinates means those of these dimensions.
            let free = !body.insts.iter().any(|(inst, _)| matches!(inst, Inst::Coord(_)));
            let batch = if free { join_batches(launch, batch) } else { batch };
            if free {
                turn_to_rows(launch, batch);
            }
            Kernel::Matmul { batch, dtype, acc, body }
        }
    }
}

/// A product that is written down its columns is computed as that of the transposed operands, which writes along rows:
/// so it is with the gradient of a weight that was read transposed.
fn turn_to_rows(launch: &mut Launch, batch: usize) {
    let (m, n) = (batch, batch + 1);
    let down = |a: &st_kernel::Access| a.strides[m].abs() < a.strides[n].abs();
    if launch.dims[m] > 1 && launch.dims[n] > 1 && launch.writes.iter().all(down) {
        launch.dims.swap(m, n);
        launch.reads.swap(0, 1);
        launch.reads.iter_mut().chain(&mut launch.writes).for_each(|a| a.strides.swap(m, n));
    }
}

/// Joins batch dimensions that every access walks as one.
fn join_batches(launch: &mut Launch, mut batch: usize) -> usize {
    let mut d = 0;
    while d < batch {
        let n = launch.dims[d];
        let joins = |a: &st_kernel::Access| {
            d + 1 < batch && a.strides[d] == a.strides[d + 1] * launch.dims[d + 1] as isize
        };
        if n == 1 || launch.reads.iter().chain(&launch.writes).all(joins) {
            if n != 1 {
                launch.dims[d + 1] *= n;
            }
            launch.dims.remove(d);
            launch.reads.iter_mut().chain(&mut launch.writes).for_each(|a| _ = a.strides.remove(d));
            batch -= 1;
        } else {
            d += 1;
        }
    }
    batch
}

fn conv_ints(dims: &ConvDims) -> Vec<usize> {
    let head = [dims.batch, dims.groups, dims.c_in, dims.c_out];
    head.into_iter().chain(dims.spatial.iter().flatten().copied()).collect()
}

/// Kernels that do one thing.
fn alone(items: &[Item], id: ItemId) -> Result<Option<Lowered>> {
    let item = &items[id];
    let operand = |k: usize| &item.operands[k];
    // What a scatter starts from is the memory it writes.
    let read_from = usize::from(matches!(item.op, Op::Scatter(..)));
    let mut buffers: Vec<Value> = item.operands.iter().skip(read_from).map(|o| (o.item, o.out)).collect();
    let read = |buffer: usize, view: &View| st_kernel::Access {
        buffer: buffer as u32,
        offset: view.offset,
        strides: view.strides.clone(),
        gather: Vec::new(),
    };
    let mut launch = Launch::default();
    let kernel = match &item.op {
        Op::Empty => return Ok(None),
        Op::Attention { backward, causal } => return Ok(attention(items, id, *backward, *causal)),
        Op::Host(op) => return Ok(Some(host(items, id, op))),
        Op::Scan(op, axis) => {
            along(&mut launch, item, *axis as usize, &read, &mut buffers, id);
            Kernel::Scan { op: *op, dtype: item.dtype }
        }
        Op::Sort(axis, descending, kept) => {
            along(&mut launch, item, *axis as usize, &read, &mut buffers, id);
            launch.ints = vec![*kept];
            Kernel::Sort { descending: *descending, dtype: item.dtype }
        }
        Op::Scatter(op, view, places) => {
            let source = &operand(1).view;
            launch.dims = source.shape.clone();
            launch.reads = (1..item.operands.len()).map(|k| read(k - 1, &operand(k).view)).collect();
            launch.writes = vec![read(buffers.len(), view)];
            launch.ints = places.iter().flat_map(|&(size, stride)| [size, stride as usize]).collect();
            buffers.push((id, 0));
            Kernel::Scatter { op: *op, dtype: item.dtype, indices: places.len() }
        }
        other => return Err(runtime_err!("{}: there is no kernel for it", other.name())),
    };
    let empty = launch.dims.contains(&0);
    let work = Work::Kernel(kernel);
    Ok((!empty).then_some(Lowered { work, launch, buffers, params: Vec::new() }))
}

/// A function of the host; it runs even without operands' elements, for its outputs may have some.
fn host(items: &[Item], id: ItemId, op: &HostOp) -> Lowered {
    let item = &items[id];
    let outputs = (0..item.outputs()).map(|out| (id, out));
    let buffers = item.operands.iter().map(|o| (o.item, o.out)).chain(outputs).collect();
    let work = Work::Host(Arc::new(HostProgram::new(op, item, items)));
    let launch = Launch { dims: item.shape.clone(), ..Launch::default() };
    Lowered { work, launch, buffers, params: Vec::new() }
}

/// Attention or its gradient. The scale, its last operand, is a parameter.
fn attention(items: &[Item], id: ItemId, backward: bool, causal: bool) -> Option<Lowered> {
    let item = &items[id];
    let (scale, operands) = item.operands.split_last().expect("attention has a scale");
    let batch = item.shape.len() - 2;
    let (q, k, v) = (&operands[0].view.shape, &operands[1].view.shape, &operands[2].view.shape);
    let (m, n, d, dv) = (q[batch], k[batch], q[batch + 1], v[batch + 1]);
    let dims = q[..batch].iter().copied().chain([m, n, d, dv]).collect();
    let mut launch = Launch { dims, ..Launch::default() };
    // Which of these last four dimensions each operand has after the batch.
    let (of_q, of_k, of_v, of_out): (&[usize], &[usize], &[usize], &[usize]) =
        (&[0, 2], &[1, 2], &[1, 3], &[0, 3]);
    let has_mask = operands.len() == if backward { 7 } else { 4 };
    let mask: &[&[usize]] = if has_mask { &[&[0, 1]] } else { &[] };
    let late: &[&[usize]] = if backward { &[of_out, &[0], of_out] } else { &[] };
    let access = |buffer: usize, view: &View, own: &[usize]| {
        let mut strides = Strides::from_slice(&view.strides[..batch]);
        strides.resize(batch + 4, 0);
        own.iter().zip(&view.strides[batch..]).for_each(|(dim, &stride)| strides[batch + dim] = stride);
        st_kernel::Access { buffer: buffer as u32, offset: view.offset, strides, gather: Vec::new() }
    };
    let places = [of_q, of_k, of_v].into_iter().chain(mask.iter().copied()).chain(late.iter().copied());
    launch.reads =
        operands.iter().zip(places).enumerate().map(|(i, (o, own))| access(i, &o.view, own)).collect();
    let dense = |shape: &[usize], offset: usize| View { offset: offset as isize, ..View::contiguous(shape) };
    let (first, second) = (operands.len(), operands.len() + 1);
    launch.writes = if backward {
        let after_k = k.iter().product();
        vec![
            access(first, &dense(q, 0), of_q),
            access(second, &dense(k, 0), of_k),
            access(second, &dense(v, after_k), of_v),
        ]
    } else {
        let sums = dense(&item.shape[..=batch], 0);
        vec![access(first, &dense(&item.shape, 0), of_out), access(second, &sums, &[0])]
    };
    let empty = launch.dims[..batch].contains(&0);
    join_batches(&mut launch, batch);
    let mask = has_mask.then(|| items[operands[3].item].out_dtype(operands[3].out));
    let kernel = Kernel::Attention { backward, dtype: item.dtype, mask, causal };
    let buffers = operands.iter().map(|o| (o.item, o.out)).chain([(id, 0), (id, 1)]).collect();
    let params = vec![Param::Item(scale.item)];
    (!empty).then_some(Lowered { work: Work::Kernel(kernel), launch, buffers, params })
}

/// The launch of a kernel that works along one axis, which becomes the last dimension.
fn along(
    launch: &mut Launch,
    item: &Item,
    axis: usize,
    read: &dyn Fn(usize, &View) -> st_kernel::Access,
    buffers: &mut Vec<Value>,
    id: ItemId,
) {
    let source = &item.operands[0].view;
    let order: SmallVec<[usize; 4]> = (0..source.shape.len()).filter(|&d| d != axis).chain([axis]).collect();
    let source = source.permute(&order);
    launch.dims = source.shape.clone();
    launch.reads = vec![read(0, &source)];
    for out in 0..item.outputs() {
        let view = View::contiguous(item.out_shape(out)).permute(&order);
        launch.writes.push(read(buffers.len(), &view));
        buffers.push((id, out));
    }
}

/// Writes the body of a group: every member once for each access it is computed at.
struct Writer<'a> {
    items: &'a [Item],
    places: &'a [Place],
    id: GroupId,
    group: &'a Group,
    body: Body,
    reads: Vec<st_kernel::Access>,
    buffers: Vec<Value>,
    params: Vec<Param>,
    insts: HashMap<(Inst, DType), Val>,
    done: HashMap<(ItemId, u8, AccessId), Val>,
    /// Loads of the same value at the same place are one read.
    loads: HashMap<(u32, AccessId), u16>,
}

impl<'a> Writer<'a> {
    fn new(items: &'a [Item], places: &'a [Place], id: GroupId, group: &'a Group) -> Writer<'a> {
        Writer {
            items,
            places,
            id,
            group,
            body: Body::default(),
            reads: Vec::new(),
            buffers: Vec::new(),
            params: Vec::new(),
            insts: HashMap::new(),
            done: HashMap::new(),
            loads: HashMap::new(),
        }
    }

    fn inst(&mut self, inst: Inst, dtype: DType) -> Val {
        let next = Val(self.body.insts.len() as u32);
        let val = *self.insts.entry((inst.clone(), dtype)).or_insert(next);
        if val == next {
            self.body.insts.push((inst, dtype));
        }
        val
    }

    fn buffer(&mut self, value: Value) -> u32 {
        let at = self.buffers.iter().position(|b| *b == value).unwrap_or_else(|| {
            self.buffers.push(value);
            self.buffers.len() - 1
        });
        at as u32
    }

    /// A read that the kernel's own work makes.
    fn reserve(&mut self, item: ItemId, out: u8) {
        let buffer = self.buffer((item, out));
        self.body.reads.push(self.items[item].out_dtype(out));
        let strides = Strides::from_elem(0, self.group.space.dims.len());
        self.reads.push(st_kernel::Access { buffer, offset: 0, strides, gather: Vec::new() });
    }

    fn read(&mut self, item: ItemId, out: u8, at: AccessId, gather: Vec<(usize, isize)>) -> u16 {
        let buffer = self.buffer((item, out));
        let access = st_kernel::Access { gather, ..access(buffer, self.group.space.access(at)) };
        self.body.reads.push(self.items[item].out_dtype(out));
        self.reads.push(access);
        (self.reads.len() - 1) as u16
    }

    /// Operand `k` of an item computed here.
    fn operand(&mut self, id: ItemId, at: AccessId, k: usize) -> Result<Val> {
        let access =
            self.group.operands.get(&(id, at)).map(|o| o[k]).ok_or_else(|| lost(&self.items[id].op))?;
        let (item, out) = (self.items[id].operands[k].item, self.items[id].operands[k].out);
        if access == NUMBER {
            return Ok(self.parameter(Param::Item(item), self.items[item].dtype));
        }
        let computed = match self.places[item] {
            Place::Inline => true,
            Place::Stored(home) => home == self.id && !matches!(self.items[item].op, Op::Assign(_)),
            Place::Given => false,
        };
        if computed { self.value(item, access) } else { Ok(self.load(item, out, access)) }
    }

    fn parameter(&mut self, param: Param, dtype: DType) -> Val {
        let at = self.params.iter().position(|p| *p == param).unwrap_or_else(|| {
            self.params.push(param);
            self.body.params.push(dtype);
            self.params.len() - 1
        });
        self.inst(Inst::Param(at as u16), dtype)
    }

    fn load(&mut self, item: ItemId, out: u8, at: AccessId) -> Val {
        let buffer = self.buffer((item, out));
        let read = match self.loads.get(&(buffer, at)) {
            Some(&read) => read,
            None => {
                let read = self.read(item, out, at, Vec::new());
                self.loads.insert((buffer, at), read);
                read
            }
        };
        self.inst(Inst::Load(read), self.items[item].out_dtype(out))
    }

    /// An item computed here, at an access.
    fn value(&mut self, id: ItemId, at: AccessId) -> Result<Val> {
        if let Some(&val) = self.done.get(&(id, 0, at)) {
            return Ok(val);
        }
        let item = &self.items[id];
        let val = match &item.op {
            Op::Pointwise(p) => self.pointwise(id, at, p)?,
            Op::Reduce(op, _) => {
                let operand = self.operand(id, at, 0)?;
                let dtype = match op {
                    ReduceOp::ArgMax | ReduceOp::ArgMin => DType::I64,
                    _ => self.body.insts[operand.at()].1,
                };
                self.inst(Inst::Reduce(*op, operand), dtype)
            }
            Op::Gather(places) => {
                let source = &item.operands[0];
                let access =
                    self.group.operands.get(&(id, at)).map(|o| o[0]).ok_or_else(|| lost(&item.op))?;
                let index =
                    (1..item.operands.len()).map(|k| self.operand(id, at, k)).collect::<Result<_>>()?;
                let read = self.read(source.item, source.out, access, places.to_vec());
                self.inst(Inst::Gather(read, index), item.dtype)
            }
            Op::Matmul | Op::Conv(..) => {
                let operand = &item.operands[0];
                let acc = self.items[operand.item].out_dtype(operand.out).compute();
                let hole = self.inst(Inst::Hole(0), acc);
                if acc == item.dtype { hole } else { self.inst(Inst::Cast(hole), item.dtype) }
            }
            other => return Err(type_err!("{}: not computed inside another kernel", other.name())),
        };
        self.done.insert((id, 0, at), val);
        Ok(val)
    }

    /// Copies an operator's expression.
    fn pointwise(&mut self, id: ItemId, at: AccessId, pointwise: &Pointwise) -> Result<Val> {
        let operands: SmallVec<[Val; 4]> =
            (0..self.items[id].operands.len()).map(|k| self.operand(id, at, k)).collect::<Result<_>>()?;
        let expr = pointwise.expr();
        // A position is made where it is read as more than odd or even.
        let mut vals: Vec<Val> = Vec::with_capacity(expr.insts.len());
        for (inst, dtype) in &expr.insts {
            let val = match inst {
                Inst::Input(i) => operands[*i as usize],
                Inst::Coord(Inst::POSITION) => Val::NONE,
                other if is_parity(expr, other) => self.parity(at),
                other => {
                    let mut is_read = false;
                    other.operands(|v| is_read |= vals[v.at()] == Val::NONE);
                    if is_read {
                        let position = self.position(at);
                        vals.iter_mut().filter(|v| **v == Val::NONE).for_each(|v| *v = position);
                    }
                    self.inst(other.map(|v| vals[v.at()]), *dtype)
                }
            };
            vals.push(val);
        }
        match vals[expr.outs[0].at()] {
            Val::NONE => Ok(self.position(at)),
            val => Ok(val),
        }
    }

    /// Whether the row-major position in an item is odd, as a number: of complex numbers, which part it is.
    fn parity(&mut self, at: AccessId) -> Val {
        let access = self.group.space.access(at).clone();
        let odd: SmallVec<[usize; 4]> =
            (0..access.strides.len()).filter(|&d| access.strides[d] % 2 != 0).collect();
        match odd[..] {
            // The usual case: a dimension of the two parts, all others in steps of two.
            [d] if self.group.space.dims[d] == 2 && access.offset % 2 == 0 => {
                self.inst(Inst::Coord(d as u8), DType::I64)
            }
            _ => {
                let position = self.position(at);
                let one = self.inst(Inst::Const(Scalar::Int(1)), DType::I64);
                self.inst(Inst::Call(Prim::And, [position, one, Val::NONE]), DType::I64)
            }
        }
    }

    /// The row-major position in an item, from loop coordinates.
    fn position(&mut self, at: AccessId) -> Val {
        let access = self.group.space.access(at).clone();
        let mut sum =
            (access.offset != 0).then(|| self.parameter(Param::Step(access.offset as i64), DType::I64));
        for d in (0..access.strides.len()).filter(|&d| access.strides[d] != 0) {
            let coordinate = self.inst(Inst::Coord(d as u8), DType::I64);
            let part = match access.strides[d] {
                1 => coordinate,
                step => {
                    let step = self.parameter(Param::Step(step as i64), DType::I64);
                    self.inst(Inst::Call(Prim::Mul, [coordinate, step, Val::NONE]), DType::I64)
                }
            };
            sum = Some(match sum {
                None => part,
                Some(sum) => self.inst(Inst::Call(Prim::Add, [sum, part, Val::NONE]), DType::I64),
            });
        }
        sum.unwrap_or_else(|| self.inst(Inst::Const(Scalar::Int(0)), DType::I64))
    }
}

/// Whether an instruction asks no more than whether the row-major position is odd.
fn is_parity(expr: &Expr, inst: &Inst) -> bool {
    let is = |v: &Val, inst: Inst| expr.insts[v.at()].0 == inst;
    matches!(inst, Inst::Call(Prim::And, [x, one, _])
        if is(x, Inst::Coord(Inst::POSITION)) && is(one, Inst::Const(Scalar::Int(1))))
}

fn lost(op: &Op) -> st_kernel::Error {
    runtime_err!("{}: the scheduler lost its operands; please report this", op.name())
}

//! What follows the sums of a product that cuBLASLt makes.
//!
//! The library adds a bias and rounds, so its results are what a kernel's body first makes of the sums: half as wide as those in
//! half precision. They go straight to their place if they are stored; what else the body does is a pointwise kernel.

use crate::driver::Address;
use smallvec::SmallVec;
use st_kernel::view::{Strides, contiguous_strides};
use st_kernel::{Access, Body, DType, Inst, Kernel, Launch, Prim, Store, Val};

/// Elements of a bias are a multiple of this, as results' rows may be made to be.
const WHOLE: usize = 8;
/// Bytes that a bias's place in its buffer is a multiple of.
const ALIGNED: usize = 16;

/// How a body is divided between the library and a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Split {
    /// What the library makes: the sums, or those with the bias, rounded.
    pub(crate) value: Val,
    /// The bias: an element for each column, in the dtype of `value`.
    pub(crate) bias: Option<Val>,
    /// The store that the library does.
    pub(crate) stored: Option<usize>,
}

/// A kernel for a part of a body, and which reads and stores of the whole it has.
pub(crate) struct Part {
    pub(crate) kernel: Kernel,
    reads: Vec<usize>,
    stores: Vec<usize>,
}

impl Split {
    /// The largest part that the library can do; with a bias only if it may.
    pub(crate) fn of(body: &Body, batch: usize, launch: &Launch, operand: DType, may: bool) -> Option<Split> {
        let sum = body.insts.iter().position(|(inst, _)| matches!(inst, Inst::Hole(0)))?;
        let sum = Val(sum as u32);
        let dtype = |v: Val| body.insts[v.at()].1;
        let alone = Split { value: sum, bias: None, stored: None };
        let rounded = |v: Val| {
            let user = only_user(body, v)?;
            (matches!(body.insts[user.at()].0, Inst::Cast(_)) && dtype(user) == operand).then_some(user)
        };
        let half = dtype(sum) != operand;
        let biased = || {
            let added = only_user(body, sum).filter(|_| may)?;
            let Inst::Call(Prim::Add, [a, b, _]) = body.insts[added.at()].0 else { return None };
            let other = if a == sum { b } else { a };
            let (value, bias) = match body.insts[other.at()].0 {
                Inst::Cast(bias) if half && dtype(bias) == operand => (rounded(added)?, bias),
                _ if !half && operand == DType::F32 => (added, other),
                _ => return None,
            };
            let by_column = other != sum && is_by_column(body, bias, batch, launch);
            by_column.then_some(Split { value, bias: Some(bias), stored: None })
        };
        Some(biased().unwrap_or(match rounded(sum) {
            Some(value) if half => Split { value, ..alone },
            _ => alone,
        }))
    }

    /// Stores of the library's results that it may do itself: nothing else that is still to be read lies there.
    pub(crate) fn stores<'a>(
        &'a self,
        body: &'a Body,
        launch: &'a Launch,
        places: &'a [Address],
    ) -> impl Iterator<Item = usize> + 'a {
        let place = |access: &Access| places[access.buffer as usize];
        let is_free = move |i: usize| launch.reads[2..].iter().all(|r| place(r) != place(&launch.writes[i]));
        let is_it = |i: &usize| body.stores[*i].value == self.value;
        (0..body.stores.len()).filter(is_it).filter(move |&i| is_free(i))
    }

    /// What is left to do, if anything is.
    pub(crate) fn rest(&self, body: &Body, batch: usize) -> Option<Part> {
        let stores: Vec<usize> = (0..body.stores.len()).filter(|&i| Some(i) != self.stored).collect();
        let values = stores.iter().map(|&i| body.stores[i].value).collect::<SmallVec<[Val; 4]>>();
        (!stores.is_empty()).then(|| Part { stores, ..Part::of(body, &values, Some(self.value), batch + 2) })
    }

    /// What makes the bias.
    pub(crate) fn of_bias(&self, body: &Body) -> Option<Part> {
        self.bias.map(|bias| Part::of(body, &[bias], None, 1))
    }

    /// Which read the bias is, and of what dtype, if it lies as it is wanted.
    pub(crate) fn bias_in_place(&self, body: &Body, batch: usize, launch: &Launch) -> Option<(usize, DType)> {
        let Inst::Load(read) = body.insts[self.bias?.at()].0 else { return None };
        let read = usize::from(read);
        let (access, dtype) = (&launch.reads[read], body.reads[read]);
        let whole = launch.dims[batch + 1].is_multiple_of(WHOLE);
        let aligned = (access.offset as usize * dtype.size()).is_multiple_of(ALIGNED);
        (whole && aligned && access.strides[batch + 1] == 1).then_some((read, dtype))
    }
}

/// Elements of a bias for so many columns.
pub(crate) fn bias_elements(columns: usize) -> usize {
    columns.next_multiple_of(WHOLE)
}

/// The instruction that uses a value, if there is one only and nothing stores it.
fn only_user(body: &Body, v: Val) -> Option<Val> {
    if body.stores.iter().any(|s| s.value == v) {
        return None;
    }
    let mut users = (0..body.insts.len()).filter(|&at| {
        let mut uses = false;
        body.insts[at].0.operands(|operand| uses |= operand == v);
        uses
    });
    let user = users.next()?;
    users.next().is_none().then_some(Val(user as u32))
}

/// Whether a value depends on the column alone.
fn is_by_column(body: &Body, v: Val, batch: usize, launch: &Launch) -> bool {
    match &body.insts[v.at()].0 {
        Inst::Load(read) => {
            let access = &launch.reads[usize::from(*read)];
            access.strides[..=batch].iter().all(|&step| step == 0)
        }
        Inst::Const(_) | Inst::Param(_) => true,
        inst @ (Inst::Call(..) | Inst::Cast(_)) => {
            let mut all = true;
            inst.operands(|operand| all = all && is_by_column(body, operand, batch, launch));
            all
        }
        _ => false,
    }
}

impl Part {
    /// Pointwise work that stores these values; one value may be given, and is read first.
    fn of(body: &Body, values: &[Val], given: Option<Val>, rank: usize) -> Part {
        let mut live = vec![false; body.insts.len()];
        values.iter().for_each(|v| live[v.at()] = true);
        let is_given = |at: usize| given.is_some_and(|v| v.at() == at);
        for at in (0..live.len()).rev().filter(|&at| !is_given(at)) {
            if live[at] {
                body.insts[at].0.operands(|operand| live[operand.at()] = true);
            }
        }
        let first = usize::from(given.is_some());
        let mut reads: Vec<usize> = Vec::new();
        let mut number = |read: u16| {
            let known = reads.iter().position(|&r| r == usize::from(read));
            let at = known.unwrap_or_else(|| {
                reads.push(usize::from(read));
                reads.len() - 1
            });
            (first + at) as u16
        };
        let mut renamed = vec![Val::NONE; live.len()];
        let mut insts = Vec::new();
        for (at, (inst, dtype)) in body.insts.iter().enumerate().filter(|&(at, _)| live[at]) {
            let inst = match inst.map(|v| renamed[v.at()]) {
                _ if is_given(at) => Inst::Load(0),
                Inst::Load(read) => Inst::Load(number(read)),
                Inst::Gather(read, index) => Inst::Gather(number(read), index),
                other => other,
            };
            renamed[at] = Val(insts.len() as u32);
            insts.push((inst, *dtype));
        }
        let given = given.map(|v| body.insts[v.at()].1);
        let part = Body {
            insts,
            reads: given.into_iter().chain(reads.iter().map(|&r| body.reads[r])).collect(),
            params: body.params.clone(),
            stores: values.iter().map(|v| Store { value: renamed[v.at()], per_row: false }).collect(),
        };
        let row_reads = vec![false; part.reads.len()];
        let kernel = Kernel::Loop { outer: rank, inner: 0, row_reads, body: part };
        Part { kernel, reads, stores: Vec::new() }
    }

    /// The launch of what is left of a product, whose results are read there.
    pub(crate) fn launch(&self, launch: &Launch, batch: usize, results: &Access) -> Launch {
        let rank = batch + 2;
        let cut = |a: &Access| Access { strides: a.strides[..rank].into(), ..a.clone() };
        Launch {
            dims: launch.dims[..rank].into(),
            reads: [results]
                .into_iter()
                .chain(self.reads.iter().map(|&r| &launch.reads[r]))
                .map(cut)
                .collect(),
            writes: self.stores.iter().map(|&i| cut(&launch.writes[i])).collect(),
            ints: Vec::new(),
        }
    }

    /// The launch that makes a bias, in this buffer.
    pub(crate) fn launch_of_bias(&self, launch: &Launch, batch: usize, buffer: usize) -> Launch {
        let column = batch + 1;
        let along = |a: &Access| Access { strides: [a.strides[column]].into_iter().collect(), ..a.clone() };
        Launch {
            dims: launch.dims[column..=column].into(),
            reads: self.reads.iter().map(|&r| along(&launch.reads[r])).collect(),
            writes: vec![dense(&launch.dims[column..=column], buffer)],
            ints: Vec::new(),
        }
    }
}

/// All of a buffer.
pub(crate) fn dense(dims: &[usize], buffer: usize) -> Access {
    let strides: Strides = contiguous_strides(dims);
    Access { buffer: buffer as u32, offset: 0, strides, gather: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use st_kernel::Scalar;

    const HALF: DType = DType::BF16;
    const WIDE: DType = DType::F32;

    /// The sums, a bias, and a matrix that is read beside them.
    fn body(insts: &[(Inst, DType)], stores: &[usize]) -> Body {
        let first = [(Inst::Hole(0), WIDE), (Inst::Load(2), HALF), (Inst::Load(3), HALF)];
        Body {
            insts: first.into_iter().chain(insts.iter().cloned()).collect(),
            reads: vec![HALF; 4],
            params: Vec::new(),
            stores: stores.iter().map(|&at| Store { value: Val(at as u32), per_row: false }).collect(),
        }
    }

    fn launch(stores: usize) -> Launch {
        let access = |buffer: usize, strides: [isize; 3]| Access {
            buffer: buffer as u32,
            offset: 0,
            strides: strides.into_iter().collect(),
            gather: Vec::new(),
        };
        Launch {
            dims: [32, 16, 64].into_iter().collect(),
            reads: vec![
                access(0, [64, 0, 1]),
                access(1, [0, 1, 16]),
                access(2, [0, 1, 0]),
                access(3, [16, 1, 0]),
            ],
            writes: (0..stores).map(|i| access(4 + i, [16, 1, 0])).collect(),
            ints: Vec::new(),
        }
    }

    fn call(prim: Prim, a: u32, b: u32) -> Inst {
        Inst::Call(prim, [Val(a), Val(b), Val::NONE])
    }

    fn split(body: &Body) -> Split {
        Split::of(body, 0, &launch(body.stores.len()), HALF, true).expect("there are sums")
    }

    #[test]
    fn a_bias_is_the_librarys_and_what_follows_is_not() {
        // cast(sums + cast(bias)), and that times the matrix.
        let biased = [
            (Inst::Cast(Val(1)), WIDE),
            (call(Prim::Add, 0, 3), WIDE),
            (Inst::Cast(Val(4)), HALF),
            (call(Prim::Mul, 5, 2), HALF),
        ];
        let body = body(&biased, &[5, 6]);
        let found = split(&body);
        assert_eq!((found.value, found.bias), (Val(5), Some(Val(1))));
        let (launch, places) = (launch(2), [0, 16, 32, 48, 64, 80]);
        assert_eq!(found.stores(&body, &launch, &places).collect::<Vec<_>>(), [0]);
        let rest = Split { stored: Some(0), ..found }.rest(&body, 0).expect("a product is left");
        let Kernel::Loop { outer: 2, inner: 0, body: left, .. } = &rest.kernel else {
            panic!("it is pointwise")
        };
        assert_eq!(left.insts, [(Inst::Load(1), HALF), (Inst::Load(0), HALF), (call(Prim::Mul, 1, 0), HALF)]);
        let work = rest.launch(&launch, 0, &dense(&[32, 16], 6));
        assert_eq!((work.reads.len(), work.writes[0].buffer, &work.dims[..]), (2, 5, &[32, 16][..]));
        assert_eq!(work.reads[1].buffer, 3);
    }

    #[test]
    fn results_are_stored_where_nothing_else_is_to_be_read() {
        let biased = [(Inst::Cast(Val(0)), HALF), (call(Prim::Mul, 3, 2), HALF)];
        let body = body(&biased, &[3, 4]);
        // The first result has the memory of the matrix that the second one needs.
        let places = [0, 16, 32, 48, 48, 80];
        assert_eq!(split(&body).value, Val(3));
        assert_eq!(split(&body).stores(&body, &launch(2), &places).count(), 0);
    }

    #[test]
    fn what_is_no_bias_is_left_to_a_kernel() {
        let add = |what: u32| {
            [(Inst::Cast(Val(what)), WIDE), (call(Prim::Add, 0, 3), WIDE), (Inst::Cast(Val(4)), HALF)]
        };
        // It differs from row to row.
        assert_eq!(split(&body(&add(2), &[5])).value, Val(0));
        // The sums are used twice.
        let twice = [add(1).to_vec(), vec![(call(Prim::Mul, 0, 3), WIDE)]].concat();
        assert_eq!(split(&body(&twice, &[5, 6])).value, Val(0));
        // It is not rounded, or wider than results.
        assert_eq!(split(&body(&add(1)[..2], &[4])).value, Val(0));
        let wide = [
            (Inst::Const(Scalar::Float(1.0)), WIDE),
            (call(Prim::Add, 0, 3), WIDE),
            (Inst::Cast(Val(4)), HALF),
        ];
        assert_eq!(split(&body(&wide, &[5])).value, Val(0));
        // The library cannot add it.
        let body = body(&add(1), &[5]);
        assert_eq!(Split::of(&body, 0, &launch(1), HALF, false).map(|s| s.value), Some(Val(0)));
    }
}

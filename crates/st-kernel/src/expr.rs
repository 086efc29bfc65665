//! Typed scalar expressions in SSA form, and the handles they are written with.
//!
//! `Expr::build(&[F32], |x| vec![0.5 * x[0] * (1.0 + erf(x[0]))])` runs the closure once and keeps what it wrote:
//! equal subexpressions are one instruction, constants are folded. Inside the closure an [`Ex`] is a `Copy` handle of an
//! arena that lives as long as the closure runs.

use crate::dtype::DType;
use crate::kernel::ReduceOp;
use crate::prim::{Prim, ResultType};
use crate::scalar::Scalar;
use crate::unsigned;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops;

/// The result of an instruction: its position in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Val(pub u32);

impl Val {
    /// Fills the unused places of a call's arguments.
    pub const NONE: Val = Val(u32::MAX);

    /// As an index.
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// One instruction. Operators' expressions use the first group only; the others appear in the bodies of kernels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Inst {
    /// Operand `i` of an operator's expression.
    Input(u16),
    /// A constant of the instruction's dtype.
    Const(Scalar),
    /// A primitive; unused arguments are [`Val::NONE`].
    Call(Prim, [Val; 3]),
    /// Conversion to the instruction's dtype.
    Cast(Val),

    /// The element of read `i` at the current point.
    Load(u16),
    /// The element of read `i`, displaced by run-time indices (each wrapped and checked against its size).
    Gather(u16, Box<[Val]>),
    /// Kernel parameter `i`: a number that may change from launch to launch.
    Param(u16),
    /// The coordinate along loop dimension `i`, an `int64`.
    Coord(u8),
    /// Result `i` of the kernel's own work (a product's accumulator) at the current point.
    Hole(u8),
    /// The reduction of a value over the kernel's inner dimensions.
    Reduce(ReduceOp, Val),
    /// The sum of a value over the kernel's last outer dimension, for each inner point. It is only stored.
    Down(Val),
}

impl Inst {
    /// As a [`Inst::Coord`] of an operator's expression: the row-major position in the result. Kernels have none.
    pub const POSITION: u8 = u8::MAX;

    /// Calls `f` on every operand.
    pub fn operands(&self, mut f: impl FnMut(Val)) {
        match self {
            Inst::Call(_, args) => args.iter().copied().filter(|&a| a != Val::NONE).for_each(f),
            Inst::Cast(v) | Inst::Reduce(_, v) | Inst::Down(v) => f(*v),
            Inst::Gather(_, index) => index.iter().copied().for_each(f),
            _ => {}
        }
    }

    /// The same instruction with its operands renamed.
    pub fn map(&self, mut f: impl FnMut(Val) -> Val) -> Inst {
        match self {
            Inst::Call(p, args) => Inst::Call(*p, args.map(|a| if a == Val::NONE { a } else { f(a) })),
            Inst::Cast(v) => Inst::Cast(f(*v)),
            Inst::Reduce(op, v) => Inst::Reduce(*op, f(*v)),
            Inst::Down(v) => Inst::Down(f(*v)),
            Inst::Gather(i, index) => Inst::Gather(*i, index.iter().map(|&v| f(v)).collect()),
            other => other.clone(),
        }
    }
}

/// An expression of several inputs and outputs: what a pointwise operator computes for one element.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expr {
    /// Dtypes of the inputs.
    pub inputs: Vec<DType>,
    /// Instructions with the dtype of each result; operands come before their users.
    pub insts: Vec<(Inst, DType)>,
    /// Results.
    pub outs: Vec<Val>,
}

impl Expr {
    /// Records what `write` does with handles of the inputs.
    pub fn build(inputs: &[DType], write: impl FnOnce(&[Ex]) -> Vec<Ex>) -> Expr {
        ARENAS.with_borrow_mut(|arenas| arenas.push(Arena::default()));
        let handles: Vec<Ex> = (0..inputs.len()).map(|i| Ex::new(Inst::Input(i as u16), inputs[i])).collect();
        let outs = write(&handles);
        let arena = ARENAS.with_borrow_mut(|arenas| arenas.pop()).expect("pushed above");
        let outs = outs.into_iter().map(|e| e.val).collect();
        Expr { inputs: inputs.to_vec(), insts: arena.insts, outs }.pruned()
    }

    /// Dtype of output `i`.
    pub fn out_dtype(&self, i: usize) -> DType {
        self.insts[self.outs[i].at()].1
    }

    /// Whether input `i` is read.
    pub fn uses(&self, i: usize) -> bool {
        self.insts.iter().any(|(inst, _)| *inst == Inst::Input(i as u16))
    }

    /// The same without the other inputs, none of which it reads; and which inputs are left.
    pub fn only_inputs(&self, keep: impl Fn(usize) -> bool) -> (Expr, Vec<usize>) {
        let kept: Vec<usize> = (0..self.inputs.len()).filter(|&i| keep(i)).collect();
        let renumbered = |inst: &Inst| match inst {
            Inst::Input(i) => {
                let at =
                    kept.iter().position(|&k| k == usize::from(*i)).expect("an input that is read is kept");
                Inst::Input(at as u16)
            }
            other => other.clone(),
        };
        let insts = self.insts.iter().map(|(inst, dtype)| (renumbered(inst), *dtype)).collect();
        let inputs = kept.iter().map(|&i| self.inputs[i]).collect();
        (Expr { inputs, insts, outs: self.outs.clone() }, kept)
    }

    /// Writes this expression again inside another one's `build`, on other inputs.
    pub fn inline(&self, inputs: &[Ex]) -> Vec<Ex> {
        let all = self.inline_all(inputs);
        self.outs.iter().map(|o| all[o.at()]).collect()
    }

    /// As [`Expr::inline`], positions being those within parts of so many elements.
    pub fn inline_within(&self, inputs: &[Ex], part: Ex) -> Vec<Ex> {
        let all = self.inline_with(inputs, |position| modulo(position, part));
        self.outs.iter().map(|o| all[o.at()]).collect()
    }

    /// As [`Expr::inline`], giving every instruction's handle.
    pub fn inline_all(&self, inputs: &[Ex]) -> Vec<Ex> {
        self.inline_with(inputs, |position| position)
    }

    fn inline_with(&self, inputs: &[Ex], position: impl Fn(Ex) -> Ex) -> Vec<Ex> {
        let mut done: Vec<Ex> = Vec::with_capacity(self.insts.len());
        for (inst, dtype) in &self.insts {
            let ex = match inst {
                Inst::Input(i) => inputs[*i as usize],
                Inst::Call(p, args) => {
                    let args: Vec<Ex> =
                        args.iter().filter(|&&a| a != Val::NONE).map(|a| done[a.at()]).collect();
                    call(*p, &args)
                }
                Inst::Cast(v) => done[v.at()].cast(*dtype),
                Inst::Coord(Inst::POSITION) => position(Ex::position()),
                other => Ex::new(other.clone(), *dtype),
            };
            done.push(ex);
        }
        done
    }

    /// Evaluates in double precision (integers exactly): the reference every backend is compared with.
    pub fn eval(&self, inputs: &[Scalar]) -> Vec<Scalar> {
        let mut done: Vec<Scalar> = Vec::with_capacity(self.insts.len());
        for (inst, dtype) in &self.insts {
            let value = match inst {
                Inst::Input(i) => inputs[*i as usize],
                Inst::Const(c) => *c,
                Inst::Call(p, args) => {
                    let args: Vec<Scalar> =
                        args.iter().filter(|&&a| a != Val::NONE).map(|a| done[a.at()]).collect();
                    p.eval(&args).cast(*dtype)
                }
                Inst::Cast(v) => done[v.at()].cast(*dtype),
                other => unreachable!("{other:?} does not appear in an operator's expression"),
            };
            done.push(value);
        }
        self.outs.iter().map(|o| done[o.at()]).collect()
    }

    /// Without the instructions no output needs.
    fn pruned(self) -> Expr {
        let mut live = vec![false; self.insts.len()];
        self.outs.iter().for_each(|o| live[o.at()] = true);
        for i in (0..self.insts.len()).rev() {
            if live[i] {
                self.insts[i].0.operands(|v| live[v.at()] = true);
            }
        }
        let mut renamed = vec![Val::NONE; self.insts.len()];
        let mut insts = Vec::new();
        for (i, (inst, dtype)) in self.insts.iter().enumerate().filter(|(i, _)| live[*i]) {
            renamed[i] = Val(insts.len() as u32);
            insts.push((inst.map(|v| renamed[v.at()]), *dtype));
        }
        let outs = self.outs.iter().map(|o| renamed[o.at()]).collect();
        Expr { inputs: self.inputs, insts, outs }
    }
}

#[derive(Default)]
struct Arena {
    insts: Vec<(Inst, DType)>,
    index: HashMap<(Inst, DType), Val>,
}

thread_local!(static ARENAS: RefCell<Vec<Arena>> = const { RefCell::new(Vec::new()) });

/// A handle of a subexpression inside [`Expr::build`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ex {
    val: Val,
    /// The dtype of the value.
    pub dtype: DType,
}

impl Ex {
    pub(crate) fn new(inst: Inst, dtype: DType) -> Ex {
        ARENAS.with_borrow_mut(|arenas| {
            let arena = arenas.last_mut().expect("handles are made inside Expr::build");
            let next = Val(arena.insts.len() as u32);
            let val = *arena.index.entry((inst.clone(), dtype)).or_insert(next);
            if val == next {
                arena.insts.push((inst, dtype));
            }
            Ex { val, dtype }
        })
    }

    /// A constant of a dtype.
    pub fn constant(value: impl Into<Scalar>, dtype: DType) -> Ex {
        Ex::new(Inst::Const(value.into().cast(dtype)), dtype)
    }

    /// The row-major position of the element, an `int64`: for ranges and counters of random numbers.
    pub fn position() -> Ex {
        Ex::new(Inst::Coord(Inst::POSITION), DType::I64)
    }

    /// A constant of this value's dtype.
    pub fn like(self, value: impl Into<Scalar>) -> Ex {
        Ex::constant(value, self.dtype)
    }

    /// The value as another dtype.
    pub fn cast(self, dtype: DType) -> Ex {
        if self.dtype == dtype {
            return self;
        }
        match self.as_const() {
            Some(c) => Ex::constant(c, dtype),
            None if self.dtype == DType::U64 && dtype.is_float() => unsigned::to_float(self, dtype),
            None if self.dtype.is_float() && dtype == DType::U64 => unsigned::from_float(self),
            None => Ex::new(Inst::Cast(self.val), dtype),
        }
    }

    pub(crate) fn as_const(self) -> Option<Scalar> {
        ARENAS.with_borrow(|arenas| match arenas.last()?.insts[self.val.at()].0 {
            Inst::Const(c) => Some(c),
            _ => None,
        })
    }
}

/// Applies a primitive, folding constants.
pub fn call(prim: Prim, args: &[Ex]) -> Ex {
    match args {
        [x] if prim == Prim::Abs && x.dtype == DType::U64 => *x,
        [a, b] if a.dtype == DType::U64 => {
            unsigned::primitive(prim, *a, *b).unwrap_or_else(|| folded(prim, args))
        }
        _ => folded(prim, args),
    }
}

fn folded(prim: Prim, args: &[Ex]) -> Ex {
    let def = prim.def();
    debug_assert_eq!(args.len(), def.arity, "{prim:?}");
    let dtype = match def.result {
        ResultType::Same => args[args.len() - 1].dtype,
        ResultType::Bool => DType::Bool,
        ResultType::I64 => DType::I64,
    };
    if let Some(values) = args.iter().map(|a| a.as_const()).collect::<Option<Vec<_>>>()
        && prim != Prim::Random
    {
        return Ex::constant(prim.eval(&values), dtype);
    }
    if prim == Prim::Mul {
        let one = |e: Ex| e.as_const().is_some_and(|c| c.to_f64() == 1.0);
        if one(args[1]) {
            return args[0];
        }
        if one(args[0]) {
            return args[1];
        }
    }
    let mut vals = [Val::NONE; 3];
    vals.iter_mut().zip(args).for_each(|(v, a)| *v = a.val);
    Ex::new(Inst::Call(prim, vals), dtype)
}

macro_rules! operators {
    ($($trait:ident $method:ident $prim:ident;)*) => {$(
        impl ops::$trait<Ex> for Ex {
            type Output = Ex;
            fn $method(self, rhs: Ex) -> Ex { call(Prim::$prim, &[self, rhs]) }
        }
        impl ops::$trait<f64> for Ex {
            type Output = Ex;
            fn $method(self, rhs: f64) -> Ex { call(Prim::$prim, &[self, self.like(rhs)]) }
        }
        impl ops::$trait<Ex> for f64 {
            type Output = Ex;
            fn $method(self, rhs: Ex) -> Ex { call(Prim::$prim, &[rhs.like(self), rhs]) }
        }
    )*};
}
operators! {
    Add add Add;
    Sub sub Sub;
    Mul mul Mul;
    Div div Div;
    BitAnd bitand And;
    BitOr bitor Or;
    BitXor bitxor Xor;
}

impl ops::Neg for Ex {
    type Output = Ex;
    fn neg(self) -> Ex {
        call(Prim::Neg, &[self])
    }
}
impl ops::Not for Ex {
    type Output = Ex;
    fn not(self) -> Ex {
        call(Prim::Not, &[self])
    }
}

/// A value or a plain number of the other operand's dtype.
pub trait IntoEx {
    /// As a handle with the dtype of `like` if it is a number.
    fn into_ex(self, like: Ex) -> Ex;
}
impl IntoEx for Ex {
    fn into_ex(self, _: Ex) -> Ex {
        self
    }
}
impl IntoEx for f64 {
    fn into_ex(self, like: Ex) -> Ex {
        like.like(self)
    }
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) = $prim:ident;)*) => {$(
        functions!(@one [$(#[$doc])*] $name $prim $($arg)*);
    )*};
    (@one [$($doc:tt)*] $name:ident $prim:ident $a:ident) => {
        $($doc)* pub fn $name($a: Ex) -> Ex { call(Prim::$prim, &[$a]) }
    };
    (@one [$($doc:tt)*] $name:ident $prim:ident $a:ident $b:ident) => {
        $($doc)* pub fn $name($a: Ex, $b: impl IntoEx) -> Ex { let $b = $b.into_ex($a); call(Prim::$prim, &[$a, $b]) }
    };
}
functions! {
    /// |x|.
    abs(x) = Abs;
    /// The larger, NaN if either is.
    max(a, b) = Max;
    /// The smaller, NaN if either is.
    min(a, b) = Min;
    /// a < b.
    lt(a, b) = Lt;
    /// a <= b.
    le(a, b) = Le;
    /// a == b.
    eq(a, b) = Eq;
    /// C's fmod: the sign of the dividend.
    fmod(a, b) = Fmod;
    /// Python's modulo: the sign of the divisor.
    modulo(a, b) = Mod;
    /// Division rounded down.
    floor_div(a, b) = FloorDiv;
    /// Division rounded towards zero.
    trunc_div(a, b) = TruncDiv;
    /// a to the power b.
    pow(a, b) = Pow;
    /// The angle of (b, a).
    atan2(a, b) = Atan2;
    /// |a| with the sign of b.
    copysign(a, b) = CopySign;
    /// The regularised lower incomplete gamma function.
    igamma(a, x) = Igamma;
    /// The regularised upper incomplete gamma function.
    igammac(a, x) = Igammac;
    /// Hurwitz's zeta function.
    zeta(x, q) = Zeta;
    /// Bits shifted left.
    shl(a, b) = Shl;
    /// Bits shifted right, keeping the sign.
    shr(a, b) = Shr;
    /// The greatest common divisor.
    gcd(a, b) = Gcd;
    /// 32 random bits for a key and a counter.
    random(key, counter) = Random;
    /// Rounds down.
    floor(x) = Floor;
    /// Rounds up.
    ceil(x) = Ceil;
    /// Rounds towards zero.
    trunc(x) = Trunc;
    /// Rounds half to even.
    round(x) = Round;
    /// e to the power x.
    exp(x) = Exp;
    /// 2 to the power x.
    exp2(x) = Exp2;
    /// exp(x) - 1.
    expm1(x) = Expm1;
    /// Natural logarithm.
    log(x) = Log;
    /// Logarithm to base 2.
    log2(x) = Log2;
    /// Logarithm to base 10.
    log10(x) = Log10;
    /// log(1 + x).
    log1p(x) = Log1p;
    /// Square root.
    sqrt(x) = Sqrt;
    /// 1 / sqrt(x).
    rsqrt(x) = Rsqrt;
    /// Sine.
    sin(x) = Sin;
    /// Cosine.
    cos(x) = Cos;
    /// Tangent.
    tan(x) = Tan;
    /// Inverse sine.
    asin(x) = Asin;
    /// Inverse cosine.
    acos(x) = Acos;
    /// Inverse tangent.
    atan(x) = Atan;
    /// Hyperbolic sine.
    sinh(x) = Sinh;
    /// Hyperbolic cosine.
    cosh(x) = Cosh;
    /// Hyperbolic tangent.
    tanh(x) = Tanh;
    /// Inverse hyperbolic sine.
    asinh(x) = Asinh;
    /// Inverse hyperbolic cosine.
    acosh(x) = Acosh;
    /// Inverse hyperbolic tangent.
    atanh(x) = Atanh;
    /// Error function.
    erf(x) = Erf;
    /// 1 - erf(x).
    erfc(x) = Erfc;
    /// Inverse error function.
    erfinv(x) = Erfinv;
    /// 1 / (1 + exp(-x)).
    sigmoid(x) = Sigmoid;
    /// Logarithm of |gamma(x)|.
    lgamma(x) = Lgamma;
    /// Derivative of lgamma.
    digamma(x) = Digamma;
    /// Derivative of digamma.
    trigamma(x) = Trigamma;
}

/// a > b.
pub fn gt(a: Ex, b: impl IntoEx) -> Ex {
    let b = b.into_ex(a);
    lt(b, a)
}
/// a >= b.
pub fn ge(a: Ex, b: impl IntoEx) -> Ex {
    let b = b.into_ex(a);
    le(b, a)
}
/// a != b; true if either is NaN.
pub fn ne(a: Ex, b: impl IntoEx) -> Ex {
    !eq(a, b)
}
/// Whether x is NaN.
pub fn is_nan(x: Ex) -> Ex {
    ne(x, x)
}
/// `a` where the condition holds, else `b`.
pub fn select(condition: Ex, a: impl IntoEx + Copy, b: impl IntoEx + Copy, like: Ex) -> Ex {
    call(Prim::Select, &[condition, a.into_ex(like), b.into_ex(like)])
}
/// The polynomial of degree `n` at `x`, of the family of this number in [`crate::special::Orthogonal`].
pub fn polynomial(family: Ex, n: Ex, x: Ex) -> Ex {
    call(Prim::Polynomial, &[family, n, x])
}
/// x squared.
pub fn square(x: Ex) -> Ex {
    x * x
}

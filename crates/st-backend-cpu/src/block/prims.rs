//! One loop for each primitive and register type: the CPU's spelling of the primitive table.

use super::call::{BlockLoop, Call, Elem, Step, clone_for, each, each2, map1, map2, map2_long, map3};
use super::class::Class;
use crate::isa::Isa;
use crate::math::random::philox;
use crate::math::{Fma, Math, single};
use st_kernel::Prim;
use st_kernel::prim::PRIMS;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

/// The loop of `prim` on operands of `class` (for a select, the class of its two values).
pub(crate) fn prim_step(prim: Prim, class: Class, isa: Isa) -> Option<Step> {
    match (prim, class) {
        (Prim::Select, Class::F32) => Some(clone_for::<Select<f32>>(isa)),
        (Prim::Select, Class::F64) => Some(clone_for::<Select<f64>>(isa)),
        (Prim::Select, Class::I32) => Some(clone_for::<Select<i32>>(isa)),
        (Prim::Select, Class::I64) => Some(clone_for::<Select<i64>>(isa)),
        (Prim::Select, Class::Bool) => Some(clone_for::<Select<u8>>(isa)),
        (Prim::Div, Class::F32) => Some(clone_for::<Divide>(isa)),
        (Prim::Exp, Class::F32) => Some(clone_for::<Exp>(isa)),
        (Prim::Sigmoid, Class::F32) => Some(clone_for::<Sigmoid>(isa)),
        (Prim::Random, Class::I64) => Some(clone_for::<Random>(isa)),
        (_, Class::F32) => float::<f32>(prim, isa),
        (_, Class::F64) => float::<f64>(prim, isa),
        (_, Class::I32) => int::<i32>(prim, isa),
        (_, Class::I64) => int::<i64>(prim, isa),
        (_, Class::Bool) => logical::<u8>(prim, isa),
    }
}

/// The loop of two primitives, `second(first(a, b), c)`, each of which rounds as it would alone. The second commutes.
pub(crate) fn pair_step(first: Prim, second: Prim, class: Class, isa: Isa) -> Option<Step> {
    match class {
        Class::F32 => pair::<f32>(first, second, isa),
        Class::F64 => pair::<f64>(first, second, isa),
        _ => None,
    }
}

/// Declares a function from pairs of primitives to loops.
macro_rules! pairs {
    ($($first:ident, $second:ident: |$a:ident, $b:ident, $c:ident| $result:expr;)+) => {
        fn pair<T: Float>(first: Prim, second: Prim, isa: Isa) -> Option<Step> {
            Some(match (first, second) {
                $((Prim::$first, Prim::$second) => {
                    struct Loop<T>(PhantomData<T>);
                    impl<T: Float> BlockLoop for Loop<T> {
                        #[inline(always)]
                        unsafe fn run<F: Fma>(call: &Call<'_>) {
                            // SAFETY: asked by register type, so the operands are of type `T`.
                            unsafe { map3(call, |$a: T, $b: T, $c: T| $result) }
                        }
                    }
                    clone_for::<Loop<T>>(isa)
                })+
                _ => return None,
            })
        }
    };
}
pairs! {
    Mul, Add: |a, b, c| a * b + c;
    Mul, Mul: |a, b, c| a * b * c;
    Add, Add: |a, b, c| a + b + c;
    Add, Mul: |a, b, c| (a + b) * c;
    Sub, Add: |a, b, c| a - b + c;
    Sub, Mul: |a, b, c| (a - b) * c;
    Div, Add: |a, b, c| a / b + c;
}

/// Declares a function from primitives to loops; `T` is the register type and `F` the clone's multiply-add.
macro_rules! table {
    ($table:ident: $bound:ident; $($prim:ident = $map:ident |$($arg:ident),+| $result:expr;)+) => {
        fn $table<T: $bound>(prim: Prim, isa: Isa) -> Option<Step> {
            Some(match prim {
                $(Prim::$prim => {
                    struct Loop<T>(PhantomData<T>);
                    impl<T: $bound> BlockLoop for Loop<T> {
                        #[inline(always)]
                        unsafe fn run<F: Fma>(call: &Call<'_>) {
                            // SAFETY: the table is asked by register type, so the operands are of type `T`.
                            unsafe { $map(call, |$($arg: T),+| $result) }
                        }
                    }
                    clone_for::<Loop<T>>(isa)
                })+
                _ => return None,
            })
        }
    };
}

trait Float: Elem + Math + Number + Div<Output = Self> + Neg<Output = Self> {
    fn magnitude(self) -> Self;
    fn with_sign(self, sign: Self) -> Self;
    /// The exact value of the primitive table, rounded.
    fn exact<const N: usize>(prim: Prim, args: [Self; N]) -> Self;
}

trait Number: Elem + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {}

macro_rules! float {
    ($($t:ty),+) => {$(
        impl Number for $t {}
        impl Float for $t {
            #[inline(always)]
            fn magnitude(self) -> $t { self.abs() }
            #[inline(always)]
            fn with_sign(self, sign: $t) -> $t { self.copysign(sign) }
            fn exact<const N: usize>(prim: Prim, args: [$t; N]) -> $t {
                let f = PRIMS[prim as usize].float.expect("the table defines it");
                f(&args.map(f64::from)) as $t
            }
        }
    )+};
}
float!(f32, f64);

table! { float: Float;
    Add = map2 |a, b| a + b;
    Sub = map2 |a, b| a - b;
    Mul = map2 |a, b| a * b;
    Div = map2 |a, b| a / b;
    TruncDiv = map2_long |a, b| T::trunc::<F>(a / b);
    FloorDiv = map2_long |a, b| T::floor_divide::<F>(a, b);
    Fmod = map2_long |a, b| T::fmod::<F>(a, b);
    Mod = map2_long |a, b| T::remainder::<F>(a, b);
    Neg = map1 |a| -a;
    Abs = map1 |a| a.magnitude();
    Max = map2 |a, b| larger(a, b);
    Min = map2 |a, b| smaller(a, b);
    Lt = map2 |a, b| u8::from(a < b);
    Le = map2 |a, b| u8::from(a <= b);
    Eq = map2 |a, b| u8::from(a == b);
    Floor = map1 |a| T::floor::<F>(a);
    Ceil = map1 |a| T::ceil::<F>(a);
    Trunc = map1 |a| T::trunc::<F>(a);
    Round = map1 |a| T::round::<F>(a);
    Exp = map1 |a| T::exp::<F>(a);
    Exp2 = map1 |a| T::exp2::<F>(a);
    Expm1 = map1 |a| T::expm1::<F>(a);
    Log = map1 |a| T::log::<F>(a);
    Log2 = map1 |a| T::log2::<F>(a);
    Log10 = map1 |a| T::log10::<F>(a);
    Log1p = map1 |a| T::log1p::<F>(a);
    Sqrt = map1 |a| T::sqrt::<F>(a);
    Rsqrt = map1 |a| T::rsqrt::<F>(a);
    Pow = map2_long |a, b| T::pow::<F>(a, b);
    Sin = map1 |a| T::sin::<F>(a);
    Cos = map1 |a| T::cos::<F>(a);
    Tan = map1 |a| T::tan::<F>(a);
    Asin = map1 |a| T::asin::<F>(a);
    Acos = map1 |a| T::acos::<F>(a);
    Atan = map1 |a| T::atan::<F>(a);
    Atan2 = map2_long |a, b| T::atan2::<F>(a, b);
    Sinh = map1 |a| T::sinh::<F>(a);
    Cosh = map1 |a| T::cosh::<F>(a);
    Tanh = map1 |a| T::tanh::<F>(a);
    Asinh = map1 |a| T::asinh::<F>(a);
    Acosh = map1 |a| T::acosh::<F>(a);
    Atanh = map1 |a| T::atanh::<F>(a);
    Erf = map1 |a| T::erf::<F>(a);
    Erfc = map1 |a| T::erfc::<F>(a);
    Erfinv = map1 |a| T::erfinv::<F>(a);
    Sigmoid = map1 |a| T::sigmoid::<F>(a);
    Lgamma = map1 |a| T::lgamma::<F>(a);
    Digamma = map1 |a| T::digamma::<F>(a);
    Trigamma = map1 |a| T::exact(Prim::Trigamma, [a]);
    Igamma = map2_long |a, b| T::exact(Prim::Igamma, [a, b]);
    Igammac = map2_long |a, b| T::exact(Prim::Igammac, [a, b]);
    Zeta = map2_long |a, b| T::exact(Prim::Zeta, [a, b]);
    Polynomial = map3 |a, b, c| T::exact(Prim::Polynomial, [a, b, c]);
    CopySign = map2 |a, b| a.with_sign(b);
}

/// The larger of two numbers, NaN if either is.
#[inline(always)]
#[allow(clippy::eq_op)] // Only NaN differs from itself.
pub(crate) fn larger<T: Elem>(a: T, b: T) -> T {
    if (a > b) | (a != a) { a } else { b }
}

/// The smaller of two numbers, NaN if either is.
#[inline(always)]
#[allow(clippy::eq_op)] // Only NaN differs from itself.
pub(crate) fn smaller<T: Elem>(a: T, b: T) -> T {
    if (a < b) | (a != a) { a } else { b }
}

trait Bits:
    Elem
    + Ord
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + Add<Output = Self>
{
}
impl Bits for u8 {}
impl Bits for i32 {}
impl Bits for i64 {}

/// Wrapping arithmetic on `i32` and `i64` registers.
trait Integer: Bits {
    const ZERO: Self;
    const ONE: Self;
    fn add(self, b: Self) -> Self;
    fn sub(self, b: Self) -> Self;
    fn mul(self, b: Self) -> Self;
    fn neg(self) -> Self;
    fn abs(self) -> Self;
    /// The quotient rounded towards zero; the divisor is not zero.
    fn quotient(self, b: Self) -> Self;
    fn shl(self, b: Self) -> Self;
    fn shr(self, b: Self) -> Self;
    fn gcd(self, b: Self) -> Self;
    fn pow(self, b: Self) -> Self;
}

macro_rules! integer {
    ($t:ty, |$a:ident, $b:ident| $quotient:expr) => {
        impl Integer for $t {
            const ZERO: $t = 0;
            const ONE: $t = 1;
            #[inline(always)]
            fn add(self, b: $t) -> $t {
                self.wrapping_add(b)
            }
            #[inline(always)]
            fn sub(self, b: $t) -> $t {
                self.wrapping_sub(b)
            }
            #[inline(always)]
            fn mul(self, b: $t) -> $t {
                self.wrapping_mul(b)
            }
            #[inline(always)]
            fn neg(self) -> $t {
                self.wrapping_neg()
            }
            #[inline(always)]
            fn abs(self) -> $t {
                self.wrapping_abs()
            }
            #[inline(always)]
            fn quotient(self, b: $t) -> $t {
                let ($a, $b) = (self, b);
                $quotient
            }
            #[inline(always)]
            fn shl(self, b: $t) -> $t {
                if (0..<$t>::BITS as $t).contains(&b) { self.wrapping_shl(b as u32) } else { 0 }
            }
            #[inline(always)]
            fn shr(self, b: $t) -> $t {
                self >> b.clamp(0, <$t>::BITS as $t - 1)
            }
            #[inline(always)]
            fn gcd(self, b: $t) -> $t {
                let (mut a, mut b) = (self, b);
                while b != 0 {
                    (a, b) = (b, a.wrapping_rem(b));
                }
                a.wrapping_abs()
            }
            #[inline(always)]
            fn pow(self, b: $t) -> $t {
                if b < 0 {
                    return match self {
                        1 => 1,
                        -1 => 1 - 2 * (b & 1),
                        _ => 0,
                    };
                }
                let (mut power, mut square, mut left) = (1 as $t, self, b);
                while left != 0 {
                    if left & 1 != 0 {
                        power = power.wrapping_mul(square);
                    }
                    square = square.wrapping_mul(square);
                    left >>= 1;
                }
                power
            }
        }
    };
}
// A double holds the quotient of 32-bit numbers closely enough to round it the right way, and divides in vectors.
integer!(i32, |a, b| (f64::from(a) / f64::from(b)) as i64 as i32);
integer!(i64, |a, b| a.wrapping_div(b));

table! { int: Integer;
    Add = map2 |a, b| Integer::add(a, b);
    Sub = map2 |a, b| a.sub(b);
    Mul = map2 |a, b| a.mul(b);
    TruncDiv = divide |a, b| a.quotient(b);
    FloorDiv = divide |a, b| floor_quotient(a, b);
    Fmod = divide |a, b| a.sub(a.quotient(b).mul(b));
    Mod = divide |a, b| a.sub(floor_quotient(a, b).mul(b));
    Neg = map1 |a| a.neg();
    Abs = map1 |a| a.abs();
    Max = map2 |a, b| a.max(b);
    Min = map2 |a, b| a.min(b);
    Lt = map2 |a, b| u8::from(a < b);
    Le = map2 |a, b| u8::from(a <= b);
    Eq = map2 |a, b| u8::from(a == b);
    And = map2 |a, b| a & b;
    Or = map2 |a, b| a | b;
    Xor = map2 |a, b| a ^ b;
    Not = map1 |a| !a;
    Shl = map2 |a, b| a.shl(b);
    Shr = map2 |a, b| a.shr(b);
    Gcd = map2 |a, b| a.gcd(b);
    Pow = map2 |a, b| Integer::pow(a, b);
}

/// Booleans are bytes of 0 and 1; arithmetic on them is arithmetic modulo 2.
trait Logical: Bits + From<bool> {}
impl Logical for u8 {}

table! { logical: Logical;
    Add = map2 |a, b| a ^ b;
    Sub = map2 |a, b| a ^ b;
    Mul = map2 |a, b| a & b;
    Neg = map1 |a| a;
    Abs = map1 |a| a;
    Max = map2 |a, b| a | b;
    Min = map2 |a, b| a & b;
    Lt = map2 |a, b| u8::from(a < b);
    Le = map2 |a, b| u8::from(a <= b);
    Eq = map2 |a, b| u8::from(a == b);
    And = map2 |a, b| a & b;
    Or = map2 |a, b| a | b;
    Xor = map2 |a, b| a ^ b;
    Not = map1 |a| a ^ T::from(true);
}

#[inline(always)]
fn floor_quotient<T: Integer>(a: T, b: T) -> T {
    let q = a.quotient(b);
    let rest = a.sub(q.mul(b));
    let down = rest != T::ZERO && (rest < T::ZERO) != (b < T::ZERO);
    if down { q.sub(T::ONE) } else { q }
}

/// A loop whose second operand must not be zero.
#[inline(always)]
unsafe fn divide<T: Integer>(call: &Call<'_>, f: impl Fn(T, T) -> T) {
    // SAFETY: promised by the caller.
    let zero = unsafe {
        match call.scalar[1] {
            true => call.number::<T>(1) == T::ZERO,
            false => call.vector::<T>(1).iter().fold(false, |zero, &b| zero | (b == T::ZERO)),
        }
    };
    if zero {
        call.faults.zero_division();
    }
    // SAFETY: promised by the caller.
    unsafe { map2_long(call, |a, b| f(a, if b == T::ZERO { T::ONE } else { b })) }
}

/// `src[1]` where `src[0]` holds, else `src[2]`.
struct Select<T>(PhantomData<T>);

impl<T: Elem> BlockLoop for Select<T> {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: promised by the caller; operands that are no numbers have `n` elements.
        unsafe {
            let out = call.out::<T>();
            match call.scalar {
                [true, ..] => {
                    let taken = if call.number::<u8>(0) != 0 { 1 } else { 2 };
                    match call.scalar[taken] {
                        true => out.fill(MaybeUninit::new(call.number(taken))),
                        false => each(out, call.vector::<T>(taken), |x| x),
                    }
                }
                [_, true, true] => {
                    let (a, b) = (call.number::<T>(1), call.number::<T>(2));
                    each(out, call.vector::<u8>(0), |c| if c != 0 { a } else { b });
                }
                [_, true, false] => {
                    let a = call.number::<T>(1);
                    each2(out, call.vector::<u8>(0), call.vector(2), |c, b| if c != 0 { a } else { b });
                }
                [_, false, true] => {
                    let b = call.number::<T>(2);
                    each2(out, call.vector::<u8>(0), call.vector(1), |c, a| if c != 0 { a } else { b });
                }
                _ => each3(out, call.vector(0), call.vector(1), call.vector(2)),
            }
        }
    }
}

#[inline(always)]
fn each3<T: Elem>(out: &mut [MaybeUninit<T>], c: &[u8], a: &[T], b: &[T]) {
    for (((out, &c), &a), &b) in out.iter_mut().zip(c).zip(a).zip(b) {
        // Of `if` the compiler makes a choice between addresses, and gathers.
        out.write(std::hint::select_unpredictable(c != 0, a, b));
    }
}

/// Division of single-precision numbers, by multiplication where one divisor serves a whole block.
struct Divide;

impl BlockLoop for Divide {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: promised by the caller.
        unsafe {
            let one_divisor = F::FUSED && call.scalar[1] && !call.scalar[0];
            if !(one_divisor && divide_by(call.out(), call.vector(0), call.number(1))) {
                map2(call, |a: f32, b: f32| a / b);
            }
        }
    }
}

/// Divides by a number of moderate size; false if that is not exact because some operand is extreme.
///
/// The reciprocal's product is off by at most two last places; two steps of Newton's iteration with exact remainders
/// round it correctly (Markstein, 1990). Nothing in them underflows as long as the operands are within these bounds.
#[inline(always)]
fn divide_by(out: &mut [MaybeUninit<f32>], a: &[f32], divisor: f32) -> bool {
    const DIVISORS: std::ops::RangeInclusive<f32> = 1.0 / 16_777_216.0..=16_777_216.0; // 2^-24 to 2^24
    const LOW: u32 = (127 - 100) << 23; // the bits of 2^-100
    const HIGH: u32 = (127 + 100) << 23;
    if !DIVISORS.contains(&divisor.abs()) {
        return false;
    }
    let inverse = 1.0 / divisor;
    let mut extreme = false;
    each(out, a, |x: f32| {
        let bits = x.abs().to_bits();
        extreme |= (bits.wrapping_sub(LOW) > HIGH - LOW) & (bits != 0);
        let first = x * inverse;
        let second = (-first).mul_add(divisor, x).mul_add(inverse, first);
        let third = (-second).mul_add(divisor, x).mul_add(inverse, second);
        third.copysign(first) // of zeros
    });
    !extreme
}

/// Declares loops of functions made of an exponential: a shorter one serves blocks without extreme numbers.
macro_rules! exponentials {
    ($($name:ident: $short:ident, $whole:ident;)+) => {$(
        struct $name;

        impl BlockLoop for $name {
            #[inline(always)]
            unsafe fn run<F: Fma>(call: &Call<'_>) {
                // SAFETY: promised by the caller.
                unsafe {
                    match is_moderate(call.vector(0)) {
                        true => map1(call, single::$short::<F>),
                        false => map1(call, single::$whole::<F>),
                    }
                }
            }
        }
    )+};
}
exponentials! {
    Exp: exp_normal, exp;
    Sigmoid: sigmoid_normal, sigmoid;
}

/// Whether the exponentials of all numbers and of their negatives are normal numbers.
#[inline(always)]
fn is_moderate(x: &[f32]) -> bool {
    x.iter().fold(true, |moderate, x| moderate & (x.abs() <= 87.0))
}

/// Word `src[1]` of the random stream of key `src[0]`.
struct Random;

impl BlockLoop for Random {
    #[inline(always)]
    unsafe fn run<F: Fma>(call: &Call<'_>) {
        // SAFETY: promised by the caller.
        unsafe {
            let first = call.number::<i64>(1) as u64;
            let step = if call.scalar[0] && !call.scalar[1] { even_step(call.vector(1)) } else { 0 };
            let key = call.number::<i64>(0) as u64;
            match (step, first & step.wrapping_sub(1)) {
                (1, _) => stream::<1, 0>(call.out(), key, first),
                (2, 0) => stream::<2, 0>(call.out(), key, first),
                (2, _) => stream::<2, 1>(call.out(), key, first),
                (4, 0) => stream::<4, 0>(call.out(), key, first),
                (4, 1) => stream::<4, 1>(call.out(), key, first),
                (4, 2) => stream::<4, 2>(call.out(), key, first),
                (4, _) => stream::<4, 3>(call.out(), key, first),
                _ => map2_long(call, |key: i64, n: i64| word(key as u64, n as u64)),
            }
        }
    }
}

/// How far apart numbers are, if that is everywhere the same.
#[inline(always)]
fn even_step(n: &[i64]) -> u64 {
    let step = if n.len() > 1 { n[1].wrapping_sub(n[0]) } else { 1 };
    let even = n
        .iter()
        .enumerate()
        .fold(true, |even, (i, &x)| even & (x == n[0].wrapping_add((i as i64).wrapping_mul(step))));
    if even { step as u64 } else { 0 }
}

#[inline(always)]
fn word(key: u64, n: u64) -> i64 {
    i64::from(philox(key, n >> 2)[(n & 3) as usize])
}

/// Words `first`, `first + STEP`, ... of a stream, of which each counter has those from PHASE on.
#[inline(always)]
fn stream<const STEP: usize, const PHASE: usize>(out: &mut [MaybeUninit<i64>], key: u64, first: u64) {
    let lead = if first & 3 < STEP as u64 { 0 } else { (4 - (first & 3)).div_ceil(STEP as u64) };
    let (head, rest) = out.split_at_mut(out.len().min(lead as usize));
    let at = |i: usize| first.wrapping_add((i * STEP) as u64);
    for (i, out) in head.iter_mut().enumerate() {
        out.write(word(key, at(i)));
    }
    let start = at(head.len());
    let whole = rest.len() / (4 / STEP) * (4 / STEP);
    let (counters, tail) = rest.split_at_mut(whole);
    for (i, out) in counters.chunks_exact_mut(4 / STEP).enumerate() {
        let words = philox(key, (start >> 2) + i as u64);
        for (k, out) in out.iter_mut().enumerate() {
            out.write(i64::from(words[PHASE + k * STEP]));
        }
    }
    for (i, out) in tail.iter_mut().enumerate() {
        out.write(word(key, start.wrapping_add(((whole + i) * STEP) as u64)));
    }
}

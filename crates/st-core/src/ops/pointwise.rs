//! Pointwise operators: an expression of the operands at one element, its dtype rule and its gradients.

use super::index::known_elements;
use super::layout;
use crate::autograd::Rule;
use crate::graph::{Arg, Args, DeviceId, Node, Op};
use crate::runtime;
use crate::tensor::inplace::unlike_sizes;
use crate::tensor::{Tensor, default_dtype, expect_countable};
use smallvec::SmallVec;
use st_kernel::dtype::Category;
use st_kernel::expr::{lt, select};
use st_kernel::view::{Dims, broadcast, same_shape};
use st_kernel::{DType, Ex, Expr, Inst, Prim, Result, Scalar, runtime_err, unsupported};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{LazyLock, Mutex, OnceLock};

/// How operand dtypes give the result's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DtypeRule {
    /// The promoted dtype of the operands; any dtype.
    Promote,
    /// As `Promote`, booleans refused.
    Number,
    /// As `Number`; beside integers, parameters lose their fraction.
    Cut,
    /// As `Number`, and a single boolean operand is refused as well: subtraction.
    NoBool,
    /// As `Promote`, floats refused: bitwise operators.
    Bits,
    /// As `Bits`, booleans refused: shifts.
    Integer,
    /// As `Promote`, only floats.
    Float,
    /// Integers and booleans become the default float; floats stay.
    ToFloat,
    /// Operands are promoted, the result is what the expression gives: comparisons.
    Compare,
    /// Every operand is taken as a truth value: logical operators.
    Logical,
    /// The first operand is a condition; the others are promoted.
    Choose,
    /// The dtype of the first operand; the second is a condition.
    Fill,
}

/// What a row writes: the element of the result from the elements of the operands.
pub type Forward = fn(&[Ex]) -> Ex;
/// A hand-written gradient: (operands, output, upstream) to the gradient of each operand.
pub type Vjp = fn(&[Ex], Ex, Ex) -> Vec<Option<Ex>>;

/// A pointwise row of the operator table.
pub struct PointwiseRow {
    /// The operator's name.
    pub name: &'static str,
    /// The dtype rule.
    pub dtype: DtypeRule,
    /// The expression, on operands of the dtype computed in.
    pub forward: Forward,
    /// Only where the derived gradient is slower or less stable.
    pub vjp: Option<Vjp>,
    /// So many operands take part in promotion; the others are parameters, such as a slope.
    pub operands: usize,
    /// For each common dtype, the instance for operands that all have it.
    same: [OnceLock<Pointwise>; DType::ALL.len()],
    /// For each common dtype, the first other instance that was asked for, such as a condition and two choices.
    mixed: [OnceLock<(u64, Pointwise)>; DType::ALL.len()],
}

/// An expression made for certain dtypes; interned, so that equality is identity.
#[derive(Clone, Copy)]
pub struct Pointwise {
    /// The operator's name.
    pub name: &'static str,
    instance: &'static Instance,
}

struct Instance {
    id: u64,
    expr: Expr,
    is_random: bool,
    vjp: Option<Vjp>,
    gradients: Vec<OnceLock<Option<Gradient>>>,
}

/// The gradient for one operand: an expression of those among the operands, the output (after the last operand) and the
/// upstream gradient (after the output) that it reads.
pub struct Gradient {
    /// The expression.
    pub pointwise: Pointwise,
    /// For each of its inputs, which of them that is.
    pub reads: SmallVec<[u8; 6]>,
    /// The same as a set: bit `k` stands for number `k`.
    read_bits: u64,
}

impl PartialEq for Pointwise {
    fn eq(&self, other: &Pointwise) -> bool {
        std::ptr::eq(self.instance, other.instance)
    }
}
impl Eq for Pointwise {}
impl Hash for Pointwise {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.instance.id);
    }
}

/// An operand of a pointwise operator.
#[derive(Clone, Copy)]
pub enum Operand<'a> {
    /// A tensor.
    Tensor(&'a Tensor),
    /// A number, of lower rank in promotion than any tensor of its kind.
    Scalar(Scalar),
}

impl Operand<'_> {
    /// The dtype it has alone.
    pub fn dtype(&self) -> DType {
        match self {
            Operand::Tensor(t) => t.dtype(),
            Operand::Scalar(s) => scalar_dtype(*s),
        }
    }
}

impl<'a> From<&'a Tensor> for Operand<'a> {
    fn from(t: &'a Tensor) -> Operand<'a> {
        Operand::Tensor(t)
    }
}
impl<T: Into<Scalar>> From<T> for Operand<'_> {
    fn from(x: T) -> Self {
        Operand::Scalar(x.into())
    }
}

impl Pointwise {
    /// Interns an expression under a name. Equal expressions are one, so memory is bounded by the programs' variety.
    pub fn intern(name: &'static str, expr: Expr, vjp: Option<Vjp>) -> Pointwise {
        // Rows of one expression may differ in their gradients, as those of `clamp` do.
        type Table = HashMap<(&'static str, Expr, Option<usize>), &'static Instance>;
        static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);
        let mut table = TABLE.lock().expect("no panic while the lock is held");
        let id = table.len() as u64;
        let instance =
            *table.entry((name, expr, vjp.map(|f| f as usize))).or_insert_with_key(|(_, expr, _)| {
                let gradients = (0..expr.inputs.len()).map(|_| OnceLock::new()).collect();
                let is_random =
                    expr.insts.iter().any(|(inst, _)| matches!(inst, Inst::Call(Prim::Random, _)));
                Box::leak(Box::new(Instance { id, expr: expr.clone(), is_random, vjp, gradients }))
            });
        Pointwise { name, instance }
    }

    /// The same under another name, for messages.
    pub(crate) fn named(self, name: &'static str) -> Pointwise {
        Pointwise { name, ..self }
    }

    /// The expression.
    pub fn expr(&self) -> &'static Expr {
        &self.instance.expr
    }

    /// Whether it draws random numbers.
    pub(crate) fn is_random(&self) -> bool {
        self.instance.is_random
    }

    /// The gradient for operand `i`, if it has one.
    pub fn gradient(&self, i: usize) -> Option<&'static Gradient> {
        let gradient = self.instance.gradients[i].get_or_init(|| {
            let expr = self.expr();
            let gradient = match self.instance.vjp {
                None => expr.gradient(i),
                Some(vjp) => written_gradient(expr, vjp, i),
            };
            gradient.map(|expr| Gradient::new(backward_name(self.name), expr))
        });
        gradient.as_ref()
    }

    /// What the gradients of the operands in `needs` read: bit `k` stands for operand `k`, bit `n` for the output.
    pub fn gradients_read(&self, needs: impl Fn(usize) -> bool) -> u64 {
        let n = self.instance.gradients.len();
        (0..n).filter(|&i| needs(i)).filter_map(|i| self.gradient(i)).fold(0, |bits, g| bits | g.read_bits)
    }
}

impl Gradient {
    fn new(name: &'static str, expr: Expr) -> Gradient {
        // The upstream gradient, the last input, gives the result its shape.
        let upstream = expr.inputs.len() - 1;
        let (expr, reads) = expr.only_inputs(|k| k == upstream || expr.uses(k));
        let read_bits = reads.iter().fold(0, |bits, k| bits | 1 << k);
        let reads = reads.into_iter().map(|k| k as u8).collect();
        Gradient { pointwise: Pointwise::intern(name, expr, None), reads, read_bits }
    }

    /// Whether it is nothing but the upstream gradient.
    pub fn passes_on(&self) -> bool {
        let expr = self.pointwise.expr();
        let upstream = self.reads.len() - 1;
        matches!(expr.insts[expr.outs[0].at()].0, Inst::Input(k) if usize::from(k) == upstream)
    }
}

/// A gradient written by hand sees operands of the dtype computed in, as `forward` does.
fn written_gradient(expr: &Expr, vjp: Vjp, i: usize) -> Option<Expr> {
    let (out, n) = (expr.out_dtype(0), expr.inputs.len());
    if !expr.inputs[i].is_float() || !out.is_float() {
        return None;
    }
    let mut signature = expr.inputs.clone();
    signature.extend([out, out]);
    let mut zero = false;
    let gradient = Expr::build(&signature, |x| {
        let compute = out.compute();
        let condition = |k: usize| x[k].dtype == DType::Bool && !is_number(expr, k);
        let widened: Vec<Ex> =
            x.iter().enumerate().map(|(k, e)| if condition(k) { *e } else { e.cast(compute) }).collect();
        let grads = vjp(&widened[..n], widened[n], widened[n + 1]);
        zero = grads[i].is_none();
        vec![grads[i].unwrap_or_else(|| x[i].like(0.0)).cast(expr.inputs[i])]
    });
    (!zero).then_some(gradient)
}

/// Whether an expression makes a number of a truth value.
fn is_number(expr: &Expr, input: usize) -> bool {
    let read = Inst::Input(input as u16);
    let casts = |inst: &Inst| matches!(inst, Inst::Cast(v) if expr.insts[v.at()].0 == read);
    expr.insts.iter().any(|(inst, dtype)| *dtype != DType::Bool && casts(inst))
}

/// A result with zeros as the gradient of a tensor that it does not follow smoothly.
pub(crate) fn flat_in(result: &Tensor, of: &Tensor) -> Result<Tensor> {
    if !of.requires_grad() {
        return Ok(result.clone());
    }
    let zero = Expr::build(&[of.dtype()], |x| vec![select(lt(x[0], x[0]), x[0], 0.0, x[0])]);
    let zeros = Pointwise::intern("flat", zero, Some(|_, _, g| vec![Some(g * 0.0)]));
    result.add(&apply(zeros, &[of.into()])?.sum_all()?)
}

fn backward_name(name: &'static str) -> &'static str {
    static NAMES: LazyLock<Mutex<HashMap<&'static str, &'static str>>> = LazyLock::new(Mutex::default);
    let mut names = NAMES.lock().expect("no panic while the lock is held");
    names.entry(name).or_insert_with(|| format!("{}_backward", name.trim_end_matches("_backward")).leak())
}

/// Torch's `result_type`: the highest category wins; within it, tensors with dimensions before 0-d ones before numbers.
pub fn result_type(operands: &[Operand]) -> DType {
    let mut ranks: [Option<DType>; 3] = [None; 3];
    for operand in operands {
        let (rank, dtype) = match operand {
            Operand::Tensor(t) if t.dim() > 0 => (0, t.dtype()),
            Operand::Tensor(t) => (1, t.dtype()),
            Operand::Scalar(s) => (2, scalar_dtype(*s)),
        };
        ranks[rank] = Some(ranks[rank].map_or(dtype, |d| d.promote(dtype)));
    }
    let mut known: Option<DType> = None;
    for dtype in ranks.into_iter().flatten() {
        known = Some(match known {
            Some(k) if k.category() >= dtype.category() => k,
            _ => dtype,
        });
    }
    known.unwrap_or(DType::F32)
}

/// The dtype a number alone would have.
pub fn scalar_dtype(s: Scalar) -> DType {
    match s.category() {
        Category::Bool => DType::Bool,
        Category::Int => DType::I64,
        Category::Float => default_dtype(),
    }
}

impl PointwiseRow {
    /// A row without instances yet.
    pub(crate) const fn new(
        name: &'static str,
        dtype: DtypeRule,
        forward: Forward,
        vjp: Option<Vjp>,
        operands: usize,
    ) -> PointwiseRow {
        PointwiseRow {
            name,
            dtype,
            forward,
            vjp,
            operands,
            same: [const { OnceLock::new() }; DType::ALL.len()],
            mixed: [const { OnceLock::new() }; DType::ALL.len()],
        }
    }

    /// The dtype operands are promoted to.
    fn common_dtype(&self, operands: &[Operand]) -> Result<DType> {
        match self.name {
            "lerp" => expect_one_dtype(operands)?,
            "heaviside" if operands[0].dtype() != operands[1].dtype() => {
                return Err(runtime_err!(
                    "heaviside is not yet implemented for tensors with different dtypes."
                ));
            }
            _ => {}
        }
        let promoted = match self.dtype {
            DtypeRule::Logical => DType::Bool,
            DtypeRule::Choose => result_type(&operands[1..]),
            DtypeRule::Fill => result_type(&operands[..1]),
            _ => result_type(operands),
        };
        let refused = match self.dtype {
            DtypeRule::ToFloat if !promoted.is_float() => return Ok(default_dtype()),
            DtypeRule::Number | DtypeRule::Cut | DtypeRule::Integer if promoted == DType::Bool => {
                "bool tensors"
            }
            DtypeRule::NoBool if operands.iter().any(|o| o.dtype() == DType::Bool) => {
                if operands.len() == 1 {
                    return Err(unsupported!(
                        "{}: Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
                        self.name
                    ));
                }
                return Err(unsupported!(
                    "{}: Subtraction, the `-` operator, with {} is not supported. {} (operands: {})",
                    self.name,
                    if promoted == DType::Bool { "two bool tensors" } else { "a bool tensor" },
                    if promoted == DType::Bool {
                        "Use the `^` or `logical_xor()` operator instead."
                    } else {
                        "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
                    },
                    describe(operands)
                ));
            }
            DtypeRule::Bits | DtypeRule::Integer if promoted.is_float() => "floating-point tensors",
            DtypeRule::Float if !promoted.is_float() && self.name == "addcdiv" => {
                return Err(runtime_err!(
                    "Integer division with addcdiv is no longer supported, and in a future release addcdiv will perform a true division of tensor1 and tensor2. Convert the tensors with .float() first"
                ));
            }
            DtypeRule::Float if !promoted.is_float() => "integer and bool tensors",
            _ => return Ok(promoted),
        };
        Err(unsupported!(
            "\"{}\" is not implemented for {refused} (operands: {}); convert them with .to(dtype) first",
            self.name,
            describe(operands)
        ))
    }

    /// The dtype of a parameter that takes no part in promotion.
    fn parameter_dtype(&self, parameter: Scalar, common: DType) -> Result<DType> {
        let whole = matches!(parameter, Scalar::Float(x) if x.fract() == 0.0);
        if self.dtype == DtypeRule::Compare && !common.is_float() {
            Ok(default_dtype())
        } else if parameter.category() != Category::Float
            || common.is_float()
            || self.dtype == DtypeRule::Cut
            || (whole && common.is_int() && !self.has_alpha())
            || self.name == "addcmul"
        {
            if matches!(parameter, Scalar::Bool(_)) && common != DType::Bool && self.has_alpha() {
                return Err(runtime_err!("Boolean alpha only supported for Boolean results."));
            }
            Ok(common.compute())
        } else if self.has_alpha() {
            Err(runtime_err!(
                "{}: For integral input tensors, argument alpha must not be a floating point number, got {parameter}; convert the tensors with .float() first",
                self.name
            ))
        } else {
            Err(runtime_err!(
                "{}: for integer tensors the argument must not be a floating point number, got {parameter}; convert the tensors with .float() first",
                self.name
            ))
        }
    }

    fn has_alpha(&self) -> bool {
        matches!(self.name, "add" | "sub" | "rsub")
    }

    /// The instance for operand dtypes.
    fn instance(&'static self, inputs: &[DType], common: DType) -> Pointwise {
        if inputs.iter().all(|&d| d == common) {
            return *self.same[common as usize].get_or_init(|| self.make(inputs, common));
        }
        let key = inputs.iter().fold(1, |key, &d| key << 4 | d as u64);
        let (first, instance) = self.mixed[common as usize].get_or_init(|| (key, self.make(inputs, common)));
        if *first == key {
            return *instance;
        }
        type Instances = HashMap<(usize, u64, DType), Pointwise>;
        static RARE: LazyLock<Mutex<Instances>> = LazyLock::new(Mutex::default);
        let mut rare = RARE.lock().expect("no panic while the lock is held");
        let key = (std::ptr::from_ref(self) as usize, key, common);
        *rare.entry(key).or_insert_with(|| self.make(inputs, common))
    }

    /// What the row computes for operands of these dtypes.
    pub(crate) fn make(&self, inputs: &[DType], common: DType) -> Pointwise {
        let compute = common.compute();
        let expr = Expr::build(inputs, |x| {
            let widen = |(i, e): (usize, &Ex)| match self.dtype {
                DtypeRule::Choose if i == 0 => e.cast(DType::Bool),
                DtypeRule::Fill if i == 1 => e.cast(DType::Bool),
                _ if i >= self.operands => *e,
                _ => e.cast(compute),
            };
            let y = (self.forward)(&x.iter().enumerate().map(widen).collect::<Vec<_>>());
            vec![if y.dtype == compute { y.cast(common) } else { y }]
        });
        Pointwise::intern(self.name, expr, self.vjp)
    }

    /// The instance for tensors of one float dtype and numbers, if there has been one: the usual case, in a few steps.
    fn known(&self, operands: &[Operand]) -> Option<Pointwise> {
        let mut found: Option<DType> = None;
        for operand in operands {
            match operand {
                Operand::Tensor(t) if found.is_none_or(|d| d == t.dtype()) => found = Some(t.dtype()),
                Operand::Scalar(Scalar::Int(_) | Scalar::Large(_)) => {}
                Operand::Scalar(number @ Scalar::Float(_)) if number.fits(DType::F32) => {}
                _ => return None,
            }
        }
        let dtype = found.filter(|d| matches!(d, DType::F32 | DType::F64))?;
        self.same[dtype as usize].get().copied()
    }

    /// Products and quotients with a number, or with a 0-d tensor, take it as it is; all else rounds it to the result's dtype.
    fn keeps_numbers(&self) -> bool {
        matches!(self.name, "mul" | "div" | "floor_divide" | "trunc_divide" | "lerp")
    }

    /// Operands that are not of the half precision of the result, in it.
    fn rounded(&self, operands: &[Operand], common: DType) -> Result<SmallVec<[Option<Tensor>; 3]>> {
        let is_value = |i: usize| match self.dtype {
            DtypeRule::Logical | DtypeRule::Choose => false,
            DtypeRule::Fill => i == 0,
            _ => true,
        };
        let narrow = |(i, operand): (usize, &Operand)| match operand {
            Operand::Tensor(t)
                if t.dtype() != common
                    && t.dtype() != DType::Bool
                    && is_value(i)
                    && (t.dim() > 0 || !self.keeps_numbers()) =>
            {
                t.to_dtype(common).map(Some)
            }
            _ => Ok(None),
        };
        operands[..self.operands].iter().enumerate().map(narrow).collect()
    }

    /// Applies the row: promotion, broadcasting, the graph node, the tape.
    pub fn apply(&'static self, operands: &[Operand]) -> Result<Tensor> {
        if let Some(known) = self.known(operands) {
            return apply(known, operands);
        }
        let common = self.common_dtype(&operands[..self.operands])?;
        self.expect_fitting(operands, common)?;
        if common.is_int() && matches!(self.name, "floor_divide" | "trunc_divide" | "remainder" | "fmod") {
            expect_divisor(self.name, &operands[..2])?;
        }
        let mut dtypes: SmallVec<[DType; 8]> = SmallVec::new();
        let rounded: SmallVec<[Option<Tensor>; 3]> =
            if common.compute() == common { SmallVec::new() } else { self.rounded(operands, common)? };
        let mut given: SmallVec<[Operand; 6]> = SmallVec::from_slice(operands);
        for (operand, rounded) in given.iter_mut().zip(&rounded) {
            match (&*operand, rounded) {
                (_, Some(tensor)) => *operand = Operand::Tensor(tensor),
                (Operand::Scalar(s), _) if !self.keeps_numbers() => {
                    *operand = Operand::Scalar(s.cast(common))
                }
                _ => {}
            }
        }
        for (i, operand) in given.iter_mut().enumerate() {
            dtypes.push(match operand {
                Operand::Tensor(t) => t.dtype(),
                Operand::Scalar(s) if i >= self.operands => {
                    if self.dtype == DtypeRule::Cut && common.is_int() {
                        let (low, high) = common.integers();
                        *s = match self.name == "threshold" && s.fits(common) {
                            // Of bytes the negative counterparts are in range, too.
                            true => s.cast(common),
                            false => Scalar::Int(s.to_i64().clamp(low, high)),
                        };
                    }
                    let dtype = self.parameter_dtype(*s, common)?;
                    if self.has_alpha() && common.is_float() {
                        *s = s.cast(common);
                    }
                    dtype
                }
                Operand::Scalar(_) => common.compute(),
            });
        }
        apply(self.instance(&dtypes, common), &given)
    }
}

impl PointwiseRow {
    /// Refuses numbers beyond the dtype that they are written or computed in. (Others wrap, as numbers beside tensors do.)
    fn expect_fitting(&self, operands: &[Operand], common: DType) -> Result<()> {
        let (first, dtype) = match self.name {
            "addcmul" | "addcdiv" => (self.operands, common.compute()),
            "add" | "sub" | "rsub" | "threshold" => (self.operands, common),
            "hardtanh" if common.is_float() => (self.operands, common),
            "power" if common.compute() != common => (1, common),
            // (Of half precision, torch chooses between infinities.)
            "where" if common.compute() != common => return Ok(()),
            "fill_where" | "where" | "clamp" | "clamp_min" | "clamp_max" => (0, common),
            "lerp" => (2, common.compute()),
            "close_to" | "close_to_or_nan" => return Ok(()),
            _ if common.is_float() => (self.operands, common.compute()),
            _ => return Ok(()),
        };
        operands[first..].iter().try_for_each(|operand| match operand {
            Operand::Scalar(number) => expect_fits(self.name, *number, dtype),
            Operand::Tensor(_) => Ok(()),
        })
    }
}

/// Refuses a number beyond the dtype that an operator computes with it in.
pub(crate) fn expect_fits(name: &str, number: Scalar, dtype: DType) -> Result<()> {
    if number.fits(dtype) {
        return Ok(());
    }
    Err(runtime_err!("{name}: value cannot be converted to type {dtype} without overflow"))
}

/// An error if a whole number is divided by zero, where the divisors are known or few; a kernel finds the others.
fn expect_divisor(name: &str, operands: &[Operand]) -> Result<()> {
    let nothing =
        |o: &Operand| matches!(o, Operand::Tensor(t) if t.numel() == 0 || runtime::has_no_values(t.device()));
    let zero = match &operands[1] {
        _ if operands.iter().any(nothing) => false,
        Operand::Scalar(number) => number.to_f64() == 0.0,
        Operand::Tensor(t) => known_elements(t)?.is_some_and(|found| found.contains(&0)),
    };
    if zero { Err(runtime_err!("{name}: ZeroDivisionError: an integer is divided by zero")) } else { Ok(()) }
}

/// A tensor made of numbers alone: of parameters and of the position of each element.
pub(crate) fn generate(
    pointwise: Pointwise,
    numbers: &[Scalar],
    shape: &[usize],
    device: DeviceId,
) -> Result<Tensor> {
    expect_countable(shape)?;
    let expr = pointwise.expr();
    let number = |(s, dtype): (&Scalar, &DType)| Arg::Number(s.cast(*dtype));
    let args: Args = numbers.iter().zip(&expr.inputs).map(number).collect();
    let (shape, dtype) = (Dims::from_slice(shape), expr.out_dtype(0));
    Ok(Tensor::from_node(Node::new(Op::Pointwise(pointwise), args, shape, dtype, device), 0))
}

/// Applies an interned expression to operands whose dtypes it was made for.
pub fn apply(pointwise: Pointwise, operands: &[Operand]) -> Result<Tensor> {
    // A shape without dimensions broadcasts to any other.
    let mut shape = Dims::new();
    let mut device = None;
    for operand in operands {
        let Operand::Tensor(t) = operand else { continue };
        if shape.is_empty() {
            shape = Dims::from_slice(t.shape());
        } else if !same_shape(&shape, t.shape()) {
            shape = broadcast(&shape, t.shape()).ok_or_else(|| {
                runtime_err!(
                    "{}: {}: the shapes {} do not broadcast; sizes must match or be 1, from the last dimension on",
                    pointwise.name,
                    unlike_sizes(&shape, t.shape()),
                    describe(operands)
                )
            })?;
            expect_countable(&shape).map_err(|e| e.naming(pointwise.name))?;
        }
        // A 0-d CPU tensor may meet any device, as a number would.
        let as_number = t.dim() == 0 && t.device() == 0;
        match device {
            Some(d) if d != t.device() && !as_number => {
                return Err(runtime_err!(
                    "{}: expected all tensors on the same device; move them with .to(device) first",
                    pointwise.name
                ));
            }
            None if !as_number => device = Some(t.device()),
            _ => {}
        }
    }
    let device = device.unwrap_or(0);
    if !runtime::only_cpu()
        && operands.iter().any(|o| matches!(o, Operand::Tensor(t) if t.device() != device))
    {
        return apply_on(device, pointwise, operands);
    }
    let order = if is_row_major(pointwise.name) { None } else { layout::of_operands(operands, &shape) };
    let mut args = Args::new();
    let mut inputs: SmallVec<[Option<&Tensor>; 3]> = SmallVec::new();
    for (operand, &dtype) in operands.iter().zip(&pointwise.expr().inputs) {
        match (operand, &order) {
            (Operand::Tensor(t), None) => args.push(t.arg()),
            (Operand::Tensor(t), Some(order)) => args.push(t.arg_in(order)),
            (Operand::Scalar(s), _) => args.push(Arg::Number(s.cast(dtype))),
        }
        match operand {
            Operand::Tensor(t) => inputs.push(Some(*t)),
            Operand::Scalar(_) => inputs.push(None),
        }
    }
    if let Some(order) = &order {
        shape = order.iter().map(|&d| shape[d]).collect();
    }
    let dtype = pointwise.expr().out_dtype(0);
    let node = Node::new(Op::Pointwise(pointwise), args, shape, dtype, device);
    let rule = || Rule::Pointwise(pointwise, operands.iter().map(|o| scalar_of(*o)).collect());
    match order {
        None => Tensor::record(node, &inputs, rule),
        Some(order) => Tensor::record_ordered(node, &order, &inputs, rule),
    }
}

/// Operators that give their elements in row-major order, in whichever they are given.
fn is_row_major(name: &str) -> bool {
    matches!(name, "contiguous" | "clone" | "masked_fill")
}

/// As [`apply`] where 0-d tensors of the CPU meet tensors of another device: they are moved there.
fn apply_on(device: DeviceId, pointwise: Pointwise, operands: &[Operand]) -> Result<Tensor> {
    let moved = |operand: &Operand| match operand {
        Operand::Tensor(t) if t.device() == 0 => t.to_device(device).map(Some),
        Operand::Tensor(t) if t.device() != device => Err(runtime_err!(
            "{}: expected all tensors on the same device; move them with .to(device) first",
            pointwise.name
        )),
        _ => Ok(None),
    };
    let moved = operands.iter().map(moved).collect::<Result<SmallVec<[Option<Tensor>; 4]>>>()?;
    let mut all: SmallVec<[Operand; 4]> = SmallVec::new();
    for (operand, moved) in operands.iter().zip(&moved) {
        all.push(moved.as_ref().map_or(*operand, Operand::Tensor));
    }
    apply(pointwise, &all)
}

fn scalar_of(operand: Operand) -> Option<Scalar> {
    match operand {
        Operand::Scalar(s) => Some(s),
        Operand::Tensor(_) => None,
    }
}

/// The operands for an error message: `float32[2, 3], 1.0`.
pub fn describe(operands: &[Operand]) -> String {
    let one = |o: &Operand| match o {
        Operand::Tensor(t) => format!("{}{:?}", t.dtype(), t.shape()),
        Operand::Scalar(s) => s.to_string(),
    };
    operands.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Refuses operands that are not floats, for operators defined only there.
pub fn expect_float(name: &str, t: &Tensor) -> Result<()> {
    if t.dtype().is_float() {
        return Ok(());
    }
    Err(unsupported!(
        "\"{name}\" is not implemented for {}: expected a floating-point tensor; convert it with .float()",
        t.dtype()
    ))
}

/// Refuses an end or a weight (but a 0-d one) of another dtype than the first tensor's.
fn expect_one_dtype(operands: &[Operand]) -> Result<()> {
    let Some(Operand::Tensor(first)) = operands.first() else { return Ok(()) };
    expect_float("lerp", first)?;
    for (i, name) in [(1, "end"), (2, "weight")] {
        if let Some(Operand::Tensor(other)) = operands.get(i)
            && other.dtype() != first.dtype()
            && (i == 1 || other.dim() > 0)
        {
            return Err(runtime_err!(
                "lerp: expected dtype {} for `{name}` but got dtype {}; convert it with .to(dtype) first",
                first.dtype(),
                other.dtype()
            ));
        }
    }
    Ok(())
}

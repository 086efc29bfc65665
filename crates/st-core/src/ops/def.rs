//! What a row of the operator table says, and the values an operator is called with.

use super::signature;
use super::{Operand, PointwiseRow};
use crate::complex::{self, Complex, Numbers};
use crate::debug;
use crate::graph::DeviceId;
use crate::random::Generator;
use crate::runtime;
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_kernel::{DType, Result, Scalar, type_err};
use std::borrow::Cow;
use std::sync::OnceLock;

/// Sizes, dimensions.
pub type Ints = SmallVec<[i64; 4]>;

/// An argument of an operator.
#[derive(Clone)]
pub enum Value {
    /// Not given.
    None,
    /// A tensor.
    Tensor(Tensor),
    /// A list of tensors; `None` entries occur in index lists only.
    Tensors(Vec<Option<Tensor>>),
    /// A complex tensor.
    Complex(Complex),
    /// A list of tensors of which some are complex.
    List(Vec<Value>),
    /// A complex number: its real and imaginary part.
    ComplexNumber([f64; 2]),
    /// A complex data type, by that of its parts.
    ComplexDType(DType),
    /// A number or a truth value.
    Scalar(Scalar),
    /// Sizes, dimensions.
    Ints(Ints),
    /// Sizes, some of which are left open.
    OpenInts(Vec<Option<i64>>),
    /// Ratios, distances.
    Floats(Vec<f64>),
    /// A data type.
    DType(DType),
    /// A device.
    Device(DeviceId),
    /// A word, such as a reduction's name.
    Text(Cow<'static, str>),
    /// A source of random numbers.
    Generator(Generator),
}

impl Value {
    /// A list of tensors, complex or not.
    pub fn list(items: Vec<Value>) -> Value {
        if items.iter().any(Value::is_complex) {
            return Value::List(items);
        }
        let tensor = |item| if let Value::Tensor(t) = item { Some(t) } else { None };
        Value::Tensors(items.into_iter().map(tensor).collect())
    }

    /// Whether complex numbers are in it.
    pub fn is_complex(&self) -> bool {
        matches!(self, Value::Complex(_) | Value::List(_) | Value::ComplexNumber(_) | Value::ComplexDType(_))
    }

    /// The dtype of the parts of a complex tensor.
    pub(crate) fn complex_parts(&self) -> Option<DType> {
        match self {
            Value::Complex(z) => Some(z.parts()),
            Value::List(list) => list.iter().find_map(Value::complex_parts),
            _ => None,
        }
    }

    /// What it is, for error messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::None => "None",
            Value::Tensor(_) => "Tensor",
            Value::Tensors(_) | Value::List(_) => "list of Tensors",
            Value::Complex(_) => "complex Tensor",
            Value::ComplexNumber(_) => "complex",
            Value::ComplexDType(_) => "complex dtype",
            Value::Scalar(Scalar::Bool(_)) => "bool",
            Value::Scalar(Scalar::Int(_) | Scalar::Large(_)) => "int",
            Value::Scalar(Scalar::Float(_)) => "float",
            Value::Ints(_) | Value::OpenInts(_) => "list of ints",
            Value::Floats(_) => "list of floats",
            Value::DType(_) => "dtype",
            Value::Device(_) => "device",
            Value::Text(_) => "str",
            Value::Generator(_) => "Generator",
        }
    }
}

/// What an operator gives.
pub enum Output {
    /// A tensor.
    One(Tensor),
    /// Several, named by the row's `returns`.
    Many(Vec<Tensor>),
    /// A complex tensor.
    Complex(Complex),
    /// Several, of which some are complex.
    Tuple(Vec<Output>),
    /// A plain value, such as `numel` or `equal` give.
    Plain(Value),
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// `Tensor`.
    Tensor,
    /// `Operand`: a tensor or a number.
    Operand,
    /// `Tensor[]`.
    Tensors,
    /// `Number`.
    Number,
    /// `int`.
    Int,
    /// `int[]`: a list, a tuple, one integer or, for the last positional parameter, several arguments.
    Ints,
    /// `int?[]`: as `Ints`, with `None` among them.
    OpenInts,
    /// `float[]`: a list, a tuple or one number.
    Floats,
    /// `float`.
    Float,
    /// `bool`.
    Bool,
    /// `str`.
    Text,
    /// `dtype`.
    DType,
    /// `device`.
    Device,
    /// `Generator`.
    Generator,
}

/// A parameter of an operator.
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: ParamKind,
    /// Whether `None` is allowed.
    pub optional: bool,
    /// What it is when not given; `None` if it must be given.
    pub default: Option<Value>,
    /// After the `*`.
    pub keyword_only: bool,
}

/// What an operator does.
#[expect(clippy::large_enum_variant, reason = "rows are statics, never moved")]
pub enum Kind {
    /// An expression over primitives.
    Pointwise(PointwiseRow),
    /// Operators made of operators.
    Build(fn(&[Value]) -> Result<Output>),
}

/// Where an operator appears in Python. As a method, the tensor it is called on is the parameter `input`, or the first one
/// if none has that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forms(pub u16);

impl Forms {
    /// Nowhere: a part of other operators.
    pub const HIDDEN: Forms = Forms(0);
    /// `st.name`.
    pub const FUNCTION: Forms = Forms(1);
    /// `Tensor.name`.
    pub const METHOD: Forms = Forms(2);
    /// `Tensor.name_` (and `st.name_`).
    pub const INPLACE: Forms = Forms(4);
    /// The `out=` keyword of `st.name`.
    pub const OUT: Forms = Forms(8);
    /// `st.nn.functional.name`.
    pub const FUNCTIONAL: Forms = Forms(16);

    /// `Tensor.name_` only for tensors of the result's very dtype.
    pub const EXACT: Forms = Forms(32);
    /// `inplace=` as the last parameter in `nn.functional`.
    pub const ARGUMENT: Forms = Forms(64);
    /// Made of operators, and yet converts results to the dtype of `out=`, as expressions do.
    pub const CAST: Forms = Forms(128);
    /// Made of operators, and yet element by element: what it writes to may be an operand, but no other view of its memory.
    pub const ELEMENTWISE: Forms = Forms(256);
    /// Reads its operands while it writes: `out=` may not even be one of them.
    pub const APART: Forms = Forms(512);
    /// Writes at indices: its in-place form shares no memory with its other operands.
    pub const SCATTERS: Forms = Forms(1024);
    /// A row of numbers, which fills whatever `out=` has as many places.
    pub const FILLS: Forms = Forms(2048);
    /// Takes tensors one by one as well as in a list.
    pub const SPREAD: Forms = Forms(4096);
    /// The first operand may be a number: `torch.sub(1, x)`.
    pub const NUMBER_FIRST: Forms = Forms(8192);

    /// `st.name` and `Tensor.name`.
    pub const BOTH: Forms = Forms(1 | 2);
    /// As `BOTH`, with `out=`.
    pub const BOTH_OUT: Forms = Forms(1 | 2 | 8);
    /// Everywhere but in `nn.functional`.
    pub const EVERY: Forms = Forms(1 | 2 | 4 | 8);

    /// These and those.
    pub const fn and(self, more: Forms) -> Forms {
        Forms(self.0 | more.0)
    }

    /// Whether all of `form` are among these.
    pub const fn has(self, form: Forms) -> bool {
        self.0 & form.0 == form.0
    }
}

/// Which dtypes the tensor given for a result may have. Words of refusals may say `{op}`, `{result}`, and what is needed and what
/// was got: `{needs}` and `{got}` as Python, `{c_needs}` and `{c_got}` as C++ calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    /// Those the result is converted to, which are not real for a complex one.
    Cast,
    /// All: what is written are throws of a coin.
    Any,
    /// The result's alone, in torch's words for others; empty for the usual ones.
    Same(&'static str),
    /// As `Same`, of truth values, which bytes hold, too.
    Truth(&'static str),
    /// The result's, or torch does not find it; what is real of complex operands is converted.
    Found,
    /// Those that lose nothing: torch's names of the operator and, where it has none, of the result.
    Safe(&'static str, &'static str),
}

/// A row of the operator table. Rows of one name are overloads, tried in order.
pub struct OpDef {
    /// The name in Python and Rust.
    pub name: &'static str,
    family: &'static str,
    /// The parameters in Python's syntax: `(input: Tensor, dim: int[]? = None, *, dtype: dtype? = None)`.
    pub signature: &'static str,
    /// What it computes, in a line.
    pub doc: &'static str,
    /// What it does.
    pub kind: Kind,
    /// Where it appears.
    pub forms: Forms,
    out: Option<Out>,
    /// What `grad_fn` is called, where it is not after the last operator that this one is made of.
    pub node: &'static str,
    /// Names of several results; empty for one.
    pub returns: &'static [&'static str],
    /// What it gives, `Tensor` or `Tensor[]`, where the stubs' generator cannot find out by trying.
    pub gives: &'static str,
    torch: &'static str,
    /// Whether the row says it itself.
    own_torch: bool,
    /// ONNX's operator of the same meaning.
    pub onnx: Option<&'static str>,
    /// Where the tests sample each operand.
    pub domain: (f64, f64),
    parsed: OnceLock<Vec<Param>>,
}

impl OpDef {
    /// A row; the setters below fill in what is not usual.
    pub(crate) const fn new(
        name: &'static str,
        signature: &'static str,
        doc: &'static str,
        kind: Kind,
    ) -> OpDef {
        let (forms, domain) = (Forms::BOTH, (-4.0, 4.0));
        OpDef {
            name,
            family: "",
            signature,
            doc: trimmed(doc),
            kind,
            forms,
            out: None,
            node: "",
            returns: &[],
            gives: "",
            torch: "",
            own_torch: false,
            onnx: None,
            domain,
            parsed: OnceLock::new(),
        }
    }

    /// The Rust module it stands in.
    pub(crate) const fn module(mut self, path: &'static str) -> OpDef {
        let mut start = path.len();
        while start > 0 && path.as_bytes()[start - 1] != b':' {
            start -= 1;
        }
        self.family = path.split_at(start).1;
        self
    }

    pub(crate) const fn forms(mut self, forms: Forms) -> OpDef {
        self.forms = forms;
        self
    }

    pub(crate) const fn also(mut self, forms: Forms) -> OpDef {
        self.forms = self.forms.and(forms);
        self
    }

    pub(crate) const fn out(mut self, out: Out) -> OpDef {
        self.out = Some(out);
        self
    }

    pub(crate) const fn node(mut self, name: &'static str) -> OpDef {
        self.node = name;
        self
    }

    pub(crate) const fn returns(mut self, names: &'static [&'static str]) -> OpDef {
        self.returns = names;
        self
    }

    pub(crate) const fn gives(mut self, kind: &'static str) -> OpDef {
        self.gives = kind;
        self
    }

    pub(crate) const fn torch(mut self, name: &'static str) -> OpDef {
        self.torch = name;
        self.own_torch = true;
        self
    }

    /// Torch's names of the function, the method and the function of `nn.functional`: the first that it appears as.
    pub(crate) const fn usual_torch(mut self, names: [&'static str; 3]) -> OpDef {
        if !self.own_torch {
            self.torch = match self.forms {
                forms if forms.has(Forms::FUNCTION) => names[0],
                forms if forms.has(Forms::METHOD) => names[1],
                _ => names[2],
            };
        }
        self
    }

    pub(crate) const fn onnx(mut self, name: &'static str) -> OpDef {
        self.onnx = Some(name);
        self
    }

    pub(crate) const fn domain(mut self, low: f64, high: f64) -> OpDef {
        self.domain = (low, high);
        self
    }

    /// Which dtypes `out=` may have: expressions convert their results, operators made of operators only if the row says so.
    pub fn written(&self) -> Out {
        let casts = matches!(self.kind, Kind::Pointwise(_)) || self.forms.has(Forms::CAST);
        self.out.unwrap_or(if casts { Out::Cast } else { Out::Same("") })
    }

    /// What it is listed with: the name of the table's file it stands in.
    pub fn family(&self) -> &'static str {
        self.family
    }

    /// Torch's function of the same meaning, what the tests compare with; empty if there is none to compare with.
    pub fn reference(&self) -> Cow<'static, str> {
        match super::namespace(self.name) {
            Some((namespace, short)) if !self.own_torch => format!("torch.{namespace}.{short}").into(),
            _ => self.torch.into(),
        }
    }

    /// The parameters.
    pub fn params(&'static self) -> &'static [Param] {
        // A unit test parses every row, so this cannot fail in a program.
        self.parsed
            .get_or_init(|| signature::parse(self.signature).unwrap_or_else(|e| panic!("{}: {e}", self.name)))
    }

    /// Calls it with an argument for each parameter, in order.
    pub fn call(&'static self, args: &[Value]) -> Result<Output> {
        if args.iter().any(Value::is_complex) {
            let output = debug::as_operator(self.name, || complex::call(self, args))?;
            return super::layout::as_matrices(self.name, args, output);
        }
        let row = match &self.kind {
            Kind::Build(build) => {
                let order = super::layout::wanted(self.name, args);
                let led = order.as_ref().and_then(|order| super::layout::lead(self.name, args, order));
                let led = led.transpose()?;
                let run = || debug::as_operator(self.name, || build(led.as_deref().unwrap_or(args)));
                let output = runtime::beside(device_of(args), run)?;
                forget_own_bases(args, &output);
                let output = super::layout::as_matrices(self.name, args, output)?;
                return match order {
                    Some(order) => super::layout::follow(order, args, output),
                    None => Ok(output),
                };
            }
            Kind::Pointwise(row) => row,
        };
        let mut operands: SmallVec<[Operand; 4]> = SmallVec::new();
        for (i, arg) in args.iter().enumerate() {
            operands.push(match arg {
                Value::Tensor(t) => Operand::Tensor(t),
                Value::Scalar(s) => Operand::Scalar(*s),
                other => {
                    let param = self.params().get(i).map_or("?", |p| p.name);
                    return Err(wrong_argument(self.name, param, "Tensor or Number", other));
                }
            });
        }
        Ok(Output::One(row.apply(&operands)?))
    }
}

/// A result that is a view of what the operator itself has made is a view no more: nobody else sees that memory.
fn forget_own_bases(args: &[Value], output: &Output) {
    let made = match output {
        Output::One(one) => std::slice::from_ref(one),
        Output::Many(many) => many,
        _ => return,
    };
    for t in made.iter().filter(|t| t.base().is_some()) {
        let sees = |arg: &Value| match arg {
            Value::Tensor(x) => x.shares_storage(t),
            Value::Tensors(all) => all.iter().flatten().any(|x| x.shares_storage(t)),
            _ => false,
        };
        if !args.iter().any(sees) && made.iter().filter(|other| other.shares_storage(t)).count() == 1 {
            t.forget_base();
        }
    }
}

/// Where the first tensor among arguments is.
fn device_of(args: &[Value]) -> DeviceId {
    let first = |arg: &Value| match arg {
        Value::Tensor(t) => Some(t.device()),
        Value::Tensors(all) => all.iter().flatten().next().map(Tensor::device),
        _ => None,
    };
    args.iter().find_map(first).unwrap_or(0)
}

/// A doc comment's text starts with a space.
const fn trimmed(doc: &'static str) -> &'static str {
    match doc.as_bytes() {
        [b' ', ..] => doc.split_at(1).1,
        _ => doc,
    }
}

fn wrong_argument(op: &str, param: &str, expected: &str, got: &Value) -> st_kernel::Error {
    type_err!("{op}(): argument '{param}' must be {expected}, not {}", got.kind())
}

/// A Rust type an argument is read as.
pub(crate) trait FromValue<'a>: Sized {
    /// What Python calls it.
    const EXPECTED: &'static str;
    fn from_value(value: &'a Value) -> Option<Self>;
}

/// Reads an argument of a `Build` row.
pub(crate) fn argument<'a, T: FromValue<'a>>(op: &str, param: &str, value: Option<&'a Value>) -> Result<T> {
    let value = value.unwrap_or(&Value::None);
    T::from_value(value).ok_or_else(|| wrong_argument(op, param, T::EXPECTED, value))
}

macro_rules! from_value {
    ($($t:ty, $expected:literal: { $($pattern:pat => $value:expr),* };)*) => {$(
        impl<'a> FromValue<'a> for $t {
            const EXPECTED: &'static str = $expected;
            fn from_value(value: &'a Value) -> Option<$t> {
                match value { $($pattern => Some($value),)* _ => None }
            }
        }
    )*};
}
from_value! {
    &'a Tensor, "Tensor": { Value::Tensor(t) => t };
    Operand<'a>, "Tensor or Number": { Value::Tensor(t) => Operand::Tensor(t), Value::Scalar(s) => Operand::Scalar(*s) };
    &'a [Option<Tensor>], "tuple of Tensors": { Value::Tensors(list) => list };
    Scalar, "Number": { Value::Scalar(s) => *s };
    f64, "float": { Value::Scalar(s) => s.to_f64() };
    i64, "int": { Value::Scalar(s @ (Scalar::Int(_) | Scalar::Bool(_))) => s.to_i64() };
    bool, "bool": { Value::Scalar(Scalar::Bool(b)) => *b, Value::Scalar(Scalar::Int(i)) => *i != 0 };
    Ints, "tuple of ints": { Value::Ints(ints) => ints.clone(), Value::Scalar(Scalar::Int(i)) => Ints::from_slice(&[*i]) };
    Vec<Option<i64>>, "tuple of ints": { Value::OpenInts(ints) => ints.clone() };
    Vec<f64>, "tuple of floats": { Value::Floats(floats) => floats.clone() };
    DType, "dtype": { Value::DType(d) => *d };
    &'a str, "str": { Value::Text(text) => text };
    Generator, "Generator": { Value::Generator(g) => g.clone() };
    &'a Complex, "complex Tensor": { Value::Complex(z) => z };
    Numbers, "Tensor": { Value::Tensor(t) => Numbers::Real(t.clone()), Value::Complex(z) => Numbers::Complex(z.clone()) };
}

/// A device: ids are plain numbers in Rust, which would be mistaken for integers.
pub(crate) struct On(pub(crate) DeviceId);
from_value! { On, "device": { Value::Device(d) => On(*d) }; }

impl<'a> FromValue<'a> for Vec<Tensor> {
    const EXPECTED: &'static str = "tuple of Tensors";
    fn from_value(value: &'a Value) -> Option<Self> {
        let Value::Tensors(list) = value else { return None };
        list.iter().cloned().collect()
    }
}

impl<'a, T: FromValue<'a>> FromValue<'a> for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    fn from_value(value: &'a Value) -> Option<Self> {
        if let Value::None = value { Some(None) } else { T::from_value(value).map(Some) }
    }
}

macro_rules! into_output {
    ($($t:ty, |$x:ident| $output:expr;)*) => {$(
        impl From<$t> for Output { fn from($x: $t) -> Output { $output } }
    )*};
}
into_output! {
    Complex, |z| Output::Complex(z);
    Numbers, |n| match n { Numbers::Real(t) => Output::One(t), Numbers::Complex(z) => Output::Complex(z) };
    Tensor, |t| Output::One(t);
    Vec<Tensor>, |list| Output::Many(list);
    (Tensor, Tensor), |pair| Output::Many(vec![pair.0, pair.1]);
    (Tensor, Tensor, Tensor), |three| Output::Many(vec![three.0, three.1, three.2]);
    Value, |v| Output::Plain(v);
    Scalar, |s| Output::Plain(Value::Scalar(s));
    bool, |b| Output::Plain(Value::Scalar(Scalar::Bool(b)));
    i64, |i| Output::Plain(Value::Scalar(Scalar::Int(i)));
    DType, |d| Output::Plain(Value::DType(d));
}

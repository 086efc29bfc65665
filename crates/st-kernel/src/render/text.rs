//! From a [`Shader`] to text: the walk over statements and values that all dialects share.
//!
//! What a dialect spells its own way is a method of [`Dialect`]; what has a default here is spelled alike by all.

use super::Shader;
use super::ir::{Code, IndexOp, Node, Ref, Shared, Stmt, Ty, Var};
use crate::dtype::DType;
use crate::prim::Prim;
use crate::scalar::Scalar;
use std::fmt::Write;

/// How values and statements are spelled.
pub(super) trait Dialect {
    /// Waits for the threads of the group.
    fn barrier(&self) -> &'static str;

    /// Gives a value a name that is not assigned to again.
    fn name(&self, ty: Ty, name: &str, value: &str) -> String;
    /// Declares a variable.
    fn declare(&self, ty: Ty, name: &str, first: &str) -> String;
    /// A number of the launch.
    fn number(&self, word: usize) -> String;
    /// A parameter of the launch, from a word on.
    fn param(&self, word: usize, ty: Ty) -> String;
    /// A constant.
    fn constant(&self, value: Scalar, ty: Ty) -> String;
    /// Zero as a factor, whose product with NaN and infinity is NaN, and has a sign.
    fn zero_factor(&self, ty: Ty) -> String {
        self.constant(Scalar::Float(0.0), ty)
    }
    /// Whether a float is no NaN: it equals itself.
    fn is_number(&self, _ty: Ty, x: &str) -> String {
        format!("({x} == {x})")
    }
    /// A float once more, where compilers would take its quotient by itself for one, and its difference for zero.
    fn again(&self, _ty: Ty, x: &str) -> String {
        x.to_owned()
    }
    /// Whether the language's operator does what the primitive says on this type.
    fn has_operator(&self, prim: Prim, ty: Ty) -> bool;
    /// The function that is a primitive on a type.
    fn function(&self, prim: Prim, ty: Ty) -> String;
    /// A value of one dtype as another one.
    fn cast(&self, from: DType, to: DType, x: &str) -> String;
    /// A position as an `i64`.
    fn wide(&self, x: &str) -> String;
    /// An index inside a dimension, or a fault.
    fn wrapped(&self, index: &str, size: &str) -> String;
    /// One of two values.
    fn choose(&self, ty: Ty, condition: &str, yes: &str, no: &str) -> String;
    /// Whether writing an element rounds it, whatever it is.
    fn rounds(&self) -> bool {
        false
    }
    /// An element of a buffer.
    fn load(&self, buffer: usize, dtype: DType, at: &str) -> String;
    /// Writes an element of a buffer.
    fn store(&self, buffer: usize, dtype: DType, at: &str, x: &str) -> String;
    /// Gives names to four neighbours of a buffer, the first at a multiple of four.
    fn load_four(&self, names: &[String; 4], buffer: usize, dtype: DType, at: &str) -> Vec<String>;
    /// Writes four neighbours of a buffer.
    fn store_four(&self, buffer: usize, dtype: DType, at: &str, values: &[String; 4]) -> Vec<String>;
    /// The place of an element of a shared array.
    fn shared(&self, array: u32, at: &str) -> String;
    /// Gives names to four neighbours of a shared array, whose places are counted in fours.
    fn load_shared_four(&self, names: &[String; 4], array: u32, ty: Ty, at: &str) -> Vec<String>;
    /// Writes four neighbours of a shared array.
    fn store_shared_four(&self, array: u32, ty: Ty, at: &str, values: &[String; 4]) -> Vec<String>;
    /// `a * b + c` in single precision, rounded once where the device can.
    fn mul_add(&self, a: &str, b: &str, c: &str) -> String;
}

/// The statements of a kernel, a line each.
pub(super) fn body(shader: &Shader, dialect: &impl Dialect) -> String {
    let mut text = Text { code: &shader.code, dialect, out: String::new(), depth: 1 };
    text.block(&shader.body);
    text.out
}

/// For each bound buffer, the dtype with which it is first accessed.
pub(super) fn dtypes(shader: &Shader) -> Vec<Option<DType>> {
    let mut dtypes = vec![None; shader.writes.len()];
    let mut see = |buffer: usize, dtype: DType| {
        dtypes[buffer].get_or_insert(dtype);
    };
    for (node, _) in &shader.code.nodes {
        if let Node::Load(buffer, dtype, _) = node {
            see(*buffer, *dtype);
        }
    }
    for stmt in &shader.body {
        stmt.each(&mut |stmt| {
            if let Stmt::Store(buffer, dtype, ..)
            | Stmt::LoadFour(_, buffer, dtype, _)
            | Stmt::StoreFour(buffer, dtype, ..) = stmt
            {
                see(*buffer, *dtype);
            }
        });
    }
    dtypes
}

/// The name of four values together.
pub(super) fn together(names: &[String; 4]) -> String {
    names[0].replacen('v', "q", 1)
}

/// The function that is a primitive on a type, where it is one of ours.
pub(super) fn own_function(prim: Prim, suffix: &str) -> String {
    format!("{}_{suffix}", format!("{prim:?}").to_lowercase())
}

/// Whether a cast is from single precision to half, and no more.
fn is_rounding(from: DType, to: DType) -> bool {
    from == DType::F32 && matches!(to, DType::F16 | DType::BF16)
}

struct Text<'a, D> {
    code: &'a Code,
    dialect: &'a D,
    out: String,
    depth: usize,
}

impl<D: Dialect> Text<'_, D> {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{:width$}{line}", "", width = 2 * self.depth);
    }

    fn lines(&mut self, lines: &[String]) {
        lines.iter().for_each(|line| self.line(line));
    }

    fn names(&self, four: &[Ref; 4]) -> [String; 4] {
        four.map(|value| self.value(value))
    }

    fn block(&mut self, block: &[Stmt]) {
        for stmt in block {
            self.statement(stmt);
        }
    }

    fn nested(&mut self, head: &str, block: &[Stmt]) {
        self.line(&format!("{head} {{"));
        self.depth += 1;
        self.block(block);
        self.depth -= 1;
        self.line("}");
    }

    fn statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let(value) => {
                let line =
                    self.dialect.name(self.code.ty(*value), &format!("v{}", value.0), &self.node(*value));
                self.line(&format!("{line};"));
            }
            Stmt::Declare(Var(var), first) => {
                let ty = self.code.vars[*var as usize];
                let line = self.dialect.declare(ty, &format!("x{var}"), &self.value(*first));
                self.line(&format!("{line};"));
            }
            Stmt::Set(Var(var), value) => {
                let value = self.value(*value);
                self.line(&format!("x{var} = {value};"));
            }
            Stmt::For(Var(var), from, to, step, block) => {
                let [from, to, step] = [from, to, step].map(|r| self.value(*r));
                let first = self.dialect.declare(Ty::I32, &format!("x{var}"), &from);
                self.nested(&format!("for ({first}; x{var} < {to}; x{var} += {step})"), block);
            }
            Stmt::If(condition, block) => {
                let condition = self.value(*condition);
                self.nested(&format!("if ({condition})"), block);
            }
            Stmt::Store(buffer, dtype, at, value) => {
                let line =
                    self.dialect.store(*buffer, *dtype, &self.value(*at), &self.written(*value, *dtype));
                self.line(&line);
            }
            Stmt::StoreShared(Shared(array), at, value) => {
                let (place, value) = (self.dialect.shared(*array, &self.value(*at)), self.value(*value));
                self.line(&format!("{place} = {value};"));
            }
            Stmt::AddProduct(Var(sum), a, b) => {
                let x = format!("x{sum}");
                let sum = self.dialect.mul_add(&self.value(*a), &self.value(*b), &x);
                self.line(&format!("{x} = {sum};"));
            }
            Stmt::LoadFour(four, buffer, dtype, at) => {
                let lines = self.dialect.load_four(&self.names(four), *buffer, *dtype, &self.value(*at));
                self.lines(&lines);
            }
            Stmt::StoreFour(buffer, dtype, at, four) => {
                let four = four.map(|value| self.written(value, *dtype));
                let lines = self.dialect.store_four(*buffer, *dtype, &self.value(*at), &four);
                self.lines(&lines);
            }
            Stmt::LoadSharedFour(four, Shared(array), at) => {
                let (ty, at) = (self.code.shared[*array as usize].0, self.value(*at));
                let lines = self.dialect.load_shared_four(&self.names(four), *array, ty, &at);
                self.lines(&lines);
            }
            Stmt::StoreSharedFour(Shared(array), at, four) => {
                let (ty, at) = (self.code.shared[*array as usize].0, self.value(*at));
                let lines = self.dialect.store_shared_four(*array, ty, &at, &self.names(four));
                self.lines(&lines);
            }
            Stmt::Barrier => self.line(self.dialect.barrier()),
        }
    }

    /// A value where it is used: its name, or what it is if it has none.
    fn value(&self, value: Ref) -> String {
        if self.code.named.contains(&value.0) { format!("v{}", value.0) } else { self.node(value) }
    }

    /// A value that is written as an element of a dtype: where that rounds, it need not be rounded before.
    fn written(&self, value: Ref, dtype: DType) -> String {
        match self.code.nodes[value.0 as usize].0 {
            Node::Cast(from, to, x) if self.dialect.rounds() && to == dtype && is_rounding(from, to) => {
                self.value(x)
            }
            _ => self.value(value),
        }
    }

    fn node(&self, value: Ref) -> String {
        let (node, ty) = &self.code.nodes[value.0 as usize];
        let (d, v) = (self.dialect, |r: &Ref| self.value(*r));
        match node {
            Node::Const(c) => d.constant(*c, *ty),
            Node::Number(word) => d.number(*word),
            Node::Param(word) => d.param(*word, *ty),
            Node::Thread => "t".into(),
            Node::Group => "g".into(),
            Node::Var(Var(var)) => format!("x{var}"),
            Node::Index(op, a, b) => {
                let op = match op {
                    IndexOp::Add => "+",
                    IndexOp::Sub => "-",
                    IndexOp::Mul => "*",
                    IndexOp::Div => "/",
                    IndexOp::Rem => "%",
                    IndexOp::Less => "<",
                    IndexOp::Equal => "==",
                };
                format!("{} {op} {}", v(a), v(b))
            }
            Node::Prim(prim, args) => {
                let of = self.code.ty(*args.last().expect("a primitive has arguments"));
                let known = |r: &Ref| if *prim == Prim::Mul { self.factor(*r) } else { self.value(*r) };
                self.primitive(*prim, of, &args.iter().map(known).collect::<Vec<_>>())
            }
            Node::Cast(from, to, x) => d.cast(*from, *to, &v(x)),
            Node::Wide(x) => d.wide(&v(x)),
            Node::Both(a, b) => format!("{} && {}", v(a), v(b)),
            Node::Either(a, b) => format!("{} || {}", v(a), v(b)),
            Node::Choose(c, a, b) => d.choose(*ty, &v(c), &v(a), &v(b)),
            Node::Wrapped(i, size) => d.wrapped(&v(i), &v(size)),
            Node::Load(buffer, dtype, at) => d.load(*buffer, *dtype, &v(at)),
            Node::LoadShared(Shared(array), at) => d.shared(*array, &v(at)),
            Node::OfFour => unreachable!("a statement reads it"),
        }
    }

    /// A value that something is multiplied with.
    fn factor(&self, value: Ref) -> String {
        match self.code.nodes[value.0 as usize] {
            (Node::Const(Scalar::Float(0.0)), ty) => self.dialect.zero_factor(ty),
            _ => self.value(value),
        }
    }

    /// A primitive on values of a type: an operator where there is one, else a function.
    fn primitive(&self, prim: Prim, ty: Ty, args: &[String]) -> String {
        use Prim::*;
        let is_float = matches!(ty, Ty::F32 | Ty::F64);
        match (prim, args) {
            (Eq, [a, b]) if is_float && a == b => return self.dialect.is_number(ty, a),
            (Sub | Div, [a, b]) if is_float && a == b => {
                let again = self.dialect.again(ty, a);
                return format!("({a} {} {again})", if prim == Sub { "-" } else { "/" });
            }
            _ => {}
        }
        if let Some(operator) = operator(prim, ty).filter(|_| self.dialect.has_operator(prim, ty)) {
            return match args {
                [x] => format!("({operator}{x})"),
                _ => format!("({} {operator} {})", args[0], args[1]),
            };
        }
        match (prim, ty) {
            (Select, _) => self.dialect.choose(ty, &args[0], &args[1], &args[2]),
            (Floor | Ceil | Trunc | Round, Ty::Bool | Ty::I32 | Ty::I64) => args[0].clone(),
            _ => format!("{}({})", self.dialect.function(prim, ty), args.join(", ")),
        }
    }
}

/// The operator that is a primitive, in every language that has it for the type.
fn operator(prim: Prim, ty: Ty) -> Option<&'static str> {
    use Prim::*;
    let (truth, float) = (ty == Ty::Bool, matches!(ty, Ty::F32 | Ty::F64));
    Some(match prim {
        Add if !truth => "+",
        Sub | Neg if !truth => "-",
        Mul if !truth => "*",
        Div if float => "/",
        And if !float => "&",
        Or if !float => "|",
        Xor if truth => "!=",
        Xor if !float => "^",
        Not if truth => "!",
        Not if !float => "~",
        Lt if !truth => "<",
        Le if !truth => "<=",
        Eq => "==",
        _ => return None,
    })
}

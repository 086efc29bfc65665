//! The language kernels are written in before they have a dialect: typed values and about ten kinds of statement.
//!
//! Values are numbered; a statement names the ones it uses. [`Code`] is what kernels are written with: its methods append
//! statements to the innermost open block.

use crate::dtype::DType;
use crate::prim::Prim;
use crate::scalar::Scalar;
use std::collections::HashSet;

/// What a register holds. Narrow dtypes live in wider registers, rounded or wrapped to what the dtype can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    /// `bool`.
    Bool,
    /// `int32` and narrower integers, and all positions in memory.
    I32,
    /// `int64`.
    I64,
    /// `float32` and half precision.
    F32,
    /// `float64`.
    F64,
}

impl Ty {
    /// The register type of a dtype.
    pub fn of(dtype: DType) -> Ty {
        match dtype {
            DType::Bool => Ty::Bool,
            DType::U8 | DType::I8 | DType::I16 | DType::U16 | DType::I32 => Ty::I32,
            DType::I64 | DType::U32 | DType::U64 => Ty::I64,
            DType::F16 | DType::BF16 | DType::F32 => Ty::F32,
            DType::F64 => Ty::F64,
        }
    }

    /// The end of the names of functions on this type.
    pub fn suffix(self) -> &'static str {
        match self {
            Ty::Bool => "bool",
            Ty::I32 => "i32",
            Ty::I64 => "i64",
            Ty::F32 => "f32",
            Ty::F64 => "f64",
        }
    }
}

/// A value: its number among a kernel's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ref(pub(super) u32);

/// A variable that is assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Var(pub(super) u32);

/// An array that the threads of a group share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shared(pub(super) u32);

/// Arithmetic on positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexOp {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient of two that are not negative.
    Div,
    /// Remainder of two that are not negative.
    Rem,
    /// Whether the first is smaller.
    Less,
    /// Whether they are equal.
    Equal,
}

/// How a value comes about.
#[derive(Clone, Debug)]
pub enum Node {
    /// A constant of its type.
    Const(Scalar),
    /// A number of the launch, an `i32`.
    Number(usize),
    /// A parameter of the launch, in the words from this one on.
    Param(usize),
    /// The thread's position in its group.
    Thread,
    /// The group's position among all.
    Group,
    /// A variable's value where this is used.
    Var(Var),
    /// Arithmetic on positions.
    Index(IndexOp, Ref, Ref),
    /// A primitive on values of a dtype.
    Prim(Prim, Vec<Ref>),
    /// A value of one dtype as another one.
    Cast(DType, DType, Ref),
    /// A position as an `i64`.
    Wide(Ref),
    /// Both of two truths.
    Both(Ref, Ref),
    /// Either of two truths.
    Either(Ref, Ref),
    /// The second value where the first is true, else the third.
    Choose(Ref, Ref, Ref),
    /// An `i64` as a position in a dimension of this size, wrapped once; outside of it, 0 and a fault.
    Wrapped(Ref, Ref),
    /// The element of a buffer.
    Load(usize, DType, Ref),
    /// The element of a shared array.
    LoadShared(Shared, Ref),
    /// One of the four values that a statement reads together.
    OfFour,
}

/// A step of a kernel.
#[derive(Clone, Debug)]
pub enum Stmt {
    /// Computes a value.
    Let(Ref),
    /// Declares a variable.
    Declare(Var, Ref),
    /// Assigns to a variable.
    Set(Var, Ref),
    /// Counts a variable from a position to below another one, in steps.
    For(Var, Ref, Ref, Ref, Vec<Stmt>),
    /// Only where a truth holds.
    If(Ref, Vec<Stmt>),
    /// Writes an element of a buffer.
    Store(usize, DType, Ref, Ref),
    /// Writes an element of a shared array.
    StoreShared(Shared, Ref, Ref),
    /// Adds the product of two `f32` to a variable, rounded once where the device can.
    AddProduct(Var, Ref, Ref),
    /// Reads four neighbours of a buffer, the first at a multiple of four.
    LoadFour([Ref; 4], usize, DType, Ref),
    /// Writes four neighbours of a buffer, the first at a multiple of four.
    StoreFour(usize, DType, Ref, [Ref; 4]),
    /// Reads four neighbours of a shared array; places are counted in fours.
    LoadSharedFour([Ref; 4], Shared, Ref),
    /// Writes four neighbours of a shared array; places are counted in fours.
    StoreSharedFour(Shared, Ref, [Ref; 4]),
    /// Waits for the threads of the group.
    Barrier,
}

impl Stmt {
    /// Calls `f` on this statement and on all inside it.
    pub(super) fn each<'a>(&'a self, f: &mut impl FnMut(&'a Stmt)) {
        f(self);
        if let Stmt::For(.., block) | Stmt::If(_, block) = self {
            block.iter().for_each(|stmt| stmt.each(f));
        }
    }
}

/// A kernel being written.
#[derive(Debug, Default)]
pub struct Code {
    pub(super) nodes: Vec<(Node, Ty)>,
    pub(super) vars: Vec<Ty>,
    pub(super) shared: Vec<(Ty, usize)>,
    /// The values that have a name: those a statement computes.
    pub(super) named: HashSet<u32>,
    /// Open blocks, the innermost last.
    blocks: Vec<Vec<Stmt>>,
}

impl Code {
    /// Nothing yet.
    pub fn new() -> Code {
        Code { blocks: vec![Vec::new()], ..Code::default() }
    }

    /// All that was written.
    pub(super) fn finish(mut self) -> (Vec<Stmt>, Code) {
        let body = self.blocks.pop().expect("the outermost block is open");
        (body, self)
    }

    fn push(&mut self, stmt: Stmt) {
        self.blocks.last_mut().expect("a block is open").push(stmt);
    }

    /// A value that is spelled where it is used.
    fn spelled(&mut self, node: Node, ty: Ty) -> Ref {
        self.nodes.push((node, ty));
        Ref(self.nodes.len() as u32 - 1)
    }

    /// A value that is computed here.
    pub fn value(&mut self, node: Node, ty: Ty) -> Ref {
        let made = self.spelled(node, ty);
        self.named.insert(made.0);
        self.push(Stmt::Let(made));
        made
    }

    /// The type of a value.
    pub fn ty(&self, value: Ref) -> Ty {
        self.nodes[value.0 as usize].1
    }

    /// A constant.
    pub fn constant(&mut self, value: Scalar, ty: Ty) -> Ref {
        self.spelled(Node::Const(value), ty)
    }

    /// A position known now.
    pub fn position(&mut self, at: usize) -> Ref {
        self.constant(Scalar::Int(at as i64), Ty::I32)
    }

    /// A number of the launch.
    pub fn number(&mut self, word: usize) -> Ref {
        self.spelled(Node::Number(word), Ty::I32)
    }

    /// The thread's position in its group.
    pub fn thread(&mut self) -> Ref {
        self.spelled(Node::Thread, Ty::I32)
    }

    /// The group's position among all.
    pub fn group(&mut self) -> Ref {
        self.spelled(Node::Group, Ty::I32)
    }

    /// Which of so many neighbours the thread is.
    pub fn beside(&mut self, neighbours: usize) -> Ref {
        let (thread, neighbours) = (self.thread(), self.position(neighbours));
        self.index(IndexOp::Rem, thread, neighbours)
    }

    /// Arithmetic on positions; what is known now is simplified.
    pub fn index(&mut self, op: IndexOp, a: Ref, b: Ref) -> Ref {
        let known = |r: Ref| match self.nodes[r.0 as usize].0 {
            Node::Const(Scalar::Int(i)) => Some(i),
            _ => None,
        };
        match (op, known(a), known(b)) {
            (IndexOp::Add, Some(0), _) | (IndexOp::Mul, Some(1), _) => b,
            (IndexOp::Add, Some(a), Some(b)) => self.constant(Scalar::Int(a + b), Ty::I32),
            (IndexOp::Mul, Some(a), Some(b)) => self.constant(Scalar::Int(a * b), Ty::I32),
            (IndexOp::Add | IndexOp::Sub, _, Some(0)) | (IndexOp::Mul | IndexOp::Div, _, Some(1)) => a,
            _ => {
                let ty = if matches!(op, IndexOp::Less | IndexOp::Equal) { Ty::Bool } else { Ty::I32 };
                self.value(Node::Index(op, a, b), ty)
            }
        }
    }

    /// A position some steps further.
    pub fn plus(&mut self, a: Ref, steps: usize) -> Ref {
        let steps = self.position(steps);
        self.index(IndexOp::Add, a, steps)
    }

    /// So many times a position.
    pub fn times(&mut self, a: Ref, times: usize) -> Ref {
        let times = self.position(times);
        self.index(IndexOp::Mul, a, times)
    }

    /// A position in fours, being a multiple of four.
    pub fn fours(&mut self, a: Ref) -> Ref {
        let four = self.position(4);
        self.index(IndexOp::Div, a, four)
    }

    /// How many parts of a size, the last one perhaps smaller, a number of things has.
    pub fn parts(&mut self, of: Ref, size: usize) -> Ref {
        let (rounded, size) = (self.plus(of, size - 1), self.position(size));
        self.index(IndexOp::Div, rounded, size)
    }

    /// The smaller of two positions.
    pub fn smaller(&mut self, a: Ref, b: Ref) -> Ref {
        let less = self.index(IndexOp::Less, a, b);
        self.choose(less, a, b)
    }

    /// A primitive.
    pub fn prim(&mut self, prim: Prim, args: &[Ref], ty: Ty) -> Ref {
        self.value(Node::Prim(prim, args.to_vec()), ty)
    }

    /// A truth: both of two.
    pub fn both(&mut self, a: Ref, b: Ref) -> Ref {
        self.value(Node::Both(a, b), Ty::Bool)
    }

    /// A truth: either of two.
    pub fn either(&mut self, a: Ref, b: Ref) -> Ref {
        self.value(Node::Either(a, b), Ty::Bool)
    }

    /// One of two values.
    pub fn choose(&mut self, condition: Ref, yes: Ref, no: Ref) -> Ref {
        let ty = self.ty(yes);
        self.value(Node::Choose(condition, yes, no), ty)
    }

    /// Declares a variable.
    pub fn declare(&mut self, first: Ref) -> Var {
        let ty = self.ty(first);
        self.vars.push(ty);
        let var = Var(self.vars.len() as u32 - 1);
        self.push(Stmt::Declare(var, first));
        var
    }

    /// What a variable holds now.
    pub fn get(&mut self, var: Var) -> Ref {
        let ty = self.vars[var.0 as usize];
        self.value(Node::Var(var), ty)
    }

    /// Assigns to a variable.
    pub fn set(&mut self, var: Var, value: Ref) {
        self.push(Stmt::Set(var, value));
    }

    /// Writes an element of a buffer.
    pub fn store(&mut self, buffer: usize, dtype: DType, at: Ref, value: Ref) {
        self.push(Stmt::Store(buffer, dtype, at, value));
    }

    /// An array that the group shares. Truths are kept as numbers: some drivers have no good arrays of them.
    pub fn share(&mut self, ty: Ty, len: usize) -> Shared {
        self.shared.push((if ty == Ty::Bool { Ty::I32 } else { ty }, len));
        Shared(self.shared.len() as u32 - 1)
    }

    /// Writes an element of a shared array.
    pub fn store_shared(&mut self, array: Shared, at: Ref, value: Ref) {
        let kept = match self.ty(value) {
            Ty::Bool => self.value(Node::Cast(DType::Bool, DType::I32, value), Ty::I32),
            _ => value,
        };
        self.push(Stmt::StoreShared(array, at, kept));
    }

    /// Reads an element of this type from a shared array.
    pub fn load_shared(&mut self, array: Shared, ty: Ty, at: Ref) -> Ref {
        let kept = self.shared[array.0 as usize].0;
        let loaded = self.value(Node::LoadShared(array, at), kept);
        match ty {
            Ty::Bool => self.value(Node::Cast(DType::I32, DType::Bool, loaded), Ty::Bool),
            _ => loaded,
        }
    }

    /// Four values that a statement is about to read.
    fn four(&mut self, ty: Ty) -> [Ref; 4] {
        std::array::from_fn(|_| {
            let made = self.spelled(Node::OfFour, ty);
            self.named.insert(made.0);
            made
        })
    }

    /// Reads four neighbours of a buffer, the first at a multiple of four.
    pub fn load_four(&mut self, buffer: usize, dtype: DType, at: Ref) -> [Ref; 4] {
        let made = self.four(Ty::of(dtype));
        self.push(Stmt::LoadFour(made, buffer, dtype, at));
        made
    }

    /// Writes four neighbours of a buffer, the first at a multiple of four.
    pub fn store_four(&mut self, buffer: usize, dtype: DType, at: Ref, values: [Ref; 4]) {
        self.push(Stmt::StoreFour(buffer, dtype, at, values));
    }

    /// Reads four neighbours of a shared array of numbers of 32 bits; places are counted in fours, which saves shifts.
    pub fn load_shared_four(&mut self, array: Shared, at: Ref) -> [Ref; 4] {
        let made = self.four(self.shared[array.0 as usize].0);
        self.push(Stmt::LoadSharedFour(made, array, at));
        made
    }

    /// Writes four neighbours of a shared array of numbers of 32 bits; places are counted in fours.
    pub fn store_shared_four(&mut self, array: Shared, at: Ref, values: [Ref; 4]) {
        self.push(Stmt::StoreSharedFour(array, at, values));
    }

    /// Adds a product to a variable in single precision.
    pub fn add_product(&mut self, sum: Var, a: Ref, b: Ref) {
        self.push(Stmt::AddProduct(sum, a, b));
    }

    /// Waits for the threads of the group.
    pub fn barrier(&mut self) {
        self.push(Stmt::Barrier);
    }

    /// A loop whose body is told the counter.
    pub fn count(&mut self, from: Ref, to: Ref, step: Ref, body: impl FnOnce(&mut Code, Ref)) {
        self.vars.push(Ty::I32);
        let var = Var(self.vars.len() as u32 - 1);
        self.blocks.push(Vec::new());
        let at = self.spelled(Node::Var(var), Ty::I32);
        body(self, at);
        let block = self.blocks.pop().expect("pushed above");
        self.push(Stmt::For(var, from, to, step, block));
    }

    /// What is done only where a truth holds.
    pub fn only_if(&mut self, condition: Ref, body: impl FnOnce(&mut Code)) {
        self.blocks.push(Vec::new());
        body(self);
        let block = self.blocks.pop().expect("pushed above");
        self.push(Stmt::If(condition, block));
    }
}

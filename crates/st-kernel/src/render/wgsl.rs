//! WGSL, for WebGPU: how values and statements are spelled.
//!
//! Buffers are arrays of 32-bit words, so that one binding serves every dtype, or of vectors of words where four elements
//! are read or written together; a narrow element alone is cut out of a word, and written by atomic operations that touch
//! its own bits only. 64-bit integers are pairs of words. Functions stand in
//! the folder `wgsl`; a kernel gets those it needs.

pub(super) mod cooperative;

use super::Shader;
use super::ir::{Code, IndexOp, Node, Ref, Shared, Stmt, Ty, Var};
use super::numbers::ZERO;
use crate::dtype::DType;
use crate::prim::Prim;
use crate::scalar::Scalar;
use std::collections::BTreeSet;
use std::fmt::Write;

const PRELUDE: &str = concat!(
    include_str!("wgsl/integers.wgsl"),
    include_str!("wgsl/elementary.wgsl"),
    include_str!("wgsl/special.wgsl"),
);

/// The name of the entry point.
pub const ENTRY: &str = "kernel";

/// The text of a kernel. Buffers are bindings 0.., then come the launch's numbers and, last, the word of faults.
pub fn render(shader: &Shader) -> String {
    if let Some((matrices, bound)) = &shader.matrices {
        return matrices.render(&shader.numbers, *bound, shader.buffers);
    }
    let mut text = Text {
        code: &shader.code,
        words: words(shader),
        fours: shared_fours(shader),
        out: String::new(),
        depth: 1,
    };
    text.block(&shader.body);
    let body = text.out;
    let mut head = String::new();
    let at = |binding: usize| format!("@group(0) @binding({binding}) var");
    for (buffer, words) in text.words.iter().enumerate() {
        let access = if shader.writes[buffer] { "read_write" } else { "read" };
        let _ = writeln!(head, "{}<storage, {access}> b{buffer}: array<{}>;", at(buffer), words.name());
    }
    let quads = shader.numbers.count().div_ceil(4);
    let _ = writeln!(head, "{}<uniform> n: array<vec4<i32>, {quads}>;", at(shader.writes.len()));
    for (i, (ty, len)) in shader.code.shared.iter().enumerate() {
        let _ = match text.fours[i] {
            true => writeln!(head, "var<workgroup> s{i}: array<vec4<{}>, {}>;", name(*ty), len / 4),
            false => writeln!(head, "var<workgroup> s{i}: array<{}, {len}>;", name(*ty)),
        };
    }
    let entry = format!(
        "@compute @workgroup_size({})\nfn {ENTRY}(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {{\n  let g = i32(group.y * groups.x + group.x);\n  let t = i32(local);\n{body}}}\n",
        shader.threads
    );
    let functions = needed_functions(&entry);
    if shader.faults {
        let _ = writeln!(head, "{}<storage, read_write> faults: atomic<u32>;", at(shader.writes.len() + 1));
    }
    format!("{head}\n{functions}{entry}")
}

/// What a buffer is an array of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// Words that are changed a few bits at a time.
    Atomic,
    /// Vectors of so many words: 1, 2 or 4.
    Of(usize),
}

impl Words {
    fn name(self) -> &'static str {
        match self {
            Words::Atomic => "atomic<u32>",
            Words::Of(1) => "u32",
            Words::Of(2) => "vec2<u32>",
            Words::Of(_) => "vec4<u32>",
        }
    }
}

/// For each buffer what it is an array of: an element narrower than a word, written alone, needs atomic words.
fn words(shader: &Shader) -> Vec<Words> {
    let mut words = vec![Words::Of(1); shader.writes.len()];
    let mut narrow = vec![false; shader.writes.len()];
    shader.body.iter().for_each(|stmt| {
        stmt.each(&mut |stmt| match stmt {
            Stmt::Store(buffer, dtype, ..) => narrow[*buffer] |= dtype.size() < 4,
            Stmt::LoadFour(_, buffer, dtype, _) | Stmt::StoreFour(buffer, dtype, ..) => {
                let Words::Of(so_far) = words[*buffer] else { unreachable!("none is atomic yet") };
                words[*buffer] = Words::Of(so_far.max(dtype.size().min(4)));
            }
            _ => {}
        });
    });
    words.iter().zip(narrow).map(|(&words, narrow)| if narrow { Words::Atomic } else { words }).collect()
}

/// For each shared array, whether four of its elements are read or written together.
fn shared_fours(shader: &Shader) -> Vec<bool> {
    let mut fours = vec![false; shader.code.shared.len()];
    shader.body.iter().for_each(|stmt| {
        stmt.each(&mut |stmt| {
            if let Stmt::LoadSharedFour(_, Shared(array), _) | Stmt::StoreSharedFour(Shared(array), ..) = stmt
            {
                fours[*array as usize] = true;
            }
        });
    });
    fours
}

/// The functions of the prelude that a text calls, and those they call.
fn needed_functions(entry: &str) -> String {
    let functions: Vec<(&str, &str)> =
        PRELUDE.split("\nfn ").skip(1).map(|f| (f.split('(').next().unwrap_or_default(), f)).collect();
    let calls = |text: &str, name: &str| {
        text.match_indices(name).any(|(i, _)| {
            let before = text[..i].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
            before && text[i + name.len()..].starts_with('(')
        })
    };
    let mut found: BTreeSet<usize> = BTreeSet::new();
    let mut waiting = vec![entry];
    while let Some(text) = waiting.pop() {
        for (i, (name, function)) in functions.iter().enumerate() {
            if !found.contains(&i) && calls(text, name) {
                found.insert(i);
                waiting.push(function.split_once('{').map_or("", |(_, body)| body));
            }
        }
    }
    // What follows a function's last brace is the comment of the next one.
    let whole = |text: &str| text.rfind('}').map_or("", |end| &text[..=end]).to_owned();
    found.into_iter().map(|i| format!("fn {}\n\n", whole(functions[i].1))).collect()
}

fn name(ty: Ty) -> &'static str {
    match ty {
        Ty::Bool => "bool",
        Ty::I32 => "i32",
        Ty::I64 => "vec2<u32>",
        Ty::F32 => "f32",
        Ty::F64 => unreachable!("refused before a kernel is written"),
    }
}

struct Text<'a> {
    code: &'a Code,
    words: Vec<Words>,
    fours: Vec<bool>,
    out: String,
    depth: usize,
}

impl Text<'_> {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{:width$}{line}", "", width = 2 * self.depth);
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
                let spelled = self.node(*value);
                self.line(&format!("let v{} = {spelled};", value.0));
            }
            Stmt::Declare(Var(var), first) => {
                let ty = name(self.code.vars[*var as usize]);
                let first = self.value(*first);
                self.line(&format!("var x{var}: {ty} = {first};"));
            }
            Stmt::Set(Var(var), value) => {
                let value = self.value(*value);
                self.line(&format!("x{var} = {value};"));
            }
            Stmt::For(Var(var), from, to, step, block) => {
                let [from, to, step] = [from, to, step].map(|r| self.value(*r));
                self.nested(&format!("for (var x{var} = {from}; x{var} < {to}; x{var} += {step})"), block);
            }
            Stmt::If(condition, block) => {
                let condition = self.value(*condition);
                self.nested(&format!("if ({condition})"), block);
            }
            Stmt::Store(buffer, dtype, at, value) => self.store(*buffer, *dtype, *at, *value),
            Stmt::StoreShared(array, at, value) => {
                let (place, value) = (self.shared(*array, &self.value(*at)), self.value(*value));
                self.line(&format!("{place} = {value};"));
            }
            Stmt::LoadFour(values, buffer, dtype, at) => self.load_four(*values, *buffer, *dtype, *at),
            Stmt::StoreFour(buffer, dtype, at, values) => self.store_four(*buffer, *dtype, *at, *values),
            Stmt::LoadSharedFour(values, Shared(array), at) => {
                let (at, first) = (self.value(*at), values[0].0);
                self.line(&format!("let q{first} = s{array}[{at}];"));
                for (value, part) in values.iter().zip(PARTS) {
                    self.line(&format!("let v{} = q{first}.{part};", value.0));
                }
            }
            Stmt::StoreSharedFour(Shared(array), at, values) => {
                let ty = name(self.code.shared[*array as usize].0);
                let (at, values) = (self.value(*at), values.map(|v| self.value(v)).join(", "));
                self.line(&format!("s{array}[{at}] = vec4<{ty}>({values});"));
            }
            Stmt::AddProduct(Var(sum), a, b) => {
                let (a, b) = (self.value(*a), self.value(*b));
                self.line(&format!("x{sum} = fma({a}, {b}, x{sum});"));
            }
            Stmt::Barrier => self.line("workgroupBarrier();"),
        }
    }

    /// The place of an element of a shared array.
    fn shared(&self, Shared(array): Shared, at: &str) -> String {
        match self.fours[array as usize] {
            true => format!("s{array}[{at} >> 2u][{at} & 3]"),
            false => format!("s{array}[{at}]"),
        }
    }

    /// A word of a buffer as a value.
    fn word(&self, buffer: usize, at: &str) -> String {
        match self.words[buffer] {
            Words::Atomic => format!("atomicLoad(&b{buffer}[{at}])"),
            Words::Of(1) => format!("b{buffer}[{at}]"),
            Words::Of(2) => format!("b{buffer}[({at}) >> 1u][({at}) & 1]"),
            Words::Of(_) => format!("b{buffer}[({at}) >> 2u][({at}) & 3]"),
        }
    }

    /// Writes a word of a buffer.
    fn set_word(&self, buffer: usize, at: &str, bits: &str) -> String {
        match self.words[buffer] {
            Words::Atomic => format!("atomicStore(&b{buffer}[{at}], {bits});"),
            _ => format!("{} = {bits};", self.word(buffer, at)),
        }
    }

    fn store(&mut self, buffer: usize, dtype: DType, at: Ref, value: Ref) {
        let (i, x) = (self.value(at), self.value(value));
        let line = match dtype {
            DType::F32 | DType::I32 => self.set_word(buffer, &i, &format!("bitcast<u32>({x})")),
            DType::I64 => {
                let low = self.set_word(buffer, &format!("2 * {i}"), &format!("{x}.x"));
                low + " " + &self.set_word(buffer, &format!("2 * {i} + 1"), &format!("{x}.y"))
            }
            narrow => {
                let bits = bits(narrow, &x);
                let (per_word, mask) = if narrow.size() == 1 { (4, 0xffu32) } else { (2, 0xffff) };
                let word = format!("b{buffer}[{i} / {per_word}]");
                let shift = format!("u32({i} % {per_word} * {})", 32 / per_word);
                // Each touches its own bits only, so that neighbours may do the same at the same time.
                format!(
                    "atomicAnd(&{word}, ~({mask}u << {shift})); atomicOr(&{word}, (({bits}) & {mask}u) << {shift});"
                )
            }
        };
        self.line(&line);
    }

    /// Four neighbours: as many words as an element has bytes.
    fn load_four(&mut self, values: [Ref; 4], buffer: usize, dtype: DType, at: Ref) {
        let (at, first) = (self.value(at), values[0].0);
        let count = dtype.size();
        let vector = count.min(4);
        let mut words: Vec<String> = Vec::new();
        for v in 0..count.div_ceil(4) {
            let place = |word: usize| word_of_four(count, &at, 4 * v + word);
            if self.words[buffer] == Words::Of(vector) && vector > 1 {
                let shift = if vector == 2 { 1 } else { 2 };
                self.line(&format!("let q{first}_{v} = b{buffer}[({}) >> {shift}u];", place(0)));
                words.extend(PARTS[..vector].iter().map(|part| format!("q{first}_{v}.{part}")));
            } else {
                for word in 0..vector {
                    let value = self.word(buffer, &place(word));
                    self.line(&format!("let q{first}_{v}{word} = {value};"));
                    words.push(format!("q{first}_{v}{word}"));
                }
            }
        }
        for (i, value) in values.iter().enumerate() {
            let element = match count {
                1 => element(dtype, &format!("(({} >> {}u) & 0xffu)", words[0], 8 * i), ""),
                2 => element(dtype, &format!("(({} >> {}u) & 0xffffu)", words[i / 2], 16 * (i % 2)), ""),
                4 => element(dtype, &words[i], ""),
                _ => element(dtype, &words[2 * i], &words[2 * i + 1]),
            };
            self.line(&format!("let v{} = {element};", value.0));
        }
    }

    fn store_four(&mut self, buffer: usize, dtype: DType, at: Ref, values: [Ref; 4]) {
        let at = self.value(at);
        let values = values.map(|v| self.value(v));
        let count = dtype.size();
        let vector = count.min(4);
        let joined = |of: &[String], mask: u32, step: usize| {
            let part =
                |(i, x): (usize, &String)| format!("(({} & {mask:#x}u) << {}u)", bits(dtype, x), i * step);
            of.iter().enumerate().map(part).collect::<Vec<_>>().join(" | ")
        };
        let words: Vec<String> = match count {
            1 => vec![joined(&values, 0xff, 8)],
            2 => values.chunks(2).map(|pair| joined(pair, 0xffff, 16)).collect(),
            4 => values.iter().map(|x| format!("bitcast<u32>({x})")).collect(),
            _ => values.iter().flat_map(|x| [format!("{x}.x"), format!("{x}.y")]).collect(),
        };
        for (v, words) in words.chunks(vector).enumerate() {
            let place = |word: usize| word_of_four(count, &at, 4 * v + word);
            if self.words[buffer] == Words::Of(vector) && vector > 1 {
                let shift = if vector == 2 { 1 } else { 2 };
                let line = format!(
                    "b{buffer}[({}) >> {shift}u] = vec{vector}<u32>({});",
                    place(0),
                    words.join(", ")
                );
                self.line(&line);
            } else {
                for (i, word) in words.iter().enumerate() {
                    let line = self.set_word(buffer, &place(i), word);
                    self.line(&line);
                }
            }
        }
    }

    /// A value where it is used: its name, or what it is if it has none.
    fn value(&self, value: Ref) -> String {
        match &self.code.nodes[value.0 as usize] {
            (Node::Const(c), ty) => constant(*c, *ty),
            (Node::Number(word), _) => number(*word),
            (Node::Thread, _) => "t".into(),
            (Node::Group, _) => "g".into(),
            // The counter of a loop.
            (Node::Var(Var(var)), _) if !self.is_named(value) => format!("x{var}"),
            _ => format!("v{}", value.0),
        }
    }

    fn is_named(&self, value: Ref) -> bool {
        self.code.named.contains(&value.0)
    }

    fn node(&self, value: Ref) -> String {
        let (node, ty) = &self.code.nodes[value.0 as usize];
        let v = |r: &Ref| self.value(*r);
        match node {
            Node::Const(c) => constant(*c, *ty),
            Node::Number(word) => number(*word),
            Node::Thread => "t".into(),
            Node::Group => "g".into(),
            Node::Var(Var(var)) => format!("x{var}"),
            Node::Param(word) => match ty {
                Ty::F32 => format!("bitcast<f32>({})", number(*word)),
                Ty::I64 => {
                    format!("vec2<u32>(bitcast<u32>({}), bitcast<u32>({}))", number(*word), number(word + 1))
                }
                Ty::Bool => format!("({} != 0)", number(*word)),
                _ => number(*word),
            },
            Node::Index(op, a, b) => {
                let (a, b) = (v(a), v(b));
                match op {
                    IndexOp::Add => format!("{a} + {b}"),
                    IndexOp::Sub => format!("{a} - {b}"),
                    IndexOp::Mul => format!("{a} * {b}"),
                    IndexOp::Div => format!("{a} / {b}"),
                    IndexOp::Rem => format!("{a} % {b}"),
                    IndexOp::Less => format!("{a} < {b}"),
                    IndexOp::Equal => format!("{a} == {b}"),
                }
            }
            Node::Prim(prim, args) => {
                let of = self.code.ty(*args.last().expect("a primitive has arguments"));
                primitive(*prim, of, &args.iter().map(v).collect::<Vec<_>>())
            }
            Node::Cast(from, to, x) => cast(*from, *to, &v(x)),
            Node::Wide(x) => format!("i64_of_i32({})", v(x)),
            Node::Both(a, b) => format!("{} && {}", v(a), v(b)),
            Node::Either(a, b) => format!("{} || {}", v(a), v(b)),
            Node::Choose(c, a, b) => format!("select({}, {}, {})", v(b), v(a), v(c)),
            Node::Wrapped(i, size) => format!("wrapped({}, {})", v(i), v(size)),
            Node::Load(buffer, dtype, at) => self.load(*buffer, *dtype, &v(at)),
            Node::LoadShared(array, at) => self.shared(*array, &v(at)),
            Node::OfFour => unreachable!("a statement reads it"),
        }
    }

    fn load(&self, buffer: usize, dtype: DType, i: &str) -> String {
        match dtype.size() {
            1 => element(
                dtype,
                &format!("(({} >> u32({i} % 4 * 8)) & 0xffu)", self.word(buffer, &format!("{i} / 4"))),
                "",
            ),
            2 => element(
                dtype,
                &format!("(({} >> u32({i} % 2 * 16)) & 0xffffu)", self.word(buffer, &format!("{i} / 2"))),
                "",
            ),
            4 => element(dtype, &self.word(buffer, i), ""),
            _ => element(
                dtype,
                &self.word(buffer, &format!("2 * {i}")),
                &self.word(buffer, &format!("2 * {i} + 1")),
            ),
        }
    }
}

/// Where word `word` of four neighbours of so many bytes each is, the first of which is at `at`.
fn word_of_four(bytes: usize, at: &str, word: usize) -> String {
    match bytes {
        1 => format!("({at} >> 2u)"),
        2 => format!("({at} >> 1u) + {word}"),
        4 => format!("{at} + {word}"),
        _ => format!("2 * {at} + {word}"),
    }
}

const PARTS: [&str; 4] = ["x", "y", "z", "w"];

/// An element whose bits are the low ones of a word; `high` is the second word of those that have two.
fn element(dtype: DType, bits: &str, high: &str) -> String {
    match dtype {
        DType::F32 => format!("bitcast<f32>({bits})"),
        DType::I32 => format!("bitcast<i32>({bits})"),
        DType::I64 => format!("vec2<u32>({bits}, {high})"),
        DType::Bool => format!("({bits} != 0u)"),
        DType::U8 => format!("i32({bits})"),
        DType::I8 => format!("((i32({bits}) << 24u) >> 24u)"),
        DType::I16 => format!("((i32({bits}) << 16u) >> 16u)"),
        DType::F16 => format!("f16_of_bits({bits})"),
        DType::BF16 => format!("bitcast<f32>({bits} << 16u)"),
        DType::F64 => unreachable!("refused before a kernel is written"),
    }
}

/// The bits of an element narrower than a word, with others above them.
fn bits(dtype: DType, x: &str) -> String {
    match dtype {
        DType::Bool => format!("u32({x})"),
        DType::F16 => format!("bits_of_f16({x})"),
        DType::BF16 => format!("bits_of_bf16({x})"),
        _ => format!("bitcast<u32>({x})"),
    }
}

/// A number of the launch.
fn number(word: usize) -> String {
    format!("n[{}].{}", word / 4, PARTS[word % 4])
}

/// A constant. Infinities and NaN may not be spelled: they are made of a number that is zero.
fn constant(value: Scalar, ty: Ty) -> String {
    match ty {
        Ty::Bool => value.to_bool().to_string(),
        Ty::I32 => match value.to_i64() {
            i if i == i64::from(i32::MIN) => "(-2147483647 - 1)".into(),
            i => format!("({i})"),
        },
        Ty::I64 => {
            let bits = value.to_i64() as u64;
            format!("vec2<u32>({}u, {}u)", bits as u32, bits >> 32)
        }
        _ => match value.to_f64() as f32 {
            x if x.is_finite() && (x == 0.0 && x.is_sign_positive() || x.is_normal()) => format!("({x:?}f)"),
            x => format!("bitcast<f32>({} | bitcast<i32>({:#x}u))", number(ZERO), x.to_bits()),
        },
    }
}

/// A primitive on values of a type: spelled by an operator where there is one, else a function of the prelude.
fn primitive(prim: Prim, ty: Ty, args: &[String]) -> String {
    use Prim::*;
    let infix = match (prim, ty) {
        (Add, Ty::F32 | Ty::I32) => "+",
        (Sub, Ty::F32 | Ty::I32) => "-",
        (Mul, Ty::F32 | Ty::I32) => "*",
        (Div, Ty::F32) => "/",
        (And, Ty::I32 | Ty::I64 | Ty::Bool) => "&",
        (Or, Ty::I32 | Ty::I64 | Ty::Bool) => "|",
        (Xor, Ty::I32 | Ty::I64) => "^",
        (Xor, Ty::Bool) => "!=",
        (Lt, Ty::F32 | Ty::I32) => "<",
        (Le, Ty::F32 | Ty::I32) => "<=",
        (Eq, Ty::F32 | Ty::I32 | Ty::Bool) => "==",
        _ => "",
    };
    if !infix.is_empty() {
        return format!("({} {infix} {})", args[0], args[1]);
    }
    match (prim, ty) {
        (Neg, Ty::F32 | Ty::I32) => format!("(-{})", args[0]),
        (Not, Ty::Bool) => format!("(!{})", args[0]),
        (Not, _) => format!("(~{})", args[0]),
        (Select, _) => format!("select({}, {}, {})", args[2], args[1], args[0]),
        (Floor, Ty::F32) => format!("floor({})", args[0]),
        (Ceil, Ty::F32) => format!("ceil({})", args[0]),
        (Trunc, Ty::F32) => format!("trunc({})", args[0]),
        (Round, Ty::F32) => format!("round({})", args[0]),
        (Abs, Ty::F32 | Ty::I32) => format!("abs({})", args[0]),
        (Sqrt, Ty::F32) => format!("sqrt({})", args[0]),
        (Floor | Ceil | Trunc | Round, _) => args[0].clone(),
        _ => format!("{}_{}({})", format!("{prim:?}").to_lowercase(), ty.suffix(), args.join(", ")),
    }
}

/// A value of one dtype as another one.
fn cast(from: DType, to: DType, x: &str) -> String {
    let (a, b) = (Ty::of(from), Ty::of(to));
    let narrow = |x: String| match to {
        DType::U8 => format!("({x} & 0xff)"),
        DType::I8 => format!("(({x} << 24u) >> 24u)"),
        DType::I16 => format!("(({x} << 16u) >> 16u)"),
        DType::F16 => format!("rounded_f16({x})"),
        DType::BF16 => format!("rounded_bf16({x})"),
        _ => x,
    };
    let converted = match (a, b) {
        _ if a == b => x.to_owned(),
        (Ty::I64, Ty::Bool) => format!("any({x} != vec2<u32>())"),
        (Ty::F32, Ty::Bool) => format!("({x} != 0.0)"),
        (_, Ty::Bool) => format!("({x} != 0)"),
        (Ty::Bool, Ty::I32) => format!("i32({x})"),
        (Ty::Bool, Ty::I64) => format!("vec2<u32>(u32({x}), 0u)"),
        (Ty::Bool, _) => format!("f32({x})"),
        (Ty::I32, Ty::F32) => format!("f32({x})"),
        (Ty::I32, Ty::I64) => format!("i64_of_i32({x})"),
        (Ty::I64, Ty::I32) => format!("bitcast<i32>({x}.x)"),
        (Ty::I64, _) => format!("f32_of_i64({x})"),
        (Ty::F32, Ty::I32) => format!("i32_of_f32({x})"),
        (Ty::F32, Ty::I64) => format!("i64_of_f32({x})"),
        (from, to) => unreachable!("{from:?} as {to:?}"),
    };
    if from == to { converted } else { narrow(converted) }
}

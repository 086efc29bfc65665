//! WGSL, for WebGPU: how values and statements are spelled.
//!
//! Buffers are arrays of 32-bit words, so that one binding serves every dtype, or of vectors of words where four elements
//! are read or written together; a narrow element alone is cut out of a word, and written by atomic operations that touch
//! its own bits only. 64-bit integers are pairs of words; doubles are the language's own, where a GPU has them and integers
//! of their size to make them of words. Functions stand in the folder `wgsl`; a kernel gets those it needs.

mod blocks;
pub(super) mod cooperative;
pub(super) mod mixing;
pub(super) mod unmixing;

use super::Shader;
use super::functions::{Function, WGSL, needed, of_wgsl};
use super::ir::{Shared, Stmt, Ty};
use super::numbers::ZERO;
use super::text::{Dialect, body, own_function, together};
use crate::dtype::DType;
use crate::prim::Prim;
use crate::scalar::Scalar;
use std::fmt::Write;
use std::sync::LazyLock;

static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(|| of_wgsl(WGSL));

/// The name of the entry point.
pub const ENTRY: &str = "kernel";

/// The text of a kernel. Buffers are bindings 0.., then come the launch's numbers and, last, the word of faults.
pub fn render(shader: &Shader) -> String {
    if let Some((matrices, bound)) = &shader.matrices {
        return matrices.render(&shader.numbers, *bound, shader.buffers);
    }
    if let Some((mixing, bound)) = &shader.mixing {
        return mixing.render(&shader.numbers, bound, &shader.writes);
    }
    if let Some((unmixing, bound)) = &shader.unmixing {
        return unmixing.render(&shader.numbers, bound, &shader.writes);
    }
    let dialect = Wgsl { words: words(shader), fours: shared_fours(shader) };
    let body = body(shader, &dialect);
    let mut head = String::new();
    let at = |binding: usize| format!("@group(0) @binding({binding}) var");
    for (buffer, words) in dialect.words.iter().enumerate() {
        let access = if shader.writes[buffer] { "read_write" } else { "read" };
        let _ = writeln!(head, "{}<storage, {access}> b{buffer}: array<{}>;", at(buffer), words.name());
    }
    let quads = shader.numbers.count().div_ceil(4);
    let _ = writeln!(head, "{}<uniform> n: array<vec4<i32>, {quads}>;", at(shader.writes.len()));
    for (i, (ty, len)) in shader.code.shared.iter().enumerate() {
        let _ = match dialect.fours[i] {
            true => writeln!(head, "var<workgroup> s{i}: array<vec4<{}>, {}>;", type_name(*ty), len / 4),
            false => writeln!(head, "var<workgroup> s{i}: array<{}, {len}>;", type_name(*ty)),
        };
    }
    let entry = format!(
        "@compute @workgroup_size({})\nfn {ENTRY}(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {{\n  let g = i32(group.y * groups.x + group.x);\n  let t = i32(local);\n{body}}}\n",
        shader.threads
    );
    let functions = needed(&entry, &FUNCTIONS.iter().collect::<Vec<_>>());
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

fn type_name(ty: Ty) -> &'static str {
    match ty {
        Ty::Bool => "bool",
        Ty::I32 => "i32",
        Ty::I64 => "vec2<u32>",
        Ty::F32 => "f32",
        Ty::F64 => "f64",
    }
}

struct Wgsl {
    words: Vec<Words>,
    /// For each shared array, whether it is one of vectors of four.
    fours: Vec<bool>,
}

impl Wgsl {
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
}

impl Dialect for Wgsl {
    fn barrier(&self) -> &'static str {
        "workgroupBarrier();"
    }

    fn name(&self, _: Ty, name: &str, value: &str) -> String {
        format!("let {name} = {value}")
    }

    fn declare(&self, ty: Ty, name: &str, first: &str) -> String {
        format!("var {name}: {} = {first}", type_name(ty))
    }

    fn number(&self, word: usize) -> String {
        number(word)
    }

    fn param(&self, word: usize, ty: Ty) -> String {
        match ty {
            Ty::F32 => format!("bitcast<f32>({})", number(word)),
            Ty::I64 => format!("vec2<u32>(bitcast<u32>({}), bitcast<u32>({}))", own(word), own(word + 1)),
            Ty::F64 => format!("f64_of_words({}, {})", number(word), number(word + 1)),
            Ty::Bool => format!("({} != 0)", number(word)),
            Ty::I32 => number(word),
        }
    }

    fn constant(&self, value: Scalar, ty: Ty) -> String {
        constant(value, ty)
    }

    /// Made of a number that is zero: compilers take the product with a zero that they see for zero.
    fn zero_factor(&self, ty: Ty) -> String {
        match ty {
            Ty::F32 => format!("bitcast<f32>({})", number(ZERO)),
            Ty::F64 => format!("f64_of_words({0}, {0})", number(ZERO)),
            _ => constant(Scalar::Float(0.0), ty),
        }
    }

    /// By its bits: that a result equals itself is taken for granted by some compilers.
    fn is_number(&self, ty: Ty, x: &str) -> String {
        match ty {
            Ty::F64 => format!("!is_nan_f64({x})"),
            _ => format!("!is_nan({x})"),
        }
    }

    fn again(&self, ty: Ty, x: &str) -> String {
        match ty {
            Ty::F64 => format!("bitcast<f64>(bits_seen_f64({x}))"),
            _ => format!("bitcast<f32>(bits_seen({x}))"),
        }
    }

    /// 64-bit integers have the operators of their bits only.
    fn has_operator(&self, prim: Prim, ty: Ty) -> bool {
        ty != Ty::I64 || matches!(prim, Prim::And | Prim::Or | Prim::Xor | Prim::Not)
    }

    fn function(&self, prim: Prim, ty: Ty) -> String {
        use Prim::*;
        match (prim, ty) {
            (Floor | Ceil | Trunc | Round | Sqrt, Ty::F32 | Ty::F64) | (Abs, Ty::F32 | Ty::F64 | Ty::I32) => {
                format!("{prim:?}").to_lowercase()
            }
            _ => own_function(prim, ty.suffix()),
        }
    }

    fn cast(&self, from: DType, to: DType, x: &str) -> String {
        cast(from, to, x)
    }

    fn wide(&self, x: &str) -> String {
        format!("i64_of_i32({x})")
    }

    fn wrapped(&self, index: &str, size: &str) -> String {
        format!("wrapped({index}, {size})")
    }

    /// Bits of numbers, and one of them with bits that are zero at run time: NVIDIA's compiler makes a maximum of what is chosen
    /// by a comparison of the same two, which forgets NaN.
    fn choose(&self, ty: Ty, condition: &str, yes: &str, no: &str) -> String {
        match ty {
            Ty::F32 => format!(
                "bitcast<f32>(select(bitcast<i32>({no}) | {}, bitcast<i32>({yes}), {condition}))",
                number(ZERO)
            ),
            _ => format!("select({no}, {yes}, {condition})"),
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

    fn store(&self, buffer: usize, dtype: DType, i: &str, x: &str) -> String {
        match dtype {
            DType::F32 | DType::I32 | DType::U32 => self.set_word(buffer, i, &bits(dtype, x)),
            DType::I64 | DType::U64 => {
                let low = self.set_word(buffer, &format!("2 * {i}"), &format!("{x}.x"));
                low + " " + &self.set_word(buffer, &format!("2 * {i} + 1"), &format!("{x}.y"))
            }
            DType::F64 => {
                let low = self.set_word(buffer, &format!("2 * {i}"), "w.x");
                let high = self.set_word(buffer, &format!("2 * {i} + 1"), "w.y");
                format!("{{ let w = words_of_f64({x}); {low} {high} }}")
            }
            narrow => {
                let bits = bits(narrow, x);
                let (per_word, mask) = if narrow.size() == 1 { (4, 0xffu32) } else { (2, 0xffff) };
                let word = format!("b{buffer}[{i} / {per_word}]");
                let shift = format!("u32({i} % {per_word} * {})", 32 / per_word);
                // Each touches its own bits only, so that neighbours may do the same at the same time.
                format!(
                    "atomicAnd(&{word}, ~({mask}u << {shift})); atomicOr(&{word}, (({bits}) & {mask}u) << {shift});"
                )
            }
        }
    }

    /// Four neighbours: as many words as an element has bytes.
    fn load_four(&self, names: &[String; 4], buffer: usize, dtype: DType, at: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let q = together(names);
        let count = dtype.size();
        let vector = count.min(4);
        let mut words: Vec<String> = Vec::new();
        for v in 0..count.div_ceil(4) {
            let place = |word: usize| word_of_four(count, at, 4 * v + word);
            if self.words[buffer] == Words::Of(vector) && vector > 1 {
                let shift = if vector == 2 { 1 } else { 2 };
                lines.push(format!("let {q}_{v} = b{buffer}[({}) >> {shift}u];", place(0)));
                words.extend(PARTS[..vector].iter().map(|part| format!("{q}_{v}.{part}")));
            } else {
                for word in 0..vector {
                    let value = self.word(buffer, &place(word));
                    lines.push(format!("let {q}_{v}{word} = {value};"));
                    words.push(format!("{q}_{v}{word}"));
                }
            }
        }
        for (i, name) in names.iter().enumerate() {
            let element = match count {
                1 => element(dtype, &format!("(({} >> {}u) & 0xffu)", words[0], 8 * i), ""),
                2 => element(dtype, &format!("(({} >> {}u) & 0xffffu)", words[i / 2], 16 * (i % 2)), ""),
                4 => element(dtype, &words[i], ""),
                _ => element(dtype, &words[2 * i], &words[2 * i + 1]),
            };
            lines.push(format!("let {name} = {element};"));
        }
        lines
    }

    fn store_four(&self, buffer: usize, dtype: DType, at: &str, values: &[String; 4]) -> Vec<String> {
        let mut lines = Vec::new();
        let count = dtype.size();
        let vector = count.min(4);
        let joined = |of: &[String], mask: u32, step: usize| {
            let part =
                |(i, x): (usize, &String)| format!("(({} & {mask:#x}u) << {}u)", bits(dtype, x), i * step);
            of.iter().enumerate().map(part).collect::<Vec<_>>().join(" | ")
        };
        let words: Vec<String> = match count {
            1 => vec![joined(values, 0xff, 8)],
            2 => values.chunks(2).map(|pair| joined(pair, 0xffff, 16)).collect(),
            4 => values.iter().map(|x| bits(dtype, x)).collect(),
            _ if dtype == DType::F64 => {
                let both = |x: &String| ["x", "y"].map(|part| format!("words_of_f64({x}).{part}"));
                values.iter().flat_map(both).collect()
            }
            _ => values.iter().flat_map(|x| [format!("{x}.x"), format!("{x}.y")]).collect(),
        };
        for (v, words) in words.chunks(vector).enumerate() {
            let place = |word: usize| word_of_four(count, at, 4 * v + word);
            if self.words[buffer] == Words::Of(vector) && vector > 1 {
                let shift = if vector == 2 { 1 } else { 2 };
                lines.push(format!(
                    "b{buffer}[({}) >> {shift}u] = vec{vector}<u32>({});",
                    place(0),
                    words.join(", ")
                ));
            } else {
                for (i, word) in words.iter().enumerate() {
                    lines.push(self.set_word(buffer, &place(i), word));
                }
            }
        }
        lines
    }

    fn shared(&self, array: u32, at: &str) -> String {
        match self.fours[array as usize] {
            true => format!("s{array}[{at} >> 2u][{at} & 3]"),
            false => format!("s{array}[{at}]"),
        }
    }

    fn load_shared_four(&self, names: &[String; 4], array: u32, _: Ty, at: &str) -> Vec<String> {
        let q = together(names);
        let parts = names.iter().zip(PARTS).map(|(name, part)| format!("let {name} = {q}.{part};"));
        [format!("let {q} = s{array}[{at}];")].into_iter().chain(parts).collect()
    }

    fn store_shared_four(&self, array: u32, ty: Ty, at: &str, values: &[String; 4]) -> Vec<String> {
        vec![format!("s{array}[{at}] = vec4<{}>({});", type_name(ty), values.join(", "))]
    }

    fn mul_add(&self, a: &str, b: &str, c: &str) -> String {
        format!("fma({a}, {b}, {c})")
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
        DType::I64 | DType::U64 => format!("vec2<u32>({bits}, {high})"),
        DType::U32 => format!("vec2<u32>({bits}, 0u)"),
        DType::Bool => format!("({bits} != 0u)"),
        DType::U8 | DType::U16 => format!("i32({bits})"),
        DType::I8 => format!("((i32({bits}) << 24u) >> 24u)"),
        DType::I16 => format!("((i32({bits}) << 16u) >> 16u)"),
        DType::F16 => format!("f16_of_bits({bits})"),
        DType::BF16 => format!("bitcast<f32>({bits} << 16u)"),
        DType::F64 => format!("f64_of_words(bitcast<i32>({bits}), bitcast<i32>({high}))"),
    }
}

/// The bits of an element of a word at most, with others above them.
fn bits(dtype: DType, x: &str) -> String {
    match dtype {
        DType::Bool => format!("u32({x})"),
        DType::F16 => format!("bits_of_f16({x})"),
        DType::BF16 => format!("bits_of_bf16({x})"),
        DType::U32 => format!("{x}.x"),
        _ => format!("bitcast<u32>({x})"),
    }
}

/// A number of the launch.
fn number(word: usize) -> String {
    format!("n[{}].{}", word / 4, PARTS[word % 4])
}

/// A number of the launch that seems to be each thread's own: lavapipe walks all that follows from numbers of the launch
/// alone once for each use of each value, which takes minutes for the rounds of a random number.
fn own(word: usize) -> String {
    format!("n[{} + (t >> 31u)].{}", word / 4, PARTS[word % 4])
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
        Ty::F64 => match value.to_f64() {
            x if x.is_finite() && (x == 0.0 && x.is_sign_positive() || x.is_normal()) => format!("({x:?}lf)"),
            x => {
                let [low, high] = [x.to_bits() as u32, (x.to_bits() >> 32) as u32];
                format!("f64_of_words({} | bitcast<i32>({low:#x}u), bitcast<i32>({high:#x}u))", number(ZERO))
            }
        },
        Ty::F32 => match value.to_f64() as f32 {
            x if x.is_finite() && (x == 0.0 && x.is_sign_positive() || x.is_normal()) => format!("({x:?}f)"),
            x => format!("bitcast<f32>({} | bitcast<i32>({:#x}u))", number(ZERO), x.to_bits()),
        },
    }
}

/// A value of one dtype as another one.
fn cast(from: DType, to: DType, x: &str) -> String {
    let (a, b) = (Ty::of(from), Ty::of(to));
    let narrow = |x: String| match to {
        DType::U8 => format!("({x} & 0xff)"),
        DType::I8 => format!("(({x} << 24u) >> 24u)"),
        DType::I16 => format!("(({x} << 16u) >> 16u)"),
        DType::U16 => format!("({x} & 0xffff)"),
        DType::U32 => format!("vec2<u32>({x}.x, 0u)"),
        DType::F16 => format!("rounded_f16({x})"),
        DType::BF16 => format!("rounded_bf16({x})"),
        _ => x,
    };
    let converted = match (a, b) {
        _ if a == b => x.to_owned(),
        (Ty::I64, Ty::Bool) => format!("any({x} != vec2<u32>())"),
        // A comparison of NaN with `!=` is false in some drivers.
        (Ty::F32, Ty::Bool) => format!("!({x} == 0.0)"),
        (Ty::F64, Ty::Bool) => format!("!({x} == 0.0lf)"),
        (_, Ty::Bool) => format!("({x} != 0)"),
        (Ty::Bool, Ty::I32) => format!("i32({x})"),
        (Ty::Bool, Ty::I64) => format!("vec2<u32>(u32({x}), 0u)"),
        (Ty::Bool | Ty::I32 | Ty::F64, Ty::F32) => format!("f32({x})"),
        (Ty::Bool, _) => format!("select(0.0lf, 1.0lf, {x})"),
        (Ty::I32 | Ty::F32, Ty::F64) => format!("f64({x})"),
        (Ty::I32, Ty::I64) => format!("i64_of_i32({x})"),
        (Ty::I64, Ty::I32) => format!("bitcast<i32>({x}.x)"),
        (from, to) => format!("{}_of_{}({x})", to.suffix(), from.suffix()),
    };
    if from == to { converted } else { narrow(converted) }
}

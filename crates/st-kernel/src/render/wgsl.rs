//! WGSL, for WebGPU: how values and statements are spelled.
//!
//! Buffers are arrays of 32-bit words, so that one binding serves every dtype; narrow elements are cut out of a word, and
//! written by atomic operations that touch their own bits only. 64-bit integers are pairs of words. Functions stand in
//! the folder `wgsl`; a kernel gets those it needs.

use super::Shader;
use super::functions::{Function, WGSL, needed, of_wgsl};
use super::ir::Ty;
use super::numbers::ZERO;
use super::text::{Dialect, body, for_each_access, own_function};
use crate::dtype::DType;
use crate::error::Result;
use crate::prim::Prim;
use crate::scalar::Scalar;
use crate::unsupported;
use std::fmt::Write;
use std::sync::LazyLock;

static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(|| of_wgsl(WGSL));

/// The name of the entry point.
pub const ENTRY: &str = "kernel";

/// The text of a kernel. Buffers are bindings 0.., then come the launch's numbers and, last, the word of faults.
pub fn render(shader: &Shader) -> Result<String> {
    if shader.code.nodes.iter().any(|(_, ty)| *ty == Ty::F64) {
        return Err(unsupported!("float64 is not available on this device; convert tensors with .float()"));
    }
    let dialect = Wgsl { atomic: narrow_stores(shader) };
    let body = body(shader, &dialect);
    let mut head = String::new();
    let at = |binding: usize| format!("@group(0) @binding({binding}) var");
    for buffer in 0..shader.buffers {
        let word = if dialect.atomic[buffer] { "atomic<u32>" } else { "u32" };
        let _ = writeln!(head, "{}<storage, read_write> b{buffer}: array<{word}>;", at(buffer));
    }
    let quads = shader.numbers.count().div_ceil(4);
    let _ = writeln!(head, "{}<uniform> n: array<vec4<i32>, {quads}>;", at(shader.buffers));
    let _ = writeln!(head, "{}<storage, read_write> faults: atomic<u32>;", at(shader.buffers + 1));
    for (i, (ty, len)) in shader.code.shared.iter().enumerate() {
        let _ = writeln!(head, "var<workgroup> s{i}: array<{}, {len}>;", type_name(*ty));
    }
    let entry = format!(
        "@compute @workgroup_size({})\nfn {ENTRY}(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {{\n  let g = i32(group.y * groups.x + group.x);\n  let t = i32(local);\n{body}}}\n",
        shader.threads
    );
    let functions = needed(&entry, &FUNCTIONS.iter().collect::<Vec<_>>());
    Ok(format!("{head}\n{functions}{entry}"))
}

/// For each buffer, whether elements narrower than a word are written to it.
fn narrow_stores(shader: &Shader) -> Vec<bool> {
    let mut narrow = vec![false; shader.buffers];
    for_each_access(shader, &mut |buffer, dtype, written| narrow[buffer] |= written && dtype.size() < 4);
    narrow
}

fn type_name(ty: Ty) -> &'static str {
    match ty {
        Ty::Bool => "bool",
        Ty::I32 => "i32",
        Ty::I64 => "vec2<u32>",
        Ty::F32 => "f32",
        Ty::F64 => unreachable!("refused before a kernel is written"),
    }
}

struct Wgsl {
    /// For each buffer, whether it is written by atomic operations.
    atomic: Vec<bool>,
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
            Ty::I64 => {
                format!("vec2<u32>(bitcast<u32>({}), bitcast<u32>({}))", number(word), number(word + 1))
            }
            Ty::Bool => format!("({} != 0)", number(word)),
            _ => number(word),
        }
    }

    fn constant(&self, value: Scalar, ty: Ty) -> String {
        constant(value, ty)
    }

    /// 64-bit integers have the operators of their bits only.
    fn has_operator(&self, prim: Prim, ty: Ty) -> bool {
        ty != Ty::I64 || matches!(prim, Prim::And | Prim::Or | Prim::Xor | Prim::Not)
    }

    fn function(&self, prim: Prim, ty: Ty) -> String {
        use Prim::*;
        match (prim, ty) {
            (Floor | Ceil | Trunc | Round | Sqrt, Ty::F32) | (Abs, Ty::F32 | Ty::I32) => {
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

    fn choose(&self, condition: &str, yes: &str, no: &str) -> String {
        format!("select({no}, {yes}, {condition})")
    }

    fn load(&self, buffer: usize, dtype: DType, i: &str) -> String {
        let word = |at: String| match self.atomic[buffer] {
            true => format!("atomicLoad(&b{buffer}[{at}])"),
            false => format!("b{buffer}[{at}]"),
        };
        let byte = || format!("(({} >> u32({i} % 4 * 8)) & 0xffu)", word(format!("{i} / 4")));
        let half = || format!("(({} >> u32({i} % 2 * 16)) & 0xffffu)", word(format!("{i} / 2")));
        match dtype {
            DType::F32 => format!("bitcast<f32>({})", word(i.into())),
            DType::I32 => format!("bitcast<i32>({})", word(i.into())),
            DType::I64 => {
                format!("vec2<u32>({}, {})", word(format!("2 * {i}")), word(format!("2 * {i} + 1")))
            }
            DType::Bool => format!("({} != 0u)", byte()),
            DType::U8 => format!("i32({})", byte()),
            DType::I8 => format!("((i32({}) << 24u) >> 24u)", byte()),
            DType::I16 => format!("((i32({}) << 16u) >> 16u)", half()),
            DType::F16 => format!("f16_of_bits({})", half()),
            DType::BF16 => format!("bitcast<f32>({} << 16u)", half()),
            DType::F64 => unreachable!("refused before a kernel is written"),
        }
    }

    fn store(&self, buffer: usize, dtype: DType, i: &str, x: &str) -> String {
        let b = format!("b{buffer}");
        let whole = |bits: String| match self.atomic[buffer] {
            true => format!("atomicStore(&{b}[{i}], {bits});"),
            false => format!("{b}[{i}] = {bits};"),
        };
        match dtype {
            DType::F32 | DType::I32 => whole(format!("bitcast<u32>({x})")),
            DType::I64 if self.atomic[buffer] => {
                format!("atomicStore(&{b}[2 * {i}], {x}.x); atomicStore(&{b}[2 * {i} + 1], {x}.y);")
            }
            DType::I64 => format!("{b}[2 * {i}] = {x}.x; {b}[2 * {i} + 1] = {x}.y;"),
            narrow => {
                let bits = match narrow {
                    DType::Bool => format!("u32({x})"),
                    DType::F16 => format!("bits_of_f16({x})"),
                    DType::BF16 => format!("bits_of_bf16({x})"),
                    _ => format!("bitcast<u32>({x})"),
                };
                let (per_word, mask) = if narrow.size() == 1 { (4, 0xffu32) } else { (2, 0xffff) };
                let (word, shift) =
                    (format!("{b}[{i} / {per_word}]"), format!("u32({i} % {per_word} * {})", 32 / per_word));
                // Each touches its own bits only, so that neighbours may do the same at the same time.
                format!(
                    "atomicAnd(&{word}, ~({mask}u << {shift})); atomicOr(&{word}, (({bits}) & {mask}u) << {shift});"
                )
            }
        }
    }
}

/// A number of the launch.
fn number(word: usize) -> String {
    format!("n[{}].{}", word / 4, ["x", "y", "z", "w"][word % 4])
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

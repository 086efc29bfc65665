//! CUDA C, HIP C and Metal: one spelling, told apart by data.
//!
//! A program is a prelude, which says in a dialect's words what types and functions are called alike in all three, and a
//! kernel. 64-bit integers and doubles are the language's own; half precision is stored as its bits.

pub(super) mod flash;

use super::Shader;
use super::functions::{Function, WGSL, as_cpp, needed, of_wgsl};
use super::ir::Ty;
use super::text::{Dialect, body, dtypes, own_function, together};
use crate::dtype::DType;
use crate::error::Result;
use crate::prim::Prim;
use crate::scalar::Scalar;
use crate::unsupported;
use std::collections::HashSet;
use std::fmt::Write;
use std::sync::LazyLock;

/// The name of the entry point.
pub const ENTRY: &str = "entry";

/// What tells a dialect from the others.
pub struct C {
    /// The end of the names of its files.
    pub suffix: &'static str,
    /// What types and functions are called in it.
    pub own: &'static str,
    /// What it says as others do.
    pub common: &'static str,
    /// Before the entry point; `{}` is the threads of a group.
    entry: &'static str,
    /// Before a pointer to memory.
    global: &'static str,
    /// Before an array that the group shares.
    shared: &'static str,
    barrier: &'static str,
    /// The parameters after the buffers.
    parameters: &'static [&'static str],
    /// Whether parameters tell where they are bound.
    binds: bool,
    /// Whether the entry's bounds are threads and, after a comma, groups that a processor has at once.
    counts_groups: bool,
    group: &'static str,
    thread: &'static str,
    /// The name of a function of its mathematics, given C's name of it.
    math: fn(&str, Ty) -> String,
    /// Whether that has more than rounding, roots and signs.
    has_functions: bool,
    has_doubles: bool,
}

const SHARED: &str = include_str!("c/shared.h");
const WITH_DOUBLES: &str = concat!(include_str!("c/shared.h"), "\n", include_str!("c/double.h"));

/// CUDA C, as NVRTC compiles it: without a header.
pub const CUDA: C = C {
    suffix: "cu",
    own: include_str!("c/cuda.h"),
    common: WITH_DOUBLES,
    entry: "extern \"C\" __global__ void __launch_bounds__({})",
    counts_groups: true,
    global: "",
    shared: "__shared__",
    barrier: "__syncthreads();",
    parameters: &["const Numbers n", "u32* faults"],
    binds: false,
    group: "blockIdx.x",
    thread: "threadIdx.x",
    math: |name, ty| if ty == Ty::F32 { format!("{name}f") } else { format!("::{name}") },
    has_functions: true,
    has_doubles: true,
};

/// HIP C, as clang compiles it: without a header, and with AMD's device library where it is linked.
pub const HIP: C = C {
    suffix: "hip",
    own: include_str!("c/hip.h"),
    counts_groups: false,
    barrier: "wait_for_group();",
    group: "__builtin_amdgcn_workgroup_id_x()",
    thread: "__builtin_amdgcn_workitem_id_x()",
    math: |name, ty| format!("__ocml_{name}_{}", ty.suffix()),
    ..CUDA
};

/// Metal's language, compiled with safe mathematics: no doubles, and few functions that are as exact as the others'.
pub const METAL: C = C {
    suffix: "metal",
    own: include_str!("c/metal.h"),
    common: SHARED,
    counts_groups: false,
    entry: "[[max_total_threads_per_threadgroup({})]] kernel void",
    global: "device ",
    shared: "threadgroup",
    barrier: "metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);",
    parameters: &[
        "constant Numbers& n",
        "Faults faults",
        "u32 group_id [[threadgroup_position_in_grid]]",
        "u32 thread_id [[thread_position_in_threadgroup]]",
    ],
    binds: true,
    group: "group_id",
    thread: "thread_id",
    math: |name, _| format!("metal::{name}"),
    has_functions: false,
    has_doubles: false,
};

/// The functions of WGSL's prelude in C++.
static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(|| of_wgsl(WGSL).iter().map(as_cpp).collect());

impl C {
    /// The text of a program: the prelude and the kernel.
    pub fn render(&self, shader: &Shader) -> Result<String> {
        let template = if shader.flash.is_some() { flash::TEMPLATE } else { "" };
        Ok(format!("{}\n{}\n{template}{}", self.own, self.common, self.kernel(shader)?))
    }

    /// The text of a kernel, which wants the prelude before it.
    pub fn kernel(&self, shader: &Shader) -> Result<String> {
        self.check(shader)?;
        if let Some((flash, bindings)) = &shader.flash {
            return Ok(flash.render(self, &shader.numbers, bindings, &shader.writes));
        }
        let entry = self.entry_point(shader);
        let known: HashSet<&str> = [self.own, self.common].into_iter().flat_map(defined).collect();
        let functions: Vec<&Function> = FUNCTIONS.iter().filter(|f| !known.contains(&*f.name)).collect();
        let mut functions = needed(&entry, &functions);
        if !functions.is_empty() {
            functions = format!("namespace st {{\n{functions}}}\n\n");
        }
        let numbers = shader.numbers.count();
        Ok(format!("{functions}struct Numbers {{ i32 w[{numbers}]; }};\n\n{entry}"))
    }

    fn check(&self, shader: &Shader) -> Result<()> {
        if shader.matrices.is_some() {
            return Err(unsupported!("matrix units are used by WGSL only"));
        }
        for (_, ty) in &shader.code.nodes {
            if *ty == Ty::F64 && !self.has_doubles {
                return Err(unsupported!(
                    "float64 is not available on this device; convert tensors with .float()"
                ));
            }
        }
        Ok(())
    }

    fn entry_point(&self, shader: &Shader) -> String {
        let bound = Bound { c: self, elements: dtypes(shader), writes: &shader.writes };
        let buffers =
            (0..shader.writes.len()).map(|i| format!("{} b{i}", bound.pointer(i, bound.elements[i])));
        let mut parameters: Vec<String> =
            buffers.chain(self.parameters.iter().map(|&p| p.to_owned())).collect();
        if self.binds {
            let plain = parameters.iter_mut().enumerate().filter(|(_, p)| !p.ends_with(']'));
            plain.for_each(|(i, p)| *p += &format!(" [[buffer({i})]]"));
        }
        let bounds = match shader.resident {
            groups if groups > 1 && self.counts_groups => format!("{}, {groups}", shader.threads),
            _ => shader.threads.to_string(),
        };
        let head = self.entry.replace("{}", &bounds);
        let mut out = format!("{head} {ENTRY}({}) {{\n", parameters.join(", "));
        let _ = writeln!(out, "  const i32 g = i32({}), t = i32({});", self.group, self.thread);
        for (i, (ty, len)) in shader.code.shared.iter().enumerate() {
            let _ = writeln!(out, "  alignas(16) {} {} s{i}[{len}];", self.shared, ty.suffix());
        }
        out + &body(shader, &bound) + "}\n"
    }

    fn native(&self, prim: Prim, ty: Ty) -> Option<String> {
        use Prim::*;
        let name = match prim {
            Floor => "floor",
            Ceil => "ceil",
            Trunc => "trunc",
            Round => "rint",
            Abs => "fabs",
            Sqrt => "sqrt",
            CopySign => "copysign",
            _ if !self.has_functions => return None,
            Fmod | Exp | Exp2 | Expm1 | Log | Log2 | Log10 | Log1p | Rsqrt | Pow | Sin | Cos | Tan | Asin
            | Acos | Atan | Atan2 | Sinh | Cosh | Tanh | Asinh | Acosh | Atanh | Erf | Erfc | Erfinv
            | Lgamma => return Some((self.math)(&format!("{prim:?}").to_lowercase(), ty)),
            _ => return None,
        };
        Some((self.math)(name, ty))
    }
}

/// The functions that a text defines, each on a line of its own.
fn defined(text: &str) -> impl Iterator<Item = &str> {
    let heads = text.lines().filter(|l| l.starts_with("DEVICE ") || l.starts_with("GENERIC "));
    heads.filter_map(|line| line.split('(').next()?.rsplit(' ').next())
}

/// The type an element has in memory.
fn element(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool | DType::U8 => "u8",
        DType::I8 => "i8",
        DType::I16 => "i16",
        DType::U16 | DType::F16 | DType::BF16 => "u16",
        DType::U32 => "u32",
        wide => Ty::of(wide).suffix(),
    }
}

/// A dialect and the buffers of a kernel.
struct Bound<'a> {
    c: &'a C,
    /// The dtype of each buffer's elements, if it is accessed.
    elements: Vec<Option<DType>>,
    writes: &'a [bool],
}

impl Bound<'_> {
    /// The type of a pointer to elements of a buffer.
    fn pointer(&self, buffer: usize, dtype: Option<DType>) -> String {
        let constant = if self.writes[buffer] { "" } else { "const " };
        format!("{}{constant}{}*", self.c.global, dtype.map_or("u8", element))
    }

    /// A buffer as an array of a dtype; scratch memory holds several.
    fn array(&self, buffer: usize, dtype: DType) -> String {
        if self.elements[buffer].map(element) == Some(element(dtype)) {
            return format!("b{buffer}");
        }
        format!("(({})b{buffer})", self.pointer(buffer, Some(dtype)))
    }
}

/// An element of memory as a value.
fn decoded(dtype: DType, element: &str) -> String {
    match dtype {
        DType::Bool => format!("({element} != 0)"),
        DType::U8 | DType::I8 | DType::I16 | DType::U16 => format!("i32({element})"),
        DType::U32 => format!("i64({element})"),
        DType::F16 => format!("f16_of_bits({element})"),
        DType::BF16 => format!("bf16_of_bits({element})"),
        _ => element.to_owned(),
    }
}

/// A value as an element of memory.
fn encoded(dtype: DType, x: &str) -> String {
    match dtype {
        DType::Bool | DType::U8 | DType::I8 | DType::I16 | DType::U16 | DType::U32 => {
            format!("{}({x})", element(dtype))
        }
        DType::F16 => format!("u16(bits_of_f16({x}))"),
        DType::BF16 => format!("u16(bits_of_bf16({x}))"),
        _ => x.to_owned(),
    }
}

impl Dialect for Bound<'_> {
    fn barrier(&self) -> &'static str {
        self.c.barrier
    }

    fn name(&self, ty: Ty, name: &str, value: &str) -> String {
        format!("const {} {name} = {value}", ty.suffix())
    }

    fn declare(&self, ty: Ty, name: &str, first: &str) -> String {
        format!("{} {name} = {first}", ty.suffix())
    }

    fn number(&self, word: usize) -> String {
        format!("n.w[{word}]")
    }

    fn param(&self, word: usize, ty: Ty) -> String {
        let number = self.number(word);
        match ty {
            Ty::Bool => format!("({number} != 0)"),
            Ty::I32 => number,
            Ty::F32 => format!("bitcast<f32>({number})"),
            Ty::I64 | Ty::F64 => format!("{}_of_words({number}, {})", ty.suffix(), self.number(word + 1)),
        }
    }

    fn constant(&self, value: Scalar, ty: Ty) -> String {
        match ty {
            Ty::Bool => value.to_bool().to_string(),
            Ty::I32 | Ty::I64 => match value.to_i64() {
                i if i == i64::MIN => "(-i64(9223372036854775807) - 1)".into(),
                i if ty == Ty::I64 => format!("i64({i})"),
                i if i == i64::from(i32::MIN) => "(-2147483647 - 1)".into(),
                i => format!("({i})"),
            },
            Ty::F32 => match value.to_f64() as f32 {
                x if x.is_normal() || x == 0.0 => format!("({x:?}f)"),
                x => format!("bitcast<f32>({:#x}u)", x.to_bits()),
            },
            Ty::F64 => match value.to_f64() {
                x if x.is_normal() || x == 0.0 => format!("({x:?})"),
                x => format!("bitcast<f64>({:#x}ull)", x.to_bits()),
            },
        }
    }

    /// Sums and products of integers wrap, which C's operators do not promise.
    fn has_operator(&self, prim: Prim, ty: Ty) -> bool {
        use Prim::*;
        !(matches!(ty, Ty::I32 | Ty::I64) && matches!(prim, Add | Sub | Mul | Neg))
    }

    fn function(&self, prim: Prim, ty: Ty) -> String {
        match ty {
            Ty::I32 | Ty::I64 => own_function(prim, "int"),
            Ty::Bool => own_function(prim, "bool"),
            Ty::F32 | Ty::F64 => self.c.native(prim, ty).unwrap_or_else(|| own_function(prim, ty.suffix())),
        }
    }

    fn cast(&self, from: DType, to: DType, x: &str) -> String {
        if from == to {
            return x.to_owned();
        }
        let (a, b) = (Ty::of(from), Ty::of(to));
        let converted = match (a, b) {
            _ if a == b => x.to_owned(),
            (_, Ty::Bool) => format!("({x} != 0)"),
            (Ty::F32 | Ty::F64, Ty::I32 | Ty::I64) => format!("{}_of_float({x})", b.suffix()),
            _ => format!("{}({x})", b.suffix()),
        };
        match to {
            DType::U8 | DType::I8 | DType::I16 | DType::U16 | DType::U32 => {
                format!("{}({}({converted}))", b.suffix(), element(to))
            }
            DType::F16 => format!("rounded_f16({converted})"),
            DType::BF16 => format!("rounded_bf16({converted})"),
            _ => converted,
        }
    }

    fn wide(&self, x: &str) -> String {
        format!("i64({x})")
    }

    fn wrapped(&self, index: &str, size: &str) -> String {
        format!("wrapped({index}, {size}, faults)")
    }

    fn choose(&self, _: Ty, condition: &str, yes: &str, no: &str) -> String {
        format!("({condition} ? {yes} : {no})")
    }

    fn rounds(&self) -> bool {
        true
    }

    fn load(&self, buffer: usize, dtype: DType, at: &str) -> String {
        decoded(dtype, &format!("{}[{at}]", self.array(buffer, dtype)))
    }

    fn store(&self, buffer: usize, dtype: DType, at: &str, x: &str) -> String {
        format!("{}[{at}] = {};", self.array(buffer, dtype), encoded(dtype, x))
    }

    fn load_four(&self, names: &[String; 4], buffer: usize, dtype: DType, at: &str) -> Vec<String> {
        let (q, array) = (together(names), self.array(buffer, dtype));
        if dtype == DType::BF16 {
            let all = format!("const words {q} = load_words({array} + {at});");
            let one = |(name, (half, word)): (&String, (&str, &str))| {
                format!("{};", self.name(Ty::F32, name, &format!("bf16_of_{half}({q}.{word})")))
            };
            return [all].into_iter().chain(names.iter().zip(BF16_OF_WORDS).map(one)).collect();
        }
        let all = format!("const four<{}> {q} = load_four({array} + {at});", element(dtype));
        let one = |(name, part): (&String, &str)| {
            format!("{};", self.name(Ty::of(dtype), name, &decoded(dtype, &format!("{q}.{part}"))))
        };
        [all].into_iter().chain(names.iter().zip(PARTS).map(one)).collect()
    }

    fn store_four(&self, buffer: usize, dtype: DType, at: &str, values: &[String; 4]) -> Vec<String> {
        let values = values.each_ref().map(|x| encoded(dtype, x)).join(", ");
        vec![format!("store_four({} + {at}, {values});", self.array(buffer, dtype))]
    }

    fn shared(&self, array: u32, at: &str) -> String {
        format!("s{array}[{at}]")
    }

    fn load_shared_four(&self, names: &[String; 4], array: u32, ty: Ty, at: &str) -> Vec<String> {
        let q = together(names);
        let all = format!("const four<{}> {q} = load_shared_four(s{array} + 4 * {at});", ty.suffix());
        let one = |(name, part): (&String, &str)| format!("{};", self.name(ty, name, &format!("{q}.{part}")));
        [all].into_iter().chain(names.iter().zip(PARTS).map(one)).collect()
    }

    fn store_shared_four(&self, array: u32, _: Ty, at: &str, values: &[String; 4]) -> Vec<String> {
        vec![format!("store_shared_four(s{array} + 4 * {at}, {});", values.join(", "))]
    }

    fn mul_add(&self, a: &str, b: &str, c: &str) -> String {
        format!("{}({a}, {b}, {c})", (self.c.math)("fma", Ty::F32))
    }
}

const PARTS: [&str; 4] = ["x", "y", "z", "w"];
/// The same in two words of half precision. What is above 16 bits needs no shift.
const BF16_OF_WORDS: [(&str, &str); 4] = [("low", "x"), ("high", "x"), ("low", "y"), ("high", "y")];

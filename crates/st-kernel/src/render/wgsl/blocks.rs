//! What attention by matrix units and its gradients have in common: texts, and blocks of rows that pass through shared memory.

use super::super::numbers::Numbers;
use super::cooperative::{GAP, SIDE};
use super::number as word;
use crate::device::Access;
use crate::dtype::DType;
use std::fmt::Write;

/// How every text begins.
const HEAD: &str = "enable f16;\nenable wgpu_cooperative_matrix;\n// What is the same for a group is read from its memory.\ndiagnostic(off, derivative_uniformity);\n";

/// A text that grows by lines.
pub(super) struct Text(pub(super) String);

impl Text {
    /// The text up to its shared memory: what the launch hands over. Bindings `rows` are of rows.
    pub(super) fn begin(numbers: &Numbers, rows: &[usize], writes: &[bool]) -> Text {
        let mut out = Text(HEAD.to_owned());
        for (binding, &written) in writes.iter().enumerate() {
            let element = if rows.contains(&binding) { "vec4<f16>" } else { "u32" };
            let access = if written { "read_write" } else { "read" };
            out.line(&format!(
                "@group(0) @binding({binding}) var<storage, {access}> b{binding}: array<{element}>;"
            ));
        }
        let (binding, quads) = (writes.len(), numbers.count().div_ceil(4));
        out.line(&format!("@group(0) @binding({binding}) var<uniform> n: array<vec4<i32>, {quads}>;"));
        out
    }

    pub(super) fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// Where each access of item `left` begins; groups beyond the last item have nothing to do.
    pub(super) fn places(&mut self, numbers: &Numbers, accesses: usize) {
        for access in 0..accesses {
            self.line(&format!("  var at{access} = {};", word(numbers.offset(access))));
        }
        for d in (0..numbers.rank - 4).rev() {
            self.line(&format!("  {{ let c = left % {0}; left = left / {0};", word(numbers.dim(d))));
            for access in 0..accesses {
                self.line(&format!("    at{access} += c * {};", word(numbers.stride(access, d))));
            }
            self.line("  }");
        }
        self.line("  if (left > 0) { return; }");
    }
}

/// Columns in shared memory of a row, and whether rows have all of them.
pub(super) type Width = (usize, bool);

/// Blocks of two kinds of rows: those as wide as queries and keys, and those as wide as values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Blocks {
    pub(super) widths: [Width; 2],
    /// Lines of a block.
    pub(super) lines: usize,
    /// Threads that move it.
    pub(super) threads: usize,
}

impl Blocks {
    /// Vectors of four between two lines in shared memory.
    pub(super) fn pitch(&self, part: usize) -> usize {
        (self.widths[part].0 + GAP) / 4
    }

    /// Vectors of four of a block in shared memory.
    pub(super) fn size(&self, part: usize) -> usize {
        self.lines * self.pitch(part)
    }

    /// Matrices side by side in a row.
    pub(super) fn across(&self, part: usize) -> usize {
        self.widths[part].0 / SIDE
    }

    /// How many vectors of a block each thread moves.
    fn turns(&self, part: usize) -> usize {
        self.lines * self.widths[part].0 / 4 / self.threads
    }

    /// Lines that are fetched at one turn.
    fn step(&self, part: usize) -> usize {
        self.threads / (self.widths[part].0 / 4)
    }

    /// Their memory.
    pub(super) fn declare(&self, out: &mut Text) {
        for part in 0..2 {
            out.line(&format!("var<workgroup> s{part}: array<vec4<f16>, {}>;", self.size(part)));
        }
    }

    /// What of a block a thread moves, and its registers.
    pub(super) fn share(&self, out: &mut Text, part: usize) {
        let fours = self.widths[part].0 / 4;
        let width = ["d", "dv"][part];
        out.line(&format!(
            "  let line{part} = t / {fours}; let four{part} = t % {fours}; let from{part} = min(4 * four{part}, {width} - 4);"
        ));
        (0..self.turns(part)).for_each(|i| out.line(&format!("  var h{part}_{i}: vec4<f16>;")));
    }

    /// Reads a thread's share of the rows of an access, which are along `dim` after the batch, from row `p` on into registers.
    /// Beyond the last row it is read again: what comes of it is not used. Columns beyond the last one are zero, where they count.
    pub(super) fn fetch(
        &self,
        numbers: &Numbers,
        bound: &[u8],
        (part, access, dim): (usize, usize, usize),
        counts: bool,
    ) -> String {
        let stride = word(numbers.stride(access, numbers.rank - 4 + dim));
        let (rows, width) = (["m", "k"][dim], ["d", "dv"][part]);
        let mut out = String::new();
        for i in 0..self.turns(part) {
            let line = format!("min(p + line{part} + {}, {rows} - 1)", i * self.step(part));
            let value = format!("b{}[(at{access} + {line} * {stride} + from{part}) >> 2u]", bound[access]);
            let value = match counts && !self.widths[part].1 {
                true => format!("select(vec4<f16>(), {value}, 4 * four{part} < {width})"),
                false => value,
            };
            let _ = writeln!(out, "    h{part}_{i} = {value};");
        }
        out
    }

    /// Writes them to shared memory.
    pub(super) fn put(&self, part: usize) -> String {
        let place =
            |i: usize| format!("(line{part} + {}) * {} + four{part}", i * self.step(part), self.pitch(part));
        (0..self.turns(part)).map(|i| format!("    s{part}[{}] = h{part}_{i};\n", place(i))).collect()
    }

    /// A matrix of 16 lines and 16 columns, `at` so many vectors: its lines are the rows of the matrix, or its columns.
    pub(super) fn load(&self, role: &str, part: usize, at: &str, by_rows: bool) -> String {
        load(role, &format!("s{part}"), at, self.pitch(part), by_rows)
    }
}

/// The columns in shared memory of rows of so many; none if they are too wide.
pub(super) fn wide(d: usize) -> Option<Width> {
    [32, 64, 128].into_iter().find(|&width| d <= width).map(|width| (width, d == width))
}

/// Whether rows along a dimension are read and written by fours.
pub(super) fn lies_by_fours(access: &Access, along: usize) -> bool {
    let others = access.strides.iter().enumerate().all(|(i, s)| i == along || s % 4 == 0);
    access.strides[along] == 1 && others && access.offset % 4 == 0
}

/// Whether a mask's elements can be read.
pub(super) fn is_read(mask: Option<DType>) -> bool {
    matches!(mask, None | Some(DType::Bool | DType::F32 | DType::F16 | DType::BF16))
}

/// A matrix from shared memory, whose rows are there, or its columns.
pub(super) fn load(role: &str, array: &str, at: &str, pitch: usize, by_rows: bool) -> String {
    let load = if by_rows { "coopLoadT" } else { "coopLoad" };
    format!("{load}<coop_mat16x16<f16, {role}>>(&{array}[{at}], {pitch}u)")
}

/// Writes a matrix of sums to shared memory.
pub(super) fn keep(array: &str, sums: &str, at: &str, pitch: usize) -> String {
    format!(
        "{{ let value = {sums}; let place = &{array}[{at}]; let pitch = {pitch}u; coopStoreT(value, place, pitch); }}"
    )
}

/// What a mask says of a score, a place in the text, which counts powers of two. Access 3 is the mask's.
pub(super) fn masked(
    numbers: &Numbers,
    bound: &[u8],
    dtype: DType,
    score: &str,
    [query, key]: [&str; 2],
) -> String {
    let batch = numbers.rank - 4;
    let (of_query, of_key) = (word(numbers.stride(3, batch)), word(numbers.stride(3, batch + 1)));
    let buffer = bound[3];
    let at = format!("let at = at3 + min({query}, m - 1) * {of_query} + min({key}, k - 1) * {of_key};");
    let element = match dtype {
        DType::Bool => format!("((b{buffer}[at / 4] >> u32(at % 4 * 8)) & 0xffu) != 0u"),
        DType::F16 => format!("unpack2x16float(b{buffer}[at / 2])[at % 2]"),
        DType::BF16 => format!("bitcast<f32>((b{buffer}[at / 2] >> u32(at % 2 * 16)) << 16u)"),
        _ => format!("bitcast<f32>(b{buffer}[at])"),
    };
    match dtype {
        DType::Bool => format!("    {{ {at}\n    {score} = select(lowest, {score}, {element}); }}"),
        _ => format!("    {{ {at}\n    {score} += {element} * 1.4426950408889634; }}"),
    }
}

//! Products in half precision by the GPU's matrix units, as WGSL has them: matrices of 16 x 16 that a subgroup holds together.
//!
//! A group of some subgroups makes a tile of sums in single precision and leaves them in scratch memory; a pointwise kernel
//! goes on from there. Slices lie in shared memory as their operand does in memory, either steps or lines being neighbours.
//! This is text and not the language of [`ir`](super::super::ir), because every family of matrix units has its own.

use super::super::numbers::{Numbers, PARTS};
use super::super::slices::Along;
use super::ENTRY;
use crate::device::Launch;
use std::fmt::Write;

/// How a group shares the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Shape {
    /// Rows and columns of a group's sums.
    tile: [usize; 2],
    /// Rows and columns of a subgroup's sums.
    share: [usize; 2],
    /// Steps of a slice.
    depth: usize,
}

impl Shape {
    /// What was quickest on an H100: wide tiles where there are enough of them, long slices where they fit.
    fn of(items: usize, m: usize, n: usize, k: usize) -> Shape {
        let wide = n.is_multiple_of(256) && items * (m / 128) * (n / 256) >= FULL;
        let depth = if k.is_multiple_of(32) { 32 } else { 16 };
        Shape { tile: [128, if wide { 256 } else { 128 }], share: [64, 64], depth }
    }
}

/// Rows and columns of a matrix.
pub(super) const SIDE: usize = 16;
/// Threads of a subgroup.
pub(super) const SUBGROUP: usize = 32;
/// Elements between the end of a line in shared memory and the next one.
pub(super) const GAP: usize = 8;
/// Groups that fill a large GPU, and the fewest steps of a part.
const FULL: usize = 264;
const FEWEST: usize = 256;
/// Tiles of a column that are made one after the other.
const COLUMN: usize = 8;

/// A product that matrix units can make.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Cooperative {
    batch: usize,
    along: [Along; 2],
    shape: Shape,
}

impl Cooperative {
    /// A launch as matrix units make it, and in how many parts its steps are split; `None` if it does not fit.
    pub(crate) fn of(batch: usize, launch: &Launch) -> Option<(Cooperative, usize)> {
        let &[m, n, k] = &launch.dims[batch..] else { return None };
        let along = [0, 1].map(|i| Along::of(launch, &launch.reads[i], batch + i, batch + 2));
        let fours = along.iter().all(|a| matches!(a, Along::FourSteps | Along::FourLines));
        let items: usize = launch.dims[..batch].iter().product();
        let shape = Shape::of(items, m, n, k);
        let [rows, columns] = shape.tile;
        let fits =
            m.is_multiple_of(rows) && n.is_multiple_of(columns) && k.is_multiple_of(shape.depth) && k > 0;
        let tiles = items * (m / rows) * (n / columns);
        let slices = k / shape.depth;
        let share = slices.div_ceil((FULL / tiles.max(1)).min(k / FEWEST).max(1)).max(1);
        (fours && fits).then_some((Cooperative { batch, along, shape }, slices.div_ceil(share)))
    }

    /// How many groups a launch has.
    pub(crate) fn groups(&self, launch: &Launch, parts: usize) -> usize {
        let items: usize = launch.dims[..self.batch].iter().product();
        let [rows, columns] = self.shape.tile;
        items * (launch.dims[self.batch] / rows) * (launch.dims[self.batch + 1] / columns) * parts
    }

    /// Threads of a group.
    pub(crate) fn threads(&self) -> usize {
        let Shape { tile, share, .. } = self.shape;
        tile[0] / share[0] * (tile[1] / share[1]) * SUBGROUP
    }

    /// Vectors of four between two lines or steps in shared memory.
    fn pitch(&self, operand: usize) -> usize {
        match self.along[operand] {
            Along::FourSteps => (self.shape.depth + GAP) / 4,
            _ => (self.shape.tile[operand] + GAP) / 4,
        }
    }

    /// Vectors of a slice.
    fn slice(&self, operand: usize) -> usize {
        self.pitch(operand)
            * match self.along[operand] {
                Along::FourSteps => self.shape.tile[operand],
                _ => self.shape.depth,
            }
    }

    /// The kernel's text. `bound` are the bindings of both operands; `scratch` is that of the sums.
    pub(crate) fn render(&self, numbers: &Numbers, bound: [usize; 2], scratch: usize) -> String {
        let Shape { tile: [rows, columns], share, depth } = self.shape;
        let threads = self.threads();
        let mut out = String::from("enable f16;\nenable wgpu_cooperative_matrix;\n");
        let word = super::number;
        let mut line = |text: String| {
            let _ = writeln!(out, "{text}");
        };
        let at = |binding: usize| format!("@group(0) @binding({binding}) var");
        line(format!("{}<storage, read> b{}: array<vec4<f16>>;", at(bound[0]), bound[0]));
        if bound[1] != bound[0] {
            line(format!("{}<storage, read> b{}: array<vec4<f16>>;", at(bound[1]), bound[1]));
        }
        line(format!("{}<storage, read_write> sums: array<f32>;", at(scratch)));
        line(format!("{}<uniform> n: array<vec4<i32>, {}>;", at(scratch + 1), numbers.count().div_ceil(4)));
        for operand in 0..2 {
            line(format!("var<workgroup> s{operand}: array<vec4<f16>, {}>;", self.slice(operand)));
        }
        line(format!(
            "@compute @workgroup_size({threads})\nfn {ENTRY}(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {{"
        ));
        let size = |d: usize| word(numbers.dim(self.batch + d));
        line("  let g = i32(group.y * groups.x + group.x); let t = i32(local);".into());
        line(format!("  let m = {}; let width = {}; let k = {};", size(0), size(1), size(2)));
        line(format!("  let down = m / {rows}; let across = width / {columns}; let tiles = down * across;"));
        line("  let tile = g % tiles; let rest = g / tiles;".into());
        line(format!(
            "  let band = {COLUMN} * across; let first = tile / band * {COLUMN}; let high = min(down - first, {COLUMN});"
        ));
        line(format!(
            "  let row = (first + tile % band % high) * {rows}; let column = tile % band / high * {columns};"
        ));
        let items: Vec<String> = (0..self.batch).map(|d| word(numbers.dim(d))).collect();
        line(format!("  let items = {};", if items.is_empty() { "1".into() } else { items.join(" * ") }));
        line(format!("  let parts = {}; let item = rest % items; let part = rest / items;", word(PARTS)));
        line("  if (part >= parts) { return; }".into());
        line(format!("  let share = (k / {depth} + parts - 1) / parts * {depth};"));
        line("  let begin = part * share; let end = min(begin + share, k);".into());
        // Where the item's matrices begin.
        line("  var left = item;".into());
        for operand in 0..2 {
            line(format!("  var at{operand} = {};", word(numbers.offset(operand))));
        }
        for d in (0..self.batch).rev() {
            line(format!("  {{ let c = left % {0}; left = left / {0};", word(numbers.dim(d))));
            for operand in 0..2 {
                line(format!("    at{operand} += c * {};", word(numbers.stride(operand, d))));
            }
            line("  }".into());
        }
        for (operand, first) in ["row", "column"].iter().enumerate() {
            let stride = word(numbers.stride(operand, self.batch + operand));
            line(format!("  at{operand} += {first} * {stride};"));
            for turn in 0..self.turns(operand) {
                line(format!("  var h{operand}_{turn}: vec4<f16>;"));
            }
        }
        let wide = columns / share[1];
        line(format!(
            "  let w = t / {SUBGROUP}; let own = array<i32, 2>(w / {wide} * {}, w % {wide} * {});",
            share[0], share[1]
        ));
        let [down, across] = share.map(|s| s / SIDE);
        for i in 0..down {
            for j in 0..across {
                line(format!("  var c{i}_{j}: coop_mat16x16<f32, C>;"));
            }
        }
        // The next slices are fetched while the present ones are multiplied.
        let (fetch, put) = (self.fetch(numbers, bound), self.put());
        line(format!("  {{ let p = begin;\n{fetch}  }}\n{put}  workgroupBarrier();"));
        line(format!(
            "  for (var q = begin; q < end; q += {depth}) {{\n    let p = q + {depth};\n    if (p < end) {{\n{fetch}    }}"
        ));
        for step in (0..depth).step_by(SIDE) {
            line("    {".into());
            (0..down).for_each(|i| line(format!("    let x{i} = {};", self.matrix(0, i, step))));
            (0..across).for_each(|j| line(format!("    let y{j} = {};", self.matrix(1, j, step))));
            for i in 0..down {
                for j in 0..across {
                    line(format!("    c{i}_{j} = coopMultiplyAdd(x{i}, y{j}, c{i}_{j});"));
                }
            }
            line("    }".into());
        }
        line(format!(
            "    workgroupBarrier();\n    if (p < end) {{\n{put}    }}\n    workgroupBarrier();\n  }}"
        ));
        line("  let top = (part * items + item) * m;".into());
        for i in 0..down {
            for j in 0..across {
                line(format!(
                    "  {{ let value = c{i}_{j}; let place = &sums[(top + row + own[0] + {}) * width + column + own[1] + {}]; let pitch = u32(width); coopStoreT(value, place, pitch); }}",
                    i * SIDE,
                    j * SIDE
                ));
            }
        }
        line("}".into());
        out
    }

    /// How many vectors of a slice each thread moves.
    fn turns(&self, operand: usize) -> usize {
        self.shape.tile[operand] * self.shape.depth / 4 / self.threads()
    }

    /// Which line and step of a slice a thread fetches at a turn.
    fn place(&self, operand: usize, turn: usize) -> (String, String) {
        let (lines, steps) = (self.shape.tile[operand], self.shape.depth);
        let at = format!("(t + {})", turn * self.threads());
        match self.along[operand] {
            Along::FourSteps => (format!("{at} / {}", steps / 4), format!("{at} % {} * 4", steps / 4)),
            _ => (format!("{at} % {} * 4", lines / 4), format!("{at} / {}", lines / 4)),
        }
    }

    /// Reads a thread's share of the slices at step `p` into registers.
    fn fetch(&self, numbers: &Numbers, bound: [usize; 2]) -> String {
        let mut out = String::new();
        for (operand, buffer) in bound.into_iter().enumerate() {
            let (of_line, of_step) = (
                super::number(numbers.stride(operand, self.batch + operand)),
                super::number(numbers.stride(operand, self.batch + 2)),
            );
            for turn in 0..self.turns(operand) {
                let (line, step) = self.place(operand, turn);
                let _ = writeln!(
                    out,
                    "    h{operand}_{turn} = b{buffer}[(at{operand} + ({line}) * {of_line} + (p + {step}) * {of_step}) >> 2u];"
                );
            }
        }
        out
    }

    /// Writes them to shared memory.
    fn put(&self) -> String {
        let mut out = String::new();
        for operand in 0..2 {
            let pitch = self.pitch(operand);
            for turn in 0..self.turns(operand) {
                let (line, step) = self.place(operand, turn);
                let at = match self.along[operand] {
                    Along::FourSteps => format!("({line}) * {pitch} + ({step}) / 4"),
                    _ => format!("({step}) * {pitch} + ({line}) / 4"),
                };
                let _ = writeln!(out, "    s{operand}[{at}] = h{operand}_{turn};");
            }
        }
        out
    }

    /// A matrix of an operand from its slice.
    fn matrix(&self, operand: usize, i: usize, step: usize) -> String {
        let pitch = self.pitch(operand);
        let role = ["A", "B"][operand];
        let first = format!("(own[{operand}] + {})", i * SIDE);
        let at = match self.along[operand] {
            Along::FourSteps => format!("{first} * {pitch} + {}", step / 4),
            _ => format!("{} + {first} / 4", step * pitch),
        };
        // Row by row or column by column.
        let by_rows = (self.along[operand] == Along::FourSteps) == (operand == 0);
        let load = if by_rows { "coopLoadT" } else { "coopLoad" };
        format!("{load}<coop_mat16x16<f16, {role}>>(&s{operand}[{at}], {pitch}u)")
    }
}

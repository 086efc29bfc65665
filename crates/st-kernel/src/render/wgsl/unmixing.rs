//! The gradients of attention in half precision by the GPU's matrix units, as WGSL has them; see [`mixing`](super::mixing).
//!
//! One pass makes the gradients of queries, another one those of keys and values. A group has rows of its own side: queries, or
//! keys. Blocks of the other side pass through shared memory. Two subgroups share 16 rows: each multiplies with a half of the
//! block's lines, and makes a half of the columns of the gradients. What is known of the results, the dots with their gradients,
//! was summed in scratch memory before.

use super::super::numbers::{Numbers, ZERO};
use super::blocks::{Blocks, Text, is_read, keep, lies_by_fours, load, masked, wide};
use super::cooperative::{GAP, SIDE, SUBGROUP};
use super::{ENTRY, number as word};
use crate::device::Launch;
use crate::dtype::DType;
use std::fmt::Write;

/// Lines of a block of the other side: a half of them for each of two subgroups.
const LINES: usize = 2 * SIDE;
/// Vectors of four between two rows of scores in shared memory.
const PITCH: usize = (LINES + GAP) / 4;
/// Threads that share a row, and the vectors of four scores that each of them has.
const SHARERS: usize = 4;
const FOURS: usize = LINES / 4 / SHARERS;

/// Whose gradients a pass makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Side {
    Queries,
    /// And those of values.
    Keys,
}

/// A pass of the gradients that matrix units can make.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Unmixing {
    side: Side,
    causal: bool,
    mask: Option<DType>,
    /// Of the other side.
    blocks: Blocks,
    /// Rows of a group.
    rows: usize,
}

impl Unmixing {
    /// Both passes of a launch as matrix units make them; `None` if it does not fit.
    pub(crate) fn of(
        mask: Option<DType>,
        causal: bool,
        launch: &Launch,
        shared_memory: usize,
    ) -> Option<[Unmixing; 2]> {
        let batch = launch.dims.len() - 4;
        let sizes = &launch.dims[batch..];
        let widths = [wide(sizes[2])?, wide(sizes[3])?];
        let (of_d, of_dv, known) = (batch + 2, batch + 3, 3 + usize::from(mask.is_some()));
        let reads =
            [(0, of_d), (1, of_d), (2, of_dv), (known + 2, of_dv)].map(|(i, d)| (&launch.reads[i], d));
        let writes = [(0, of_d), (1, of_d), (2, of_dv)].map(|(i, d)| (&launch.writes[i], d));
        // What holds no rows has buffers without any.
        let mut others = launch.reads[3..known + 2].iter();
        let alone = others.all(|a| reads.iter().chain(&writes).all(|(row, _)| row.buffer != a.buffer));
        let all = is_read(mask)
            && !launch.dims.contains(&0)
            && sizes[2..].iter().all(|d| d % 4 == 0)
            && reads.iter().chain(&writes).all(|&(access, along)| lies_by_fours(access, along))
            && alone;
        let pass = |side| {
            let of = |rows: usize| {
                let blocks = Blocks { widths, lines: LINES, threads: rows / SIDE * 2 * SUBGROUP };
                Unmixing { side, causal, mask, blocks, rows }
            };
            [64, 32].map(of).into_iter().find(|pass| pass.shared() <= shared_memory)
        };
        let passes = [pass(Side::Queries)?, pass(Side::Keys)?];
        all.then_some(passes)
    }

    /// How many groups a launch has.
    pub(crate) fn groups(&self, launch: &Launch) -> usize {
        let (batch, sides) = launch.dims.split_at(launch.dims.len() - 4);
        batch.iter().product::<usize>() * sides[usize::from(self.by_keys())].div_ceil(self.rows)
    }

    /// Threads of a group.
    pub(crate) fn threads(&self) -> usize {
        self.blocks.threads
    }

    fn by_keys(&self) -> bool {
        self.side == Side::Keys
    }

    /// Bytes of memory that a group shares.
    fn shared(&self) -> usize {
        let blocks: usize = (0..2).map(|part| self.blocks.size(part)).sum();
        let shares = if self.by_keys() { 2 } else { 1 };
        8 * (blocks + shares * self.rows * PITCH) + 16 * (2 * self.rows * PITCH + 2 * LINES / 4)
    }

    /// The accesses of the group's own rows and of the other side's: those that make scores, those that make their gradients.
    fn operands(&self) -> [[usize; 2]; 2] {
        let grad = 5 + usize::from(self.mask.is_some());
        let (queries, keys) = ([0, grad], [1, 2]);
        if self.by_keys() { [keys, queries] } else { [queries, keys] }
    }

    /// The dimension of the lines of an access, after the batch.
    fn lines(access: usize) -> usize {
        usize::from(matches!(access, 1 | 2))
    }

    /// The gradients it makes: which write, and which part of the other side its shares are multiplied with.
    fn gradients(&self) -> &'static [(usize, usize)] {
        if self.by_keys() { &[(1, 0), (2, 1)] } else { &[(0, 0)] }
    }

    /// The kernel's text. `bound` are the bindings of the accesses, `writes` says which of all are written; the last one is that
    /// of scratch memory.
    pub(crate) fn render(&self, numbers: &Numbers, bound: &[u8], writes: &[bool]) -> String {
        let [own, other] = self.operands();
        let results = (0..3).map(|i| numbers.write(i));
        let rows = own.into_iter().chain(other).chain(results).map(|access| usize::from(bound[access]));
        let mut out = Text::begin(numbers, &rows.collect::<Vec<_>>(), writes);
        self.memory(&mut out);
        let (put, scratch) = (self.put(), writes.len() - 1);
        self.begin(&mut out, numbers, bound, scratch);
        out.line(&format!("  {{ let p = begin;\n{}  }}", self.fetch(numbers, bound, scratch)));
        out.line(&format!("{put}  workgroupBarrier();"));
        out.line("  for (var q = begin; q < end; q += LINES) {");
        out.line(&format!("    {{ let p = q + LINES;\n{}    }}", self.fetch(numbers, bound, scratch)));
        self.scores(&mut out);
        out.line("    workgroupBarrier();");
        self.shares(&mut out, numbers, bound);
        out.line("    workgroupBarrier();");
        self.through(&mut out);
        out.line(&format!("    workgroupBarrier();\n{put}    workgroupBarrier();\n  }}"));
        self.finish(&mut out, numbers, bound);
        out.0.replace("LINES", &LINES.to_string())
    }

    /// What the group has memory for.
    fn memory(&self, out: &mut Text) {
        self.blocks.declare(out);
        for name in ["scores", "slopes"] {
            out.line(&format!("var<workgroup> {name}: array<vec4<f32>, {}>;", self.rows * PITCH));
        }
        for (_, part) in self.gradients() {
            out.line(&format!("var<workgroup> shares{part}: array<vec4<f16>, {}>;", self.rows * PITCH));
        }
        if self.by_keys() {
            // Logarithms of the block's queries, then their dots.
            out.line(&format!("var<workgroup> known: array<f32, {}>;", 2 * LINES));
        }
    }

    /// Where everything is, and the group's own rows.
    fn begin(&self, out: &mut Text, numbers: &Numbers, bound: &[u8], scratch: usize) {
        let batch = numbers.rank - 4;
        out.line(&format!("@compute @workgroup_size({})\nfn {ENTRY}(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {{", self.threads()));
        out.line("  let g = i32(group.y * groups.x + group.x); let t = i32(local);");
        for (d, name) in ["m", "k", "d", "dv"].iter().enumerate() {
            out.line(&format!("  let {name} = {};", word(numbers.dim(batch + d))));
        }
        let (rows, count) = (self.rows, if self.by_keys() { "k" } else { "m" });
        // Of causal attention the last queries have most work, and the first keys.
        let tile = if self.causal && !self.by_keys() { "tiles - 1 - g % tiles" } else { "g % tiles" };
        out.line(&format!("  let tiles = ({count} + {rows} - 1) / {rows}; let first = ({tile}) * {rows};"));
        out.line("  let item = g / tiles; var left = item;");
        out.places(numbers, bound.len());
        out.line(&format!(
            "  let w = t / {SUBGROUP}; let own = w / 2 * {SIDE}; let half = w % 2; let row = t / {SHARERS}; let fourth = t % {SHARERS}; let line = first + row;"
        ));
        out.line(&format!(
            "  let scale = bitcast<f32>({}); let powers = scale * 1.4426950408889634; let lowest = bitcast<f32>({} | i32(0xff800000u));",
            word(numbers.param(0)),
            word(ZERO)
        ));
        let (begin, end) = match (self.side, self.causal) {
            (Side::Queries, true) => ("0", format!("min(k, first + {rows})")),
            (Side::Queries, false) => ("0", "k".into()),
            (Side::Keys, true) => ("first", "m".into()),
            (Side::Keys, false) => ("0", "m".into()),
        };
        out.line(&format!("  let begin = {begin}; let end = {end};"));
        if !self.by_keys() {
            out.line("  var log = 0.0; var dot = 0.0;");
            out.line(&format!("  if (line < m) {{ {} }}", self.known(numbers, bound, scratch, "line")));
        }
        for part in 0..2 {
            self.blocks.share(out, part);
            (0..self.blocks.across(part))
                .for_each(|p| out.line(&format!("  var x{part}_{p}: coop_mat16x16<f16, A>;")));
        }
        if self.by_keys() {
            out.line("  var log = 0.0; var dot = 0.0;");
        }
        for &(_, part) in self.gradients() {
            (0..self.blocks.across(part) / 2)
                .for_each(|j| out.line(&format!("  var c{part}_{j}: coop_mat16x16<f32, C>;")));
        }
        // The group's own rows come the way of the other side's.
        for block in 0..rows / LINES {
            out.line(&format!("  {{ let p = first + {};", block * LINES));
            for (part, access) in self.operands()[0].into_iter().enumerate() {
                out.line(&self.blocks.fetch(numbers, bound, (part, access, Self::lines(access)), true));
            }
            let put: String = (0..2).map(|part| self.blocks.put(part)).collect();
            out.line(&format!("  }}\n{put}  workgroupBarrier();"));
            out.line(&format!("  if (own / LINES == {block}) {{"));
            for part in 0..2 {
                for p in 0..self.blocks.across(part) {
                    let at = format!("(own % LINES) * {} + {}", self.blocks.pitch(part), p * SIDE / 4);
                    let rows = self.blocks.load("A", part, &at, true);
                    out.line(&format!("    x{part}_{p} = {rows};"));
                }
            }
            out.line("  }\n  workgroupBarrier();");
        }
    }

    /// Reads the logarithm of a query, which counts powers of two, and its dot.
    fn known(&self, numbers: &Numbers, bound: &[u8], scratch: usize, query: &str) -> String {
        let access = 4 + usize::from(self.mask.is_some());
        let stride = word(numbers.stride(access, numbers.rank - 4));
        format!(
            "let found = bitcast<f32>(b{}[at{access} + {query} * {stride}]); log = select(found * 1.4426950408889634, 0.0, found == lowest); dot = bitcast<f32>(b{scratch}[item * m + {query}]);",
            bound[access]
        )
    }

    /// Reads a thread's share of the other side's block from line `p` on into registers.
    fn fetch(&self, numbers: &Numbers, bound: &[u8], scratch: usize) -> String {
        let [_, other] = self.operands();
        let rows = other.into_iter().enumerate().map(|(part, access)| {
            self.blocks.fetch(numbers, bound, (part, access, Self::lines(access)), true)
        });
        let mut out: String = rows.collect();
        if self.by_keys() {
            let known = self.known(numbers, bound, scratch, "query");
            let _ = writeln!(out, "    if (t < LINES) {{ let query = min(p + t, m - 1); {known} }}");
        }
        out
    }

    /// Writes to shared memory what was read.
    fn put(&self) -> String {
        let rows: String = (0..2).map(|part| self.blocks.put(part)).collect();
        match self.side {
            Side::Queries => rows,
            Side::Keys => rows + "    if (t < LINES) { known[t] = log; known[LINES + t] = dot; }\n",
        }
    }

    /// A subgroup's rows times its half of the block's lines: scores, and the gradients of shares.
    fn scores(&self, out: &mut Text) {
        for (part, name) in ["scores", "slopes"].iter().enumerate() {
            out.line("    { var sum: coop_mat16x16<f32, C>;");
            for p in 0..self.blocks.across(part) {
                let at = format!("half * {} + {}", SIDE * self.blocks.pitch(part), p * SIDE / 4);
                let lines = self.blocks.load("B", part, &at, false);
                out.line(&format!("    {{ let y = {lines}; sum = coopMultiplyAdd(x{part}_{p}, y, sum); }}"));
            }
            let at = format!("own * {PITCH} + half * {}", SIDE / 4);
            out.line(&format!("    {} }}", keep(name, "sum", &at, PITCH)));
        }
    }

    /// What becomes of scores: shares, and their gradients times those that the softmax has there.
    fn shares(&self, out: &mut Text, numbers: &Numbers, bound: &[u8]) {
        let (all, checked) = match (self.side, self.causal) {
            (Side::Queries, true) => ("min(k, first + 1)", "q + LINES > all"),
            (Side::Queries, false) => ("k", "q + LINES > all"),
            (Side::Keys, true) => ("m", "q + LINES > all || q < first + ROWS"),
            (Side::Keys, false) => ("m", "q + LINES > all"),
        };
        out.line(&format!("    let all = {all};"));
        for i in 0..FOURS {
            let four = format!("(fourth + {})", SHARERS * i);
            let place = format!("row * {PITCH} + {four}");
            out.line(&format!("    {{ let other = q + 4 * {four};"));
            out.line(&format!("    var x = scores[{place}] * powers;"));
            if let Some(dtype) = self.mask {
                for part in 0..4 {
                    let (score, other) = (format!("x[{part}]"), format!("other + {part}"));
                    let places = if self.by_keys() { [&other, "line"] } else { ["line", &other] };
                    out.line(&masked(numbers, bound, dtype, &score, places));
                }
            }
            match self.side {
                Side::Queries => out.line("    let shift = vec4<f32>(log); let dots = vec4<f32>(dot);"),
                Side::Keys => {
                    let four = |first: &str| {
                        let parts = (0..4).map(|part| format!("known[{first}4 * {four} + {part}]"));
                        format!("vec4<f32>({})", parts.collect::<Vec<_>>().join(", "))
                    };
                    out.line(&format!("    let shift = {}; let dots = {};", four(""), four("LINES + ")));
                }
            }
            out.line(&format!(
                "    var share = exp2(x - shift); var slope = share * (slopes[{place}] - dots) * scale;"
            ));
            out.line(&format!("    if ({}) {{", checked.replace("ROWS", &self.rows.to_string())));
            for part in 0..4 {
                let seen = match (self.side, self.causal) {
                    (Side::Queries, false) => format!("other + {part} < k"),
                    (Side::Queries, true) => format!("other + {part} <= min(k - 1, line)"),
                    (Side::Keys, false) => format!("other + {part} < m"),
                    (Side::Keys, true) => format!("(other + {part} < m && other + {part} >= line)"),
                };
                for name in ["share", "slope"] {
                    out.line(&format!("      {name}[{part}] = select(0.0, {name}[{part}], {seen});"));
                }
            }
            out.line("    }");
            out.line(&format!("    shares0[{place}] = vec4<f16>(slope);"));
            if self.by_keys() {
                out.line(&format!("    shares1[{place}] = vec4<f16>(share);"));
            }
            out.line("    }");
        }
    }

    /// Adds the shares times the block's lines to a half of the columns.
    fn through(&self, out: &mut Text) {
        for &(_, part) in self.gradients() {
            let across = self.blocks.across(part) / 2;
            for p in 0..LINES / SIDE {
                let at = format!("own * {PITCH} + {}", p * SIDE / 4);
                out.line(&format!(
                    "    {{ let x = {};",
                    load("A", &format!("shares{part}"), &at, PITCH, true)
                ));
                for j in 0..across {
                    let at = format!(
                        "{} + half * {}",
                        p * SIDE * self.blocks.pitch(part) + j * SIDE / 4,
                        across * SIDE / 4
                    );
                    let lines = self.blocks.load("B", part, &at, true);
                    out.line(&format!(
                        "    {{ let y = {lines}; c{part}_{j} = coopMultiplyAdd(x, y, c{part}_{j}); }}"
                    ));
                }
                out.line("    }");
            }
        }
    }

    /// Writes the gradients. Subgroups of either half have memory of their own.
    fn finish(&self, out: &mut Text, numbers: &Numbers, bound: &[u8]) {
        let batch = numbers.rank - 4;
        let count = if self.by_keys() { "k" } else { "m" };
        for &(write, part) in self.gradients() {
            let (to, across, width) = (numbers.write(write), self.blocks.across(part) / 2, ["d", "dv"][part]);
            let stride = word(numbers.stride(to, batch + usize::from(self.by_keys())));
            for first in (0..across).step_by(LINES / SIDE) {
                let columns = first..across.min(first + LINES / SIDE);
                out.line("  workgroupBarrier();");
                for (half, name) in ["scores", "slopes"].iter().enumerate() {
                    out.line(&format!("  if (half == {half}) {{"));
                    for j in columns.clone() {
                        let at = format!("own * {PITCH} + {}", (j - first) * SIDE / 4);
                        out.line(&format!("    {}", keep(name, &format!("c{part}_{j}"), &at, PITCH)));
                    }
                    out.line("  }");
                }
                out.line("  workgroupBarrier();");
                for (half, name) in ["scores", "slopes"].iter().enumerate() {
                    for i in 0..columns.len() {
                        let four = format!("(fourth + {})", SHARERS * i);
                        out.line(&format!(
                            "  {{ let column = {} + 4 * {four}; if (line < {count} && column < {width}) {{ b{}[(at{to} + line * {stride} + column) >> 2u] = vec4<f16>({name}[row * {PITCH} + {four}]); }} }}",
                            (half * across + first) * SIDE,
                            bound[to]
                        ));
                    }
                }
            }
        }
        out.line("}");
    }
}

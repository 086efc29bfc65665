//! Attention in half precision by the GPU's matrix units, as WGSL has them; see [`cooperative`](super::cooperative).
//!
//! A subgroup has 16 queries, whose rows it keeps, and their part of the result. Blocks of keys and of values pass through shared
//! memory; so do scores, whose places in a matrix only memory tells: two threads make shares of each query's. Shares are
//! reckoned from a score that is no more than `SLACK` below the largest one so far, so that the sums must seldom shrink.
//! Matrices in shared memory must begin at multiples of 16 bytes, which WGSL does not promise: all that lies there is as long.

use super::super::numbers::{Numbers, ZERO};
use super::cooperative::{GAP, SIDE, SUBGROUP};
use super::{ENTRY, number as word};
use crate::device::{Access, Launch};
use crate::dtype::DType;
use smallvec::SmallVec;
use std::fmt::Write;

/// Queries of a group, and its threads.
const ROWS: usize = 64;
const THREADS: usize = ROWS / SIDE * SUBGROUP;
/// Keys of a block.
const KEYS: usize = 32;
/// Powers of two that shares may be above one.
const SLACK: usize = 8;
/// Vectors of four between two rows of scores, or of shares, in shared memory.
const PITCH: usize = (KEYS + GAP) / 4;
/// Vectors of four scores of a thread.
const FOURS: usize = KEYS / 8;

/// Attention that matrix units can make.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mixing {
    causal: bool,
    mask: Option<DType>,
    /// Columns of keys and of values in shared memory, and whether rows have all of them.
    widths: [(usize, bool); 2],
}

impl Mixing {
    /// A launch as matrix units make it; `None` if it does not fit.
    pub(crate) fn of(mask: Option<DType>, causal: bool, launch: &Launch) -> Option<Mixing> {
        let batch = launch.dims.len() - 4;
        let sizes = &launch.dims[batch..];
        let widths = [wide(sizes[2])?, wide(sizes[3])?];
        let rows =
            [(&launch.reads[0], 2), (&launch.reads[1], 2), (&launch.reads[2], 3), (&launch.writes[0], 3)];
        // What holds no rows has a buffer of its own.
        let others: SmallVec<[&Access; 2]> = launch.reads[3..].iter().chain(&launch.writes[1..]).collect();
        let alone = others.iter().enumerate().all(|(i, a)| {
            rows.iter().all(|(row, _)| row.buffer != a.buffer)
                && others[..i].iter().all(|b| b.buffer != a.buffer)
        });
        let known = matches!(mask, None | Some(DType::Bool | DType::F32 | DType::F16 | DType::BF16));
        let all = known
            && !launch.dims.contains(&0)
            && sizes[2..].iter().all(|d| d % 4 == 0)
            && rows.iter().all(|&(access, along)| lies_by_fours(access, batch + along))
            && alone;
        all.then_some(Mixing { causal, mask, widths })
    }

    /// How many groups a launch has.
    pub(crate) fn groups(&self, launch: &Launch) -> usize {
        let (batch, sides) = launch.dims.split_at(launch.dims.len() - 4);
        batch.iter().product::<usize>() * sides[0].div_ceil(ROWS)
    }

    /// Threads of a group.
    pub(crate) fn threads(&self) -> usize {
        THREADS
    }

    /// Bytes of memory that a group shares.
    pub(crate) fn shared(&self) -> usize {
        let blocks: usize = (0..2).map(|side| KEYS * self.pitch(side)).sum();
        8 * (blocks + ROWS * PITCH) + 16 * ROWS * PITCH + 16
    }

    /// Vectors of four between two rows of a block in shared memory.
    fn pitch(&self, side: usize) -> usize {
        (self.widths[side].0 + GAP) / 4
    }

    /// Matrices side by side in a row.
    fn across(&self, side: usize) -> usize {
        self.widths[side].0 / SIDE
    }

    /// The kernel's text. `bound` are the bindings of the accesses, `writes` says which of all are written.
    pub(crate) fn render(&self, numbers: &Numbers, bound: &[u8], writes: &[bool]) -> String {
        let mut out = Text(String::from(
            "enable f16;\nenable wgpu_cooperative_matrix;\n// What is the same for a group is read from its memory.\ndiagnostic(off, derivative_uniformity);\n",
        ));
        self.head(&mut out, numbers, bound, writes);
        self.begin(&mut out, numbers, bound);
        out.line("  for (var q = 0; q < end; q += KEYS) {");
        out.line(&format!("    {{ let p = q;\n{}    }}", self.fetch(numbers, bound, 1)));
        out.line(&format!("    {{ let p = q + KEYS;\n{}    }}", self.fetch(numbers, bound, 0)));
        self.scores(&mut out);
        out.line("    workgroupBarrier();");
        self.shares(&mut out, numbers, bound);
        out.line(&format!("{}{}    workgroupBarrier();", self.put(1), self.put(0)));
        self.shrink(&mut out);
        self.through(&mut out);
        out.line("  }");
        self.finish(&mut out, numbers, bound);
        out.0.replace("KEYS", &KEYS.to_string())
    }

    /// What the group has memory for, and what the launch hands over.
    fn head(&self, out: &mut Text, numbers: &Numbers, bound: &[u8], writes: &[bool]) {
        let rows: SmallVec<[usize; 4]> =
            [0, 1, 2, numbers.write(0)].iter().map(|&access| usize::from(bound[access])).collect();
        for (binding, &written) in writes.iter().enumerate() {
            let element = if rows.contains(&binding) { "vec4<f16>" } else { "u32" };
            let access = if written { "read_write" } else { "read" };
            out.line(&format!(
                "@group(0) @binding({binding}) var<storage, {access}> b{binding}: array<{element}>;"
            ));
        }
        let (binding, quads) = (writes.len(), numbers.count().div_ceil(4));
        out.line(&format!("@group(0) @binding({binding}) var<uniform> n: array<vec4<i32>, {quads}>;"));
        for side in 0..2 {
            out.line(&format!("var<workgroup> s{side}: array<vec4<f16>, {}>;", KEYS * self.pitch(side)));
        }
        out.line(&format!("var<workgroup> scores: array<vec4<f32>, {}>;", ROWS * PITCH));
        out.line(&format!("var<workgroup> shares: array<vec4<f16>, {}>;", ROWS * PITCH));
        // Four of them, so that what comes after still lies at multiples of 16 bytes, as matrices must.
        out.line("var<workgroup> again: array<atomic<i32>, 4>;");
    }

    /// Where everything is, the queries' rows and the first block of keys.
    fn begin(&self, out: &mut Text, numbers: &Numbers, bound: &[u8]) {
        let batch = numbers.rank - 4;
        out.line(&format!("@compute @workgroup_size({THREADS})\nfn {ENTRY}(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {{"));
        out.line("  let g = i32(group.y * groups.x + group.x); let t = i32(local);");
        for (d, name) in ["m", "k", "d", "dv"].iter().enumerate() {
            out.line(&format!("  let {name} = {};", word(numbers.dim(batch + d))));
        }
        // Of causal attention the queries with most work come first.
        let tile = if self.causal { "tiles - 1 - g % tiles" } else { "g % tiles" };
        out.line(&format!("  let tiles = (m + {ROWS} - 1) / {ROWS}; let first = ({tile}) * {ROWS};"));
        out.line("  var left = g / tiles;");
        for access in 0..bound.len() {
            out.line(&format!("  var at{access} = {};", word(numbers.offset(access))));
        }
        for d in (0..batch).rev() {
            out.line(&format!("  {{ let c = left % {0}; left = left / {0};", word(numbers.dim(d))));
            for access in 0..bound.len() {
                out.line(&format!("    at{access} += c * {};", word(numbers.stride(access, d))));
            }
            out.line("  }");
        }
        out.line("  if (left > 0) { return; }");
        out.line(&format!(
            "  let own = t / {SUBGROUP} * {SIDE}; let row = t / 2; let half = t % 2; let query = first + row;"
        ));
        // Scores count powers of two.
        out.line(&format!(
            "  let scale = bitcast<f32>({}) * 1.4426950408889634; let lowest = bitcast<f32>({} | i32(0xff800000u));",
            word(numbers.param(0)),
            word(ZERO)
        ));
        let (end, seen, all) = match self.causal {
            true => (format!("min(k, first + {ROWS})"), "min(k - 1, query)", "min(k, first + 1)"),
            false => ("k".into(), "k - 1", "k"),
        };
        out.line(&format!("  let end = {end}; let seen = {seen}; let all = {all};"));
        out.line("  if (t == 0) { atomicStore(&again[0], -1); }");
        for side in 0..2 {
            let fours = self.widths[side].0 / 4;
            let width = ["d", "dv"][side];
            out.line(&format!(
                "  let line{side} = t / {fours}; let four{side} = t % {fours}; let from{side} = min(4 * four{side}, {width} - 4);"
            ));
            (0..self.turns(side)).for_each(|i| out.line(&format!("  var h{side}_{i}: vec4<f16>;")));
        }
        (0..self.across(0)).for_each(|p| out.line(&format!("  var q{p}: coop_mat16x16<f16, A>;")));
        (0..self.across(1)).for_each(|j| out.line(&format!("  var c{j}: coop_mat16x16<f32, C>;")));
        out.line("  var most = lowest; var total = 0.0; var factor = 1.0;");
        // The queries come the way of keys.
        for part in 0..ROWS / KEYS {
            out.line(&format!("  {{ let p = first + {};", part * KEYS));
            out.line(&format!(
                "{}  }}\n{}  workgroupBarrier();",
                self.rows(numbers, bound, 0, 0, "m"),
                self.put(0)
            ));
            out.line(&format!("  if (own / KEYS == {part}) {{"));
            for p in 0..self.across(0) {
                let at = format!("(own % KEYS) * {} + {}", self.pitch(0), p * SIDE / 4);
                out.line(&format!("    q{p} = {};", load("A", "s0", &at, self.pitch(0), true)));
            }
            out.line("  }\n  workgroupBarrier();");
        }
        out.line(&format!("  {{ let p = 0;\n{}  }}", self.fetch(numbers, bound, 0)));
        out.line(&format!("{}  workgroupBarrier();", self.put(0)));
    }

    /// How many vectors of a block each thread moves.
    fn turns(&self, side: usize) -> usize {
        KEYS * self.widths[side].0 / 4 / THREADS
    }

    /// Rows of an access fetched at one turn.
    fn step(&self, side: usize) -> usize {
        THREADS / (self.widths[side].0 / 4)
    }

    /// Reads a thread's share of the block of keys or of values from row `p` on into registers.
    fn fetch(&self, numbers: &Numbers, bound: &[u8], side: usize) -> String {
        self.rows(numbers, bound, side, 1 + side, "k")
    }

    /// The same of any rows. Beyond the last row it is read again: what comes of it is not used.
    fn rows(&self, numbers: &Numbers, bound: &[u8], side: usize, access: usize, rows: &str) -> String {
        let batch = numbers.rank - 4;
        let stride = word(numbers.stride(access, batch + usize::from(access > 0)));
        let mut out = String::new();
        for i in 0..self.turns(side) {
            let line = format!("min(p + line{side} + {}, {rows} - 1)", i * self.step(side));
            let value = format!("b{}[(at{access} + {line} * {stride} + from{side}) >> 2u]", bound[access]);
            // Columns beyond the last one are zero, where they count.
            let value = match (side, self.widths[side].1) {
                (0, false) => format!("select(vec4<f16>(), {value}, 4 * four{side} < d)"),
                _ => value,
            };
            let _ = writeln!(out, "    h{side}_{i} = {value};");
        }
        out
    }

    /// Writes them to shared memory.
    fn put(&self, side: usize) -> String {
        let place =
            |i: usize| format!("(line{side} + {}) * {} + four{side}", i * self.step(side), self.pitch(side));
        (0..self.turns(side)).map(|i| format!("    s{side}[{}] = h{side}_{i};\n", place(i))).collect()
    }

    /// A subgroup's queries times the block's keys.
    fn scores(&self, out: &mut Text) {
        out.line("    {");
        (0..KEYS / SIDE).for_each(|j| out.line(&format!("    var x{j}: coop_mat16x16<f32, C>;")));
        for p in 0..self.across(0) {
            for j in 0..KEYS / SIDE {
                let at = j * SIDE * self.pitch(0) + p * SIDE / 4;
                let keys = load("B", "s0", &at.to_string(), self.pitch(0), false);
                out.line(&format!("    {{ let y = {keys}; x{j} = coopMultiplyAdd(q{p}, y, x{j}); }}"));
            }
        }
        (0..KEYS / SIDE).for_each(|j| out.line(&format!("    {}", keep_score(&format!("x{j}"), j))));
        out.line("    }");
    }

    /// What becomes of a query's scores: shares in half precision.
    fn shares(&self, out: &mut Text, numbers: &Numbers, bound: &[u8]) {
        for i in 0..FOURS {
            out.line(&format!("    var x{i} = scores[row * {PITCH} + {} + half] * scale;", 2 * i));
            if let Some(dtype) = self.mask {
                self.masked(out, numbers, bound, i, dtype);
            }
        }
        out.line("    if (q + KEYS > all) {");
        for i in 0..FOURS {
            out.line(&format!("      {{ let key = q + 4 * ({} + half);", 2 * i));
            for part in 0..4 {
                out.line(&format!(
                    "      x{i}[{part}] = select(lowest, x{i}[{part}], key + {part} <= seen);"
                ));
            }
            out.line("      }");
        }
        out.line("    }");
        let largest = (1..FOURS).fold("x0".to_owned(), |so_far, i| format!("max({so_far}, x{i})"));
        out.line(&format!("    let large = {largest};"));
        out.line("    let larger = max(max(large.x, large.y), max(large.z, large.w));");
        out.line("    let high = max(larger, subgroupShuffleXor(larger, 1u));");
        out.line("    factor = 1.0;");
        out.line(&format!(
            "    if (high > most + {SLACK}.0) {{ factor = exp2(most - high); most = high; total *= factor; atomicStore(&again[0], q); }}"
        ));
        out.line("    var shift = most; if (most == lowest) { shift = 0.0; }");
        for i in 0..FOURS {
            out.line(&format!(
                "    x{i} = exp2(x{i} - shift); shares[row * {PITCH} + {} + half] = vec4<f16>(x{i});",
                2 * i
            ));
        }
        let sum = (1..FOURS).fold("x0".to_owned(), |so_far, i| format!("{so_far} + x{i}"));
        out.line(&format!("    let sum = {sum}; total += (sum.x + sum.y) + (sum.z + sum.w);"));
    }

    /// A mask's say in four scores.
    fn masked(&self, out: &mut Text, numbers: &Numbers, bound: &[u8], i: usize, dtype: DType) {
        let batch = numbers.rank - 4;
        let (of_query, of_key) = (word(numbers.stride(3, batch)), word(numbers.stride(3, batch + 1)));
        let buffer = bound[3];
        for part in 0..4 {
            out.line(&format!(
                "    {{ let at = at3 + min(query, m - 1) * {of_query} + min(q + 4 * ({} + half) + {part}, k - 1) * {of_key};",
                2 * i
            ));
            let element = element(buffer, dtype);
            out.line(&match dtype {
                DType::Bool => format!("    x{i}[{part}] = select(lowest, x{i}[{part}], {element}); }}"),
                _ => format!("    x{i}[{part}] += {element} * 1.4426950408889634; }}"),
            });
        }
    }

    /// Makes the sums smaller, where some query's shares are reckoned from another score now.
    fn shrink(&self, out: &mut Text) {
        out.line("    if (q > 0 && atomicLoad(&again[0]) == q) {");
        for first in (0..self.across(1)).step_by(KEYS / SIDE) {
            let columns = first..self.across(1).min(first + KEYS / SIDE);
            columns
                .clone()
                .for_each(|j| out.line(&format!("      {}", keep_score(&format!("c{j}"), j - first))));
            out.line("      workgroupBarrier();");
            for i in 0..FOURS {
                out.line(&format!("      scores[row * {PITCH} + {} + half] *= factor;", 2 * i));
            }
            out.line("      workgroupBarrier();");
            for j in columns {
                let at = format!("own * {PITCH} + {}", (j - first) * SIDE / 4);
                out.line(&format!("      c{j} = coopLoadT<coop_mat16x16<f32, C>>(&scores[{at}], {PITCH}u);"));
            }
        }
        out.line("    }");
    }

    /// Adds the shares times the block's values.
    fn through(&self, out: &mut Text) {
        for p in 0..KEYS / SIDE {
            let at = format!("own * {PITCH} + {}", p * SIDE / 4);
            out.line(&format!("    {{ let x = {};", load("A", "shares", &at, PITCH, true)));
            for j in 0..self.across(1) {
                let at = p * SIDE * self.pitch(1) + j * SIDE / 4;
                let values = load("B", "s1", &at.to_string(), self.pitch(1), true);
                out.line(&format!("    {{ let y = {values}; c{j} = coopMultiplyAdd(x, y, c{j}); }}"));
            }
            out.line("    }");
        }
    }

    /// Writes the results and the logarithms.
    fn finish(&self, out: &mut Text, numbers: &Numbers, bound: &[u8]) {
        let batch = numbers.rank - 4;
        let (to, log) = (numbers.write(0), numbers.write(1));
        out.line("  total += subgroupShuffleXor(total, 1u);");
        out.line("  var inverse = 0.0; if (total != 0.0) { inverse = 1.0 / total; }");
        for first in (0..self.across(1)).step_by(KEYS / SIDE) {
            out.line("  workgroupBarrier();");
            let columns = first..self.across(1).min(first + KEYS / SIDE);
            columns.for_each(|j| out.line(&format!("  {}", keep_score(&format!("c{j}"), j - first))));
            out.line("  workgroupBarrier();");
            for i in 0..FOURS {
                let column = format!("let column = {} + 4 * ({} + half);", first * SIDE, 2 * i);
                let at = format!("(at{to} + query * {} + column) >> 2u", word(numbers.stride(to, batch)));
                let value = format!("vec4<f16>(scores[row * {PITCH} + {} + half] * inverse)", 2 * i);
                out.line(&format!(
                    "  {{ {column} if (query < m && column < dv) {{ b{}[{at}] = {value}; }} }}",
                    bound[to]
                ));
            }
        }
        out.line(&format!(
            "  if (half == 0 && query < m) {{ b{}[at{log} + query * {}] = bitcast<u32>((most + log2(total)) * 0.6931471805599453); }}\n}}",
            bound[log],
            word(numbers.stride(log, batch))
        ));
    }
}

/// The columns in shared memory of rows of so many, and whether they have all of them; none if they are too wide.
pub(super) fn wide(d: usize) -> Option<(usize, bool)> {
    [32, 64, 128].into_iter().find(|&width| d <= width).map(|width| (width, d == width))
}

/// Whether rows along a dimension are read and written by fours.
pub(super) fn lies_by_fours(access: &Access, along: usize) -> bool {
    let others = access.strides.iter().enumerate().all(|(i, s)| i == along || s % 4 == 0);
    access.strides[along] == 1 && others && access.offset % 4 == 0
}

/// A text that grows by lines.
pub(super) struct Text(pub(super) String);

impl Text {
    pub(super) fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }
}

/// A matrix from shared memory, whose rows are there, or its columns.
pub(super) fn load(role: &str, array: &str, at: &str, pitch: usize, by_rows: bool) -> String {
    let load = if by_rows { "coopLoadT" } else { "coopLoad" };
    format!("{load}<coop_mat16x16<f16, {role}>>(&{array}[{at}], {pitch}u)")
}

/// An element of a mask, whose buffer is one of words.
pub(super) fn element(buffer: u8, dtype: DType) -> String {
    match dtype {
        DType::Bool => format!("((b{buffer}[at / 4] >> u32(at % 4 * 8)) & 0xffu) != 0u"),
        DType::F16 => format!("unpack2x16float(b{buffer}[at / 2])[at % 2]"),
        DType::BF16 => format!("bitcast<f32>((b{buffer}[at / 2] >> u32(at % 2 * 16)) << 16u)"),
        _ => format!("bitcast<f32>(b{buffer}[at])"),
    }
}

/// Writes a matrix of sums to shared memory.
pub(super) fn keep(array: &str, sums: &str, at: &str, pitch: usize) -> String {
    format!(
        "{{ let value = {sums}; let place = &{array}[{at}]; let pitch = {pitch}u; coopStoreT(value, place, pitch); }}"
    )
}

/// The same at column `j` of matrices of a subgroup's scores.
fn keep_score(sums: &str, j: usize) -> String {
    keep("scores", sums, &format!("own * {PITCH} + {}", j * SIDE / 4), PITCH)
}

//! Attention in half precision by the GPU's matrix units, as WGSL has them; see [`cooperative`](super::cooperative).
//!
//! A subgroup has 16 queries, whose rows it keeps, and their part of the result. Blocks of keys and of values pass through shared
//! memory; so do scores, whose places in a matrix only memory tells: two threads make shares of each query's. Shares are
//! reckoned from a score that is no more than `SLACK` below the largest one so far, so that the sums must seldom shrink.
//! Matrices in shared memory must begin at multiples of 16 bytes, which WGSL does not promise: all that lies there is as long.

use super::super::numbers::{Numbers, ZERO};
use super::blocks::{Blocks, Text, is_read, keep, lies_by_fours, load, masked, wide};
use super::cooperative::{GAP, SIDE, SUBGROUP};
use super::{ENTRY, number as word};
use crate::device::{Access, Launch};
use crate::dtype::DType;
use smallvec::SmallVec;

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
    /// Keys and values.
    blocks: Blocks,
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
        let all = is_read(mask)
            && !launch.dims.contains(&0)
            && sizes[2..].iter().all(|d| d % 4 == 0)
            && rows.iter().all(|&(access, along)| lies_by_fours(access, batch + along))
            && alone;
        all.then_some(Mixing { causal, mask, blocks: Blocks { widths, lines: KEYS, threads: THREADS } })
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
        let blocks: usize = (0..2).map(|side| self.blocks.size(side)).sum();
        8 * (blocks + ROWS * PITCH) + 16 * ROWS * PITCH + 16
    }

    /// The kernel's text. `bound` are the bindings of the accesses, `writes` says which of all are written.
    pub(crate) fn render(&self, numbers: &Numbers, bound: &[u8], writes: &[bool]) -> String {
        let rows = [0, 1, 2, numbers.write(0)].map(|access| usize::from(bound[access]));
        let mut out = Text::begin(numbers, &rows, writes);
        self.memory(&mut out);
        self.begin(&mut out, numbers, bound);
        out.line("  for (var q = 0; q < end; q += KEYS) {");
        out.line(&format!("    {{ let p = q;\n{}    }}", self.fetch(numbers, bound, 1)));
        out.line(&format!("    {{ let p = q + KEYS;\n{}    }}", self.fetch(numbers, bound, 0)));
        self.scores(&mut out);
        out.line("    workgroupBarrier();");
        self.shares(&mut out, numbers, bound);
        out.line(&format!("{}{}    workgroupBarrier();", self.blocks.put(1), self.blocks.put(0)));
        self.shrink(&mut out);
        self.through(&mut out);
        out.line("  }");
        self.finish(&mut out, numbers, bound);
        out.0.replace("KEYS", &KEYS.to_string())
    }

    /// What the group has memory for.
    fn memory(&self, out: &mut Text) {
        self.blocks.declare(out);
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
        out.places(numbers, bound.len());
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
        (0..2).for_each(|side| self.blocks.share(out, side));
        (0..self.blocks.across(0)).for_each(|p| out.line(&format!("  var q{p}: coop_mat16x16<f16, A>;")));
        (0..self.blocks.across(1)).for_each(|j| out.line(&format!("  var c{j}: coop_mat16x16<f32, C>;")));
        out.line("  var most = lowest; var total = 0.0; var factor = 1.0;");
        // The queries come the way of keys.
        for part in 0..ROWS / KEYS {
            out.line(&format!("  {{ let p = first + {};", part * KEYS));
            out.line(&format!(
                "{}  }}\n{}  workgroupBarrier();",
                self.blocks.fetch(numbers, bound, (0, 0, 0), true),
                self.blocks.put(0)
            ));
            out.line(&format!("  if (own / KEYS == {part}) {{"));
            for p in 0..self.blocks.across(0) {
                let at = format!("(own % KEYS) * {} + {}", self.blocks.pitch(0), p * SIDE / 4);
                out.line(&format!("    q{p} = {};", self.blocks.load("A", 0, &at, true)));
            }
            out.line("  }\n  workgroupBarrier();");
        }
        out.line(&format!("  {{ let p = 0;\n{}  }}", self.fetch(numbers, bound, 0)));
        out.line(&format!("{}  workgroupBarrier();", self.blocks.put(0)));
    }

    /// Reads a thread's share of the block of keys or of values from row `p` on into registers.
    fn fetch(&self, numbers: &Numbers, bound: &[u8], side: usize) -> String {
        self.blocks.fetch(numbers, bound, (side, 1 + side, 1), side == 0)
    }

    /// A subgroup's queries times the block's keys.
    fn scores(&self, out: &mut Text) {
        out.line("    {");
        (0..KEYS / SIDE).for_each(|j| out.line(&format!("    var x{j}: coop_mat16x16<f32, C>;")));
        for p in 0..self.blocks.across(0) {
            for j in 0..KEYS / SIDE {
                let at = j * SIDE * self.blocks.pitch(0) + p * SIDE / 4;
                let keys = self.blocks.load("B", 0, &at.to_string(), false);
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
                for part in 0..4 {
                    let key = format!("q + 4 * ({} + half) + {part}", 2 * i);
                    let score = format!("x{i}[{part}]");
                    out.line(&masked(numbers, bound, dtype, &score, ["query", &key]));
                }
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

    /// Makes the sums smaller, where some query's shares are reckoned from another score now.
    fn shrink(&self, out: &mut Text) {
        out.line("    if (q > 0 && atomicLoad(&again[0]) == q) {");
        for first in (0..self.blocks.across(1)).step_by(KEYS / SIDE) {
            let columns = first..self.blocks.across(1).min(first + KEYS / SIDE);
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
            for j in 0..self.blocks.across(1) {
                let at = p * SIDE * self.blocks.pitch(1) + j * SIDE / 4;
                let values = self.blocks.load("B", 1, &at.to_string(), true);
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
        for first in (0..self.blocks.across(1)).step_by(KEYS / SIDE) {
            out.line("  workgroupBarrier();");
            let columns = first..self.blocks.across(1).min(first + KEYS / SIDE);
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

/// Writes sums to column `j` of matrices of a subgroup's scores.
fn keep_score(sums: &str, j: usize) -> String {
    keep("scores", sums, &format!("own * {PITCH} + {}", j * SIDE / 4), PITCH)
}

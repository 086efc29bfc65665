//! Attention in half precision by the matrix units of NVIDIA's GPUs: the entry points of what `flash.h` computes.

use super::C;
use crate::device::{Access, Launch};
use crate::dtype::DType;
use crate::render::Machine;
use crate::render::numbers::Numbers;
use smallvec::SmallVec;
use std::fmt::Write;

/// What the kernels are made of.
pub(super) const TEMPLATE: &str =
    concat!(include_str!("warpgroup.h"), "\n", include_str!("flash.h"), "\n", include_str!("hopper.h"));
/// Rows of a group, and its threads.
const BLOCK: usize = 64;
const THREADS: usize = 128;
/// The widest rows.
const WIDEST: usize = 128;
/// The same of a group whose other warps fetch (`hopper.h`), the rows of a block of keys there, and the places for blocks.
const ROWS: usize = 128;
const MORE_THREADS: usize = 384;
const SEEN: usize = 128;
const PLACES: usize = 3;

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Pass {
    /// The result and the logarithms.
    Forward,
    /// The gradients of queries.
    Queries,
    /// The gradients of keys and values.
    Keys,
}

/// A pass of attention that matrix units can make.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Flash {
    pub(crate) pass: Pass,
    dtype: DType,
    causal: bool,
    /// Columns of a block: at least as many as rows of queries and of values have.
    width: usize,
    /// Blocks of rows of a group.
    tiles: usize,
    /// Whether other warps fetch what some multiply.
    served: bool,
    /// Groups that a processor has at once, if that is worth their registers.
    resident: usize,
}

impl Flash {
    /// The passes of a launch, without the one that comes before the gradients; none if it does not fit.
    pub(crate) fn of(
        backward: bool,
        dtype: DType,
        causal: bool,
        launch: &Launch,
        machine: &Machine,
    ) -> Option<SmallVec<[Flash; 2]>> {
        let &[.., d, dv] = &launch.dims[..] else { return None };
        let (last, widest) = (launch.dims.len(), d.max(dv));
        let width = [32, 64, WIDEST].into_iter().find(|&width| widest <= width)?;
        // Rows are read by eights and written by pairs; queries and keys have their rows along different dimensions.
        let fits = |access: &Access, along: usize, by: isize| {
            let others = access.strides.iter().enumerate().all(|(i, s)| i == along || s % by == 0);
            access.strides[along] == 1 && others && access.offset % by == 0
        };
        let (of_d, of_dv) = (last - 2, last - 1);
        let reads: &[(usize, usize)] = if backward {
            &[(0, of_d), (1, of_d), (2, of_dv), (5, of_dv)]
        } else {
            &[(0, of_d), (1, of_d), (2, of_dv)]
        };
        let writes: &[(usize, usize)] =
            if backward { &[(0, of_d), (1, of_d), (2, of_dv)] } else { &[(0, of_dv)] };
        let all = d % 8 == 0
            && dv % 8 == 0
            && matches!(dtype, DType::F16 | DType::BF16)
            && reads.iter().all(|&(read, along)| fits(&launch.reads[read], along, 8))
            && writes.iter().all(|&(write, along)| fits(&launch.writes[write], along, 2));
        let passes: &[Pass] = if backward { &[Pass::Queries, Pass::Keys] } else { &[Pass::Forward] };
        let of = |&pass: &Pass| {
            // Twice as many rows read the other side half as often, and are enough for a GPU where there are many.
            let tall = launch.dims[if pass == Pass::Keys { last - 3 } else { last - 4 }] > 2 * BLOCK;
            // Of narrow rows several groups at once are sooner, but for results that see all: measured on an H100.
            let narrow = machine.hopper && width == 64;
            let served =
                machine.hopper && tall && (width == WIDEST || narrow && pass == Pass::Forward && !causal);
            let tiles = if served || tall && !backward { 2 } else { 1 };
            let resident = match pass {
                _ if served || !narrow => 1,
                Pass::Queries => 4,
                Pass::Forward | Pass::Keys => 3,
            };
            Flash { pass, dtype, causal, width, tiles, served, resident }
        };
        all.then(|| passes.iter().map(of).collect())
    }

    /// How many groups a launch has.
    pub(crate) fn groups(&self, launch: &Launch) -> usize {
        let (batch, sides) = launch.dims.split_at(launch.dims.len() - 4);
        let rows = if self.pass == Pass::Keys { sides[1] } else { sides[0] };
        batch.iter().product::<usize>() * rows.div_ceil(BLOCK * self.tiles)
    }

    /// Threads of a group.
    pub(crate) fn threads(&self) -> usize {
        if self.served { MORE_THREADS } else { THREADS }
    }

    /// Bytes of memory that a group shares.
    pub(crate) fn shared(&self) -> usize {
        // Rows of elements, single numbers, and gates: for each kind of block one where it is full and one where it is free.
        let (rows, numbers, kinds) = match (self.pass, self.served) {
            (Pass::Forward, true) => (ROWS + 2 * PLACES * SEEN, 0, 2),
            (_, true) => (2 * ROWS + 2 * PLACES * BLOCK, 2 * PLACES * BLOCK, 1),
            (Pass::Forward, false) => ((self.tiles + 4) * BLOCK, 0, 0),
            (_, false) => (6 * BLOCK, 4 * BLOCK, 0),
        };
        rows * self.width * 2 + numbers * 4 + kinds * 2 * PLACES * 8
    }

    /// The lines that say which rows of which item a group works on.
    fn task(&self, c: &C, numbers: &Numbers) -> String {
        let keys = self.pass == Pass::Keys;
        let (side, other) = if keys { ("k", "m") } else { ("m", "k") };
        let sizes = (0..numbers.rank - 4).map(|dim| format!("n.w[{}]", numbers.dim(dim)));
        let items = ["1".to_owned()].into_iter().chain(sizes).collect::<Vec<_>>().join(" * ");
        // Of causal attention the first keys are seen by most queries, and the last queries see most keys.
        let (order, tile) = match self.causal {
            true => (format!(", items, {other}, d + dv"), if keys { "tile" } else { "tiles - 1 - tile" }),
            false => (String::new(), "tile"),
        };
        let rows = BLOCK * self.tiles;
        format!(
            "  const i32 g = i32({}), tiles = ({side} + {rows} - 1) / {rows}, items = {items};
  if (g >= items * tiles) {{ return; }}
  const auto [tile, item] = flash::task(g, tiles{order});
  const i32 first = ({tile}) * {rows};",
            c.group
        )
    }

    /// The text of the kernel, which wants the prelude before it.
    pub(super) fn render(&self, c: &C, numbers: &Numbers, bindings: &[u8], writes: &[bool]) -> String {
        let batch = numbers.rank - 4;
        let mut out = format!("struct Numbers {{ i32 w[{}]; }};\n\n", numbers.count());
        let mut line = |text: String| {
            let _ = writeln!(out, "{text}");
        };
        let buffers =
            writes.iter().enumerate().map(|(i, &w)| format!("{}u8* b{i}", if w { "" } else { "const " }));
        let parameters: Vec<String> = buffers.chain(c.parameters.iter().map(|&p| p.to_owned())).collect();
        // Who serves gives registers away, which asks for a group alone on its processor.
        let counted = self.served || self.resident > 1;
        let together = if counted { format!(", {}", self.resident) } else { String::new() };
        let head = c.entry.replace("{}", &format!("{}{together}", self.threads()));
        line(format!("{head} {}({}) {{", super::ENTRY, parameters.join(", ")));
        line("  extern __shared__ __align__(1024) four<u32> room[];".into());
        let word = |at: usize| format!("n.w[{at}]");
        let size = |d: usize| word(numbers.dim(batch + d));
        line(format!("  const i32 m = {}, k = {}, d = {}, dv = {};", size(0), size(1), size(2), size(3)));
        line(self.task(c, numbers));
        let accesses = numbers.write(match self.pass {
            Pass::Forward => 2,
            _ => 3,
        });
        line("  i32 left = item;".into());
        (0..accesses).for_each(|i| line(format!("  i64 o{i} = {};", word(numbers.offset(i)))));
        for dim in (0..batch).rev() {
            line(format!("  {{ const i32 c = left % {0}; left /= {0};", word(numbers.dim(dim))));
            (0..accesses)
                .for_each(|i| line(format!("    o{i} += i64(c) * {};", word(numbers.stride(i, dim)))));
            line("  }".into());
        }
        let (queries, keys) = (("m", 0), ("k", 1));
        let matrix = |access: usize, (rows, along): (&str, usize), width: &str| {
            let pitch = word(numbers.stride(access, batch + along));
            format!("{{(const u16*)b{} + o{access}, {pitch}, {rows}, {width}}}", bindings[access])
        };
        let place = |write: usize, (rows, along): (&str, usize), width: &str| {
            let access = numbers.write(write);
            let pitch = word(numbers.stride(access, batch + along));
            format!("{{(u16*)b{} + o{access}, {pitch}, {rows}, {width}}}", bindings[access])
        };
        line(format!("  const flash::Matrix q = {};", matrix(0, queries, "d")));
        line(format!("  const flash::Matrix key = {};", matrix(1, keys, "d")));
        line(format!("  const flash::Matrix value = {};", matrix(2, keys, "dv")));
        line(format!("  const f32 scale = bitcast<f32>({});", word(numbers.param(0))));
        let brain = self.dtype == DType::BF16;
        let template = format!("{}, {brain}, {}", self.width, self.causal);
        if self.pass == Pass::Forward {
            let log = numbers.write(1);
            line(format!("  const flash::Place to = {};", place(0, queries, "dv")));
            let function = match self.served {
                true => format!("forward_by_groups<{template}>"),
                false => format!("forward<{template}, {}>", self.tiles),
            };
            line(format!(
                "  flash::{function}((u16*)room, q, key, value, to, (f32*)b{} + o{log}, {}, scale, first);\n}}",
                bindings[log],
                word(numbers.stride(log, batch))
            ));
            return out;
        }
        line(format!("  const flash::Matrix grad = {};", matrix(5, queries, "dv")));
        line(format!("  const flash::Place of_q = {};", place(0, queries, "d")));
        line(format!("  const flash::Place of_key = {};", place(1, keys, "d")));
        line(format!("  const flash::Place of_value = {};", place(2, keys, "dv")));
        let logs = format!("(const f32*)b{} + o4, {}", bindings[4], word(numbers.stride(4, batch)));
        let dots = format!("(const f32*)b{} + i64(item) * m", writes.len() - 1);
        let operands = match self.pass {
            Pass::Keys => "key, value, q, grad, of_key, of_value",
            _ => "q, grad, key, value, of_q, of_q",
        };
        let keys = self.pass == Pass::Keys;
        let function = if self.served { "backward_by_groups" } else { "backward" };
        line(format!(
            "  flash::{function}<{template}, {keys}>((u16*)room, {operands}, {logs}, {dots}, scale, first);\n}}"
        ));
        out
    }
}

//! Launches that would see more of a buffer than a binding shows: in pieces, each of which sees a window of it.

use crate::device::Shared;
use crate::memory::{Block, Part, WgpuBuffer};
use crate::program::WgpuProgram;
use smallvec::SmallVec;
use st_kernel::pool::Memory;
use st_kernel::render::folds::Fold;
use st_kernel::render::windows::{Piece, Window, pieces, placed};
use st_kernel::render::{Machine, arranged};
use st_kernel::view::Dims;
use st_kernel::{Error, Kernel, Launch, Result, Scalar};
use std::sync::Arc;

/// What a kernel becomes in pieces.
pub(crate) struct InPieces {
    /// The kernel that is told where a piece begins, and along which dimensions; if that matters.
    placed: Option<(WgpuProgram, SmallVec<[u8; 4]>)>,
    /// The kernels of a reduction that walks its inner points in parts, if it can.
    folded: Option<Folded>,
}

struct Folded {
    fold: Fold,
    part: WgpuProgram,
    rest: WgpuProgram,
}

impl InPieces {
    pub(crate) fn new(kernel: &Kernel, shared: &Arc<Shared>, machine: Machine) -> InPieces {
        let program = |kernel: Kernel| WgpuProgram::new(kernel, shared.clone(), machine);
        InPieces {
            placed: placed(kernel).map(|(kernel, dims)| (program(kernel), dims)),
            folded: Fold::of(kernel).map(|fold| Folded {
                part: program(fold.part.clone()),
                rest: program(fold.rest.clone()),
                fold,
            }),
        }
    }
}

/// Work on memory: a launch, the coordinates of its first point, its buffers and parameters.
#[derive(Clone, Copy)]
struct Work<'a> {
    launch: &'a Launch,
    first: &'a Dims,
    memory: &'a [&'a Block],
    params: &'a [Scalar],
}

impl WgpuProgram {
    /// Runs a launch in pieces.
    pub(crate) fn run_in_pieces(&self, launch: &Launch, memory: &[&Block], params: &[Scalar]) -> Result<()> {
        let first = Dims::from_elem(0, launch.dims.len());
        self.run_from(Work { launch, first: &first, memory, params })
    }

    fn run_from(&self, work: Work) -> Result<()> {
        let sizes: SmallVec<[u64; 8]> = work.memory.iter().map(|m| m.size()).collect();
        match (self.pieces(work.launch, work.first, &sizes), &self.in_pieces().folded) {
            (Err(refused @ Error::Unsupported(_)), Some(folded)) => {
                let runs = |launch: &Launch, first: &Dims| folded.part.pieces(launch, first, &sizes).is_ok();
                let cut = folded.fold.cut(work.launch, work.memory.len(), runs).ok_or(refused)?;
                self.run_folded(folded, cut, work)
            }
            (found, _) => found?.iter().try_for_each(|piece| self.run_piece(piece, work)),
        }
    }

    fn pieces(&self, launch: &Launch, first: &Dims, sizes: &[u64]) -> Result<Vec<Piece>> {
        pieces(self.described(), (launch, first), sizes, &self.machine, &self.shared.sight)
    }

    fn run_piece(&self, piece: &Piece, work: Work) -> Result<()> {
        let part = |w: &Window| Part { memory: work.memory[w.buffer as usize], from: w.from, bytes: w.bytes };
        let parts: SmallVec<[Part; 8]> = piece.windows.iter().map(part).collect();
        let run = |program: &WgpuProgram, params: &[Scalar]| {
            let arranged = arranged(program.described(), &piece.launch, &self.machine)?;
            program.run(&program.ready(&arranged)?, &parts, params)
        };
        match &self.in_pieces().placed {
            None => run(self, work.params),
            Some((program, dims)) => {
                let params: Vec<Scalar> = work.params.iter().copied().chain(piece.place(dims)).collect();
                run(program, &params)
            }
        }
    }

    /// Reduces the parts of the inner points one after the other, then joins what they leave.
    fn run_folded(&self, folded: &Folded, cut: (usize, usize), work: Work) -> Result<()> {
        let Folded { fold, part, rest } = folded;
        let (count, left) = (fold.len(work.launch, cut), work.memory.len());
        let results: Vec<WgpuBuffer> =
            fold.left.iter().map(|dtype| self.shared.alloc(count * dtype.size())).collect::<Result<_>>()?;
        let memory: SmallVec<[&Block; 8]> =
            work.memory.iter().copied().chain(results.iter().map(|r| r.memory())).collect();
        let parts = Fold::parts(work.launch, cut);
        for number in 0..parts {
            let (launch, first) = fold.part(work.launch, cut, number, left);
            part.run_from(Work { launch: &launch, first: &first, memory: &memory, ..work })?;
        }
        rest.run_in_pieces(&fold.rest(work.launch, parts, left), &memory, work.params)
    }
}

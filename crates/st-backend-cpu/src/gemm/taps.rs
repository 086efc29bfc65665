//! Products of a convolution's weights with what its taps see of an image, on a matrix unit: the image is split in three
//! parts once, the channels in pairs, and every tap's tiles are read from it where they lie.

use super::Operand;
#[cfg(target_arch = "x86_64")]
use super::amx;
use super::element::Element;
use super::packed::RowsAt;
use crate::isa::Isa;
use crate::scratch::Scratch;
use std::any::TypeId;
use std::ops::Range;

/// Channels of a tap that are multiplied together, and results of a tile either way.
pub(crate) const UNIT: usize = 32;
/// Numbers beyond an image's last channel that the last tiles may read.
const BEYOND: usize = 64;

/// The weights: for each [`UNIT`] of rows and each tap, units of channels.
pub(crate) struct Filters {
    rows: usize,
    channels: usize,
    taps: usize,
    memory: Scratch<[u16; 3]>,
}

// SAFETY: units are packed by one task each, and read when all are.
unsafe impl Sync for Filters {}

impl Filters {
    /// Room for them, if a matrix unit is there and most of its tiles would be full.
    pub(crate) fn new<T: Element>(isa: Isa, rows: usize, channels: usize, taps: usize) -> Option<Filters> {
        let full = channels.is_multiple_of(UNIT) && 3 * rows >= 2 * rows.next_multiple_of(UNIT);
        if isa != Isa::Amx || TypeId::of::<T>() != TypeId::of::<f32>() || !full {
            return None;
        }
        let memory = Scratch::new(rows.next_multiple_of(UNIT) * channels * taps);
        Some(Filters { rows, channels, taps, memory })
    }

    /// How many panels of rows there are.
    pub(crate) fn count(&self) -> usize {
        self.rows.div_ceil(UNIT)
    }

    /// The rows of some panels.
    pub(crate) fn rows(&self, panels: Range<usize>) -> Range<usize> {
        panels.start * UNIT..(panels.end * UNIT).min(self.rows)
    }

    /// The units of a panel.
    fn panel(&self, panel: usize) -> *mut [u16; 3] {
        self.memory.ptr().wrapping_add(panel * UNIT * self.channels * self.taps)
    }

    /// Packs the weights of a panel at a tap.
    ///
    /// # Safety
    /// `matrix`, all rows by all channels, is readable and in single precision, and nobody else uses the panel.
    pub(crate) unsafe fn pack<T: Element>(&self, panel: usize, tap: usize, matrix: Operand<T>) {
        #[cfg(target_arch = "x86_64")]
        {
            use super::tile::{Kernel, Lines};
            let rows = self.rows(panel..panel + 1);
            let lines = Lines {
                from: matrix.item(0).wrapping_offset(rows.start as isize * matrix.row).cast(),
                line: matrix.row,
                step: matrix.col,
                count: rows.len(),
                k: self.channels,
            };
            let to = self.panel(panel).wrapping_add(tap * UNIT * self.channels);
            // SAFETY: the caller's promise; there is room for the units of each tap.
            unsafe { amx::Thirds::pack_a(lines, to, UNIT, 0) }
        }
    }

    /// Whether all units are split: a unit with numbers that the matrix unit cannot take is not.
    ///
    /// # Safety
    /// All units are packed.
    pub(crate) unsafe fn are_split(&self) -> bool {
        let units = self.count() * self.taps * self.channels / UNIT;
        // SAFETY: the caller's promise.
        #[cfg(target_arch = "x86_64")]
        return (0..units).all(|i| unsafe { !amx::is_kept(self.memory.ptr().add(i * UNIT * UNIT)) });
        #[cfg(not(target_arch = "x86_64"))]
        return units == 0;
    }
}

/// An image in three parts.
pub(crate) struct Split {
    channels: usize,
    /// Numbers of a channel.
    len: usize,
    memory: Scratch<u32>,
}

impl Split {
    /// Splits an image whose channels are `len` numbers, a multiple of 16, unless some are not for the matrix unit.
    ///
    /// # Safety
    /// The image is readable, and the machine has the unit.
    pub(crate) unsafe fn new<Acc>(image: *const Acc, channels: usize, len: usize) -> Option<Split> {
        let split = Split { channels, len, memory: Scratch::new(3 * channels / 2 * len + BEYOND) };
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the caller's promise; there is room for three parts of each pair of channels.
        let fits = unsafe {
            split.memory.ptr().add(3 * channels / 2 * len).write_bytes(0, BEYOND);
            amx::split_image(image.cast(), [channels, len], split.memory.ptr())
        };
        #[cfg(not(target_arch = "x86_64"))]
        let fits = false;
        fits.then_some(split)
    }

    /// Computes a panel's results at `cols` positions, which see the image at `offsets`, one for each tap.
    ///
    /// # Safety
    /// The filters are packed, offsets and positions are inside a channel, and nobody else uses the results.
    pub(crate) unsafe fn times<Acc>(
        &self,
        filters: &Filters,
        panels: Range<usize>,
        offsets: &[isize],
        cols: usize,
        c: RowsAt<*mut Acc>,
    ) {
        debug_assert_eq!((offsets.len(), self.channels), (filters.taps, filters.channels));
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the caller's promise.
        unsafe {
            amx::begin();
            for col in (0..cols).step_by(UNIT) {
                for panel in panels.clone() {
                    let rows = filters.rows(panel..panel + 1);
                    let sums = amx::Sums {
                        c: c.at.add(rows.start * c.step + col).cast(),
                        c_row: c.step as isize,
                        rows: rows.len(),
                        cols: (cols - col).min(UNIT),
                        add: false,
                    };
                    amx::at_taps(
                        sums,
                        filters.panel(panel),
                        self.memory.ptr().add(col),
                        [self.channels, self.len],
                        offsets,
                    );
                }
            }
            amx::end();
        }
    }
}

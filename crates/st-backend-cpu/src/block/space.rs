//! The dimensions of a launch, merged and ordered, and the walk over them tile by tile.

use smallvec::SmallVec;

/// One number for each access of a kernel.
pub(crate) type PerAccess = SmallVec<[isize; 8]>;

/// Loops by which an access walks: how often each runs, and its step.
pub(crate) type Loops = SmallVec<[(usize, isize); 4]>;

/// Adds an inner loop; one with the innermost, if they walk as one.
pub(crate) fn push_loop(loops: &mut Loops, (count, step): (usize, isize)) {
    match loops.last_mut() {
        Some((outer, by)) if *by == step * count as isize => (*outer, *by) = (*outer * count, step),
        _ => loops.push((count, step)),
    }
}

/// Loop dimensions with the steps of every access along them, outer first; never fewer than two.
pub(crate) struct Space {
    sizes: SmallVec<[usize; 4]>,
    /// `steps[d * accesses ..]` belong to dimension `d`.
    steps: SmallVec<[isize; 24]>,
    accesses: usize,
}

impl Space {
    /// The dimensions of these sizes, where `step(access, dim)` tells how far an access moves.
    ///
    /// With a `key`, dimensions are ordered by that access's steps, the shortest last, so that its memory is walked in
    /// order. Then neighbours that every access walks as if they were one become one.
    pub(crate) fn new(
        sizes: &[usize],
        accesses: usize,
        key: Option<usize>,
        step: impl Fn(usize, usize) -> isize,
    ) -> Space {
        let mut order: SmallVec<[usize; 8]> = (0..sizes.len()).filter(|&d| sizes[d] != 1).collect();
        if let Some(key) = key {
            // Dimensions along which the key stands still keep their places.
            order.sort_by_key(|&d| std::cmp::Reverse(step(key, d).unsigned_abs()));
        }
        let mut space = Space { sizes: SmallVec::new(), steps: SmallVec::new(), accesses };
        for &d in &order {
            let inner = (0..accesses).map(|a| step(a, d));
            let n = sizes[d] as isize;
            match space.sizes.last_mut() {
                Some(size)
                    if inner
                        .clone()
                        .zip(&space.steps[space.steps.len() - accesses..])
                        .all(|(s, &o)| o == s * n) =>
                {
                    *size *= sizes[d];
                    let at = space.steps.len() - accesses;
                    space.steps.truncate(at);
                }
                _ => space.sizes.push(sizes[d]),
            }
            space.steps.extend(inner);
        }
        while space.sizes.len() < 2 {
            space.sizes.insert(0, 1);
            space.steps.insert_many(0, (0..accesses).map(|_| 0));
        }
        space
    }

    /// Number of dimensions.
    pub(crate) fn rank(&self) -> usize {
        self.sizes.len()
    }

    /// Number of points.
    pub(crate) fn points(&self) -> usize {
        self.sizes.iter().product()
    }

    /// Size of dimension `d`, counted from the last.
    pub(crate) fn size_from_last(&self, d: usize) -> usize {
        self.sizes[self.rank() - 1 - d]
    }

    /// Steps along dimension `d`, counted from the last.
    pub(crate) fn steps_from_last(&self, d: usize) -> &[isize] {
        let d = self.rank() - 1 - d;
        &self.steps[d * self.accesses..][..self.accesses]
    }

    /// Number of points inside dimension `d`, counted from the last.
    pub(crate) fn points_inside(&self, d: usize) -> usize {
        self.sizes[self.rank() - d..].iter().product()
    }

    /// The loops of an access inside dimension `d` (counted from the last), as few as can be: sizes and steps.
    pub(crate) fn loops_inside(&self, d: usize, access: usize) -> Loops {
        let mut loops = Loops::new();
        for d in (0..d).rev() {
            push_loop(&mut loops, (self.size_from_last(d), self.steps_from_last(d)[access]));
        }
        loops
    }

    /// Makes dimension `d` (counted from the first) the one at `to`.
    pub(crate) fn move_dim(&mut self, d: usize, to: usize) {
        let (n, a) = (to.abs_diff(d), self.accesses);
        if to > d {
            self.sizes[d..=to].rotate_left(1);
            self.steps[d * a..(to + 1) * a].rotate_left(a);
        } else if n > 0 {
            self.sizes[to..=d].rotate_right(1);
            self.steps[to * a..(d + 1) * a].rotate_right(a);
        }
    }

    /// The dimension (counted from the first) along which an access moves by one element.
    pub(crate) fn unit_dim(&self, access: usize) -> Option<usize> {
        (0..self.rank()).rev().find(|&d| self.sizes[d] > 1 && self.steps[d * self.accesses + access] == 1)
    }
}

/// A walk over a space by tiles, in row-major order of tiles. A tile has rows along one dimension; its columns are all
/// that lies inside that one.
pub(crate) struct Walk<'s> {
    space: &'s Space,
    /// The dimension of the rows, counted from the last.
    depth: usize,
    tile_rows: usize,
    tile_cols: usize,
    row_tiles: usize,
    col_tiles: usize,
    /// Number of tiles.
    pub(crate) tiles: usize,
}

/// Part of a space: a grid of points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}

impl<'s> Walk<'s> {
    /// Tiles of at most this size, with rows along the last dimension but one.
    pub(crate) fn new(space: &'s Space, tile_rows: usize, tile_cols: usize) -> Walk<'s> {
        Walk::along(space, 1, tile_rows, tile_cols)
    }

    /// Tiles with rows along dimension `depth`, counted from the last; if several lie inside, with all their columns.
    pub(crate) fn along(space: &'s Space, depth: usize, tile_rows: usize, tile_cols: usize) -> Walk<'s> {
        let row_tiles = space.size_from_last(depth).div_ceil(tile_rows);
        let col_tiles = space.points_inside(depth).div_ceil(tile_cols);
        let others: usize = space.sizes[..space.rank() - 1 - depth].iter().product();
        let tiles = others * row_tiles * col_tiles;
        Walk { space, depth, tile_rows, tile_cols, row_tiles, col_tiles, tiles }
    }

    /// The part tile `t` is; `at` becomes the accesses' positions at its first point, `from` being those of the space's.
    #[inline]
    pub(crate) fn tile(&self, t: usize, from: &[isize], at: &mut [isize]) -> Part {
        at.copy_from_slice(from);
        let (mut rest, mut col, mut row) = (t, t, 0);
        if self.tiles != self.col_tiles {
            (rest, col) = (t / self.col_tiles, t % self.col_tiles);
            if self.row_tiles != 1 {
                (rest, row) = (rest / self.row_tiles, rest % self.row_tiles);
            }
            let along = self.space.rank() - 1 - self.depth;
            for d in (0..along).rev() {
                let size = self.space.sizes[d];
                self.advance(at, d, rest % size);
                rest /= size;
            }
            self.advance(at, along, row * self.tile_rows);
        }
        debug_assert!(rest == 0 || self.tiles == self.col_tiles);
        self.advance(at, self.space.rank() - 1, col * self.tile_cols);
        Part {
            rows: self.tile_rows.min(self.space.size_from_last(self.depth) - row * self.tile_rows),
            cols: self.tile_cols.min(self.space.points_inside(self.depth) - col * self.tile_cols),
        }
    }

    /// Number of points in the tiles before tile `t`.
    pub(crate) fn points_before(&self, t: usize) -> usize {
        if t == 0 {
            return 0;
        }
        let (rows, cols) = (self.space.size_from_last(self.depth), self.space.points_inside(self.depth));
        let (rest, col) = (t / self.col_tiles.max(1), t % self.col_tiles.max(1));
        let (other, row) = (rest / self.row_tiles.max(1), rest % self.row_tiles.max(1));
        let height = self.tile_rows.min(rows - row * self.tile_rows);
        (other * rows + row * self.tile_rows) * cols + height * col * self.tile_cols
    }

    #[inline]
    fn advance(&self, at: &mut [isize], d: usize, by: usize) {
        if by != 0 {
            let steps = &self.space.steps[d * self.space.accesses..][..self.space.accesses];
            at.iter_mut().zip(steps).for_each(|(at, step)| *at += by as isize * step);
        }
    }
}

/// A tile length for `size` points that is at most `most`, leaves no small rest, and suits vectors.
pub(crate) fn balanced(size: usize, most: usize) -> usize {
    let tiles = size.div_ceil(most).max(1);
    size.div_ceil(tiles).next_multiple_of(64).min(most).max(1)
}

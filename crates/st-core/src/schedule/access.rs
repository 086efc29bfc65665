//! Where the points of a kernel's loops fall in the flat memory of a tensor.
//!
//! A fused kernel sees every tensor through an [`Access`]: an offset and a stride for each loop dimension. To compute a
//! value inside the kernel instead of loading it, its own access is carried over to its operands, whose views are written
//! over the value's shape. That needs the coordinates of the access along that shape; where a loop dimension runs over
//! the edge of one (a reshape), the loop dimension is split.

use smallvec::SmallVec;
use st_kernel::view::{Dims, Strides, View, numel};

/// An affine map from loop coordinates to a flat position.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Access {
    pub(super) offset: isize,
    pub(super) strides: Strides,
}

/// Which of a space's accesses.
pub(super) type AccessId = u32;

/// Loop dimensions, outer then inner, and all accesses made over them.
#[derive(Clone)]
pub(super) struct Space {
    pub(super) dims: Dims,
    /// Where the inner dimensions begin.
    pub(super) outer: usize,
    /// Whether dimensions must stay as they are: those of a product or a convolution.
    pub(super) frozen: bool,
    pub(super) accesses: Vec<Access>,
}

impl Space {
    pub(super) fn new(dims: &[usize]) -> Space {
        Space { dims: Dims::from_slice(dims), outer: dims.len(), frozen: false, accesses: Vec::new() }
    }

    pub(super) fn access(&self, id: AccessId) -> &Access {
        &self.accesses[id as usize]
    }

    /// Adds an access; equal ones are one.
    pub(super) fn add(&mut self, mut access: Access) -> AccessId {
        for (stride, &n) in access.strides.iter_mut().zip(&self.dims) {
            if n == 1 {
                *stride = 0;
            }
        }
        let at = self.accesses.iter().position(|a| *a == access).unwrap_or_else(|| {
            self.accesses.push(access);
            self.accesses.len() - 1
        });
        at as AccessId
    }

    /// The row-major access of all dimensions, by way of a strided view of their shape.
    pub(super) fn add_view(&mut self, view: &View) -> AccessId {
        self.add(Access { offset: view.offset, strides: view.strides.clone() })
    }

    /// Number of points over a range of dimensions.
    pub(super) fn points(&self) -> usize {
        numel(&self.dims)
    }

    pub(super) fn inner_points(&self) -> usize {
        numel(&self.dims[self.outer..])
    }

    pub(super) fn has_inner(&self) -> bool {
        self.outer < self.dims.len()
    }

    /// Whether the access moves along no inner dimension.
    pub(super) fn is_per_row(&self, id: AccessId) -> bool {
        self.access(id).strides[self.outer..].iter().all(|&s| s == 0)
    }

    /// Whether the access meets each of `count` elements once, over the dimensions in `range`.
    pub(super) fn covers(&self, id: AccessId, range: std::ops::Range<usize>, count: usize) -> bool {
        let access = self.access(id);
        if access.offset != 0 || numel(&self.dims[range.clone()]) != count {
            return false;
        }
        let mut dims: SmallVec<[(isize, usize); 6]> =
            range.map(|d| (access.strides[d], self.dims[d])).filter(|d| d.1 != 1).collect();
        dims.sort_unstable();
        let mut expected = 1;
        dims.into_iter().all(|(stride, n)| {
            let fits = stride == expected;
            expected *= n as isize;
            fits
        })
    }

    /// Splits a loop dimension into `(n / inner, inner)`.
    fn split(&mut self, dim: usize, inner: usize) {
        let n = self.dims[dim];
        self.dims[dim] = n / inner;
        self.dims.insert(dim + 1, inner);
        if dim < self.outer {
            self.outer += 1;
        }
        for access in &mut self.accesses {
            let stride = access.strides[dim];
            access.strides[dim] = if n == inner { 0 } else { stride * inner as isize };
            access.strides.insert(dim + 1, if inner == 1 { 0 } else { stride });
        }
    }

    /// Reads dimension `order[i]` as dimension `i`.
    pub(super) fn permute(&mut self, order: &[usize]) {
        self.dims = order.iter().map(|&d| self.dims[d]).collect();
        for access in &mut self.accesses {
            access.strides = order.iter().map(|&d| access.strides[d]).collect();
        }
    }

    /// Appends inner dimensions, along which no access moves yet.
    pub(super) fn append_inner(&mut self, sizes: &[usize]) {
        self.dims.extend_from_slice(sizes);
        for access in &mut self.accesses {
            access.strides.resize(self.dims.len(), 0);
        }
    }

    /// Removes dimensions of size one and joins those that every access walks as one; `keep` says not to touch some.
    pub(super) fn simplify(&mut self) {
        if self.frozen {
            return;
        }
        let mut d = 0;
        while d < self.dims.len() {
            let last_inner = d >= self.outer && self.dims.len() - self.outer == 1;
            if self.dims[d] == 1 && !last_inner {
                self.remove(d);
            } else {
                d += 1;
            }
        }
        d = 0;
        while d + 1 < self.dims.len() {
            let n = self.dims[d + 1] as isize;
            let one =
                d + 1 != self.outer && self.accesses.iter().all(|a| a.strides[d] == a.strides[d + 1] * n);
            if one {
                self.dims[d + 1] *= self.dims[d];
                self.remove(d);
            } else {
                d += 1;
            }
        }
    }

    fn remove(&mut self, dim: usize) {
        self.dims.remove(dim);
        if dim < self.outer {
            self.outer -= 1;
        }
        self.accesses.iter_mut().for_each(|a| _ = a.strides.remove(dim));
    }

    /// Brings the dimensions to exactly `wanted`, in the row-major order of access `id`. False if they cannot be.
    pub(super) fn refactor(&mut self, id: AccessId, wanted: &[usize]) -> bool {
        let mut tried = self.clone();
        let mut order: SmallVec<[usize; 6]> = (0..tried.dims.len()).collect();
        order.sort_by_key(|&d| std::cmp::Reverse(tried.access(id).strides[d]));
        tried.permute(&order);
        tried.simplify();
        let mut at = 0;
        for &n in wanted {
            match tried.dims.get(at) {
                Some(&have) if have == n => {}
                Some(&have) if n != 0 && have % n == 0 && n != 1 => tried.split(at, have / n),
                _ if n == 1 => tried.insert_unit(at),
                _ => return false,
            }
            at += 1;
        }
        if at != tried.dims.len() {
            return false;
        }
        *self = tried;
        true
    }

    fn insert_unit(&mut self, at: usize) {
        self.dims.insert(at, 1);
        self.outer += 1;
        self.accesses.iter_mut().for_each(|a| a.strides.insert(at, 0));
    }

    /// Carries an access of a row-major tensor of `shape` over to the `operands` seen by views of that shape. May split
    /// dimensions. `None` if strides cannot say it.
    pub(super) fn through(
        &mut self,
        id: AccessId,
        shape: &[usize],
        operands: &[View],
    ) -> Option<SmallVec<[AccessId; 4]>> {
        let axes = Axes::joined(shape, operands);
        if axes.sizes.len() <= 1 {
            // One axis: its coordinate is the position itself.
            let from = self.access(id).clone();
            let scaled = |i: usize| {
                let step = axes.strides[i].first().copied().unwrap_or(0);
                Access {
                    offset: operands[i].offset + from.offset * step,
                    strides: from.strides.iter().map(|s| s * step).collect(),
                }
            };
            let out: SmallVec<[Access; 4]> = (0..operands.len()).map(scaled).collect();
            return Some(out.into_iter().map(|a| self.add(a)).collect());
        }
        let coordinates = self.coordinates(id, &axes.sizes)?;
        let rank = self.dims.len();
        let combine = |i: usize| {
            let mut access = Access { offset: operands[i].offset, strides: Strides::from_elem(0, rank) };
            for (coordinate, &step) in coordinates.iter().zip(&axes.strides[i]) {
                access.offset += coordinate.offset * step;
                access.strides.iter_mut().zip(&coordinate.strides).for_each(|(s, c)| *s += c * step);
            }
            access
        };
        let out: SmallVec<[Access; 4]> = (0..operands.len()).map(combine).collect();
        Some(out.into_iter().map(|a| self.add(a)).collect())
    }

    /// The coordinates of an access along the axes of a row-major shape.
    fn coordinates(&mut self, id: AccessId, sizes: &[usize]) -> Option<SmallVec<[Access; 4]>> {
        loop {
            match Digits::of(&self.dims, self.access(id), sizes)? {
                Digits::Fit(coordinates) => return Some(coordinates),
                Digits::Split { .. } if self.frozen => return None,
                Digits::Split { dim, inner } => self.split(dim, inner),
            }
        }
    }
}

/// A shape whose axes are joined wherever all operands walk them as one.
struct Axes {
    sizes: Dims,
    strides: SmallVec<[Strides; 4]>,
}

impl Axes {
    fn joined(shape: &[usize], operands: &[View]) -> Axes {
        let mut axes =
            Axes { sizes: Dims::new(), strides: operands.iter().map(|_| Strides::new()).collect() };
        for d in (0..shape.len()).rev().filter(|&d| shape[d] != 1) {
            let follows = axes.sizes.last().is_some_and(|&n| {
                let joins = |(s, o): (&Strides, &View)| o.strides[d] == s[s.len() - 1] * n as isize;
                axes.strides.iter().zip(operands).all(joins)
            });
            if follows {
                *axes.sizes.last_mut().expect("it follows one") *= shape[d];
            } else {
                axes.sizes.push(shape[d]);
                axes.strides.iter_mut().zip(operands).for_each(|(s, o)| s.push(o.strides[d]));
            }
        }
        axes.sizes.reverse();
        axes.strides.iter_mut().for_each(|s| s.reverse());
        axes
    }
}

/// What became of an attempt to write an access as coordinates.
enum Digits {
    Fit(SmallVec<[Access; 4]>),
    /// A dimension runs over the edge of an axis: split it so.
    Split {
        dim: usize,
        inner: usize,
    },
}

impl Digits {
    fn of(dims: &[usize], access: &Access, sizes: &[usize]) -> Option<Digits> {
        let steps = st_kernel::view::contiguous_strides(sizes);
        // Walk every dimension forwards; signs are put back at the end.
        let reach = |d: usize| (dims[d] as isize - 1).max(0);
        let backwards = |d: usize| access.strides[d] < 0;
        let mut rest = access.offset
            + (0..dims.len()).filter(|&d| backwards(d)).map(|d| access.strides[d] * reach(d)).sum::<isize>();
        if rest < 0 {
            return None;
        }
        let mut digits: SmallVec<[Access; 4]> = SmallVec::new();
        let mut left: Strides = access.strides.iter().map(|s| s.abs()).collect();
        for &step in &steps {
            let strides: Strides = left
                .iter_mut()
                .map(|s| {
                    let q = *s / step;
                    *s %= step;
                    q
                })
                .collect();
            digits.push(Access { offset: rest / step, strides });
            rest %= step;
        }
        for axis in (0..sizes.len()).rev() {
            let digit = &digits[axis];
            let high = digit.offset + (0..dims.len()).map(|d| digit.strides[d] * reach(d)).sum::<isize>();
            if high >= sizes[axis] as isize && !dims.contains(&0) {
                return Digits::split_at(dims, digit, sizes[axis]);
            }
        }
        for digit in &mut digits {
            for d in (0..dims.len()).filter(|&d| backwards(d)) {
                digit.offset += digit.strides[d] * reach(d);
                digit.strides[d] = -digit.strides[d];
            }
        }
        Some(Digits::Fit(digits))
    }

    /// The dimension whose steps walk over the end of an axis of this size.
    fn split_at(dims: &[usize], digit: &Access, size: usize) -> Option<Digits> {
        (0..dims.len()).find_map(|dim| {
            let step = usize::try_from(digit.strides[dim]).ok().filter(|&s| s > 0 && s < size)?;
            let inner = size / step;
            (size.is_multiple_of(step) && dims[dim] > inner && dims[dim].is_multiple_of(inner))
                .then_some(Digits::Split { dim, inner })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The positions of all points, in row-major order of the dimensions.
    fn positions(dims: &[usize], access: &Access) -> Vec<isize> {
        (0..numel(dims))
            .map(|mut i| {
                let mut at = access.offset;
                for (&n, &s) in dims.iter().zip(&access.strides).rev() {
                    at += (i % n) as isize * s;
                    i /= n;
                }
                at
            })
            .collect()
    }

    fn shape_of(total: usize, cuts: &[usize]) -> Dims {
        let (mut shape, mut left) = (Dims::new(), total);
        for &c in cuts {
            if left.is_multiple_of(c) {
                shape.push(c);
                left /= c;
            }
        }
        shape.push(left);
        shape
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        /// Loops over any view of a tensor find its operand's elements, whatever both are shaped like.
        #[test]
        fn carried_accesses_meet_the_same_elements(
            loops in prop::collection::vec(prop::sample::select(vec![2usize, 3, 4, 6]), 0..3),
            shape in prop::collection::vec(prop::sample::select(vec![2usize, 3, 4, 6]), 0..3),
            order in any::<u64>(), flip in any::<u8>(),
        ) {
            let total = 144;
            let shape = shape_of(total, &shape);
            let outer = View::contiguous(&shape_of(total, &loops));
            let outer = (0..outer.shape.len()).fold(outer, |v, d| {
                if flip >> d & 1 == 1 { let n = v.shape[d]; v.slice(d, n - 1, n, -1) } else { v }
            });
            let mut axes: Vec<usize> = (0..shape.len()).collect();
            axes.sort_by_key(|&a| order.rotate_left(7 * a as u32) % 97);
            let inverse: Vec<usize> = (0..axes.len()).map(|a| axes.iter().position(|&x| x == a).unwrap()).collect();
            let stored: Vec<usize> = axes.iter().map(|&a| shape[a]).collect();
            let operand = View::contiguous(&stored).permute(&inverse);
            let mut space = Space::new(&outer.shape);
            let id = space.add_view(&outer);
            let flat = positions(&space.dims, space.access(id));
            let all = positions(&shape, &Access { offset: 0, strides: operand.strides.clone() });
            if let Some(carried) = space.through(id, &shape, &[operand]) {
                let expected: Vec<isize> = flat.iter().map(|&p| all[p as usize]).collect();
                prop_assert_eq!(positions(&space.dims, space.access(carried[0])), expected);
                space.simplify();
                prop_assert_eq!(numel(&space.dims), total);
            }
        }
    }
}

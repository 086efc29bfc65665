//! Strided views of flat memory: torch's `(size, stride, storage_offset)`, and the algebra on them.

use smallvec::SmallVec;

/// Sizes of the dimensions.
pub type Dims = SmallVec<[usize; 4]>;
/// Steps of the dimensions, in elements; 0 broadcasts, negative walks backwards.
pub type Strides = SmallVec<[isize; 4]>;

/// How a tensor's elements lie in flat memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// Sizes.
    pub shape: Dims,
    /// Steps in elements.
    pub strides: Strides,
    /// Position of the first element.
    pub offset: isize,
}

/// Number of elements.
pub fn numel(shape: &[usize]) -> usize {
    shape.iter().product()
}

/// Whether two shapes are equal; for the few numbers they have, faster than the comparison of slices, which calls the C library.
#[inline]
pub fn same_shape(a: &[usize], b: &[usize]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b)
}

/// Row-major strides of `shape`; a dimension of size 0 counts as 1, as in torch.
#[inline]
pub fn contiguous_strides(shape: &[usize]) -> Strides {
    let mut strides = match shape.len() {
        few @ ..=4 => Strides::from_buf_and_len([1; 4], few),
        many => Strides::from_elem(1, many),
    };
    for i in (0..shape.len().saturating_sub(1)).rev() {
        strides[i] = strides[i + 1] * shape[i + 1].max(1) as isize;
    }
    strides
}

/// The shape two operands broadcast to, or `None` if they do not.
pub fn broadcast(a: &[usize], b: &[usize]) -> Option<Dims> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut out = Dims::from_slice(long);
    let lead = long.len() - short.len();
    for (o, &s) in out[lead..].iter_mut().zip(short) {
        if *o == 1 {
            *o = s;
        } else if s != 1 && s != *o {
            return None;
        }
    }
    Some(out)
}

/// Whether a distance is surely not the sum of `k * stride` with a `k` of at most `most`, either way, for each of the dimensions
/// `(stride, most)`, the widest stride first.
fn never_meet(distance: isize, dims: &[(isize, isize)]) -> bool {
    /// Of a dimension whose inner ones do not reach over its stride there are two steps to look at.
    const STEPS: isize = 2;
    let Some((&(stride, most), inner)) = dims.split_first() else { return distance != 0 };
    if most < 0 {
        return true;
    }
    if stride == 0 || most == 0 {
        return never_meet(distance, inner);
    }
    let reach: isize = inner.iter().map(|(stride, most)| stride * most.max(&0)).sum();
    let first = (distance - reach).div_euclid(stride).max(-most);
    let last = (distance + reach).div_euclid(stride).min(most);
    last - first <= STEPS && (first..=last).all(|k| never_meet(distance - k * stride, inner))
}

impl View {
    /// The row-major view of a whole tensor.
    pub fn contiguous(shape: &[usize]) -> View {
        View { shape: Dims::from_slice(shape), strides: contiguous_strides(shape), offset: 0 }
    }

    /// Number of elements seen.
    pub fn numel(&self) -> usize {
        numel(&self.shape)
    }

    /// Whether the elements follow one another in row-major order from the offset on.
    pub fn is_contiguous(&self) -> bool {
        let mut expected = 1;
        for (&n, &s) in self.shape.iter().zip(&self.strides).rev() {
            if n != 1 && s != expected {
                return self.numel() == 0;
            }
            expected *= n as isize;
        }
        true
    }

    /// Whether this sees all of a contiguous tensor of `count` elements, in order.
    pub fn is_whole(&self, count: usize) -> bool {
        self.offset == 0 && self.is_contiguous() && self.numel() == count
    }

    /// Whether it surely sees no element that another view of the same shape and strides sees.
    pub fn is_apart(&self, other: &View) -> bool {
        let mut dims: SmallVec<[(isize, isize); 4]> =
            self.strides.iter().zip(&self.shape).map(|(s, &n)| (s.abs(), n as isize - 1)).collect();
        dims.sort_unstable_by(|a, b| b.cmp(a));
        let same = self.shape == other.shape && self.strides == other.strides;
        same && never_meet(other.offset - self.offset, &dims)
    }

    /// The dimensions in the order they stand in memory, the outermost first, if their elements start it and leave no gaps.
    pub fn dense_order(&self) -> Option<Dims> {
        let mut order: Dims = (0..self.shape.len()).collect();
        if !self.is_contiguous() {
            order.sort_by_key(|&d| (std::cmp::Reverse(self.strides[d]), self.shape[d] != 1));
        }
        (self.offset == 0 && self.permute(&order).is_contiguous()).then_some(order)
    }

    /// Reads dimension `order[i]` as dimension `i`.
    pub fn permute(&self, order: &[usize]) -> View {
        View {
            shape: order.iter().map(|&d| self.shape[d]).collect(),
            strides: order.iter().map(|&d| self.strides[d]).collect(),
            offset: self.offset,
        }
    }

    /// Broadcasts to `shape`; the caller has checked that it fits.
    pub fn expand(&self, shape: &[usize]) -> View {
        let lead = shape.len() - self.shape.len();
        let stride = |i: usize| {
            let d = i.checked_sub(lead)?;
            (self.shape[d] == shape[i]).then_some(self.strides[d])
        };
        let strides = (0..shape.len()).map(|i| stride(i).unwrap_or(0)).collect();
        View { shape: Dims::from_slice(shape), strides, offset: self.offset }
    }

    /// Every `step`-th element of `start..` along `dim`, `len` of them; `step` may be negative.
    pub fn slice(&self, dim: usize, start: usize, len: usize, step: isize) -> View {
        let mut view = self.clone();
        view.offset += start as isize * self.strides[dim];
        view.shape[dim] = len;
        view.strides[dim] *= step;
        view
    }

    /// The view at `index` along `dim`, without that dimension.
    pub fn select(&self, dim: usize, index: usize) -> View {
        let mut view = self.slice(dim, index, 1, 1);
        view.shape.remove(dim);
        view.strides.remove(dim);
        view
    }

    /// The same elements under another shape, if strides can say so (torch's rule for `view`).
    pub fn reshape(&self, shape: &[usize]) -> Option<View> {
        if self.numel() == 0 {
            return Some(View { offset: self.offset, ..View::contiguous(shape) });
        }
        // Old dimensions that follow one another in memory form chunks; each chunk must be divided by new dimensions.
        let old: Vec<(usize, isize)> =
            self.shape.iter().copied().zip(self.strides.iter().copied()).filter(|d| d.0 != 1).collect();
        let mut strides = Strides::from_elem(0, shape.len());
        let mut next = shape.len();
        let mut end = old.len();
        while end > 0 {
            let mut begin = end - 1;
            let mut size = old[begin].0;
            while begin > 0 && old[begin - 1].1 == old[begin].1 * old[begin].0 as isize {
                begin -= 1;
                size *= old[begin].0;
            }
            let mut stride = old[end - 1].1;
            let mut left = size;
            while left > 1 {
                next = next.checked_sub(1)?;
                let n = shape[next];
                if n == 0 || !left.is_multiple_of(n) {
                    return None;
                }
                strides[next] = stride;
                stride *= n as isize;
                left /= n;
            }
            end = begin;
        }
        // What is left are dimensions of size one; torch gives them the stride a contiguous tensor would have.
        for i in (0..shape.len()).rev() {
            if shape[i] == 1 {
                strides[i] = if i + 1 < shape.len() { strides[i + 1] * shape[i + 1] as isize } else { 1 };
            }
        }
        shape[..next].iter().all(|&n| n == 1).then(|| View {
            shape: Dims::from_slice(shape),
            strides,
            offset: self.offset,
        })
    }

    /// The lowest and highest flat positions seen, or `None` for an empty view.
    pub fn bounds(&self) -> Option<(isize, isize)> {
        if self.numel() == 0 {
            return None;
        }
        let (mut low, mut high) = (self.offset, self.offset);
        for (&n, &s) in self.shape.iter().zip(&self.strides) {
            let reach = (n as isize - 1) * s;
            if reach < 0 { low += reach } else { high += reach }
        }
        Some((low, high))
    }

    /// Whether two of its elements may be the same memory.
    pub fn overlaps_itself(&self) -> bool {
        if self.numel() == 0 {
            return false;
        }
        let mut dims: Vec<(isize, usize)> =
            self.strides.iter().zip(&self.shape).filter(|d| *d.1 > 1).map(|(s, n)| (s.abs(), *n)).collect();
        dims.sort_unstable();
        let mut reach = 0;
        for (stride, n) in dims {
            if stride <= reach {
                return true;
            }
            reach += stride * (n as isize - 1);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(v: &View) -> Vec<isize> {
        let position = |mut i: usize| {
            let mut at = v.offset;
            for (&n, &s) in v.shape.iter().zip(&v.strides).rev() {
                at += (i % n) as isize * s;
                i /= n;
            }
            at
        };
        (0..v.numel()).map(position).collect()
    }

    #[test]
    fn reshape_keeps_the_order_of_elements() {
        let base = View::contiguous(&[4, 6, 5]);
        let views = [
            base.clone(),
            base.permute(&[1, 0, 2]),
            base.slice(1, 1, 4, 1),
            base.slice(0, 0, 2, 2),
            base.permute(&[2, 1, 0]),
        ];
        for view in views {
            for shape in [
                &[120usize][..],
                &[2, 2, 30],
                &[24, 5],
                &[4, 30],
                &[80],
                &[4, 2, 2, 5],
                &[6, 4, 5, 1],
                &[1, 1, 60],
            ] {
                if numel(shape) != view.numel() {
                    continue;
                }
                if let Some(reshaped) = view.reshape(shape) {
                    assert_eq!(positions(&view), positions(&reshaped), "{view:?} as {shape:?}");
                } else {
                    assert!(!view.is_contiguous());
                }
            }
        }
    }

    #[test]
    fn views_that_are_apart_have_no_element_in_common() {
        let base = View::contiguous(&[4, 6]);
        let parts = (0..6).flat_map(|start| (1..=6 - start).map(move |len| (start, len)));
        let views: Vec<View> = parts
            .flat_map(|(start, len)| {
                let columns = base.slice(1, start, len, 1);
                let rows = if start + len <= 4 { base.slice(0, start, len, 1) } else { columns.clone() };
                [columns.clone(), columns.slice(1, 0, len.div_ceil(2), 2), rows.permute(&[1, 0])]
            })
            .chain([base.slice(1, 5, 6, -1), base.slice(1, 2, 3, -1), base.slice(1, 5, 3, -1)])
            .collect();
        let mut found = 0;
        for (a, b) in views.iter().flat_map(|a| views.iter().map(move |b| (a, b))) {
            let common = positions(a).iter().any(|p| positions(b).contains(p));
            let alike = a.shape == b.shape && a.strides == b.strides;
            assert_eq!(a.is_apart(b), alike && !common, "{a:?} and {b:?}");
            found += usize::from(a.is_apart(b));
        }
        assert!(found > 0);
    }

    #[test]
    fn broadcasting_follows_numpy() {
        assert_eq!(broadcast(&[3, 1], &[4]).as_deref(), Some(&[3, 4][..]));
        assert_eq!(broadcast(&[0, 1], &[1, 5]).as_deref(), Some(&[0, 5][..]));
        assert_eq!(broadcast(&[2], &[3]), None);
    }
}

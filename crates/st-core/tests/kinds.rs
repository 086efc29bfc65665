//! The node kinds against naive loops.

use st_core::ops::Index;
use st_core::ops::gather::{Combine, embedding, one_hot};
use st_core::ops::join::{cat, hstack, stack};
use st_core::{DType, Result, Scalar, Tensor};

/// Deterministic numbers between -1 and 1, no two equal.
fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn tensor(shape: &[usize], seed: u64) -> Tensor {
    Tensor::from_slice(&numbers(shape.iter().product(), seed), shape).unwrap()
}

fn longs(values: &[i64], shape: &[usize]) -> Tensor {
    Tensor::from_slice(values, shape).unwrap()
}

fn close(got: &Tensor, shape: &[usize], expected: &[f64]) {
    assert_eq!(got.shape(), shape);
    let got = got.to_vec::<f64>().unwrap();
    assert_eq!(got.len(), expected.len());
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!(
            (g - e).abs() < 1e-9 || g == e || (g.is_nan() && e.is_nan()),
            "element {i}: {g}, expected {e}"
        );
    }
}

/// The element at coordinates of row-major data.
fn at(data: &[f64], shape: &[usize], coords: &[usize]) -> f64 {
    data[coords.iter().zip(shape).fold(0, |i, (c, n)| i * n + c)]
}

/// Calls `f` for every point of a shape and collects what it gives.
fn points(shape: &[usize], mut f: impl FnMut(&[usize]) -> f64) -> Vec<f64> {
    let mut out = Vec::new();
    for i in 0..shape.iter().product() {
        let (mut rest, mut coords) = (i, vec![0; shape.len()]);
        for d in (0..shape.len()).rev() {
            coords[d] = rest % shape[d];
            rest /= shape[d];
        }
        out.push(f(&coords));
    }
    out
}

#[test]
fn reductions() -> Result<()> {
    let (shape, data) = ([2, 3, 4], numbers(24, 1));
    let x = tensor(&shape, 1);
    let over = |dims: &[usize], op: &dyn Fn(f64, f64) -> f64, start: f64| {
        let outer: Vec<usize> = (0..3).map(|d| if dims.contains(&d) { 1 } else { shape[d] }).collect();
        points(&outer, |o| {
            let inner: Vec<usize> = (0..3).map(|d| if dims.contains(&d) { shape[d] } else { 1 }).collect();
            let values = points(&inner, |i| at(&data, &shape, &[o[0] + i[0], o[1] + i[1], o[2] + i[2]]));
            values.into_iter().fold(start, op)
        })
    };
    close(&x.sum(&[1], false)?, &[2, 4], &over(&[1], &|a, b| a + b, 0.0));
    close(&x.sum(&[-1, 0], true)?, &[1, 3, 1], &over(&[0, 2], &|a, b| a + b, 0.0));
    close(&x.sum_all()?, &[], &over(&[0, 1, 2], &|a, b| a + b, 0.0));
    close(&x.mean(&[2], false)?, &[2, 3], &over(&[2], &|a, b| a + b / 4.0, 0.0));
    close(&x.prod(&[0], false)?, &[3, 4], &over(&[0], &|a, b| a * b, 1.0));
    close(&x.amax(&[0, 2], false)?, &[3], &over(&[0, 2], &f64::max, f64::NEG_INFINITY));
    close(&x.transpose(0, 2)?.amin(&[2], false)?, &[4, 3], &{
        let rows = over(&[0], &f64::min, f64::INFINITY);
        points(&[4, 3], |c| rows[c[1] * 4 + c[0]])
    });
    let (values, indices) = x.max_dim(1, true)?;
    close(&values, &[2, 1, 4], &over(&[1], &f64::max, f64::NEG_INFINITY));
    let positions = points(&[2, 4], |c| {
        (0..3).map(|i| (i, at(&data, &shape, &[c[0], i, c[1]]))).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap().0
            as f64
    });
    close(&indices, &[2, 1, 4], &positions);
    assert_eq!(indices.dtype(), DType::I64);
    let largest = data.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
    assert_eq!(x.argmax(None, false)?.item()?, Scalar::Int(largest as i64));
    close(&x.sum_to(&[3, 1])?, &[3, 1], &over(&[0, 2], &|a, b| a + b, 0.0));
    Ok(())
}

#[test]
fn reductions_of_other_dtypes_and_of_nothing() -> Result<()> {
    let bytes = longs(&[200, 100, 3], &[3]).to_dtype(DType::U8)?;
    assert_eq!(bytes.sum_all()?.item()?, Scalar::Int(303));
    assert_eq!(bytes.to_dtype(DType::Bool)?.sum_all()?.item()?, Scalar::Int(3));
    // Ones that half precision cannot count one by one.
    let ones = Tensor::full(&[5000], 1.0, DType::F16, 0)?;
    assert_eq!(ones.sum_all()?.item()?, Scalar::Float(5000.0));
    assert_eq!(ones.mean(&[], false)?.dtype(), DType::F16);
    let none = Tensor::full(&[0, 3], 1.0, DType::F32, 0)?;
    close(&none.sum(&[0], false)?, &[3], &[0.0; 3]);
    close(&none.prod(&[0], false)?, &[3], &[1.0; 3]);
    assert!(none.mean(&[], false)?.item()?.to_f64().is_nan());
    close(&none.any(&[0], false)?.to_dtype(DType::F64)?, &[3], &[0.0; 3]);
    close(&none.all(&[0], false)?.to_dtype(DType::F64)?, &[3], &[1.0; 3]);
    assert!(none.amax(&[0], false).is_err() && none.argmax(None, false).is_err());
    assert_eq!(none.amax(&[1], false)?.shape(), [0]);
    let scalar = Tensor::full(&[], 4.0, DType::F64, 0)?;
    assert_eq!(scalar.sum(&[-1], true)?.shape(), [0usize; 0]);
    assert_eq!(scalar.max_dim(0, false)?.1.item()?, Scalar::Int(0));
    assert!(scalar.sum(&[1], false).is_err() && tensor(&[2, 2], 1).sum(&[0, -2], false).is_err());
    assert!(longs(&[1], &[1]).mean(&[], false).is_err());
    Ok(())
}

#[test]
fn products() -> Result<()> {
    let check = |a: &[usize], b: &[usize], shape: &[usize], bt: bool| {
        let (x, y) = (numbers(a.iter().product(), 3), numbers(b.iter().product(), 4));
        let left = Tensor::from_slice(&x, a).unwrap();
        let mut right = Tensor::from_slice(&y, b).unwrap();
        let mut b = b.to_vec();
        let mut y = y;
        if bt {
            let (r, c) = (b[b.len() - 2], b[b.len() - 1]);
            y = points(&[y.len() / (r * c), c, r], |p| y[(p[0] * r + p[2]) * c + p[1]]);
            let rank = b.len();
            b.swap(rank - 2, rank - 1);
            right = right.transpose(-2, -1).unwrap();
        }
        let a2 = if a.len() == 1 { vec![1, a[0]] } else { a.to_vec() };
        let b2 = if b.len() == 1 { vec![b[0], 1] } else { b.clone() };
        let (m, k, n) = (a2[a2.len() - 2], a2[a2.len() - 1], b2[b2.len() - 1]);
        let batch_of = |s: &[usize]| s[..s.len() - 2].to_vec();
        let rank = a2.len().max(b2.len()) - 2;
        let pad = |s: Vec<usize>| [vec![1; rank - s.len()], s].concat();
        let (ab, bb) = (pad(batch_of(&a2)), pad(batch_of(&b2)));
        let full: Vec<usize> = ab.iter().zip(&bb).map(|(p, q)| *p.max(q)).chain([m, n]).collect();
        let expected = points(&full, |c| {
            let place = |sizes: &[usize]| {
                sizes.iter().zip(c).fold(0, |i, (n, c)| i * n + if *n == 1 { 0 } else { *c })
            };
            let (i, j) = (c[rank], c[rank + 1]);
            (0..k).map(|l| x[(place(&ab) * m + i) * k + l] * y[(place(&bb) * k + l) * n + j]).sum()
        });
        close(&left.matmul(&right).unwrap(), shape, &expected);
    };
    check(&[3, 4], &[4, 5], &[3, 5], false);
    check(&[3, 4], &[5, 4], &[3, 5], true);
    check(&[4], &[4], &[], false);
    check(&[4], &[4, 3], &[3], false);
    check(&[2, 3, 4], &[4], &[2, 3], false);
    check(&[4], &[2, 4, 3], &[2, 3], false);
    check(&[2, 3, 4], &[5, 4], &[2, 3, 5], true);
    check(&[2, 1, 3, 4], &[3, 4, 2], &[2, 3, 3, 2], false);
    check(&[3, 4], &[2, 4, 2], &[2, 3, 2], false);
    check(&[2, 3, 0], &[0, 2], &[2, 3, 2], false);
    let ints = longs(&[1, 2, 3, 4], &[2, 2]);
    assert_eq!(ints.matmul(&ints)?.to_vec::<i64>()?, [7, 10, 15, 22]);
    let wrong = tensor(&[2, 3], 1).matmul(&tensor(&[4, 5], 2)).unwrap_err();
    assert_eq!(wrong.message(), "mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)");
    Ok(())
}

#[test]
fn scans() -> Result<()> {
    let (shape, data) = ([2, 5, 3], numbers(30, 5));
    let x = tensor(&shape, 5);
    let up_to = |op: &dyn Fn(f64, f64) -> f64| {
        points(&shape, |c| (0..=c[1]).map(|i| at(&data, &shape, &[c[0], i, c[2]])).reduce(op).unwrap())
    };
    close(&x.cumsum(1)?, &shape, &up_to(&|a, b| a + b));
    close(&x.cumprod(-2)?, &shape, &up_to(&|a, b| a * b));
    close(&x.logcumsumexp(1)?, &shape, &up_to(&|a, b| (a.exp() + b.exp()).ln()));
    let (values, positions) = x.cummax(1)?;
    close(&values, &shape, &up_to(&f64::max));
    close(&x.gather(1, &positions)?, &shape, &up_to(&f64::max));
    close(&x.cummin(1)?.0, &shape, &up_to(&f64::min));
    let ints = longs(&[1, 2, 3], &[3]).to_dtype(DType::I32)?;
    assert_eq!(ints.cumsum(0)?.dtype(), DType::I64);
    assert_eq!(ints.cumprod(0)?.to_vec::<i64>()?, [1, 2, 6]);
    assert_eq!(longs(&[2, 2, 1], &[3]).cummax(0)?.1.to_vec::<i64>()?, [0, 1, 1]);
    assert_eq!(Tensor::full(&[], 3.0, DType::F32, 0)?.cumsum(0)?.item()?, Scalar::Float(3.0));
    Ok(())
}

#[test]
fn gathering_and_scattering() -> Result<()> {
    let (shape, data) = ([4, 3], numbers(12, 6));
    let x = tensor(&shape, 6);
    let index = longs(&[0, 3, 1, 2, 0, 0], &[2, 3]);
    let places = [[0usize, 3, 1], [2, 0, 0]];
    close(
        &x.gather(0, &index)?,
        &[2, 3],
        &points(&[2, 3], |c| at(&data, &shape, &[places[c[0]][c[1]], c[1]])),
    );
    let source = tensor(&[2, 3], 7);
    let from = numbers(6, 7);
    let scattered = |combine: &dyn Fn(f64, f64) -> f64| {
        let mut out = data.clone();
        for i in 0..2 {
            for j in 0..3 {
                let to = &mut out[places[i][j] * 3 + j];
                *to = combine(*to, from[i * 3 + j]);
            }
        }
        out
    };
    close(&x.scatter(0, &index, &source)?, &shape, &scattered(&|_, b| b));
    close(&x.scatter(0, &index, 2.5)?, &shape, &{
        let mut out = data.clone();
        (0..2).for_each(|i| (0..3).for_each(|j| out[places[i][j] * 3 + j] = 2.5));
        out
    });
    close(&x.scatter_add(0, &index, &source)?, &shape, &scattered(&|a, b| a + b));
    close(&x.scatter_reduce(0, &index, &source, Combine::Prod, true)?, &shape, &scattered(&|a, b| a * b));
    close(&x.scatter_reduce(0, &index, &source, Combine::Max, true)?, &shape, &scattered(&f64::max));
    let picks = longs(&[2, 0, 3], &[3]);
    let rows = [2usize, 0, 3];
    close(&x.index_select(0, &picks)?, &[3, 3], &points(&[3, 3], |c| at(&data, &shape, &[rows[c[0]], c[1]])));
    close(
        &x.t()?.index_select(1, &picks)?,
        &[3, 3],
        &points(&[3, 3], |c| at(&data, &shape, &[rows[c[1]], c[0]])),
    );
    close(&x.take(&longs(&[5, -1], &[2]))?, &[2], &[data[5], data[11]]);
    assert!(x.index_select(0, &longs(&[-1], &[1])).is_err(), "torch counts from the front only here");
    let more = tensor(&[3, 3], 8);
    let added = numbers(9, 8);
    close(
        &x.index_add(0, &longs(&[1, 1, 0], &[3]), &more, 2.0)?,
        &shape,
        &points(&shape, |c| {
            let extra = match c[0] {
                0 => added[6 + c[1]],
                1 => added[c[1]] + added[3 + c[1]],
                _ => 0.0,
            };
            at(&data, &shape, c) + 2.0 * extra
        }),
    );
    close(
        &x.index_fill(1, &longs(&[1], &[1]), 9.0)?,
        &shape,
        &points(&shape, |c| if c[1] == 1 { 9.0 } else { at(&data, &shape, c) }),
    );
    for outside in [4, -1] {
        let error = x.index_select(0, &longs(&[outside], &[1])).unwrap_err();
        let words = format!("index {outside} is out of bounds for dimension 0 with size 4");
        assert_eq!(error, st_kernel_error(&words));
    }
    let mask = x.gt(0.0)?;
    close(
        &x.masked_select(&mask)?,
        &[data.iter().filter(|v| **v > 0.0).count()],
        &data.iter().copied().filter(|v| *v > 0.0).collect::<Vec<_>>(),
    );
    close(
        &embedding(&index, &x, None)?,
        &[2, 3, 3],
        &points(&[2, 3, 3], |c| at(&data, &shape, &[places[c[0]][c[1]], c[2]])),
    );
    assert_eq!(one_hot(&longs(&[2, 0], &[2]), None)?.to_vec::<i64>()?, [0, 0, 1, 1, 0, 0]);
    let ones = Tensor::full(&[12], 1.0, DType::F64, 0)?;
    let filled = ones.masked_scatter(&mask.reshape(&[-1])?, &x.masked_select(&mask)?)?;
    close(&filled, &[12], &data.iter().map(|v| if *v > 0.0 { *v } else { 1.0 }).collect::<Vec<_>>());
    // The mean of what came and what was there.
    let mean = Tensor::full(&[2], 1.0, DType::F64, 0)?.scatter_reduce(
        0,
        &longs(&[0, 0], &[2]),
        &tensor(&[2], 9),
        Combine::Mean,
        true,
    )?;
    let two = numbers(2, 9);
    close(&mean, &[2], &[(1.0 + two[0] + two[1]) / 3.0, 1.0]);
    Ok(())
}

fn st_kernel_error(message: &str) -> st_core::Error {
    st_core::Error::Index(message.into())
}

#[test]
fn advanced_indexing() -> Result<()> {
    let (shape, data) = ([3, 4, 5], numbers(60, 10));
    let x = tensor(&shape, 10);
    let (i, j) = (longs(&[2, 0], &[2]), longs(&[1, -1], &[2]));
    let (is, js) = ([2usize, 0], [1usize, 3]);
    let t = |t: &Tensor| Index::Tensor(t.clone());
    close(
        &x.index(&[t(&i), t(&j)])?,
        &[2, 5],
        &points(&[2, 5], |c| at(&data, &shape, &[is[c[0]], js[c[0]], c[1]])),
    );
    // Neighbours stay in place, separated ones go to the front.
    close(
        &x.index(&[Index::ALL, t(&j), t(&i)])?,
        &[3, 2],
        &points(&[3, 2], |c| at(&data, &shape, &[c[0], js[c[1]], is[c[1]]])),
    );
    close(
        &x.index(&[t(&i), Index::ALL, t(&j)])?,
        &[2, 4],
        &points(&[2, 4], |c| at(&data, &shape, &[is[c[0]], c[1], [1, 4][c[0]]])),
    );
    let column = i.unsqueeze(1)?;
    close(
        &x.index(&[t(&column), t(&j)])?,
        &[2, 2, 5],
        &points(&[2, 2, 5], |c| at(&data, &shape, &[is[c[0]], js[c[1]], c[2]])),
    );
    let step = Index::Slice { start: Some(1), end: None, step: Some(2) };
    close(
        &x.index(&[Index::Ellipsis, step.clone(), Index::Int(-1)])?,
        &[3, 2],
        &points(&[3, 2], |c| at(&data, &shape, &[c[0], 1 + 2 * c[1], 4])),
    );
    assert_eq!(x.index(&[Index::None, Index::Ellipsis, Index::None])?.shape(), [1, 3, 4, 5, 1]);
    assert_eq!(x.index(&[Index::Bool(true)])?.shape(), [1, 3, 4, 5]);
    assert_eq!(x.index(&[Index::Bool(false)])?.shape(), [0, 3, 4, 5]);
    let mask = x.select(2, 0)?.gt(0.0)?;
    let chosen: Vec<Vec<usize>> =
        (0..12).map(|k| vec![k / 4, k % 4]).filter(|c| at(&data, &shape, &[c[0], c[1], 0]) > 0.0).collect();
    let expected =
        points(&[chosen.len(), 2], |c| at(&data, &shape, &[chosen[c[0]][0], chosen[c[0]][1], [0, 2][c[1]]]));
    close(
        &x.index(&[t(&mask), Index::Slice { start: None, end: Some(3), step: Some(2) }])?,
        &[chosen.len(), 2],
        &expected,
    );
    let added = x.index_put(
        &[Some(longs(&[1, 1], &[2])), None, Some(longs(&[0, 0], &[2]))],
        &tensor(&[2, 4], 11),
        true,
    )?;
    let extra = numbers(8, 11);
    close(
        &added,
        &shape,
        &points(&shape, |c| {
            at(&data, &shape, c) + if c[0] == 1 && c[2] == 0 { extra[c[1]] + extra[4 + c[1]] } else { 0.0 }
        }),
    );
    assert!(x.index(&[Index::Int(0), Index::Int(0), Index::Int(0), Index::Int(0)]).is_err());
    assert_eq!(
        x.index(&[Index::Int(3)]).unwrap_err(),
        st_kernel_error("index 3 is out of bounds for dimension 0 with size 3")
    );
    Ok(())
}

#[test]
fn assigning() -> Result<()> {
    let x = Tensor::full(&[2, 3], 0, DType::I64, 0)?;
    let t = |values: &[i64]| Index::Tensor(longs(values, &[values.len()]));
    x.index_put_items(&[Index::Int(0), Index::Slice { start: Some(1), end: None, step: None }], 7.9)?;
    assert_eq!(x.to_vec::<i64>()?, [0, 7, 7, 0, 0, 0]);
    x.index_put_items(&[Index::ALL, t(&[2, 0])], &longs(&[1, 2, 3, 4], &[1, 2, 2]))?;
    assert_eq!(x.to_vec::<i64>()?, [2, 7, 1, 4, 0, 3]);
    let row = x.select(0, 1)?;
    row.index_put_items(&[t(&[-1])], 9)?;
    x.index_put_items(&[Index::Tensor(x.gt(5)?)], -1)?;
    assert_eq!(x.to_vec::<i64>()?, [2, -1, 1, 4, 0, -1]);
    // A part of a storage that is still to be computed.
    let sum = x.add(1)?;
    sum.select(0, 1)?.index_put_items(&[t(&[0])], 0)?;
    assert_eq!(sum.to_vec::<i64>()?, [3, 0, 2, 0, 1, 0]);
    x.index_put_items(&[Index::Tensor(x.lt(0)?)], &longs(&[5, 6], &[2]))?;
    assert_eq!(x.to_vec::<i64>()?, [2, 5, 1, 4, 0, 6]);
    assert!(x.index_put_items(&[t(&[0])], &longs(&[1, 2], &[2])).is_err());
    Ok(())
}

#[test]
fn convolutions() -> Result<()> {
    use st_core::ops::conv::{ConvOptions, Padding, conv, conv_transpose};
    let (xs, ws) = ([2, 4, 6, 5], [6, 2, 3, 2]);
    let (xd, wd, bd) = (numbers(240, 12), numbers(72, 13), numbers(6, 14));
    let options = ConvOptions {
        stride: [2, 1].as_slice().into(),
        padding: Padding::Sizes([1, 2].as_slice().into()),
        dilation: [1, 2].as_slice().into(),
        groups: 2,
        ..ConvOptions::default()
    };
    let expected = points(&[2, 6, 3, 7], |c| {
        let group = c[1] / 3;
        let sum: f64 = points(&[2, 3, 2], |k| {
            let (i, j) = ((c[2] * 2 + k[1]).wrapping_sub(1), (c[3] + 2 * k[2]).wrapping_sub(2));
            if i >= 6 || j >= 5 {
                return 0.0;
            }
            at(&xd, &xs, &[c[0], group * 2 + k[0], i, j]) * at(&wd, &ws, &[c[1], k[0], k[1], k[2]])
        })
        .iter()
        .sum();
        sum + bd[c[1]]
    });
    let (x, w, b) = (tensor(&xs, 12), tensor(&ws, 13), tensor(&[6], 14));
    close(&conv(&x, &w, Some(&b), &options)?, &[2, 6, 3, 7], &expected);
    close(&conv(&x.select(0, 1)?, &w, Some(&b), &options)?, &[6, 3, 7], &expected[126..]);
    // The transposed one is the adjoint: <conv(x, w), y> = <x, conv_transpose(y, w)>.
    let y = tensor(&[2, 6, 3, 7], 15);
    let back = ConvOptions { output_padding: [1, 0].as_slice().into(), ..options.clone() };
    let made = conv_transpose(&y, &w, None, &back)?;
    assert_eq!(made.shape(), xs);
    let (left, right) = (conv(&x, &w, None, &options)?.mul(&y)?.sum_all()?, x.mul(&made)?.sum_all()?);
    assert!((left.item()?.to_f64() - right.item()?.to_f64()).abs() < 1e-9);
    let same = ConvOptions { padding: Padding::Same, ..ConvOptions::default() };
    assert_eq!(conv(&tensor(&[1, 1, 7], 1), &tensor(&[1, 1, 4], 2), None, &same)?.shape(), [1, 1, 7]);
    assert!(conv(&x, &tensor(&[6, 3, 3, 2], 1), None, &options).is_err());
    Ok(())
}

#[test]
fn sorting() -> Result<()> {
    let data = [3.0, f64::NAN, -1.0, 3.0, 2.0, 0.5];
    let x = Tensor::from_slice(&data, &[2, 3])?;
    let (values, positions) = x.sort(1, false, true)?;
    close(&values, &[2, 3], &[-1.0, 3.0, f64::NAN, 0.5, 2.0, 3.0]);
    assert_eq!(positions.to_vec::<i64>()?, [2, 0, 1, 2, 1, 0]);
    close(&x.topk(2, -1, true, true)?.0, &[2, 2], &[f64::NAN, 3.0, 3.0, 2.0]);
    close(&x.kthvalue(2, 1, false)?.0, &[2], &[3.0, 2.0]);
    let (median, at) = x.median_dim(1, true)?;
    close(&median, &[2, 1], &[f64::NAN, 2.0]);
    assert_eq!(at.to_vec::<i64>()?, [1, 1]);
    close(&x.nanmedian()?, &[], &[2.0]);
    close(&x.t()?.sort(1, true, true)?.0, &[3, 2], &[3.0, 3.0, f64::NAN, 2.0, 0.5, -1.0]);
    assert_eq!(longs(&[4, 1, 3, 2], &[4]).median()?.item()?, Scalar::Int(2));
    let found = longs(&[3, 1, 3, 2, 1, 3], &[2, 3]).unique()?;
    assert_eq!(found.values.to_vec::<i64>()?, [1, 2, 3]);
    assert_eq!(found.counts.to_vec::<i64>()?, [2, 1, 3]);
    assert_eq!(
        (found.inverse.shape(), found.inverse.to_vec::<i64>()?),
        (&[2, 3][..], vec![2, 0, 2, 1, 0, 2])
    );
    let runs = longs(&[1, 1, 2, 1], &[4]).unique_consecutive()?;
    assert_eq!((runs.values.to_vec::<i64>()?, runs.counts.to_vec::<i64>()?), (vec![1, 2, 1], vec![2, 1, 1]));
    assert_eq!(longs(&[], &[0]).unique()?.counts.shape(), [0]);
    assert!(x.topk(4, 1, true, true).is_err());
    Ok(())
}

#[test]
fn joining_and_arranging() -> Result<()> {
    use st_core::ops::arrange::PadMode;
    let (a, b) = (tensor(&[2, 3], 16), tensor(&[2, 2], 17));
    let (ad, bd) = (numbers(6, 16), numbers(4, 17));
    close(
        &cat(&[a.clone(), b.clone()], 1)?,
        &[2, 5],
        &points(&[2, 5], |c| if c[1] < 3 { ad[c[0] * 3 + c[1]] } else { bd[c[0] * 2 + c[1] - 3] }),
    );
    let none = Tensor::full(&[0], 0.0, DType::F64, 0)?;
    assert_eq!(cat(&[none, a.clone()], 0)?.shape(), [2, 3]);
    assert_eq!(cat(&[longs(&[1], &[1]), tensor(&[1], 1)], 0)?.dtype(), DType::F64);
    close(&stack(&[a.clone(), a.clone()], 1)?, &[2, 2, 3], &points(&[2, 2, 3], |c| ad[c[0] * 3 + c[2]]));
    assert_eq!(hstack(&[tensor(&[2], 1), tensor(&[3], 1)])?.shape(), [5]);
    let sizes = |parts: Vec<Tensor>| parts.iter().map(|p| p.shape()[0]).collect::<Vec<_>>();
    let long = tensor(&[7], 1);
    assert_eq!(sizes(long.split(3, 0)?), [3, 3, 1]);
    assert_eq!(sizes(long.chunk(4, 0)?), [2, 2, 2, 1]);
    assert_eq!(sizes(long.tensor_split(3, 0)?), [3, 2, 2]);
    close(
        &a.pad_constant(&[(1, -1), (0, 1)], 5.0)?,
        &[3, 3],
        &points(&[3, 3], |c| if c[0] == 2 || c[1] == 0 { 5.0 } else { ad[c[0] * 3 + c[1] - 1] }),
    );
    let line = longs(&[0, 1, 2, 3], &[1, 4]);
    let padded =
        |mode, before, after| line.pad_from(&[(before, after)], mode).unwrap().to_vec::<i64>().unwrap();
    assert_eq!(padded(PadMode::Reflect, 2, 1), [2, 1, 0, 1, 2, 3, 2]);
    assert_eq!(padded(PadMode::Replicate, 2, 1), [0, 0, 0, 1, 2, 3, 3]);
    assert_eq!(padded(PadMode::Circular, 1, 2), [3, 0, 1, 2, 3, 0, 1]);
    assert_eq!(padded(PadMode::Circular, -1, 2), [1, 2, 3, 1, 2]);
    close(&a.flip(&[0, 1])?, &[2, 3], &ad.iter().rev().copied().collect::<Vec<_>>());
    close(
        &a.roll(&[1, -1], &[0, 1])?,
        &[2, 3],
        &points(&[2, 3], |c| ad[(c[0] + 1) % 2 * 3 + (c[1] + 1) % 3]),
    );
    close(&a.repeat(&[2, 1, 2])?, &[2, 2, 6], &points(&[2, 2, 6], |c| ad[c[1] * 3 + c[2] % 3]));
    close(&a.repeat_interleave(2, Some(1))?, &[2, 6], &points(&[2, 6], |c| ad[c[0] * 3 + c[1] / 2]));
    close(&long.repeat_interleave_each(&longs(&[0, 2, 0, 0, 0, 1, 0], &[7]), Some(0))?, &[3], &{
        let d = numbers(7, 1);
        [d[1], d[1], d[5]]
    });
    close(&a.tril(-1)?, &[2, 3], &points(&[2, 3], |c| if c[1] < c[0] { ad[c[0] * 3 + c[1]] } else { 0.0 }));
    close(&a.triu(1)?, &[2, 3], &points(&[2, 3], |c| if c[1] > c[0] { ad[c[0] * 3 + c[1]] } else { 0.0 }));
    close(
        &tensor(&[2], 1).diag(-1)?,
        &[3, 3],
        &points(&[3, 3], |c| if c[0] == c[1] + 1 { numbers(2, 1)[c[1]] } else { 0.0 }),
    );
    close(&long.unfold(0, 3, 2)?, &[3, 3], &points(&[3, 3], |c| numbers(7, 1)[c[0] * 2 + c[1]]));
    assert_eq!(tensor(&[2, 3, 4], 1).movedim(&[0], &[-1])?.shape(), [3, 4, 2]);
    assert_eq!(tensor(&[2, 6], 1).unflatten(1, &[2, -1])?.flatten(0, 1)?.shape(), [4, 3]);
    Ok(())
}

#[test]
fn sums_of_products_by_letters() -> Result<()> {
    use st_core::ops::einsum::{einsum, tensordot};
    let (a, b, c) = (tensor(&[2, 3, 4], 1), tensor(&[4, 3], 2), tensor(&[2, 4], 3));
    let (ad, bd, cd) = (numbers(24, 1), numbers(12, 2), numbers(8, 3));
    let (at_a, at_b) = (|c: [usize; 3]| at(&ad, &[2, 3, 4], &c), |c: [usize; 2]| at(&bd, &[4, 3], &c));
    let sum = |n: usize, f: &dyn Fn(usize) -> f64| (0..n).map(f).sum::<f64>();
    let both = |x: &Tensor, y: &Tensor, e: &str| einsum(e, &[x.clone(), y.clone()]);
    close(
        &both(&a, &b, "bik, kj -> bij")?,
        &[2, 3, 3],
        &points(&[2, 3, 3], |c| sum(4, &|k| at_a([c[0], c[1], k]) * at_b([k, c[2]]))),
    );
    close(
        &both(&a, &b, "...ik,kj")?,
        &[2, 3, 3],
        &points(&[2, 3, 3], |c| sum(4, &|k| at_a([c[0], c[1], k]) * at_b([k, c[2]]))),
    );
    close(
        &both(&a, &b, "bik,ki->b")?,
        &[2],
        &points(&[2], |c| sum(12, &|p| at_a([c[0], p / 4, p % 4]) * at_b([p % 4, p / 4]))),
    );
    close(
        &both(&a, &b, "bik,ki->kib")?,
        &[4, 3, 2],
        &points(&[4, 3, 2], |c| at_a([c[2], c[1], c[0]]) * at_b([c[0], c[1]])),
    );
    close(&einsum("ij->ji", std::slice::from_ref(&b))?, &[3, 4], &points(&[3, 4], |c| at_b([c[1], c[0]])));
    close(&einsum("ii->i", &[b.narrow(0, 0, 3)?])?, &[3], &points(&[3], |c| at_b([c[0], c[0]])));
    close(&einsum("ij->", std::slice::from_ref(&b))?, &[], &[bd.iter().sum()]);
    let three = einsum("bik,kj,bk->ij", &[a.clone(), b.clone(), c.clone()])?;
    close(
        &three,
        &[3, 3],
        &points(&[3, 3], |p| sum(8, &|q| at_a([q / 4, p[0], q % 4]) * at_b([q % 4, p[1]]) * cd[q])),
    );
    close(
        &tensordot(&a, &b, 1)?,
        &[2, 3, 3],
        &points(&[2, 3, 3], |c| sum(4, &|k| at_a([c[0], c[1], k]) * at_b([k, c[2]]))),
    );
    assert!(both(&a, &b, "bik,kj->bix").is_err() && both(&a, &b, "bik,jk->bij").is_err());
    Ok(())
}

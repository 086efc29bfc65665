//! Layers against loops over their elements, and gradients against finite differences.

use super::{Outcome, assert_close, message, numbers, sample, values};
use st_core::{DType, Result, Tensor, autograd::no_grad, functional};
use st_nn::*;

/// A layer in double precision with numbers that are far from their first values.
fn exact<M: Module>(module: M) -> Result<M> {
    module.to_dtype(DType::F64)?;
    for (i, parameter) in module.parameters().iter().enumerate() {
        parameter.set(&sample(&parameter.shape(), 100 + i as u64))?;
    }
    Ok(module)
}

#[test]
fn linear_is_a_product_and_a_sum() -> Outcome {
    let layer = exact(Linear::new(3, 2)?)?;
    let (x, w) = (numbers(12, 1), values(&layer.weight.get()));
    let b = values(&layer.bias.clone().expect("it has one").get());
    let found = layer.forward(&Tensor::from_slice(&x, &[4, 3])?)?;
    let at = |row: usize, out: usize| (0..3).map(|k| x[row * 3 + k] * w[out * 3 + k]).sum::<f64>() + b[out];
    let expected: Vec<f64> = (0..8).map(|i| at(i / 2, i % 2)).collect();
    assert_close(&values(&found), &expected, 1e-12);
    Ok(())
}

#[test]
fn convolution_slides_its_kernel() -> Outcome {
    let (groups, stride, pad, dilation) = (2, 2, 1, 2);
    let layer = exact(Conv2d::grouped(4, 6, [3, 2], groups)?.stride(stride).padding(pad).dilation(dilation))?;
    let (h, w) = (7, 6);
    let (x, k) = (numbers(4 * h * w, 2), values(&layer.weight.get()));
    let b = values(&layer.bias.clone().expect("it has one").get());
    let found = layer.forward(&Tensor::from_slice(&x, &[1, 4, h, w])?)?;
    let (oh, ow) = ((h + 2 * pad - dilation * 2 - 1) / stride + 1, (w + 2 * pad - dilation - 1) / stride + 1);
    assert_eq!(found.shape(), [1, 6, oh, ow]);
    let pixel = |c: usize, row: usize, column: usize| {
        let inside = (pad..h + pad).contains(&row) && (pad..w + pad).contains(&column);
        if inside { x[(c * h + row - pad) * w + column - pad] } else { 0.0 }
    };
    let mut expected = Vec::new();
    for (out, i, j) in (0..6).flat_map(|o| (0..oh).flat_map(move |i| (0..ow).map(move |j| (o, i, j)))) {
        let mut sum = b[out];
        for (c, u, v) in (0..2).flat_map(|c| (0..3).flat_map(move |u| (0..2).map(move |v| (c, u, v)))) {
            let channel = out / 3 * 2 + c;
            let weight = k[((out * 2 + c) * 3 + u) * 2 + v];
            sum += weight * pixel(channel, i * stride + u * dilation, j * stride + v * dilation);
        }
        expected.push(sum);
    }
    assert_close(&values(&found), &expected, 1e-12);
    let same = Conv1d::new(1, 1, 4)?.same_padding();
    assert_eq!(same.forward(&Tensor::zeros(&[1, 1, 9], DType::F32, 0)?)?.shape(), [1, 1, 9]);
    Ok(())
}

/// Mean and variance.
fn moments(numbers: &[f64]) -> (f64, f64) {
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    (mean, numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / numbers.len() as f64)
}

#[test]
fn batch_norm_moves_its_running_statistics() -> Outcome {
    let layer = exact(BatchNorm2d::new(2)?.momentum(0.25).eps(1e-3))?;
    let weight = values(&layer.weight.clone().expect("affine").get());
    let bias = values(&layer.bias.clone().expect("affine").get());
    let (mut mean, mut var) = ([0.0; 2], [1.0; 2]);
    for step in 0..3 {
        let x = numbers(3 * 2 * 4, 10 + step);
        let found = values(&layer.forward(&Tensor::from_slice(&x, &[3, 2, 2, 2])?)?);
        let mut expected = vec![0.0; x.len()];
        for c in 0..2 {
            let places: Vec<usize> = (0..x.len()).filter(|i| i / 4 % 2 == c).collect();
            let (m, v) = moments(&places.iter().map(|&i| x[i]).collect::<Vec<_>>());
            places.iter().for_each(|&i| expected[i] = (x[i] - m) / (v + 1e-3).sqrt() * weight[c] + bias[c]);
            mean[c] += 0.25 * (m - mean[c]);
            var[c] += 0.25 * (v * 12.0 / 11.0 - var[c]);
        }
        assert_close(&found, &expected, 1e-12);
    }
    assert_close(&values(&layer.running_mean.get()), &mean, 1e-12);
    assert_close(&values(&layer.running_var.get()), &var, 1e-12);
    assert_eq!(layer.num_batches_tracked.get().to_scalar::<i64>()?, 3);

    layer.eval();
    let x = numbers(8, 20);
    let found = values(&layer.forward(&Tensor::from_slice(&x, &[1, 2, 2, 2])?)?);
    let normal =
        |(i, x): (usize, &f64)| (x - mean[i / 4]) / (var[i / 4] + 1e-3).sqrt() * weight[i / 4] + bias[i / 4];
    assert_close(&found, &x.iter().enumerate().map(normal).collect::<Vec<_>>(), 1e-12);
    assert_eq!(layer.num_batches_tracked.get().to_scalar::<i64>()?, 3);
    assert!(message(layer.forward(&sample(&[2, 2], 0))).contains("BatchNorm2d"));
    Ok(())
}

#[test]
fn norms_of_samples() -> Outcome {
    let x = numbers(2 * 4 * 3, 30);
    let input = Tensor::from_slice(&x, &[2, 4, 3])?;

    let layer = exact(LayerNorm::new([4, 3])?)?;
    let (w, b) = (layer.weight.clone().expect("affine"), layer.bias.clone().expect("affine"));
    let (w, b) = (values(&w.get()), values(&b.get()));
    let expected: Vec<f64> = (0..24)
        .map(|i| {
            let (m, v) = moments(&x[i / 12 * 12..][..12]);
            (x[i] - m) / (v + 1e-5).sqrt() * w[i % 12] + b[i % 12]
        })
        .collect();
    assert_close(&values(&layer.forward(&input)?), &expected, 1e-12);

    let rms = exact(RmsNorm::new(3)?.eps(1e-2))?;
    let w = values(&rms.weight.clone().expect("affine").get());
    let expected: Vec<f64> = (0..24)
        .map(|i| {
            let square = x[i / 3 * 3..][..3].iter().map(|x| x * x).sum::<f64>() / 3.0;
            x[i] / (square + 1e-2).sqrt() * w[i % 3]
        })
        .collect();
    assert_close(&values(&rms.forward(&input)?), &expected, 1e-12);

    let group = exact(GroupNorm::new(2, 4)?)?;
    let (w, b) = (group.weight.clone().expect("affine"), group.bias.clone().expect("affine"));
    let (w, b) = (values(&w.get()), values(&b.get()));
    let expected: Vec<f64> = (0..24)
        .map(|i| {
            let (m, v) = moments(&x[i / 6 * 6..][..6]);
            (x[i] - m) / (v + 1e-5).sqrt() * w[i / 3 % 4] + b[i / 3 % 4]
        })
        .collect();
    assert_close(&values(&group.forward(&input)?), &expected, 1e-12);
    Ok(())
}

#[test]
fn embeddings_are_rows() -> Outcome {
    let layer = Embedding::new(5, 2)?.padding(3)?;
    let table = values(&layer.weight.get());
    assert_eq!(table[6..8], [0.0, 0.0]);
    let words = Tensor::of([[0i64, 3], [4, 4]])?;
    let found = layer.forward(&words)?;
    let expected: Vec<f64> = [0, 3, 4, 4].iter().flat_map(|&w| table[2 * w..][..2].to_vec()).collect();
    assert_eq!(values(&found), expected);
    found.sum_all()?.backward()?;
    let grad = values(&layer.weight.grad().expect("it has one"));
    assert_eq!(grad, [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0]);
    assert!(message(Embedding::new(2, 2)?.padding(2)).contains("padding 2"));
    Ok(())
}

#[test]
fn dropout_keeps_the_mean() -> Outcome {
    let layer = Dropout::new(0.25);
    let dropped = values(&layer.forward(&Tensor::ones(&[10_000], DType::F32, 0)?)?);
    assert!(dropped.iter().all(|&x| x == 0.0 || (x - 4.0 / 3.0).abs() < 1e-6));
    assert!((moments(&dropped).0 - 1.0).abs() < 0.03);
    Ok(())
}

#[test]
fn activations_are_their_formulas() -> Outcome {
    let x = numbers(9, 40).iter().map(|x| x * 3.0).collect::<Vec<_>>();
    let input = Tensor::from_slice(&x, &[9])?;
    let check = |layer: &dyn Layer, formula: &dyn Fn(f64) -> f64| -> Outcome {
        assert_close(
            &values(&layer.forward(&input)?),
            &x.iter().map(|&x| formula(x)).collect::<Vec<_>>(),
            1e-9,
        );
        Ok(())
    };
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    check(&Relu, &|x| x.max(0.0))?;
    check(&Silu, &|x| x * sigmoid(x))?;
    check(&Tanh, &f64::tanh)?;
    check(&Sigmoid, &sigmoid)?;
    check(&LeakyRelu(0.1), &|x| if x < 0.0 { 0.1 * x } else { x })?;
    check(&Elu(0.5), &|x| if x < 0.0 { 0.5 * x.exp_m1() } else { x })?;
    let inner = |x: f64| (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
    check(&GeluTanh, &|x| 0.5 * x * (1.0 + inner(x).tanh()))?;
    let total: f64 = x.iter().map(|x| x.exp()).sum();
    check(&Softmax(0), &|x| x.exp() / total)?;
    check(&LogSoftmax(0), &|x| x - total.ln())?;
    // The exact one differs from its approximation by less than a thousandth.
    let (exact, near) = (values(&Gelu.forward(&input)?), values(&GeluTanh.forward(&input)?));
    assert!(exact.iter().zip(&near).all(|(a, b)| (a - b).abs() < 1e-3 && a != b));
    Ok(())
}

#[test]
fn pools_look_at_windows() -> Outcome {
    let x = Tensor::arange(0.0, 16.0, 1.0, Some(DType::F64), 0)?.reshape(&[1, 1, 4, 4])?;
    assert_eq!(values(&MaxPool2d::new(2).forward(&x)?), [5.0, 7.0, 13.0, 15.0]);
    assert_eq!(values(&AvgPool2d::new(2).forward(&x)?), [2.5, 4.5, 10.5, 12.5]);
    assert_eq!(values(&AdaptiveAvgPool2d::new(1).forward(&x)?), [7.5]);
    assert_eq!(values(&MaxPool2d::new([1, 4]).forward(&x)?), [3.0, 7.0, 11.0, 15.0]);
    let overlapping = MaxPool2d::new(3).stride(2).padding(1).forward(&x)?;
    assert_eq!(values(&overlapping), [5.0, 7.0, 13.0, 15.0]);
    assert_eq!(AdaptiveAvgPool2d::new([3, 2]).forward(&x)?.shape(), [1, 1, 3, 2]);
    assert_eq!(Flatten.forward(&x)?.shape(), [1, 16]);
    Ok(())
}

/// Softmax of products, written out.
fn attention_by_hand(
    layer: &MultiheadAttention,
    x: &[f64],
    time: usize,
    width: usize,
    heads: usize,
) -> Vec<f64> {
    let (w, b) = (values(&layer.in_proj_weight.get()), values(&layer.in_proj_bias.get()));
    let project = |part: usize| -> Vec<f64> {
        let row = |t: usize, out: usize| {
            let out = part * width + out;
            (0..width).map(|k| x[t * width + k] * w[out * width + k]).sum::<f64>() + b[out]
        };
        (0..time * width).map(|i| row(i / width, i % width)).collect()
    };
    let (q, k, v) = (project(0), project(1), project(2));
    let size = width / heads;
    let mut mixed = vec![0.0; time * width];
    for (head, t) in (0..heads).flat_map(|head| (0..time).map(move |t| (head, t))) {
        let part = |m: &[f64], t: usize| m[t * width + head * size..][..size].to_vec();
        let score = |u: usize| {
            part(&q, t).iter().zip(part(&k, u)).map(|(a, b)| a * b).sum::<f64>() / (size as f64).sqrt()
        };
        let shares: Vec<f64> = (0..=t).map(|u| score(u).exp()).collect();
        let total: f64 = shares.iter().sum();
        for (u, share) in shares.iter().enumerate() {
            part(&v, u)
                .iter()
                .enumerate()
                .for_each(|(i, v)| mixed[t * width + head * size + i] += share / total * v);
        }
    }
    let (w, b) = (values(&layer.out_proj.weight.get()), layer.out_proj.bias.clone().expect("it has one"));
    let b = values(&b.get());
    let out =
        |t: usize, o: usize| (0..width).map(|k| mixed[t * width + k] * w[o * width + k]).sum::<f64>() + b[o];
    (0..time * width).map(|i| out(i / width, i % width)).collect()
}

#[test]
fn attention_is_a_mean_of_what_was_before() -> Outcome {
    let (time, width, heads) = (5, 6, 3);
    let layer = exact(MultiheadAttention::new(width, heads)?.causal())?;
    let x = numbers(2 * time * width, 50);
    let found = layer.forward(&Tensor::from_slice(&x, &[2, time, width])?)?;
    let expected: Vec<f64> =
        x.chunks(time * width).flat_map(|x| attention_by_hand(&layer, x, time, width, heads)).collect();
    assert_close(&values(&found), &expected, 1e-10);
    Ok(())
}

#[test]
fn a_mask_is_the_same_as_causal() -> Outcome {
    let causal = exact(MultiheadAttention::new(4, 2)?.causal())?;
    let plain = exact(MultiheadAttention::new(4, 2)?)?;
    let x = sample(&[1, 3, 4], 51);
    let mask = Tensor::ones(&[3, 3], DType::F64, 0)?.tril(0)?.to_dtype(DType::Bool)?;
    let masked = plain.attend(&x, &x, &x, Some(&mask))?;
    assert_close(&values(&masked), &values(&causal.forward(&x)?), 1e-12);
    Ok(())
}

#[test]
fn an_encoder_layer_is_its_parts() -> Outcome {
    let layer = exact(TransformerEncoderLayer::new(4, 2, 8)?.norm_first().gelu())?;
    layer.eval();
    let x = sample(&[2, 3, 4], 60);
    let h = (&x + &layer.self_attn.forward(&layer.norm1.forward(&x)?)?)?;
    let inner = layer.linear1.forward(&layer.norm2.forward(&h)?)?.gelu()?;
    let expected = (&h + &layer.linear2.forward(&inner)?)?;
    assert_close(&values(&layer.forward(&x)?), &values(&expected), 1e-12);

    let after = exact(TransformerEncoderLayer::new(4, 2, 8)?.dropout(0.0))?;
    let h = after.norm1.forward(&(&x + &after.self_attn.forward(&x)?)?)?;
    let inner = after.linear2.forward(&after.linear1.forward(&h)?.relu()?)?;
    let expected = after.norm2.forward(&(&h + &inner)?)?;
    assert_close(&values(&after.forward(&x)?), &values(&expected), 1e-12);
    // Who sees only the first position does not depend on the others.
    let mask = Tensor::of([[true, false, false]])?;
    let other = functional::cat(&[x.i((.., ..1))?, sample(&[2, 2, 4], 61)], 1)?;
    let first = |x: &Tensor| -> Result<Tensor> { after.forward_masked(x, &mask)?.i((.., 0)) };
    assert_close(&values(&first(&x)?), &values(&first(&other)?), 1e-12);
    Ok(())
}

#[test]
fn lstm_and_gru_follow_their_equations() -> Outcome {
    let (time, width, hidden) = (4, 2, 3);
    let x = numbers(time * width, 70);
    let input = Tensor::from_slice(&x, &[1, time, width])?;
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let get = |module: &dyn Module, name: &str| values(&module.state_dict()[name]);
    // Row `row` of weight times vector, plus bias.
    let affine = |w: &[f64], b: &[f64], v: &[f64], row: usize| {
        v.iter().enumerate().map(|(k, v)| w[row * v_len(w, b) + k] * v).sum::<f64>() + b[row]
    };

    let lstm = exact(Lstm::new(width, hidden)?)?;
    let p = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].map(|name| get(&lstm, name));
    let (mut h, mut c) = (vec![0.0; hidden], vec![0.0; hidden]);
    let mut expected = Vec::new();
    for x in x.chunks(width) {
        let gate: Vec<f64> =
            (0..4 * hidden).map(|r| affine(&p[0], &p[2], x, r) + affine(&p[1], &p[3], &h, r)).collect();
        for i in 0..hidden {
            let [let_in, forget, new, out] = [0, 1, 2, 3].map(|g| gate[g * hidden + i]);
            c[i] = sigmoid(forget) * c[i] + sigmoid(let_in) * new.tanh();
            h[i] = sigmoid(out) * c[i].tanh();
        }
        expected.extend(h.clone());
    }
    let (output, (last, cell)) = lstm.run(&input, None)?;
    assert_close(&values(&output), &expected, 1e-12);
    assert_close(&values(&last), &h, 1e-12);
    assert_close(&values(&cell), &c, 1e-12);

    let gru = exact(Gru::new(width, hidden)?)?;
    let p = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].map(|name| get(&gru, name));
    let mut h = vec![0.0; hidden];
    let mut expected = Vec::new();
    for x in x.chunks(width) {
        let of_input: Vec<f64> = (0..3 * hidden).map(|r| affine(&p[0], &p[2], x, r)).collect();
        let of_state: Vec<f64> = (0..3 * hidden).map(|r| affine(&p[1], &p[3], &h, r)).collect();
        for i in 0..hidden {
            let both = |g: usize| of_input[g * hidden + i] + of_state[g * hidden + i];
            let (reset, keep) = (sigmoid(both(0)), sigmoid(both(1)));
            let new = (of_input[2 * hidden + i] + reset * of_state[2 * hidden + i]).tanh();
            h[i] = (1.0 - keep) * new + keep * h[i];
        }
        expected.extend(h.clone());
    }
    let (output, last) = gru.run(&input, None)?;
    assert_close(&values(&output), &expected, 1e-12);
    assert_close(&values(&last), &h, 1e-12);
    Ok(())
}

/// Columns of a matrix that has as many rows as a bias has elements.
fn v_len(weight: &[f64], bias: &[f64]) -> usize {
    weight.len() / bias.len()
}

#[test]
fn reading_in_two_parts_is_reading_at_once() -> Outcome {
    let config = RecurrentConfig { layers: 2, ..RecurrentConfig::default() };
    let lstm = exact(Lstm::with(3, 4, config)?)?;
    let x = sample(&[2, 5, 3], 71);
    let (whole, _) = lstm.run(&x, None)?;
    let (first, (h, c)) = lstm.run(&x.narrow(1, 0, 2)?, None)?;
    let (second, _) = lstm.run(&x.narrow(1, 2, 3)?, Some((&h, &c)))?;
    let parts = functional::cat(&[first, second], 1)?;
    assert_close(&values(&parts), &values(&whole), 1e-12);
    assert!(message(lstm.run(&x.select(0, 0)?, None)).contains("unsqueeze(0)"));
    Ok(())
}

/// Compares the gradients of all parameters with central differences.
fn check_gradients(model: &dyn Layer, x: &Tensor) -> Outcome {
    let loss = || -> Result<Tensor> { model.forward(x)?.square()?.mean_all() };
    loss()?.backward()?;
    for (name, parameter) in model.named_parameters() {
        let (before, h) = (values(&parameter.get()), 1e-5);
        let mut slopes = Vec::new();
        for i in 0..before.len() {
            let at = |by: f64| -> Result<f64> {
                let mut moved = before.clone();
                moved[i] += by;
                parameter.set(&Tensor::from_slice(&moved, &parameter.shape())?)?;
                let _mode = no_grad();
                loss()?.to_scalar()
            };
            slopes.push((at(h)? - at(-h)?) / (2.0 * h));
        }
        parameter.set(&Tensor::from_slice(&before, &parameter.shape())?)?;
        let found = values(&parameter.grad().unwrap_or_else(|| panic!("{name} has no gradient")));
        assert_close(&found, &slopes, 1e-6);
    }
    Ok(())
}

#[test]
fn gradients_are_slopes() -> Outcome {
    let convolutional = Sequential::new()
        .push(Conv2d::new(1, 2, 3)?.padding(1))
        .push(BatchNorm2d::new(2)?)
        .push(Silu)
        .push(AvgPool2d::new(2))
        .push(Flatten)
        .push(Linear::new(2 * 2 * 2, 3)?)
        .push(LayerNorm::new(3)?);
    check_gradients(&exact(convolutional)?, &sample(&[2, 1, 4, 4], 80))?;
    let sequential = Sequential::new()
        .push(TransformerEncoderLayer::new(4, 2, 3)?.dropout(0.0).causal().gelu())
        .push(Gru::new(4, 2)?)
        .push(RmsNorm::new(2)?.eps(1e-3));
    check_gradients(&exact(sequential)?, &sample(&[1, 3, 4], 81))
}

#[test]
fn losses_are_their_formulas() -> Outcome {
    let (x, y) = (numbers(6, 90), numbers(6, 91));
    let (a, b) = (Tensor::from_slice(&x, &[2, 3])?, Tensor::from_slice(&y, &[2, 3])?);
    let mean = |f: &dyn Fn(f64, f64) -> f64| x.iter().zip(&y).map(|(&x, &y)| f(x, y)).sum::<f64>() / 6.0;
    let huber = |d: f64, delta: f64| if d <= delta { d * d / 2.0 } else { delta * (d - delta / 2.0) };
    let check = |found: Result<Tensor>, expected: f64| -> Outcome {
        assert_close(&[found?.to_scalar()?], &[expected], 1e-12);
        Ok(())
    };
    check(loss::mse(&a, &b), mean(&|x, y| (x - y).powi(2)))?;
    check(loss::l1(&a, &b), mean(&|x, y| (x - y).abs()))?;
    check(loss::huber(&a, &b, 0.5), mean(&|x, y| huber((x - y).abs(), 0.5)))?;
    check(loss::smooth_l1(&a, &b, 0.5), mean(&|x, y| huber((x - y).abs(), 0.5) / 0.5))?;
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let coin = |p: f64, t: f64| -(t * p.ln() + (1.0 - t) * (1.0 - p).ln());
    check(loss::binary_cross_entropy_with_logits(&a, &b), mean(&|x, y| coin(sigmoid(x), y)))?;
    check(loss::binary_cross_entropy(&a.sigmoid()?, &b), mean(&|x, y| coin(sigmoid(x), y)))?;

    let classes = [2usize, 0];
    let logs = |row: usize| {
        let total: f64 = x[row * 3..][..3].iter().map(|x| x.exp()).sum();
        (0..3).map(|c| x[row * 3 + c] - total.ln()).collect::<Vec<f64>>()
    };
    let target = Tensor::of([2i64, 0])?;
    let picked: Vec<f64> = (0..2).map(|row| -logs(row)[classes[row]]).collect();
    check(loss::cross_entropy(&a, &target), (picked[0] + picked[1]) / 2.0)?;
    check(loss::nll(&a.log_softmax(1, None)?, &target), (picked[0] + picked[1]) / 2.0)?;
    let smooth = loss::CrossEntropy { label_smoothing: 0.3, ..loss::CrossEntropy::default() };
    let spread = |row: usize| 0.7 * picked[row] - 0.3 * logs(row).iter().sum::<f64>() / 3.0;
    check(smooth.of(&a, &target), (spread(0) + spread(1)) / 2.0)?;
    let shares = b.softmax(1, None)?;
    let p = values(&shares);
    let all = [logs(0), logs(1)].concat();
    let divergence: f64 = p.iter().zip(&all).map(|(p, l)| p * (p.ln() - l)).sum();
    check(loss::kl_div(&a.log_softmax(1, None)?, &shares), divergence / 2.0)?;
    assert!(message(loss::mse(&a, &a.select(0, 0)?)).contains("one shape"));
    Ok(())
}

//! Tensors are printed as torch prints them: `display_cases.txt` holds torch's own text (`write_display_cases.py`).

use st_core::tensor::display::{PrintOptions, Printout, corners};
use st_core::{DType, Scalar, Tensor};
use st_kernel::View;
use st_kernel::view::numel;

/// The options of a case, such as `precision=2,sci_mode=True`.
fn options(text: &str) -> PrintOptions {
    let mut options = PrintOptions::DEFAULT;
    for option in text.split(',') {
        let (name, value) = option.split_once('=').expect("name=value");
        let number = || value.parse().expect("a count");
        match name {
            "precision" => options.precision = number(),
            "edgeitems" => options.edgeitems = number(),
            "linewidth" => options.linewidth = number(),
            "threshold" => options.threshold = value.parse().expect("a number"),
            "sci_mode" => options.sci_mode = Some(value == "True"),
            other => panic!("no option {other}"),
        }
    }
    options
}

fn element(dtype: DType, text: &str) -> Scalar {
    match dtype {
        DType::Bool => Scalar::Bool(text == "1"),
        d if d.is_int() => Scalar::Int(text.parse().expect("an integer")),
        _ => Scalar::Float(text.parse().expect("a float")),
    }
}

/// The elements a view sees of a tensor whose elements repeat `cycle`.
fn seen(view: &View, cycle: &[Scalar]) -> Vec<Scalar> {
    let position = |mut i: usize| {
        let mut at = view.offset;
        for (&n, &stride) in view.shape.iter().zip(&view.strides).rev() {
            at += (i % n) as isize * stride;
            i /= n;
        }
        at as usize
    };
    (0..view.numel()).map(|i| cycle[position(i) % cycle.len()]).collect()
}

#[test]
fn prints_what_torch_prints() {
    let cases: Vec<&str> =
        include_str!("display_cases.txt").split("\n---\n").filter(|c| !c.is_empty()).collect();
    let mut wrong = Vec::new();
    for case in &cases {
        let (head, expected) = case.split_once('\n').expect("a head and a text");
        let (properties, elements) = head.split_once(" : ").expect("properties and elements");
        let words: Vec<&str> = properties.split(' ').collect();
        let dtype = DType::parse(words[0]).expect("a dtype");
        let sizes = words[1].split(',').filter(|s| *s != "scalar");
        let shape: Vec<usize> = sizes.map(|n| n.parse().expect("a size")).collect();
        let options = options(words[2]);
        let cycle: Vec<Scalar> = elements.split(' ').map(|e| element(dtype, e)).collect();
        let shown = seen(&corners(&View::contiguous(&shape), &options), &cycle);
        let tape = (words[3] != "-").then(|| words[3].to_owned());
        let printout = Printout {
            name: "tensor",
            module: "torch",
            shape: &shape,
            dtype,
            complex: false,
            device: None,
            tape,
        };
        let text = printout.text(&shown, &options);
        if text != expected {
            wrong.push(format!("{head}\ntorch:\n{expected}\nours:\n{text}\n"));
        }
        assert!(shown.len() <= numel(&shape));
    }
    assert!(cases.len() > 50);
    assert!(wrong.is_empty(), "{} of {} differ; the first:\n{}", wrong.len(), cases.len(), wrong[0]);
}

#[test]
fn a_view_is_printed_from_its_corners() {
    // Reading only the corners must give what reading everything gives.
    let tensor =
        arange(&[40, 30, 7]).permute(&[2, 0, 1]).expect("a permutation").slice(1, Some(3), Some(37), 2);
    let tensor = tensor.expect("a slice");
    let all: Vec<Scalar> = tensor.to_vec::<i64>().expect("elements").into_iter().map(Scalar::Int).collect();
    let shown = seen(&corners(&View::contiguous(tensor.shape()), &PrintOptions::DEFAULT), &all);
    let (shape, dtype) = (tensor.shape(), DType::I64);
    let printout =
        Printout { name: "tensor", module: "torch", shape, dtype, complex: false, device: None, tape: None };
    assert!(shown.len() < all.len());
    assert_eq!(tensor.to_string(), printout.text(&shown, &PrintOptions::DEFAULT));
}

#[test]
fn all_of_a_small_tensor_is_printed() {
    assert_eq!(arange(&[]).to_string(), "tensor(0)");
    assert_eq!(
        arange(&[2, 3]).t().expect("a matrix").to_string(),
        "tensor([[0, 3],\n        [1, 4],\n        [2, 5]])"
    );
    assert_eq!(
        arange(&[0]).to_dtype(DType::F64).expect("a cast").to_string(),
        "tensor([], dtype=spiraltorch_rs.float64)"
    );
    assert_eq!(arange(&[2]).repr("Parameter").expect("a text"), "Parameter([0, 1])");
}

fn arange(shape: &[usize]) -> Tensor {
    let elements: Vec<i64> = (0..numel(shape) as i64).collect();
    Tensor::from_slice(&elements, shape).expect("as many elements as the shape has")
}

#[test]
fn the_tape_is_mentioned() {
    let leaf = Tensor::from_slice(&[0.0f32], &[1]).and_then(|t| t.requires_grad_(true)).expect("a leaf");
    assert_eq!(leaf.to_string(), "tensor([0.], requires_grad=True)");
    assert_eq!(leaf.exp().expect("a result").to_string(), "tensor([1.], grad_fn=<ExpBackward0>)");
}

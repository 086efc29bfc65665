//! Names, states, sharing, modes.

use super::{Outcome, message, sample, values};
use st_core::{DType, Result, Tensor};
use st_nn::optim::{Optimizer, Sgd};
use st_nn::{
    BatchNorm1d, Dropout, Layer, Linear, Lstm, Module, MultiheadAttention, Parameter, RecurrentConfig, Relu,
    Sequential, TransformerEncoderLayer, Visitor,
};

struct Everything {
    scale: Parameter,
    blocks: Vec<Linear>,
    extra: Option<Box<dyn Layer>>,
    missing: Option<Linear>,
    tail: Sequential,
}

impl Module for Everything {
    fn visit(&self, v: &mut Visitor) {
        v.field("scale", &self.scale)
            .field("blocks", &self.blocks)
            .field("extra", &self.extra)
            .field("missing", &self.missing)
            .field("tail", &self.tail);
    }
}

fn everything() -> Result<Everything> {
    Ok(Everything {
        scale: Parameter::new(Tensor::of(2.0f32)?)?,
        blocks: vec![Linear::new(2, 3)?, Linear::new(3, 2)?.without_bias()],
        extra: Some(Box::new(BatchNorm1d::new(2)?)),
        missing: None,
        tail: Sequential::new().push(Relu).push_named("out", Linear::new(2, 1)?),
    })
}

fn names(module: &dyn Module) -> Vec<String> {
    module.named_parameters().into_iter().map(|(name, _)| name).collect()
}

#[test]
fn names_are_paths_of_fields() -> Outcome {
    let module = everything()?;
    let expected = [
        "scale",
        "blocks.0.weight",
        "blocks.0.bias",
        "blocks.1.weight",
        "extra.weight",
        "extra.bias",
        "tail.out.weight",
        "tail.out.bias",
    ];
    assert_eq!(names(&module), expected);
    let buffers: Vec<String> = module.named_buffers().into_iter().map(|(name, _)| name).collect();
    assert_eq!(buffers, ["extra.running_mean", "extra.running_var", "extra.num_batches_tracked"]);
    assert_eq!(module.state_dict().len(), expected.len() + buffers.len());
    assert_eq!(module.num_parameters(), 1 + 9 + 6 + 4 + 3);
    Ok(())
}

#[test]
fn names_of_layers_are_torchs() -> Outcome {
    let encoder = TransformerEncoderLayer::new(4, 2, 8)?;
    assert_eq!(
        names(&encoder),
        [
            "self_attn.in_proj_weight",
            "self_attn.in_proj_bias",
            "self_attn.out_proj.weight",
            "self_attn.out_proj.bias",
            "linear1.weight",
            "linear1.bias",
            "linear2.weight",
            "linear2.bias",
            "norm1.weight",
            "norm1.bias",
            "norm2.weight",
            "norm2.bias",
        ]
    );
    let config = RecurrentConfig { layers: 2, bidirectional: true, ..RecurrentConfig::default() };
    let lstm = Lstm::with(3, 5, config)?;
    let found = names(&lstm);
    assert_eq!(found.len(), 16);
    assert_eq!(found[..4], ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]);
    assert_eq!(found[12..14], ["weight_ih_l1_reverse", "weight_hh_l1_reverse"]);
    assert_eq!(lstm.state_dict()["weight_ih_l1"].shape(), [20, 10]);
    Ok(())
}

#[test]
fn a_state_moves_from_one_module_to_another() -> Outcome {
    let (from, to) = (everything()?, everything()?);
    to.load_state_dict(&from.state_dict())?;
    for (name, tensor) in from.state_dict() {
        assert_eq!(values(&to.state_dict()[&name]), values(&tensor), "{name}");
        assert!(!to.state_dict()[&name].shares_storage(&tensor), "{name} was copied");
    }
    Ok(())
}

#[test]
fn a_state_that_does_not_fit_changes_nothing() -> Outcome {
    let model = everything()?;
    let before = values(&model.scale.get());
    let mut state = everything()?.state_dict();
    state.insert("scale".into(), Tensor::of(5.0f32)?);
    state.remove("extra.bias");
    state.insert("novel".into(), Tensor::of(1.0f32)?);
    state.insert("tail.out.weight".into(), sample(&[3, 2], 0));
    let error = message(model.load_state_dict(&state));
    for part in ["extra.bias is missing", "novel is unexpected", "tail.out.weight has shape [3, 2]"] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(values(&model.scale.get()), before);
    assert_eq!(model.load_matching(&state)?, ["novel", "extra.bias", "tail.out.weight"]);
    assert_eq!(values(&model.scale.get()), [5.0]);
    Ok(())
}

#[test]
fn a_shared_parameter_is_one() -> Outcome {
    struct Tied {
        a: Linear,
        b: Linear,
    }
    impl Module for Tied {
        fn visit(&self, v: &mut Visitor) {
            v.field("a", &self.a).field("b", &self.b);
        }
    }
    let a = Linear::new(2, 2)?.without_bias();
    let tied = Tied { b: a.clone(), a };
    assert_eq!(names(&tied), ["a.weight"]);
    let states: Vec<String> = tied.state_dict().into_keys().collect();
    assert_eq!(states, ["a.weight", "b.weight"]);
    tied.to_dtype(DType::F64)?;
    assert!(tied.a.weight.is(&tied.b.weight));
    assert_eq!(tied.b.weight.dtype(), DType::F64);
    tied.b.forward(&sample(&[1, 2], 1))?.sum_all()?.backward()?;
    assert!(tied.a.weight.grad().is_some());
    Ok(())
}

#[test]
fn an_optimizer_follows_a_converted_parameter() -> Outcome {
    let layer = Linear::new(2, 1)?;
    let mut optimizer = Optimizer::new(layer.parameters(), Sgd::new(0.5));
    layer.to_dtype(DType::F64)?;
    let before = values(&layer.weight.get());
    layer.forward(&Tensor::of([[1.0f64, -2.0]])?)?.sum_all()?.backward()?;
    optimizer.step()?;
    assert_eq!(values(&layer.weight.get()), [before[0] - 0.5, before[1] + 1.0]);
    assert!(layer.weight.requires_grad());
    Ok(())
}

#[test]
fn integers_keep_their_dtype() -> Outcome {
    let norm = BatchNorm1d::new(3)?;
    norm.to_dtype(DType::BF16)?;
    assert_eq!(norm.num_batches_tracked.dtype(), DType::I64);
    assert_eq!(norm.running_mean.dtype(), DType::BF16);
    Ok(())
}

#[test]
fn modes_reach_every_layer_and_come_back() -> Outcome {
    let model = Sequential::new().push(Dropout::new(1.0)).push(Sequential::new().push(Dropout::new(1.0)));
    let x = Tensor::of([1.0f32, 2.0])?;
    assert_eq!(values(&model.forward(&x)?), [0.0, 0.0]);
    {
        let _guard = model.evaluating();
        assert_eq!(values(&model.forward(&x)?), [1.0, 2.0]);
    }
    assert_eq!(values(&model.forward(&x)?), [0.0, 0.0]);
    model.eval();
    drop(model.evaluating());
    assert_eq!(values(&model.forward(&x)?), [1.0, 2.0]);
    model.train();
    assert_eq!(values(&model.forward(&x)?), [0.0, 0.0]);
    Ok(())
}

#[test]
fn frozen_parameters_get_no_gradient() -> Outcome {
    let (body, head) = (Linear::new(2, 2)?, Linear::new(2, 1)?);
    body.set_requires_grad(false)?;
    head.forward(&body.forward(&Tensor::of([[1.0f32, 1.0]])?)?)?.sum_all()?.backward()?;
    assert!(body.weight.grad().is_none() && head.weight.grad().is_some());
    head.zero_grad()?;
    assert!(head.weight.grad().is_none());
    Ok(())
}

#[test]
fn errors_name_the_remedy() {
    assert!(message(MultiheadAttention::new(10, 3)).contains("divisible by 3 heads"));
    let error = message(Linear::new(2, 2).and_then(|l| l.weight.set(&Tensor::of([1.0f32])?)));
    assert!(error.contains("[1]") && error.contains("[2, 2]"), "{error}");
}

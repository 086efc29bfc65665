//! Safetensors files: the format as it is described, and files that are not what they say.

use super::{Outcome, message, temporary, values};
use st_core::{DType, Result, Tensor};
use st_nn::safetensors::{from_bytes, load, save, to_bytes};
use st_nn::{Layer, Linear, Module, Relu, Sequential, StateDict};

/// A file with this header and these elements.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

#[test]
fn the_formats_description_is_read() -> Outcome {
    let header = r#" {"__metadata__":{"made by":"hand \u0041"},"b\n":{"shape":[],"dtype":"I16","data_offsets":[8,10]},
        "a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}, "none":{"dtype":"BF16","shape":[0,3],"data_offsets":[10,10]}} "#;
    let data = [&1.5f32.to_le_bytes()[..], &(-2.0f32).to_le_bytes(), &(-7i16).to_le_bytes()].concat();
    let tensors = from_bytes(&file(header, &data))?;
    assert_eq!(tensors.keys().collect::<Vec<_>>(), ["a", "b\n", "none"]);
    assert_eq!((tensors["a"].shape(), values(&tensors["a"])), (&[1, 2][..], vec![1.5, -2.0]));
    assert_eq!((tensors["b\n"].dtype(), values(&tensors["b\n"])), (DType::I16, vec![-7.0]));
    assert_eq!((tensors["none"].dtype(), tensors["none"].shape()), (DType::BF16, &[0, 3][..]));
    Ok(())
}

#[test]
fn what_is_written_is_the_format() -> Outcome {
    let tensors = StateDict::from([("x\"".to_owned(), Tensor::of([[1u8, 2]])?)]);
    let header = r#"{"x\"":{"dtype":"U8","shape":[1,2],"data_offsets":[0,2]}}"#;
    let padded = format!("{header:<width$}", width = header.len().next_multiple_of(8));
    assert_eq!(to_bytes(&tensors)?, file(&padded, &[1, 2]));
    Ok(())
}

#[test]
fn every_dtype_comes_back() -> Outcome {
    let mut tensors = StateDict::new();
    for dtype in DType::ALL {
        let counting = Tensor::arange(0, 6, 1, None, 0)?.reshape(&[2, 3])?.to_dtype(dtype)?;
        tensors.insert(format!("of {dtype}"), counting.t()?);
    }
    let path = temporary("dtypes");
    save(&tensors, &path)?;
    let found = load(&path)?;
    assert_eq!(found.len(), tensors.len());
    for (name, tensor) in &tensors {
        assert_eq!((found[name].shape(), found[name].dtype()), (tensor.shape(), tensor.dtype()));
        assert_eq!(found[name].to_bytes()?, tensor.to_bytes()?, "{name}");
    }
    let _ = std::fs::remove_file(path);
    Ok(())
}

#[test]
fn what_does_not_fit_is_refused() {
    let entry = |dtype: &str, shape: &str, from: usize, to: usize| {
        format!(r#"{{"x":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{from},{to}]}}}}"#)
    };
    let cases = [
        (entry("F32", "[2]", 0, 12), "the file ends"),
        (entry("F32", "[3]", 0, 8), "8 bytes"),
        (entry("F32", "[2]", 8, 0), "the file ends"),
        (entry("F8", "[8]", 0, 8), "dtype"),
        (entry("F32", "[4611686018427387904,4]", 0, 8), "8 bytes"),
        (entry("F32", "[-2]", 0, 8), "a value"),
        (entry("F32", "[99999999999999999999]", 0, 8), "smaller number"),
        (entry("BOOL", "[8]", 0, 8), "neither 0 nor 1"),
        (r#"{"x":{"dtype":"F32","shape":[2]}}"#.to_owned(), "data_offsets"),
        (r#"["x"]"#.to_owned(), "no object"),
        ("{} {}".to_owned(), "the end"),
        (r#"{"x":"\ud800"}"#.to_owned(), "a character"),
        (r#"{"x":{"#.to_owned(), "'\"'"),
        (format!(r#"{{"x":{}"#, "[".repeat(100_000)), "fewer levels"),
    ];
    for (header, expected) in cases {
        let error = message(from_bytes(&file(&header, &[7; 8])));
        assert!(error.contains(expected), "{error} for {expected}");
    }
    let twice = r#"{"x":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}"#;
    assert!(message(from_bytes(&file(twice, &[1]))).contains("twice"));
    assert!(message(from_bytes(&file("\u{7f}", &[]))).contains("a value"));
    assert!(message(from_bytes(&u64::MAX.to_le_bytes())).contains("cut short"));
    assert!(message(load(std::path::Path::new("/nowhere/at/all"))).contains("/nowhere/at/all"));
}

#[test]
fn a_cut_or_damaged_file_is_an_error_or_a_file() -> Outcome {
    let whole = to_bytes(&Linear::new(3, 2)?.state_dict())?;
    for end in 0..whole.len() {
        assert!(from_bytes(&whole[..end]).is_err(), "cut at {end}");
    }
    // Any byte of the header may be wrong: there is an answer, and no panic.
    for at in 0..120 {
        for value in [0, b'"', b'{', b'9', b'\\', 0xFF] {
            let mut damaged = whole.clone();
            damaged[at] = value;
            let _ = from_bytes(&damaged);
        }
    }
    Ok(())
}

#[test]
fn a_model_is_saved_and_loaded() -> Outcome {
    let build = || -> Result<Sequential> {
        Ok(Sequential::new().push(Linear::new(3, 4)?).push(Relu).push(Linear::new(4, 2)?))
    };
    let (a, b, path) = (build()?, build()?, temporary("model"));
    a.save(&path)?;
    b.load(&path)?;
    let x = super::sample(&[5, 3], 1).to_dtype(DType::F32)?;
    assert_eq!(values(&a.forward(&x)?), values(&b.forward(&x)?));
    assert!(message(Linear::new(3, 4)?.load(&path)).contains("0.weight is unexpected"));
    let _ = std::fs::remove_file(path);
    Ok(())
}

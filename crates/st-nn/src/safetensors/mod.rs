//! Files of named tensors in the safetensors format: the length of a header, the header in JSON, the elements.
//!
//! Nothing in a file is executed, and everything the header says is checked against the file's length.

mod json;

use crate::module::StateDict;
use json::{Json, parse, quoted};
use st_core::{DType, Error, Result, Tensor, runtime_err, unsupported, value_err};
use std::fs;
use std::path::Path;

/// A header is not longer than this, whatever a file says.
const LONGEST_HEADER: u64 = 100_000_000;

const NAMES: [(DType, &str); DType::ALL.len()] = [
    (DType::Bool, "BOOL"),
    (DType::U8, "U8"),
    (DType::I8, "I8"),
    (DType::I16, "I16"),
    (DType::I32, "I32"),
    (DType::I64, "I64"),
    (DType::U16, "U16"),
    (DType::U32, "U32"),
    (DType::U64, "U64"),
    (DType::F16, "F16"),
    (DType::BF16, "BF16"),
    (DType::F32, "F32"),
    (DType::F64, "F64"),
];

/// Writes tensors to a file. What was there stays until all of the new one is written.
pub fn save(tensors: &StateDict, path: &Path) -> Result<()> {
    let bytes = to_bytes(tensors)?;
    let failed = |what: &str, error| runtime_err!("cannot {what} {}: {error}", path.display());
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    fs::write(&partial, bytes).map_err(|e| failed("write", e))?;
    fs::rename(&partial, path).map_err(|e| failed("write", e))
}

/// Reads the tensors of a file.
pub fn load(path: &Path) -> Result<StateDict> {
    let bytes = fs::read(path).map_err(|e| runtime_err!("cannot read {}: {e}", path.display()))?;
    from_bytes(&bytes).map_err(|e| e.context(&format!("while reading {}", path.display())))
}

/// The bytes of a file.
pub fn to_bytes(tensors: &StateDict) -> Result<Vec<u8>> {
    expect_little_endian()?;
    let mut entries = Vec::new();
    let mut data = Vec::new();
    for (name, tensor) in tensors {
        let start = data.len();
        data.extend(tensor.to_bytes()?);
        let sizes: Vec<String> = tensor.shape().iter().map(usize::to_string).collect();
        entries.push(format!(
            "{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{start},{}]}}",
            quoted(name),
            dtype_name(tensor.dtype()),
            sizes.join(","),
            data.len()
        ));
    }
    let mut header = format!("{{{}}}", entries.join(","));
    // The elements begin at a multiple of eight bytes.
    header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.into_bytes());
    file.extend(data);
    Ok(file)
}

/// The tensors in the bytes of a file, on the CPU.
pub fn from_bytes(file: &[u8]) -> Result<StateDict> {
    expect_little_endian()?;
    let (header, data) =
        split(file).ok_or_else(|| value_err!("the file is no safetensors: it is cut short"))?;
    let header = std::str::from_utf8(header).map_err(|_| value_err!("the file's header is no UTF-8"))?;
    let Json::Object(entries) = parse(header)? else {
        return Err(value_err!("the file's header is no object"));
    };
    let mut tensors = StateDict::new();
    for (name, entry) in entries.into_iter().filter(|(name, _)| name != "__metadata__") {
        let wrong = |what: String| value_err!("the file's entry {name} is wrong: {what}");
        let tensor = tensor_of(&entry, data).map_err(|e| wrong(e.message().to_owned()))?;
        if tensors.insert(name.clone(), tensor).is_some() {
            return Err(wrong("it is there twice".into()));
        }
    }
    Ok(tensors)
}

/// Header and elements.
fn split(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = file.split_first_chunk::<8>()?;
    let length = u64::from_le_bytes(*length);
    if length > LONGEST_HEADER {
        return None;
    }
    rest.split_at_checked(length as usize)
}

fn tensor_of(entry: &Json, data: &[u8]) -> Result<Tensor> {
    let field = |wanted: &str| match entry {
        Json::Object(fields) => fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value),
        _ => None,
    };
    let (Some(Json::Text(dtype)), Some(shape), Some(offsets)) =
        (field("dtype"), field("shape").and_then(numbers), field("data_offsets").and_then(numbers))
    else {
        return Err(value_err!("expected dtype, shape and data_offsets"));
    };
    let dtype = NAMES.iter().find(|(_, name)| name == dtype).map(|(dtype, _)| *dtype);
    let dtype =
        dtype.ok_or_else(|| unsupported!("its dtype is not among {:?}", NAMES.map(|(_, name)| name)))?;
    let &[start, end] = &offsets[..] else { return Err(value_err!("expected two data_offsets")) };
    let bytes = data.get(start..end).ok_or_else(|| value_err!("the file ends before its elements"))?;
    let length = shape.iter().try_fold(dtype.size(), |n, &size| n.checked_mul(size));
    if length != Some(bytes.len()) {
        return Err(value_err!("{} bytes for {dtype} of shape {shape:?}", bytes.len()));
    }
    if dtype == DType::Bool && bytes.iter().any(|&b| b > 1) {
        return Err(value_err!("a truth value is neither 0 nor 1"));
    }
    Tensor::from_bytes(bytes, &shape, dtype, 0)
}

fn numbers(list: &Json) -> Option<Vec<usize>> {
    let Json::List(values) = list else { return None };
    values.iter().map(|v| if let Json::Number(n) = v { usize::try_from(*n).ok() } else { None }).collect()
}

fn dtype_name(dtype: DType) -> &'static str {
    NAMES.iter().find(|(known, _)| *known == dtype).map_or("", |(_, name)| name)
}

/// The format's elements are little-endian, and tensors hold the machine's.
fn expect_little_endian() -> Result<(), Error> {
    match cfg!(target_endian = "little") {
        true => Ok(()),
        false => Err(unsupported!("safetensors files are read and written on little-endian machines only")),
    }
}

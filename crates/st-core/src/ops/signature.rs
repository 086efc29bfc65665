//! The parser of the rows' signatures: Python's syntax with the table's own kinds as annotations.
//!
//! `(input: Tensor, dim: int[]? = None, keepdim: bool = False, *, dtype: dtype? = None)`: a kind with `[]` is a list of
//! them, `?` allows `None`, what stands after `*` must be named by the caller.

use super::def::{Param, ParamKind, Value};
use st_kernel::{DType, Scalar};

/// The parameters a signature lists, or what is wrong with it.
pub fn parse(text: &'static str) -> Result<Vec<Param>, String> {
    let inner = text
        .strip_prefix('(')
        .and_then(|t| t.strip_suffix(')'))
        .ok_or("a signature stands in parentheses")?;
    let mut params: Vec<Param> = Vec::new();
    let mut keyword_only = false;
    for part in split(inner) {
        if part == "*" {
            keyword_only = true;
            continue;
        }
        let param = parameter(part, keyword_only)?;
        if params.iter().any(|p| p.name == param.name) {
            return Err(format!("'{}' appears twice", param.name));
        }
        let gap = param.default.is_none() && params.last().is_some_and(|p| p.default.is_some());
        if gap && !keyword_only {
            return Err(format!("'{}' has no default but follows one that has", param.name));
        }
        params.push(param);
    }
    Ok(params)
}

/// At the commas outside brackets and quotes.
fn split(text: &'static str) -> impl Iterator<Item = &'static str> {
    let (mut depth, mut quoted) = (0, false);
    let parts = text.split(move |c| {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            '\'' => quoted = !quoted,
            _ => {}
        }
        c == ',' && depth == 0 && !quoted
    });
    parts.map(str::trim).filter(|p| !p.is_empty())
}

fn parameter(part: &'static str, keyword_only: bool) -> Result<Param, String> {
    let (name, rest) = part.split_once(':').ok_or_else(|| format!("'{part}' has no kind"))?;
    let (annotation, default) = match rest.split_once('=') {
        Some((annotation, default)) => (annotation.trim(), Some(default.trim())),
        None => (rest.trim(), None),
    };
    let (word, optional) = annotation.strip_suffix('?').map_or((annotation, false), |w| (w, true));
    let kind = kind(word).ok_or_else(|| format!("'{word}' is no kind"))?;
    let default = default
        .map(|d| value(d, kind).ok_or_else(|| format!("'{d}' is no default of a {word}")))
        .transpose()?;
    if matches!(default, Some(Value::None)) && !optional {
        return Err(format!("'{name}' is None by default but its kind has no '?'"));
    }
    let name = name.trim();
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(format!("'{name}' is no name"));
    }
    Ok(Param { name, kind, optional, default, keyword_only })
}

fn kind(word: &str) -> Option<ParamKind> {
    Some(match word {
        "Tensor" => ParamKind::Tensor,
        "Operand" => ParamKind::Operand,
        "Tensor[]" => ParamKind::Tensors,
        "Number" => ParamKind::Number,
        "int" => ParamKind::Int,
        "int[]" => ParamKind::Ints,
        "int?[]" => ParamKind::OpenInts,
        "float[]" => ParamKind::Floats,
        "float" => ParamKind::Float,
        "bool" => ParamKind::Bool,
        "str" => ParamKind::Text,
        "dtype" => ParamKind::DType,
        "device" => ParamKind::Device,
        "Generator" => ParamKind::Generator,
        _ => return None,
    })
}

fn value(text: &'static str, kind: ParamKind) -> Option<Value> {
    let number = |s: Scalar| Some(Value::Scalar(s));
    let quoted = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
    let list = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    match (text, kind) {
        ("None", _) => Some(Value::None),
        (_, ParamKind::Bool) => number(Scalar::Bool(match text {
            "True" => true,
            "False" => false,
            _ => return None,
        })),
        (_, ParamKind::Text) => quoted.map(|t| Value::Text(t.into())),
        (_, ParamKind::DType) => DType::parse(text).map(Value::DType),
        (_, ParamKind::Int) => number(Scalar::Int(text.parse().ok()?)),
        (_, ParamKind::Float) => number(Scalar::Float(text.parse().ok()?)),
        (_, ParamKind::Number | ParamKind::Operand) => number(match text.parse() {
            Ok(int) => Scalar::Int(int),
            Err(_) => Scalar::Float(text.parse().ok()?),
        }),
        (_, ParamKind::Ints) => match list {
            None => Some(Value::Ints(std::iter::once(text.parse().ok()?).collect())),
            Some(list) => {
                let items = list.split(',').map(str::trim).filter(|i| !i.is_empty());
                items.map(|i| i.parse().ok()).collect::<Option<_>>().map(Value::Ints)
            }
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_gives_names_kinds_and_defaults() {
        let text = "(input: Tensor, dim: int[]? = None, p: float = 2.0, *, mode: str = 'a,b', size: int[] = [1, -2])";
        let params = parse(text).unwrap();
        assert_eq!(params.iter().map(|p| p.name).collect::<Vec<_>>(), ["input", "dim", "p", "mode", "size"]);
        assert_eq!((params[1].kind, params[1].optional), (ParamKind::Ints, true));
        assert!(matches!(params[2].default, Some(Value::Scalar(Scalar::Float(2.0)))));
        assert!(matches!(&params[3].default, Some(Value::Text(t)) if t == "a,b"));
        assert!(matches!(&params[4].default, Some(Value::Ints(i)) if i[..] == [1, -2]));
        assert_eq!(
            params.iter().map(|p| p.keyword_only).collect::<Vec<_>>(),
            [false, false, false, true, true]
        );
        assert!(params[0].default.is_none() && matches!(params[1].default, Some(Value::None)));
    }

    #[test]
    fn malformed_signatures_are_refused() {
        for text in [
            "input: Tensor",
            "(input)",
            "(input: Matrix)",
            "(a: int, a: int)",
            "(a: int = 1, b: int)",
            "(a: int = None)",
            "(a: bool = 1)",
            "(a b: int)",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

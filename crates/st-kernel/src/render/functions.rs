//! The functions that kernels call: written once, in WGSL, and read as C++ by the other dialects.
//!
//! A kernel gets those it needs. The little of WGSL that they are written in differs from C++ in the heads of functions
//! and in declarations only; [`as_cpp`] turns these around, and `c/shared.h` has WGSL's own functions.

use std::collections::BTreeSet;

/// What kernels in WGSL may call.
pub(super) const WGSL: &str = concat!(
    include_str!("wgsl/integers.wgsl"),
    include_str!("wgsl/elementary.wgsl"),
    include_str!("wgsl/special.wgsl"),
    include_str!("wgsl/double.wgsl"),
    include_str!("wgsl/double_special.wgsl"),
);

/// A function: its name and its text.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) text: String,
}

/// The functions of a text in WGSL.
pub(super) fn of_wgsl(text: &str) -> Vec<Function> {
    // What follows a function's last brace is the comment of the next one.
    let whole = |text: &str| text.rfind('}').map_or("", |end| &text[..=end]).to_owned();
    let name = |text: &str| text.split('(').next().unwrap_or_default().to_owned();
    text.split("\nfn ")
        .skip(1)
        .map(|f| Function { name: name(f), text: format!("fn {}\n", whole(f)) })
        .collect()
}

/// The functions that a text calls, and those they call, in their order.
pub(super) fn needed(entry: &str, functions: &[&Function]) -> String {
    let mut found: BTreeSet<usize> = BTreeSet::new();
    let mut waiting = vec![entry];
    while let Some(text) = waiting.pop() {
        for (i, function) in functions.iter().enumerate() {
            if !found.contains(&i) && calls(text, &function.name) {
                found.insert(i);
                waiting.push(function.text.split_once('{').map_or("", |(_, body)| body));
            }
        }
    }
    found.into_iter().map(|i| format!("{}\n", functions[i].text)).collect()
}

fn calls(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(i, _)| {
        let before = text[..i].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        before && text[i + name.len()..].starts_with(['(', '<'])
    })
}

/// A function in WGSL as C++.
pub(super) fn as_cpp(function: &Function) -> Function {
    let (head, body) = function.text.split_once('{').expect("a function has a body");
    let (name, rest) = head.trim_start_matches("fn ").split_once('(').expect("a function has arguments");
    let (arguments, result) = rest.rsplit_once("->").expect("a function has a result");
    let arguments: Vec<String> = arguments
        .trim()
        .trim_end_matches(')')
        .split(", ")
        .filter_map(|a| a.split_once(": "))
        .map(|(name, ty)| format!("{ty} {name}"))
        .collect();
    let head = format!("DEVICE {} {name}({}) {{", result.trim(), arguments.join(", "));
    Function { name: name.to_owned(), text: head + &declarations(body) }
}

/// `let x = y`, `var x = y` and `var x: T` as C++ declares them.
fn declarations(body: &str) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some(at) = ["let ", "var "].iter().filter_map(|word| word_in(rest, word)).min() {
        out.push_str(&rest[..at]);
        let declared = &rest[at + 4..];
        let end = declared.find(['=', ';']).unwrap_or(declared.len());
        match declared[..end].split_once(": ") {
            Some((name, ty)) => out.push_str(&format!("{} {name}", ty.trim())),
            None if rest[at..].starts_with("let") => {
                out.push_str(&format!("const auto {}", &declared[..end]))
            }
            None => out.push_str(&format!("auto {}", &declared[..end])),
        }
        rest = &declared[end..];
    }
    plain_doubles(&(out + rest))
}

/// Doubles without the letters that WGSL wants after them.
fn plain_doubles(text: &str) -> String {
    let mut parts = text.split("lf");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if !out.ends_with(|c: char| c.is_ascii_digit()) {
            out += "lf";
        }
        out += part;
    }
    out
}

/// Where a word begins a statement.
fn word_in(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word).map(|(at, _)| at).find(|&at| text[..at].ends_with([' ', '(', '\n']))
}

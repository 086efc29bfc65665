//! A twin of kernels by matrix units for GPUs without them: of what would be a matrix of 16 x 16, each of 32 threads has eight
//! sums in a row, and for a product the left operand's row; the right operand is read when it is multiplied. Tests run it, so
//! that the arithmetic of places is proven in software. How often loops turn seems to follow from the thread: they would be
//! unrolled otherwise, which lavapipe compiles for many minutes.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The twin of a kernel's text, or the text itself if it has no matrices.
pub(crate) fn of(text: &str) -> String {
    if !text.contains("enable wgpu_cooperative_matrix;\n") {
        return text.to_owned();
    }
    let mut functions = BTreeMap::new();
    let text =
        text.replace("enable wgpu_cooperative_matrix;\n", "").replace("coopMultiplyAdd(", "multiplied(");
    let text = replace(&text, "let place = &", |rest| store(rest, &mut functions));
    let text = replace(&text, "coopLoad", |rest| load(rest, &mut functions));
    let text = text.replace("coop_mat16x16<f16, A>", "Row").replace("coop_mat16x16<f32, C>", "Sums");
    let text = text.replace("let t = i32(local);", "let t = i32(local); lane = t % 32;");
    let (head, entry) = text.split_once("@compute").expect("there is an entry point");
    let mut all = format!("{head}{MATRICES}");
    let mut arrays = String::new();
    for (name, (kind, array)) in functions {
        let fours = head.contains(&format!(" {array}: array<vec4<"));
        let (element, by) =
            if fours { (format!("{array}[e >> 2u][e & 3]"), 4) } else { (format!("{array}[e]"), 1) };
        let place = format!("let e = {by} * (at + lane / 2 * pitch) + lane % 2 * 8 + i;");
        let _ = match kind {
            Kind::Left => writeln!(
                all,
                "fn {name}(at: i32, pitch: i32, rows: bool) -> Row {{\n  var row: Row; var first = {by} * at; var step = 1; if (rows) {{ first += lane / 2 * pitch * {by}; }} else {{ first += lane / 2; step = pitch * {by}; }}\n  for (var i = 0; i < 16 + lane / 32; i++) {{ let e = first + i * step; row.all[i] = f32({element}); }}\n  return row;\n}}"
            ),
            Kind::Right => {
                let number = arrays.lines().count();
                let _ = writeln!(arrays, "  if (array == {number}) {{ return f32({element}); }}");
                writeln!(
                    all,
                    "fn {name}(at: i32, pitch: i32, rows: bool) -> Right {{ return Right({number}, at * {by}, select(pitch * {by}, 1, !rows), select(1, pitch * {by}, !rows)); }}"
                )
            }
            Kind::Sums => writeln!(
                all,
                "fn {name}(at: i32, pitch: i32, rows: bool) -> Sums {{\n  var m: Sums;\n  for (var i = 0; i < 8 + lane / 32; i++) {{ {place} m.all[i] = {element}; }}\n  return m;\n}}"
            ),
            Kind::Store => writeln!(
                all,
                "fn {name}(value: Sums, at: i32, pitch: i32) {{\n  var m = value;\n  for (var i = 0; i < 8 + lane / 32; i++) {{ {place} {element} = m.all[i]; }}\n}}"
            ),
        };
    }
    format!("{all}fn element(array: i32, e: i32) -> f32 {{\n{arrays}  return 0.0;\n}}\n@compute{entry}")
}

const MATRICES: &str = "var<private> lane: i32;
struct Row { all: array<f32, 16> }
struct Sums { all: array<f32, 8> }
struct Right { array: i32, at: i32, down: i32, across: i32 }
fn multiplied(x: Row, y: Right, c: Sums) -> Sums {
  var row = x; var sums = c;
  for (var i = 0; i < 8 + lane / 32; i++) {
    var sum = sums.all[i]; var e = y.at + (lane % 2 * 8 + i) * y.across;
    for (var p = 0; p < 16 + lane / 32; p++) { sum += row.all[p] * element(y.array, e); e += y.down; }
    sums.all[i] = sum;
  }
  return sums;
}
";

/// What a function does with an array.
enum Kind {
    Left,
    Right,
    Sums,
    Store,
}

type Functions = BTreeMap<String, (Kind, String)>;

/// Replaces each `what` and some of what follows: `with` tells by what, and what is left after it.
fn replace(text: &str, what: &str, mut with: impl FnMut(&str) -> (String, usize)) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once(what) {
        let (new, taken) = with(after);
        out += before;
        out += &new;
        rest = &after[taken..];
    }
    out + rest
}

/// The part of a text before the bracket that closes it.
fn enclosed(text: &str) -> &str {
    let mut depth = 0;
    let end = text.find(|c| {
        depth += i32::from("([".contains(c)) - i32::from(")]".contains(c));
        depth < 0
    });
    &text[..end.expect("brackets are closed")]
}

/// `NAME[AT]; let pitch = P; coopStoreT(value, place, pitch);`
fn store(text: &str, functions: &mut Functions) -> (String, usize) {
    let (array, rest) = text.split_once('[').expect("an array");
    let at = enclosed(rest);
    let rest = rest[at.len()..].strip_prefix("]; let pitch = ").expect("the distance of rows");
    let (pitch, rest) = rest.split_once("; coopStoreT(value, place, pitch);").expect("a store");
    let name = format!("store_{array}");
    functions.insert(name.clone(), (Kind::Store, array.to_owned()));
    (format!("{name}(value, {at}, i32({pitch}));"), text.len() - rest.len())
}

/// `T<coop_mat16x16<f16, A>>(&NAME[AT], P)`
fn load(text: &str, functions: &mut Functions) -> (String, usize) {
    let (by_rows, rest) = text.strip_prefix('T').map_or((false, text), |rest| (true, rest));
    let (matrix, rest) = rest.split_once(">>(&").expect("a type");
    let (array, rest) = rest.split_once('[').expect("an array");
    let at = enclosed(rest);
    let rest = rest[at.len()..].strip_prefix("], ").expect("the distance of rows");
    let pitch = enclosed(rest);
    let rest = &rest[pitch.len() + 1..];
    let (name, kind) = match &matrix[matrix.len() - 1..] {
        "A" => (format!("left_{array}"), Kind::Left),
        "B" => (format!("right_{array}"), Kind::Right),
        _ => (format!("sums_{array}"), Kind::Sums),
    };
    functions.insert(name.clone(), (kind, array.to_owned()));
    (format!("{name}({at}, i32({pitch}), {by_rows})"), text.len() - rest.len())
}

//! Printing, exactly as torch prints: `tensor([1., 2.], requires_grad=True)`.
//!
//! [`Printout::text`] is a pure function of the elements shown, the tensor's properties and the [`PrintOptions`]; only
//! [`Tensor::repr`] runs graphs, and of a large tensor it fetches no more than the corners that are shown.

use super::{Tensor, default_dtype};
use crate::complex::{Complex, dtype_name};
use crate::runtime;
use st_kernel::view::{Dims, Strides, View, numel};
use st_kernel::{DType, Result, Scalar};
use std::fmt;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

static AS_TORCH: AtomicBool = AtomicBool::new(false);

/// The Python package; dtypes are printed under its name.
pub fn module() -> &'static str {
    if AS_TORCH.load(Relaxed) { "torch" } else { "spiraltorch_rs" }
}

/// From here on the package is called `torch`: a program imports it under that name.
pub fn call_it_torch() {
    AS_TORCH.store(true, Relaxed);
}

/// How tensors are printed; the meaning of each is torch's.
#[derive(Clone, Debug, PartialEq)]
pub struct PrintOptions {
    /// Digits after the point.
    pub precision: usize,
    /// Tensors of more elements are summarised; infinity prints all.
    pub threshold: f64,
    /// How many elements of each end of a dimension a summary shows.
    pub edgeitems: usize,
    /// Where lines are broken.
    pub linewidth: usize,
    /// Whether floats are printed as `1.0000e+00`; `None` looks at their magnitudes.
    pub sci_mode: Option<bool>,
}

impl PrintOptions {
    /// What is used when nobody says otherwise.
    pub const DEFAULT: PrintOptions =
        PrintOptions { precision: 4, threshold: 1000.0, edgeitems: 3, linewidth: 80, sci_mode: None };

    /// A set of options by name: `default`, `short` or `full`.
    pub fn profile(name: &str) -> Option<PrintOptions> {
        match name {
            "default" => Some(PrintOptions::DEFAULT),
            "short" => Some(PrintOptions { precision: 2, edgeitems: 2, ..PrintOptions::DEFAULT }),
            "full" => Some(PrintOptions { threshold: f64::INFINITY, ..PrintOptions::DEFAULT }),
            _ => None,
        }
    }

    /// How many elements of each end are shown of a tensor of this shape, `None` if all are.
    fn edge(&self, shape: &[usize]) -> Option<usize> {
        (numel(shape) as f64 > self.threshold).then_some(self.edgeitems)
    }
}

static OPTIONS: RwLock<PrintOptions> = RwLock::new(PrintOptions::DEFAULT);

/// The options in force.
pub fn printoptions() -> PrintOptions {
    OPTIONS.read().expect("no panic while the lock is held").clone()
}

/// Sets the options for all threads.
pub fn set_printoptions(options: PrintOptions) {
    *OPTIONS.write().expect("no panic while the lock is held") = options;
}

/// What is printed beside the elements.
#[derive(Clone, Debug)]
pub struct Printout<'a> {
    /// In front of the bracket: `tensor`, or the name of a Python subclass.
    pub name: &'a str,
    /// The Python module that dtypes are printed under.
    pub module: &'a str,
    /// Sizes.
    pub shape: &'a [usize],
    /// Element type, that of the parts of complex numbers.
    pub dtype: DType,
    /// Whether two elements that follow one another are the parts of a complex number.
    pub complex: bool,
    /// Where it lives, if that is worth saying.
    pub device: Option<String>,
    /// What the tape says: `requires_grad=True` or `grad_fn=<AddBackward>`.
    pub tape: Option<String>,
}

impl Printout<'_> {
    /// The text, from the elements that [`corners`] sees.
    pub fn text(&self, elements: &[Scalar], options: &PrintOptions) -> String {
        let open = format!("{}(", self.name);
        let body = if self.is_meta() {
            "...".to_owned()
        } else if numel(self.shape) == 0 {
            "[]".to_owned()
        } else {
            let edge = options.edge(self.shape);
            let (width, words) = match self.complex {
                true => complex_words(elements, options),
                false => words(elements, options, self.dtype == DType::U64),
            };
            let mut writer = Writer { edge, width, linewidth: options.linewidth, words: words.into_iter() };
            writer.nested(self.shape, open.len())
        };
        self.close(open + &body, self.name.len() + 1, options)
    }

    /// Whether there are no elements to show, although the shape has some.
    fn is_meta(&self) -> bool {
        self.device.as_deref() == Some("meta")
    }

    /// Appends device, size, dtype and tape, each on the last line as long as it fits there.
    fn close(&self, mut text: String, indent: usize, options: &PrintOptions) -> String {
        // Torch counts two characters too many here; the same text needs the same line breaks.
        let mut column = text.rsplit('\n').next().map_or(0, str::len) + 2;
        for suffix in self.suffixes(options) {
            if column + suffix.len() + 2 > options.linewidth {
                text += &format!(",\n{:indent$}{suffix}", "");
                column = indent + suffix.len();
            } else {
                text += &format!(", {suffix}");
                column += suffix.len() + 2;
            }
        }
        text + ")"
    }

    fn suffixes(&self, options: &PrintOptions) -> impl Iterator<Item = String> {
        let empty = numel(self.shape) == 0 || self.is_meta();
        let size = (if empty { self.shape.len() != 1 || self.is_meta() } else { options.edgeitems == 0 })
            .then(|| {
                let sizes: Vec<String> = self.shape.iter().map(usize::to_string).collect();
                format!("size=({}{})", sizes.join(", "), if sizes.len() == 1 { "," } else { "" })
            });
        // Elements show whether they are truth values, integers or floats; without any, only floats go without saying.
        let implied =
            self.dtype == default_dtype() || (!empty && matches!(self.dtype, DType::I64 | DType::Bool));
        let implied = if self.complex { !empty && self.dtype == default_dtype() } else { implied };
        let name = if self.complex { dtype_name(self.dtype) } else { self.dtype.name() };
        let dtype = (!implied).then(|| format!("dtype={}.{name}", self.module));
        let device = self.device.as_ref().map(|name| format!("device='{name}'"));
        [device, size, dtype, self.tape.clone()].into_iter().flatten()
    }
}

/// How the elements of one tensor are spelled: all alike and equally wide.
struct Format {
    style: Style,
    width: usize,
}

#[derive(Clone, Copy)]
enum Style {
    /// Floats that are all whole: `3.`
    Whole,
    /// With so many digits after the point.
    Fixed(usize),
    /// With an exponent of ten.
    Scientific(usize),
    /// Integers whose sign bit is one of the number's.
    Unsigned,
}

impl Format {
    /// The format that suits these elements.
    fn of(elements: &[Scalar], options: &PrintOptions, unsigned: bool) -> Format {
        // Zeros, infinities and NaN have no say in how floats are spelled, nor in how wide.
        let floats =
            elements.iter().filter_map(|e| if let Scalar::Float(x) = e { Some(x.abs()) } else { None });
        let telling: Vec<f64> = floats.filter(|x| x.is_finite() && *x != 0.0).collect();
        let smallest = telling.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = telling.iter().copied().fold(0.0, f64::max);
        let wide_range = || largest / smallest > 1000.0 || largest > 1e8 || smallest < 1e-4;
        let style = if unsigned {
            Style::Unsigned
        } else if !telling.is_empty() && options.sci_mode.unwrap_or_else(wide_range) {
            Style::Scientific(options.precision)
        } else if telling.iter().all(|x| x.fract() == 0.0) {
            Style::Whole
        } else {
            Style::Fixed(options.precision)
        };
        let counts = |e: &&Scalar| !matches!(e, Scalar::Float(x) if !x.is_finite() || *x == 0.0);
        let width = elements.iter().filter(counts).map(|e| style.spell(*e).len()).max().unwrap_or(1);
        Format { style, width }
    }

    fn element(&self, element: Scalar) -> String {
        format!("{:>1$}", self.style.spell(element), self.width)
    }
}

impl Style {
    /// An element as Python spells it.
    fn spell(self, element: Scalar) -> String {
        match element {
            Scalar::Bool(true) => "True".to_owned(),
            Scalar::Bool(false) => "False".to_owned(),
            Scalar::Int(i) if matches!(self, Style::Unsigned) => (i as u64).to_string(),
            whole @ (Scalar::Int(_) | Scalar::Large(_)) => whole.to_string(),
            Scalar::Float(x) if x.is_nan() => "nan".to_owned(),
            Scalar::Float(x) if x.is_infinite() => x.to_string(),
            Scalar::Float(x) => match self {
                Style::Whole | Style::Unsigned => format!("{x:.0}."),
                Style::Fixed(digits) => format!("{x:.digits$}"),
                Style::Scientific(digits) => scientific(x, digits),
            },
        }
    }
}

/// `1.5000e+00`: Rust leaves out the sign and the leading zero of the exponent.
fn scientific(x: f64, digits: usize) -> String {
    let text = format!("{x:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{exponent:0>2}")
}

/// Every element as it is printed, and how wide that is.
fn words(elements: &[Scalar], options: &PrintOptions, unsigned: bool) -> (usize, Vec<String>) {
    let format = Format::of(elements, options, unsigned);
    (format.width, elements.iter().map(|e| format.element(*e)).collect())
}

/// Complex numbers, each part in the format that suits all of them: `1.5000+0.j`.
fn complex_words(parts: &[Scalar], options: &PrintOptions) -> (usize, Vec<String>) {
    let every =
        |first| words(&parts.iter().skip(first).step_by(2).copied().collect::<Vec<_>>(), options, false);
    let ((re_width, re), (im_width, im)) = (every(0), every(1));
    let pair = |(re, im): (&String, &String)| {
        let im = im.trim_start();
        let plus = if im.starts_with(['+', '-']) { "" } else { "+" };
        format!("{re}{plus}{im}j")
    };
    (re_width + im_width + 1, re.iter().zip(&im).map(pair).collect())
}

/// Puts brackets around elements, in the order [`corners`] sees them.
struct Writer {
    edge: Option<usize>,
    width: usize,
    linewidth: usize,
    words: std::vec::IntoIter<String>,
}

impl Writer {
    fn nested(&mut self, shape: &[usize], indent: usize) -> String {
        let [n, inner @ ..] = shape else {
            return self.words.next().unwrap_or_default();
        };
        let cut = self.edge.filter(|edge| *n > 2 * edge);
        let shown = cut.map_or(*n, |edge| 2 * edge);
        let mut pieces: Vec<String> = (0..shown).map(|_| self.nested(inner, indent + 1)).collect();
        if let Some(edge) = cut {
            let gap = if inner.is_empty() && edge > 0 { " ..." } else { "..." };
            pieces.insert(edge, gap.to_owned());
        }
        let per_line = match inner {
            [] => (self.linewidth.saturating_sub(indent) / (self.width + 2)).max(1),
            _ => 1,
        };
        let lines: Vec<String> = pieces.chunks(per_line).map(|line| line.join(", ")).collect();
        let line_break = format!(",{}{:2$}", "\n".repeat(inner.len().max(1)), "", indent + 1);
        format!("[{}]", lines.join(&line_break))
    }
}

/// What of a tensor seen through `view` is printed: of a large one, both ends of each dimension, by splitting a long
/// dimension into one of size two (the ends) and one within an end.
pub fn corners(view: &View, options: &PrintOptions) -> View {
    let Some(edge) = options.edge(&view.shape) else {
        return view.clone();
    };
    let mut seen = View { shape: Dims::new(), strides: Strides::new(), offset: view.offset };
    for (&n, &stride) in view.shape.iter().zip(&view.strides) {
        if n > 2 * edge {
            seen.shape.extend([2, edge]);
            seen.strides.extend([(n - edge) as isize * stride, stride]);
        } else {
            seen.shape.push(n);
            seen.strides.push(stride);
        }
    }
    seen
}

impl Tensor {
    /// The text Python prints, under the name of its type there: `tensor` unless it is a subclass.
    pub fn repr(&self, name: &str) -> Result<String> {
        let options = printoptions();
        let (shape, dtype) = (self.shape(), self.dtype());
        let (device, tape) = (self.device_to_print()?, self.tape_to_print());
        let printout = Printout { name, module: module(), shape, dtype, complex: false, device, tape };
        Ok(printout.text(&self.elements_to_print(corners(&self.0.view, &options))?, &options))
    }

    fn elements_to_print(&self, seen: View) -> Result<Vec<Scalar>> {
        if seen.numel() == 0 || runtime::has_no_values(self.device()) {
            return Ok(Vec::new());
        }
        // The whole tensor is run first, so that the next look at it finds it done.
        runtime::realize(std::slice::from_ref(self))?;
        let bytes = self.alias(seen).copy()?.to_bytes()?;
        Ok(bytes.chunks_exact(self.dtype().size()).map(|b| Scalar::read(self.dtype(), b)).collect())
    }

    fn device_to_print(&self) -> Result<Option<String>> {
        if self.device() == 0 {
            return Ok(None);
        }
        let device = runtime::device(self.device())?.info();
        if runtime::has_no_values(self.device()) {
            return Ok(Some(device.kind.into()));
        }
        Ok(Some(format!("{}:{}", device.kind, device.index)))
    }

    fn tape_to_print(&self) -> Option<String> {
        match self.grad_fn() {
            Some(made_by) => Some(format!("grad_fn=<{}>", made_by.name())),
            None => self.requires_grad().then(|| "requires_grad=True".to_owned()),
        }
    }
}

impl Complex {
    /// The text Python prints, under the name of its type there.
    pub fn repr(&self, name: &str) -> Result<String> {
        let (options, pairs) = (printoptions(), self.pairs());
        let (device, tape) = (pairs.device_to_print()?, pairs.tape_to_print());
        let (shape, dtype) = (self.shape(), self.parts());
        let printout = Printout { name, module: module(), shape, dtype, complex: true, device, tape };
        let last = shape.len();
        let mut seen = pairs.0.view.clone();
        let (parts, step) = (seen.shape.remove(last), seen.strides.remove(last));
        let mut seen = corners(&seen, &options);
        seen.shape.push(parts);
        seen.strides.push(step);
        Ok(printout.text(&pairs.elements_to_print(seen)?, &options))
    }
}

impl fmt::Display for Complex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.repr("tensor") {
            Ok(text) => f.write_str(&text),
            Err(error) => write!(f, "tensor(<not computed: {error}>)"),
        }
    }
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.repr("tensor") {
            Ok(text) => f.write_str(&text),
            Err(error) => write!(f, "tensor(<not computed: {error}>)"),
        }
    }
}

//! The two forms a row of the table is written in.

use crate::ops::def::{Forms, Kind, OpDef, Out};
use crate::ops::pointwise::{DtypeRule, Forward, PointwiseRow, Vjp};

/// What a pointwise row may say. Only `forward` must be given.
pub(super) struct Row {
    /// The expression.
    pub(super) forward: Forward,
    /// How operand dtypes give the result's.
    pub(super) dtype: DtypeRule,
    /// Only where the derived gradient is slower or less stable.
    pub(super) vjp: Option<Vjp>,
    /// Where it appears.
    pub(super) forms: Forms,
    /// More flags.
    pub(super) also: Forms,
    /// Which dtypes `out=` may have.
    pub(super) out: Out,
    /// What `grad_fn` is called, where it is not after the row.
    pub(super) node: &'static str,
    /// Torch's function, where its name is not the usual one.
    pub(super) torch: &'static str,
    /// ONNX's operator; empty if there is none.
    pub(super) onnx: &'static str,
    /// Where the tests sample each operand.
    pub(super) domain: (f64, f64),
}

/// The usual row.
pub(super) const ROW: Row = Row {
    forward: |x| x[0],
    dtype: DtypeRule::ToFloat,
    vjp: None,
    forms: Forms::EVERY,
    also: Forms::HIDDEN,
    out: Out::Cast,
    node: "",
    torch: "",
    onnx: "",
    domain: (-4.0, 4.0),
};

/// What the names of a row make, before it is asked for its details.
pub(super) struct Names {
    pub(super) rust: &'static str,
    pub(super) python: Option<&'static str>,
    pub(super) torch: [&'static str; 2],
    pub(super) signature: &'static str,
    pub(super) doc: &'static str,
    pub(super) operands: usize,
}

/// Whether a row is one of `torch.special` alone, whose name there says itself.
const fn is_special(name: &str) -> bool {
    matches!(name.as_bytes(), [b's', b'p', b'e', b'c', b'i', b'a', b'l', b'_', ..])
}

impl Row {
    pub(super) const fn define(self, names: Names) -> OpDef {
        let (name, usual) = match names.python {
            Some(python) => (python, ""),
            None if self.forms.0 == Forms::HIDDEN.0 => (names.rust, ""),
            None => (names.rust, names.torch[self.forms.has(Forms::FUNCTIONAL) as usize]),
        };
        let row = PointwiseRow::new(name, self.dtype, self.forward, self.vjp, names.operands);
        let mut def = OpDef::new(name, names.signature, names.doc, Kind::Pointwise(row))
            .forms(self.forms)
            .also(self.also)
            .out(self.out)
            .node(self.node)
            .domain(self.domain.0, self.domain.1);
        if !self.torch.is_empty() {
            def = def.torch(self.torch);
        } else if !is_special(name) {
            def = def.torch(usual);
        }
        if !self.onnx.is_empty() {
            def.onnx = Some(self.onnx);
        }
        def
    }
}

/// Pointwise rows: `name(operands; parameter = usual * keyword = usual) { details }`, each a row and a method of `Tensor`.
///
/// Parameters are numbers of the kernel and take no part in promotion. A second name in quotes is Python's, where Rust needs one of its own.
macro_rules! pointwise {
    ($(
        #[doc = $doc:literal]
        $name:ident $($python:literal)? ($first:ident $(, $operand:ident)* $(; $param:ident $(= $usual:literal)?)* $(* $key:ident = $fixed:literal)?)
        { $($field:ident: $value:expr),* $(,)? }
    )*) => {
        #[allow(non_camel_case_types)]
        enum At { $($name),* }

        /// The rows of this file.
        #[allow(clippy::needless_update)] // A row may give every field.
        pub(crate) static ROWS: [$crate::ops::OpDef; [$(stringify!($name)),*].len()] = [$(
            $crate::ops::table::macros::Row { $($field: $value,)* ..$crate::ops::table::macros::ROW }.define(
                $crate::ops::table::macros::Names {
                    rust: stringify!($name),
                    python: pointwise!(@option $($python)?),
                    torch: [concat!("torch.", stringify!($name)), concat!("torch.nn.functional.", stringify!($name))],
                    signature: concat!(
                        "(", stringify!($first), ": Tensor", $(", ", stringify!($operand), ": Operand",)*
                        $(", ", stringify!($param), ": Number", $(" = ", stringify!($usual),)?)*
                        $(", *, ", stringify!($key), ": Number = ", stringify!($fixed),)? ")",
                    ),
                    doc: $doc,
                    operands: [stringify!($first) $(, stringify!($operand))*].len(),
                },
            ).module(module_path!())
        ),*];

        #[allow(clippy::needless_lifetimes)] // Needless for one operand, needed for two.
        impl $crate::Tensor {$(
            #[doc = $doc]
            pub fn $name<'a>(
                &'a self $(, $operand: impl Into<$crate::ops::Operand<'a>>)* $(, $param: impl Into<$crate::Scalar>)*
                $(, $key: impl Into<$crate::Scalar>)?
            ) -> $crate::Result<$crate::Tensor> {
                let $crate::ops::Kind::Pointwise(row) = &ROWS[At::$name as usize].kind else { unreachable!() };
                row.apply(&[
                    self.into() $(, $operand.into())* $(, $crate::ops::Operand::Scalar($param.into()))*
                    $(, $crate::ops::Operand::Scalar($key.into()))?
                ])
            }
        )*}
    };
    (@option) => { None };
    (@option $python:literal) => { Some($python) };
}

/// Rows made of operators: `"name" "(signature)".details, |argument: Type, ..| result;`, each a row whose method is
/// written by hand elsewhere.
macro_rules! build {
    ($(
        #[doc = $doc:literal]
        $name:literal $signature:literal $(. $detail:ident ($($value:expr),*))*, |$($arg:ident: $t:ty),*| $body:expr;
    )*) => {
        /// The rows of this file that are made of operators.
        pub(crate) static BUILT: [$crate::ops::OpDef; [$($name),*].len()] = [$(
            $crate::ops::OpDef::new($name, $signature, $doc, $crate::ops::Kind::Build(|values| {
                let mut values = values.iter();
                $(let $arg: $t = $crate::ops::def::argument($name, stringify!($arg), values.next())?;)*
                Ok($crate::ops::Output::from($body?))
            }))
            .module(module_path!()) $(.$detail($($value),*))*
            .usual_torch([concat!("torch.", $name), concat!("torch.Tensor.", $name), concat!("torch.nn.functional.", $name)])
        ),*];
    };
}

pub(super) use {build, pointwise};

//! Orthogonal polynomials: of the degree that the second operand says, at the first.

use super::macros::{build, pointwise};
use crate::ops::composite::beside;
use crate::ops::def::Forms;
use crate::ops::{Operand, result_type};
use crate::tensor::Tensor;
use st_kernel::expr::polynomial;
use st_kernel::special::Orthogonal::{self, *};
use st_kernel::special::SINGLE;
use st_kernel::{DType, Result, Scalar};

const PLAIN: Forms = Forms::FUNCTION.and(Forms::OUT).and(Forms::CAST);

pointwise! {
    /// The polynomial of a family.
    polynomial_of "polynomial" (x, n; family) { forward: |x| polynomial(x[2], x[1], x[0]), forms: Forms::HIDDEN }

    /// The polynomial of a family, of 2 x - 1.
    shifted_polynomial_of "shifted_polynomial" (x, n; family) {
        forward: |x| polynomial(x[2], x[1], x[0] + x[0] - 1.0), forms: Forms::HIDDEN
    }
}

/// Torch does not differentiate these.
fn at(family: Orthogonal, shifted: bool, x: &Tensor, n: Operand) -> Result<Tensor> {
    let x = x.detach();
    let degrees = match n {
        Operand::Tensor(n) => Some(n.detach()),
        Operand::Scalar(_) => None,
    };
    let n = degrees.as_ref().map_or(n, Operand::Tensor);
    let double = result_type(&[Operand::Tensor(&x), n]) == DType::F64;
    let family = f64::from(family as u8 + if double { 0 } else { SINGLE });
    if shifted { x.shifted_polynomial_of(n, family) } else { x.polynomial_of(n, family) }
}

build! {
    /// Chebyshev's polynomials of the first kind.
    "special_chebyshev_polynomial_t" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(ChebyshevT, false, input, n);

    /// Chebyshev's polynomials of the first kind, at a number.
    "special_chebyshev_polynomial_t" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(ChebyshevT, false, &beside(input, n)?, n.into());

    /// Chebyshev's polynomials of the second kind.
    "special_chebyshev_polynomial_u" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(ChebyshevU, false, input, n);

    /// Chebyshev's polynomials of the second kind, at a number.
    "special_chebyshev_polynomial_u" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(ChebyshevU, false, &beside(input, n)?, n.into());

    /// Chebyshev's polynomials of the third kind.
    "special_chebyshev_polynomial_v" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(ChebyshevV, false, input, n);

    /// Chebyshev's polynomials of the third kind, at a number.
    "special_chebyshev_polynomial_v" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(ChebyshevV, false, &beside(input, n)?, n.into());

    /// Chebyshev's polynomials of the fourth kind.
    "special_chebyshev_polynomial_w" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(ChebyshevW, false, input, n);

    /// Chebyshev's polynomials of the fourth kind, at a number.
    "special_chebyshev_polynomial_w" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(ChebyshevW, false, &beside(input, n)?, n.into());

    /// Hermite's polynomials, as physicists have them.
    "special_hermite_polynomial_h" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(HermiteH, false, input, n);

    /// Hermite's polynomials, as physicists have them, at a number.
    "special_hermite_polynomial_h" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(HermiteH, false, &beside(input, n)?, n.into());

    /// Hermite's polynomials, as statisticians have them.
    "special_hermite_polynomial_he" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(HermiteHe, false, input, n);

    /// Hermite's polynomials, as statisticians have them, at a number.
    "special_hermite_polynomial_he" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(HermiteHe, false, &beside(input, n)?, n.into());

    /// Laguerre's polynomials.
    "special_laguerre_polynomial_l" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(LaguerreL, false, input, n);

    /// Laguerre's polynomials, at a number.
    "special_laguerre_polynomial_l" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(LaguerreL, false, &beside(input, n)?, n.into());

    /// Legendre's polynomials.
    "special_legendre_polynomial_p" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(LegendreP, false, input, n);

    /// Legendre's polynomials, at a number.
    "special_legendre_polynomial_p" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(LegendreP, false, &beside(input, n)?, n.into());

    /// Chebyshev's polynomials of the first kind, of 2 x - 1.
    "special_shifted_chebyshev_polynomial_t" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(ChebyshevT, true, input, n);

    /// Chebyshev's polynomials of the first kind, of 2 x - 1, at a number.
    "special_shifted_chebyshev_polynomial_t" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(ChebyshevT, true, &beside(input, n)?, n.into());

    /// Chebyshev's polynomials of the second kind, of 2 x - 1.
    "special_shifted_chebyshev_polynomial_u" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(ChebyshevU, true, input, n);

    /// Chebyshev's polynomials of the second kind, of 2 x - 1, at a number.
    "special_shifted_chebyshev_polynomial_u" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(ChebyshevU, true, &beside(input, n)?, n.into());

    /// Chebyshev's polynomials of the third kind, of 2 x - 1.
    "special_shifted_chebyshev_polynomial_v" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(ChebyshevV, true, input, n);

    /// Chebyshev's polynomials of the third kind, of 2 x - 1, at a number.
    "special_shifted_chebyshev_polynomial_v" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(ChebyshevV, true, &beside(input, n)?, n.into());

    /// Chebyshev's polynomials of the fourth kind, of 2 x - 1.
    "special_shifted_chebyshev_polynomial_w" "(input: Tensor, n: Operand)".forms(PLAIN).domain(-1.5, 5.0),
        |input: &Tensor, n: Operand| at(ChebyshevW, true, input, n);

    /// Chebyshev's polynomials of the fourth kind, of 2 x - 1, at a number.
    "special_shifted_chebyshev_polynomial_w" "(input: Number, n: Tensor)".forms(PLAIN),
        |input: Scalar, n: &Tensor| at(ChebyshevW, true, &beside(input, n)?, n.into());
}

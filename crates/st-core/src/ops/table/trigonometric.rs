//! Angles.

use super::macros::pointwise;
use st_kernel::Ex;
use st_kernel::expr::*;
use std::f64::consts::PI;

pointwise! {
    /// The sine.
    sin(input) { forward: |x| sin(x[0]), onnx: "Sin" }

    /// The cosine.
    cos(input) { forward: |x| cos(x[0]), onnx: "Cos" }

    /// The tangent.
    tan(input) { forward: |x| tan(x[0]), onnx: "Tan", domain: (-1.4, 1.4) }

    /// The inverse of the sine.
    asin(input) { forward: |x| asin(x[0]), onnx: "Asin", domain: (-0.9, 0.9) }

    /// The inverse of the cosine.
    acos(input) { forward: |x| acos(x[0]), onnx: "Acos", domain: (-0.9, 0.9) }

    /// The inverse of the tangent.
    atan(input) { forward: |x| atan(x[0]), onnx: "Atan" }

    /// The angle of the point (other, input).
    atan2(input, other) {
        forward: |x| atan2(x[0], x[1]),
        vjp: Some(|x, _, g| {
            let r = x[0] * x[0] + x[1] * x[1];
            let g = select(eq(r, 0.0), 0.0, g / r, g);
            vec![Some(g * x[1]), Some(-g * x[0])]
        }),
        domain: (0.2, 4.0)
    }

    /// The hyperbolic sine.
    sinh(input) { forward: |x| sinh(x[0]), onnx: "Sinh" }

    /// The hyperbolic cosine.
    cosh(input) { forward: |x| cosh(x[0]), onnx: "Cosh" }

    /// The hyperbolic tangent.
    tanh(input) {
        forward: |x| tanh(x[0]), forms: crate::ops::Forms::EVERY.and(crate::ops::Forms::FUNCTIONAL), onnx: "Tanh"
    }

    /// The inverse of the hyperbolic sine.
    asinh(input) { forward: |x| asinh(x[0]), onnx: "Asinh" }

    /// The inverse of the hyperbolic cosine.
    acosh(input) { forward: |x| acosh(x[0]), onnx: "Acosh", domain: (1.1, 4.0) }

    /// The inverse of the hyperbolic tangent.
    atanh(input) { forward: |x| atanh(x[0]), onnx: "Atanh", domain: (-0.9, 0.9) }

    /// sin(pi x) / (pi x), 1 at zero.
    sinc(input) {
        forward: |x| select(eq(x[0], 0.0), 1.0, sin(x[0] * PI) / (x[0] * PI), x[0]),
        vjp: Some(|x, _, g| vec![Some(select(eq(x[0], 0.0), 0.0, g * sinc_slope(x[0] * PI), g))]),
        domain: (0.2, 3.0)
    }

    /// From degrees to radians.
    deg2rad(input) { forward: |x| x[0] * (PI / 180.0) }

    /// From radians to degrees.
    rad2deg(input) { forward: |x| x[0] * (180.0 / PI) }
}

/// The derivative of sin(t) / t by x, where t = pi x.
fn sinc_slope(t: Ex) -> Ex {
    (t * cos(t) - sin(t)) / (t * t) * PI
}

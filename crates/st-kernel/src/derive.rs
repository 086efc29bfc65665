//! The chain rule on expressions.

use crate::expr::{Ex, Expr, Inst, Val, ne, select};
use crate::prim::Prim;

impl Expr {
    /// The gradient with respect to input `wrt` of a one-output expression, or `None` where it is zero everywhere.
    ///
    /// Its inputs are those of this expression, then its output, then the upstream gradient. The output is used where a
    /// primitive's derivative is written with it (as for `exp`), so that nothing is computed twice.
    pub fn gradient(&self, wrt: usize) -> Option<Expr> {
        let out = self.outs[0];
        let out_dtype = self.out_dtype(0);
        if !self.inputs[wrt].is_float() || !out_dtype.is_float() {
            return None;
        }
        let mut signature = self.inputs.clone();
        signature.extend([out_dtype, out_dtype]);
        let mut zero = true;
        let expr = Expr::build(&signature, |inputs| {
            let n = self.inputs.len();
            let mut values = self.inline_all(&inputs[..n]);
            values[out.at()] = inputs[n];
            let values = self.known_from_output(values, out);
            let adjoint = self.adjoint(&values, inputs[n + 1], wrt);
            zero = adjoint.is_none();
            vec![adjoint.unwrap_or_else(|| inputs[wrt].like(0.0))]
        });
        (!zero).then_some(expr)
    }

    /// Where the output is a rounding of an instruction, that instruction's value is taken from the output as well.
    fn known_from_output(&self, mut values: Vec<Ex>, out: Val) -> Vec<Ex> {
        let mut at = out;
        while let (Inst::Cast(inner), dtype) = &self.insts[at.at()] {
            let inner_dtype = self.insts[inner.at()].1;
            if !dtype.is_float()
                || !inner_dtype.is_float()
                || matches!(self.insts[inner.at()].0, Inst::Input(_))
            {
                break;
            }
            values[inner.at()] = values[at.at()].cast(inner_dtype);
            at = *inner;
        }
        values
    }

    fn adjoint(&self, values: &[Ex], upstream: Ex, wrt: usize) -> Option<Ex> {
        let mut adjoints: Vec<Option<Ex>> = vec![None; self.insts.len()];
        adjoints[self.outs[0].at()] = Some(upstream);
        let mut result = None;
        let add = |slot: &mut Option<Ex>, more: Ex| *slot = Some(slot.map_or(more, |sum| sum + more));
        for (i, (inst, _)) in self.insts.iter().enumerate().rev() {
            let Some(adjoint) = adjoints[i] else { continue };
            match inst {
                Inst::Input(k) if *k as usize == wrt => add(&mut result, adjoint),
                Inst::Cast(v) if values[v.at()].dtype.is_float() && self.insts[i].1.is_float() => {
                    add(&mut adjoints[v.at()], adjoint.cast(self.insts[v.at()].1));
                }
                Inst::Call(prim, args) if self.insts[i].1.is_float() => {
                    let args: Vec<Val> = args.iter().copied().filter(|&a| a != Val::NONE).collect();
                    let operands: Vec<Ex> = args.iter().map(|a| values[a.at()]).collect();
                    let partials = (prim.def().partials)(&operands, values[i]);
                    for (k, (arg, partial)) in args.iter().zip(partials).enumerate() {
                        if let Some(partial) = partial.filter(|_| self.insts[arg.at()].1.is_float()) {
                            add(&mut adjoints[arg.at()], share(*prim, k, &operands, adjoint, partial));
                        }
                    }
                }
                _ => {}
            }
        }
        result
    }
}

/// The share of a gradient that operand `k` gets. What was not chosen gets none, though the gradient be infinite or NaN.
fn share(prim: Prim, k: usize, operands: &[Ex], adjoint: Ex, partial: Ex) -> Ex {
    match (prim, k) {
        (Prim::Select, 1) => select(operands[0], adjoint, 0.0, adjoint),
        (Prim::Select, _) => select(operands[0], 0.0, adjoint, adjoint),
        (Prim::Max | Prim::Min, _) => select(ne(partial, 0.0), adjoint * partial, 0.0, adjoint),
        _ => adjoint * partial,
    }
}

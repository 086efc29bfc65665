//! Torch's lists: which operators autocast runs in which precision, on the processor and elsewhere.
//!
//! Operators that torch makes of listed ones (`einsum` of products) are listed as what they come to.

use crate::ops::Value;
use st_kernel::Scalar;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The precision of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// The region's dtype.
    Low,
    /// Single precision.
    Single,
    /// A result in single precision, unless the caller named a dtype.
    SingleResult,
    /// The widest of the operands'.
    Widest,
    /// That of the second operand, the state of a recurrence.
    State,
    /// An error: it would overflow.
    Refused,
}

type Lists = &'static [(Policy, &'static str)];

/// On the processor.
const CPU: Lists = &[
    (
        Policy::Low,
        "addbmm addmm affine_grid affine_grid_generator baddbmm bmm chain_matmul conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d \
         conv_transpose3d corrcoef cov einsum inner linalg_multi_dot linalg_vecdot linear lstm matmul mm prelu \
         rnn_relu rnn_relu_cell rnn_tanh rnn_tanh_cell scaled_dot_product_attention tensordot",
    ),
    (
        Policy::Single,
        "adaptive_avg_pool3d adaptive_max_pool3d adaptive_max_pool3d_with_indices avg_pool3d binary_cross_entropy binary_cross_entropy_with_logits \
         cdist cholesky_inverse cholesky_solve cosine_embedding_loss cross_entropy ctc_loss fft_fft fft_fft2 \
         fft_fftn fft_hfft fft_ifft fft_ifft2 fft_ifftn fft_ihfft fft_irfft fft_irfft2 fft_irfftn fft_rfft \
         fft_rfft2 fft_rfftn fractional_max_pool2d fractional_max_pool2d_with_indices \
         fractional_max_pool3d fractional_max_pool3d_with_indices geqrf grid_sample grid_sampler hinge_embedding_loss huber_loss interpolate inverse kl_div l1_loss linalg_cholesky linalg_cholesky_ex linalg_cond \
         linalg_eig linalg_eigh linalg_eigvals linalg_eigvalsh linalg_householder_product linalg_inv linalg_inv_ex \
         linalg_lstsq linalg_matrix_rank linalg_qr linalg_solve linalg_svd linalg_svdvals linalg_tensorinv \
         linalg_tensorsolve linear_cross_entropy local_response_norm lp_pool3d lu_solve margin_ranking_loss max_pool3d \
         max_unpool1d max_unpool2d max_unpool3d mse_loss \
         multi_margin_loss multilabel_margin_loss nanquantile nll_loss orgqr ormqr pad pinverse poisson_nll_loss polar \
         prod quantile smooth_l1_loss soft_margin_loss stft svd trace triangular_solve triplet_margin_loss \
         view_as_complex",
    ),
    (Policy::Widest, "cat index_copy stack"),
    (Policy::State, "gru gru_cell lstm_cell"),
];

/// On graphics processors.
const GPU: Lists = &[
    (
        Policy::Low,
        "addbmm addmm addmv addr baddbmm bmm chain_matmul conv1d conv2d conv3d conv_tbc conv_transpose1d \
         conv_transpose2d conv_transpose3d convolution einsum gru gru_cell linalg_multi_dot linalg_vecdot linear lstm \
         lstm_cell matmul mm mv prelu rnn_relu rnn_relu_cell rnn_tanh rnn_tanh_cell scaled_dot_product_attention",
    ),
    (
        Policy::Single,
        "acos asin binary_cross_entropy_with_logits cdist cosh cosine_embedding_loss cosine_similarity dist erfinv exp \
         expm1 frobenius_norm group_norm hinge_embedding_loss huber_loss interpolate kl_div l1_loss layer_norm linear_cross_entropy log log10 log1p log2 \
         logsumexp margin_ranking_loss mse_loss multi_margin_loss multilabel_margin_loss native_layer_norm nll_loss \
         norm nuclear_norm pdist poisson_nll_loss pow reciprocal renorm rms_norm rsqrt sinh smooth_l1_loss \
         soft_margin_loss softplus tan triplet_margin_loss upsample upsample_bilinear upsample_nearest",
    ),
    (
        Policy::SingleResult,
        "cross_entropy cumprod cumsum linalg_matrix_norm linalg_vector_norm log_softmax prod softmax sum",
    ),
    (
        Policy::Widest,
        "addcdiv addcmul atan2 bilinear cross dot grid_sample grid_sampler index_put scatter_add tensordot vdot",
    ),
    (Policy::Refused, "binary_cross_entropy"),
];

type Table = HashMap<&'static str, Policy>;

fn table(lists: Lists) -> Table {
    let words = |&(policy, names): &(Policy, &'static str)| names.split(' ').map(move |name| (name, policy));
    lists.iter().flat_map(words).collect()
}

static TABLES: LazyLock<[Table; 2]> = LazyLock::new(|| [table(GPU), table(CPU)]);

/// What is done with an operator, by its name.
pub fn policy(name: &str, on_cpu: bool) -> Option<Policy> {
    TABLES[usize::from(on_cpu)].get(name).copied()
}

/// Whether the list means this call: some operators are, for some arguments, made of others.
pub(super) fn applies(name: &str, on_cpu: bool, values: &[Value]) -> bool {
    let dims = |i: usize| if let Some(Value::Tensor(t)) = values.get(i) { t.dim() } else { 0 };
    let said = |word: &str| values.iter().any(|value| matches!(value, Value::Text(text) if text == word));
    match name {
        "einsum" => values.iter().all(|value| !matches!(value, Value::Text(text) if !contracts(text))),
        "max_pool3d" => !matches!(values.last(), Some(Value::Scalar(Scalar::Bool(true)))),
        "inner" => dims(0) > 0 && dims(1) > 0,
        "interpolate" if on_cpu => said("area") && dims(0) == 5,
        "interpolate" => !said("area"),
        "l1_loss" | "mse_loss" => !matches!(values.last(), Some(Value::Tensor(_))),
        "local_response_norm" => dims(0) > 3,
        "pad" => {
            said("replicate")
                || (said("reflect") && !matches!(&values[1], Value::Ints(sizes) if sizes.len() > 4))
        }
        _ => true,
    }
}

/// Whether an equation sums over what two operands have: only then is it a product of matrices.
fn contracts(equation: &str) -> bool {
    let (operands, result) = equation.split_once("->").map_or((equation, None), |(a, b)| (a, Some(b)));
    let shared = |c: &char| operands.split(',').filter(|operand| operand.contains(*c)).count() > 1;
    operands
        .chars()
        .filter(|c| c.is_alphabetic())
        .any(|c| shared(&c) && result.is_none_or(|r| !r.contains(c)))
}

/// Whether something is done with it anywhere.
pub(super) fn is_listed(name: &str) -> bool {
    TABLES.iter().any(|table| table.contains_key(name))
}

#[cfg(test)]
mod tests {
    use super::{CPU, GPU, table};

    #[test]
    fn every_name_is_an_operator_and_stands_once() {
        for lists in [CPU, GPU] {
            let names: Vec<&str> = lists.iter().flat_map(|(_, names)| names.split(' ')).collect();
            assert_eq!(names.len(), table(lists).len(), "a name stands in two lists");
            for name in names {
                assert!(!crate::ops::lookup(name).is_empty(), "{name} is not in the operator table");
            }
        }
    }
}

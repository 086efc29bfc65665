//! Rows of the operator table that complex arguments are handled alike for, by name.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Names of rows.
pub(super) type Names = LazyLock<HashSet<&'static str>>;

fn set(names: &'static str) -> HashSet<&'static str> {
    names.split_whitespace().collect()
}

/// Linear in all their values together: views, rearrangements, sums.
pub(super) static LINEAR: Names = LazyLock::new(|| {
    set("alias_copy atleast_1d atleast_2d atleast_3d \
    block_diag broadcast_tensors broadcast_to cat chunk column_stack combinations constant_pad_nd cumsum diag diag_embed \
    diagflat diagonal diagonal_copy diagonal_scatter diff dsplit dstack expand expand_as expand_copy flatten flip \
    fliplr flipud gather hsplit hstack index index_add index_copy index_fill index_put index_select masked_fill \
    masked_scatter masked_select mean meshgrid movedim nan_to_num narrow narrow_copy nansum pad permute permute_copy put repeat \
    repeat_interleave reshape reshape_as roll rot90 scatter_add select select_copy select_scatter slice_copy \
    slice_scatter split split_copy split_with_sizes split_with_sizes_copy squeeze squeeze_copy stack sum sum_to_size swapaxes t \
    t_copy take take_along_dim tensor_split tile trace transpose transpose_copy tril triu unbind \
    unbind_copy unflatten unfold unfold_copy unsafe_chunk unsafe_split unsafe_split_with_sizes unsqueeze unsqueeze_copy \
    view_as view_copy vsplit vstack where zeros zeros_like new_zeros empty empty_like new_empty full full_like \
    new_full empty_permuted linalg_diagonal pixel_shuffle pixel_unshuffle channel_shuffle \
    cartesian_prod scalar_tensor fill embedding fold fft_fftshift fft_ifftshift")
});

/// Linear in each of their tensors: products.
pub(super) static PRODUCTS: Names = LazyLock::new(|| {
    set("bmm chain_matmul cross dot einsum inner kron linalg_cross linalg_matmul linalg_multi_dot matmul mm \
    mv outer tensordot trapezoid cumulative_trapezoid")
});

/// Those whose last argument is the dtype to add or multiply in.
pub(super) static SUMS: Names = LazyLock::new(|| set("sum nansum mean cumsum prod cumprod"));

/// Those whose tensors must be of one dtype.
pub(super) static OF_ONE_DTYPE: Names = LazyLock::new(|| {
    set("index_add index_copy index_put put scatter scatter_add scatter_reduce masked_scatter allclose \
    isclose lerp addbmm addmm addmv baddbmm bmm conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d \
    dot einsum inner linalg_matmul linear matmul mm mv tensordot vdot")
});

/// Those whose result has the first tensor's dtype; the imaginary parts of what is written to a real one are dropped.
pub(super) static OF_FIRST_DTYPE: Names = LazyLock::new(|| {
    set("as_strided_scatter diagonal_scatter expand_as reshape_as select_scatter slice_scatter view_as")
});

/// Those whose rows take real and complex numbers themselves.
pub(super) static OF_ANY_NUMBERS: Names = LazyLock::new(|| {
    set("fft_fft fft_ifft fft_rfft fft_irfft fft_hfft fft_ihfft fft_fft2 fft_ifft2 fft_rfft2 fft_irfft2 \
    fft_hfft2 fft_ihfft2 fft_fftn fft_ifftn fft_rfftn fft_irfftn fft_hfftn fft_ihfftn stft istft linalg_eig linalg_eigvals")
});

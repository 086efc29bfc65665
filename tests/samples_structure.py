"""Sample arguments of operators on structure, statistics and vectors; `samples.py` takes them in."""

from sampling import CUBE, F64, I64, MASK, ORDER, T, V, X, Y, call, each, index

PAIR = T((4, 3))
TALL = T((6, 4, 5))

PRODUCTS = {
    "addbmm": [
        call(T((3, 5)), T((2, 3, 4)), T((2, 4, 5))),
        call(T((3, 5)), T((2, 3, 4)), T((2, 4, 5)), beta=2, alpha=3),
        call(T((3, 5)), T((2, 3, 4)), T((2, 4, 5)), beta=0),
    ],
    "addr": [
        call(T((3, 4)), T((3,)), T((4,))),
        call(T((4,)), T((3,)), T((4,)), beta=2, alpha=3),
        call(T((3, 4)), T((3,)), T((4,)), beta=0),
    ],
    "inner": [call(X, Y), call(CUBE, T((5, 4))), call(T(()), X)],
    "vdot": [call(V, T((5,)))],
    "kron": [
        call(T((2, 3)), T((3, 2))),
        call(V, T((2, 3))),
        call(CUBE, T((2,))),
        call(T(()), X),
    ],
    "tensordot": [
        call(T((2, 3, 4)), T((3, 4, 5))),
        call(T((2, 3, 4)), T((3, 2, 5)), dims=([1, 0], [0, 1])),
        call(T((2, 3)), T((4,)), 0),
        call(T((2, 3, 4)), T((4, 2)), ([2, 0], [0, 1])),
    ],
    "cross": [call(PAIR, T((4, 3)), dim=1), call(PAIR, T((4, 3))), call(T((3, 4)), T((3, 4)), 0)],
    "linalg_cross": [call(PAIR, T((4, 3))), call(T((3, 4)), T((3, 4)), dim=0), call(T((1, 3)), PAIR)],
    "linalg_vecdot": [call(X, Y), call(CUBE, T((2, 3, 4)), dim=1), call(X, T((1, 5)))],
    "linalg_diagonal": [call(X), call(CUBE, offset=1), call(CUBE, dim1=0, dim2=1)],
    "linalg_vander": [call(V), call(X, N=3), call(T((4,)), N=2)],
    "vander": [call(V), call(V, 3), call(V, N=4, increasing=True), call(V, 0)],
    "linalg_matmul": [call(T((3, 4)), T((4, 5))), call(T((2, 3, 4)), T((4,)))],
    "linalg_vector_norm": [
        call(X),
        call(X, 1),
        call(X, 0),
        call(X, 3.5, 1),
        call(CUBE, float("inf"), (0, 2), True),
        call(X, -float("inf"), 0),
        call(X, 2, dim=-1, dtype=F64),
        call(T(()), 2),
    ],
    "linalg_matrix_norm": [
        call(X),
        call(X, 1),
        call(CUBE, -1, keepdim=True),
        call(CUBE, float("inf"), (0, 1)),
        call(CUBE, -float("inf"), (-1, 0), True),
        call(CUBE, "fro", (0, 2)),
    ],
    "linalg_norm": [
        call(X),
        call(V, 3),
        call(X, 1),
        call(X, "fro"),
        call(CUBE, 2, 1),
        call(CUBE, dim=(0, 1), keepdim=True),
        call(CUBE, float("inf"), (0, 1)),
        call(CUBE),
    ],
    "linalg_multi_dot": [
        call([T((3, 4)), T((4, 2)), T((2, 5))]),
        call([T((4,)), T((4, 2)), T((2, 5)), T((5,))]),
        call([T((3, 4)), T((4,))]),
    ],
    "chain_matmul": [call(T((3, 4)), T((4, 2)), T((2, 5)))],
    **each(
        call(T((3, 3)), 3),
        call(T((2, 3, 3)), 0),
        call(T((2, 2)), 1),
        call(T((2, 2)), 6),
        names="matrix_power linalg_matrix_power",
    ),
    "cdist": [
        call(T((3, 4)), T((5, 4))),
        call(T((2, 3, 4)), T((2, 5, 4)), 1.0),
        call(T((3, 4)), T((2, 5, 4)), 3.0),
        call(T((3, 4)), T((5, 4)), p=float("inf")),
        call(T((3, 4)), T((5, 4)), p=0.0),
    ],
}

STATISTICS = {
    "diff": [
        call(X),
        call(X, 2),
        call(X, dim=0),
        call(X, 1, 1, T((3, 2)), T((3, 1))),
        call(X, n=0),
        call(X, 7),
        call(V, append=T((2,))),
    ],
    **each(
        call(X),
        call(X, dx=2),
        call(X, dx=0.5, dim=0),
        call(X, T((3, 5)), dim=1),
        call(X, V),
        call(CUBE, T((3,)), dim=1),
        names="trapezoid trapz cumulative_trapezoid",
    ),
    "cov": [
        call(T((4, 8))),
        call(V),
        call(T((4, 8)), correction=0),
        call(T((3, 6)), fweights=T((6,), 1, 4, "int64")),
        call(T((3, 6)), aweights=T((6,), 0.2, 2, "float64")),
        call(T((3, 6)), correction=0, fweights=T((6,), 1, 4, "int64"), aweights=T((6,), 0.2, 2, "float64")),
    ],
    "corrcoef": [call(T((4, 8), distinct=True)), call(T((6,), distinct=True))],
    **each(
        call(ORDER, 0.3),
        call(ORDER, 0.5, 1),
        call(ORDER, 0.25, dim=0, keepdim=True),
        call(ORDER, T((3,), 0, 1), 1),
        call(ORDER, T((2,), 0, 1), 0, True),
        call(ORDER, 0.4, 1, interpolation="lower"),
        call(ORDER, 0.4, 1, interpolation="higher"),
        call(ORDER, 0.45, 0, interpolation="midpoint"),
        call(ORDER, 0.45, interpolation="nearest"),
        call(T(()), 0.5),
        names="quantile nanquantile",
    ),
    "mode": [call(X, 0), call(T((4, 6), 0, 3), 1, True), call(T((7,), 0, 2)), call(T(()), 0)],
    "histc": [
        call(T((30,), 0, 1), 5, 0, 1),
        call(T((30,)), 4),
        call(T((6, 5)), bins=10, min=-2, max=3),
        call(T((30,), 2, 2), 3),
    ],
    "segment_reduce": [
        *(call(T((6, 4)), how, lengths=T((3,), 2, 2, "int64")) for how in ("sum", "mean", "max", "min")),
        call(T((6,)), "sum", lengths=T((2,), 3, 3, "int64"), initial=2.0),
        call(T((6,)), "prod", lengths=T((3,), 2, 2, "int64"), axis=0),
    ],
    "nonzero_static": [call(T((3, 4), 0, 1), size=5), call(T((3, 4), 0, 1), size=20, fill_value=7)],
}

PARTS = {
    "block_diag": [call(X, T((2, 2))), call(V, T(()), X)],
    "cartesian_prod": [call(V, T((3,))), call(V), call(T((2,)), T((3,)), T((2,)))],
    "combinations": [call(V), call(V, 3), call(V, 2, True), call(V, 0), call(T((3,)), 5), call(V, r=1)],
    "diagflat": [call(X), call(V, 1), call(T(()), -2)],
    "select_scatter": [call(X, V, 0, 1), call(CUBE, T((2, 4)), 1, -1)],
    "slice_scatter": [
        call(X, T((1, 5)), 0, 1, 2),
        call(X, T((3, 2)), 1, start=1, end=5, step=2),
        call(X, T((3, 5))),
        call(X, T((3, 2)), dim=-1, start=-2),
    ],
    "diagonal_scatter": [call(T((4, 4)), T((4,))), call(X, T((3,)), 1), call(CUBE, T((2, 3)), 0, 1, 2)],
    "hsplit": [call(T((4, 6)), 3), call(T((6,)), (1, 3)), call(TALL, [2])],
    "vsplit": [call(T((4, 6)), 2), call(T((4, 6)), (1, 3))],
    "dsplit": [call(TALL, 5), call(TALL, [1, 2])],
    **each(
        call(T((7, 3)), [3, 4]),
        call(X, (2, 3), 1),
        names="split_with_sizes split_with_sizes_copy unsafe_split_with_sizes",
    ),
    **each(call(T((7, 3)), 2), call(X, 2, 1), call(X, 2, dim=-1), names="unsafe_split split_copy"),
    "unsafe_chunk": [call(T((7, 3)), 3), call(X, 2, 1)],
    "sum_to_size": [call(CUBE, (3, 1)), call(X, (5,)), call(X, (3, 5)), call(X, ())],
    "fill": [call(X, 2), call(X, T(()))],
    "put": [
        call(X, T((1,), 3, 3, "int64"), T((1,))),
        call(X, T((1, 1), -2, -2, "int64"), T((1, 1))),
        call(X, index((6,), 15), T((6,)), True),
    ],
    "index_reduce": [
        call(T((4, 5)), 0, index((3,), 4), T((3, 5)), how, include_self=own)
        for how in ("prod", "mean", "amax", "amin")
        for own in (True, False)
    ],
    "masked_scatter": [call(X, MASK, T((15,))), call(X, T((5,), dtype="bool"), T((4, 5)))],
    "renorm": [call(X, 2, 0, 1.0), call(CUBE, 1, 1, 2), call(CUBE, 3, -1, 0.5)],
    "isin": [
        call(X, V),
        call(X, T((40,))),
        call(X, V, invert=True),
        call(X, 1),
        call(2, X),
    ],
    "is_same_size": [call(X, Y), call(X, V)],
    "is_nonzero": [call(T(())), call(T((1, 1)))],
    "alias_copy": [call(X)],
    "detach_copy": [call(X)],
    "as_strided_copy": [call(T((12,)), (3, 2), (4, 1))],
    "diagonal_copy": [call(X), call(CUBE, 1, 0, 2)],
    "expand_copy": [call(T((3, 1)), (3, 4))],
    "narrow_copy": [call(X, 1, 1, 2)],
    "permute_copy": [call(CUBE, (2, 0, 1))],
    "select_copy": [call(X, 0, 1)],
    "slice_copy": [call(X, 1, 1, 4, 2), call(X)],
    "squeeze_copy": [call(T((2, 1, 3))), call(T((2, 1, 3)), 1)],
    "t_copy": [call(X)],
    "transpose_copy": [call(CUBE, 0, 2)],
    "unbind_copy": [call(X), call(CUBE, 2)],
    "unfold_copy": [call(T((3, 8)), 1, 3, 2)],
    "unsqueeze_copy": [call(X, 1)],
    "view_copy": [call(T((3, 4)), (2, 6))],
    **each(
        call(3, 4),
        call(4, 3, 1),
        call(3, 3, -1),
        call(0, 4),
        call(5, 2, offset=-3),
        names="tril_indices triu_indices",
    ),
    "unravel_index": [call(index((2, 3), 24), (2, 3, 4)), call(index((5,), 24), [4, 6])],
    "frexp": [call(X), call(T((4,), -1e3, 1e3))],
}

NEW = {
    **each(
        call(8),
        call(7, False),
        call(1),
        call(0),
        call(6, dtype=F64),
        names="hann_window hamming_window blackman_window bartlett_window kaiser_window",
    ),
    "range": [call(1, 9, 2), call(0.0, 1.0, 0.25), call(5, 0, -2), call(0, 3, dtype=I64)],
    "scalar_tensor": [call(3), call(2.5), call(2, dtype=I64), call(1, dtype=F64)],
}

STRUCTURE = {**PRODUCTS, **STATISTICS, **PARTS, **NEW}

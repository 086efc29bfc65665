"""Sample arguments of the special functions; `samples.py` takes them in."""

from sampling import T, call, each

X = T((5, 37))
COLUMN, ROW = T((3, 1)), T((1, 4))
DEGREES = T((5, 37), 0, 8)
POSITIVE = T((5, 37), 0.3, 6)

SPECIAL = {
    **each(
        call(POSITIVE, T((5, 37), 0.3, 6)),
        call(COLUMN, ROW),
        names="igamma igammac special_gammainc special_gammaincc",
    ),
    "special_zeta": [
        call(T((5, 37), 1.2, 6), POSITIVE),
        call(COLUMN, ROW),
        call(T((5, 37), 1.2, 6), 2),
        call(3.0, POSITIVE),
    ],
    "special_xlog1py": [call(X, POSITIVE), call(COLUMN, ROW), call(POSITIVE, 2), call(2, POSITIVE)],
    "xlogy": [call(X, POSITIVE), call(T((3, 1), 0, 3), ROW), call(POSITIVE, 2), call(1.5, POSITIVE)],
    "special_xlogy": [call(X, POSITIVE), call(POSITIVE, 2), call(1.5, POSITIVE)],
    **each(
        call(T((3, 5), -1.5, 1.5), T((3, 5), 0, 9)),
        call(T((3, 1), -1.5, 1.5), T((1, 4), 0, 9)),
        call(T((3, 5), -1.5, 1.5), 4),
        call(0.3, T((3, 5), 0, 9)),
        names=" ".join(
            f"special_{shifted}chebyshev_polynomial_{kind}" for shifted in ("", "shifted_") for kind in "tuvw"
        )
        + " special_hermite_polynomial_h special_hermite_polynomial_he special_laguerre_polynomial_l"
        " special_legendre_polynomial_p",
    ),
    **each(call(T((3, 5), 3, 6), 3), call(T((4,), 1, 6), 1), names="mvlgamma special_multigammaln"),
    "special_polygamma": [call(n, T((3, 5), 0.5, 4)) for n in (0, 1, 2, 3)],
    "special_round": [call(X), call(X, decimals=1)],
    "special_logit": [call(T((4, 5), 0.05, 0.95)), call(T((4, 5), 0.05, 0.95), eps=0.1)],
    **each(call(T((3, 5)), 0), call(T((2, 3, 4)), -1), names="special_softmax special_log_softmax"),
    "special_logsumexp": [call(T((3, 5)), 0), call(T((2, 3, 4)), (0, 2), True)],
}

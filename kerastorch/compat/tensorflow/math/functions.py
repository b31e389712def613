"""Trigonometric, hyperbolic and special functions, and complex numbers."""

from __future__ import annotations

from typing import Any

import torch
from torch import special

from kerastorch.compat.tensorflow.operation import as_tensor, operands, operation
from kerastorch.compat.tensorflow.pointwise import binary, unary


def _log_of_beta(x: torch.Tensor) -> torch.Tensor:
    return torch.lgamma(x).sum(-1) - torch.lgamma(x.sum(-1))


sin = unary("sin", torch.sin, "the sine", 0.0, 0.0)
cos = unary("cos", torch.cos, "the cosine", 0.0, 1.0)
tan = unary("tan", torch.tan, "the tangent", 0.0, 0.0)
asin = unary("asin", torch.asin, "the inverse sine", 0.0, 0.0)
acos = unary("acos", torch.acos, "the inverse cosine", 1.0, 0.0)
atan = unary("atan", torch.atan, "the inverse tangent", 0.0, 0.0)
atan2 = binary("atan2", torch.atan2, "the angle of the point (y, x)", (0.0, 1.0), 0.0)
sinh = unary("sinh", torch.sinh, "the hyperbolic sine", 0.0, 0.0)
cosh = unary("cosh", torch.cosh, "the hyperbolic cosine", 0.0, 1.0)
tanh = unary("tanh", torch.tanh, "the hyperbolic tangent", 0.0, 0.0)
asinh = unary("asinh", torch.asinh, "the inverse hyperbolic sine", 0.0, 0.0)
acosh = unary("acosh", torch.acosh, "the inverse hyperbolic cosine", 1.0, 0.0)
atanh = unary("atanh", torch.atanh, "the inverse hyperbolic tangent", 0.0, 0.0)
sigmoid = unary("sigmoid", torch.sigmoid, "`1 / (1 + exp(-x))`", 0.0, 0.5)
log_sigmoid = unary("log_sigmoid", torch.nn.functional.logsigmoid, "the logarithm of the sigmoid", 200.0, 0.0)
softplus = unary("softplus", torch.nn.functional.softplus, "`log(1 + exp(x))`", 200.0, 200.0)
erf = unary("erf", torch.erf, "the error function", 0.0, 0.0)
erfc = unary("erfc", torch.erfc, "one less the error function", 0.0, 1.0)
erfinv = unary("erfinv", torch.erfinv, "the inverse of the error function", 0.0, 0.0)
erfcinv = unary("erfcinv", lambda x: torch.erfinv(1 - x), "the inverse of `erfc`", 1.0, 0.0)
ndtri = unary("ndtri", special.ndtri, "the quantile of the standard normal distribution", 0.5, 0.0)
digamma = unary("digamma", torch.digamma, "the derivative of `lgamma`", [1e30], [69.07755279541016])
lgamma = unary("lgamma", torch.lgamma, "the logarithm of the gamma function's size", 1.0, 0.0)
lbeta = unary("lbeta", _log_of_beta, "the logarithm of the beta function over the last axis", [1.0, 1.0], 0.0)
bessel_i0 = unary("bessel_i0", torch.i0, "the modified Bessel function of order 0", 0.0, "0.99999...")
bessel_i0e = unary("bessel_i0e", special.i0e, "`exp(-abs(x)) * bessel_i0(x)`", 0.0, "0.99999...")
bessel_i1 = unary("bessel_i1", special.i1, "the modified Bessel function of order 1", 0.0, 0.0)
bessel_i1e = unary("bessel_i1e", special.i1e, "`exp(-abs(x)) * bessel_i1(x)`", 0.0, 0.0)
real = unary("real", torch.real, "the real part", 1 + 2j, 1.0, argument="input")
imag = unary(
    "imag", lambda x: x.imag if x.is_complex() else torch.zeros_like(x), "the imaginary part", 1 + 2j, 2.0
)
conj = unary("conj", torch.conj, "the complex conjugate", 1 + 2j, (1 - 2j))
angle = unary(
    "angle", torch.angle, "the angle of a complex number, in radians", 1 + 0j, 0.0, argument="input"
)


@operation("tf.math")
def polyval(coeffs: list, x: Any) -> Any:
    """Returns the values of a polynomial.

    Args:
        coeffs: the coefficients, that of the highest power first.
        x: where to compute it.

    Example:
        >>> polyval([1.0, 0.0, 2.0], [3.0]).tolist()
        [11.0]

    Source: `tf.math.polyval`
    """
    x = as_tensor(x)
    value = torch.zeros_like(x)
    for coefficient in coeffs:
        value = value * x + coefficient
    return value


@operation("tf.math")
def polygamma(a: Any, x: Any) -> Any:
    """Returns derivatives of `digamma`.

    Args:
        a: the order of the derivative, a number or a tensor that holds one number throughout.
        x: where to compute it.

    Example:
        >>> round(float(polygamma(1, 1.0)), 4)
        1.6449

    Source: `tf.math.polygamma`, `torch.polygamma`
    """
    order = int(as_tensor(a).flatten()[0])
    return torch.polygamma(order, as_tensor(x))


@operation("tf.math")
def zeta(x: Any, q: Any) -> Any:
    """Returns the Hurwitz zeta function.

    Args:
        x: the exponent.
        q: the offset.

    Example:
        >>> round(float(zeta(2.0, 1.0)), 4)
        1.6449

    Source: `tf.math.zeta`, `torch.special.zeta`
    """
    return special.zeta(*operands(x, q))


@operation("tf.math")
def igamma(a: Any, x: Any) -> Any:
    """Returns the lower regularised incomplete gamma function.

    Args:
        a: the shape, positive.
        x: the upper limit of the integral.

    Example:
        >>> round(float(igamma(1.0, 1.0)), 4)
        0.6321

    Source: `tf.math.igamma`, `torch.special.gammainc`
    """
    return special.gammainc(*operands(a, x))


@operation("tf.math")
def igammac(a: Any, x: Any) -> Any:
    """Returns the upper regularised incomplete gamma function.

    Args:
        a: the shape, positive.
        x: the lower limit of the integral.

    Example:
        >>> round(float(igammac(1.0, 1.0)), 4)
        0.3679

    Source: `tf.math.igammac`, `torch.special.gammaincc`
    """
    return special.gammaincc(*operands(a, x))

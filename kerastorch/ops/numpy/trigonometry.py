"""Trigonometric and hyperbolic functions, and angles in degrees."""

from __future__ import annotations

import torch

from kerastorch.ops.base import floating
from kerastorch.ops.numpy.pointwise import binary, floats, unary, wide

sin = unary("sin", torch.sin, "the sine", 0.0, 0.0, floating)
cos = unary("cos", torch.cos, "the cosine", 0.0, 1.0, floating)
tan = unary("tan", torch.tan, "the tangent", 0.0, 0.0, floating)
arcsin = unary("arcsin", torch.asin, "the inverse sine", 0.0, 0.0, floating)
arccos = unary("arccos", torch.acos, "the inverse cosine", 1.0, 0.0, floating)
arctan = unary("arctan", torch.atan, "the inverse tangent", 0.0, 0.0, floating)
arctan2 = binary("arctan2", torch.atan2, "the angle of the point (x2, x1)", (0.0, 1.0), 0.0, floats)
sinh = unary("sinh", torch.sinh, "the hyperbolic sine", 0.0, 0.0, floating)
cosh = unary("cosh", torch.cosh, "the hyperbolic cosine", 0.0, 1.0, floating)
tanh = unary("tanh", torch.tanh, "the hyperbolic tangent", 0.0, 0.0, floating)
arcsinh = unary("arcsinh", torch.asinh, "the inverse hyperbolic sine", 0.0, 0.0, floating)
arccosh = unary("arccosh", torch.acosh, "the inverse hyperbolic cosine", 1.0, 0.0, floating)
arctanh = unary("arctanh", torch.atanh, "the inverse hyperbolic tangent", 0.0, 0.0, floating)
sinc = unary(
    "sinc", torch.sinc, "`sin(pi * x) / (pi * x)`, which is 1 at 0", [0, 0.5], "[1.0, 0.63661...]", floating
)
deg2rad = unary("deg2rad", torch.deg2rad, "degrees as radians", 180, "3.14159...", wide)
rad2deg = unary("rad2deg", torch.rad2deg, "radians as degrees", 3.14159265, "180.0", wide)
hypot = binary("hypot", torch.hypot, "the length of the vector (x1, x2)", (3.0, 4.0), 5.0, floats)

"""Symbolic linear algebra does not load torch's compiler."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from kerastorch import Input, ops
x, y, points = Input((4, 4)), Input((4, 2)), Input((3,))
for function in (ops.cholesky, ops.cholesky_inverse, ops.det, ops.eig, ops.eigh, ops.inv, ops.logdet, ops.lu_factor):
    function(x)
for function in (ops.matrix_rank, ops.norm, ops.pinv, ops.qr, ops.slogdet, ops.svd):
    function(x)
ops.qr(y, mode="complete"), ops.svd(y, full_matrices=False), ops.svd(y, compute_uv=False), ops.pinv(y)
ops.solve(x, y), ops.solve_triangular(x, y), ops.cross(points, points)
ops.norm(x, ord=2, axis=(1, 2)), ops.norm(x, ord="nuc", axis=(1, 2))
print("torch._dynamo" in sys.modules, "sympy" in sys.modules)
"""


def test_symbolic_linear_algebra_does_not_load_torchs_compiler():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"], done.stderr

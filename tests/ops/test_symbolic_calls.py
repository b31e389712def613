"""Symbolic calls answer from rules of their own: a process that only builds models does not load torch's compiler."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import numpy as np
from kerastorch import KerasTensor, ops, tree
from tests.ops import arithmetic, binary, pointwise, reductions

def symbol(leaf):
    return KerasTensor(leaf.shape, str(leaf.dtype)) if isinstance(leaf, np.ndarray) else leaf

rows = {}
for table in (arithmetic, binary, pointwise, reductions):
    for row in table.ROWS:
        rows.setdefault((row.name, len(row.kwargs)), row)
for row in rows.values():
    args, kwargs = tree.map_structure(symbol, (row.args, row.kwargs))
    getattr(ops, row.name)(*args, **kwargs)
print(len(rows) > 100, [m for m in ("sympy", "torch._dynamo") if m in sys.modules])
"""


def test_symbolic_calls_of_functions_of_numbers_do_not_load_the_compiler_of_torch():
    found = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "True []"

"""A mask that a user sets on a tensor counts from the first call of a process on."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import torch
from kerastorch.layers import Add, Activation

x, mask = torch.ones(2, 3), torch.tensor([True, False])
layer = Activation("tanh")
layer(torch.ones(2, 3))  # the next call with such an input skips the checks
x._keras_mask = mask
assert layer(x)._keras_mask is mask
assert torch.equal(Add()([x, x])._keras_mask, mask)
"""


def test_in_a_process_in_which_no_layer_has_made_a_mask():
    subprocess.run([sys.executable, "-c", SCRIPT], check=True)

"""Weights of Keras 2's CuDNNLSTM and CuDNNGRU, which lie as cuDNN wants them, for LSTM and GRU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def from_cudnn(values: Sequence[np.ndarray], units: int, gates: int) -> list[np.ndarray]:
    """Returns the kernel, the recurrent kernel and the bias of an LSTM or a GRU for those of Keras 2's cuDNN layers.

    These keep the kernels of each gate transposed, and one bias for the inputs and one for the states in a row. An LSTM
    has their sum; a GRU with `reset_after` has both. Other weights are returned as they are.

    Args:
        values: the weights.
        units: the size U of the output.
        gates: the number of gates, 4 for an LSTM and 3 for a GRU.
    """
    if len(values) != 3 or values[2].shape != (2 * gates * units,):
        return list(values)
    kernel, recurrent_kernel, bias = values
    both = bias.reshape(2, -1)
    turned = [_by_gate(w, gates) for w in (kernel, recurrent_kernel)]
    return [*turned, both.sum(0) if gates == 4 else both]


def _by_gate(kernel: np.ndarray, gates: int) -> np.ndarray:
    parts = np.split(kernel, gates, axis=1)
    return np.concatenate([part.reshape(part.shape[::-1]).T for part in parts], axis=1)

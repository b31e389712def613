"""The state of all global random generators as arrays, to go on later as if nothing had been in between."""

from __future__ import annotations

import random as python_random

import numpy as np
import torch


def random_state() -> dict[str, np.ndarray]:
    """Returns the states of Python's, NumPy's and torch's global generators, as arrays by name.

    Example:
        >>> before = random_state()
        >>> first = torch.rand(3)
        >>> set_random_state(before)
        >>> torch.equal(torch.rand(3), first)
        True
    """
    _, words, gauss = python_random.getstate()
    _, keys, position, has_gauss, cached = np.random.get_state()
    state = {
        "python": np.array(words, "uint64"),
        "python_gauss": np.array([] if gauss is None else [gauss], "float64"),
        "numpy": np.array(keys, "uint32"),
        "numpy_position": np.array([position, has_gauss], "int64"),
        "numpy_gauss": np.array([cached], "float64"),
        "torch": torch.get_rng_state().numpy(),
    }
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        for number, device_state in enumerate(torch.cuda.get_rng_state_all()):
            state[f"cuda_{number}"] = device_state.numpy()
    return state


def set_random_state(state: dict[str, np.ndarray]) -> None:
    """Sets the global generators to what `random_state` returned.

    Args:
        state: arrays by name; a device that is not there is left out.
    """
    gauss = state["python_gauss"]
    words = tuple(int(word) for word in state["python"])
    python_random.setstate((3, words, float(gauss[0]) if len(gauss) else None))
    position, has_gauss = (int(number) for number in state["numpy_position"])
    np.random.set_state(("MT19937", state["numpy"], position, has_gauss, float(state["numpy_gauss"][0])))
    torch.set_rng_state(torch.from_numpy(np.array(state["torch"], "uint8")))
    for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        if f"cuda_{number}" in state:
            torch.cuda.set_rng_state(torch.from_numpy(np.array(state[f"cuda_{number}"], "uint8")), number)

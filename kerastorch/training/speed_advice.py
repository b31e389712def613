"""One line of advice for each part of a training step that takes more of it than it should."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch.utils.data import DataLoader

from kerastorch.data.convert import holds_arrays
from kerastorch.data.py_dataset import PyDataset
from kerastorch.data.streams import MakesBatches

# The share of a step from which a part is worth a thought.
_WORTH = {
    "data wait": 0.1,
    "copy": 0.1,
    "forward": 0.4,
    "backward": 0.4,
    "optimizer": 0.25,
    "metrics": 0.1,
    "callbacks": 0.05,
    "Python": 0.2,
}


@dataclass(frozen=True)
class Setting:
    """What advice depends on.

    Attributes:
        model: the compiled model.
        data: what was given as `x`.
        callbacks: the callbacks that are called at each batch.
        on_gpu: whether the model computes on a GPU.
    """

    model: Any
    data: Any
    callbacks: Sequence[Any] = ()
    on_gpu: bool = False


def advice(part: str, share: float, setting: Setting) -> str:
    """Returns how a part of the step gets shorter, an empty text where it is not worth it.

    Args:
        part: the name of the part.
        share: its share of the step, from 0 to 1.
        setting: what the advice depends on.

    Example:
        >>> advice("optimizer", 0.5, Setting(None, None))
        'A larger `batch_size` needs fewer updates an epoch.'
        >>> advice("optimizer", 0.05, Setting(None, None))
        ''
    """
    return _ADVICE[part](setting) if share >= _WORTH[part] else ""


def _on_data(setting: Setting) -> str:
    data = setting.data
    if isinstance(data, DataLoader):
        return (
            "`DataLoader(num_workers=4, persistent_workers=True)` reads ahead in other processes."
            if data.num_workers == 0
            else "The workers of the `DataLoader` are too slow: more `num_workers`, or less work for each sample."
        )
    if isinstance(data, MakesBatches):
        return "End the pipeline in `.prefetch(AUTOTUNE)`; `.map(num_parallel_calls=AUTOTUNE)` and `.cache()` help too."
    if isinstance(data, PyDataset):
        return "`workers=4, use_multiprocessing=True` of the `PyDataset` read ahead."
    if _lies_in_file(data):
        return "The arrays are read from a file at each batch: load them into memory if they fit."
    if holds_arrays(data):
        return "A larger `batch_size` picks more rows at once."
    return "`fit(workers=1)` reads ahead in a thread; a `PyDataset` or a `DataLoader` can do so in several processes."


def _lies_in_file(data: Any) -> bool:
    leaves = data.values() if isinstance(data, dict) else data if isinstance(data, (list, tuple)) else [data]
    return any(isinstance(leaf, np.memmap) for leaf in leaves)


def _on_copies(setting: Setting) -> str:
    return "Send less: pictures as uint8 with a `Rescaling` layer in the model, numbers as float32."


def _on_computing(setting: Setting) -> str:
    if setting.on_gpu and setting.model.compute_dtype == "float32":
        return (
            "`mixed_precision.set_global_policy('mixed_bfloat16')` before the model is made halves the work."
        )
    if _is_compiled(setting.model):
        return "The step computes, as it should: only a smaller model or smaller inputs are faster."
    return "The step computes, as it should; `compile(jit_compile=True)` merges operations."


def _on_optimizer(setting: Setting) -> str:
    optimizer = getattr(setting.model, "optimizer", None)
    if optimizer is not None and not hasattr(optimizer, "built"):  # one of torch's
        return "Make the optimizer of torch with `fused=True`, or take that of kerastorch; or a larger `batch_size`."
    return "A larger `batch_size` needs fewer updates an epoch."


def _on_metrics(setting: Setting) -> str:
    names = [name for name in setting.model.metrics_names if not name.endswith("loss")]
    return f"Fewer metrics in `compile` ({', '.join(names)}): `evaluate` can compute them once an epoch."


def _on_callbacks(setting: Setting) -> str:
    names = ", ".join(type(callback).__name__ for callback in setting.callbacks)
    called = f"Called at each batch: {names}. " if names else ""
    return f"{called}`compile(steps_per_execution=10)` calls them less often."


def _on_python(setting: Setting) -> str:
    model = setting.model
    if model.run_eagerly:
        return "Leave out `run_eagerly=True`, which is for debugging."
    if model._has_own_train_step():
        return "The `train_step` of your own is Python: a larger `batch_size` calls it less often."
    if _is_compiled(model):
        return "`fit` runs the step as one program, where this is not. A larger `batch_size` calls it less often."
    return "A larger `batch_size`, or `compile(jit_compile=True)`, which runs the step as one program."


def _is_compiled(model: Any) -> bool:
    return model.jit_compile not in (False, "auto")


_ADVICE: dict[str, Callable[[Setting], str]] = {
    "data wait": _on_data,
    "copy": _on_copies,
    "forward": _on_computing,
    "backward": _on_computing,
    "optimizer": _on_optimizer,
    "metrics": _on_metrics,
    "callbacks": _on_callbacks,
    "Python": _on_python,
}

"""Where a loss that is NaN or infinite comes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from kerastorch import tree

_DATA = ("inputs", "targets", "sample weights")
_SPOILT = (
    "The weight {label!r} held {kinds} before this batch: the gradients of an earlier step were not finite, although "
    "its loss was."
)


def explain(model: Any, batch: Any, is_updated: bool = False) -> str | None:
    """Returns a sentence that names the first thing that is not finite: data, a weight, or the result of a layer.

    Args:
        model: the model.
        batch: `x`, `(x, y)` or `(x, y, sample_weight)`.
        is_updated: whether the weights may have changed since the loss was computed with them. If they hold NaN
            then, nobody can tell what came first, and the result is None. Default: False.
    """
    parts = batch if isinstance(batch, tuple) else (batch,)
    for what, part in zip(_DATA, parts, strict=False):
        for path, leaf in tree.flatten_with_path(part):
            if not _is_finite(leaf):
                place = "".join(f"[{key!r}]" for key in path)
                return f"The {what}{place} of this batch hold {_kinds(leaf)}."
    for name, weight in (*model.named_parameters(), *model.named_buffers()):
        if not _is_finite(weight):
            label = getattr(weight, "path", None) or name
            return None if is_updated else _SPOILT.format(label=label, kinds=_kinds(weight))
    return _explain_layers(model, parts[0])


def _explain_layers(model: Any, inputs: Any) -> str:
    found: list[str] = []

    def look(layer: torch.nn.Module, args: tuple, kwargs: dict, outputs: Any) -> None:
        if found or _all_finite(outputs):
            return
        label = f"{getattr(layer, 'name', None) or names[layer]!r} ({type(layer).__name__})"
        if _all_finite([args, kwargs]):
            found.append(
                f"The first layer with a result that is not finite is {label}: {_kinds_in(outputs)}."
            )
        else:
            found.append(
                f"The first layer to receive values that are not finite is {label}: {_kinds_in([args, kwargs])}, from "
                "an operation before it that is no layer."
            )

    names = {module: name or "model" for name, module in model.named_modules()}
    handles = [module.register_forward_hook(look, with_kwargs=True) for module in names]
    try:
        with _as_it_was(model):
            model(inputs)
    finally:
        for handle in handles:
            handle.remove()
    return found[0] if found else "The results of all layers are finite: the loss itself makes it so."


@contextmanager
def _as_it_was(model: Any) -> Iterator[None]:
    """A block after which the states that a forward pass changes are what they were."""
    saved = [(buffer, buffer.detach().clone()) for buffer in model.buffers()]
    devices = sorted({p.device.index for p in model.parameters() if p.is_cuda})
    with torch.no_grad(), torch.random.fork_rng(devices):
        try:
            yield
        finally:
            for buffer, value in saved:
                buffer.copy_(value)


def _is_finite(leaf: Any) -> bool:
    if not isinstance(leaf, torch.Tensor) or not (leaf.is_floating_point() or leaf.is_complex()):
        return True
    return bool(torch.isfinite(leaf.detach()).all())


def _all_finite(structure: Any) -> bool:
    return all(map(_is_finite, tree.flatten(structure)))


def _kinds(tensor: torch.Tensor) -> str:
    tensor = tensor.detach()
    kinds = (("NaN", torch.isnan(tensor)), ("infinite values", torch.isinf(tensor)))
    return " and ".join(word for word, where in kinds if where.any())


def _kinds_in(structure: Any) -> str:
    return _kinds(next(leaf for leaf in tree.flatten(structure) if not _is_finite(leaf)))

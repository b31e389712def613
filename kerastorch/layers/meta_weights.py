"""Plain `torch.nn` modules without values, while shapes are inferred."""

from __future__ import annotations

import functools
from typing import Any

import torch


class MetaWeights:
    """Within this block the given modules have weights on the meta device; their own come back at the end.

    Most operations replace real weights themselves while shapes are inferred. Recurrent modules compare the device of
    their weights with that of the input before they run anything, so that theirs are replaced beforehand; on the meta
    device torch would run them step by step, so that the shapes of their outputs are written down here.

    Args:
        modules: the modules; their children are not looked at.
    """

    def __init__(self, modules: list[torch.nn.Module]) -> None:
        self.modules = [m for m in modules if m._parameters or m._buffers]

    def __enter__(self) -> None:
        self._own = [(m, m._parameters, m._buffers, m.__dict__.get("_flat_weights")) for m in self.modules]
        for module, parameters, buffers, flat in self._own:
            twins = {id(p): _on_meta(p) for p in (*parameters.values(), *buffers.values()) if p is not None}
            module.__dict__["_parameters"] = {k: twins.get(id(p)) for k, p in parameters.items()}
            module.__dict__["_buffers"] = {k: twins.get(id(b)) for k, b in buffers.items()}
            if flat is not None:  # the list from which recurrent modules read their weights
                module.__dict__["_flat_weights"] = [twins.get(id(p)) for p in flat]
            if isinstance(module, torch.nn.RNNBase):
                module.__dict__["forward"] = functools.partial(_recurrent_outputs, module)

    def __exit__(self, *exc: Any) -> None:
        for module, parameters, buffers, flat in self._own:
            module.__dict__.update(_parameters=parameters, _buffers=buffers)
            if flat is not None:
                module.__dict__["_flat_weights"] = flat
            if isinstance(module, torch.nn.RNNBase):
                module.__dict__.pop("forward", None)


def _on_meta(tensor: torch.Tensor) -> torch.Tensor:
    twin = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")
    return torch.nn.Parameter(twin, tensor.requires_grad) if isinstance(tensor, torch.nn.Parameter) else twin


def _recurrent_outputs(module: torch.nn.RNNBase, inputs: Any, states: Any = None) -> Any:
    """What `torch.nn.RNN`, `GRU` and `LSTM` return for a sequence, without values."""
    if (
        not isinstance(inputs, torch.Tensor)
        or inputs.ndim not in (2, 3)
        or inputs.shape[-1] != module.input_size
    ):
        return type(module).forward(module, inputs, states)
    directions = 2 if module.bidirectional else 1
    width = module.proj_size or module.hidden_size
    batch = () if inputs.ndim == 2 else (inputs.shape[0 if module.batch_first else 1],)
    layers = module.num_layers * directions
    sequence = inputs.new_empty((*inputs.shape[:-1], width * directions))
    last = inputs.new_empty((layers, *batch, width))
    if isinstance(module, torch.nn.LSTM):
        return sequence, (last, inputs.new_empty((layers, *batch, module.hidden_size)))
    return sequence, last

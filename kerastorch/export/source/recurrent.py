"""Recurrent layers as torch's own.

Torch's layers add two biases where Keras has one; the second is zero and stays so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.export.source.calls import Call, NoRuleError, arguments
from kerastorch.layers.rnn.bidirectional import Bidirectional
from kerastorch.layers.rnn.gru import GRU
from kerastorch.layers.rnn.lstm import LSTM
from kerastorch.layers.rnn.simple_rnn import SimpleRNN

_KINDS: dict[type, str] = {LSTM: "LSTM", GRU: "GRU", SimpleRNN: "RNN"}


def recurrent(call: Call) -> str:
    """The rule of `LSTM`, `GRU` and `SimpleRNN`."""
    layer = call.layer
    _check(layer)
    sequences, *states = call.tensors
    x = call.last(sequences)
    x = f"{x}.flip(1)" if layer.go_backwards else x
    given = [f"{call.last(state)}.unsqueeze(0)" for state in states]
    rnn = _member(call, layer, [layer])
    outputs, last = call.temporary("outputs"), call.temporary("state")
    needs_state = layer.return_state
    x = _dropped(call, layer, x)
    start = "" if not given else f", {given[0]}" if len(given) == 1 else f", ({', '.join(given)})"
    call.line(f"{outputs}, {last if needs_state else '_'} = {rnn}({x}{start})")
    result = outputs if layer.return_sequences else f"{outputs}[:, -1]"
    if not needs_state:
        return result
    several = isinstance(layer, LSTM)
    return ", ".join([result, *([f"{last}[0][0]", f"{last}[1][0]"] if several else [f"{last}[0]"])])


def both_ways(call: Call) -> str:
    """The rule of `Bidirectional`."""
    layer = call.layer
    one, other = layer.forward_layer, layer.backward_layer
    for inner in (one, other):
        if type(inner) not in _KINDS:
            raise NoRuleError(f"there is no rule for {type(inner).__name__} in it")
        _check(inner)
    if not layer._fits_one_call() or layer.return_state or layer.merge_mode is None or one.cell.dropout:
        raise NoRuleError("torch has no layer with these settings in both directions")
    rnn = _member(call, one, [one, other])
    outputs, units = call.temporary("outputs"), one.cell.units
    call.line(f"{outputs}, _ = {rnn}({call.x})")
    if layer.return_sequences:
        if layer.merge_mode == "concat":
            return outputs
        return _merged(layer.merge_mode, f"{outputs}[..., :{units}]", f"{outputs}[..., {units}:]")
    return _merged(layer.merge_mode, f"{outputs}[:, -1, :{units}]", f"{outputs}[:, 0, {units}:]")


def _merged(mode: str, one: str, other: str) -> str:
    if mode == "concat":
        return f"torch.cat([{one}, {other}], dim=-1)"
    return {"sum": f"{one} + {other}", "ave": f"({one} + {other}) / 2", "mul": f"{one} * {other}"}[mode]


def _check(layer: Any) -> None:
    reason = layer.cell.loop_reason()
    if reason is not None:
        raise NoRuleError(f"torch has no layer with {reason}")
    if layer.stateful or layer.time_major:
        raise NoRuleError("it keeps its state, or has the time first")


def _member(call: Call, layer: Any, layers: list[Any]) -> str:
    """The member for one layer, or for the two directions of one."""
    kind, cell = _KINDS[type(layer)], layer.cell
    weights: dict[str, Any] = {}
    frozen: list[str] = []
    for inner, ending in zip(layers, ("l0", "l0_reverse"), strict=False):
        names = [f"{name}_{ending}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        held = inner.cell.in_torch_order(inner.cell.kernel_weights())
        weights |= dict(zip(names, held, strict=False))
        if inner.cell.bias is not None and inner.cell.bias.ndim == 1:
            frozen.append(names[-1])
    options = {
        "nonlinearity": _nonlinearity(cell) if kind == "RNN" else None,
        "bias": None if cell.use_bias else False,
        "batch_first": True,
        "bidirectional": True if len(layers) > 1 else None,
    }
    made = arguments(cell.kernel.shape[0], cell.units, **options)
    return call.member(f"nn.{kind}({made})", frozen=tuple(frozen), **weights)


def _nonlinearity(cell: Any) -> str | None:
    return "relu" if cell.torch_function is torch.rnn_relu else None


def _dropped(call: Call, layer: Any, x: str) -> str:
    """The input with some features dropped at all steps in training."""
    if not layer.cell.dropout:
        return x
    dropout = call.member(f"nn.Dropout1d({layer.cell.dropout})", "dropout")
    return f"{dropout}({x}.transpose(1, 2)).transpose(1, 2)"


RULES: dict[type, Callable[[Call], str]] = {**dict.fromkeys(_KINDS, recurrent), Bidirectional: both_ways}

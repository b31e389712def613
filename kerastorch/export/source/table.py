"""Which rule writes which layer."""

from __future__ import annotations

from collections.abc import Callable

from kerastorch.core.spec import KerasTensor
from kerastorch.export.source import (
    activations,
    attention,
    convolution,
    core,
    merging,
    normalization,
    pooling,
    preprocessing,
    recurrent,
    regularization,
    reshaping,
    torch_modules,
)
from kerastorch.export.source.calls import Call, NoRuleError
from kerastorch.layers.rnn.time_distributed import TimeDistributed


def time_distributed(call: Call) -> str:
    """The rule of `TimeDistributed`: the steps of all samples are samples of the layer inside."""
    layer, x = call.layer.layer, call.x
    if type(layer) not in RULES:
        raise NoRuleError(f"there is no rule for {type(layer).__name__} in it")
    steps = call.temporary("steps")
    call.line(f"{steps} = {x}.flatten(0, 1)")
    inside = call.inside(
        RULES[type(layer)], layer, KerasTensor((None, *call.shape[2:]), dtype=call.only.dtype), steps
    )
    return f"{inside}.unflatten(0, {x}.shape[:2])"


RULES: dict[type, Callable[[Call], str]] = {
    **activations.RULES,
    **core.RULES,
    **convolution.RULES,
    **pooling.RULES,
    **preprocessing.RULES,
    **normalization.RULES,
    **regularization.RULES,
    **recurrent.RULES,
    **attention.RULES,
    **merging.RULES,
    **reshaping.RULES,
    **torch_modules.RULES,
    TimeDistributed: time_distributed,
}

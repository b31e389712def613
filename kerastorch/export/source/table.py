"""Which rule writes which layer."""

from __future__ import annotations

from collections.abc import Callable

from kerastorch.export.source import (
    activations,
    attention,
    convolution,
    core,
    merging,
    normalization,
    pooling,
    recurrent,
    regularization,
    reshaping,
)
from kerastorch.export.source.calls import Call

RULES: dict[type, Callable[[Call], str]] = {
    **activations.RULES,
    **core.RULES,
    **convolution.RULES,
    **pooling.RULES,
    **normalization.RULES,
    **regularization.RULES,
    **recurrent.RULES,
    **attention.RULES,
    **merging.RULES,
    **reshaping.RULES,
}

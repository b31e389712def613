"""Rows of the catalogue of layers as models, and their source as a module."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch import layers
from kerastorch.errors import InvalidArgumentError
from kerastorch.export.source.table import RULES
from kerastorch.export.source.writer import Source, source_of
from kerastorch.models.model import Model
from tests.catalog.layers import LAYERS
from tests.catalog.row import Row
from tests.conformance.pairs import make, weights_like

# Rows whose call takes a tensor that no graph can hold as it is.
_NOT_IN_GRAPHS = {"Softmax"}
ROWS = [
    row
    for row in LAYERS
    if getattr(layers, row.name) in RULES and not (row.call and row.name in _NOT_IN_GRAPHS)
]

# Where torch's layer of that name runs another kernel than ours, or sums in another order.
OTHER_KERNEL = {
    "BatchNormalization": "sequences are no images in one row there",
    "Conv2D": "a softmax runs over channels that are second",
    "DepthwiseConv1D": "sequences are no images of height one there",
    "EinsumDense": "`torch.einsum` chooses the products",
    "GRU": "ours has a kernel of its own on the CPU",
    "GroupNormalization": "the groups lie in other memory",
    "LSTM": "`unroll=True` runs the plain loop here",
    "LayerNormalization": "a weight of ones is multiplied there",
    "MultiHeadAttention": "query, key and value are projected at once here",
    "SyncBatchNormalization": "sequences are no images in one row there",
}


def model_of(row: Row) -> Model:
    """A model of the layer of a row, its weights all different."""
    arrays = row.arrays()
    inputs = [
        layers.Input(shape=a.shape[1:], dtype=str(a.dtype), name=f"in_{i}") for i, a in enumerate(arrays)
    ]
    call = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in row.call.items()}
    layer = make(row)
    outputs = layer(*inputs, **call) if row.apart else layer(inputs if row.several else inputs[0], **call)
    model = Model(inputs, outputs, name="exported")
    model.set_weights(weights_like(model.get_weights()))
    return model


def source_or_reason(model: Model) -> tuple[Source | None, str]:
    """The source of a model, or why it has none."""
    try:
        return source_of(model), ""
    except InvalidArgumentError as error:
        return None, str(error)


def module_of(source: Source) -> torch.nn.Module:
    """The module that a source defines, with its weights, in eval mode."""
    scope: dict[str, Any] = {"__file__": "model.py", "__name__": "model"}
    exec(compile(source.text, "model.py", "exec"), scope)
    module = scope[source.text.rsplit("model = ", 1)[1].split("(")[0]]()
    module.load_state_dict(source.state, assign=True)
    return module.eval()

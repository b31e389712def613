"""The core layers, with the sets of arguments that matter."""

from __future__ import annotations

from tests.catalog.functions import double_and_shift, scale_by, step_mask
from tests.catalog.row import SERIES, Row

L2 = {"kernel_regularizer": "l2", "bias_initializer": "ones"}

CORE = [
    Row("Dense", {"units": 4}),
    Row("Dense", {"units": 4, "activation": "relu", "use_bias": False}),
    Row("Dense", {"units": 3, "activation": "softmax", "bias_initializer": "normal"}, SERIES, open_axes=(1,)),
    Row("Dense", {"units": 2, "kernel_constraint": "max_norm", **L2}, SERIES, masked=True),
    Row("Dense", {"units": 2, "activity_regularizer": "l2"}),
    Row("Dense", {"units": 4}, (5,), "integers"),
    Row("Dense", {"units": 4, "use_bias": False}, (2, 5), "integers"),
    Row("Activation", {"activation": "relu"}),
    Row("Activation", {"activation": "softmax"}, SERIES, open_axes=(1,), masked=True),
    Row("Activation", {"activation": "sigmoid"}),
    Row("Activation", {"activation": None}),
    Row("Identity", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("Lambda", {"function": double_and_shift}, SERIES, open_axes=(1, 2)),
    Row("Lambda", {"function": scale_by, "arguments": {"factor": 3.0}, "output_shape": (5,)}),
    Row("Lambda", {"function": double_and_shift, "mask": step_mask}, SERIES, masked=True),
    Row("Embedding", {"input_dim": 7, "output_dim": 3}, (6,), "integers", open_axes=(1,)),
    Row("Embedding", {"input_dim": 7, "output_dim": 3, "mask_zero": True}, (6,), "integers"),
    Row("Embedding", {"input_dim": 7, "output_dim": 2, "embeddings_regularizer": "l1"}, (3, 2), "integers"),
    Row("Masking", {}, SERIES, "steps", open_axes=(1,)),
    Row("Masking", {"mask_value": -1.0}, SERIES),
]

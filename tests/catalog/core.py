"""The core layers, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.functions import double_and_shift, scale_by, step_mask
from tests.catalog.row import IMAGE, SERIES, Row

L2 = {"kernel_regularizer": "l2", "bias_initializer": "ones"}

KERAS_2 = "Keras 3 has no such layer"
IDS = {"input_dim": 7, "output_dim": 3}

DENSE = [
    Row("Dense", {"units": 4}),
    Row("Dense", {"units": 4, "activation": "relu", "use_bias": False}),
    Row("Dense", {"units": 3, "activation": "softmax", "bias_initializer": "normal"}, SERIES, open_axes=(1,)),
    Row("Dense", {"units": 2, "kernel_constraint": "max_norm", **L2}, SERIES, masked=True),
    Row("Dense", {"units": 2, "activity_regularizer": "l2"}),
    Row("Dense", {"units": 4}, (5,), "integers"),
    Row("Dense", {"units": 4, "use_bias": False}, (2, 5), "integers"),
    Row(
        "Dense", {"units": 3, "bias_regularizer": "l1", "bias_constraint": "non_neg"}, IMAGE, open_axes=(1, 2)
    ),
    Row("Dense", {"units": 2, "kernel_initializer": "he_normal", "trainable": False}),
]

PLAIN = [
    Row("Activation", {"activation": "relu"}),
    Row("Activation", {"activation": "softmax"}, SERIES, open_axes=(1,), masked=True),
    Row("Activation", {"activation": "sigmoid"}),
    Row("Activation", {"activation": "gelu"}, IMAGE, open_axes=(1, 2, 3)),
    Row("Activation", {"activation": "leaky_relu"}, SERIES, masked=True),
    Row("Activation", {"activation": None}),
    Row("Identity", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("Identity", {}, (6,), "integers"),
    Row("Lambda", {"function": double_and_shift}, SERIES, open_axes=(1, 2)),
    Row("Lambda", {"function": scale_by, "arguments": {"factor": 3.0}, "output_shape": (5,)}),
    Row("Lambda", {"function": double_and_shift, "mask": step_mask}, SERIES, masked=True),
    Row("Lambda", {"function": scale_by}, IMAGE, open_axes=(1, 2, 3)),
    Row("Masking", {}, SERIES, "steps", open_axes=(1,)),
    Row("Masking", {"mask_value": -1.0}, SERIES),
    Row("Masking", {"mask_value": 0}, (6, 2, 3), "steps", open_axes=(1, 2)),
]


def _reverse(kwargs: dict[str, Any], shape: tuple[int, ...], **options: Any) -> Row:
    because = (
        "the scores have the layer's compute type, as documented; Keras takes that of the inputs instead"
    )
    call = {"reverse": True}
    return Row(
        "ReversibleEmbedding", {**IDS, **kwargs}, shape, call=call, low=False, because=because, **options
    )


EMBEDDING = [
    Row("Embedding", IDS, (6,), "integers", open_axes=(1,)),
    Row("Embedding", {**IDS, "mask_zero": True}, (6,), "integers"),
    Row("Embedding", {**IDS, "embeddings_regularizer": "l1"}, (3, 2), "integers"),
    Row("Embedding", {**IDS, "embeddings_constraint": "unit_norm"}, (2, 2), "integers", open_axes=(1, 2)),
    Row("Embedding", {**IDS, "embeddings_initializer": "ones", "trainable": False}, (), "integers"),
    Row("Embedding", {**IDS, "activity_regularizer": "l2"}, (6,), "integers"),
    Row("ReversibleEmbedding", IDS, (6,), "integers", open_axes=(1,)),
    Row("ReversibleEmbedding", {**IDS, "tie_weights": False}, (6,), "integers"),
    Row("ReversibleEmbedding", {**IDS, "mask_zero": True}, (3, 2), "integers"),
    Row("ReversibleEmbedding", {**IDS, "embeddings_regularizer": "l2"}, (6,), "integers"),
    _reverse({"logit_soft_cap": 0.5}, SERIES),
    _reverse({"tie_weights": False}, SERIES, open_axes=(1,)),
    _reverse({"reverse_dtype": "float64"}, (3,)),
]

FEATURES = [
    Row("RandomFourierFeatures", {"output_dim": 6}, reference="absent", because=KERAS_2, tolerance=1e-5),
    Row(
        "RandomFourierFeatures",
        {"output_dim": 6, "kernel_initializer": "laplacian", "scale": 2.0, "trainable": True},
        reference="absent",
        because=KERAS_2,
        tolerance=1e-5,
    ),
    Row(
        "RandomFourierFeatures",
        {"output_dim": 3, "kernel_initializer": "Gaussian", "scale": 0.5},
        reference="absent",
        because=KERAS_2,
        tolerance=1e-5,
    ),
]

CORE = [*DENSE, *PLAIN, *EMBEDDING, *FEATURES]

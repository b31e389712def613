"""Writes the values of Keras on TensorFlow for the rows that need them: `python -m tests.catalog.pin [Name ...]`.

It runs in an environment with tensorflow==2.21.0, keras==3.15.1 and tf_keras==2.21.0, which the tests do not need:
they read the files that it wrote. Rows of layers that only Keras 2 had are computed by tf_keras.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
import tf_keras

from tests.catalog.layers import LAYERS
from tests.catalog.row import Row, with_layers

FOLDER = Path(__file__).parent / "pinned"
VERSIONS = {m.__name__: m.__version__ for m in (tf, keras, tf_keras)}


def weights_like(values: list[np.ndarray]) -> list[np.ndarray]:
    """As `tests.conformance.pairs.weights_like`."""
    rng = np.random.default_rng(7)
    return [
        rng.uniform(0.1, 1.0, size=v.shape).astype(v.dtype) if np.issubdtype(v.dtype, np.floating) else v
        for v in values
    ]


def made(row: Row) -> Any:
    """The layer of a row, by Keras 3 or, for layers that it has not, by Keras 2."""
    module = (keras if hasattr(keras.layers, row.name) else tf_keras).layers
    cls = getattr(module, row.name, None) or getattr(module.experimental, row.name)
    return cls(**{"name": "row", **with_layers(row.kwargs, module, {})})


def run(layer: Any, row: Row, inputs: list) -> Any:
    """The outputs for the inputs of a row."""
    if row.apart:
        return layer(*inputs, **row.call, training=False)
    return layer(inputs if row.several else inputs[0], **row.call, training=False)


def outcome(row: Row) -> list[Any]:
    """As `tests.conformance.outcomes.outcome`, for inference."""
    layer, inputs = made(row), [tf.constant(a) for a in row.arrays()]
    run(layer, row, inputs)
    layer.set_weights(weights_like(layer.get_weights()))
    with tf.GradientTape() as tape:
        tape.watch([] if row.integer else inputs)
        outputs = [x for x in tf.nest.flatten(run(layer, row, inputs)) if x is not None]
        losses = list(layer.losses)
        probed = [x for x in outputs if x.dtype.is_floating][:1]
        total = tf.add_n(
            [tf.constant(0.0)]
            + [tf.reduce_sum(x * tf.reshape(tf.linspace(-1.0, 1.0, tf.size(x)), tf.shape(x))) for x in probed]
            + losses
        )
    weights = [getattr(w, "value", w) for w in layer.trainable_weights]
    weights = [w() if callable(w) else w for w in weights]
    sources = [*([] if row.integer else inputs), *layer.trainable_variables]
    sources = [getattr(s, "_value", s) for s in sources]
    grads = tape.gradient(total, sources) if sources else []
    return [_kept(v) for v in [*outputs, *grads, *losses]] + [_kept(w) for w in layer.get_weights()]


def _kept(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, tf.RaggedTensor):
        value = value.to_tensor()
    if isinstance(value, (tf.SparseTensor, tf.IndexedSlices)):
        value = (
            tf.sparse.to_dense(value) if isinstance(value, tf.SparseTensor) else tf.convert_to_tensor(value)
        )
    array = np.asarray(value)
    values = [v.decode() if isinstance(v, bytes) else v for v in array.ravel().tolist()]
    return {
        "dtype": "object" if array.dtype == object else str(array.dtype),
        "shape": array.shape,
        "values": values,
    }


def main(names: list[str]) -> None:
    """Writes a file for each class that has rows to be pinned."""
    rows = [row for row in LAYERS if row.reference != "keras" and (not names or row.name in names)]
    for name in dict.fromkeys(row.name for row in rows):
        kept = {row.id: {"outcome": outcome(row)} for row in rows if row.name == name}
        text = json.dumps({"versions": VERSIONS, "rows": kept}, indent=1)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(name, len(kept))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Calls of `keras.backend`, whose values `pins.json` holds as the Keras of TensorFlow 2.21 gave them.

`python -m tests.backend.table` writes that file anew; it needs `tf_keras` and nothing of this project but this module.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

PINS = Path(__file__).with_name("pins.json")


def array(
    *shape: int, dtype: str = "float32", low: float = -2.0, high: float = 2.0, seed: int = 7
) -> np.ndarray:
    """Random numbers of a type and shape."""
    rng = np.random.default_rng([seed, *shape])
    if dtype == "bool":
        return rng.random(shape) < 0.5
    if "int" in dtype:
        return rng.integers(int(low), int(high) + 3, shape).astype(dtype)
    return rng.uniform(low, high, shape).astype(dtype)


def shares(*shape: int, seed: int = 7) -> np.ndarray:
    """Random probabilities with the sum 1 along the last axis."""
    numbers = array(*shape, low=0.1, seed=seed)
    return numbers / numbers.sum(-1, keepdims=True)


_SHAPES: list[tuple[int, ...]] = [(), (3,), (2, 3), (2, 1, 3), (0, 3)]
_ANY = ["abs", "square", "exp", "round", "sign", "sin", "cos", "sigmoid", "tanh", "softplus", "softsign"]
_ANY += [
    "hard_sigmoid",
    "sqrt",
    "relu",
    "elu",
    "flatten",
    "zeros_like",
    "ones_like",
    "transpose",
    "eval",
]
_PAIRS = ["equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "maximum", "minimum"]
_REDUCTIONS = ["max", "min", "sum", "prod", "mean", "var", "std", "any", "all"]


def _pointwise() -> Iterator[tuple]:
    for name in _ANY:
        yield from ((name, array(*shape)) for shape in _SHAPES)
    for shape in _SHAPES:
        yield "log", array(*shape, low=0.1)
        yield "pow", array(*shape), 3
        yield "pow", array(*shape, low=0.1), array(*shape, seed=1)
        yield "clip", array(*shape), -0.5, 1.0
        yield "cast", array(*shape), "int32"
        yield "cast_to_floatx", array(*shape, dtype="int64")
    for name in _PAIRS:
        for other in ((), (3,), (2, 3)):
            yield name, array(2, 3), array(*other, seed=1)
            yield name, array(2, 3, dtype="int32"), array(*other, dtype="int32", seed=1)
        yield name, array(2, 3), 0.5
    for arguments in (
        {"alpha": 0.2},
        {"max_value": 1.0},
        {"threshold": 0.5},
        {"alpha": 0.1, "threshold": -1.0},
    ):
        yield "relu", array(2, 3), arguments
    yield "relu", array(2, 3), {"alpha": 0.1, "max_value": 1.5, "threshold": 0.3}
    yield "elu", array(2, 3), {"alpha": 0.3}
    yield "clip", array(2, 3), 1.0, -1.0
    for axis in (-1, 0, 1):
        yield "softmax", array(2, 3), axis
        yield "l2_normalize", array(2, 3), axis
    yield "l2_normalize", array(2, 3)
    yield "l2_normalize", np.zeros((2, 3), "float32"), -1


def _reductions() -> Iterator[tuple]:
    for name in _REDUCTIONS:
        for axis in (None, 0, -1, [0, 2], (1, 2)):
            for keepdims in (False, True):
                dtype = "bool" if name in ("any", "all") else "float32"
                yield name, array(2, 3, 4, dtype=dtype), {"axis": axis, "keepdims": keepdims}
        yield name, array(3, dtype="bool" if name in ("any", "all") else "float32")
    for name in ("sum", "prod", "max", "min"):
        yield name, array(2, 3, dtype="int32"), {"axis": -1}
    for name in ("mean", "var", "std"):
        yield name, array(2, 3, dtype="bool"), {"axis": -1}
    for name in ("cumsum", "cumprod", "argmax", "argmin"):
        yield name, array(2, 3)
        for axis in (0, 1, -1):
            yield name, array(2, 3), axis
            yield name, array(2, 3, dtype="int32"), axis


def _products() -> Iterator[tuple]:
    for x, y in (
        ((2, 3), (3, 4)),
        ((2, 5, 3), (3, 4)),
        ((2, 3), (4, 3, 5)),
        ((3,), (3, 2)),
        ((2, 4, 3), (2, 3, 5)),
    ):
        if len(x) > 1:
            yield "dot", array(*x), array(*y)
    cases: list[tuple] = [
        ((4, 3), (4, 3), 1),
        ((4, 3), (4, 3), None),
        ((4, 2, 3), (4, 3, 5), None),
        ((4, 2, 3), (4, 3, 5), (2, 1)),
        ((4, 2, 3), (4, 2, 5), 1),
        ((4, 2, 3), (4, 5, 3), 2),
        ((4, 3), (4, 3, 5), None),
        ((4, 3), (4, 5, 3), (1, 2)),
        ((4, 2, 3), (4, 3), (2, 1)),
        ((4, 2, 5, 3), (4, 3, 6), (3, 1)),
        ((4, 2, 5, 3), (4, 6, 2), (1, 2)),
        ((4, 2, 3), (4, 3, 5, 2), (-1, 1)),
        ((4, 2, 5, 3), (4, 3, 5, 2), (-1, -3)),
    ]
    for x, y, axes in cases:
        yield "batch_dot", array(*x), array(*y), {"axes": axes}
    for shape, bias in (
        ((2, 3), (3,)),
        ((2, 4, 3), (3,)),
        ((2, 4, 3), (4, 3)),
        ((2, 4, 5, 3), (4, 5, 3)),
        ((2, 4, 5, 3), (3,)),
    ):
        yield "bias_add", array(*shape), array(*bias)
    for shape, bias in (
        ((2, 3, 4), (3,)),
        ((2, 3, 4), (4, 3)),
        ((2, 3, 4, 5), (4, 5, 3)),
        ((2, 3, 4, 5), (3,)),
    ):
        yield "bias_add", array(*shape), array(*bias), {"data_format": "channels_first"}


def _shaping() -> Iterator[tuple]:
    yield "concatenate", [array(2, 3), array(2, 1)]
    yield "concatenate", [array(2, 3), array(1, 3)], 0
    for axis in (0, 1, -1):
        yield "stack", [array(2, 3), array(2, 3, seed=1)], axis
        yield "expand_dims", array(2, 3), axis
        yield "repeat_elements", array(2, 3), 2, axis
        yield "reverse", array(2, 3), axis
    yield "expand_dims", array(2, 3)
    yield "reverse", array(2, 3, 4), (0, 2)
    yield "reshape", array(2, 6), (3, 4)
    yield "reshape", array(2, 6), (-1, 2)
    yield "reshape", array(2, 6), (2, 2, 3)
    yield "permute_dimensions", array(2, 3, 4), (2, 0, 1)
    yield "permute_dimensions", array(2, 3), (1, 0)
    yield "transpose", array(2, 3, 4)
    yield "batch_flatten", array(2, 3, 4)
    yield "batch_flatten", array(2, 3, 2, 2)
    yield "squeeze", array(2, 1, 3), 1
    yield "squeeze", array(2, 3, 1), -1
    yield "repeat", array(2, 3), 4
    yield "tile", array(2, 3), [2, 2]
    yield "tile", array(3), 2
    yield "gather", array(4, 3), np.array([2, 0])
    yield "gather", array(4), np.array([[2, 0], [1, 1]])
    yield "one_hot", np.array([[2, 0], [1, 1]]), 3
    yield "one_hot", np.array([5, -1, 0]), 3
    yield "temporal_padding", array(2, 3, 1)
    yield "temporal_padding", array(2, 3, 1), (0, 2)
    for data_format in ("channels_last", "channels_first"):
        yield "spatial_2d_padding", array(1, 2, 3, 2), ((1, 0), (0, 2)), data_format
        yield "spatial_3d_padding", array(1, 2, 2, 2, 2), ((1, 0), (0, 2), (1, 1)), data_format
        yield "resize_images", array(1, 2, 3, 2), 2, 3, data_format
        yield "resize_images", array(1, 2, 3, 2), 2, 2, data_format, "bilinear"
        yield "resize_volumes", array(1, 2, 2, 2, 2), 2, 1, 3, data_format
    yield "resize_images", array(1, 3, 3, 1), 2, 2, "channels_last", "bicubic"
    yield "arange", 5
    yield "arange", 1, 8, 3
    yield "arange", 0, 1, 0.25, "float32"
    yield "arange", -3
    yield "constant", [[1, 2], [3, 4]]
    yield "constant", 3, "int32", (2, 2)
    yield "eye", 3
    yield "zeros", (2, 3)
    yield "ones", (2, 3), "int32"
    yield "foldl", "maximum", array(4, 2)
    yield "foldr", "minimum", array(4, 2)
    yield "map_fn", "square", array(4, 2)


def _losses() -> Iterator[tuple]:
    one_hot, zero_one = np.eye(3, dtype="float32")[[0, 2, 1, 1]], (array(4, 3) > 0).astype("float32")
    for from_logits in (False, True):
        logits = {"from_logits": from_logits}
        for output in (
            (array(4, 3), array(4, 3, seed=2)) if from_logits else (shares(4, 3), shares(4, 3, seed=2))
        ):
            yield "categorical_crossentropy", one_hot, output, logits
            yield "sparse_categorical_crossentropy", np.array([0, 2, 1, 1]), output, logits
            yield "binary_crossentropy", zero_one, output, logits
            yield "binary_focal_crossentropy", zero_one, output, logits
            yield (
                "binary_focal_crossentropy",
                zero_one,
                output,
                {"apply_class_balancing": True, "gamma": 1.0, **logits},
            )
            yield "categorical_focal_crossentropy", one_hot, output, logits
    yield "categorical_crossentropy", one_hot.T, shares(4, 3).T, {"axis": 0}
    yield (
        "sparse_categorical_crossentropy",
        np.array([[0], [2], [1], [-1]]),
        shares(4, 3),
        {"ignore_class": -1},
    )
    yield "binary_crossentropy", zero_one, zero_one
    yield "in_top_k", array(4, 3), np.array([0, 1, 2, 1]), 2
    lengths, labels = np.array([[5], [4]]), np.array([[1, 2, 0], [0, 1, 0]])
    yield "ctc_batch_cost", labels, shares(2, 5, 4), lengths, np.array([[3], [2]])
    yield "ctc_batch_cost", labels, shares(2, 5, 4, seed=3), lengths, np.array([[2], [1]])
    for seed in range(5):
        frames = shares(2, 6, 3, seed=seed), np.array([6, 4])
        yield "ctc_decode", *frames
        yield "ctc_decode", *frames, {"greedy": False, "beam_width": 10, "top_paths": 3}


def _windows() -> Iterator[tuple]:
    for padding in ("valid", "same"):
        for step in (1, 2):
            yield "conv1d", array(1, 6, 2), array(3, 2, 3), {"strides": step, "padding": padding}
            yield (
                "conv2d",
                array(1, 5, 4, 2),
                array(3, 2, 2, 3),
                {"strides": (step, step), "padding": padding},
            )
            yield (
                "conv3d",
                array(1, 4, 3, 4, 1),
                array(2, 2, 2, 1, 2),
                {"strides": (step,) * 3, "padding": padding},
            )
            yield (
                "depthwise_conv2d",
                array(1, 5, 4, 2),
                array(3, 2, 2, 2),
                {"strides": (step, step), "padding": padding},
            )
            kernels = array(3, 2, 2, 2), array(1, 1, 4, 3)
            yield (
                "separable_conv2d",
                array(1, 5, 4, 2),
                *kernels,
                {"strides": (step, step), "padding": padding},
            )
            for mode in ("max", "avg"):
                how = {"strides": (step, step), "padding": padding, "pool_mode": mode}
                yield "pool2d", array(1, 5, 4, 2), (2, 3), how
                yield "pool3d", array(1, 4, 4, 3, 1), (2, 2, 2), {**how, "strides": (step,) * 3}
    for kind in ("causal", "valid"):
        yield "conv1d", array(1, 6, 2), array(3, 2, 3), {"padding": kind, "dilation_rate": 2}


def _windows_of_other_kinds() -> Iterator[tuple]:
    transposed: list[tuple] = [
        ((1, 3, 3, 2), (3, 3, 4, 2), (1, 6, 6, 4), (2, 2), "same"),
        ((1, 3, 3, 2), (3, 3, 4, 2), (1, 5, 5, 4), (2, 2), "same"),
        ((1, 3, 3, 2), (3, 3, 4, 2), (1, 7, 7, 4), (2, 2), "valid"),
        ((1, 3, 3, 2), (3, 3, 4, 2), (1, 8, 8, 4), (2, 2), "valid"),
        ((1, 3, 2, 2), (2, 4, 4, 2), (1, 3, 2, 4), (1, 1), "same"),
    ]
    for x, kernel, shape, strides, padding in transposed:
        yield "conv2d_transpose", array(*x), array(*kernel), shape, strides, padding
    yield "local_conv1d", array(2, 5, 3), array(4, 6, 2), (2,), (1,)
    yield "local_conv2d", array(2, 3, 4, 2), array(6, 8, 3), (2, 2), (1, 1), (2, 3)
    yield "local_conv2d", array(2, 2, 3, 4), array(6, 8, 3), (2, 2), (1, 1), (2, 3), "channels_first"
    moments = array(3), array(3, low=0.5), array(3, seed=1), array(3, seed=2)
    yield "batch_normalization", array(2, 3), *moments
    yield "batch_normalization", array(2, 4, 4, 3), *moments, {"epsilon": 0.1}
    yield "normalize_batch_in_training", array(6, 3), array(3), array(3, seed=1), [0]
    yield "normalize_batch_in_training", array(2, 4, 3), array(3), array(3, seed=1), [0, 1]
    yield "normalize_batch_in_training", array(2, 4, 5, 3), array(3), array(3, seed=1), [0, 1, 2]


CALLS = [
    *_pointwise(),
    *_reductions(),
    *_products(),
    *_shaping(),
    *_losses(),
    *_windows(),
    *_windows_of_other_kinds(),
]


def split(call: tuple) -> tuple[str, list[Any], dict[str, Any]]:
    """The name of the function, its positional arguments and those by name."""
    name, *args = call
    return (name, args[:-1], args[-1]) if args and isinstance(args[-1], dict) else (name, args, {})


def label(number: int) -> str:
    """The name of a call in tests and in the file."""
    return f"{CALLS[number][0]}-{number}"


def plain(value: Any) -> Any:
    """A result as lists of numbers."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    numbers = np.asarray(value)
    return np.round(numbers.astype("float64"), 6).tolist() if numbers.dtype.kind == "f" else numbers.tolist()


def given(arg: Any, library: Any, convert: Any) -> Any:
    """An argument for a library: arrays as its tensors, and its functions for their names."""
    if isinstance(arg, np.ndarray):
        return convert(arg)
    if isinstance(arg, list) and any(isinstance(item, np.ndarray) for item in arg):
        return [convert(item) for item in arg]
    return getattr(library, arg) if isinstance(arg, str) and hasattr(library, arg) else arg


def _write() -> None:
    import tensorflow
    from tf_keras import backend

    found = {}
    for number, call in enumerate(CALLS):
        name, args, kwargs = split(call)
        args = [given(arg, backend, tensorflow.constant) for arg in args]
        found[label(number)] = plain(getattr(backend, name)(*args, **kwargs))
    PINS.write_text(json.dumps(found, indent=0).replace("\n", ""))


if __name__ == "__main__":
    _write()

"""Runs a layer beside Keras's, with the same weights on the same input, and compares everything that comes out."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import torch

from kerastorch.layers.layer import Layer


def config_of(layer: Any) -> dict:
    """A config without what the two libraries write in different ways or only if it was given."""
    config = dict(layer.get_config())
    for key in ("name", "dtype", "trainable", "activity_regularizer", "quantization_config"):
        config.pop(key, None)
    return {k: _plain(v) for k, v in config.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            k: _plain(v) for k, v in value.items() if k not in ("module", "registered_name", "build_config")
        }
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def twins(name: str, kwargs: dict, shape: tuple, cls: type[Layer]) -> tuple[Layer, Any]:
    """Builds our layer and Keras's for an input of a shape, with the same random weights."""
    ours, theirs = cls(**kwargs), getattr(keras.layers, name)(**kwargs)
    ours.build(shape)
    theirs.build(shape)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    assert [tuple(w.shape) for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    rng = np.random.default_rng(0)
    values = [rng.uniform(0.2, 1.0, tuple(w.shape)).astype("float32") for w in theirs.weights]
    ours.set_weights(values)
    theirs.set_weights(values)
    return ours, theirs


def run(layer: Any, x: np.ndarray, **call: Any) -> dict[str, Any]:
    """The output, the gradients of input and weights of a weighted sum of it, and the weights afterwards."""
    inputs = torch.tensor(x, requires_grad=np.issubdtype(x.dtype, np.floating))
    outputs = layer(inputs, **call)
    found = {"output": outputs.detach().numpy()}
    if outputs.requires_grad:
        factors = np.random.default_rng(1).normal(size=tuple(outputs.shape))
        (outputs * torch.as_tensor(factors, dtype=outputs.dtype)).sum().backward()
    if inputs.grad is not None:
        found["input gradient"] = inputs.grad.numpy()
    for i, w in enumerate(layer.trainable_weights):
        gradient = (w if isinstance(w, torch.Tensor) else w.value).grad
        found[f"gradient {i}"] = gradient.numpy()
    for i, value in enumerate(layer.get_weights()):
        found[f"weight {i} after"] = value
    return found


def agree(name: str, kwargs: dict, x: np.ndarray, cls: type[Layer], **call: Any) -> tuple[Layer, Any]:
    """Compares values, gradients, weights, configs and output shapes; returns both layers."""
    ours, theirs = twins(name, kwargs, x.shape, cls)
    mine, wanted = run(ours, x, **call), run(theirs, x, **call)
    assert mine.keys() == wanted.keys()
    for key, value in wanted.items():
        np.testing.assert_allclose(mine[key], value, rtol=2e-5, atol=2e-5, err_msg=key)
    shape = (None, *x.shape[1:])
    assert tuple(ours.compute_output_shape(shape)) == tuple(theirs.compute_output_shape(shape))
    assert config_of(cls(**kwargs)) == config_of(getattr(keras.layers, name)(**kwargs))
    assert config_of(cls.from_config(theirs.get_config())) == config_of(theirs)
    assert theirs.__class__.from_config(ours.get_config()).get_config() is not None
    return ours, theirs


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Normally distributed float32 numbers."""
    return np.random.default_rng(seed).normal(size=shape).astype("float32")

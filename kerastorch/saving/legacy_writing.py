"""Configs as Keras 2 writes them, which Keras 3 reads as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Arguments that Keras 2 does not have; without a value they say nothing.
_ONLY_IN_3 = frozenset({"input_axes", "output_axes", "seed", "quantization_config", "renorm_clipping"})
_MODELS = frozenset({"Functional", "Sequential"})


def in_words_of_2(value: Any) -> Any:
    """Returns what a config holds in the words of Keras 2: dtypes by name, shapes of inputs under their old name.

    Args:
        value: a config, an argument, or a nested structure of them.

    Example:
        >>> in_words_of_2({"class_name": "InputLayer", "config": {"batch_shape": [None, 3]}})
        {'class_name': 'InputLayer', 'config': {'batch_input_shape': [None, 3]}}
    """
    if isinstance(value, list):
        return [in_words_of_2(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    found = {k: in_words_of_2(v) for k, v in value.items() if not (v is None and k in _ONLY_IN_3)}
    if found.get("class_name") == "InputLayer" and "batch_shape" in found["config"]:
        config = {"batch_input_shape" if k == "batch_shape" else k: v for k, v in found["config"].items()}
        found["config"] = config
    return found


def calls_of_2(layers: list) -> list:
    """Returns the layers of a graph with their calls as Keras 2 writes them, where all calls have such a form.

    A graph with models inside stays as it is: Keras 2 and 3 count their calls differently.

    Args:
        layers: the layers in the config of a functional model.
    """
    if any(layer.get("class_name") in _MODELS for layer in layers):
        return layers
    written = [[_call(node) for node in layer.get("inbound_nodes") or ()] for layer in layers]
    if any(call is None for calls in written for call in calls):
        return layers
    return [{**layer, "inbound_nodes": calls} for layer, calls in zip(layers, written, strict=True)]


def _call(node: Any) -> list | None:
    """A call whose one argument is a tensor or a list of them; None for any other."""
    if not isinstance(node, Mapping) or len(node.get("args") or ()) != 1:
        return None
    tensors = node["args"][0]
    several = tensors if isinstance(tensors, list) else [tensors]
    given = {k: v for k, v in (node.get("kwargs") or {}).items() if v is not None and v is not False}
    if given or not several or not all(_is_tensor(tensor) for tensor in several):
        return None
    return [[*tensor["config"]["keras_history"], {}] for tensor in several]


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("class_name") == "__keras_tensor__"

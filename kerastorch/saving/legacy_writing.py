"""Configs as Keras 2 writes them, which Keras 3 reads as well."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kerastorch.saving.legacy_graphs import is_place

# Arguments that Keras 2 does not have, with the value that says nothing: in any class, and in one.
_ONLY_IN_3: dict[str, Any] = {
    **dict.fromkeys(("input_axes", "output_axes", "seed", "quantization_config", "renorm_clipping", "salt")),
    **dict.fromkeys(("loss_scale_factor", "gradient_accumulation_steps", "sliding_window", "flash_attention")),
    **dict.fromkeys(("antialias", "pad_to_aspect_ratio", "rms_scaling", "use_gate", "zero_output_for_mask"), False),
    "oov_method": "floormod",
    "score_mode": "dot",
    "use_cudnn": "auto",
}  # fmt: skip
_ONLY_THERE: dict[str, dict[str, Any]] = {
    "BatchNormalization": {"renorm": False, "renorm_momentum": 0.99, "synchronized": False},
    "RandomContrast": {"value_range": [0, 255]},
    "Resizing": {"fill_mode": "constant", "fill_value": 0.0},
    "SparseCategoricalCrossentropy": {"axis": -1},
    "SparseTopKCategoricalAccuracy": {"from_sorted_ids": False},
}
_LAYOUT = {"data_format": "channels_last"}
_WITHOUT_LAYOUT = """
CenterCrop RandomBrightness RandomContrast RandomCrop RandomFlip RandomRotation RandomTranslation RandomZoom Resizing
ZeroPadding1D
"""
for _name in _WITHOUT_LAYOUT.split():
    _ONLY_THERE[_name] = {**_LAYOUT, **_ONLY_THERE.get(_name, {})}
_RENAMED = {("InputLayer", "batch_shape"): "batch_input_shape", ("LeakyReLU", "negative_slope"): "alpha"}


def in_words_of_2(value: Any) -> Any:
    """Returns what a config holds in the words of Keras 2: dtypes by name, old names of arguments, none that it lacks.

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
    name, inner = value.get("class_name"), value.get("config")
    if name == "DTypePolicy":
        return value["config"]["name"]
    if isinstance(name, str) and isinstance(inner, Mapping):
        value = {**value, "config": _arguments(name, inner)}
    return {key: in_words_of_2(one) for key, one in value.items()}


def _arguments(name: str, config: Mapping) -> dict[str, Any]:
    silent = {**_ONLY_IN_3, **_ONLY_THERE.get(name, {})}
    if name == "TextVectorization":
        silent["dtype"] = config.get("dtype")  # always that of texts
    return {
        _RENAMED.get((name, key), key): value
        for key, value in config.items()
        if key not in silent or value != silent[key]
    }


def graph_of_2(config: Mapping) -> dict[str, Any]:
    """Returns the arguments of a model with the calls of its layers as Keras 2 writes them, if all have such a form.

    Keras 2 counts the calls of a model inside the model from one, Keras 3 from zero. Each of these is therefore written
    twice, and the number of a call is that of the second of the two in Keras 3, of the first in Keras 2. Nothing comes
    of a call whose result nothing uses.

    Args:
        config: the arguments; those of a model that is no graph stay as they are.
    """
    layers = config["layers"]
    written = [[_call(node) for node in layer.get("inbound_nodes") or ()] for layer in layers]
    if "output_layers" not in config or any(call is None for calls in written for call in calls):
        return dict(config)
    models = {layer["name"]: layer["class_name"] for layer in layers if _is_model(layer)}
    from_one = {name for name, kind in models.items() if kind != "Sequential"}
    found = []
    for layer, calls in zip(layers, written, strict=True):
        twice = [call for call in calls for _ in range(2 if layer["name"] in models else 1)]
        found.append({**layer, "inbound_nodes": [_numbered(call, models, set()) for call in twice]})
    return {**config, "layers": found, "output_layers": _numbered(config["output_layers"], models, from_one)}


def _is_model(layer: Mapping) -> bool:
    """Whether a layer is a model with inputs of its own."""
    config = layer.get("config")
    if not isinstance(config, Mapping) or not config.get("layers"):
        return False
    return "input_layers" in config or config["layers"][0].get("class_name") == "InputLayer"


def _numbered(value: Any, models: Collection[str], from_one: Collection[str]) -> Any:
    """The same, with the calls of models numbered as they are written; `from_one` counts some from one so far."""
    if is_place(value):
        name, number = value[:2]
        number = 2 * (number - (name in from_one)) + 1 if name in models else number
        return [name, number, *value[2:]]
    if isinstance(value, Mapping):
        return {key: _numbered(one, models, from_one) for key, one in value.items()}
    return [_numbered(one, models, from_one) for one in value] if isinstance(value, list) else value


def _call(node: Any) -> list | None:
    """A call whose one argument is a tensor or a list of several, beside plain values; None for any other."""
    if not isinstance(node, Mapping) or len(node.get("args") or ()) != 1 or "given" in node:
        return None
    tensors = node["args"][0]
    several = tensors if isinstance(tensors, list) and len(tensors) > 1 else [tensors]
    given = {key: value for key, value in (node.get("kwargs") or {}).items() if not _is_nothing(value)}
    is_plain = all(isinstance(value, (bool, int, float, str)) for value in given.values())
    if not is_plain or not all(_is_tensor(tensor) for tensor in several):
        return None
    return [[*tensor["config"]["keras_history"], given] for tensor in several]


def _is_nothing(value: Any) -> bool:
    """Whether a value is None, or many of it, such as the masks of several tensors without any."""
    return value is None or (isinstance(value, list) and all(_is_nothing(one) for one in value))


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("class_name") == "__keras_tensor__"

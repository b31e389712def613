"""Calls in the graphs of Keras 1 and 2, which count those of a model inside a model from one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_MODELS = frozenset({"Functional", "Model", "Sequential"})


def with_calls_from_zero(config: Mapping) -> dict:
    """Returns the arguments of a functional model, where the first call of everything has the number zero.

    Args:
        config: the arguments, with `layers`, `input_layers` and `output_layers` in the format of Keras 2.
    """
    layers = config["layers"]
    counts = {
        layer.get("name"): len(layer.get("inbound_nodes") or ())
        for layer in layers
        if isinstance(layer, Mapping) and str(layer.get("class_name")).rpartition(".")[2] in _MODELS
    }
    kinds = {layer.get("name"): layer["class_name"] for layer in layers if isinstance(layer, Mapping)}
    ends = config.get("output_layers")
    calls = [layer.get("inbound_nodes") for layer in layers if isinstance(layer, Mapping)]
    shifted = {name for name, number in _places([calls, ends]) if number and number == counts.get(name)}
    inner = [
        {**layer, "inbound_nodes": _with_names(_shifted(layer.get("inbound_nodes"), shifted))}
        if isinstance(layer, Mapping)
        else layer
        for layer in layers
    ]
    # The ends of a graph count the calls of functional models, not of rows, from one in Keras 3 as well.
    at_ends = {name for name in shifted if str(kinds[name]).endswith("Sequential")}
    return {**config, "layers": inner, "output_layers": _shifted(ends, at_ends)}


def tensor_at(place: list) -> dict:
    """Returns what a place, the result of a call, is in the graphs of Keras 3.

    Args:
        place: the name of a layer, the number of a call, that of a result, and maybe more.
    """
    history = {"shape": None, "dtype": None, "keras_history": list(place[:3])}
    return {"class_name": "__keras_tensor__", "config": history}


def is_place(value: Any) -> bool:
    """Returns whether a value is `[name, number of the call, number of the result]`, and maybe more."""
    return (
        isinstance(value, list)
        and len(value) in (3, 4)
        and isinstance(value[0], str)
        and all(type(number) is int for number in value[1:3])
    )


def _with_names(calls: Any) -> Any:
    """The calls of a layer, those on a dictionary of tensors in the form of Keras 3."""
    return [_by_name(call) for call in calls] if isinstance(calls, list) else calls


def _by_name(call: Any) -> Any:
    if not isinstance(call, Mapping) or not call or not all(is_place(place) for place in call.values()):
        return call
    given = [place[3] for place in call.values() if len(place) > 3 and place[3]]
    return {
        "args": [{key: tensor_at(place) for key, place in call.items()}],
        "kwargs": given[-1] if given else {},
    }


def _places(value: Any) -> Iterator[tuple[str, int]]:
    if is_place(value):
        yield value[0], value[1]
    for one in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _places(one)


def _shifted(value: Any, names: set[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _shifted(one, names) for key, one in value.items()}
    if not isinstance(value, list):
        return value
    moved = [_shifted(one, names) for one in value]
    return [moved[0], moved[1] - 1, *moved[2:]] if is_place(value) and value[0] in names else moved

"""Functions of TensorFlow between the layers of a model, as those of `keras.ops`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerastorch.saving.legacy_graphs import is_place, tensor_at

FUNCTION_LAYERS = frozenset({"TFOpLambda", "SlicingOpLambda"})
_CONSTANT = "_CONSTANT_VALUE"  # stands for the name of a layer where the first argument is no tensor
_AXES = {"keepdims": "keepdims", "keep_dims": "keepdims", "reduction_indices": "axis", "input_tensor": "x"}
_MATMUL = {"a": "x1", "b": "x2"}

# The functions by their places in TensorFlow, below their names in `keras.ops`.
_SAME_NAME = {
    "keras.ops.numpy": "abs acos acosh add argmax argmin asin asinh atan atan2 atanh ceil cos cosh divide equal exp "
    "expm1 floor greater greater_equal less less_equal log log1p logical_and logical_not logical_or logical_xor "
    "maximum minimum multiply negative not_equal reciprocal round sign sin sinh sqrt square subtract tan tanh cumsum "
    "cumprod broadcast_to clip concat expand_dims ones_like pad repeat reshape roll squeeze stack tile transpose where "
    "zeros_like einsum floordiv matmul mod pow reverse truediv",
    "keras.ops.nn": "elu gelu leaky_relu log_softmax one_hot relu relu6 selu sigmoid silu softmax softplus softsign",
    "keras.ops": "cast erf rsqrt stop_gradient shape unstack",
}
_RENAMED = {
    **dict.fromkeys(("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh"), "arc"),
    "concat": "concatenate",
    "floordiv": "floor_divide",
    "pow": "power",
    "reverse": "flip",
    "truediv": "divide",
    "clip_by_value": "clip",
    "reduce_all": "all",
    "reduce_any": "any",
    "reduce_max": "max",
    "reduce_mean": "mean",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_std": "std",
    "reduce_sum": "sum",
    "reduce_variance": "var",
    "getitem": "get_item",
    "neg": "negative",
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "swish": "silu",
}
_PLACES = {name: home for home, names in _SAME_NAME.items() for name in names.split()}
_PLACES |= {name: "keras.ops.numpy" for name in _RENAMED if name not in _PLACES and name != "swish"}
_PLACES["swish"] = "keras.ops.nn"

# Other names of arguments; those of functions that are not here are the same.
_ARGUMENTS: dict[str, dict[str, str]] = {
    "clip_by_value": {"clip_value_min": "x_min", "clip_value_max": "x_max"},
    "concat": {"values": "xs"},
    "expand_dims": {"input": "x"},
    "leaky_relu": {"features": "x", "alpha": "negative_slope"},
    "matmul": _MATMUL,
    "one_hot": {"indices": "x", "depth": "num_classes"},
    "pad": {"paddings": "pad_width", "constant_values": "constant_values"},
    "repeat": {"input": "x"},
    "reshape": {"tensor": "x", "shape": "newshape"},
    "softmax": {"logits": "x"},
    "squeeze": {"input": "x"},
    "stack": {"values": "x"},
    "tile": {"input": "x", "multiples": "repeats"},
    "transpose": {"perm": "axes"},
    "where": {"x": "x1", "y": "x2"},
}
_FLAGS = frozenset({"conjugate", "exclusive", "transpose_a", "transpose_b"})  # which say nothing when False
_PAIR = {"x": "x1", "y": "x2"}
_OF_PAIRS = """
add atan2 divide equal floordiv greater greater_equal less less_equal logical_and logical_or logical_xor maximum
minimum mod multiply not_equal pow subtract truediv sub mul div
"""
_PAIRS = frozenset(_OF_PAIRS.split())


def function_layer(config: Mapping) -> dict:
    """Returns a layer that stands for a function of TensorFlow as a step of a graph.

    Args:
        config: the entry of `layers` in the config of a functional model, of a class in `FUNCTION_LAYERS`.

    Returns:
        The entry as functional models of this library hold it; the entry as it is when there is no such function
        here, so that the error names the class.
    """
    inner = config["config"]
    place = str(inner.get("function"))
    name = place.rpartition(".")[2]
    if name not in _PLACES:
        return {**config, "class_name": f"{config['class_name']}({place})"}
    home, target = _PLACES[name], _RENAMED.get(name, name)
    target = f"arc{name[1:]}" if target == "arc" else target
    function: Any = {"module": home, "class_name": "function", "config": target, "registered_name": target}
    if name == "getitem":
        function = "operator.getitem"
    nodes = config.get("inbound_nodes") or ()
    return {
        "module": "kerastorch.functions",
        "class_name": "TorchFunction",
        "config": {"name": inner.get("name"), "function": function},
        "registered_name": None,
        "name": config.get("name", inner.get("name")),
        "inbound_nodes": [_call(name, node) for node in nodes],
    }


def _call(name: str, node: Any) -> dict:
    """A call of Keras 3's form; in Keras 2's the keyword arguments stand beside the first tensor."""
    if isinstance(node, Mapping):
        return dict(node)
    several = bool(node) and isinstance(node[0], list)
    entries = node if several else [node]
    first = [_tensor(entry) for entry in entries]
    given = entries[0][3] if entries and len(entries[0]) > 3 else {}
    names = _PAIR if name in _PAIRS else {**_AXES, **_ARGUMENTS.get(name, {})}
    kwargs = {names.get(k, k): _value(v) for k, v in given.items() if k != "name" and v is not None}
    if isinstance(kwargs.get("mode"), str):
        kwargs["mode"] = kwargs["mode"].lower()
    takes_list = name in ("concat", "stack")
    args: list = [first if several and (takes_list or len(first) > 1) else first[0]] if first else []
    if name == "getitem":
        args.append(_index(kwargs.pop("slice_spec", [])))
    return {"args": args, "kwargs": _adapted(kwargs)}


def _adapted(kwargs: dict) -> dict:
    """The arguments that mean something here."""
    return {key: value for key, value in kwargs.items() if key not in _FLAGS or value is not False}


def _tensor(entry: Any) -> Any:
    if entry[0] == _CONSTANT:
        return _value(entry[2])
    return tensor_at(entry)


def _value(value: Any) -> Any:
    """An argument: a number, a list of them, or the place of a tensor."""
    if is_place(value):
        return _tensor(value)
    return [_value(one) for one in value] if isinstance(value, list) else value


def _index(parts: Any) -> Any:
    """What stands between the brackets."""
    if not isinstance(parts, list):
        return _index_part(parts)
    return {"class_name": "__tuple__", "config": {"value": [_index_part(part) for part in parts]}}


def _index_part(part: Any) -> Any:
    if isinstance(part, Mapping) and set(part) == {"start", "stop", "step"}:
        return {"class_name": "__slice__", "config": {key: _value(part[key]) for key in part}}
    if isinstance(part, Mapping) and part.get("class_name") == "__ellipsis__":
        return dict(part)
    return _value(part)

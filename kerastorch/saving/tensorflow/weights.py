"""The values of a checkpoint of TensorFlow for the variables of a model."""

from __future__ import annotations

import os
from typing import Any

from kerastorch.errors import ShapeError
from kerastorch.saving.fit import Fit, settle
from kerastorch.saving.notices import warn_user
from kerastorch.saving.tensorflow.bundle import Bundle
from kerastorch.saving.tensorflow.graph import Node, read_graph
from kerastorch.saving.tensorflow.matching import Matches, is_optimizer, match
from kerastorch.saving.tensorflow.optimizers import optimizer_of, optimizer_rows, scale_rows

_VARIABLES = os.path.join("variables", "variables")
_BESIDE = frozenset({"optimizer", "save_counter"})  # what stands in it beside the model
_MODEL = "model"  # the name of the model in a `tf.train.Checkpoint(model=..., optimizer=...)`


def checkpoint_at(path: Any) -> str | None:
    """Returns the path of a checkpoint that TensorFlow has written, without its ending; None where there is none.

    Args:
        path: the path of a checkpoint, or the folder of a SavedModel, which has one inside; anything else is none.
    """
    if not isinstance(path, str) or os.path.isfile(path):
        return None
    inside = os.path.join(path, _VARIABLES)
    return next((prefix for prefix in (path, inside) if os.path.isfile(f"{prefix}.index")), None)


def read_checkpoint(
    model: Any, prefix: str, skip_mismatch: bool = False, layer_names: list[str] | None = None
) -> None:
    """Sets the weights of a model, and the state of its optimizer where both have it.

    Args:
        model: a built model.
        prefix: the path of the checkpoint without its ending: what `save_weights` of tf.keras was given, or
            `tf.train.Checkpoint(model=model, optimizer=optimizer)`.
        skip_mismatch: whether weights that do not fit are left as they are after a warning. Default: False.
        layer_names: the names of its layers in the order of the file; None takes the order of `model.layers`.

    Raises:
        MissingFileError: when there is no such checkpoint.
        CorruptModelError: when it is damaged.
        ShapeError: when weights are missing, unexpected or of another shape; it names each, and nothing is changed.
    """
    bundle = Bundle(prefix)
    nodes = read_graph(bundle)
    root = _root(model, nodes)
    matches = match(model, nodes, root, layer_names)
    fit = Fit(model)
    fit.add(_rows(model, bundle, nodes, matches))
    fit.check(skip_mismatch)
    number = _optimizer(nodes, root)
    optimizer = optimizer_of(model)
    if number is not None and optimizer is not None:
        fit.values += _state_of(optimizer, model, bundle, nodes, number, matches)
    fit.faults.clear()
    fit.finish()
    settle(model)


def _root(model: Any, nodes: list[Node]) -> int:
    """The number of the model: the first one, or the only one that a `tf.train.Checkpoint` holds under a name."""
    children = nodes[0].children
    own = [name for name in children if name not in _BESIDE]
    if any(name.startswith("layer") or hasattr(model, name) for name in own):
        return 0
    held = [
        name for name in own if nodes[children[name]].children and not is_optimizer(nodes[children[name]])
    ]
    return children[_MODEL] if _MODEL in held else children[held[0]] if len(held) == 1 else 0


def _optimizer(nodes: list[Node], root: int) -> int | None:
    return next((nodes[n].children["optimizer"] for n in (root, 0) if "optimizer" in nodes[n].children), None)


def _rows(model: Any, bundle: Bundle, nodes: list[Node], matches: Matches) -> list[tuple]:
    """Names, tensors and values of what the model or the checkpoint has."""
    rows: list[tuple] = [
        (_path(tensor, nodes[number]), tensor, bundle[str(nodes[number].key)])
        for number, tensor in matches.tensors.items()
    ]
    found = {id(tensor) for tensor in matches.tensors.values()}
    seeds = {id(seed) for seed in model._seed_states()}
    rows += [
        (weight.path, weight, None)
        for weight in model.weights
        if id(weight) not in found and id(weight) not in seeds
    ]
    rows += [(path, None, bundle[str(nodes[number].key)]) for path, number in matches.unexpected.items()]
    return rows


def _path(tensor: Any, node: Node) -> str:
    return getattr(tensor, "path", None) or node.name


def _state_of(
    optimizer: Any, model: Any, bundle: Bundle, nodes: list[Node], number: int, matches: Matches
) -> list[tuple]:
    """Tensors and values of the state of the optimizer; none, after a warning, when it is of another one."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_weights)
    fit = Fit(model)
    fit.add(optimizer_rows(optimizer, bundle, nodes, number, matches))
    fit.add(scale_rows(model.optimizer, bundle, nodes, number))
    try:
        fit.check()
    except ShapeError as error:
        warn_user(f"The state of the optimizer {optimizer.name!r} is not loaded: {error}")
        return []
    return fit.values

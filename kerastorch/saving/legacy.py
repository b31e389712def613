"""The HDF5 layout of Keras 1 and 2: weights by layer in `weight_names`, the model's config in attributes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
import torch

from kerastorch.errors import CorruptModelError, ShapeError
from kerastorch.saving.atomic import atomic_file
from kerastorch.saving.description import (
    KERAS_VERSION,
    compile_config,
    describe,
    from_json,
    json_of,
    make_model,
)
from kerastorch.saving.extras import live_extra_state, prepare_optimizer, restore_extra
from kerastorch.saving.fit import Fit, settle
from kerastorch.saving.h5 import Saved, check_total, members, opened, stored_array
from kerastorch.saving.h5_writing import NewFile, new_file
from kerastorch.saving.legacy_classes import is_keras_1, is_old, modern
from kerastorch.saving.legacy_configs import (
    read_training_config,
    to_legacy,
    with_modules,
    write_training_config,
)
from kerastorch.saving.legacy_keras1 import weights_of_keras_1
from kerastorch.saving.legacy_optimizers import values_of_keras_2

_ATTRIBUTE_BYTES = 64512  # what HDF5 can hold in one attribute
_TOP = "top_level_model_weights"
_OURS = "kerastorch"

# Writing -------------------------------------------------------------------------------------------------------------


def write_model(model: Any, path: str, include_optimizer: bool) -> None:
    """Writes a whole model.

    Args:
        model: the model.
        path: the file.
        include_optimizer: whether the compile arguments and the state of the optimizer are part of it.

    Raises:
        SerializationError: when a layer cannot be written to a config; nothing is written then.
    """
    config = to_legacy(json.loads(describe(model, include_optimizer=False)), top=True)
    compiled = compile_config(model) if include_optimizer and model.compiled else None
    with atomic_file(path) as temporary, new_file(str(temporary)) as made:
        root = made.root
        _mark(root)
        root.attrs["model_config"] = json.dumps(config).encode()
        _write_layers(made, root.create_group("model_weights"), model)
        if compiled:
            root.attrs["training_config"] = json.dumps(write_training_config(compiled)).encode()
        if compiled and hasattr(model.optimizer, "variables"):
            variables = model.optimizer.variables
            _write_weights(made, root.create_group("optimizer_weights"), variables)
        for name, array in live_extra_state(model, bool(compiled)).items():
            made.add(root, name, array)


def write_weights(model: Any, path: str) -> None:
    """Writes the weights of a model, without the state of the optimizer.

    Args:
        model: the model.
        path: the file.
    """
    with new_file(path) as made:
        _write_layers(made, made.root, model)


def _mark(group: Any) -> None:
    group.attrs["backend"], group.attrs["keras_version"] = b"torch", KERAS_VERSION.encode()


def _write_layers(made: NewFile, group: Any, model: Any) -> None:
    _write_names(group, "layer_names", [layer.name for layer in model.layers])
    _mark(group)
    for layer in sorted(model.layers, key=lambda one: one.name):
        _write_weights(made, group.create_group(layer.name), _weights_of(layer))
    _write_weights(made, group.create_group(_TOP), _weights_outside_layers(model))


def _weights_of(layer: Any) -> list[torch.Tensor]:
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _weights_outside_layers(model: Any) -> list[torch.Tensor]:
    inside = {id(weight) for layer in model.layers for weight in layer.weights}
    return [weight for weight in model.weights if id(weight) not in inside]


def _write_weights(made: NewFile, group: Any, weights: Sequence[torch.Tensor]) -> None:
    names: list[str] = []
    for number, weight in enumerate(weights):
        path = getattr(weight, "path", None) or f"weight_{number}"
        names.append(f"{path}_{number}" if path in names else path)
    _write_names(group, "weight_names", names)
    for name, weight in zip(names, weights, strict=True):
        made.add(group, name, weight)


def _write_names(group: Any, attribute: str, names: list[str]) -> None:
    encoded = [name.encode() for name in names]
    width = max(map(len, encoded), default=1)
    per_chunk = max(_ATTRIBUTE_BYTES // width, 1)
    if len(encoded) <= per_chunk:
        group.attrs[attribute] = encoded
        return
    for number, start in enumerate(range(0, len(encoded), per_chunk)):
        group.attrs[f"{attribute}{number}"] = encoded[start : start + per_chunk]


# Reading -------------------------------------------------------------------------------------------------------------


def is_legacy(file: str | BinaryIO, label: str) -> bool:
    """Returns whether an HDF5 file has this layout, rather than that of Keras 3.

    Raises:
        CorruptModelError: when it is damaged.
    """
    with opened(file, label) as root:
        return "model_weights" in root or bool(_names(root, "layer_names")) or "layer_names" in root.attrs


def read_model(
    file: str | BinaryIO, label: str, custom_objects: dict[str, Any] | None, compile: bool, safe_mode: bool
) -> Any:
    """Returns the model that a file holds.

    Args:
        file: a path, or a binary file.
        label: what errors call the file.
        custom_objects: names and the user's classes and functions that they stand for.
        compile: whether it is compiled as it was.
        safe_mode: refuses code in the config; there is no reader of such code here in any case.

    Raises:
        CorruptModelError: when it is damaged, or holds no model.
        ShapeError: when the weights do not fit the model.
    """
    with opened(file, label) as root:
        check_total(root, label)
        text = root.attrs.get("model_config")
        if text is None:
            raise CorruptModelError(
                f"{label} holds weights but no model: it has no 'model_config'. Make the model and use `load_weights`."
            )
        version = _version(root)
        old = is_old(version)
        config = from_json(text, label)
        config = with_modules(modern(config, version) if old else config)
        trained = root.attrs.get("training_config") if compile else None
        if trained is not None:
            config["compile_config"] = read_training_config(json_of(trained, label), old)
        model = make_model(config, custom_objects, compile, safe_mode, label)
        saved = {f"{_OURS}/{name}": array for name, array in _tree(root.get(_OURS), label)}
        fit = Fit(model)
        fit.add(_by_order(root["model_weights"], model, label))
        fit.add(_optimizer_variables(root, model, saved, label, old))
        fit.finish(skip_mismatch=False)
        restore_extra(model, saved)
    settle(model)
    return model


def _version(group: Any) -> str:
    """The version of Keras that wrote the weights of a group; empty where it does not say."""
    version = group.attrs.get("keras_version", "")
    return version.decode(errors="replace") if isinstance(version, bytes) else str(version)


def _tree(group: Any, label: str, path: str = "") -> Iterator[tuple[str, Saved]]:
    for name, member in members(group, label) if group is not None else ():
        if hasattr(member, "keys"):
            yield from _tree(member, label, f"{path}{name}/")
        else:
            yield f"{path}{name}", stored_array(member, label)


def read_weights(model: Any, file: str | BinaryIO, label: str, by_name: bool, skip_mismatch: bool) -> None:
    """Sets the weights of a model.

    Args:
        model: a built model.
        file: a path, or a binary file.
        label: what errors call the file.
        by_name: whether layers are found by their names; layers without a counterpart stay as they are then.
        skip_mismatch: whether weights that do not fit are left as they are after a warning.

    Raises:
        CorruptModelError: when the file is damaged.
        ShapeError: when weights do not fit; it names each, and nothing is changed.
    """
    fit = Fit(model)
    with opened(file, label) as root:
        check_total(root, label)
        group = root.get("model_weights", root)
        fit.add((_by_name if by_name else _by_order)(group, model, label))
        fit.finish(skip_mismatch)
    settle(model)


Row = tuple[str, "torch.Tensor | None", "Saved | None"]  # a name, where the value goes, the value


def _by_order(group: Any, model: Any, label: str) -> Iterator[Row]:
    """Pairs the layers that have weights with those in the file, in their order."""
    layers = [layer for layer in model.layers if layer.weights]
    saved = [
        name for name in _names(group, "layer_names") if _names(_group(group, name, label), "weight_names")
    ]
    if len(layers) != len(saved):
        raise ShapeError(
            f"Layer count mismatch when loading weights from file. Model expected {len(layers)} layers, found "
            f"{len(saved)} saved layers. {label} has {saved}, the model {[layer.name for layer in layers]}."
        )
    for layer, name in zip(layers, saved, strict=True):
        yield from _rows(layer.name, _weights_of(layer), _group(group, name, label), label, layer)
    if _TOP in group:
        yield from _rows(model.name, _weights_outside_layers(model), _group(group, _TOP, label), label)


def _by_name(group: Any, model: Any, label: str) -> Iterator[Row]:
    """Pairs the layers whose names are in the file."""
    saved = set(_names(group, "layer_names"))
    for layer in model.layers:
        if layer.name in saved:
            yield from _rows(layer.name, _weights_of(layer), _group(group, layer.name, label), label, layer)
    own = _weights_outside_layers(model)
    if _TOP in group and own:
        yield from _rows(model.name, own, _group(group, _TOP, label), label)


def _rows(name: str, weights: list[torch.Tensor], group: Any, label: str, layer: Any = None) -> Iterator[Row]:
    saved = _names(group, "weight_names")
    values: Any = [_dataset(group, path, label) for path in saved]
    if layer is not None and is_keras_1(_version(group.parent)):
        values = weights_of_keras_1(layer, [np.asarray(value) for value in values])
    values = getattr(layer, "weights_of_keras_2", list)(values)
    yield from _pairs(name, weights, saved, values)


def _pairs(name: str, weights: list[torch.Tensor], saved: list[str], values: list) -> Iterator[Row]:
    for number in range(max(len(weights), len(values))):
        weight = weights[number] if number < len(weights) else None
        path = getattr(weight, "path", None) or (saved[number] if number < len(saved) else f"{name}/{number}")
        yield path, weight, values[number] if number < len(values) else None


def _optimizer_variables(
    root: Any, model: Any, saved: dict[str, Saved], label: str, old: bool
) -> Iterator[Row]:
    optimizer: Any = getattr(model, "optimizer", None)
    if "optimizer_weights" not in root or not hasattr(optimizer, "variables"):
        return
    group = _group(root, "optimizer_weights", label)
    names = _names(group, "weight_names")
    trained: Any = saved.get(f"{_OURS}/optimizer/trains")
    prepare_optimizer(optimizer, model, len(names), trained)
    values: Any = [_dataset(group, name, label) for name in names]
    if old:
        prepare_optimizer(optimizer, model, -1, None)
        values = values_of_keras_2(optimizer, values)
    yield from _pairs(optimizer.name, optimizer.variables, names, values)


def _names(group: Any, attribute: str) -> list[str]:
    chunks = [attribute] if attribute in group.attrs else []
    while not chunks or chunks[0] != attribute:
        following = f"{attribute}{len(chunks)}"
        if following not in group.attrs:
            break
        chunks.append(following)
    names = [name for chunk in chunks for name in group.attrs[chunk]]
    return [name.decode() if isinstance(name, bytes) else str(name) for name in names]


def _group(parent: Any, path: str, label: str) -> Any:
    return _inside(parent, path, "Group", label)


def _dataset(parent: Any, path: str, label: str) -> Saved:
    return stored_array(_inside(parent, path, "Dataset", label), label)


def _inside(parent: Any, path: str, kind: str, label: str) -> Any:
    """What lies at a path inside a group; no link is followed on the way."""
    import h5py

    found = parent
    for name in path.split("/"):
        if not isinstance(found, h5py.Group) or name not in found:
            raise CorruptModelError(f"{label} is incomplete: it has nothing at {parent.name}/{path}.")
        if not isinstance(found.get(name, getlink=True), h5py.HardLink):
            raise CorruptModelError(f"{label} holds a link at {found.name}/{name}, which is never followed.")
        found = found[name]
    if not isinstance(found, getattr(h5py, kind)):
        raise CorruptModelError(f"{label}: {parent.name}/{path} is no {kind.lower()}.")
    return found

"""Models from the folders that `model.save` of tf.keras writes: SavedModels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from kerastorch import registry
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import CorruptModelError, KerasTorchError, UnsafeModelError
from kerastorch.saving.description import make_model
from kerastorch.saving.legacy_classes import modern
from kerastorch.saving.legacy_configs import read_training_config, with_modules
from kerastorch.saving.tensorflow.metadata import Described, read_metadata
from kerastorch.saving.tensorflow.vocabularies import read_vocabularies
from kerastorch.saving.tensorflow.weights import checkpoint_at, read_checkpoint

_OF_TENSORFLOW = {
    "Lambda": "which holds the bytecode of a Python function",
    "TFOpLambda": "made of a function of TensorFlow that has no counterpart here",
    "SlicingOpLambda": "made of a slice of a tensor",
    "ClassMethod": "made of a class method of TensorFlow",
    "InstanceMethod": "made of a method of an object of TensorFlow",
    "InstanceProperty": "made of a property of a tensor",
    "TensorFlowOpLayer": "made of an operation of TensorFlow's graphs",
}


def read_model(
    folder: str, label: str, custom_objects: dict[str, Any] | None, compile: bool, safe_mode: bool
) -> Any:
    """Returns the model that a SavedModel holds, trainable, with its weights and the state of its optimizer.

    The graph of TensorFlow in the folder is neither read nor executed: the model is made from the configs that Keras
    writes beside it.

    Args:
        folder: the folder.
        label: what errors call it.
        custom_objects: names and the user's classes and functions that they stand for.
        compile: whether it is compiled as it was.
        safe_mode: refuses code in the config; there is no reader of such code here in any case.

    Raises:
        CorruptModelError: when it is damaged, or holds no model of Keras.
        UnsafeModelError: when it names a class or function that is not registered, or holds code.
        ShapeError: when the weights do not fit the model.
    """
    objects = read_metadata(folder, label)
    root = objects[0]
    prefix = checkpoint_at(folder)
    if prefix is None:
        raise CorruptModelError(f"{label} is incomplete: it has no file 'variables/variables.index'.")
    config = _config(root, custom_objects, label)
    vocabularies = read_vocabularies(folder, objects, label)
    for layer in _layers(config["config"]):
        name = _inner(layer).get("name")
        if name in vocabularies:
            layer["config"]["vocabulary"] = vocabularies[name]
    training = root.facts.get("training_config")
    if compile and isinstance(training, dict):
        config["compile_config"] = read_training_config(training, is_old=True)
    model = make_model(config, custom_objects, compile, safe_mode, label)
    if not model.built:
        _build(model, root, label)
    read_checkpoint(model, prefix, layer_names=_layer_names(config))
    return model


def _config(root: Described, custom_objects: dict[str, Any] | None, label: str) -> dict:
    """The config of the model."""
    config = root.facts.get("model_config") or root.facts
    name, inner = root.facts.get("class_name", config.get("class_name")), config.get("config")
    if not isinstance(name, str) or not isinstance(inner, dict):
        raise CorruptModelError(
            f"{label} holds a model of the class {name!r} without a config. Give the class a `get_config()` before it "
            "is saved, or make the model and load its weights by `load_weights(folder + '/variables/variables')`."
        )
    version = str(root.facts.get("keras_version", "2"))
    with registry.CustomObjectScope(custom_objects or {}):
        config = with_modules(modern({"class_name": name, "config": inner}, version))
        for layer in _layers(config["config"]):
            _refuse_tensorflow(layer, label)
    return config


def _refuse_tensorflow(layer: dict, label: str) -> None:
    kind = str(layer.get("class_name"))
    what = _OF_TENSORFLOW.get(kind.partition("(")[0])
    if what is not None and registry.find_custom(kind) is None:
        raise UnsafeModelError(
            f"{label} holds the layer {_inner(layer).get('name')!r} of the class {kind}, {what}. It has no meaning "
            "without TensorFlow, and code of a file is never executed. Make the model anew with layers of Keras, and "
            "load its weights by `load_weights(folder + '/variables/variables')`."
        )


def _inner(layer: dict) -> dict:
    inner = layer.get("config")
    return inner if isinstance(inner, dict) else {}


def _layers(config: dict) -> Iterator[dict]:
    """The configs of all layers, those of models inside the model too."""
    layers = config.get("layers")
    for layer in layers if isinstance(layers, list) else ():
        if isinstance(layer, dict):
            yield layer
            yield from _layers(_inner(layer))
    inner = config.get("layer")
    if isinstance(inner, dict):
        yield inner
        yield from _layers(_inner(inner))


def _layer_names(config: dict) -> list[str]:
    """The names of the layers in the order in which the graph of objects numbers them."""
    layers = [layer for layer in _inner(config).get("layers", ()) if isinstance(layer, dict)]
    if config["class_name"] == "Sequential":
        layers = [layer for layer in layers if layer.get("class_name") != "InputLayer"]
    return [str(layer.get("name") or _inner(layer).get("name")) for layer in layers]


def _build(model: Any, root: Described, label: str) -> None:
    """Makes the weights of a model that is written as a class, by a call on zeros like its inputs."""
    spec = root.facts.get("save_spec")
    shape = root.facts.get("build_input_shape")
    try:
        if spec is not None:
            with torch.no_grad():
                model(_zeros(spec))
        elif shape is not None:
            model.build(shape)
    except KerasTorchError as error:
        raise CorruptModelError(
            f"{label}: its model cannot be called on the inputs that it was saved with: {error}"
        ) from error


def _zeros(spec: Any) -> Any:
    if isinstance(spec, list):
        return [_zeros(one) for one in spec]
    if spec.get("class_name") == "TypeSpec":
        shape, dtype = spec["serialized"][:2]
        return torch.zeros([size or 1 for size in shape], dtype=torch_dtype(dtype))
    return {key: _zeros(one) for key, one in spec.items()}

"""A harmless model, the files that hold it, and every way in."""

from __future__ import annotations

import copy
import functools
import io
import json
import pickle
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import joblib
import torch

import kerastorch
from kerastorch import layers, saving
from kerastorch.models import model_from_config, model_from_json
from tests.security.bundles import facts_of, metadata, saved_model

META = b'{"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}'


def harmless() -> Any:
    """A small model, built and compiled."""
    model = kerastorch.Sequential(
        [kerastorch.Input((4,)), layers.Dense(3, name="one"), layers.Dense(2, name="two")]
    )
    model.compile("sgd", "mse")
    return model


@functools.cache
def _saved() -> tuple[bytes, bytes]:
    stream = io.BytesIO()
    harmless().save(stream)
    with zipfile.ZipFile(stream) as archive:
        return archive.read("config.json"), archive.read("model.weights.h5")


def config() -> dict:
    """The model's config, a new one at each call."""
    return json.loads(_saved()[0])


def weights() -> bytes:
    """The content of its weights file."""
    return _saved()[1]


def with_layer(layer: Any) -> dict:
    """The model's config with one more layer.

    Args:
        layer: its config.
    """
    found = config()
    found["config"]["layers"].append(layer)
    return found


def zipped(path: Path, members: Mapping[str, bytes | str]) -> Path:
    """Writes an archive of the model with some members replaced or added.

    Args:
        path: the file.
        members: contents by name.
    """
    usual = {"metadata.json": META, "config.json": _saved()[0], "model.weights.h5": weights()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**usual, **members}.items():
            archive.writestr(name, content)
    return path


def _as_json(config: Any) -> str:
    return config if isinstance(config, str) else json.dumps(config)


def _archive(config: Any, folder: Path) -> Path:
    return zipped(folder / "model.keras", {"config.json": _as_json(config)})


def _folder(config: Any, folder: Path) -> Path:
    place = folder / "model"
    place.mkdir()
    (place / "metadata.json").write_bytes(META)
    (place / "config.json").write_text(_as_json(config))
    (place / "model.weights.h5").write_bytes(weights())
    return place


def _stream(config: Any, folder: Path) -> io.BytesIO:
    return io.BytesIO(_archive(config, folder).read_bytes())


def _h5(config: Any, folder: Path) -> Path:
    path = folder / "model.h5"
    harmless().save(path)
    with h5py.File(path, "a") as root:
        root.attrs["model_config"] = _as_json(config)
        compiled = config.get("compile_config") if isinstance(config, dict) else None
        if compiled:
            compiled = {"optimizer_config": compiled.get("optimizer"), **compiled}
            root.attrs["training_config"] = json.dumps(compiled)
    return path


def _saved_model(config: Any, folder: Path) -> Path:
    return saved_model(folder / "model", {"keras_metadata.pb": metadata(facts_of(config))})


class _Reducer:
    """Pickled as a call of the library with a config."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __reduce__(self) -> Any:
        return model_from_json, (self.text,)


def _pickled(config: Any, folder: Path) -> bytes:
    return pickle.dumps(_Reducer(_as_json(config)))


def _dumped(config: Any, folder: Path) -> Path:
    joblib.dump(_Reducer(_as_json(config)), folder / "model.joblib")
    return folder / "model.joblib"


@saving.register_keras_serializable("tests")
class Trojan(layers.Layer):
    """A layer that has a config inside its own."""

    def __init__(self, inner: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, x: Any) -> Any:
        return x

    def get_config(self) -> dict:
        return {**super().get_config(), "inner": self.inner}

    @classmethod
    def from_config(cls, config: dict) -> Any:
        return cls(**{**config, "inner": saving.deserialize_keras_object(config["inner"])})


def _trojan(config: Any, folder: Path) -> Any:
    return kerastorch.Sequential([kerastorch.Input((4,)), Trojan(json.loads(_as_json(config)))])


def _text(config: Any, folder: Path) -> str:
    return _as_json(config)


def _parsed(config: Any, folder: Path) -> Any:
    return copy.deepcopy(config) if isinstance(config, dict) else json.loads(config)


def _inner(config: Any, folder: Path) -> Any:
    return _parsed(config, folder)["config"]


def _class_of(config: Mapping) -> Any:
    return kerastorch.Sequential if "build_input_shape" in config else kerastorch.Model


# Every way in that makes a model from its config: what writes the config down, and what reads it.
WAYS: dict[str, tuple[Callable[[Any, Path], Any], Callable[[Any], Any]]] = {
    "keras": (_archive, kerastorch.models.load_model),
    "keras unsafe": (_archive, lambda path: kerastorch.models.load_model(path, safe_mode=False)),
    "folder": (_folder, kerastorch.models.load_model),
    "stream": (_stream, kerastorch.models.load_model),
    "h5": (_h5, kerastorch.models.load_model),
    "saved_model": (_saved_model, kerastorch.models.load_model),
    "json": (_text, model_from_json),
    "model_from_config": (_parsed, model_from_config),
    "from_config": (_inner, lambda config: _class_of(config).from_config(config)),
    "deserialize": (_parsed, saving.deserialize_keras_object),
    "layers.deserialize": (_parsed, layers.deserialize),
    "pickle": (_pickled, pickle.loads),
    "joblib": (_dumped, joblib.load),
    "clone": (_trojan, kerastorch.models.clone_model),
}
# Ways that read the weights or the values only, and must not look at the config.
BESIDE: dict[str, tuple[Callable[[Any, Path], Any], Callable[[Any], Any]]] = {
    "load_weights": (_archive, lambda path: harmless().load_weights(path)),
    "editor": (_archive, kerastorch.saving.KerasFileEditor),
    "weights of a saved_model": (_saved_model, lambda path: harmless().load_weights(path)),
    "weights of a folder": (_folder, lambda path: harmless().load_weights(path)),
    "deepcopy": (_trojan, copy.deepcopy),
}


def warm_up() -> None:
    """Goes every way once with harmless files, and meets one error."""
    import tempfile

    with torch.device("meta"):
        pass
    stream = io.BytesIO()
    torch.save({"weight": torch.ones(2)}, stream)
    torch.load(io.BytesIO(stream.getvalue()), weights_only=True)
    for write, read in (*WAYS.values(), *BESIDE.values()):
        with tempfile.TemporaryDirectory() as folder:
            read(write(config(), Path(folder)))

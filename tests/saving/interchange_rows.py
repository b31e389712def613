"""A row of the catalogue of layers in a model, written once for both libraries, that trains and goes through files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import torch

import kerastorch
from tests.catalog.row import BATCH, Row, with_layers
from tests.conformance.pairs import weights_like

FILES = WEIGHTS, ARCHIVE, H5 = "model.weights.h5", "model.keras", "model.h5"
ASIDE = np.random.default_rng(5).normal(size=(BATCH, 2)).astype("float32")
_DTYPES = {"integers": "int64", "words": "string"}


def holder_of(k: Any) -> type:
    """A class that holds a layer and calls it, for layers of which Keras makes no functional model."""

    class Holder(k.Model):
        def __init__(self, layer: Any, call: dict, apart: bool, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.layer, self.given, self.apart = layer, call, apart
            self.beside = k.layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            *own, aside = inputs
            own = own if self.apart else own[:1]
            outputs = self.layer(*own, **{key: k.ops.convert_to_tensor(v) for key, v in self.given.items()})
            return [*k.tree.flatten(outputs), self.beside(aside)]

        def get_config(self) -> dict:
            parts = {"layer": self.layer, "call": self.given}
            config = {key: k.saving.serialize_keras_object(value) for key, value in parts.items()}
            return {"name": self.name, "apart": self.apart, **config}

        @classmethod
        def from_config(cls, config: dict) -> Any:
            parts = {key: k.saving.deserialize_keras_object(config[key]) for key in ("layer", "call")}
            return cls(**{**config, **parts})

        def get_build_config(self) -> dict:
            return {"shapes": self.shapes}

        def build_from_config(self, config: dict) -> None:
            self.shapes = config["shapes"]
            self([k.ops.zeros(shape) for shape in self.shapes])

    return k.saving.register_keras_serializable("catalog", "Holder")(Holder)


HOLDERS = {k: holder_of(k) for k in (kerastorch, keras)}


@dataclass
class Case:
    """A model around the layer of a row, and what it should be after it has gone through a file.

    Attributes:
        row: the row.
        library: `kerastorch` or `keras`.
        seed: tells the weights of one model from those of another.
        held: whether the model is a class that holds the layer; otherwise it is functional.
        trains: whether the model is compiled, and trained for one step.
    """

    row: Row
    library: Any
    seed: int
    held: bool = False
    trains: bool = True
    model: Any = field(init=False)
    labels: list[np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        self.model = (self._holder if self.held else self._functional)()
        self.model.set_weights(
            [
                np.roll(value, self.seed, -1) if value.ndim else value
                for value in weights_like(weights_of(self.model))
            ]
        )
        for layer in self.model.layers:
            if layer.weights and hasattr(layer, "finalize_state"):
                layer.finalize_state()  # only then Keras's `Normalization` uses them
        if self.trains:
            self._compile()
            self.step()

    def data(self) -> list[np.ndarray]:
        """The inputs: those of the layer, and one of a dense layer beside it, so that all models train."""
        return [*self.row.arrays(), ASIDE]

    def _layer(self) -> Any:
        k = self.library
        return getattr(k.layers, self.row.name)(
            **{"name": "row", **with_layers(self.row.kwargs, k.layers, {})}
        )

    def _functional(self) -> Any:
        k, row = self.library, self.row
        dtype = _DTYPES.get(row.values, "float32")
        inputs = [k.Input(shape, dtype=dtype, name=f"x{i}") for i, shape in enumerate(row.sample_shapes())]
        aside = k.Input((2,), name="aside")
        given = inputs if row.apart else [inputs if row.several else inputs[0]]
        outputs = k.tree.flatten(self._layer()(*given, **row.call))
        return k.Model([*inputs, aside], [*outputs, k.layers.Dense(1, name="beside")(aside)], name="model")

    def _holder(self) -> Any:
        model = HOLDERS[self.library](self._layer(), self.row.call, self.row.apart, name="model")
        model.build_from_config({"shapes": [list(x.shape) for x in self.data()]})
        return model

    def _compile(self) -> None:
        first, *others = outputs_of(self.model, self.data())
        layer = self.model.layer if self.held else self.model.get_layer("row")
        learns = bool(layer.trainable_weights) and first.dtype.kind == "f" and len(first) == BATCH
        outputs, trains = [first, *others], [learns, *(False for _ in others[:-1]), True]
        self.labels = [
            0.9 * value if good else np.zeros((BATCH, 1), "float32")
            for value, good in zip(outputs, trains, strict=True)
        ]
        names = ["mean_squared_error" if good else None for good in trains]
        # The epsilon is above the noise of gradients that are zero, such as those of the bias of a key.
        self.model.compile(self.library.optimizers.Adam(0.01, epsilon=0.01, name="adam"), loss=names)

    def step(self, model: Any = None) -> None:
        """Trains the model, or another one, on one batch; layers that draw get made-up gradients instead."""
        model = model or self.model
        if not self.row.random:
            model.train_on_batch(self.data(), self.labels)
            return
        weights = model.trainable_variables
        gradients = [torch.linspace(-0.1, 0.2, w.numpy().size).reshape(tuple(w.shape)) for w in weights]
        model.optimizer.apply_gradients(zip(gradients, weights, strict=True))

    def path(self, folder: Path, file: str) -> Path:
        """Where a file of the library goes."""
        return folder / f"{self.library.__name__}.{file}"

    def write(self, folder: Path, files: tuple[str, ...]) -> dict[str, Path]:
        """Writes files and returns their paths. Once Keras has written `.h5`, it forgets the optimizer elsewhere."""
        paths = {file: self.path(folder, file) for file in files}
        for file, path in paths.items():
            self.model.save_weights(path) if file == WEIGHTS else self.model.save(path)
        return paths


def outputs_of(model: Any, data: list[np.ndarray]) -> list[np.ndarray]:
    """The outputs at inference, copied."""
    with torch.no_grad():
        found = model(data, training=False)
    return [np.array(x.detach() if torch.is_tensor(x) else x) for x in found]


def weights_of(model: Any) -> list[np.ndarray]:
    """Copies of the weights."""
    return [np.array(value) for value in model.get_weights()]


def moments_of(model: Any) -> list[np.ndarray]:
    """Copies of the variables of the optimizer, none without one."""
    return [
        np.array((v if torch.is_tensor(v) else v.value).detach(), dtype="float32")
        for v in getattr(getattr(model, "optimizer", None), "variables", ())
    ]


def same(found: list[np.ndarray], expected: list[np.ndarray], tolerance: float) -> None:
    """Fails unless arrays agree in number, shape and value."""
    assert [a.shape for a in found] == [b.shape for b in expected]
    for one, other in zip(found, expected, strict=True):
        if one.dtype == object:
            assert one.tolist() == other.tolist()
        else:
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=tolerance)

"""Every layer of the catalogue in a model: what Keras 3.15.1 writes is read here, and the other way round.

Each row is six journeys: two directions and three formats. The model has been trained for a step; outputs, weights and
what the optimizer remembers must be those of the writer, and one more step must do the same to both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import kerastorch
from tests.catalog.layers import LAYERS
from tests.catalog.row import Row
from tests.conformance.essence import essence
from tests.conformance.pairs import params
from tests.saving import pairs
from tests.saving.interchange_rows import (
    FILES,
    H5,
    HOLDERS,
    Case,
    moments_of,
    outputs_of,
    same,
    weights_of,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@dataclass(frozen=True)
class Fault:
    """What Keras 3.15.1 cannot do, though a row is a good one.

    Attributes:
        why: what is wrong in Keras.
        rows: which rows have it.
        steps: where it shows: as Keras `"writes"` its `.h5`, `"reads"` any, or reads `"its own"`.
    """

    why: str
    rows: Callable[[Row], bool]
    steps: tuple[str, ...] = ("reads",)


def _is_circular(row: Row) -> bool:
    return row.name == "Equalization"


def _lacks_shapes(row: Row) -> bool:
    masked = {"attention_mask", "use_causal_mask"} & set(row.call)
    return row.name == "MultiHeadAttention" and "return_attention_scores" in row.call and bool(masked)


def _has_several_axes(row: Row) -> bool:
    axis = row.kwargs.get("axis", -1)
    kinds = ("LayerNormalization", "Normalization", "RMSNormalization", "Softmax", "UnitNormalization")
    return (
        row.name in kinds
        and "mean" not in row.kwargs
        and (axis is None or (not isinstance(axis, int) and len(axis) > 1))
    )


_WITH_MODULES = {
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomPosterization",
    "RandomSaturation",
    "RandomSharpness",
    "Solarization",
}

# Rows of which Keras makes no functional model, so that a class holds the layer.
HELD = [
    Fault("the symbolic output of the layer is its input: the graph is a circle", _is_circular),
    Fault("it finds no shape of scores where a mask is given", _lacks_shapes),
]

# Rows with an `.h5` file that Keras cannot cope with; each is tried with Keras alone, and must fail.
FAULTS = [
    *(
        Fault(
            "it neither notes nor reads how a class of the user's is built", fault.rows, ("writes", "reads")
        )
        for fault in HELD
    ),
    Fault("it drops `axis` of None or several numbers, and the default takes its place", _has_several_axes),
    Fault(
        "it takes the word `dot` for the function of that name, and the layer refuses that",
        lambda row: row.name == "Attention" and row.kwargs.get("score_mode", "dot") == "dot",
        steps=("its own",),
    ),
    Fault(
        "it copies every value of the config, and one of them is a module",
        lambda row: row.name in _WITH_MODULES,
        steps=("writes",),
    ),
]

# Rows that are frozen here and not in Keras, where the layer inside does not know of it.
UNFROZEN_IN_KERAS = ["SpectralNormalization(layer=Dense(units=3,name=inner),trainable=False)-(5,)"]


def of(row: Row, faults: list[Fault]) -> Fault | None:
    return next((fault for fault in faults if fault.rows(row)), None)


def read(library: Any, path: Path) -> Any:
    return library.models.load_model(path, custom_objects={"Holder": HOLDERS[library]})


@dataclass
class Journey:
    """From one library to the other; what the writer is at its start is kept."""

    writer: Case
    reader: Case
    outputs: list = field(init=False)
    weights: list = field(init=False)
    moments: list = field(init=False)

    def __post_init__(self) -> None:
        self.outputs = outputs_of(self.writer.model, self.writer.data())
        self.weights, self.moments = weights_of(self.writer.model), moments_of(self.writer.model)

    def make(self, files: dict[str, Path]) -> None:
        """Reads the files, whose first holds weights alone, and compares what comes of them with the writer."""
        weights, *whole = files.values()
        self.reader.model.load_weights(weights)
        models = [self.reader.model, *(read(self.reader.library, path) for path in whole)]
        for model in models:
            self.check_state(model)
        if self.writer.trains:
            self.writer.model.load_weights(weights)
            forgets = self.reader.library is keras  # see the last test
            self.check_training(
                [m for m, file in zip(models, files, strict=True) if not (forgets and file == H5)]
            )

    def check_state(self, model: Any) -> None:
        row, outputs = self.writer.row, outputs_of(model, self.writer.data())
        same(weights_of(model), self.weights, 0)
        same(outputs[-1:], self.outputs[-1:], 1e-6)
        if row.by_keras:  # elsewhere Keras on torch computes something else, see `because` of the row
            same(outputs, self.outputs, 1e-6 if row.tolerance < 1e-5 else row.tolerance)
        if model is not self.reader.model:
            same(outputs, outputs_of(self.reader.model, self.reader.data()), 1e-6)

    def check_training(self, models: list[Any]) -> None:
        for model in models:
            same(moments_of(model), self.moments, 1e-7)
            assert essence(model.optimizer.get_config()) == essence(self.writer.model.optimizer.get_config())
        self.writer.step()
        for model in models:
            self.writer.step(model)
            same(weights_of(model), weights_of(self.writer.model), 1e-5)
            same(moments_of(model), moments_of(self.writer.model), 1e-5)


def keras_refuses(case: Case, path: Path) -> bool:
    """Whether Keras cannot write a model, or cannot read what it wrote, or not rightly."""
    try:
        case.model.save(path)
        same(outputs_of(read(keras, path), case.data()), outputs_of(case.model, case.data()), 1e-6)
    except (AssertionError, TypeError, ValueError):
        return True
    return False


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.in_keras))
def test_files_are_exchanged_with_keras(row, tmp_path):
    held, trains = of(row, HELD) is not None, row.id not in UNFROZEN_IN_KERAS
    ours, theirs = (Case(row, k, seed, held, trains) for seed, k in enumerate((kerastorch, keras)))
    journeys = [Journey(ours, theirs), Journey(theirs, ours)]
    fault = of(row, FAULTS)
    steps = fault.steps if fault else ()
    files = [ours.write(tmp_path, FILES), theirs.write(tmp_path, FILES[:2] if fault else FILES)]
    if fault:
        own = theirs.path(tmp_path, H5)
        assert keras_refuses(theirs, own), fault.why
        files[1] |= {} if "writes" in steps else {H5: own}
    if "reads" in steps:
        same(outputs_of(read(kerastorch, files[0].pop(H5)), ours.data()), journeys[0].outputs, 0)
    for journey, paths in zip(journeys, files, strict=True):
        journey.make(paths)


def test_keras_forgets_the_optimizer_of_its_own_hdf5_files(tmp_path):
    model = pairs.functional(keras)
    model.compile("adam", "mean_squared_error")
    model.fit(pairs.X, pairs.X[:, :3], verbose=0)
    model.save(tmp_path / "model.h5")
    found = keras.models.load_model(tmp_path / "model.h5").optimizer
    assert (len(model.optimizer.variables), len(found.variables)) == (2 + 2 * 7, 2)


def test_optimizers_of_keras_hold_what_is_inside_a_frozen_layer(tmp_path):
    def model_of(k):
        layers = [k.layers.TimeDistributed(k.layers.Dense(3), trainable=False), k.layers.Dense(2)]
        model = k.Sequential([k.Input((4, 5)), *layers])
        model.compile("adam", "mean_squared_error")
        return model

    theirs, x = model_of(keras), np.ones((2, 4, 5), "float32")
    theirs.train_on_batch(x, np.zeros((2, 4, 2)))
    theirs.save(tmp_path / "model.keras")
    ours = kerastorch.models.load_model(tmp_path / "model.keras")
    same(moments_of(ours), moments_of(theirs), 0)
    before = weights_of(ours)
    ours.train_on_batch(x, np.zeros((2, 4, 2)))
    assert [np.array_equal(a, b) for a, b in zip(before, weights_of(ours), strict=True)] == [True] * 2 + [
        False
    ] * 2


def test_a_file_of_keras_that_has_lost_its_optimizer_gives_a_model_that_is_not_compiled(tmp_path):
    theirs = pairs.functional(keras)
    theirs.compile("adam", "mean_squared_error")
    theirs.fit(pairs.X, pairs.X[:, :3], verbose=0)
    theirs.save(tmp_path / "model.h5")  # Keras takes the optimizer out of the compile arguments for good
    theirs.save(tmp_path / "model.keras")
    with pytest.warns(UserWarning, match="names no optimizer"):
        ours = kerastorch.models.load_model(tmp_path / "model.keras")
    assert not ours.compiled
    same(weights_of(ours), weights_of(theirs), 0)

"""ONNX files: their names, their versions, what cannot be written, and what onnxruntime makes of them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from kerastorch import InputSpec, Model, Sequential, layers, tree
from kerastorch.errors import InvalidArgumentError, MissingDependencyError
from kerastorch.export import onnx as writer
from tests.export.test_source import vision

DENSE = Sequential([layers.Input((5,)), layers.Dense(2, name="a")])


def interface(path: Any) -> tuple[list[str], list[str]]:
    """The names of the inputs and outputs of a file."""
    graph = onnx.load(path).graph
    return [entry.name for entry in graph.input], [entry.name for entry in graph.output]


def agree(model: Model, path: Any, arrays: dict[str, np.ndarray], tolerance: float = 1e-5) -> None:
    """Fails unless onnxruntime and `predict` give the same numbers for batches of 1, 2 and 5."""
    session = onnxruntime.InferenceSession(path)
    names = [entry.name for entry in session.get_outputs()]
    for rows in (1, 2, 5):
        given = {name: array[:rows] for name, array in arrays.items()}
        found = dict(zip(names, session.run(None, given), strict=True))
        wanted = model.predict(given if len(given) > 1 else next(iter(given.values())), verbose=0)
        named = wanted if isinstance(wanted, dict) else dict(zip(names, tree.flatten(wanted), strict=True))
        for name, array in named.items():
            np.testing.assert_allclose(found[name], array, rtol=tolerance, atol=tolerance / 10)


def x() -> Any:
    """The input of the table of names."""
    return layers.Input((5,), name="x")


def dictionary() -> Model:
    given = x()
    y = layers.Dense(2, name="a")(given)
    return Model(given, {"z": y, "addmm": y * 2, "x": [y + 1]})


def own(inputs: Any) -> Model:
    """A subclassed model that was called once."""

    class Own(Model):
        def call(self, inputs):
            return tree.map_structure(lambda x: x * 2, inputs)

    model = Own()
    model(inputs)
    return model


NAMES = {
    "functional": (lambda: Model(given := x(), layers.Dense(2, name="a")(given)), None, ["x"], ["a"]),
    "keys": (dictionary, None, ["x"], ["z", "addmm", "x_0"]),
    "twice": (lambda: Model(given := x(), [given, layers.ReLU(name="r")(given)]), None, ["x"], ["x_1", "r"]),
    "given": (lambda: DENSE, [InputSpec(shape=(None, 5), dtype="float32", name="mine")], ["mine"], ["a"]),
    "one": (lambda: own(torch.ones(1, 5)), None, ["input_0"], ["output_0"]),
    "list": (
        lambda: own([torch.ones(1, 5)] * 2),
        None,
        ["input_0", "input_1"],
        ["output_0", "output_1"],
    ),
    "dictionary": (lambda: own({"q": torch.ones(1, 5), "p": torch.ones(1, 5)}), None, ["p", "q"], ["p", "q"]),
}


@pytest.mark.parametrize("name", NAMES)
def test_inputs_and_outputs_have_the_names_of_the_model(tmp_path, name):
    make, signature, inputs, outputs = NAMES[name]
    make().export(tmp_path / "model.onnx", format="onnx", verbose=False, input_signature=signature)
    found = interface(tmp_path / "model.onnx")
    assert found[0] == inputs
    assert [name.removesuffix("_1") for name in sorted(found[1])] == [
        n.removesuffix("_1") for n in sorted(outputs)
    ]


def masked() -> tuple[Model, dict[str, np.ndarray]]:
    """Masked steps at the front, in the midst and at the end, both directions, several recurrent layers."""
    words = layers.Input((6,), dtype="int64", name="words")
    steps = layers.Embedding(9, 4, mask_zero=True)(words)
    both = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(steps)
    ends = [layers.GRU(2)(both), layers.SimpleRNN(2)(both), layers.LSTM(2, go_backwards=True)(steps)]
    average = layers.GlobalAveragePooling1D()(both)
    given = np.random.default_rng(0).integers(0, 3, (5, 6))
    return Model(words, layers.Concatenate()([*ends, average])), {"words": given}


def augmented() -> tuple[Model, dict[str, np.ndarray]]:
    """Random images, which `predict` leaves as they are, and noise, before a convolution."""
    images = layers.Input((8, 8, 3), name="images")
    y = layers.RandomFlip()(layers.RandomBrightness(0.5, seed=3)(layers.Rescaling(1 / 255)(images)))
    y = layers.GaussianNoise(0.5)(layers.Dropout(0.5)(layers.Conv2D(4, 3)(y)))
    given = np.random.default_rng(0).uniform(0, 255, (5, 8, 8, 3)).astype("float32")
    return Model(images, layers.Flatten()(y)), {"images": given}


def tabular() -> tuple[Model, dict[str, np.ndarray]]:
    """Preprocessing of numbers and of classes inside the model."""
    age, city = layers.Input((1,), name="age"), layers.Input((1,), dtype="int64", name="city")
    lookup = layers.IntegerLookup(vocabulary=[7, 11, 13], output_mode="one_hot")
    parts = [
        layers.Discretization([20.0, 40.0], output_mode="one_hot")(age),
        layers.Normalization(mean=30.0, variance=4.0)(age),
        lookup(city),
    ]
    given = {"age": np.float32([[10], [20], [30], [40], [50]]), "city": np.int64([[7], [13], [2], [11], [0]])}
    return Model([age, city], layers.Dense(2)(layers.Concatenate()(parts))), given


def nested() -> tuple[Model, dict[str, np.ndarray]]:
    """A shared model inside, and a subclassed layer with arguments."""

    class Scale(layers.Layer):
        def call(self, x, by, training=None):
            return x * 100 if training else x * by

    inner = Sequential([layers.Input((4,)), layers.Dense(4, activation="mish"), layers.BatchNormalization()])
    a, b = layers.Input((4,), name="first"), layers.Input((4,), name="second")
    y = layers.Dot(axes=1, normalize=True)([inner(a), inner(b)])
    arrays = np.random.default_rng(0).normal(size=(2, 5, 4)).astype("float32")
    return Model([a, b], Scale()(y, by=3.0)), {"first": arrays[0], "second": arrays[1]}


def half() -> tuple[Model, dict[str, np.ndarray]]:
    """Layers that compute in float16 and give float32."""
    given = layers.Input((4,), name="given")
    y = layers.Dense(8, activation="relu", dtype="mixed_float16")(given)
    outputs = layers.Dense(2, dtype="float32")(y)
    return Model(given, outputs), {"given": np.random.default_rng(0).normal(size=(5, 4)).astype("float32")}


@pytest.mark.parametrize("network", [masked, augmented, tabular, nested, half])
def test_onnxruntime_computes_what_predict_does(tmp_path, network):
    model, arrays = network()
    model.export(tmp_path / "model.onnx", format="onnx", verbose=False)
    agree(model, tmp_path / "model.onnx", arrays, 1e-2 if network is half else 1e-5)


def test_large_models_keep_their_weights_beside_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "_is_large", lambda model: True)
    model = Sequential([layers.Input((300,)), layers.Dense(300)])
    model.export(tmp_path / "model.onnx", format="onnx", verbose=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.onnx", "model.onnx.data"]
    name = interface(tmp_path / "model.onnx")[0][0]
    agree(model, tmp_path / "model.onnx", {name: np.eye(5, 300, dtype="float32")})


def test_the_version_of_the_operators_is_the_one_asked_for(tmp_path):
    DENSE.export(tmp_path / "model.onnx", format="onnx", verbose=False, opset_version=20)
    assert onnx.load(tmp_path / "model.onnx").opset_import[0].version == 20
    with pytest.raises(InvalidArgumentError, match="`opset_version=12`: torch writes version 18"):
        DENSE.export(tmp_path / "old.onnx", format="onnx", opset_version=12)
    assert not (tmp_path / "old.onnx").exists()


def test_layers_that_onnx_has_no_operator_for_are_named(tmp_path):
    class Bessel(layers.Layer):
        def call(self, x):
            return torch.special.bessel_j1(x)

    model = Sequential([layers.Input((5,)), Bessel(name="waves")], name="sea")
    with pytest.raises(InvalidArgumentError, match=r"'sea' cannot be written as ONNX.* in `.*self\.waves\("):
        model.export(tmp_path / "model.onnx", format="onnx")


def test_onnx_without_its_packages_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingDependencyError, match=r"pip install kerastorch\[export\]"):
        vision().export(tmp_path / "model.onnx", format="onnx")


def test_torch_s_own_writer_works_beside_kerastorch(tmp_path):
    class Plain(torch.nn.Module):
        def forward(self, x):
            return x.to(torch.float32) / 2

    torch.onnx.export(Plain(), (torch.ones(2, 3, dtype=torch.int64),), tmp_path / "plain.onnx", verbose=False)
    session = onnxruntime.InferenceSession(tmp_path / "plain.onnx")
    assert (session.run(None, {"x": np.full((2, 3), 3)})[0] == 1.5).all()

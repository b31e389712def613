"""The weights, graphs and embeddings of a model in TensorBoard."""

from __future__ import annotations

import io
import json
import re
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image
from tensorboard.plugins.graph.keras_util import keras_model_to_graph_def

import kerastorch as keras
from kerastorch.callbacks import TensorBoard
from kerastorch.callbacks.tensorboard_weights import weight_image
from tests.callbacks.boards import Reader, X, Y, compiled, fit, small_model


def test_histograms_of_weights_show_their_values(tmp_path):
    model = small_model()
    fit(model, TensorBoard(tmp_path, histogram_freq=2), epochs=3)
    reader = Reader(tmp_path / "train")
    tags = {tag for tag in reader.tags if tag.endswith("/histogram")}
    assert tags == {
        f"net/{weight}/histogram" for weight in ("hidden/kernel", "hidden/bias", "out/kernel", "out/bias")
    }
    for weight in model.weights:
        tag = f"{weight.path}/histogram"
        assert reader.steps(tag) == [0, 2]
        last = reader.values(tag)[-1]
        np.testing.assert_allclose(
            (last[0, 0], last[-1, 1]), (weight.min().item(), weight.max().item()), rtol=1e-6
        )
        assert last[:, 2].sum() == weight.numel()


@pytest.mark.parametrize("scale", [None, 128.0], ids=["plain", "scaled loss"])
def test_gradients_are_those_of_the_last_step(tmp_path, scale):
    model = small_model(keras.optimizers.SGD(0.5, loss_scale_factor=scale))
    model.get_layer("hidden").trainable = False
    before = model.get_layer("out").kernel.numpy()
    model.fit(
        X, Y, batch_size=16, verbose=0, callbacks=[TensorBoard(tmp_path, histogram_freq=1, write_grads=True)]
    )
    gradient = (before - model.get_layer("out").kernel.numpy()) / 0.5
    reader = Reader(tmp_path / "train")
    assert {tag for tag in reader.tags if tag.endswith("_grad")} == {
        "net/out/kernel_grad",
        "net/out/bias_grad",
    }
    (table,) = reader.values("net/out/kernel_grad")
    np.testing.assert_allclose((table[0, 0], table[-1, 1]), (gradient.min(), gradient.max()), rtol=1e-4)


def test_images_of_weights_are_as_large_as_the_weights(tmp_path):
    fit(small_model(), TensorBoard(tmp_path, histogram_freq=1, write_images=True))
    reader = Reader(tmp_path / "train")
    width, height, picture = reader.values("net/hidden/kernel/image")[0].tolist()
    assert (width, height) == (b"4", b"3")  # the kernel lies on its longer side
    pixels = np.asarray(Image.open(io.BytesIO(picture)))
    assert (pixels.min(), pixels.max()) == (0, 255)


@pytest.mark.parametrize(
    ("shape", "images"),
    [
        ((5,), (1, 1, 5, 1)),
        ((1, 5), (1, 1, 5, 1)),
        ((2, 5), (1, 2, 5, 1)),
        ((5, 2), (1, 2, 5, 1)),
        ((3, 4, 8), (8, 3, 4, 1)),
        ((3, 4, 1, 8), (8, 3, 4, 1)),
        ((3, 4, 8, 3), (3, 4, 8, 3)),
        ((3, 4, 8, 2), None),
        ((2, 3, 4, 5, 6), None),
        ((1,), None),
        ((0, 2), None),
    ],
    ids=str,
)
def test_which_weights_can_be_drawn(shape, images):
    found = weight_image(np.zeros(shape, "float32"))
    assert (None if found is None else found.shape) == images


def test_weights_of_plain_torch_modules_have_their_names_there(tmp_path):
    class Mixed(keras.Model):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.Linear(4, 3)
            self.second = keras.layers.Dense(2, name="second")

        def call(self, x):
            return self.second(self.first(x))

    model = Mixed()
    fit(compiled(model), TensorBoard(tmp_path, histogram_freq=1))
    reader = Reader(tmp_path / "train")
    assert {"first/weight/histogram", "first/bias/histogram"} <= set(reader.tags)
    assert not reader.events.Tags()["graph"]  # a model that is only code has none


def branched_model():
    inner = keras.Sequential(
        [keras.Input((4,), name="inside"), keras.layers.Dense(3, name="dense")], name="inner"
    )
    x = keras.Input((4,), name="x")
    shared = keras.layers.Dense(3, name="shared")
    both = keras.layers.Concatenate(name="both")([inner(x), shared(x)])
    again = shared(keras.layers.Dense(4, name="back")(both))
    return keras.Model(x, keras.layers.Dense(2, name="out")(again + 1.0), name="net")


EDGES = {
    "net/x": [],
    "net/inner/inside": ["net/x"],
    "net/inner/dense": ["net/inner/inside"],
    "net/shared": ["net/x"],
    "net/both": ["net/inner/dense", "net/shared"],
    "net/back": ["net/both"],
    "net/shared_1": ["net/back"],
    "net/add": ["net/shared_1"],
    "net/out": ["net/add"],
}


def edges(graph):
    """The inputs of each node; functions have numbered names, which depend on other tests."""
    plain = partial(re.sub, r"/add_\d+", "/add")
    return {plain(node.name): [plain(name) for name in node.input] for node in graph.node}


def test_the_graph_shows_each_call_of_each_layer(tmp_path):
    model = branched_model()
    fit(compiled(model), TensorBoard(tmp_path), epochs=2)
    graph = Reader(tmp_path / "train").events.Graph()
    assert edges(graph) == EDGES
    nodes = {node.name: node for node in graph.node}
    assert nodes["net/both"].op == "Concatenate"
    assert nodes["net/inner/dense"].attr["weights"].s == b"kernel (4, 3), bias (3,)"
    (shape,) = nodes["net/both"].attr["_output_shapes"].list.shape
    assert [size.size for size in shape.dim] == [-1, 6]


def test_tensorboard_draws_the_layers_as_keras_describes_them(tmp_path):
    model = branched_model()
    fit(compiled(model), TensorBoard(tmp_path))
    reader = Reader(tmp_path / "train")
    assert reader.events.SummaryMetadata("keras").plugin_data.plugin_name == "graph_keras_model"
    inputs = edges(keras_model_to_graph_def(json.loads(reader.values("keras")[0].item())))
    assert inputs["net/both"] == ["net/inner/dense", "net/shared"]
    assert inputs["net/add"] == ["net/shared"]
    assert inputs["net/out"] == ["net/add"]


def test_a_model_that_is_built_by_its_data_has_a_graph_after_the_first_epoch(tmp_path):
    model = keras.Sequential([keras.layers.Dense(2, name="out")], name="net")
    fit(compiled(model), TensorBoard(tmp_path))
    assert [node.name for node in Reader(tmp_path / "train").events.Graph().node][1:] == ["net/out"]


def test_a_model_that_has_no_config_has_a_graph_all_the_same(tmp_path):
    class Plain(keras.layers.Layer):
        def __init__(self, function):
            super().__init__(name="plain")
            self.function = function

        def call(self, x):
            return self.function(x)

    model = keras.Sequential(
        [keras.Input((4,), name="x"), Plain(partial(torch.mul, 2)), keras.layers.Dense(2)], name="net"
    )
    with pytest.warns(UserWarning, match="does not show the layers of the model, only its graph"):
        fit(compiled(model), TensorBoard(tmp_path))
    assert [node.op for node in Reader(tmp_path / "train").events.Graph().node] == ["Input", "Plain", "Dense"]


def test_no_graph_is_written_if_not_wanted(tmp_path):
    fit(small_model(), TensorBoard(tmp_path, write_graph=False))
    reader = Reader(tmp_path / "train")
    assert not reader.events.Tags()["graph"]
    assert "keras" not in reader.tags

"""Event files, read back with TensorBoard's own reader."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

from kerastorch.callbacks.events import EventWriter, histogram_table
from kerastorch.errors import ShapeError


@pytest.fixture
def written(tmp_path):
    """A function that writes one thing and returns the reader of its folder."""

    def write(method, *args, **kwargs):
        with EventWriter(tmp_path / "logs") as writer:
            getattr(writer, method)(*args, **kwargs)
        reader = EventAccumulator(str(tmp_path / "logs"))
        reader.Reload()
        return reader

    return write


def only(reader, tag):
    (event,) = reader.Tensors(tag)
    return tensor_util.make_ndarray(event.tensor_proto)


def plugin(reader, tag):
    return reader.SummaryMetadata(tag).plugin_data.plugin_name


@pytest.mark.parametrize(
    "value",
    [0.5, np.float64(0.5), torch.tensor([0.5]), torch.tensor(0.5, requires_grad=True)],
    ids=["number", "array", "tensor", "with gradient"],
)
def test_scalars_are_those_of_the_scalars_plugin(written, value):
    reader = written("scalar", "epoch_loss", value, step=3)
    assert plugin(reader, "epoch_loss") == "scalars"
    assert reader.Tensors("epoch_loss")[0].step == 3
    assert only(reader, "epoch_loss") == np.float32(0.5)


def test_several_numbers_are_no_scalar(written):
    with pytest.raises(ShapeError, match=r"The scalar 'loss' must be one number. Received: shape \(2,\)"):
        written("scalar", "loss", [1.0, 2.0], step=0)


def test_histograms_count_values_in_buckets(written):
    reader = written("histogram", "kernel", torch.tensor([[0.0, 1.0], [1.0, 4.0]]), step=0, buckets=2)
    assert plugin(reader, "kernel") == "histograms"
    assert only(reader, "kernel").tolist() == [[0.0, 2.0, 3.0], [2.0, 4.0, 1.0]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], [[0, 0, 0], [0, 0, 0]]),
        ([3.0, 3.0], [[3, 3, 0], [3, 3, 2]]),
        ([0.0, 2.0, np.nan], [[0, 1, 1], [1, 2, 1]]),
    ],
    ids=["nothing", "one value", "not finite"],
)
def test_histograms_of_unusual_values(values, expected):
    assert histogram_table(np.array(values), 2).tolist() == expected


@pytest.mark.parametrize(
    ("dtype", "expected"), [("float32", 127), ("uint8", 128)], ids=["floats", "whole numbers"]
)
def test_images_become_png_files(written, dtype, expected):
    images = np.full((4, 2, 5, 3), 0.5 if dtype == "float32" else 128, dtype=dtype)
    reader = written("image", "digits", images, step=0)
    width, height, *pictures = only(reader, "digits").tolist()
    assert plugin(reader, "digits") == "images"
    assert (width, height, len(pictures)) == (b"5", b"2", 3)
    assert np.asarray(Image.open(io.BytesIO(pictures[0]))).shape == (2, 5, 3)
    assert np.asarray(Image.open(io.BytesIO(pictures[0])))[0, 0, 0] == expected


def test_sounds_become_wav_files(written):
    reader = written("audio", "voice", torch.zeros(1, 100, 1), 8000, step=0)
    assert plugin(reader, "voice") == "audio"
    assert only(reader, "voice")[0, 0][:4] == b"RIFF"


def test_texts_keep_their_layout(written):
    reader = written("text", "notes", [["a", "b"], ["c", "ö"]], step=0)
    assert plugin(reader, "notes") == "text"
    assert only(reader, "notes").tolist() == [[b"a", b"b"], [b"c", "ö".encode()]]


def test_models_are_kept_as_json(written):
    reader = written("keras_model", "keras", json.dumps({"class_name": "Sequential"}))
    assert plugin(reader, "keras") == "graph_keras_model"
    assert json.loads(only(reader, "keras").item()) == {"class_name": "Sequential"}


def test_graphs_of_operations_are_kept(written):
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    graph = GraphDef()
    graph.node.add(name="dense", op="MatMul")
    assert written("graph", graph).Graph().node[0].name == "dense"

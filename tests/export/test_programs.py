"""Models as programs of torch.export, ONNX files and compiled packages."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from kerastorch import InputSpec, Model, Sequential, layers
from kerastorch.errors import InvalidArgumentError, MissingDependencyError, NotBuiltError
from kerastorch.export import ExportArchive
from tests.export.test_source import vision


def two_inputs() -> Model:
    """Numbers and classes in, two outputs."""
    a, ids = layers.Input((4,), name="a"), layers.Input((3,), dtype="int64", name="ids")
    x = layers.Concatenate()([a, layers.Flatten()(layers.Embedding(7, 2)(ids))])
    return Model([a, ids], [layers.Dense(2, name="one")(x), layers.Dense(3, name="two")(x)])


@pytest.mark.parametrize("size", [(1, 16, 20), (5, 33, 47)], ids=str)
def test_a_program_takes_batches_and_images_of_every_size(tmp_path, size):
    model, x = vision(), torch.randn(*size, 3)
    model.export(tmp_path / "model.pt2", format="torch", verbose=False)
    program = torch.export.load(tmp_path / "model.pt2").module()
    assert torch.equal(program(x), model(x, training=False))


def test_a_program_keeps_the_structure_of_the_inputs(tmp_path):
    model, given = two_inputs(), [torch.randn(6, 4), torch.randint(0, 7, (6, 3))]
    model.export(tmp_path / "model.pt2", format="torch", verbose=False)
    outputs = torch.export.load(tmp_path / "model.pt2").module()(given)
    assert all(torch.equal(x, y) for x, y in zip(outputs, model(given), strict=True))


def test_a_subclassed_model_is_exported_for_what_it_was_called_with(tmp_path):
    class Own(Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, inputs):
            return self.dense(inputs).cumsum(-1)

    model = Own()
    with pytest.raises(NotBuiltError, match="called at least once"):
        model.export(tmp_path / "own.pt2", format="torch")
    model(torch.ones(1, 3))
    model.export(tmp_path / "own.pt2", format="torch", verbose=False)
    x = torch.randn(5, 3)
    assert torch.equal(torch.export.load(tmp_path / "own.pt2").module()(x), model(x))


def test_the_signature_can_be_given_and_fixed_axes_are_told(tmp_path):
    model = Sequential([layers.Input((None, 2)), layers.LSTM(3)])
    with pytest.warns(UserWarning, match="has the axes \\[1\\] fixed"):
        model.export(tmp_path / "open.pt2", format="torch", verbose=False)
    spec = [InputSpec(shape=(None, 5, 2), dtype="float32")]
    model.export(tmp_path / "five.pt2", format="torch", verbose=False, input_signature=spec)
    x = torch.randn(4, 5, 2)
    torch.testing.assert_close(torch.export.load(tmp_path / "five.pt2").module()(x), model(x))


def test_an_onnx_file_gives_the_same_numbers(tmp_path):
    for model, arrays in [
        (vision(), [np.random.default_rng(0).normal(size=(3, 33, 47, 3)).astype("float32")]),
        (two_inputs(), [np.ones((5, 4), "float32"), np.arange(15).reshape(5, 3) % 7]),
    ]:
        model.export(tmp_path / "model.onnx", format="onnx", verbose=False)
        session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
        names = [entry.name for entry in session.get_inputs()]
        assert names == model.input_names
        found = session.run(None, dict(zip(names, arrays, strict=True)))
        given = [torch.tensor(a) for a in arrays]
        wanted = model(given if len(given) > 1 else given[0], training=False)
        for x, y in zip(found, wanted if isinstance(wanted, list) else [wanted], strict=True):
            np.testing.assert_allclose(x, y.detach().numpy(), atol=1e-5)


def test_a_package_needs_a_compiler(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingDependencyError, match=r"needs a C\+\+ compiler"):
        vision().export(tmp_path / "model.pt2", format="aot_inductor")


@pytest.mark.parametrize("name", ["tf_saved_model", "litert", "openvino"])
def test_formats_of_other_frameworks_are_refused_with_a_way_to_them(tmp_path, name):
    with pytest.raises(InvalidArgumentError, match=f"{name}.*is not written from PyTorch.*[Uu]se `format="):
        vision().export(tmp_path / "model", format=name)


ERRORS = [
    ({"format": "touch"}, "Unrecognized format='touch'.*'torch'"),
    ({"format": "torch"}, "ends in '.pt2'"),
    ({"format": "source", "strict": True}, "Unsupported arguments.*strict"),
]


@pytest.mark.parametrize(("options", "text"), ERRORS, ids=lambda value: str(value)[:20])
def test_wrong_arguments_are_named(tmp_path, options, text):
    with pytest.raises(InvalidArgumentError, match=text):
        vision().export(tmp_path / "model", **options)


def test_an_archive_writes_a_program_for_each_function(tmp_path):
    model, archive = vision(), ExportArchive()
    spec = [InputSpec(shape=(None, 8, 8, 3), dtype="float32")]
    archive.track(model)
    archive.add_endpoint("classes", lambda x: model(x, training=False).argmax(-1), spec)
    archive.add_endpoint("serve", model, spec)
    archive.write_out(tmp_path / "served", verbose=False)
    x = torch.randn(3, 8, 8, 3)
    found = torch.export.load(tmp_path / "served" / "classes.pt2").module()(x)
    assert torch.equal(found, model(x, training=False).argmax(-1))
    with pytest.raises(InvalidArgumentError, match="already taken"):
        archive.add_endpoint("serve", model, spec)
    with pytest.raises(InvalidArgumentError, match="`input_signature` must be given"):
        archive.add_endpoint("other", lambda x: x)
    with pytest.raises(InvalidArgumentError, match="Only models and layers"):
        archive.track("model")
    with pytest.raises(InvalidArgumentError, match="No endpoints"):
        ExportArchive().write_out(tmp_path / "nothing")
    with pytest.raises(InvalidArgumentError, match="Unsupported format"):
        ExportArchive(format="neptune_model")


@pytest.mark.sweep
def test_a_compiled_package_takes_batches_of_every_size(tmp_path):
    images, ids = layers.Input((8, 8, 3), name="images"), layers.Input((3,), dtype="int64", name="ids")
    x = layers.Flatten()(layers.RandomFlip()(layers.Conv2D(4, 3, strides=2, activation="relu")(images)))
    x = layers.Concatenate()([x, layers.GRU(3)(layers.Embedding(5, 2, mask_zero=True)(ids))])
    model = Model({"images": images, "ids": ids}, {"out": layers.Dense(2)(x)})
    model.export(tmp_path / "model.pt2", format="aot_inductor", verbose=False)
    package = torch._inductor.aoti_load_package(str(tmp_path / "model.pt2"))
    for size in (1, 2, 5):
        given = {"images": torch.randn(size, 8, 8, 3), "ids": torch.randint(0, 3, (size, 3))}
        torch.testing.assert_close(package(given), model(given, training=False), rtol=1e-5, atol=1e-5)

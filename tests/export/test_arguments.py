"""What `export` takes beside a path: Keras's formats and arguments, models of torch, archives of functions."""

from __future__ import annotations

import pytest
import torch

from kerastorch import InputSpec, Model, Sequential, layers
from kerastorch.errors import InvalidArgumentError, NotBuiltError
from kerastorch.export import ExportArchive

SPEC = [InputSpec(shape=(None, 3), dtype="float32")]


def small() -> Model:
    return Sequential([layers.Input((3,)), layers.Dense(2)], name="small")


@pytest.mark.parametrize(("format", "ending"), [("torch", ".pt2"), ("onnx", ".onnx"), ("source", "")])
@pytest.mark.parametrize(("verbose", "says"), [(None, True), (True, True), (False, False)])
def test_a_line_says_what_was_written(tmp_path, capsys, format, ending, verbose, says):
    small().export(tmp_path / f"model{ending}", format=format, verbose=verbose)
    assert (f"Saved the model as {format!r}" in capsys.readouterr().out) is says


def test_keras_s_default_format_names_the_others():
    with pytest.raises(
        InvalidArgumentError, match=r"'tf_saved_model'.*use .format=.onnx.. or .format=.torch.."
    ):
        small().export("model")


def test_a_model_around_a_torch_module_is_exported(tmp_path):
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.5))
    model = Model.from_torch(module)
    with pytest.raises(NotBuiltError, match="`input_signature` must say"):
        model.export(tmp_path / "model.pt2", format="torch")
    model.export(tmp_path / "model.pt2", format="torch", verbose=False, input_signature=SPEC)
    for size in (1, 2, 5):
        x = torch.randn(size, 3)
        program = torch.export.load(tmp_path / "model.pt2").module()
        torch.testing.assert_close(program(x), module.eval()(x))
    assert not any(part.training for part in module.modules())


REFUSED = [
    ("torch", "Stateful layers.*'memory'"),
    ("onnx", "Stateful layers.*'memory'"),
    ("source", "'memory' .LSTM."),
]


@pytest.mark.parametrize(("format", "text"), REFUSED, ids=lambda value: value[:6])
def test_stateful_layers_are_named(tmp_path, format, text):
    inputs = layers.Input((4, 2), batch_size=2)
    model = Model(inputs, layers.LSTM(3, stateful=True, name="memory")(inputs))
    with pytest.raises(InvalidArgumentError, match=text):
        model.export(tmp_path / "model.pt2", format=format)


def test_functions_of_an_archive_take_batches_of_every_size(tmp_path):
    model, archive = small(), ExportArchive()
    archive.track_and_add_endpoint("serve", model, SPEC)
    archive.add_endpoint("norm", lambda x: model(x).norm(dim=-1), SPEC)
    archive.write_out(tmp_path / "served", verbose=False)
    for size in (1, 2, 5):
        x = torch.randn(size, 3)
        serve, norm = (
            torch.export.load(tmp_path / "served" / f"{n}.pt2").module() for n in ("serve", "norm")
        )
        torch.testing.assert_close(serve(x), model(x))
        torch.testing.assert_close(norm(x), model(x).norm(dim=-1))

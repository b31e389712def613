"""The table of `Model.summary` line by line as Keras 3.15.1 prints it, and what notebooks show."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
import torch

import kerastorch
from tests.models.graphs import GRAPHS, chain, here, in_both, shared_layer


def of_operators(k):
    a = k.Input((4,), name="a")
    x = k.layers.Dense(3)(a)
    return k.Model(a, (x * 2 + x) / 3)


def of_two_results(k):
    class Two(k.layers.Layer):
        def call(self, x):
            return x, x * 2

        def compute_output_shape(self, shape):
            return (shape, shape)

    a = k.Input((4,), name="a")
    first, second = Two()(a)
    return k.Model(a, k.layers.Add()([first, second]))


def of_long_names(k):
    a = k.Input((4,), name="a")
    name = "a_very_long_layer_name_that_does_not_fit_into_the_column_at_all"
    return k.Model(a, k.layers.Dense(2000, name=name)(k.layers.Dense(3000)(a)), name="model")


def subclassed(k, call=False):
    class Sub(k.Model):
        def __init__(self):
            super().__init__()
            self.row = [k.layers.Dense(3), k.layers.Dropout(0.5), k.layers.Flatten(), k.layers.Dense(2)]

        def call(self, x):
            for layer in self.row:
                x = layer(x)
            return x

    model = Sub()
    if call:
        model(np.ones((2, 4), "float32"))
    return model


def subclassed_and_called(k):
    return subclassed(k, call=True)


MODELS = [*GRAPHS, of_operators, of_two_results, of_long_names, subclassed, subclassed_and_called]
NAMED = [make for make in MODELS if make.__name__ != "from_the_middle"]
WAYS = {
    "plain": {},
    "everything": {"expand_nested": True, "show_trainable": True},
    "narrow": {"line_length": 61},
}


def text_of(model, **arguments):
    texts = []
    model.summary(print_fn=texts.append, **arguments)
    return "".join(texts)


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", NAMED, ids=lambda make: make.__name__)
def test_the_table_is_that_of_keras(make, way):
    theirs, ours = in_both(make)
    assert text_of(ours, **WAYS[way]) == text_of(theirs, **WAYS[way])


@pytest.mark.parametrize("make", [chain, shared_layer], ids=lambda make: make.__name__)
def test_a_small_terminal_is_respected(make, monkeypatch):
    monkeypatch.setenv("COLUMNS", "70")
    theirs, ours = in_both(make)
    assert text_of(ours) == text_of(theirs)


@pytest.mark.parametrize("positions", [[0.3, 0.6, 0.8], [0.5, 0.7, 1.0]])
def test_columns_end_where_they_are_told_to(positions):
    theirs, ours = in_both(chain)
    assert text_of(ours, positions=positions) == text_of(theirs, positions=positions)


@pytest.mark.parametrize("layer_range", [["dense", "dense"], ["dense_1", "a"], [".*1", "dense$"]])
def test_a_range_of_layers_is_listed(layer_range):
    theirs, ours = in_both(chain)
    assert text_of(ours, layer_range=layer_range) == text_of(theirs, layer_range=layer_range)


def test_a_fitted_model_counts_the_variables_of_its_optimizer():
    model = here(chain)
    model.compile("adam", "mse")
    model.fit(np.ones((2, 4), "float32"), np.ones((2, 2), "float32"), verbose=0)
    # 2 moments of 23 weights, the number of updates and the learning rate, as in Keras
    assert " Optimizer params: 48 " in text_of(model)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"layer_range": ["dense", "nothing"]}, "does not match the names of the layers"),
        ({"layer_range": ["dense"]}, "first and the last layer"),
        ({"line_length": 12}, "Insufficient console width"),
        ({"positions": [0.5, 1.0]}, "must have 3 entries"),
    ],
)
def test_wrong_arguments_are_explained(arguments, text):
    with pytest.raises(ValueError, match=text):
        here(chain).summary(**arguments)


def test_a_torch_module_lists_its_parts():
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    text = text_of(kerastorch.Model.from_torch(module))
    assert "0 (Linear)" in text
    assert "1 (BatchNorm1d)" in text
    assert " Trainable params: 24 (96.00 B)" in text


def test_the_text_goes_to_standard_output(capsys):
    here(chain).summary()
    assert capsys.readouterr().out == text_of(here(chain))


def test_a_stream_without_boxes_gets_plain_characters(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    here(chain).summary(line_length=40)
    stream.flush()
    lines = stream.buffer.getvalue().decode().splitlines()
    assert lines[1] == "+=================+============+=======+"
    assert {len(line) for line in lines[1:10]} == {40}


def test_wide_letters_take_two_columns():
    x = kerastorch.Input((4,), name="入力")
    lines = text_of(kerastorch.Model(x, kerastorch.layers.Dense(1)(x)), line_length=50).splitlines()
    assert "│ 入力 (InputLayer)   │" in lines[4]


@pytest.mark.parametrize("make", [chain, shared_layer, subclassed], ids=lambda make: make.__name__)
def test_a_notebook_shows_every_layer(make):
    model = here(make)
    html = model._repr_html_()
    assert html.startswith("<table>")
    assert all(f"<td>{layer.name} (" in html for layer in model.layers)


def test_a_notebook_shows_the_weights_of_a_layer():
    assert "<td>kernel</td><td>(4, 3)</td><td>float32</td>" in here(chain).get_layer("dense_1")._repr_html_()


def test_names_are_escaped_in_notebooks():
    html = kerastorch.Sequential([kerastorch.layers.Dense(1, name="<b>")])._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;" in html

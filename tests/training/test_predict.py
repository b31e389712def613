"""`predict`: what each argument means, structures and types of outputs, compared with Keras."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest
import torch

import kerastorch
from kerastorch import callbacks, layers
from kerastorch.errors import DataError
from tests.training.hooks import recorder
from tests.training.twins import assert_close, both, dense, rows, twins

X, _ = rows(30)


@pytest.mark.parametrize(
    "arguments",
    [{}, {"batch_size": 7}, {"batch_size": 100}, {"batch_size": 8, "steps": 2}],
    ids=lambda a: "-".join(a) or "none",
)
def test_arguments_mean_what_they_mean_in_keras(arguments):
    ours, theirs = both(twins(dense), "predict", X, **arguments)
    assert type(ours) is np.ndarray
    assert ours.dtype == theirs.dtype
    assert_close(ours, theirs)


FORMS = {
    "array": lambda x: x,
    "tensor": torch.from_numpy,
    "list": lambda x: x.tolist(),
    "frame": pd.DataFrame,
    "float64": lambda x: x.astype("float64"),
    "one in a list": lambda x: [x],
    "dict": lambda x: {"x": x},
}


@pytest.mark.parametrize("form", list(FORMS))
def test_forms_of_inputs(form):
    x = kerastorch.Input((3,), name="x")
    model = kerastorch.Model(x, layers.Dense(2)(x))
    np.testing.assert_array_equal(model.predict(FORMS[form](X), verbose=0), model(X).detach().numpy())


STRUCTURES = {
    "list": lambda a, b: [a, b],
    "dict": lambda a, b: {"p": a, "q": b},
    "nested": lambda a, b: {"p": [a, b], "q": {"r": b}},
}


@pytest.mark.parametrize("name", list(STRUCTURES))
def test_structures_of_outputs(name):
    def build(k):
        x = k.Input((3,))
        return k.Model(x, STRUCTURES[name](k.layers.Dense(1)(x), k.layers.Dense(2)(x)))

    ours, theirs = both(twins(build), "predict", X, batch_size=8)
    assert type(ours) is type(theirs)
    assert_close(ours, theirs)


DTYPES = {
    "float32": lambda x: x,
    "float16": lambda x: x.half(),
    "float64": lambda x: x.double(),
    "int64": lambda x: x.round().long(),
    "int32": lambda x: x.round().int(),
    "bool": lambda x: x > 0,
}


@pytest.mark.parametrize("dtype", list(DTYPES))
def test_outputs_keep_their_type(dtype):
    class Net(kerastorch.Model):
        def call(self, inputs):
            return DTYPES[dtype](inputs)

    assert Net().predict(X, batch_size=8, verbose=0).dtype == dtype


def test_bfloat16_comes_back_as_float32():
    class Net(kerastorch.Model):
        def call(self, inputs):
            return inputs.bfloat16()

    assert Net().predict(X, verbose=0).dtype == np.float32


def test_single_sample():
    model = dense(kerastorch)
    assert model.predict(X[:1], verbose=0).shape == (1, 1)
    assert model.predict(X[0][None], batch_size=64, verbose=0).shape == (1, 1)


def test_sequential_without_input_shape_is_built():
    model = kerastorch.Sequential([layers.Dense(2)])
    assert model.predict(X, verbose=0).shape == (30, 2)
    assert model.built


def test_hooks_and_outputs_in_logs():
    spies = [recorder(k) for k in (kerastorch, keras)]
    for model, spy in zip(twins(dense), spies, strict=True):
        model.predict(X, batch_size=8, callbacks=[spy], verbose=0)
    assert spies[0].seen == spies[1].seen


def test_callbacks_see_the_outputs():
    shapes = []

    class See(callbacks.Callback):
        def on_predict_batch_end(self, batch, logs=None):
            shapes.append(logs["outputs"].shape)

    dense(kerastorch).predict(X, batch_size=16, callbacks=[See()], verbose=0)
    assert shapes == [(16, 1), (14, 1)]


@pytest.mark.parametrize("mode", [True, False])
def test_inference_mode_inside_and_the_old_mode_after(mode):
    seen = []

    class Net(kerastorch.Sequential):
        def predict_step(self, data):
            seen.append((self.training, torch.is_grad_enabled()))
            return super().predict_step(data)

    model = Net([kerastorch.Input((3,)), layers.Dropout(0.5)])
    model.train(mode)
    np.testing.assert_array_equal(model.predict(X, verbose=0), X)
    assert seen == [(False, False)]
    assert model.training is mode


def test_override_of_predict_step():
    class Net(kerastorch.Sequential):
        def predict_step(self, data):
            return super().predict_step(data).argmax(-1)

    model = Net([kerastorch.Input((3,)), layers.Dense(4)])
    assert model.predict(X, verbose=0).tolist() == model(X).argmax(-1).tolist()


def test_predict_step_receives_the_inputs_themselves():
    seen = []

    class Net(kerastorch.Sequential):
        def predict_step(self, data):
            seen.append(type(data))
            return self(data)

    Net([kerastorch.Input((3,)), layers.Dense(1)]).predict(X, verbose=0)
    assert seen == [torch.Tensor]


def test_result_is_the_caller_s_own():
    """Neither the model's memory nor the data's: changing it changes nothing."""
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Identity()])
    data = X.copy()
    result = model.predict(data, verbose=0)
    result[:] = -1
    np.testing.assert_array_equal(data, X)


WRONG = [
    (None, "argument `x` is None"),
    (X[:0], "hold no samples"),
    ([X, X[:5]], "same number of samples|number of inputs|received 2|2 input"),
    (["a", "b"], "text|Unrecognized"),
]


@pytest.mark.parametrize(("x", "text"), WRONG, ids=lambda v: v if isinstance(v, str) else "")
def test_wrong_inputs(x, text):
    with pytest.raises((DataError, ValueError), match=text):
        dense(kerastorch).predict(x, verbose=0)

"""`estimate_memory`: what training takes, compared with what torch's allocator hands out in a real step."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.profiler import ProfilerActivity, profile

import kerastorch
from kerastorch import layers
from kerastorch.errors import DataError, InvalidArgumentError, NotCompiledError
from kerastorch.training.memory_trace import MemoryTrace, unique_bytes

CLASSES = 10


def mlp():
    return [
        kerastorch.Input((200,)),
        layers.Dense(256, "relu"),
        layers.Dropout(0.2),
        layers.Dense(256, "relu"),
    ]


def cnn():
    return [
        kerastorch.Input((28, 28, 3)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
    ]


def lstm():
    return [kerastorch.Input((30, 16)), layers.LSTM(64, return_sequences=True), layers.LSTM(64)]


def gru():
    return [kerastorch.Input((30, 16)), layers.Bidirectional(layers.GRU(32))]


def transformer():
    inputs = kerastorch.Input((32, 64))
    x = layers.LayerNormalization()(inputs + layers.MultiHeadAttention(4, 16)(inputs, inputs))
    x = layers.LayerNormalization()(x + layers.Dense(64)(layers.Dense(256, "gelu")(x)))
    return [kerastorch.Model(inputs, layers.GlobalAveragePooling1D()(x))]


def classifier(parts, optimizer="adam"):
    model = kerastorch.Sequential([*parts(), layers.Dense(CLASSES, "softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def real_peak(model, batch_size):
    """The most that the allocator of the CPU has handed out at any moment of the second of two steps."""
    shape = model.input_shape[1:]
    x = np.random.default_rng(0).random((batch_size, *shape)).astype("float32")
    y = np.arange(batch_size) % CLASSES
    model.fit(x, y, batch_size=batch_size, verbose=0)
    batch = model._one_batch(x, y, None, None)
    for parameter in model.parameters():
        parameter.grad = None
    model.train(True)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        for _ in range(2):
            model.train_step(batch)
    events = [e for e in profiler.profiler.kineto_results.events() if e.name() == "[memory]"]
    live = np.cumsum([e.nbytes() for e in sorted(events, key=lambda e: e.start_ns())])
    state = [v for entry in model.optimizer.state.values() for v in entry.values()]
    return live.max() + unique_bytes([*model.parameters(), *model.buffers(), *state, *batch])


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("parts", [mlp, cnn, lstm, gru, transformer])
def test_estimate_is_near_the_peak_of_a_real_step(parts, optimizer):
    model = classifier(parts, optimizer)
    estimate = model.estimate_memory(48)
    assert estimate.peak == pytest.approx(real_peak(model, 48), rel=0.1)


def test_parts():
    model = classifier(mlp)
    estimate = model.estimate_memory(100)
    weights = unique_bytes(model.parameters())
    assert estimate.parameters == weights
    assert estimate.gradients == weights
    assert 2 * weights <= estimate.optimizer <= 2.01 * weights
    assert estimate.data == 100 * (200 * 4 + 8)
    # Two hidden layers with relu, and a mask of the dropout in between.
    assert estimate.activations >= 100 * 256 * 4 * 3
    assert estimate.peak >= estimate.parameters + estimate.optimizer + estimate.data + estimate.activations
    assert classifier(mlp, "sgd").estimate_memory(100).optimizer < 100


def test_it_grows_with_the_batch():
    model = classifier(cnn)
    small, large = model.estimate_memory(10), model.estimate_memory(1000)
    assert small.parameters == large.parameters
    assert large.data == 100 * small.data
    assert large.activations == pytest.approx(100 * small.activations, rel=0.01)
    assert large.peak > 50 * small.peak


def test_nothing_is_left_behind():
    model = classifier(cnn)
    before = [v.detach().clone() for v in [*model.parameters(), *model.buffers()]]
    state = torch.get_rng_state()
    model.estimate_memory(8)
    assert not model.optimizer.built
    assert all(p.grad is None for p in model.parameters())
    for value, old in zip([*model.parameters(), *model.buffers()], before, strict=True):
        torch.testing.assert_close(value, old, rtol=0, atol=0)
    assert torch.equal(torch.get_rng_state(), state)


def test_several_inputs_and_outputs():
    a, b = kerastorch.Input((3,), name="a"), kerastorch.Input((4,), name="b", dtype="int64")
    hidden = layers.Concatenate()([layers.Dense(8)(a), layers.Flatten()(layers.Embedding(9, 2)(b))])
    outputs = {"one": layers.Dense(1, name="one")(hidden), "many": layers.Dense(5, name="many")(hidden)}
    model = kerastorch.Model({"a": a, "b": b}, outputs)
    model.compile(
        "adam", {"one": "mse", "many": kerastorch.losses.SparseCategoricalCrossentropy(from_logits=True)}
    )
    estimate = model.estimate_memory(64)
    assert estimate.data == 64 * (3 * 4 + 4 * 8 + 1 * 4 + 8)
    x = {"a": np.ones((5, 3)), "b": np.ones((5, 4), "int64")}
    y = {"one": np.ones((5, 1)), "many": np.ones(5, "int64")}
    assert model.estimate_memory(64, x, y).peak == estimate.peak


class Own(kerastorch.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.last = layers.Dense(300, "relu"), layers.Dense(2)

    def call(self, inputs):
        return self.last(self.hidden(inputs))


class OwnStep(Own):
    def train_step(self, data):
        x, y = data
        loss = ((self(x, training=True) - y) ** 2).mean()
        self.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"loss": loss}


@pytest.mark.parametrize("kind", [Own, OwnStep])
def test_models_of_the_users_own(kind):
    model = kind()
    model.compile("adam", "mse")
    with pytest.raises(DataError, match="does not say what inputs it takes: give some as `x`"):
        model.estimate_memory(16)
    given = model.estimate_memory(16, np.ones((1, 50)), np.ones((1, 2)))
    assert not model.built
    assert given.parameters == 4 * (50 * 300 + 300 + 300 * 2 + 2)
    assert given.activations >= 16 * 300 * 4
    model(np.ones((2, 50), "float32"))
    assert model.estimate_memory(16).peak == given.peak


@pytest.mark.parametrize(
    "make",
    [
        lambda m: torch.optim.Adam(m.parameters()),
        lambda m: kerastorch.mixed_precision.LossScaleOptimizer(kerastorch.optimizers.Adam()),
    ],
)
def test_other_optimizers(make):
    model = kerastorch.Sequential([kerastorch.Input((50,)), layers.Dense(100)])
    model.compile(make(model), torch.nn.MSELoss())
    estimate = model.estimate_memory()
    assert 2 * estimate.parameters <= estimate.optimizer <= 2.1 * estimate.parameters


def test_weights_that_are_not_trained_have_no_gradient():
    model = classifier(mlp)
    model.layers[0].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy")
    estimate = model.estimate_memory()
    assert estimate.gradients == estimate.parameters - 4 * (200 * 256 + 256)


def test_open_sizes_need_data():
    model = kerastorch.Sequential(
        [kerastorch.Input((None, 4), name="steps"), layers.LSTM(8), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    with pytest.raises(
        DataError, match=r"input 'steps' of model .* has the shape \(None, None, 4\): give some data"
    ):
        model.estimate_memory()
    short, long = (model.estimate_memory(32, np.ones((2, n, 4))).activations for n in (10, 100))
    assert long > 5 * short


def unbuilt():
    model = kerastorch.Sequential([layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def fails():
    def loss(y_true, y_pred):
        raise ValueError("no such targets")

    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(1)])
    model.compile("adam", loss)
    return model


FAULTS = {
    "not compiled": (
        lambda: kerastorch.Sequential([layers.Dense(1)]),
        {},
        NotCompiledError,
        "estimate_memory",
    ),
    "batch size": (
        lambda: classifier(mlp),
        {"batch_size": 0},
        DataError,
        "`batch_size` must be a positive integer",
    ),
    "batch size of another type": (lambda: classifier(mlp), {"batch_size": 2.5}, DataError, "batch_size=2.5"),
    "not built": (unbuilt, {}, DataError, "give some as `x`"),
    "step": (fails, {}, InvalidArgumentError, "give some real data as `x` and `y`.*no such targets"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name):
    make, arguments, kind, text = FAULTS[name]
    with pytest.raises(kind, match=f"(?s){text}"):
        make().estimate_memory(**arguments)


def test_the_estimate_as_numbers_and_text():
    estimate = classifier(mlp).estimate_memory(8)
    assert estimate.to_dict()["peak"] == estimate.peak
    assert "batches of 8 samples" in str(estimate)
    assert len(str(estimate).splitlines()) == 7
    assert "<td>activations</td>" in estimate._repr_html_()


def test_trace_follows_views_and_changes_in_place():
    kept = torch.zeros(10)
    with MemoryTrace() as trace:
        trace.ignore([kept])
        kept.add_(1.0)
        assert trace.live == 0
        view = torch.zeros(100)[:50]
        assert trace.live == 400
        view.add_(1.0)
        del view
        assert trace.live == 0

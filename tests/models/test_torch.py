"""Models are ordinary torch modules: compiled, exported, copied, pickled, moved, hooked, trained by hand."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, tree


def functional():
    x = kerastorch.Input((4,), name="x")
    y = layers.BatchNormalization()(layers.Dense(6, activation="relu")(x))
    return kerastorch.Model(x, layers.Dense(2)(layers.Dropout(0.5)(y)))


def shared():
    a, b, layer = kerastorch.Input((4,), name="a"), kerastorch.Input((4,), name="b"), layers.Dense(3)
    return kerastorch.Model([a, b], layers.Subtract()([layer(a), layer(b)]))


def dictionaries():
    a, b = kerastorch.Input((4,), name="a"), kerastorch.Input((4,), name="b")
    h = layers.Concatenate()([a, b])
    return kerastorch.Model({"a": a, "b": b}, {"p": layers.Dense(1)(h), "q": [layers.Dense(2)(h)]})


def nested():
    i, x = kerastorch.Input((4,), name="i"), kerastorch.Input((4,), name="x")
    inner = kerastorch.Model(i, layers.Dense(4)(i), name="inner")
    return kerastorch.Model(x, kerastorch.Sequential([layers.Dense(3), layers.Dense(2)])(inner(inner(x))))


def masked():
    x = kerastorch.Input((4,), dtype="int32", name="x")
    y = layers.Embedding(10, 3, mask_zero=True)(x)
    return kerastorch.Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(y)))


def torch_functions():
    x = kerastorch.Input((4,), name="x")
    y = torch.relu(torch.nn.Linear(4, 3)(x)) * 2 + torch.arange(3.0)
    y = torch.cat([y[:, :2], y.reshape(-1, 3)], -1).T.T
    return kerastorch.Model(x, y / y.size(0))


def from_the_middle():
    x = kerastorch.Input((4,), name="x")
    h = layers.Dense(4)(x)
    return kerastorch.Model(h, layers.Dense(2)(h))


def sequential():
    return kerastorch.Sequential(
        [kerastorch.Input((4,)), layers.Dense(3, activation="tanh"), torch.nn.Linear(3, 2)]
    )


def sequential_without_shape():
    model = kerastorch.Sequential([layers.Dense(3), layers.Dense(2)])
    model(torch.ones(2, 4))
    return model


class Sub(kerastorch.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)
        self.more = [layers.Dropout(0.3), layers.Dense(2)]

    def call(self, x, training=None):
        x = self.dense(x)
        for layer in self.more:
            x = layer(x)
        return x


def subclassed():
    model = Sub()
    model.build((None, 4))
    return model


def wrapped():
    return kerastorch.Model.from_torch(torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh()))


MODELS = [
    functional,
    shared,
    dictionaries,
    nested,
    masked,
    torch_functions,
    from_the_middle,
    sequential,
    sequential_without_shape,
    subclassed,
    wrapped,
]
each = pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)


def inputs_of(make):
    generator = torch.Generator().manual_seed(0)

    def draw():
        return torch.randn(5, 4, generator=generator)

    if make is masked:
        return torch.tensor([[1, 2, 0, 0], [3, 4, 5, 0], [6, 7, 8, 9]], dtype=torch.int32)
    return {shared: lambda: [draw(), draw()], dictionaries: lambda: {"a": draw(), "b": draw()}}.get(
        make, draw
    )()


def assert_equal(first, second):
    for a, b in zip(tree.flatten(first), tree.flatten(second), strict=True):
        torch.testing.assert_close(a, b)


@each
def test_compile_to_one_graph(make):
    torch._dynamo.reset()
    model, x = make(), inputs_of(make)
    assert_equal(torch.compile(model, fullgraph=True, backend="eager")(x), model(x))


@pytest.mark.parametrize("make", [functional, subclassed], ids=lambda make: make.__name__)
def test_training_mode_reaches_a_compiled_graph(make):
    torch._dynamo.reset()
    model, x = make(), torch.ones(64, 4)
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    assert not torch.equal(compiled(x, training=True), compiled(x, training=True))
    assert torch.equal(compiled(x), compiled(x))


def test_compile_with_inductor():
    torch._dynamo.reset()
    model, x = functional(), inputs_of(functional)
    assert_equal(torch.compile(model, fullgraph=True)(x), model(x))


@each
def test_export(make):
    model, x = make(), inputs_of(make)
    program = torch.export.export(model, (x,))
    assert_equal(program.module()(x), model(x))


@each
@pytest.mark.parametrize(
    "how", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"]
)
def test_copies_are_equal_and_independent(make, how):
    model, x = make(), inputs_of(make)
    before = model(x)
    again = how(model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)
    assert_equal(again(x), before)
    assert not {id(p) for p in model.parameters()} & {id(p) for p in again.parameters()}


@each
def test_a_copy_trains(make):
    model, x = copy.deepcopy(make()), inputs_of(make)
    model.compile("sgd", "mse")
    y = tree.map_structure(lambda t: np.zeros(tuple(t.shape), "float32"), model(x))
    before = model.get_weights()
    model.fit(x, y, verbose=0)
    assert not all(map(np.array_equal, model.get_weights(), before))


@each
def test_state_dict_round_trip(make):
    kerastorch.utils.clear_session()
    model = make()
    kerastorch.utils.clear_session()
    other, x = make(), inputs_of(make)
    other.load_state_dict(model.state_dict())
    assert_equal(other(x), model(x))


@each
def test_conversion_to_double(make):
    model, x = make(), inputs_of(make)
    expected = model(x)
    model.to(torch.float64)
    assert {p.dtype for p in model.parameters()} == {torch.float64}
    doubled = tree.map_structure(lambda t: t.double() if t.is_floating_point() else t, x)
    for a, b in zip(tree.flatten(model(doubled)), tree.flatten(expected), strict=True):
        torch.testing.assert_close(a.float(), b, rtol=1e-4, atol=1e-5)


@each
def test_a_loop_by_hand(make):
    torch.manual_seed(0)
    model, x = make(), inputs_of(make)
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = sum(t.square().mean() for t in tree.flatten(model(x)))
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[2] < losses[0]


@each
def test_hooks_run(make):
    model, x, seen = make(), inputs_of(make), []
    model.register_forward_hook(lambda module, args, output: seen.append(module))
    leaf = next(m for m in model.modules() if not list(m.children()) and list(m.parameters()))
    leaf.register_forward_hook(lambda module, args, output: seen.append(module))
    model(x)
    assert seen[0] is leaf
    assert seen[-1] is model


@each
def test_training_mode_of_torch(make):
    model = make()
    model.train()
    assert all(m.training for m in model.modules())
    model.eval()
    assert not any(m.training for m in model.modules())


@each
def test_every_weight_is_in_the_state_dict(make):
    model = make()
    stored = {value.data_ptr() for value in model.state_dict().values()}
    assert {w.data_ptr() for w in model.weights} <= stored


def test_the_generated_code_is_plain_torch():
    kerastorch.utils.clear_session()
    code = torch_functions().code
    assert "torch.relu(linear)" in code
    assert "torch.cat([" in code


def test_masks_are_arguments_of_the_generated_code():
    code = masked().code
    assert "call_and_mask = embedding.call_and_mask(inputs)" in code
    assert "mask = getitem_1" in code


def test_gradients_reach_the_inputs():
    model = functional()
    x = torch.ones(2, 4, requires_grad=True)
    model(x).sum().backward()
    assert x.grad is not None


def test_a_deep_graph_is_copied():
    x = y = kerastorch.Input((2,))
    for _ in range(600):
        y = y + 1
    model = copy.deepcopy(kerastorch.Model(x, y))
    assert model(torch.zeros(1, 2)).tolist() == [[600.0, 600.0]]


@pytest.mark.parametrize("make", [sequential, torch_functions])
def test_torch_modules_stand_on_the_device_of_the_layers(make):
    with kerastorch.device(
        "meta"
    ):  # stands for a GPU: modules are made on the CPU, layers on the chosen device
        model = make()
    assert {parameter.device.type for parameter in model.parameters()} == {"meta"}

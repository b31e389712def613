"""What is done to a symbolic tensor is recorded, and the recorded model does the same to data."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import kerastorch as keras
from kerastorch import layers
from kerastorch.core.tracing import record_function
from kerastorch.errors import GraphError, InvalidArgumentError

# name, shapes of the inputs, the function of them
CASES = [
    ("add", [(3,), (3,)], lambda a, b: a + b),
    ("operators", [(3,), (3,)], lambda a, b: (a * 2 - b / 3) ** 2 // 1 % 5),
    ("reflected", [(3,)], lambda a: 2 - a + 1 / (2 + a * a) - 2**a),
    ("tensor constant", [(3,)], lambda a: a @ torch.eye(3)),
    ("matmul", [(4, 3), (3, 5)], lambda a, b: a @ b),
    ("unary", [(3,)], lambda a: abs(-a) + (+a)),
    ("compare", [(3,)], lambda a: (a > 0) & (a <= 1) | ~(a == a)),
    ("index", [(4, 3)], lambda a: a[:, 0]),
    ("slice", [(4, 3)], lambda a: a[:, 1:3, ::2]),
    ("ellipsis", [(4, 3)], lambda a: a[..., -1]),
    ("none", [(4,)], lambda a: a[:, None, :]),
    ("mask index", [(4,)], lambda a: a * (a > 0)),
    ("cat", [(3,), (2,)], lambda a, b: torch.cat([a, b], -1)),
    ("stack", [(3,), (3,)], lambda a, b: torch.stack([a, b], dim=1)),
    ("split", [(6,)], lambda a: torch.split(a, 2, dim=-1)[1]),
    ("chunk", [(6,)], lambda a: list(a.chunk(3, -1))),
    ("unbind", [(3, 4)], lambda a: a.unbind(1)[2]),
    ("where", [(3,)], lambda a: torch.where(a > 0, a, torch.zeros(()))),
    ("einsum", [(4, 3), (5, 3)], lambda a, b: torch.einsum("bij,bkj->bik", a, b)),
    ("softmax", [(3,)], lambda a: F.softmax(a, dim=-1)),
    ("functional", [(3,)], lambda a: F.gelu(F.layer_norm(a, (3,)))),
    ("linear", [(3,)], lambda a: F.linear(a, torch.ones(2, 3))),
    ("pad", [(3,)], lambda a: F.pad(a, (1, 1))),
    ("mean", [(4, 3)], lambda a: a.mean(dim=1)),
    ("max", [(4, 3)], lambda a: a.max(dim=1).values),
    ("argmax", [(4, 3)], lambda a: a.argmax(-1)),
    ("sum all", [(4, 3)], lambda a: a.sum()),
    ("var", [(4, 3)], lambda a: torch.var(a, dim=(1, 2), keepdim=True)),
    ("permute", [(4, 3)], lambda a: a.permute(0, 2, 1)),
    ("transpose", [(4, 3)], lambda a: a.transpose(1, 2)),
    ("mT", [(4, 3)], lambda a: a.mT),
    ("reshape", [(4, 3)], lambda a: a.reshape(-1, 12)),
    ("view size", [(4, 3)], lambda a: a.view(a.size(0), -1)),
    ("flatten", [(4, 3)], lambda a: torch.flatten(a, 1)),
    ("unsqueeze", [(3,)], lambda a: a.unsqueeze(1)),
    ("squeeze", [(1, 3)], lambda a: a.squeeze(1)),
    ("expand", [(1, 3)], lambda a: a.expand(-1, 4, -1)),
    ("repeat", [(3,)], lambda a: a.repeat(1, 2)),
    ("type", [(3,)], lambda a: a.to(torch.float64)),
    ("float", [(3,)], lambda a: (a > 0).float()),
    ("clamp", [(3,)], lambda a: a.clamp(min=-0.5, max=0.5)),
    ("norm", [(3,)], lambda a: a / a.norm(dim=-1, keepdim=True)),
    ("cumsum", [(4,)], lambda a: torch.cumsum(a, dim=1)),
    ("topk", [(5,)], lambda a: torch.topk(a, 2).values),
    ("attention", [(4, 3), (4, 3)], lambda a, b: F.scaled_dot_product_attention(a, b, b)),
    ("bilinear", [(3,), (3,)], lambda a, b: torch.sum(a * b, dim=-1, keepdim=True)),
    ("shape arithmetic", [(4,)], lambda a: a / a.size(0)),
    ("keyword", [(3,)], lambda a: torch.add(input=a, other=a, alpha=2)),
    ("interpolate", [(2, 4, 4)], lambda a: F.interpolate(a, scale_factor=2.0)),
]


def symbolic_and_real(shapes, batch):
    inputs = [keras.Input(shape=s) for s in shapes]
    generator = torch.Generator().manual_seed(0)
    return inputs, [torch.rand((batch, *s), generator=generator) - 0.5 for s in shapes]


@pytest.mark.parametrize(("shapes", "function"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_traced_function_computes_what_the_function_computes(shapes, function):
    inputs, data = symbolic_and_real(shapes, batch=5)
    symbolic = function(*inputs)
    outputs = list(symbolic) if isinstance(symbolic, tuple) else symbolic
    model = keras.Model(inputs, outputs)
    real, expected = model(data), function(*data)
    for got, want, spec in zip(*map(keras.tree.flatten, (real, expected, outputs)), strict=True):
        assert torch.equal(got, want)
        assert got.dtype == getattr(torch, spec.dtype)
        assert len(spec.shape) == got.ndim
        assert all(s is None or s == g for s, g in zip(spec.shape, got.shape, strict=True))


@pytest.mark.parametrize(
    "function", [lambda a, c: a * c, lambda a, c: c * a, lambda a, c: c + a, lambda a, c: a @ c]
)
def test_numpy_constants_take_the_float_type_of_the_tensor(function):
    constant = np.arange(9.0).reshape(3, 3)
    x = keras.Input(shape=(3,), batch_size=3)
    model = keras.Model(x, function(x, constant))
    data = torch.rand(3, 3)
    assert torch.equal(model(data), function(data, torch.tensor(constant, dtype=torch.float32)))


def test_what_depends_on_the_batch_is_unknown_and_the_rest_is_known():
    x = keras.Input(shape=(None, 6))
    assert x.reshape(-1, 6).shape == (None, 6)
    assert x.reshape(None, 6).shape == (None, 6)
    assert x.permute(2, 0, 1).shape == (6, None, None)
    assert torch.cat([x, x], 1).shape == (None, None, 6)
    assert (x @ x.transpose(1, 2) @ x).shape == (None, None, 6)
    assert x.sum().shape == ()


MODULES = [
    ("linear", (8,), lambda: nn.Linear(8, 4)),
    ("sequential", (8,), lambda: nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))),
    ("convolution", (3, 16, 16), lambda: nn.Conv2d(3, 4, 3, stride=2)),
    ("batch norm", (8,), lambda: nn.BatchNorm1d(8)),
    ("flatten", (2, 3), lambda: nn.Flatten()),
    ("block", (3, 8, 8), lambda: Residual()),
]


class Residual(nn.Module):
    """A block in torchvision's style: it reads shapes and branches on its mode."""

    def __init__(self):
        super().__init__()
        self.conv, self.bn, self.fc = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), nn.Linear(3, 2)

    def forward(self, x):
        batch, channels, height, width = x.shape
        y = torch.relu(self.bn(self.conv(x)) + x)
        if self.training:
            y = F.dropout(y, 0.1)
        return self.fc(y.view(batch, channels, height * width).mean(-1))


@pytest.mark.parametrize(("shape", "make"), [c[1:] for c in MODULES], ids=[c[0] for c in MODULES])
def test_a_plain_module_is_one_call_of_the_graph(shape, make):
    module = make()
    x = keras.Input(shape=shape)
    model = keras.Model(x, module(x))
    data = torch.rand(4, *shape)
    assert torch.equal(model(data), module(data))
    assert sum(p.numel() for p in model.parameters()) == sum(p.numel() for p in module.parameters())
    assert len(model.layers) == 2


RECURRENT = [
    lambda: nn.LSTM(3, 4, batch_first=True),
    lambda: nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2, batch_first=True),
    lambda: nn.GRU(3, 4, bidirectional=True, batch_first=True),
    lambda: nn.RNN(3, 4, num_layers=2),
]


@pytest.mark.parametrize("make", RECURRENT)
def test_recurrent_modules_return_a_sequence_and_states(make):
    module = make()
    x = keras.Input(shape=(None, 3))
    outputs = module(x)
    model = keras.Model(x, keras.tree.flatten(outputs))
    data = torch.rand(2, 5, 3)
    for got, want, spec in zip(model(data), *map(keras.tree.flatten, (module(data), outputs)), strict=True):
        assert torch.equal(got, want)
        assert all(s is None or s == g for s, g in zip(spec.shape, got.shape, strict=True))


def test_a_recurrent_module_of_another_width_is_an_error():
    with pytest.raises(GraphError, match=r"input.size"):
        nn.LSTM(3, 4)(keras.Input(shape=(None, 5)))


def test_tracing_changes_no_state_of_a_module():
    norm = nn.BatchNorm1d(3)
    norm.train()
    norm(keras.Input(shape=(3,)))
    assert int(norm.num_batches_tracked) == 0
    assert torch.equal(norm.running_mean, torch.zeros(3))


def test_a_module_called_twice_is_shared():
    linear = nn.Linear(3, 3)
    x = keras.Input(shape=(3,))
    model = keras.Model(x, linear(linear(x)))
    assert len(list(model.parameters())) == 2
    data = torch.rand(2, 3)
    assert torch.equal(model(data), linear(linear(data)))


def test_a_captured_parameter_is_trained_and_a_captured_tensor_is_not():
    weight, constant = nn.Parameter(torch.ones(3)), torch.full((3,), 2.0)
    x = keras.Input(shape=(3,))
    model = keras.Model(x, x * weight + constant)
    assert [p is weight for p in model.parameters()] == [True]
    assert torch.equal(model(torch.ones(1, 3)), torch.full((1, 3), 3.0))
    assert all(not key.startswith("constant_1") for key in model.state_dict())


def test_the_code_of_a_model_is_readable_python():
    x = keras.Input(shape=(3,), name="x")
    model = keras.Model(x, torch.relu(layers.Dense(2, name="out")(x)) * 2)
    lines = [line.split(";")[0].strip() for line in model.code.strip().splitlines()]
    assert lines == [
        "def forward(self, inputs):",
        "out = self.out(inputs)",
        "relu = torch.relu(out)",
        "mul = relu * 2",
        "return mul",
    ]


def test_a_shape_that_depends_on_values_is_an_error_that_says_what_to_do():
    with pytest.raises(GraphError, match="compute_output_spec"):
        torch.nonzero(keras.Input(shape=(3,)))


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (bool, "truth value"),
        (float, "float value"),
        (int, "integer value"),
        (len, "length"),
        (list, "iterated"),
        (np.asarray, "array value"),
    ],
    ids=lambda v: getattr(v, "__name__", str(v)),
)
def test_a_symbolic_tensor_has_no_value(use, message):
    with pytest.raises(TypeError, match=message):
        use(keras.Input(shape=(3,)))


def test_an_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = keras.Input(shape=(3,)).no_such_thing


def test_a_layer_inside_a_module_is_built_and_trained():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(4)

        def forward(self, x):
            return self.dense(x) + 1

    net = Net()
    x = keras.Input(shape=(3,))
    model = keras.Model(x, net(x))
    assert [tuple(w.shape) for w in model.weights] == [(3, 4), (4,)]


def test_thousand_layers_need_no_deep_recursion():
    x = y = keras.Input(shape=(2,))
    for _ in range(1000):
        y = y + 1
    model = keras.Model(x, y)
    assert torch.equal(model(torch.zeros(1, 2)), torch.full((1, 2), 1000.0))


def test_a_large_factory_inside_call_takes_no_memory():
    class Positions(layers.Layer):
        def call(self, x):
            return x + torch.ones(x.shape[0], x.shape[1], x.shape[2])

    assert Positions()(keras.Input(shape=(None, 512))).shape == (None, None, 512)


def test_symbolic_tensors_can_be_looked_for_in_lists():
    a, b = keras.Input((3,)), keras.Input((3,))
    assert (a in [b, a], a in [b], [b, a].index(a)) == (True, False, 1)
    assert (bool(a == b), bool(a != b)) == (False, True)


def test_a_fault_that_has_nothing_to_do_with_sizes_comes_at_once_and_names_the_function():
    calls = []

    def refuse(x):
        calls.append(x)
        raise InvalidArgumentError("Never.")

    x = keras.Input((None, 3))
    with pytest.raises(InvalidArgumentError, match=r"^Never\.$"):
        record_function(refuse, (x,), {})
    assert len(calls) == 1
    with pytest.raises(
        InvalidArgumentError, match=r"`keras.ops.pad` failed: Unknown mode.*\(None, None, 3\)"
    ):
        keras.ops.pad(x, 1, "odd")

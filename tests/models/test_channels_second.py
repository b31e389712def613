"""A graph keeps images with the channels second between layers of torch's kernels; nobody who looks can tell."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from kerastorch import Input, Model, Sequential, layers
from kerastorch.core.program import interpret
from kerastorch.errors import ShapeError

SHAPE = (9, 8, 3)


def batch():
    return torch.tensor(np.random.default_rng(0).standard_normal((4, *SHAPE)).astype("float32"))


def chain(*stack):
    inputs = x = Input(SHAPE)
    for layer in stack:
        x = layer(x)
    return Model(inputs, x)


def residual(merge):
    inputs = Input(SHAPE)
    x = layers.Conv2D(4, 3, padding="same")(inputs)
    y = layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same")(x))
    return Model(inputs, layers.Conv2D(2, 1)(layers.ReLU()(merge([x, y]))))


def gated():
    inputs = Input(SHAPE)
    x = layers.Conv2D(4, 3)(inputs)
    gate = layers.Conv2D(4, 1, activation="sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    return Model(inputs, layers.Multiply()([gate, x]))


def between(*middle):
    """Layers between two convolutions."""
    return chain(layers.Conv2D(4, 3), *middle, layers.Conv2D(2, 1))


MODELS = {
    "strides and padding": lambda: between(layers.Conv2D(5, 3, strides=2, padding="same", activation="relu")),
    "dilation": lambda: between(layers.Conv2D(5, 2, dilation_rate=2, padding="same", activation="gelu")),
    "groups": lambda: between(layers.Conv2D(4, 2, groups=2, padding="same", use_bias=False)),
    "depthwise": lambda: between(layers.DepthwiseConv2D(2, depth_multiplier=2, strides=2, padding="same")),
    "separable": lambda: between(layers.SeparableConv2D(3, 2, padding="same", activation="tanh")),
    "transpose": lambda: between(layers.Conv2DTranspose(3, 3, strides=2, padding="same", activation="elu")),
    "normalization": lambda: between(layers.BatchNormalization(), layers.ReLU()),
    "normalization of height": lambda: between(layers.BatchNormalization(axis=1)),
    "renormalization": lambda: between(layers.BatchNormalization(renorm=True)),
    "frozen normalization": lambda: between(layers.BatchNormalization(trainable=False), layers.ReLU()),
    "largest values": lambda: between(layers.MaxPooling2D(3, strides=1, padding="same")),
    "even windows": lambda: between(layers.MaxPooling2D(2, strides=1, padding="same")),
    "means": lambda: between(layers.AveragePooling2D(2, padding="same")),
    "zeros": lambda: between(layers.ZeroPadding2D(((1, 0), (2, 3)))),
    "activations": lambda: between(
        layers.Activation("silu"), layers.ReLU(6.0), layers.LeakyReLU(), layers.ELU()
    ),
    "softmax over channels": lambda: between(layers.Activation("softmax")),
    "softmax in a convolution": lambda: between(layers.Conv2D(3, 1, activation="softmax")),
    "another layer between": lambda: between(layers.LayerNormalization()),
    "dropout": lambda: between(layers.Dropout(0.0)),
    "largest of all": lambda: chain(layers.Conv2D(4, 3), layers.GlobalMaxPooling2D()),
    "mean of all": lambda: chain(layers.Conv2D(4, 3), layers.ReLU(), layers.GlobalAveragePooling2D()),
    "flat": lambda: chain(layers.Conv2D(4, 3), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(2)),
    "sum": lambda: residual(layers.Add()),
    "difference": lambda: residual(layers.Subtract()),
    "mean": lambda: residual(layers.Average()),
    "largest": lambda: residual(layers.Maximum()),
    "side by side": lambda: residual(layers.Concatenate()),
    "one below the other": lambda: residual(layers.Concatenate(axis=1)),
    "gate": gated,
    "sequence": lambda: Sequential([Input(SHAPE), layers.Conv2D(4, 3), layers.MaxPooling2D(), layers.ReLU()]),
}


def state(model):
    return {k: v.detach().clone() for k, v in model.state_dict().items()}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_outputs_gradients_and_statistics_are_those_of_calls_one_by_one(name, training):
    model, x = MODELS[name](), batch()
    twin = copy.deepcopy(model)
    for turn in range(3):  # the first is checked
        mine = model(x[turn:], training=training)
        other = interpret(
            twin._graph, x[turn:], lambda layer, args, kw: layer(*args, **kw, training=training)
        )
        torch.testing.assert_close(mine, other)
        assert mine.shape == other.shape
        for a, b in zip(
            torch.autograd.grad(mine.square().sum(), model.trainable_weights),
            torch.autograd.grad(other.square().sum(), twin.trainable_weights),
            strict=True,
        ):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(state(model), state(twin))


@pytest.mark.parametrize(
    "name", ["sum", "normalization", "strides and padding", "side by side", "activations"]
)
def test_images_are_turned_where_the_run_begins_and_where_it_ends(name):
    code = MODELS[name]().code
    assert code.count("to_second(") == code.count("to_last(") == 1


@pytest.mark.parametrize(
    "name", ["another layer between", "softmax over channels", "softmax in a convolution"]
)
def test_a_convolution_alone_is_called_as_always(name):
    assert "second" not in MODELS[name]().code


def test_a_hook_sees_the_channels_last():
    model, seen = MODELS["sum"](), []
    x = batch()
    model(x)
    model(x)
    model.layers[3].register_forward_hook(
        lambda layer, args, output: seen.append((args[0].shape, output.shape))
    )
    model(x)
    assert seen == [((4, 9, 8, 4), (4, 9, 8, 4))]


def test_a_tensor_between_two_layers_is_an_output_with_the_channels_last():
    inputs = Input(SHAPE)
    x = layers.Conv2D(4, 3)(inputs)
    model = Model(inputs, [x, layers.Conv2D(2, 3)(x)])
    first, second = model(batch())
    assert (first.shape, second.shape) == ((4, 7, 6, 4), (4, 5, 4, 2))
    torch.testing.assert_close(first, model.layers[1](batch()))


def test_a_subclass_with_a_call_of_its_own_gets_the_channels_last():
    class Scaled(layers.Conv2D):
        def call(self, inputs):
            assert inputs.shape[-1] == self.kernel.shape[2]
            return 2 * super().call(inputs)

    own = Scaled(4, 3)
    model, x = between(own), batch()
    expected = model.layers[-1](2 * layers.Conv2D.call(own, model.layers[1](x)))
    torch.testing.assert_close(model(x), expected)


def test_a_subclass_that_changes_no_call_takes_part():
    class Named(layers.Conv2D):
        def __init__(self, filters):
            super().__init__(filters, 3)

    assert between(Named(4)).code.count("call_second(") == 3


def test_a_module_put_in_the_place_of_a_layer_gets_the_channels_last():
    model, x = between(layers.Conv2D(4, 3, name="middle")), batch()
    model(x)

    class Doubled(torch.nn.Module):
        def forward(self, images):
            assert images.shape == (4, 7, 6, 4)
            return 2 * images

    model.middle = Doubled()
    torch.testing.assert_close(model(x), model.layers[-1](2 * model.layers[1](x)))


def test_a_penalty_on_the_activity_is_that_of_the_channels_last():
    seen = []
    regularizer = lambda x: (seen.append(x.shape), x.sum())[1]  # noqa: E731
    model = between(layers.Conv2D(4, 3, activity_regularizer=regularizer))
    seen.clear()
    model(batch())
    assert seen == [(4, 5, 4, 4)]


def test_mixed_precision_computes_in_half_precision():
    model = between(layers.Conv2D(4, 3, dtype="mixed_bfloat16"), layers.Conv2D(4, 1, dtype="mixed_bfloat16"))
    inner = Model(model.input, model.layers[3].output)
    assert inner(batch()).dtype == torch.bfloat16


def test_wrong_images_are_an_error_that_names_the_layer():
    model = between(layers.Conv2D(4, 3, name="middle"))
    model(batch())
    with pytest.raises(ShapeError, match="middle"):
        model.middle(torch.ones(1, 5, 5, 7))


def test_training_learns_what_calls_one_by_one_learn():
    model = residual(layers.Add())
    twin = copy.deepcopy(model)
    x = batch()
    y = torch.zeros(model(x).shape)
    model.compile("sgd", "mse")
    model.fit(x, y, batch_size=2, epochs=2, shuffle=False, verbose=0)
    optimizer = torch.optim.SGD(twin.parameters(), 0.01)
    for _ in range(2):
        for i in (0, 2):
            out = interpret(
                twin._graph, x[i : i + 2], lambda layer, args, kw: layer(*args, **kw, training=True)
            )
            optimizer.zero_grad()
            (out - y[i : i + 2]).square().mean().backward()
            optimizer.step()
    torch.testing.assert_close(state(model), state(twin))


def test_a_compiled_model_and_an_exported_one_compute_the_same():
    model, x = residual(layers.Add()).eval(), batch()
    expected = model(x)
    torch.testing.assert_close(torch.compile(model, backend="eager", fullgraph=True)(x), expected)
    torch.testing.assert_close(torch.export.export(model, (x,)).module()(x), expected)


def test_an_exported_graph_turns_images_twice():
    model = residual(layers.Add()).eval()
    nodes = torch.export.export(model, (batch(),)).graph.nodes
    turns = [n.args[1] for n in nodes if n.target is torch.ops.aten.permute.default]
    assert [t for t in turns if t in ([0, 3, 1, 2], [0, 2, 3, 1])] == [[0, 3, 1, 2], [0, 2, 3, 1]]


def test_copies_and_files_compute_the_same(tmp_path):
    model, x = residual(layers.Concatenate()), batch()
    expected = model(x)
    torch.testing.assert_close(copy.deepcopy(model)(x), expected)
    torch.save(model, tmp_path / "model.pt")
    torch.testing.assert_close(torch.load(tmp_path / "model.pt", weights_only=False)(x), expected)

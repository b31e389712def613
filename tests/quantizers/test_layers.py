"""Quantized layers: weights, outputs, gradients and files are Keras's."""

from __future__ import annotations

import copy
import pickle

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import Input, initializers, layers, models, quantizers, saving
from kerastorch.dtype_policies import DTypePolicyMap
from kerastorch.errors import InvalidArgumentError, MissingMethodError, NotBuiltError
from tests.ops.cases import array


def eight(library):
    return library.Int8QuantizationConfig()


def eight_of_weights(library):
    return library.Int8QuantizationConfig(activation_quantizer=None)


def four(library):
    return library.Int4QuantizationConfig(block_size=4)


def four_a_channel(library):
    return library.Int4QuantizationConfig(block_size=None)


def four_and_inputs(library):
    return library.Int4QuantizationConfig(block_size=-1, activation_quantizer=library.AbsMaxQuantizer())


def float8(library):
    return library.Float8QuantizationConfig()


CONFIGS = [eight, eight_of_weights, four, four_a_channel, four_and_inputs, float8]
# Keras on torch cannot quantize equations with an ellipsis, nor the weights alone where the scale is turned.
EQUATIONS = [
    ("ab,bc->ac", 7, "c", (2, 9)),
    ("abc,cd->abd", (None, 6), "d", (2, 3, 9)),
    ("abc,cde->abde", (None, 2, 3), "de", (2, 3, 8)),
    ("abcd,cde->abe", (None, 5), "e", (2, 3, 2, 4)),
]
TURNED = [
    ("abc,dc->abd", (None, 6), None, (2, 3, 8)),
    ("abc,cde->abed", (None, 3, 2), None, (2, 3, 8)),
    ("abc,bd->adc", (6, 4), None, (2, 8, 4)),
    ("btd,ndh->btnh", (None, 2, 3), "nh", (2, 3, 8)),
]


def quantized(make, x, config, **call):
    """Keras's layer and ours with equal weights, quantized."""
    theirs, ours = make(keras.layers), make(layers)
    first = theirs(x)
    ours(x)
    if call:
        theirs(first, **call)
    ours.set_weights(theirs.get_weights())
    theirs.quantize(config=config(keras.quantizers))
    ours.quantize(config=config(quantizers))
    return theirs, ours


def described(layer):
    return [(w.name, tuple(w.shape), keras.backend.standardize_dtype(w.dtype)) for w in layer.weights]


def assert_same_weights(theirs, ours):
    assert ours.dtype_policy.name == theirs.dtype_policy.name
    assert described(ours) == described(theirs)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)
    mine, other = {}, {}
    ours.save_own_variables(mine)
    theirs.save_own_variables(other)
    assert {k: tuple(v.shape) for k, v in mine.items()} == {k: tuple(v.shape) for k, v in other.items()}


def assert_same_outputs(theirs, ours, x):
    found = []
    for layer in (theirs, ours):
        given = x.clone().requires_grad_()
        outputs = layer(given)
        found.append([outputs.detach(), *torch.autograd.grad(outputs.square().sum(), given)])
    for mine, other in zip(*found, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("shape", [(3, 9), (3, 2, 8)], ids=str)
def test_a_quantized_dense_layer_is_keras_s(shape, config):
    x = torch.as_tensor(array(*shape))
    theirs, ours = quantized(lambda m: m.Dense(5, activation="tanh", bias_initializer="ones"), x, config)
    assert_same_weights(theirs, ours)
    assert_same_outputs(theirs, ours, x)


@pytest.mark.parametrize(
    ("equation", "config"),
    [
        *((equation, config) for equation in EQUATIONS for config in CONFIGS),
        *((equation, config) for equation in TURNED for config in CONFIGS if config is not eight_of_weights),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value.__name__,
)
def test_a_quantized_equation_is_keras_s(equation, config):
    text, size, bias, shape = equation
    x = torch.as_tensor(array(*shape))
    theirs, ours = quantized(lambda m: m.EinsumDense(text, size, bias_axes=bias), x, config)
    assert_same_weights(theirs, ours)
    assert_same_outputs(theirs, ours, x)


@pytest.mark.parametrize("config", [eight, eight_of_weights, four])
@pytest.mark.parametrize(("text", "shape"), [("...x,xy->...y", (2, 3, 8)), ("ab...,bc->ac...", (2, 8, 4))])
def test_equations_with_an_ellipsis_stay_near_what_they_were(text, shape, config):
    x = torch.as_tensor(array(*shape))
    layer = layers.EinsumDense(text, 5, kernel_initializer=initializers.GlorotUniform(seed=0))
    before = layer(x)
    layer.quantize(config=config(quantizers))
    assert (layer(x) - before).abs().max() < 0.3 * before.abs().max()


@pytest.mark.parametrize("config", CONFIGS[:-1])
@pytest.mark.parametrize("name", ["Embedding", "ReversibleEmbedding", "untied"])
def test_quantized_embeddings_are_keras_s(name, config):
    def make(library):
        if name == "Embedding":
            return library.Embedding(7, 9)
        return library.ReversibleEmbedding(7, 9, tie_weights=name != "untied", logit_soft_cap=3.0)

    x = torch.tensor([[1, 2], [0, 6]])
    call = {} if name == "Embedding" else {"reverse": True}
    theirs, ours = quantized(make, x, config, **call)
    assert_same_weights(theirs, ours)
    vectors = theirs(x)
    torch.testing.assert_close(ours(x), vectors)
    if call:
        torch.testing.assert_close(ours(vectors, **call), theirs(vectors, **call), rtol=1e-4, atol=1e-4)


POLICIES = [
    "int8_from_float32",
    "int4/4_from_float32",
    "int4_from_mixed_bfloat16",
    "float8_from_mixed_bfloat16",
]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_makes_quantized_weights_as_in_keras(policy):
    for make, shape in [
        (lambda m: m.Dense(6, dtype=policy), (2, 8)),
        (lambda m: m.EinsumDense("abc,cd->abd", (None, 6), bias_axes="d", dtype=policy), (2, 3, 8)),
    ]:
        theirs, ours = make(keras.layers), make(layers)
        theirs.build(shape)
        ours.build(shape)
        assert described(ours) == described(theirs)
        if "float8" not in policy:
            for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
                np.testing.assert_array_equal(mine, other)
        rng = np.random.default_rng(0)
        values = [rng.integers(-7, 7, w.shape) if w.dtype == np.int8 else w for w in theirs.get_weights()]
        theirs.set_weights(values)
        ours.set_weights(values)
        x = torch.as_tensor(array(*shape))
        torch.testing.assert_close(ours(x), theirs(x), rtol=2e-2, atol=1e-4)
        symbolic = ours(Input(shape[1:]))
        assert (symbolic.shape[1:], symbolic.dtype) == (tuple(ours(x).shape[1:]), ours.compute_dtype)


def network(library):
    parts = library.layers
    return library.Sequential(
        [
            library.Input((6,), dtype="int32"),
            parts.Embedding(9, 8),
            parts.EinsumDense("abc,cd->abd", (6, 5), bias_axes="d", activation="gelu"),
            parts.LayerNormalization(),
            parts.Flatten(),
            parts.Dense(3, activation="softmax"),
        ]
    )


@pytest.fixture
def pair(request):
    theirs, ours = network(keras), network(kerastorch)
    ours.set_weights(theirs.get_weights())
    theirs.quantize(request.param)
    ours.quantize(request.param)
    return theirs, ours


X = np.random.default_rng(0).integers(0, 9, (4, 6)).astype("int32")


@pytest.mark.parametrize("pair", ["int8", "int4", "float8"], indirect=True)
def test_files_of_quantized_models_open_in_keras_and_here(pair, tmp_path):
    theirs, ours = pair
    assert [x.dtype_policy.name for x in ours.layers] == [x.dtype_policy.name for x in theirs.layers]
    expected = theirs.predict(X, verbose=0)
    theirs.save(tmp_path / "theirs.keras")
    ours.save(tmp_path / "ours.keras")
    ours.save_weights(tmp_path / "ours.weights.h5")
    for found in [
        ours,
        saving.load_model(tmp_path / "theirs.keras"),
        saving.load_model(tmp_path / "ours.keras"),
        keras.saving.load_model(tmp_path / "ours.keras"),
        copy.deepcopy(ours),
        pickle.loads(pickle.dumps(ours)),
    ]:
        np.testing.assert_allclose(found.predict(X, verbose=0), expected, rtol=1e-5, atol=1e-6)
    theirs.load_weights(tmp_path / "ours.weights.h5")


@pytest.mark.parametrize("pair", ["int8", "int4"], indirect=True)
def test_quantized_models_run_in_one_compiled_graph(pair):
    _, ours = pair
    x = torch.as_tensor(X)
    compiled = torch.compile(ours, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(x), ours(x))


@pytest.mark.parametrize("pair", ["float8"], indirect=True)
def test_training_in_eight_bits_is_keras_s(pair):
    y = np.array([0, 1, 2, 0])
    for model in pair:
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.fit(X, y, epochs=3, batch_size=2, shuffle=False, verbose=0)
    theirs, ours = pair
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-3, atol=2e-3)


def test_attention_uses_quantized_projections():
    layer, x = layers.MultiHeadAttention(2, 4), torch.as_tensor(array(2, 5, 8))
    before = layer(x, x)
    for part in layer._flatten_layers(include_self=False):
        if isinstance(part, layers.EinsumDense):
            part.quantize("int8")
    after = layer(x, x)
    assert not torch.equal(before, after)
    assert (before - after).abs().max() < 0.05


def test_a_policy_that_is_set_later_quantizes():
    layer = layers.Dense(4)
    layer.build((None, 8))
    layer.dtype_policy = "int4/4_from_float32"
    assert (layer.kernel.shape, layer.kernel_scale.shape) == ((8, 2), (2, 4))
    assert layer.quantization_mode == "int4"


@pytest.mark.parametrize("policy", ["int8_from_float32", "int4_from_float32", "float8_from_float32"])
def test_a_policy_without_a_size_takes_keras_s_default(policy):
    theirs, ours = keras.layers.Dense(4), layers.Dense(4)
    for layer in (theirs, ours):
        layer.build((None, 8))
        layer.dtype_policy = policy
    assert described(ours) == described(theirs)


@pytest.mark.parametrize("name", ["Embedding", "ReversibleEmbedding"])
def test_embeddings_built_without_a_shape_come_back_from_files(name, tmp_path):
    layer = getattr(layers, name)(10, 6)
    layer.build()
    layer.quantize("int8")
    model = models.Sequential([layer])
    with pytest.warns(UserWarning, match="before it is built"):
        model.save(tmp_path / "model.keras")
    x = np.array([[1, 2]])
    again = saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_a_map_of_policies_quantizes_the_layers_it_names():
    policies = DTypePolicyMap("float32", {"second": "int8_from_float32"})
    first, second = (layers.Dense(2, name=name, dtype=policies) for name in ("first", "second"))
    first.build((None, 3))
    second.build((None, 3))
    assert (first.kernel.dtype, second.kernel.dtype) == (torch.float32, torch.int8)


def test_other_layers_cost_nothing_more():
    layer = layers.Dense(2)
    layer.build((None, 3))
    assert "forward" not in layer.__dict__
    assert layer.get_config().keys().isdisjoint({"quantization_config"})


class Mine(layers.Dense):
    pass


def built(layer):
    layer.build((None, 4))
    return layer


def twice():
    layer = built(layers.Dense(2))
    layer.quantize("int8")
    layer.quantize("int4")


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: layers.Dense(2).quantize("int8"),
            NotBuiltError,
            "Cannot quantize a layer that isn't yet built",
        ),
        (twice, InvalidArgumentError, "is already quantized with dtype_policy='int8_from_float32'"),
        (
            lambda: built(Mine(2)).quantize("int8"),
            MissingMethodError,
            "Layer Mine does not have a `quantize` method",
        ),
        (lambda: built(layers.GroupNormalization(2)).quantize("int8"), MissingMethodError, "does not have a"),
        (
            lambda: built(layers.Embedding(2, 2)).quantize("float8"),
            MissingMethodError,
            "mode=float8",
        ),
        (lambda: built(layers.Dense(2)).quantize("int7"), InvalidArgumentError, "Invalid quantization mode"),
        (lambda: built(layers.Dense(2)).quantize("gptq"), InvalidArgumentError, "must pass a `GPTQConfig`"),
        (
            lambda: built(layers.Dense(2)).quantize(config=quantizers.GPTQConfig([], None)),
            MissingMethodError,
            "quantization_mode=gptq",
        ),
        (lambda: built(layers.Dense(2, dtype="float16")).quantize("int8"), InvalidArgumentError, "float16"),
        (
            lambda: layers.Conv2D(2, 3, name="c", dtype="int8_from_float32").build((None, 8, 8, 3)),
            MissingMethodError,
            r"Layer 'c' \(Conv2D\) cannot follow the policy 'int8_from_float32'",
        ),
    ],
    ids=["unbuilt", "twice", "subclass", "class", "mode", "name", "no data", "gptq", "half", "policy"],
)
def test_what_cannot_be_quantized_says_so(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_subclasses_are_quantized_without_the_check():
    layer = built(Mine(2))
    layer.quantize("int8", type_check=False)
    assert layer.kernel.dtype == torch.int8


def dense_model():
    return models.Sequential(
        [Input((3,)), *(layers.Dense(4, name=n) for n in ("dense_1", "dense_2", "output"))]
    )


@pytest.mark.parametrize(
    ("filters", "chosen"),
    [
        (None, ["dense_1", "dense_2", "output"]),
        ("dense_1", ["dense_1"]),
        (["dense_1", "output"], ["dense_1", "output"]),
        (lambda layer: "dense" in layer.name, ["dense_1", "dense_2"]),
    ],
    ids=["all", "text", "list", "function"],
)
def test_filters_choose_layers(filters, chosen):
    model = dense_model()
    model.quantize("int8", filters=filters)
    assert [x.name for x in model.layers if x.quantization_mode == "int8"] == chosen


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"mode": "abc"}, ValueError, "Invalid quantization mode. Expected one of"),
        ({"mode": "int8", "other": None}, ValueError, "Unrecognized keyword arguments passed to Sequential"),
        ({"mode": "int8", "filters": 5}, ValueError, "`filters` argument must be a regex string"),
        (
            {"config": quantizers.GPTQConfig([], None)},
            NotImplementedError,
            "'gptq', which calibrates with data",
        ),
    ],
    ids=["mode", "keyword", "filters", "gptq"],
)
def test_wrong_arguments_of_a_model_say_so(arguments, error, text):
    with pytest.raises(error, match=text):
        dense_model().quantize(**arguments)


def test_layers_that_stay_as_they_are_are_named():
    others = [layers.BatchNormalization(name="norm"), layers.Dropout(0.5)]
    model = models.Sequential([Input((3,)), layers.Dense(2), *others])
    with pytest.warns(UserWarning, match="Layer 'norm' stays as it is") as found:
        model.quantize("int8")
    assert len(found) == 1

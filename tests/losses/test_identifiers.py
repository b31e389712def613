"""Losses by name and config: every alias of both dialects, and Keras's configs."""

from __future__ import annotations

import inspect

import keras
import pytest
import torch

from kerastorch import losses
from kerastorch.errors import UnknownIdentifierError, UnsafeModelError
from kerastorch.registry import register_keras_serializable
from tests.losses.cases import CASES, KINDS, case_id, inputs

FUNCTIONS = [
    name
    for name in losses.__all__
    if name.islower() and hasattr(keras.losses, name) and name not in ("get", "serialize", "deserialize")
]
ALIASES = {
    "mean_squared_error": ["mse", "MSE"],
    "mean_absolute_error": ["mae", "MAE"],
    "mean_absolute_percentage_error": ["mape", "MAPE"],
    "mean_squared_logarithmic_error": ["msle", "MSLE"],
    "binary_crossentropy": ["bce", "BCE"],
    "kl_divergence": ["kld", "KLD", "kullback_leibler_divergence"],
    "cosine_similarity": ["cosine_proximity"],
    "log_cosh": ["logcosh"],
}
PAIRS = [(name, alias) for name, aliases in ALIASES.items() for alias in aliases]


@register_keras_serializable(package="losses_tests")
def own_loss(y_true, y_pred, power=1.0):
    return ((y_true - y_pred).abs() ** power).mean(-1)


@pytest.mark.parametrize(("name", "alias"), PAIRS)
def test_alias(name, alias):
    assert losses.get(alias) is getattr(losses, name)
    assert getattr(losses, alias) is getattr(losses, name)


@pytest.mark.parametrize(("alias", "name"), [("cosine", "cosine_similarity"), ("huber_loss", "huber")])
def test_string_of_older_versions(alias, name):
    assert losses.get(alias) is getattr(losses, name)


@pytest.mark.parametrize("name", [*KINDS, *FUNCTIONS])
def test_signature_is_keras_s(name):
    ours = inspect.signature(getattr(losses, name)).parameters
    theirs = inspect.signature(getattr(keras.losses, name)).parameters
    assert [(k, p.default) for k, p in ours.items()] == [(k, p.default) for k, p in theirs.items()]


@pytest.mark.parametrize("name", KINDS)
def test_name_of_a_class_gives_an_instance(name):
    assert type(losses.get(name)) is getattr(losses, name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_name_of_a_function_gives_the_function(name):
    assert losses.get(name) is getattr(losses, name)


@pytest.mark.parametrize(
    "identifier",
    [losses.MeanSquaredError, losses.MeanSquaredError(), {"class_name": "MeanSquaredError", "config": {}}],
)
def test_other_identifiers(identifier):
    assert type(losses.get(identifier)) is losses.MeanSquaredError


def test_none_and_functions_stay():
    assert losses.get(None) is None
    assert losses.get(own_loss) is own_loss


@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
def test_config_is_keras_s_and_loses_nothing(name, options):
    ours, theirs = getattr(losses, name)(**options), getattr(keras.losses, name)(**options)
    config = ours.get_config()
    lost = {
        k: v for k, v in options.items() if k not in theirs.get_config()
    }  # delta and axis, in Keras 3.15.1
    assert config == {**theirs.get_config(), **lost}
    assert type(theirs).from_config(config).get_config() == theirs.get_config()
    y_true, y_pred = inputs(name, options)
    assert type(ours).from_config(config)(y_true, y_pred).equal(ours(y_true, y_pred))


@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
@pytest.mark.parametrize("legacy", [False, True])
def test_round_trip(name, options, legacy):
    loss = getattr(losses, name)(**options, reduction="sum", name="own")
    config = losses.serialize(loss, use_legacy_format=legacy)
    again = losses.deserialize(config, use_legacy_format=legacy)
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()


@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
def test_keras_reads_and_writes_the_same(name, options):
    ours, theirs = getattr(losses, name)(**options), getattr(keras.losses, name)(**options)
    if "Generalized" not in name:  # which Keras cannot read back from its own config
        assert keras.losses.deserialize(losses.serialize(ours)).get_config() == theirs.get_config()
    assert (
        losses.deserialize(keras.losses.serialize(theirs)).get_config().keys() == theirs.get_config().keys()
    )


@pytest.mark.parametrize("legacy", [False, True])
def test_round_trip_of_a_function(legacy):
    assert (
        losses.deserialize(losses.serialize(losses.mean_squared_error, legacy)) is losses.mean_squared_error
    )


def test_functions_of_keras_are_read():
    assert losses.deserialize(keras.losses.serialize(keras.losses.huber)) is losses.huber


def test_functions_are_read_by_keras():
    assert keras.losses.deserialize(losses.serialize(losses.huber)) is keras.losses.huber


@pytest.mark.parametrize(
    ("function", "options"), [(own_loss, {"power": 2.0}), (losses.huber, {"delta": 0.5})]
)
def test_wrapped_function_round_trip(function, options):
    loss = losses.LossFunctionWrapper(function, name="wrapped", **options)
    again = losses.deserialize(losses.serialize(loss))
    assert again.fn is function
    assert again.get_config() == loss.get_config()
    x, y = torch.rand(3, 2), torch.rand(3, 2)
    assert again(x, y).equal(loss(x, y))


def test_wrapped_function_of_keras_is_read():
    config = keras.losses.serialize(
        keras.src.losses.losses.LossFunctionWrapper(keras.losses.huber, delta=0.5)
    )
    again = losses.deserialize(config)
    assert again.fn is losses.huber
    assert again(torch.zeros(1, 1), torch.ones(1, 1)).item() == pytest.approx(0.375)


def test_custom_objects():
    class Own(losses.Loss):
        def call(self, y_true, y_pred):
            return y_pred.mean(-1)

    config = {"class_name": "Own", "config": {"name": "mine"}}
    assert losses.deserialize(config, custom_objects={"Own": Own}).name == "mine"
    with pytest.raises(UnsafeModelError, match="Could not locate class 'Own'"):
        losses.deserialize(config)


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("mean_squared_eror", "Unknown loss: 'mean_squared_eror'. Did you mean 'mean_squared_error'"),
        ("nonsense_xyz", "Unknown loss: 'nonsense_xyz'"),
        (3, "Could not interpret loss identifier: 3"),
    ],
)
def test_unknown_identifier(identifier, message):
    with pytest.raises(UnknownIdentifierError, match=message):
        losses.get(identifier)


def test_reduction_names():
    assert losses.Reduction.all() == ("auto", "none", "sum", "sum_over_batch_size")
    assert losses.MeanSquaredError(reduction=losses.Reduction.AUTO).reduction == "sum_over_batch_size"
    losses.Reduction.validate("sum")
    with pytest.raises(ValueError, match="Invalid Reduction Key: 'mean'"):
        losses.Reduction.validate("mean")

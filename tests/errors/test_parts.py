"""Optimizers, callbacks, configs and other parts that are used wrongly."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import kerastorch
from kerastorch import (
    Model,
    callbacks,
    constraints,
    initializers,
    layers,
    optimizers,
    random,
    regularizers,
    utils,
)
from kerastorch.errors import (
    ArgumentTypeError,
    InvalidArgumentError,
    NotBuiltError,
    ReadOnlyError,
    SerializationError,
    ShapeError,
    UnknownArgumentError,
    UnknownIdentifierError,
    UnsafeModelError,
)
from tests.errors.harness import Case, Handmade, Wrong, check, classifier, regressor, subclassed


class Odd(Handmade):
    """A model whose step returns a number."""

    def train_step(self, data: Any) -> Any:
        return super().train_step(data)["loss"]


class Unlisted(layers.Layer):
    """It takes an object that no config can hold, and has no get_config of its own."""

    def __init__(self, thing: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.thing = thing

    def call(self, x: torch.Tensor) -> torch.Tensor:
        return x


class Narrow(layers.Layer):
    """Its config holds what its constructor does not take."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units

    def get_config(self) -> dict:
        return {**super().get_config(), "units": self.units, "unknown": 1}


class Idle(optimizers.Optimizer):
    """An optimizer that does not say how to update."""


class Plain:
    pass


def another_models_optimizer(case: Case) -> None:
    other = regressor().model
    copy = Model(
        case.model.input, layers.Dense(3, name="new")(case.model.get_layer("norm").output), name="second"
    )
    copy.compile(other.optimizer, "sparse_categorical_crossentropy")
    copy.fit(case.x, case.y, verbose=0)


def trained_odd(case: Case) -> None:
    model = Odd()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(case.x, case.y, verbose=0)


def follows_a_schedule(case: Case) -> None:
    optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)).learning_rate = 0.5


OPTIMIZERS = [
    Wrong(
        "a rate as text",
        InvalidArgumentError,
        (r"`learning_rate`", r"number", r"learning_rate='fast'"),
        lambda c: optimizers.Adam(learning_rate="fast"),
    ),
    Wrong(
        "two kinds of clipping",
        InvalidArgumentError,
        (r"Only one of `clipnorm`, `clipvalue`", r"clipnorm=1\.0", r"clipvalue=0\.5"),
        lambda c: optimizers.Adam(clipnorm=1.0, clipvalue=0.5),
    ),
    Wrong(
        "an unknown keyword of an optimizer",
        UnknownArgumentError,
        (r"Adam", r"'learning_rat'", r"Did you mean 'learning_rate'\?"),
        lambda c: optimizers.Adam(learning_rat=0.1),
    ),
    Wrong(
        "accumulation over one step",
        InvalidArgumentError,
        (r"`gradient_accumulation_steps`", r">= 2", r"=1"),
        lambda c: optimizers.SGD(gradient_accumulation_steps=1),
    ),
    Wrong(
        "an average with a share beyond 1",
        InvalidArgumentError,
        (r"`ema_momentum`", r"\[0, 1\]", r"=2"),
        lambda c: optimizers.SGD(use_ema=True, ema_momentum=2),
    ),
    Wrong(
        "a momentum beyond 1",
        InvalidArgumentError,
        (r"`momentum`", r"\[0, 1\]|0 and 1", r"5"),
        lambda c: optimizers.SGD(momentum=5),
    ),
    Wrong(
        "an unknown name for optimizers.get",
        UnknownIdentifierError,
        (r"optimizer", r"'rmspropp'", r"Did you mean 'rmsprop'\?"),
        lambda c: optimizers.get("rmspropp"),
    ),
    Wrong(
        "an optimizer of another model",
        InvalidArgumentError,
        (r"Unknown variable", r"Adam", r"'second'", r"hidden/kernel", r"new optimizer"),
        another_models_optimizer,
    ),
    Wrong(
        "apply with too few gradients",
        InvalidArgumentError,
        (r"1 gradients", r"6 trainable variables"),
        lambda c: c.model.optimizer.apply([torch.ones(4, 8)], c.model.trainable_variables),
    ),
    Wrong(
        "apply without any gradient",
        InvalidArgumentError,
        (r"No gradients provided",),
        lambda c: c.model.optimizer.apply([None] * 6, c.model.trainable_variables),
    ),
    Wrong(
        "apply with a gradient of another shape",
        ShapeError,
        (r"gradient has shape \(8, 4\)", r"'hidden/kernel' has shape \(4, 8\)"),
        lambda c: c.model.optimizer.apply(
            [torch.ones(8, 4), *(torch.zeros_like(w) for w in c.model.trainable_variables[1:])],
            c.model.trainable_variables,
        ),
    ),
    Wrong(
        "apply to a variable that the optimizer does not know",
        InvalidArgumentError,
        (r"Unknown variable", r"originally built with"),
        lambda c: c.model.optimizer.apply([torch.ones(2)], [torch.nn.Parameter(torch.ones(2))]),
    ),
    Wrong(
        "set_weights of an optimizer that is not built",
        NotBuiltError,
        (r"set_weights", r"not yet been built", r"build"),
        lambda c: optimizers.Adam().set_weights([1.0]),
    ),
    Wrong(
        "set_weights of an optimizer with too few arrays",
        ShapeError,
        (r"Optimizer 'adam", r"14 variables", r"1 values"),
        lambda c: c.model.optimizer.set_weights([1.0]),
    ),
    Wrong(
        "an optimizer that does not say how to update",
        InvalidArgumentError,
        (r"Idle", r"update_step", r"override"),
        lambda c: Idle(0.1).apply([torch.ones(2)], [torch.nn.Parameter(torch.ones(2))]),
    ),
    Wrong(
        "setting a rate that follows a schedule",
        ReadOnlyError,
        (r"learning_rate|learning rate", r"LearningRateSchedule|schedule"),
        follows_a_schedule,
        TypeError,
    ),
    Wrong(
        "a schedule of fewer values than boundaries",
        InvalidArgumentError,
        (r"boundaries", r"values", r"2|length"),
        lambda c: optimizers.schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2]),
    ),
]

CALLBACKS = [
    Wrong(
        "a callback class in the place of a callback",
        InvalidArgumentError,
        (r"`callbacks`", r"instances", r"EarlyStopping", r"Pass an instance: `EarlyStopping\(\)`"),
        lambda c: c.fit(callbacks=[callbacks.EarlyStopping]),
    ),
    Wrong(
        "a function as callback",
        InvalidArgumentError,
        (r"`callbacks`", r"instances of `keras.callbacks.Callback`", r"print"),
        lambda c: c.fit(callbacks=[print]),
    ),
    Wrong(
        "text as callback in predict",
        InvalidArgumentError,
        (r"`callbacks`", r"instances", r"'early'"),
        lambda c: c.model.predict(c.x, callbacks="early", verbose=0),
    ),
    Wrong(
        "LambdaCallback with an unknown hook",
        UnknownArgumentError,
        (r"LambdaCallback", r"'on_epoch_ends'", r"Did you mean 'on_epoch_end'\?"),
        lambda c: callbacks.LambdaCallback(on_epoch_ends=print),
    ),
    Wrong(
        "LambdaCallback with no function",
        InvalidArgumentError,
        (r"on_epoch_end", r"callable|function", r"3"),
        lambda c: callbacks.LambdaCallback(on_epoch_end=3),
    ),
    Wrong(
        "EarlyStopping with an unknown keyword",
        TypeError,
        (r"EarlyStopping", r"unexpected keyword argument 'patient'"),
        lambda c: callbacks.EarlyStopping(patient=3),
        TypeError,
    ),
    Wrong(
        "a train_step that returns a number",
        ArgumentTypeError,
        (r"`train_step`", r"dictionary", r"'handmade'", r"of type float"),
        lambda c: trained_odd(c),
        TypeError,
    ),
]

CONFIGS = [
    Wrong(
        "a config of a class that is not registered",
        UnsafeModelError,
        (r"class 'Mystery'", r"register_keras_serializable", r"custom_objects"),
        lambda c: utils.deserialize_keras_object({"class_name": "Mystery", "config": {}}),
    ),
    Wrong(
        "a config of a function that is not registered",
        UnsafeModelError,
        (r"function 'system'", r"register_keras_serializable", r"custom_objects"),
        lambda c: utils.deserialize_keras_object(
            {"class_name": "function", "module": "os", "config": "system", "registered_name": "system"}
        ),
    ),
    Wrong(
        "a config with the code of a lambda",
        UnsafeModelError,
        (r"lambda", r"never executed", r"custom_objects"),
        lambda c: utils.deserialize_keras_object({"class_name": "__lambda__", "config": {"value": "x"}}),
    ),
    Wrong(
        "a config that is none",
        SerializationError,
        (r"Could not parse config", r"dictionary", r"<object"),
        lambda c: utils.deserialize_keras_object(object()),
    ),
    Wrong(
        "the config of a lambda",
        SerializationError,
        (r"lambda", r"named function", r"register_keras_serializable"),
        lambda c: layers.Lambda(lambda x: x).get_config(),
    ),
    Wrong(
        "the config of a layer without get_config",
        SerializationError,
        (r"'mine'", r"Unlisted", r"`get_config\(\)`", r"Plain"),
        lambda c: Unlisted(Plain(), name="mine").get_config(),
    ),
    Wrong(
        "the config of an object without get_config",
        SerializationError,
        (r"Plain", r"no `get_config\(\)`"),
        lambda c: utils.serialize_keras_object(Plain()),
    ),
    Wrong(
        "a config with arguments that the class does not take",
        SerializationError,
        (r"Narrow", r"'unknown': 1", r"unexpected keyword argument"),
        lambda c: Narrow.from_config(Narrow(2).get_config()),
    ),
    Wrong(
        "registering a class without get_config",
        InvalidArgumentError,
        (r"get_config", r"Plain"),
        lambda c: utils.register_keras_serializable()(Plain),
    ),
    Wrong(
        "registering a number",
        InvalidArgumentError,
        (r"classes and functions", r"3"),
        lambda c: utils.register_keras_serializable()(3),
    ),
    Wrong(
        "the config of a subclassed model with arguments",
        SerializationError,
        (r"Unlisted", r"get_config", r"Plain"),
        lambda c: Unlisted(thing=Plain()).get_config(),
        on=subclassed,
    ),
]

OTHERS = [
    Wrong(
        "an unknown initializer",
        UnknownIdentifierError,
        (r"initializer", r"'he_norml'", r"Did you mean 'he_normal'\?"),
        lambda c: initializers.get("he_norml"),
    ),
    Wrong(
        "an initializer with a negative scale",
        InvalidArgumentError,
        (r"`scale`", r"positive", r"-1"),
        lambda c: initializers.VarianceScaling(scale=-1),
    ),
    Wrong(
        "Orthogonal of a vector",
        InvalidArgumentError,
        (r"Orthogonal|at least", r"two|2", r"\(3,\)"),
        lambda c: initializers.Orthogonal()((3,)),
    ),
    Wrong(
        "a regularizer with a strength as text",
        InvalidArgumentError,
        (r"l2", r"'strong'"),
        lambda c: regularizers.L2("strong"),
    ),
    Wrong(
        "an unknown constraint",
        UnknownIdentifierError,
        (r"constraint", r"'unitnrm'", r"Did you mean 'unitnorm'\?"),
        lambda c: constraints.get("unitnrm"),
    ),
    Wrong(
        "a seed as text",
        InvalidArgumentError,
        (r"seed", r"integer", r"'one'"),
        lambda c: random.SeedGenerator(seed="one"),
    ),
    Wrong(
        "classes beyond those of to_categorical",
        InvalidArgumentError,
        (r"num_classes", r"3", r"5"),
        lambda c: utils.to_categorical([0, 5], num_classes=3),
    ),
    Wrong(
        "an unknown device",
        InvalidArgumentError,
        (r"device", r"'gpuu'"),
        lambda c: kerastorch.device("gpuu").__enter__(),
    ),
    Wrong(
        "an unknown floatx",
        InvalidArgumentError,
        (r"floatx", r"float31", r"float32"),
        lambda c: kerastorch.config.set_floatx("float31"),
    ),
    Wrong(
        "an unknown image data format",
        InvalidArgumentError,
        (r"channels_last", r"'last'"),
        lambda c: kerastorch.config.set_image_data_format("last"),
    ),
    Wrong(
        "an unknown policy",
        InvalidArgumentError,
        (r"mixed_float61", r"mixed_float16"),
        lambda c: kerastorch.DTypePolicy("mixed_float61"),
    ),
    Wrong(
        "assign of a text",
        InvalidArgumentError,
        (r"hidden/kernel", r"tensor, an array or numbers", r"'zeros' \(of type str\)"),
        lambda c: c.model.get_layer("hidden").kernel.assign("zeros"),
    ),
]

ROWS = [*OPTIMIZERS, *CALLBACKS, *CONFIGS, *OTHERS]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_wrong_part(row: Wrong) -> None:
    check(row)


def test_early_stopping_of_something_that_is_not_there_warns_and_goes_on() -> None:
    case = classifier()
    with pytest.warns(UserWarning, match=r"val_acc.*not available.*loss"):
        history = case.fit(epochs=2, callbacks=[callbacks.EarlyStopping(monitor="val_acc")])
    assert len(history.history["loss"]) == 2


def test_early_stopping_of_an_unknown_mode_warns() -> None:
    with pytest.warns(UserWarning, match=r"mode.*'up'"):
        callbacks.EarlyStopping(mode="up")

"""Losses added by layers, penalties of weights and of activities, in training and evaluation."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, models, optimizers
from kerastorch.errors import ArgumentTypeError, GraphError, InvalidArgumentError
from tests.training.twins import assert_close, assert_same_training, both, rows, twins

X, Y = rows(24)


def added(k, when="always"):
    """A layer that adds the mean square of its input to the loss."""

    class Adds(k.layers.Layer):
        def call(self, x, training=None):
            if when == "always" or training:
                self.add_loss(0.1 * k_mean(k, x))
            return x

    return Adds()


def k_mean(k, x):
    return torch.mean(x**2) if k is kerastorch else k.ops.mean(k.ops.square(x))


def chain(*middle):
    """A builder of a model with these layers, each made from the library, between two dense layers."""

    def build(k):
        return k.Sequential(
            [
                k.Input((3,)),
                k.layers.Dense(4, activation="tanh"),
                *(make(k) for make in middle),
                k.layers.Dense(1),
            ]
        )

    return build


def penalized(k):
    return k.layers.Dense(3, kernel_regularizer=k.regularizers.L1L2(0.01, 0.02), activity_regularizer="l1")


def nested(k):
    inner = k.Sequential([k.Input((3,)), k.layers.Dense(4, kernel_regularizer="l2"), added(k)])
    return k.Sequential([k.Input((3,)), inner, k.layers.Dense(1)])


def shared(k):
    """A layer used twice adds its loss twice, and the penalty of its weights once."""
    x = k.Input((3,))
    layer, adds = k.layers.Dense(3, kernel_regularizer="l2"), added(k)
    return k.Model(x, k.layers.Dense(1)(adds(layer(adds(layer(x))))))


def subclassed(k):
    class Net(k.Model):
        def __init__(self):
            super().__init__()
            self.hidden = k.layers.Dense(4, kernel_regularizer="l1")
            self.out = k.layers.Dense(1)

        def call(self, x):
            x = self.hidden(x)
            self.add_loss(0.1 * k_mean(k, x))
            return self.out(x)

    model = Net()
    model(X[:2])
    return model


MODELS = {
    "added": chain(added),
    "two": chain(added, added),
    "in training only": chain(lambda k: added(k, "training")),
    "penalty": chain(lambda k: k.layers.Dense(3, kernel_regularizer="l2", bias_regularizer="l1")),
    "activity": chain(lambda k: k.layers.Dense(3, activity_regularizer="l2")),
    "activity layer": chain(lambda k: k.layers.ActivityRegularization(l2=0.1)),
    "all": chain(added, lambda k: penalized(k)),
    "nested": nested,
    "shared": shared,
    "subclassed": subclassed,
}


@pytest.mark.parametrize("name", list(MODELS))
def test_agreement_with_keras(name):
    models = twins(MODELS[name])
    for model in models:
        model.compile("adam", "mse", metrics=["mse"])
    ours, _ = assert_same_training(models, X, Y, epochs=2, batch_size=8, validation_data=(X, Y))
    assert_close(*both(models, "evaluate", X, Y))
    assert all(loss > plain for loss, plain in zip(ours["loss"], ours["mse"], strict=True))


def test_conditional_loss_counts_in_training_only():
    model = chain(lambda k: added(k, "training"))(kerastorch)
    model.compile(optimizers.SGD(0.0), "mse", metrics=["mse"])
    history = model.fit(X, Y, validation_data=(X, Y), verbose=0).history
    assert history["loss"][0] > history["mse"][0]
    assert history["val_loss"][0] == pytest.approx(history["val_mse"][0], rel=1e-6)


def test_no_loss_but_an_added_one():
    models = twins(chain(added))
    for model in models:
        model.compile("sgd")
    ours, theirs = both(models, "fit", X, shuffle=False, epochs=2)
    assert_close(dict(ours.history), theirs.history)
    assert list(ours.history) == ["loss"]


def test_losses_do_not_pile_up():
    model = chain(added, lambda k: k.layers.Dense(3, kernel_regularizer="l2"))(kerastorch)
    model.compile("sgd", "mse")
    for _ in range(2):
        model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
        model.predict(X, verbose=0)
        assert len(model.losses) == 2


def test_penalty_of_a_frozen_layer_does_not_count():
    """As in Keras: `losses` holds the penalties of trainable weights."""

    def build(k):
        model = k.Sequential([k.Input((3,)), k.layers.Dense(4, kernel_regularizer="l2"), k.layers.Dense(1)])
        model.layers[0].trainable = False
        return model

    models = twins(build)
    for model in models:
        model.compile("sgd", "mse", metrics=["mse"])
    assert_close(*both(models, "evaluate", X, Y))


def test_penalty_set_between_two_fits_counts():
    model = chain()(kerastorch)
    model.compile(optimizers.SGD(0.0), "mse", metrics=["mse"])
    plain = model.fit(X, Y, verbose=0).history
    assert plain["loss"] == pytest.approx(plain["mse"], rel=1e-6)
    model.layers[0].kernel.regularizer = kerastorch.regularizers.L2(0.5)
    history = model.fit(X, Y, verbose=0).history
    penalty = 0.5 * (np.square(model.layers[0].get_weights()[0])).sum()
    assert history["loss"][0] - history["mse"][0] == pytest.approx(penalty, rel=1e-4)


def test_a_function_added_for_good_is_called_in_each_step():
    model = chain()(kerastorch)
    kernel = model.layers[0].kernel
    model.layers[0].add_loss(lambda: 0.5 * (kernel**2).sum())
    model.compile(optimizers.SGD(0.1), "mse", metrics=["mse"])
    history = model.fit(X, Y, epochs=2, verbose=0).history
    values = model.evaluate(X, Y, return_dict=True, verbose=0)
    assert values["loss"] - values["mse"] == pytest.approx(0.5 * float((kernel**2).detach().sum()), rel=1e-4)
    assert len(model.losses) == 1
    assert history["loss"][1] - history["mse"][1] < history["loss"][0] - history["mse"][0]


def test_a_function_added_in_build_stays():
    class Decays(layers.Layer):
        def build(self, input_shape):
            self.w = self.add_weight(shape=(3,), initializer="ones")
            self.add_loss(lambda: self.w.sum())

        def call(self, x):
            return x * self.w

    model = chain(lambda k: layers.Dense(3), lambda k: Decays())(kerastorch)
    model.compile(optimizers.SGD(0.0), "mse", metrics=["mse"])
    history = model.fit(X, Y, epochs=2, verbose=0).history
    assert np.subtract(history["loss"], history["mse"]) == pytest.approx([3.0, 3.0], rel=1e-5)


ADDED = {
    "a tensor": lambda x: {"loss": x.sum()},
    "a list": lambda x: {"loss": [x.sum() / 2, x.sum() / 2, None]},
    "a function": lambda x: {"loss": lambda: x.sum()},
    "one value a sample": lambda x: {"loss": x.sum(-1)},
    "inputs": lambda x: {"loss": x.sum(), "inputs": x},
    "losses": lambda x: {"losses": x.sum()},
    "a number": lambda x: {"loss": [x.sum() - 2.0, 2]},
}


@pytest.mark.parametrize("form", list(ADDED))
def test_forms_of_added_losses(form):
    class Adds(layers.Layer):
        def call(self, x):
            self.add_loss(**ADDED[form](x))
            return x

    model = kerastorch.Sequential([kerastorch.Input((3,)), Adds(), layers.Dense(1)])
    model.compile(optimizers.SGD(0.0), "mse", metrics=["mse"])
    history = model.fit(X, Y, batch_size=len(X), epochs=2, verbose=0).history
    assert np.subtract(history["loss"], history["mse"]) == pytest.approx([X.sum()] * 2, rel=1e-4, abs=1e-4)


def test_only_values_can_be_added():
    with pytest.raises(ArgumentTypeError, match=r"`add_loss` of layer 'l' takes tensors.*Received: 'mse'"):
        layers.Dense(1, name="l").add_loss("mse")


def test_a_loss_without_a_gradient_is_an_error():
    class Adds(layers.Layer):
        def call(self, x):
            self.add_loss(x.detach().sum())
            return x

    model = chain(lambda k: Adds())(kerastorch)
    model.compile("sgd")
    with pytest.raises(InvalidArgumentError, match="has no gradient"):
        model.fit(X, verbose=0)


def test_targets_that_no_loss_takes_are_left_alone():
    model = chain(added)(kerastorch)
    model.compile("sgd")
    assert list(model.fit(X, X, verbose=0).history) == ["loss"]


# Of symbolic tensors ------------------------------------------------------------------------------------------------


def functional():
    x = kerastorch.Input((3,))
    hidden = layers.Dense(4, name="hidden")(x)
    model = kerastorch.Model(x, layers.Dense(1)(hidden))
    model.add_loss(0.1 * torch.mean(hidden**2))
    return model


def sequential():
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(4, name="hidden"), layers.Dense(1)])
    model.add_loss(0.1 * torch.mean(model.layers[0].output ** 2))
    return model


BUILDERS = {"functional": functional, "sequential": sequential}


def penalty(model):
    return 0.1 * float((model.get_layer("hidden")(torch.tensor(X)) ** 2).mean())


@pytest.mark.parametrize("kind", list(BUILDERS))
def test_a_symbolic_loss_trains_as_one_added_by_a_layer(kind):
    model, same = BUILDERS[kind](), chain(added)(kerastorch)
    same.layers[0].activation = layers.Dense(1).activation
    same.set_weights(model.get_weights())
    for each in (model, same):
        each.compile("adam", "mse")
    fits = [
        each.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0).history for each in (model, same)
    ]
    assert_close(*map(dict, fits))
    assert_close(model.get_weights(), same.get_weights())


@pytest.mark.parametrize("kind", list(BUILDERS))
def test_losses_hold_one_value_before_and_after_calls(kind):
    model = BUILDERS[kind]()
    assert len(model.losses) == 1
    model(X), model(X)
    assert [float(v.detach()) for v in model.losses] == pytest.approx([penalty(model)])


COPIES = {
    "clone_model": models.clone_model,
    "get_config": lambda model: type(model).from_config(model.get_config()),
    "to_json": lambda model: models.model_from_json(model.to_json()),
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "to": lambda model: model.to("cpu"),
    "a nested model": lambda model: kerastorch.Sequential([kerastorch.Input((3,)), model]),
}


@pytest.mark.parametrize("way", list(COPIES))
@pytest.mark.parametrize("kind", list(BUILDERS))
def test_copies_keep_symbolic_losses(kind, way):
    model = BUILDERS[kind]()
    copied = COPIES[way](model)
    copied.set_weights(model.get_weights())
    copied.compile("sgd", "mse", metrics=["mse"])
    values = copied.evaluate(X, Y, return_dict=True, verbose=0)
    assert values["loss"] - values["mse"] == pytest.approx(penalty(model), rel=1e-4, abs=1e-6)
    assert len(copied.losses) == 1


def test_layers_of_a_loss_alone_are_trained():
    x = kerastorch.Input((3,))
    hidden = layers.Dense(4)(x)
    model = kerastorch.Model(x, hidden)
    decoder = layers.Dense(3)
    model.add_loss(torch.mean((decoder(hidden) - x) ** 2))
    model.compile("adam")
    before = decoder.kernel.detach().clone()
    model.fit(X, verbose=0)
    assert len(model.weights) == 4
    assert not torch.equal(before, decoder.kernel)


def test_predictions_do_not_compute_symbolic_losses():
    model = functional()
    calls = []
    counting = layers.Lambda(lambda x: calls.append(1) or x)
    model.add_loss(torch.sum(counting(model.get_layer("hidden").output)))
    calls.clear()
    model.predict(X, verbose=0)
    assert calls == []
    model(X)
    assert calls == [1]


def test_a_symbolic_loss_leaves_the_code_of_the_outputs():
    assert "mean" not in functional().code


def test_a_compiled_model_computes_symbolic_losses_in_one_graph():
    model = functional()
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    compiled(torch.tensor(X))
    assert float(model.losses[0].detach()) == pytest.approx(penalty(model), rel=1e-5)


def test_a_model_that_is_called_with_masks_computes_symbolic_losses():
    x = kerastorch.Input((4,), dtype="int64")
    embedded = layers.Embedding(5, 3, mask_zero=True)(x)
    model = kerastorch.Model(x, layers.GlobalAveragePooling1D()(embedded))
    model.add_loss(torch.mean(embedded))
    data = torch.tensor([[1, 2, 0, 0]])
    model(data, mask=torch.ones(1, 4, dtype=torch.bool))
    assert len(model.losses) == 1
    assert isinstance(model.losses[0], torch.Tensor)


def test_a_symbolic_loss_of_another_model_is_refused():
    other = kerastorch.Input((3,), name="other")
    with pytest.raises(
        GraphError, match=r"`add_loss` of model .* cannot be computed from the inputs .*other"
    ):
        functional().add_loss(torch.sum(other))


def test_a_symbolic_loss_needs_a_graph():
    with pytest.raises(GraphError, match=r"`add_loss` of layer 'l' received the symbolic tensor"):
        layers.Dense(1, name="l").add_loss(kerastorch.Input((3,)))


@pytest.mark.parametrize("change", ["add", "pop"])
def test_layers_do_not_change_under_symbolic_losses(change):
    model = sequential()
    with pytest.raises(GraphError, match="can no longer change"):
        model.pop() if change == "pop" else model.add(layers.Dense(2))

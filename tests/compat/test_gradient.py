"""`tf.GradientTape` and its relatives against derivatives known by hand, and the loops of TensorFlow's guides."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch.compat import tensorflow as tf
from kerastorch.errors import ArgumentTypeError, GradientError, InvalidArgumentError


def number(value=3.0):
    return torch.tensor(value)


def network():
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)]
    )


def data():
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.normal(size=(8, 3)), dtype=torch.float32)
    return x, x.sum(1, keepdim=True)


def test_variables_are_watched_and_other_tensors_are_not():
    v, c = keras.Variable(3.0), number()
    with tf.GradientTape() as tape:
        y = v * v * c
    grads = tape.gradient(y, [v, c])
    assert float(grads[0]) == 18.0
    assert grads[1] is None


def test_only_what_follows_the_watch_is_recorded():
    x = number()
    with tf.GradientTape(persistent=True) as tape:
        before = x * x
        tape.watch(x)
        after = x * x
    assert tape.gradient(before, x) is None
    assert tape.gradient(after, x) == 6.0


def test_the_block_records_where_gradients_are_off():
    x = number()
    with torch.no_grad():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        assert not (x * 2).requires_grad
        assert tape.gradient(y, x) == 6.0


def test_watched_tensors_are_plain_again_afterwards():
    x = number()
    for _ in range(3):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        x -= 0.1 * tape.gradient(y, x)
    assert not x.requires_grad
    assert x == pytest.approx(3.0 * 0.8**3)


def test_two_tapes_may_watch_one_tensor():
    x = number()
    with tf.GradientTape() as first, tf.GradientTape() as second:
        first.watch(x)
        second.watch(x)
        y, z = x * x, x**3
    assert first.gradient(y, x) == 6.0
    assert second.gradient(z, x) == 27.0
    assert not x.requires_grad


def test_tapes_that_share_a_computation_do_not_free_it_for_each_other():
    generator, discriminator = keras.Variable(2.0), keras.Variable(5.0)
    with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
        fake = generator * generator
        score = torch.exp(-discriminator * fake)
    assert gen_tape.gradient(score, generator) == pytest.approx(-20 * np.exp(-20))
    assert disc_tape.gradient(score, discriminator) == pytest.approx(-4 * np.exp(-20))


def test_nested_tapes_give_second_derivatives():
    x = number()
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x**3
        slope = inner.gradient(y, x)
    assert slope == 27.0
    assert outer.gradient(slope, x) == 18.0


def test_persistent_tapes_answer_again():
    x = number()
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    assert [float(tape.gradient(t, x)) for t in (z, y, z)] == [108.0, 6.0, 108.0]


def test_other_tapes_answer_once():
    x = number()
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.gradient(y, x)
    with pytest.raises(GradientError, match="not persistent gives gradients once") as caught:
        tape.gradient(y, x)
    assert isinstance(caught.value, RuntimeError)


def test_intermediate_results_are_sources_too():
    x = number()
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    assert tape.gradient(z, y) == 18.0


def test_gradients_have_the_structure_of_the_sources():
    v = {"a": keras.Variable(2.0), "b": [keras.Variable(3.0)]}
    with tf.GradientTape() as tape:
        y = v["a"] * v["b"][0]
    grads = tape.gradient(y, v)
    assert (float(grads["a"]), float(grads["b"][0])) == (3.0, 2.0)


@pytest.mark.parametrize(
    "wrap", [lambda a, b: [a, b], lambda a, b: {"a": a, "b": b}], ids=["list", "dictionary"]
)
def test_gradients_of_several_targets_are_added(wrap):
    v = keras.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        target = wrap(v * v, 3.0 * v)
    assert tape.gradient(target, v).tolist() == [5.0, 7.0]


def test_output_gradients_weigh_the_target():
    v = keras.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = v * v
    assert tape.gradient(y, v, output_gradients=torch.tensor([10.0, 1.0])).tolist() == [20.0, 4.0]


@pytest.mark.parametrize("zero", ["zero", tf.UnconnectedGradients.ZERO], ids=["text", "member"])
def test_unconnected_gradients_may_be_zeros(zero):
    v, other = keras.Variable(3.0), keras.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = v * v
    grads = tape.gradient(y, [v, other], unconnected_gradients=zero)
    assert grads[1].tolist() == [0.0, 0.0]


def test_a_target_that_depends_on_nothing_has_no_gradient():
    v = keras.Variable(3.0)
    with tf.GradientTape() as tape:
        y = number() * 2
    assert tape.gradient(y, v) is None


def test_whole_numbers_have_no_gradient():
    steps = keras.Variable(3, dtype="int64", trainable=False)
    with tf.GradientTape() as tape:
        y = steps * 2
    with pytest.warns(UserWarning, match="only floats have gradients"):
        assert tape.gradient(y, steps) is None


def test_whole_numbers_cannot_be_watched():
    with tf.GradientTape() as tape, pytest.warns(UserWarning, match="Only tensors of floats have gradients"):
        tape.watch(torch.tensor(3))


def test_variables_that_are_not_trained_can_be_watched():
    v = keras.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        tape.watch(v)
        y = v * v
    assert tape.gradient(y, v) == 6.0
    assert not v.trainable


def test_variables_may_be_left_out():
    seen, unseen = keras.Variable(2.0), keras.Variable(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(seen)
        y = seen * unseen
    assert tape.watched_variables() == (seen,)
    grads = tape.gradient(y, [seen, unseen])
    assert grads[0] == 3.0
    assert grads[1] is None


def test_nothing_is_recorded_between():
    x = number()
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        with tape.stop_recording():
            aside = x * 100
        y = y + aside
    assert tape.gradient(y, x) == 6.0


def test_a_reset_tape_is_used_again():
    x = number()
    tape = tf.GradientTape()
    for factor in (2.0, 5.0):
        with tape:
            tape.watch(x)
            y = factor * x
        assert tape.gradient(y, x) == factor
        tape.reset()


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "by row"])
def test_jacobian(at_once):
    x = torch.tensor([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = torch.stack([x[0] * x[1], x[0] ** 2, x[1]])
    jacobian = tape.jacobian(y, x, experimental_use_pfor=at_once)
    assert jacobian.tolist() == [[2.0, 1.0], [2.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "by row"])
def test_batch_jacobian(at_once):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = torch.stack([x[:, 0] * x[:, 1], x[:, 0] ** 2, x[:, 1]], dim=1)
    jacobian = tape.batch_jacobian(y, x, experimental_use_pfor=at_once)
    assert jacobian.shape == (2, 3, 2)
    assert jacobian[1].tolist() == [[4.0, 3.0], [6.0, 0.0], [0.0, 1.0]]


def test_jacobians_of_several_sources():
    a, b = keras.Variable([1.0, 2.0]), keras.Variable([[3.0], [4.0]])
    with tf.GradientTape() as tape:
        y = torch.matmul(b.T, a.reshape(2, 1)).reshape(1)
    grads = tape.jacobian(y, {"a": a, "b": b, "c": keras.Variable([0.0])}, unconnected_gradients="zero")
    assert (grads["a"].shape, grads["b"].shape) == ((1, 2), (1, 2, 1))
    assert grads["c"].tolist() == [[0.0]]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda t: t.watch(np.ones(2)), ArgumentTypeError, "`tape.watch` takes tensors"),
        (lambda t: t.gradient(None, number()), ArgumentTypeError, "target of a gradient is a tensor"),
        (lambda t: t.gradient(number(), 3.0), ArgumentTypeError, "sources of a gradient are tensors"),
        (lambda t: t.gradient(number(), number(), [1, 2]), InvalidArgumentError, "each of the 1 targets"),
        (lambda t: t.batch_jacobian(torch.ones(2), torch.ones(3)), InvalidArgumentError, "same first axis"),
        (lambda t: t.watched_variables(), GradientError, "keeps no list of the variables"),
        (lambda t: t.stop_recording().__enter__(), GradientError, "belongs into the `with` block"),
    ],
    ids=["array", "no target", "number", "factors", "batches", "watched", "stop"],
)
def test_mistakes_are_explained(call, error, text):
    with pytest.raises(error, match=text):
        call(tf.GradientTape())


def test_a_tape_records_once_at_a_time():
    with tf.GradientTape() as tape, pytest.raises(GradientError, match="records already"):
        tape.__enter__()


def test_a_state_that_is_carried_without_a_cut_is_explained():
    v, state = keras.Variable(2.0), number()
    tapes = [tf.GradientTape(), tf.GradientTape()]
    with tapes[0]:
        state = torch.exp(v * state)
    tapes[0].gradient(state, v)
    with tapes[1]:
        state = torch.exp(v * state)
    with pytest.raises(GradientError, match=r"through `tf\.stop_gradient`"):
        tapes[1].gradient(state, v)


def test_a_step_leaves_nothing_behind():
    v, held = keras.Variable(torch.ones(10)), []
    for _ in range(50):
        with tf.GradientTape(persistent=True) as tape:
            y = torch.exp(v * 2)
            z = y.sum()
        tape.gradient(z, v)
        held.append(weakref.ref(y))
    del tape, y, z
    gc.collect()
    assert [ref for ref in held if ref() is not None] == []


def test_custom_gradients_replace_torchs():
    @tf.custom_gradient
    def log1pexp(x):
        e = torch.exp(x)
        return torch.log(1 + e), lambda upstream: upstream * (1 - 1 / (1 + e))

    x = number(100.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = log1pexp(x)
    assert tape.gradient(y, x) == 1.0


def test_custom_gradients_of_several_tensors():
    @tf.custom_gradient
    def swapped(a, b):
        return (a * 1.0, b * 1.0), lambda up_a, up_b: (up_b, up_a)

    a, b = keras.Variable(1.0), keras.Variable(2.0)
    with tf.GradientTape() as tape:
        first, second = swapped(a, b)
        y = 3.0 * first + 5.0 * second
    assert [float(g) for g in tape.gradient(y, [a, b])] == [5.0, 3.0]


def test_custom_gradients_are_counted():
    wrong = tf.custom_gradient(lambda a, b: (a * b, lambda upstream: upstream))
    v = keras.Variable(1.0)
    with tf.GradientTape() as tape:
        y = wrong(v, v)
    with pytest.raises(InvalidArgumentError, match="returned 1 gradients for 2 tensors"):
        tape.gradient(y, v)


def test_a_training_loop_of_the_guides_equals_one_of_torch():
    x, y = data()
    model, loss_fn, metric = network(), keras.losses.MeanSquaredError(), keras.metrics.Mean()
    twin, optimizer = network(), keras.optimizers.SGD(0.1)
    torch_optimizer = torch.optim.SGD(twin.parameters(), 0.1)
    for _ in range(5):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables, strict=True))
        metric.update_state(loss)
        torch_optimizer.zero_grad()
        torch.nn.functional.mse_loss(twin(x), y).backward()
        torch_optimizer.step()
    for ours, theirs in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)
    assert float(metric.result()) > float(loss)


def test_a_gradient_penalty_trains_through_the_inner_tape():
    x, _ = data()
    critic = network()
    with tf.GradientTape() as tape:
        with tf.GradientTape() as inner:
            inner.watch(x)
            score = critic(x, training=True)
        slopes = inner.gradient(score, [x])[0]
        penalty = ((slopes.square().sum(1).sqrt() - 1) ** 2).mean()
    grads = tape.gradient(penalty, critic.trainable_variables)

    leaf = x.clone().requires_grad_()
    (expected,) = torch.autograd.grad(critic(leaf).sum(), leaf, create_graph=True)
    value = ((expected.square().sum(1).sqrt() - 1) ** 2).mean()
    wanted = torch.autograd.grad(value, critic.trainable_variables, allow_unused=True)
    for ours, theirs in zip(grads, wanted, strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            torch.testing.assert_close(ours, theirs)


class KerasTwoStep(keras.Model):
    """A `train_step` as the guides of Keras 2 write it."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables, strict=True))
        self.compiled_metrics.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


class KerasThreeStep(keras.Model):
    """A `train_step` as the guides of Keras 3 write it for TensorFlow."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(grads, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


@pytest.mark.parametrize("kind", [KerasTwoStep, KerasThreeStep], ids=["keras 2", "keras 3"])
def test_an_own_train_step_with_a_tape_equals_the_usual_one(kind):
    x, y = data()

    def trained(cls):
        inner = network()
        model = cls(inner.inputs, inner.outputs)
        model.compile("sgd", "mse", metrics=["mae"])
        history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0).history
        return model, history

    (usual, expected), (own, found) = trained(keras.Model), trained(kind)
    assert found["loss"] == pytest.approx(expected["loss"], rel=1e-5)
    for ours, theirs in zip(own.get_weights(), usual.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_minimize_takes_a_function_and_a_tape():
    v = keras.Variable(3.0)
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.minimize(lambda: v * v, [v])
    with tf.GradientTape() as tape:
        loss = v * v
    optimizer.minimize(loss, [v], tape=tape)
    assert float(v) == pytest.approx(3.0 * 0.8**2)

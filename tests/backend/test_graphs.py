"""`K.function`, `K.gradients`, the learning phase and choices, on models and real tensors."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from kerastorch import Input, KerasTensor, Layer, Model, Sequential, layers, models, utils
from kerastorch import backend as K
from kerastorch.errors import (
    ArgumentTypeError,
    GradientError,
    GraphError,
    InvalidArgumentError,
    MissingMethodError,
    ShapeError,
    UnknownArgumentError,
)

ONES = np.ones((2, 3), "float32")


@pytest.fixture(autouse=True)
def _fresh_session():
    yield
    K.clear_session()


def small_model():
    utils.set_random_seed(1)
    return Sequential([Input((3,)), layers.Dense(4, "tanh", name="hidden"), layers.Dense(2, name="out")])


# Functions ----------------------------------------------------------------------------------------------------------


def test_the_outputs_of_every_layer():
    model = small_model()
    outputs = K.function(model.inputs, [layer.output for layer in model.layers])([ONES])
    assert [type(x) for x in outputs] == [np.ndarray, np.ndarray]
    np.testing.assert_allclose(outputs[1], model.predict(ONES, verbose=0), rtol=1e-6)


def test_a_function_from_the_middle_of_a_model():
    model = small_model()
    hidden = model.get_layer("hidden").output
    rest = K.function([hidden], [model.output])
    values = K.function([model.input], [hidden])([ONES])[0]
    np.testing.assert_allclose(rest([values])[0], model.predict(ONES, verbose=0), rtol=1e-6)


def test_the_learning_phase_as_an_input():
    x = Input((100,))
    model = Model(x, layers.Dropout(0.5)(x))
    run = K.function([model.input, K.learning_phase()], [model.output])
    ones = np.ones((4, 100), "float32")
    assert (run([ones, 0])[0] == 1).all()
    assert (run([ones, 1])[0] == 0).any()
    assert (run([ones, False])[0] == 1).all()


def test_one_output_comes_alone_and_variables_give_their_values():
    model = small_model()
    kernel = model.get_layer("out").kernel
    assert K.function(model.inputs, model.output)([ONES]).shape == (2, 2)
    values = K.function(model.inputs, {"kernel": kernel, "y": model.output})([ONES])
    np.testing.assert_array_equal(values["kernel"], K.get_value(kernel))
    np.testing.assert_array_equal(K.function([], [kernel])([])[0], K.get_value(kernel))


def test_updates_set_variables():
    x, total = K.placeholder((None, 3)), K.variable(0.0)
    run = K.function([x], [K.sum(x)], updates=[(total, K.sum(x))])
    run([ONES])
    assert K.get_value(total) == 6.0


def test_placeholders_make_functions_of_their_own():
    x, y = K.placeholder((None, 3)), K.placeholder((None, 3))
    run = K.function([x, y], [K.batch_dot(x, y), K.concatenate([x, y])])
    assert K.int_shape(K.placeholder(ndim=2)) == (None, None)
    dots, joined = run([ONES, ONES])
    assert dots.tolist() == [[3.0], [3.0]]
    assert joined.shape == (2, 6)


def test_faults_of_functions_are_named():
    model = small_model()
    run = K.function([model.input], [model.output])
    with pytest.raises(GraphError, match="takes 1 inputs"):
        run([ONES, ONES])
    with pytest.raises(UnknownArgumentError, match="no sessions"):
        K.function([model.input], [model.output], feed_dict={})
    with pytest.raises(GraphError, match="not connected"):
        K.function([K.placeholder((None, 3))], [model.output])


# Gradients ----------------------------------------------------------------------------------------------------------


def test_gradients_of_weights_inputs_and_layers():
    model = small_model()
    loss, kernel = K.sum(model.output), model.get_layer("hidden").kernel
    wanted = [model.input, model.get_layer("hidden").output, kernel]
    values = K.function([model.input], K.gradients(loss, wanted))([ONES])
    x = torch.tensor(ONES, requires_grad=True)
    hidden = model.get_layer("hidden")(x)
    expected = torch.autograd.grad(model.get_layer("out")(hidden).sum(), [x, hidden, kernel])
    for mine, other in zip(values, expected, strict=True):
        np.testing.assert_allclose(mine, other.numpy(), rtol=1e-5, atol=1e-7)


def test_gradients_are_none_where_nothing_depends():
    model, other = small_model(), K.placeholder((None, 3))
    assert K.gradients(K.sum(model.output), [other, model.input])[0] is None


def test_gradients_of_gradients_of_real_tensors():
    x = torch.tensor([2.0], requires_grad=True)
    (first,) = K.gradients(K.sum(K.pow(x, 3)), x)
    (second,) = K.gradients(first, [x])
    assert (first.item(), second.item()) == (12.0, 12.0)


def test_functions_are_saved_with_a_model(tmp_path):
    x = Input((3,))
    model = Model(x, K.l2_normalize(K.concatenate([x, K.exp(x)], axis=1), axis=1))
    model.save(tmp_path / "model.keras")
    again = models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(ONES, verbose=0), model.predict(ONES, verbose=0))


def test_a_model_with_gradients_inside_predicts():
    model = small_model()
    slopes = Model(model.input, K.gradients(K.sum(model.output), [model.input]))
    assert slopes.predict(ONES, verbose=0).shape == (2, 3)


def test_faults_of_gradients_are_named():
    model = small_model()
    with pytest.raises(GradientError, match="no gradient"):
        K.gradients(torch.ones(1), [torch.ones(1)])
    with pytest.raises(GradientError, match="cannot depend on symbolic tensors"):
        K.gradients(torch.ones(1, requires_grad=True), [model.input])


# The learning phase -------------------------------------------------------------------------------------------------


class Noticing(Layer):
    """Writes down the learning phase of each call."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def call(self, x):
        self.seen.append(K.learning_phase())
        return K.in_train_phase(2 * x, x)


def test_layers_see_whether_the_model_trains():
    noticing = Noticing()
    model = Sequential([Input((3,)), noticing, layers.Dense(1)])
    model.compile("sgd", "mse")
    noticing.seen.clear()
    model.fit(ONES, ONES[:, :1], epochs=2, verbose=0)
    assert noticing.seen == [1, 1]
    model.evaluate(ONES, ONES[:, :1], verbose=0)
    model.predict(ONES, verbose=0)
    model(ONES)
    model(ONES, training=True)
    assert noticing.seen == [1, 1, 0, 0, 0, 1]


def test_choices_in_a_functional_model_follow_its_mode():
    x = Input((3,))
    model = Model(x, K.in_train_phase(lambda: x * 2, lambda: x))
    assert model(ONES).tolist() == ONES.tolist()
    assert model(ONES, training=True).tolist() == (2 * ONES).tolist()
    model.train()
    assert [model(ONES)[0, 0].item() for _ in range(3)] == [2.0, 2.0, 2.0]


def test_the_learning_phase_can_be_fixed():
    assert K.learning_phase() == 0
    with K.learning_phase_scope(1):
        assert K.in_train_phase("train", "test") == "train"
        assert K.in_test_phase("train", "test") == "test"
    assert K.learning_phase() == 0
    K.set_learning_phase(1)
    assert K.learning_phase() == 1
    K.clear_session()
    assert K.learning_phase() == 0
    with pytest.raises(InvalidArgumentError, match="Expected learning phase to be 0 or 1"):
        K.set_learning_phase(2)


# Choices and loops --------------------------------------------------------------------------------------------------


def test_switch_calls_only_what_it_chooses():
    assert K.switch(torch.tensor(True), lambda: "yes", lambda: 1 / 0) == "yes"
    assert K.switch(False, torch.zeros(2), torch.ones(2)).tolist() == [1.0, 1.0]
    rows = K.switch(torch.tensor([1, 0]), torch.ones(2, 3), torch.zeros(2, 3))
    assert rows.tolist() == [[1.0] * 3, [0.0] * 3]
    with pytest.raises(ShapeError, match="Rank of `condition`"):
        K.switch(torch.ones(2, 2), torch.ones(2), torch.ones(2))


def test_switch_is_a_step_of_a_model():
    x = Input((3,))
    model = Model(x, K.switch(K.greater(x, 0.0), x, lambda: K.zeros_like(x)))
    assert model(np.array([[-1.0, 0.0, 2.0]], "float32")).tolist() == [[0.0, 0.0, 2.0]]


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("zero_masked", [False, True])
def test_rnn_keeps_states_at_masked_steps(go_backwards, zero_masked):
    x = torch.arange(1.0, 5.0).reshape(1, 4, 1)
    mask = torch.tensor([[True, False, True, True]])

    def step(inputs, states):
        return inputs + states[0], [inputs + states[0]]

    last, outputs, states = K.rnn(
        step, x, [torch.zeros(1, 1)], go_backwards, mask, zero_output_for_mask=zero_masked
    )
    sums = (
        [4.0, 7.0, 0.0 if zero_masked else 7.0, 8.0]
        if go_backwards
        else [1.0, 0.0 if zero_masked else 1.0, 4.0, 8.0]
    )
    assert outputs.flatten().tolist() == sums
    assert (last.item(), states[0].item()) == (8.0, 8.0)


def test_rnn_takes_constants_time_first_and_lengths():
    def step(inputs, states):
        return inputs * states[1], [states[0] + 1]

    x = torch.ones(2, 3, 1)
    last, outputs, states = K.rnn(
        step, x, [torch.zeros(2, 1)], constants=[torch.full((2, 1), 3.0)], unroll=True
    )
    assert (outputs.shape, last.tolist(), states[0].tolist()) == ((2, 3, 1), [[3.0]] * 2, [[3.0]] * 2)
    _, outputs, _ = K.rnn(
        lambda i, s: (i, s), x.transpose(0, 1), [], time_major=True, return_all_outputs=False
    )
    assert outputs.shape == (1, 2, 1)
    _, _, states = K.rnn(
        lambda i, s: (i, [s[0] + i]), x, [torch.zeros(2, 1)], input_length=torch.tensor([1, 3])
    )
    assert states[0].tolist() == [[1.0], [3.0]]


# Values and names ---------------------------------------------------------------------------------------------------


def test_values_are_read_and_set():
    weight = K.variable(np.zeros((2, 2)), name="w")
    K.set_value(weight, np.ones((2, 2)))
    K.batch_set_value([(weight, 2 * K.get_value(weight))])
    assert K.batch_get_value([weight, weight])[1].tolist() == [[2.0, 2.0]] * 2
    assert K.eval(weight * 2).tolist() == [[4.0, 4.0]] * 2
    assert K.get_value(3) == 3
    assert K.count_params(weight) == 4
    with pytest.raises(ArgumentTypeError, match="has no value"):
        K.get_value(KerasTensor((None, 2)))
    with pytest.raises(ArgumentTypeError, match="takes a variable"):
        K.set_value(3, 4)


def test_updates_change_variables_at_once():
    x = K.variable([1.0, 2.0])
    K.update_add(x, [1.0, 1.0])
    K.update_sub(x, 0.5)
    K.update(x, x * 2)
    K.moving_average_update(x, K.zeros((2,)), 0.5)
    assert K.get_value(x).tolist() == [1.5, 2.5]


def test_shapes_are_known_and_unknown():
    x = Input((4, 3))
    assert K.int_shape(x) == (None, 4, 3)
    assert (K.ndim(x), K.dtype(x), K.is_keras_tensor(x), K.is_tensor(x)) == (3, "float32", True, True)
    model = Model(x, K.reshape(x, (K.shape(x)[0], K.int_shape(x)[1] * K.int_shape(x)[2])))
    assert model.output_shape == (None, 12)
    assert model(np.ones((5, 4, 3), "float32")).shape == (5, 12)
    with pytest.raises(ArgumentTypeError, match="Unexpectedly found an instance"):
        K.is_keras_tensor(3)


def test_seeds_begin_sequences():
    first, second = K.random_uniform((4,), seed=3), K.random_uniform((4,), seed=3)
    assert not torch.equal(first, second)
    K.clear_session()
    assert torch.equal(K.random_uniform((4,), seed=3), first)
    assert 0.2 < float(K.mean(K.random_bernoulli((1000,), p=0.3))) < 0.4
    assert K.dtype(K.random_binomial((3,), dtype="float64")) == "float64"


def test_sessions_are_no_more():
    assert K.backend() == "torch"
    K.set_session(None)
    with pytest.raises(MissingMethodError, match="no TensorFlow sessions"):
        K.get_session()


def test_faults_name_the_function_and_the_shapes():
    with pytest.raises(ShapeError, match=r"`keras.backend.dot` failed.*<float32 of shape \(2, 3\)>"):
        K.dot(torch.ones(2, 3), torch.ones(2, 3))
    with pytest.raises(InvalidArgumentError, match="has not length one"):
        K.squeeze(torch.ones(2, 3), 1)
    with pytest.raises(InvalidArgumentError, match="other than axis 0"):
        K.batch_dot(torch.ones(2, 3), torch.ones(2, 3), axes=0)
    with pytest.raises(ShapeError, match="different batch sizes"):
        K.batch_dot(torch.ones(2, 3), torch.ones(1, 3))
    with pytest.raises(InvalidArgumentError, match="Invalid pooling mode"):
        K.pool2d(torch.ones(1, 4, 4, 1), (2, 2), pool_mode="sum")
    with pytest.raises(InvalidArgumentError, match="`interpolation` is one of"):
        K.resize_images(torch.ones(1, 2, 2, 1), 2, 2, "channels_last", "cubic")


def test_the_order_of_axes_has_names_of_keras_1():
    try:
        K.set_image_dim_ordering("th")
        assert (K.image_dim_ordering(), K.image_data_format()) == ("th", "channels_first")
    finally:
        K.set_image_dim_ordering("tf")
    assert K.image_data_format() == "channels_last"
    with pytest.raises(InvalidArgumentError, match="Unknown dim_ordering"):
        K.set_image_dim_ordering("cntk")


def test_symbolic_calls_load_no_compiler():
    code = (
        "import sys; from kerastorch import Input, backend as K; x = Input((8, 8, 3)); y = K.batch_flatten(K.sqrt(x));"
        "K.softmax(K.dot(y, K.ones((192, 4)))); K.batch_dot(y, y, 1); K.gather(y, [0]); K.std(x, axis=[1, 2]);"
        "K.conv2d(x, K.ones((3, 3, 3, 2))); K.pool2d(x, (2, 2)); K.switch(K.greater(y, 0), y, K.zeros_like(y));"
        "print([name for name in ('sympy', 'torch._dynamo') if name in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )

"""The interface of Keras: variables, weights, applying gradients, averages, constraints, subclasses."""

from __future__ import annotations

import warnings

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import optimizers
from kerastorch.core.variable import Variable
from kerastorch.errors import InvalidArgumentError, NotBuiltError, ShapeError
from tests.optimizers.training import train, weights


def test_iterations_can_be_read_and_set():
    optimizer = optimizers.Adam()
    train(optimizer, 3)
    assert int(optimizer.iterations) == optimizer.iterations.numpy() == 3
    optimizer.iterations.assign(7)
    assert int(optimizer.variables[0]) == 7
    optimizer.iterations = 9
    assert int(optimizer.iterations) == 9


def test_iterations_count_updates_with_accumulation():
    optimizer = optimizers.Adam(gradient_accumulation_steps=2)
    train(optimizer, 5)
    assert int(optimizer.iterations) == 2


def test_weights_round_trip():
    first, second = optimizers.RMSprop(), optimizers.RMSprop()
    train(first, 3)
    second.build(weights())
    second.set_weights(first.get_weights())
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam"])
def test_variables_can_be_set_one_by_one(name):
    """A common way to reset an optimizer between two trainings."""
    options = {"momentum": 0.9} if name == "SGD" else {}
    optimizer, fresh = (getattr(optimizers, name)(**options) for _ in range(2))
    train(optimizer, 5)
    rate = float(optimizer.learning_rate)
    for variable in optimizer.variables:
        variable.assign(np.zeros(variable.shape))
    assert float(optimizer.learning_rate) == 0.0
    optimizer.learning_rate = rate
    kept = optimizer._params
    for variable, start in zip(kept, weights(), strict=True):
        variable.assign(start)
    train(optimizer, 2, kept)
    for a, b in zip(kept, train(fresh, 2), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda values: values[:-1], "has 6 variables, but 5 values were given"),
        (lambda values: [*values[:-1], np.zeros(7)], r"has shape \(6, 1\) not compatible with .* \(7,\)"),
    ],
)
def test_wrong_weights_are_refused_and_nothing_is_set(change, message):
    optimizer = optimizers.SGD(momentum=0.5)
    train(optimizer, 2)
    before = optimizer.get_weights()
    with pytest.raises(ShapeError, match=message):
        optimizer.set_weights(change([value + 1 for value in before]))
    for a, b in zip(optimizer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_weights_before_build_are_refused():
    with pytest.raises(NotBuiltError, match="has not yet been built"):
        optimizers.SGD().set_weights([])
    with pytest.raises(ShapeError, match="has 2 variables whereas the saved optimizer has 3"):
        optimizers.SGD().load_own_variables({"0": 1, "1": 0.1, "2": 3})


def test_missing_gradients_are_named_once():
    variables = weights()
    optimizer = optimizers.SGD(0.1)
    grads = [torch.ones_like(variables[0]), None, None, torch.ones_like(variables[3])]
    with pytest.warns(UserWarning, match=r"Gradients do not exist for variables \['bias', 'kernel'\]"):
        optimizer.apply(grads, variables)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.apply(grads, variables)
    assert int(optimizer.iterations) == 2
    np.testing.assert_array_equal(variables[1].numpy(), weights()[1].numpy())


def test_no_gradient_at_all_is_an_error():
    with pytest.raises(InvalidArgumentError, match="No gradients provided for any variable"):
        optimizers.SGD().apply([None, None, None, None], weights())


def test_an_empty_list_is_no_step():
    optimizer = optimizers.SGD()
    optimizer.apply([])
    optimizer.apply_gradients([])
    assert int(optimizer.iterations) == 0


def test_wrong_calls_of_apply():
    optimizer, variables = optimizers.SGD(), weights()
    grads = [torch.ones_like(v) for v in variables]
    with pytest.raises(NotBuiltError, match="must already be built on a list of variables"):
        optimizer.apply(grads)
    optimizer.build(variables)
    with pytest.raises(InvalidArgumentError, match="Received 2 gradients for 4 trainable variables"):
        optimizer.apply(grads[:2])
    with pytest.raises(InvalidArgumentError, match=r"Unknown variable: .*should recreate a new optimizer"):
        optimizer.apply(grads, weights())


@pytest.mark.parametrize("shape", [(3, 4), (5, 4, 1), (4,)])
def test_gradients_of_another_shape_are_refused(shape):
    """The kernels read memory without looking at shapes."""
    variables, optimizer = weights(), optimizers.Adam()
    grads = [torch.ones(shape), *(torch.ones_like(v) for v in variables[1:])]
    with pytest.raises(ShapeError, match=r"A gradient has shape .* variable 'dense' has shape \(5, 4\)"):
        optimizer.apply(grads, variables)
    with pytest.raises(ShapeError, match=r"A gradient of shape .* variable of shape \(5, 4\)"):
        optimizer.update_step(grads[0], variables[0], 0.1)
    assert int(optimizer.iterations) == 0


def test_gradients_may_be_arrays():
    variables, other = weights(), weights()
    optimizers.Adam().apply([np.ones(v.shape, "float32") for v in variables], variables)
    optimizers.Adam().apply([torch.ones_like(v) for v in other], other)
    for a, b in zip(variables, other, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_build_needs_variables():
    with pytest.raises(InvalidArgumentError, match="`build` needs the list of variables"):
        optimizers.SGD().build()


def test_some_variables_in_another_order():
    variables = weights()
    optimizer = optimizers.SGD(0.5)
    optimizer.build(variables)
    before = [v.numpy() for v in variables]
    optimizer.apply(
        [torch.ones_like(variables[3]), torch.zeros_like(variables[0])], [variables[3], variables[0]]
    )
    np.testing.assert_allclose(variables[3].numpy(), before[3] - 0.5, rtol=1e-6)
    for i in (0, 1, 2):
        np.testing.assert_array_equal(variables[i].numpy(), before[i])


def test_constraints_project_after_the_update():
    variable = Variable(np.array([0.5, -0.5], "float32"))
    variable.constraint = lambda w: w.clamp(min=0.0)
    optimizer = optimizers.SGD(0.1)
    optimizer.apply([torch.tensor([1.0, 1.0])], [variable])
    np.testing.assert_allclose(variable.numpy(), [0.4, 0.0], rtol=1e-6)


def test_averages_become_the_values_at_the_end():
    optimizer = optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    variables = train(optimizer, 4)
    averages = [v.numpy() for v in optimizer._model_variables_moving_average]
    assert not np.allclose(averages[0], variables[0].numpy())
    optimizer.finalize_variable_values(variables)
    for variable, average in zip(variables, averages, strict=True):
        np.testing.assert_array_equal(variable.numpy(), average)
    with pytest.raises(InvalidArgumentError, match="does not match the length of model variables"):
        optimizer.finalize_variable_values(variables[:2])


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("clipnorm", 0.1),
        ("clipvalue", 0.1),
        ("global_clipnorm", 0.1),
        ("weight_decay", 0.5),
        ("gradient_accumulation_steps", 2),
        ("loss_scale_factor", 4.0),
        ("use_ema", True),
    ],
)
def test_settings_changed_after_building_count(setting, value):
    changed = optimizers.Adam(0.1)
    given = optimizers.Adam(0.1, **{setting: value})
    changed.build(weights())
    changed._whole_plan()
    setattr(changed, setting, value)
    variables = changed._params
    train(changed, 4, variables)
    for a, b in zip(variables, train(given, 4), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_hyperparameters_changed_between_steps_count():
    changed, given = optimizers.SGD(0.1, momentum=0.5), optimizers.SGD(0.1, momentum=0.9)
    changed.momentum = 0.9
    for a, b in zip(train(changed, 4), train(given, 4), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_exclusion_from_decay_must_come_first():
    optimizer = optimizers.AdamW()
    optimizer.build(weights())
    with pytest.raises(InvalidArgumentError, match="can only be configured before the optimizer is built"):
        optimizer.exclude_from_weight_decay(var_names=["bias"])


def test_scale_loss():
    assert optimizers.SGD(loss_scale_factor=8.0).scale_loss(2.0) == 16.0
    assert optimizers.SGD().scale_loss(2.0) == 2.0


def test_automatic_names_count_up():
    first, second = optimizers.Adam(), optimizers.Adam()
    assert first.name.startswith("adam")
    assert first.name != second.name
    assert optimizers.Adam(name="mine").variables[0].path == "mine/iteration"


class Momentum(optimizers.Optimizer):
    """As the guide of Keras 3 writes one."""

    def __init__(self, learning_rate=0.01, momentum=0.9, **kwargs):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.momentum = momentum

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.moments = []
        for variable in variables:
            self.moments.append(self.add_variable_from_reference(reference_variable=variable, name="moment"))
        self.count = self.add_variable(shape=(), initializer="ones", dtype="int64", name="count")

    def update_step(self, gradient, variable, learning_rate):
        m = self.moments[self._get_variable_index(variable)]
        self.assign(m, self.momentum * m - learning_rate * gradient)
        self.assign_add(variable, m)

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum}


class Momentum2(optimizers.Optimizer):
    """As one was written for Keras 2.11 to 2.15."""

    def __init__(self, learning_rate=0.01, momentum=0.9, name="Momentum2", **kwargs):
        super().__init__(name=name, **kwargs)
        self._learning_rate = self._build_learning_rate(learning_rate)
        self.momentum = momentum

    def build(self, var_list):
        super().build(var_list)
        self.moments = [
            self.add_variable_from_reference(model_variable=v, variable_name="m", initial_value=0.0)
            for v in var_list
        ]

    def update_step(self, gradient, variable):
        m = self.moments[self._index_dict[self._var_key(variable)]]
        m.assign(self.momentum * m - self.learning_rate * gradient)
        variable.assign_add(m)


@pytest.mark.parametrize("cls", [Momentum, Momentum2])
@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.1, "clipnorm": 1.0, "use_ema": True}], ids=str)
def test_a_users_optimizer_equals_the_built_in_one(cls, options):
    if cls is Momentum2 and options:
        options = {"weight_decay": 0.1}
    ours = train(cls(0.02, **options), 6)
    built_in = train(optimizers.SGD(0.02, momentum=0.9, **options), 6)
    for a, b in zip(ours, built_in, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)


def test_a_users_optimizer_has_config_and_variables():
    optimizer = Momentum(0.5, momentum=0.3, name="mine")
    assert Momentum.from_config(optimizer.get_config()).get_config() == optimizer.get_config()
    train(optimizer, 1)
    assert [v.path for v in optimizer.variables] == [
        "mine/iteration",
        "mine/learning_rate",
        "mine/dense_moment",
        "mine/bias_moment",
        "mine/kernel_moment",
        "mine/unit_moment",
        "mine/count",
    ]


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Adamax", "Lion"])
def test_update_step_of_a_built_in_optimizer_can_be_wrapped(name):
    base = getattr(optimizers, name)

    class Doubled(base):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient * 2, variable, learning_rate)

    class Same(base):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient, variable, learning_rate)

    for a, b in zip(train(Same(), 4), train(base(), 4), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6, atol=1e-7)
    weight = torch.nn.Parameter(torch.zeros(2))
    doubled = Doubled(0.1)
    doubled.apply([torch.ones(2)], [weight])
    single = torch.nn.Parameter(torch.zeros(2))
    base(0.1).apply([torch.full((2,), 2.0)], [single])
    np.testing.assert_allclose(weight.detach(), single.detach(), rtol=1e-6)


def test_an_optimizer_without_a_rule_says_so():
    with pytest.raises(InvalidArgumentError, match="must override `update_step"):
        optimizers.Optimizer(0.1).apply([torch.ones(1)], [torch.nn.Parameter(torch.ones(1))])


def test_optimizer_variables_need_as_many_initializers_as_names():
    with pytest.raises(InvalidArgumentError, match="must match the number of provided initializers"):
        optimizers.SGD().add_optimizer_variables(weights(), ["a", "b"], ["zeros"])


def test_two_lists_of_variables_are_interleaved():
    optimizer = optimizers.SGD()
    ones, halves = optimizer.add_optimizer_variables(weights()[:2], ["a", "b"], ["ones", 0.5])
    assert [v.name for v in optimizer.variables[2:]] == ["dense_a", "dense_b", "bias_a", "bias_b"]
    assert float(ones[0].sum()) == 20.0
    assert float(halves[1].sum()) == 2.0


def test_layouts_are_refused():
    with pytest.raises(InvalidArgumentError, match="have no `layout` on torch"):
        optimizers.SGD().add_variable((2,), layout="x")


def test_stateless_apply_leaves_everything_as_it_was():
    optimizer, twin = optimizers.Adam(0.1), optimizers.Adam(0.1)
    variables, other = weights(), weights()
    optimizer.build(variables)
    grads = [torch.ones_like(v) for v in variables]
    before = optimizer.get_weights()
    new, state = optimizer.stateless_apply(optimizer.variables, grads, variables)
    twin.apply(grads, other)
    for a, b, c in zip(new, other, variables, strict=True):
        np.testing.assert_allclose(a, b.numpy())
        assert not np.allclose(a, c.numpy())
    assert int(state[0]) == 1
    for a, b in zip(optimizer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ShapeError, match="Received 1 values for 4 variables"):
        optimizer.stateless_apply(optimizer.variables, grads, variables[:1])


@pytest.mark.parametrize("name", ["SGD", "Adam", "Ftrl"])
@pytest.mark.parametrize("steps", [None, 2])
def test_a_variable_may_ask_to_be_replaced_by_its_gradient(name, steps):
    """As Keras does for the scales of 8-bit training; while gradients add up, by the largest of them."""
    options = {"gradient_accumulation_steps": steps, "global_clipnorm": 0.5, "weight_decay": 0.1}
    optimizer, oracle = (getattr(m.optimizers, name)(0.5, **options) for m in (kerastorch, keras))
    ours, theirs = ([m.Variable([1.0, 2.0]) for _ in range(2)] for m in (kerastorch, keras))
    ours[0].overwrite_with_gradient = theirs[0].overwrite_with_gradient = True
    for grad in ([3.0, 1.0], [2.0, 4.0], [1.0, 1.0], [0.5, 2.0]):
        for one, variables in ((optimizer, ours), (oracle, theirs)):
            one.apply([torch.tensor(grad), torch.tensor(grad)], variables)
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a.detach(), keras.ops.convert_to_numpy(b), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [3.0, 4.0]),
        ({"clipvalue": 3.5}, [3.0, 3.5]),
        ({"clipnorm": 1.0}, [0.6, 0.8]),
        ({"global_clipnorm": 1.0}, [0.6, 0.8]),
    ],
)
def test_gradients_are_clipped_by_a_method_too(options, expected):
    none, clipped = optimizers.SGD(**options)._clip_gradients([None, [3.0, 4.0]])
    assert none is None
    np.testing.assert_allclose(clipped, expected, rtol=1e-6)

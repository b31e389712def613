"""Parameters given to the constructor, groups of them, and torch's schedulers on these."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from kerastorch import Input, Sequential, layers, optimizers
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, UnknownArgumentError
from kerastorch.optimizers import SGD, Adam, AdamW

NAMES = [
    "SGD",
    "RMSprop",
    "Adam",
    "AdamW",
    "Adagrad",
    "Adadelta",
    "Adamax",
    "Nadam",
    "Lion",
    "Ftrl",
    "Adafactor",
    "Lamb",
]


def weights(count: int = 3) -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(torch.tensor([1.0, -2.0, 3.0])) for _ in range(count)]


def step(optimizer, variables, scale: float = 1.0) -> None:
    for place, variable in enumerate(variables):
        variable.grad = torch.tensor([0.5, -1.0, 0.25]) * scale * (place + 1)
    optimizer.step()


@pytest.mark.parametrize("name", NAMES)
def test_made_as_torch_makes_them(name):
    ours, theirs = weights(), weights()
    made = getattr(optimizers, name)(iter(ours), lr=0.02)
    built = getattr(optimizers, name)(0.02)
    built.build(theirs)
    for _ in range(3):
        step(made, ours)
        step(built, theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a.detach(), b.detach())
    assert made.get_config() == {**built.get_config(), "name": made.name}


@pytest.mark.filterwarnings("error")
def test_the_rate_may_be_left_out_or_called_lr():
    assert float(SGD(weights()).learning_rate) == pytest.approx(0.01)
    assert float(Adam(weights(), lr=0.5).learning_rate) == 0.5


def test_parameters_of_the_constructor_are_there_for_all_of_torch():
    optimizer = Adam(weights(), lr=0.1)
    assert len(optimizer.param_groups[0]["params"]) == 3
    assert len(optimizer.variables) == 8
    assert len(Adam(weights()).state_dict()["state"]) == 3


def test_fit_uses_the_parameters_of_the_constructor():
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile(Adam(model.parameters(), lr=0.1), "mse")
    before = model.get_weights()[0].copy()
    model.fit(np.ones((4, 2)), np.zeros((4, 1)), verbose=0)
    assert not np.array_equal(before, model.get_weights()[0])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", ["constructor", "build", "add_param_group"])
def test_each_group_has_its_rate_and_decay(name, way):
    cls, (a, b, c) = getattr(optimizers, name), weights()
    groups = [{"params": [a]}, {"params": b, "lr": 0.5}, {"params": [c], "lr": 0.2, "weight_decay": 0.1}]
    if way == "constructor":
        optimizer = cls(groups, lr=0.1, weight_decay=0.01)
    else:
        optimizer = cls(0.1, weight_decay=0.01)
    if way == "build":
        optimizer.build(groups)
    if way == "add_param_group":
        for group in groups:
            optimizer.add_param_group(group)
    for _ in range(3):
        step(optimizer, [a, b, c])
    for place, (trained, rate, decay) in enumerate([(a, 0.1, 0.01), (b, 0.5, 0.01), (c, 0.2, 0.1)]):
        (alone,) = weights(1)
        reference = cls(rate, weight_decay=decay)
        reference.build([alone])
        for _ in range(3):
            step(reference, [alone], place + 1)
        np.testing.assert_allclose(trained.detach(), alone.detach(), rtol=1e-6)


def test_a_subclass_gets_the_rate_of_the_group():
    class Plain(optimizers.Optimizer):
        def update_step(self, gradient, variable, learning_rate):
            self.assign_sub(variable, gradient * learning_rate)

    a, b = weights(2)
    optimizer = Plain([{"params": [a]}, {"params": [b], "lr": 1.0}], lr=0.5)
    step(optimizer, [a, b])
    np.testing.assert_allclose(a.detach(), [0.75, -1.5, 2.875])
    np.testing.assert_allclose(b.detach(), [0.0, 0.0, 2.5])


def test_setting_the_rate_keeps_the_ratio_of_the_groups():
    a, b = weights(2)
    optimizer = SGD([{"params": [a]}, {"params": [b], "lr": 0.01}], lr=0.1)
    optimizer.learning_rate = 0.5
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.5, 0.05])
    optimizer.lr.assign(0.1)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.1, 0.01])


def test_state_dict_and_copies_keep_the_groups():
    a, b = weights(2)
    optimizer = Adam([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1)
    step(optimizer, [a, b])
    (c, d), copied = copy.deepcopy(((a, b), optimizer))
    e, f = (torch.nn.Parameter(v.detach().clone()) for v in (a, b))
    resumed = Adam([{"params": [e]}, {"params": [f]}])
    resumed.load_state_dict(optimizer.state_dict())
    for one, pair in ((optimizer, (a, b)), (copied, (c, d)), (resumed, (e, f))):
        step(one, pair)
    for one in (c, e):
        np.testing.assert_array_equal(a.detach(), one.detach())
    for one in (d, f):
        np.testing.assert_array_equal(b.detach(), one.detach())


def test_clipping_looks_at_all_groups():
    a, b = weights(2)
    optimizer = SGD([{"params": [a]}, {"params": [b], "lr": 2.0}], lr=1.0, global_clipnorm=1.0)
    optimizer.build()
    for variable in (a, b):
        variable.grad = torch.tensor([3.0, 0.0, 0.0])
    optimizer.step()
    assert float(1.0 - a[0]) == pytest.approx(0.5**0.5)
    assert float(1.0 - b[0]) == pytest.approx(2 * 0.5**0.5)


WRONG = [
    ([{"params": weights(1), "momentum": 0.5}], UnknownArgumentError, "has no key 'momentum'"),
    ([{"params": weights(1), "weight_deca": 0.5}], UnknownArgumentError, "Did you mean 'weight_decay'"),
    ([{"lr": 0.5}], InvalidArgumentError, "needs `params`"),
    ([{"params": [1.0]}], ArgumentTypeError, "must be tensors"),
    ([], InvalidArgumentError, "an empty list of parameters"),
    ([weights(1)[0], 3.0], ArgumentTypeError, "Parameters must be tensors, or dictionaries"),
]


@pytest.mark.parametrize(("parameters", "error", "message"), WRONG)
def test_wrong_groups_are_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        SGD(parameters, lr=0.1)


def test_a_parameter_in_two_groups_is_refused():
    (a,) = weights(1)
    with pytest.raises(ValueError, match="more than one parameter group"):
        SGD([{"params": [a]}, {"params": [a]}]).build()


def test_a_schedule_and_the_rate_of_a_group_are_refused():
    (a,) = weights(1)
    optimizer = SGD(optimizers.schedules.CosineDecay(0.1, 10))
    with pytest.raises(InvalidArgumentError, match="cannot have its own `lr` where"):
        optimizer.build([{"params": [a], "lr": 0.5}])
    assert not optimizer.built


SCHEDULERS = {
    "StepLR": lambda o: lr_scheduler.StepLR(o, 2, 0.5),
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, [2, 4], 0.1),
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, [lambda i: 0.9**i, lambda i: 1.0 / (i + 1)]),
    "MultiplicativeLR": lambda o: lr_scheduler.MultiplicativeLR(o, lambda i: 0.9),
    "ConstantLR": lambda o: lr_scheduler.ConstantLR(o, 0.5, 3),
    "LinearLR": lambda o: lr_scheduler.LinearLR(o, 0.25, total_iters=4),
    "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda o: lr_scheduler.PolynomialLR(o, 5, 2.0),
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, 5),
    "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, [0.1, 0.2], total_steps=7),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, step_size_up=2),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.LinearLR(o, 0.25, total_iters=3), lr_scheduler.ExponentialLR(o, 0.9)], [3]
    ),
    "ChainedScheduler": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.LinearLR(o, 0.25, total_iters=3), lr_scheduler.ExponentialLR(o, 0.9)]
    ),
}


@pytest.mark.filterwarnings("ignore:To get the last learning rate")
@pytest.mark.parametrize("make", SCHEDULERS.values(), ids=SCHEDULERS)
def test_schedulers_of_torch_drive_every_group(make):
    """The rates and, where it is cycled, the momentum are those that an optimizer of torch gets."""
    ours, theirs = weights(2), weights(2)
    groups = [[{"params": [a], "lr": 0.05}, {"params": [b], "lr": 0.1}] for a, b in (ours, theirs)]
    optimizer = Adam(groups[0], beta_2=0.99)
    reference = torch.optim.Adam(groups[1], betas=(0.9, 0.99), eps=1e-7)
    mine, other = make(optimizer), make(reference)
    for _ in range(6):
        step(optimizer, ours)
        step(reference, theirs)
        mine.step()
        other.step()
        for left, right in zip(optimizer.param_groups, reference.param_groups, strict=True):
            assert left["lr"] == pytest.approx(right["lr"])
            assert left["betas"] == pytest.approx(right["betas"])
    step(optimizer, ours)
    assert optimizer.beta_1 == pytest.approx(reference.param_groups[0]["betas"][0])


def test_one_cycle_moves_the_momentum_of_sgd():
    (a,) = weights(1)
    optimizer = SGD([a], lr=0.1, momentum=0.5)
    scheduler = lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=4, base_momentum=0.25, max_momentum=0.75)
    seen = []
    for _ in range(3):
        step(optimizer, [a])
        seen.append(optimizer.momentum)
        scheduler.step()
    assert seen[0] == pytest.approx(0.75)
    assert min(seen) < 0.5


def test_plateaus_lower_the_rate_of_every_group():
    a, b = weights(2)
    optimizer = AdamW([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, factor=0.5)
    for _ in range(2):
        scheduler.step(1.0)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.05, 0.25])


def test_a_scaler_of_torch_works():
    (a,) = weights(1)
    optimizer, scaler = SGD([a], lr=0.5), torch.amp.GradScaler("cpu", init_scale=8.0)
    scaler.scale((a * 2.0).sum()).backward()
    scaler.step(optimizer)
    scaler.update()
    np.testing.assert_allclose(a.detach(), [0.0, -3.0, 2.0])


def test_a_loss_scale_optimizer_takes_over_the_groups():
    a, b = weights(2)
    inner = SGD([{"params": [a]}, {"params": [b], "lr": 2.0}], lr=1.0)
    optimizer = optimizers.LossScaleOptimizer(inner, initial_scale=8.0)
    step(optimizer, [a, b], 8.0)
    np.testing.assert_allclose(a.detach(), [0.5, -1.0, 2.75])
    np.testing.assert_allclose(b.detach(), [-1.0, 2.0, 2.0])


def test_a_multi_optimizer_takes_no_groups():
    optimizer = optimizers.MultiOptimizer(lambda variable: SGD())
    with pytest.raises(InvalidArgumentError, match="takes variables, not parameter groups"):
        optimizer.build([{"params": weights()}])

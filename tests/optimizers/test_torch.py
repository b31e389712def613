"""An optimizer of kerastorch is one of torch: loops, hooks, state, copies, layouts, types and devices."""

from __future__ import annotations

import copy
import functools
import io
import pickle

import numpy as np
import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from kerastorch import Input, Sequential, callbacks, layers, optimizers
from kerastorch.errors import InvalidArgumentError, NotBuiltError
from tests.optimizers.training import conv_layout, gradients, train, weights

KINDS = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {}),
    ("RMSprop", {"momentum": 0.5, "centered": True}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {"use_ema": True, "gradient_accumulation_steps": 2}),
    ("Nadam", {}),
    ("Adagrad", {}),
    ("Adadelta", {}),
    ("Adamax", {}),
    ("Lion", {}),
    ("Ftrl", {}),
]
kinds = pytest.mark.parametrize(("name", "options"), KINDS, ids=lambda value: str(value))


def make(name, options):
    return getattr(optimizers, name)(**options)


def module() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1), torch.nn.Flatten(0)
    )


def loop(net: torch.nn.Module, optimizer, steps: int, first: int = 0) -> None:
    for step in range(first, first + steps):
        torch.manual_seed(step)
        x, y = torch.randn(8, 4), torch.randn(8)
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()


def values(net: torch.nn.Module) -> list[np.ndarray]:
    return [p.detach().clone().numpy() for p in net.parameters()]


def assert_equal(left, right) -> None:
    for a, b in zip(left, right, strict=True):
        np.testing.assert_array_equal(a, b)


@kinds
def test_step_equals_apply(name, options):
    by_step, by_apply = weights(), weights()
    optimizer = make(name, options)
    optimizer.build(by_step)
    for step in range(5):
        for variable, grad in zip(by_step, gradients(step), strict=True):
            variable.grad = torch.empty_like(variable).copy_(torch.from_numpy(grad))
        optimizer.step()
    train(make(name, options), 5, by_apply)
    assert_equal([v.numpy() for v in by_step], [v.numpy() for v in by_apply])


def test_it_is_an_optimizer_of_torch():
    optimizer = optimizers.Adam(0.01)
    assert isinstance(optimizer, torch.optim.Optimizer)
    net = module()
    optimizer.build(net.parameters())
    assert optimizer.param_groups[0]["params"] == list(net.parameters())
    assert "lr: 0.01" in repr(optimizer)


@pytest.mark.parametrize("to_none", [True, False])
def test_zero_grad(to_none):
    net, optimizer = module(), optimizers.SGD()
    optimizer.build(net.parameters())
    net(torch.ones(2, 4)).sum().backward()
    optimizer.zero_grad(set_to_none=to_none)
    assert all(p.grad is None if to_none else not p.grad.any() for p in net.parameters())


def test_closure_is_called_with_gradients_on():
    net, optimizer = module(), optimizers.SGD(0.1)
    optimizer.build(net.parameters())

    def closure():
        optimizer.zero_grad()
        loss = net(torch.ones(2, 4)).square().sum()
        loss.backward()
        return loss

    with torch.no_grad():
        first = float(optimizer.step(closure))
    assert float(closure()) < first


def test_hooks_run_even_if_registered_before_build():
    net, optimizer, calls = module(), optimizers.SGD(0.1), []
    handles = [
        optimizer.register_step_pre_hook(lambda o, args, kwargs: calls.append("before")),
        optimizer.register_step_post_hook(lambda o, args, kwargs: calls.append("after")),
    ]
    optimizer.build(net.parameters())
    loop(net, optimizer, 1)
    for handle in handles:
        handle.remove()
    loop(net, optimizer, 1)
    assert calls == ["before", "after"]


def test_global_hooks_run():
    net, optimizer, calls = module(), optimizers.SGD(0.1), []
    handle = register_optimizer_step_post_hook(lambda *a: calls.append(a[0]))
    optimizer.build(net.parameters())
    loop(net, optimizer, 1)
    handle.remove()
    assert calls == [optimizer]


@kinds
def test_state_dict_resumes_with_equal_bits(name, options):
    net, optimizer = module(), make(name, options)
    optimizer.build(net.parameters())
    loop(net, optimizer, 3)
    optimizer.param_groups[0]["lr"] = 0.03
    file = io.BytesIO()
    torch.save((net.state_dict(), optimizer.state_dict()), file)
    loop(net, optimizer, 3, first=3)
    file.seek(0)
    net_state, optimizer_state = torch.load(file, weights_only=True)
    again, resumed = module(), make(name, options)
    again.load_state_dict(net_state)
    resumed.build(again.parameters())
    resumed.load_state_dict(optimizer_state)
    assert float(resumed.learning_rate) == pytest.approx(0.03)
    loop(again, resumed, 3, first=3)
    assert_equal(values(net), values(again))
    assert_equal(optimizer.get_weights(), resumed.get_weights())


@kinds
def test_weights_of_keras_resume_with_equal_bits(name, options):
    """But for Nesterov's momentum, which the kernel divides by the rate: Keras's values of it are rounded."""
    net, optimizer = module(), make(name, options)
    optimizer.build(net.parameters())
    loop(net, optimizer, 3)
    store: dict[str, np.ndarray] = {}
    optimizer.save_own_variables(store)
    again, resumed = copy.deepcopy(net), make(name, options)
    resumed.build(again.parameters())
    resumed.load_own_variables(store)
    loop(net, optimizer, 3, first=3)
    loop(again, resumed, 3, first=3)
    if "nesterov" not in options:
        assert_equal(values(net), values(again))
    for a, b in zip(values(net), values(again), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


@kinds
@pytest.mark.parametrize(
    "how", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))], ids=["copy", "pickle"]
)
def test_copies_go_on_alone_with_equal_bits(how, name, options):
    net, optimizer = module(), make(name, options)
    optimizer.build(net.parameters())
    loop(net, optimizer, 3)
    again, copied = how((net, optimizer))
    assert copied._params[0] is next(again.parameters())
    loop(again, copied, 3, first=3)
    there = values(again)
    loop(net, optimizer, 3, first=3)
    assert_equal(values(net), there)
    assert_equal(values(again), there)
    assert int(copied.iterations) == int(optimizer.iterations)


def test_state_shows_the_slots():
    net, optimizer = module(), optimizers.Adam()
    optimizer.build(net.parameters())
    loop(net, optimizer, 2)
    state = optimizer.state_dict()["state"]
    assert set(state) == {0, 1, 2, 3}
    assert set(state[0]) == {"step", "momentum", "velocity"}
    assert int(state[0]["step"]) == 2
    assert type(state[0]["momentum"]) is torch.Tensor


def test_other_state_is_refused_and_nothing_is_set():
    net, optimizer = module(), optimizers.Adam()
    optimizer.build(net.parameters())
    loop(net, optimizer, 2)
    before = optimizer.get_weights()
    other = torch.optim.Adam(net.parameters())
    loop(net, other, 1)
    with pytest.raises(InvalidArgumentError, match=r"expected .*'velocity'.* received .*'exp_avg'"):
        optimizer.load_state_dict(other.state_dict())
    state = optimizer.state_dict()
    state["state"] = {**state["state"], 0: {**state["state"][0], "momentum": torch.zeros(3)}}
    with pytest.raises(InvalidArgumentError, match=r"expected shape \(5, 4\), received \(3,\)"):
        optimizer.load_state_dict(state)
    assert_equal(optimizer.get_weights(), before)


def test_use_before_build_says_so():
    optimizer = optimizers.SGD()
    with pytest.raises(NotBuiltError, match=r"Call `optimizer.build"):
        optimizer.step()
    with pytest.raises(NotBuiltError, match=r"Call `build\("):
        optimizer.load_state_dict({"state": {}, "param_groups": []})
    assert optimizer.state_dict()["state"] == {}


def test_a_group_after_the_first_step_is_refused():
    optimizer = optimizers.SGD()
    optimizer.build(module().parameters())
    with pytest.raises(InvalidArgumentError, match="SGD has its parameter groups already"):
        optimizer.add_param_group({"params": module().parameters()})


@kinds
def test_missing_gradients_leave_variables_and_state_alone(name, options):
    if options.get("gradient_accumulation_steps"):
        options = {}
    rest, everything = weights(), weights()
    partial, alone = make(name, options), make(name, options)
    partial.build(everything)
    for step in range(4):
        for i, (variable, grad) in enumerate(zip(everything, gradients(step), strict=True)):
            variable.grad = None if i == 1 else torch.empty_like(variable).copy_(torch.from_numpy(grad))
        partial.step()
    keep = [0, 2, 3]
    for step in range(4):
        grads = [torch.from_numpy(gradients(step)[i]) for i in keep]
        alone.apply(grads, [rest[i] for i in keep])
    assert_equal([everything[i].numpy() for i in keep], [rest[i].numpy() for i in keep])
    assert_equal([everything[1].numpy()], [weights()[1].numpy()])


def test_a_step_without_any_gradient_is_no_step():
    optimizer = optimizers.Adam()
    optimizer.build(weights())
    optimizer.step()
    assert int(optimizer.iterations) == 0


LAYOUTS = {
    "transposed": lambda g: g.t().contiguous().t(),
    "expanded": lambda g: g.mean().expand(g.shape),
    "double": lambda g: g.double(),
    "sparse": lambda g: g.to_sparse(),
    "sliced": lambda g: torch.stack([g, g], -1)[..., 0],
}


@kinds
@pytest.mark.parametrize("change", LAYOUTS.values(), ids=LAYOUTS)
def test_gradients_of_any_layout(name, options, change):
    grad = torch.randn(6, 5)
    usual, other = torch.nn.Parameter(torch.ones(6, 5)), torch.nn.Parameter(torch.ones(6, 5))
    first, second = make(name, options), make(name, options)
    for _ in range(3):
        changed = change(grad)
        first.apply([changed.to_dense().float().contiguous()], [usual])
        second.apply([changed], [other])
    np.testing.assert_allclose(usual.detach(), other.detach(), rtol=1e-6)


@kinds
@pytest.mark.parametrize("gap", ["columns", "conv", "unit"])
def test_variables_of_any_layout(name, options, gap):
    """The fused kernels read memory from front to back; variables with gaps must not be written between."""
    base = torch.ones(6, 10)
    shapes = {
        "columns": base[:, 2:5],
        "conv": conv_layout(np.ones((2, 3, 4, 5), "float32")),
        "unit": base[:, :1],
    }
    laid = torch.nn.Parameter(shapes[gap])
    plain = torch.nn.Parameter(shapes[gap].clone(memory_format=torch.contiguous_format))
    torch.manual_seed(0)
    grad = torch.randn(laid.shape)
    first, second = make(name, options), make(name, options)
    for _ in range(3):
        first.apply([grad], [laid])
        second.apply([grad], [plain])
    np.testing.assert_allclose(laid.detach(), plain.detach(), rtol=1e-6)
    assert bool((base[:, 6:] == 1).all())


def test_an_axis_of_length_one_costs_no_copy_at_each_step():
    weight = torch.nn.Parameter(torch.ones(6, 1))
    optimizer = optimizers.SGD(0.5)
    optimizer.build([weight])
    grad = torch.ones(1, 6).t()
    assert grad.stride() != weight.stride()
    weight.grad = torch.ones(6, 1)
    optimizer.apply([grad])
    assert optimizer._plan.layout[0][0] == grad.stride()
    optimizer.apply([grad])
    np.testing.assert_allclose(weight.detach(), np.zeros((6, 1)))


@kinds
def test_variables_that_change_their_type_take_the_state_along(name, options):
    net, optimizer = module(), make(name, options)
    optimizer.build(net.parameters())
    loop(net, optimizer, 2)
    reference = copy.deepcopy(net), copy.deepcopy(optimizer)
    net.double()
    net.float()
    loop(net, optimizer, 2, first=2)
    net.double()
    x = torch.ones(2, 4, dtype=torch.float64)
    optimizer.zero_grad()
    net(x).sum().backward()
    optimizer.step()
    assert all(np.isfinite(value).all() for value in values(net))
    again = copy.deepcopy((net, optimizer))
    assert next(again[0].parameters()).dtype == torch.float64
    assert int(reference[1]._iterations) == 2


def test_several_types_in_one_optimizer():
    torch.manual_seed(0)
    types = [torch.float32, torch.float64, torch.bfloat16, torch.float32]
    mixed = [torch.nn.Parameter(torch.ones(5, dtype=t)) for t in types]
    optimizer = optimizers.RMSprop(0.1, global_clipnorm=1.0, weight_decay=0.1)
    for _ in range(3):
        optimizer.apply([torch.ones(5, dtype=t) for t in types], mixed)
    for weight, dtype in zip(mixed, types, strict=True):
        assert weight.dtype == dtype
        np.testing.assert_allclose(weight.detach().double(), mixed[0].detach().double(), atol=0.02)


def test_gradients_stay_as_they_were():
    for name, options in [*KINDS, ("SGD", {"global_clipnorm": 0.1}), ("SGD", {"loss_scale_factor": 8.0})]:
        weight, optimizer = torch.nn.Parameter(torch.ones(40)), make(name, options)
        optimizer.build([weight])
        weight.grad = torch.linspace(-3.0, 3.0, 40)
        optimizer.step()
        np.testing.assert_array_equal(weight.grad, torch.linspace(-3.0, 3.0, 40))


def test_a_module_without_parameters_trains_in_vain():
    optimizer = optimizers.Adam(use_ema=True)
    optimizer.build([])
    optimizer.step()
    optimizer.apply([])
    assert optimizer.built


@pytest.mark.gpu
@kinds
def test_state_follows_to_another_device(name, options):
    net, optimizer = module(), make(name, options)
    optimizer.build(net.parameters())
    loop(net, optimizer, 2)
    net.cuda()
    for p in net.parameters():
        p.grad = torch.ones_like(p)
    optimizer.step()
    assert {slot.device.type for _, _, slot in optimizer._slots} <= {"cuda"}


MAKERS = {
    "class": lambda model: torch.optim.SGD,
    "partial": lambda model: functools.partial(torch.optim.SGD, lr=1e-3),
    "object": lambda model: torch.optim.SGD(model.parameters(), lr=1e-3),
    "groups": lambda model: torch.optim.SGD([{"params": [w]} for w in model.parameters()], lr=1e-3),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_callbacks_act_on_optimizers_of_torch(make):
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile(make(model), "mse")
    halving = callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    plateau = callbacks.ReduceLROnPlateau("loss", factor=0.1, patience=1, min_delta=100.0)
    x = np.ones((4, 2), "float32")
    model.fit(x, x[:, :1], epochs=3, verbose=0, callbacks=[halving, plateau])
    assert [group["lr"] for group in model.optimizer.param_groups] == pytest.approx(
        [1e-3 / 8 / 100] * len(model.optimizer.param_groups)
    )

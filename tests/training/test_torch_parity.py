"""`fit` ends with the very bits of a hand-written torch loop, and takes torch's own losses, optimizers and modules."""

from __future__ import annotations

import copy
import functools

import numpy as np
import pytest
import torch
import torchmetrics

import kerastorch
from kerastorch import callbacks, layers, optimizers
from tests.training.twins import digits, rows

SIZE = 32


def conv_net():
    return torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, 8)),
        torch.nn.Conv2d(1, 4, 3),
        torch.nn.BatchNorm2d(4),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(144, 10),
    )


def data():
    x, y = digits()
    return torch.from_numpy(x[..., 0]), torch.from_numpy(y)


def loop(module, optimizer, loss, x, y, epochs=2, orders=None):
    """The loop that a torch user writes."""
    module.train()
    for epoch in range(epochs):
        order = torch.arange(len(x)) if orders is None else orders[epoch]
        for start in range(0, len(x), SIZE):
            index = order[start : start + SIZE]
            optimizer.zero_grad()
            loss(module(x[index]), y[index]).backward()
            optimizer.step()
    module.eval()


def same_bits(ours, theirs):
    ours, theirs = ours.state_dict(), theirs.state_dict()
    assert len(ours) == len(theirs)
    for (name, mine), other in zip(ours.items(), theirs.values(), strict=True):
        assert torch.equal(mine, other), name


MAKERS = [
    functools.partial(torch.optim.SGD, lr=0.05, momentum=0.9),
    functools.partial(torch.optim.Adam, lr=1e-3),
    functools.partial(torch.optim.AdamW, lr=1e-3, weight_decay=0.1, foreach=True),
    functools.partial(torch.optim.RMSprop, lr=1e-3),
]


@pytest.mark.parametrize("make", MAKERS, ids=lambda m: m.func.__name__)
@pytest.mark.parametrize("form", ["object", "partial"])
def test_bits_with_torch_optimizer(make, form):
    x, y = data()
    module = conv_net()
    reference = copy.deepcopy(module)
    loss = torch.nn.CrossEntropyLoss()
    model = kerastorch.Model.from_torch(module)
    model.compile(make(module.parameters()) if form == "object" else make, loss, metrics=["accuracy"])
    model.fit(x, y, batch_size=SIZE, epochs=2, shuffle=False, verbose=0)
    loop(reference, make(reference.parameters()), loss, x, y)
    same_bits(module, reference)


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam", "AdamW"])
def test_bits_with_own_optimizer_in_a_torch_loop(name):
    x, y = data()
    module = conv_net()
    reference = copy.deepcopy(module)
    make = functools.partial(getattr(optimizers, name), learning_rate=2e-3)
    loss = torch.nn.CrossEntropyLoss()
    model = kerastorch.Model.from_torch(module)
    model.compile(make(), loss)
    model.fit(x, y, batch_size=SIZE, epochs=2, shuffle=False, verbose=0)
    optimizer = make()
    optimizer.build(list(reference.parameters()))
    loop(reference, optimizer, loss, x, y)
    same_bits(module, reference)


@pytest.mark.parametrize("kind", ["sequential", "functional", "subclassed"])
def test_bits_with_layers(kind):
    """A model of kerastorch's layers is a module that a torch loop trains to the same bits."""
    x, y = data()
    parts = [
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.BatchNormalization(),
        layers.Dense(10),
    ]
    if kind == "sequential":
        model = kerastorch.Sequential(parts)
    elif kind == "functional":
        inputs = kerastorch.Input((8, 8))
        outputs = inputs
        for part in parts:
            outputs = part(outputs)
        model = kerastorch.Model(inputs, outputs)
    else:

        class Net(kerastorch.Model):
            def __init__(self):
                super().__init__()
                self.parts = parts

            def call(self, inputs):
                for part in self.parts:
                    inputs = part(inputs)
                return inputs

        model = Net()
    model(x[:2])
    reference = copy.deepcopy(model)
    model.compile(torch.optim.Adam(model.parameters(), lr=1e-3), torch.nn.CrossEntropyLoss())
    model.fit(x, y, batch_size=SIZE, epochs=2, shuffle=False, verbose=0)
    loop(reference, torch.optim.Adam(reference.parameters(), lr=1e-3), torch.nn.CrossEntropyLoss(), x, y)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), reference.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in zip(model.weights, reference.weights, strict=True))


def test_shuffled_order_is_that_of_randperm():
    x, y = data()
    module = conv_net()
    reference = copy.deepcopy(module)
    torch.manual_seed(7)
    orders = [torch.randperm(len(x)) for _ in range(2)]
    model = kerastorch.Model.from_torch(module)
    model.compile(functools.partial(torch.optim.SGD, lr=0.1), torch.nn.CrossEntropyLoss())
    torch.manual_seed(7)
    model.fit(x, y, batch_size=SIZE, epochs=2, verbose=0)
    loss = torch.nn.CrossEntropyLoss()
    loop(reference, torch.optim.SGD(reference.parameters(), lr=0.1), loss, x, y, orders=orders)
    same_bits(module, reference)


@pytest.mark.parametrize("seeder", [torch.manual_seed, lambda s: kerastorch.utils.set_random_seed(s)])
def test_seed_repeats_a_shuffled_run(seeder):
    x, y = rows()
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(4, "relu"), layers.Dense(1)])
    start = model.get_weights()
    model.compile("adam", "mse")
    ends = []
    for seed in (3, 3, 4):
        model.set_weights(start)
        model.compile("adam", "mse")
        seeder(seed)
        model.fit(x, y, epochs=2, batch_size=8, verbose=0)
        ends.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    assert np.array_equal(ends[0], ends[1])
    assert not np.array_equal(ends[0], ends[2])


LOSSES = [
    (torch.nn.MSELoss(), "numbers"),
    (torch.nn.L1Loss, "numbers"),
    (torch.nn.SmoothL1Loss(beta=0.5), "numbers"),
    (torch.nn.functional.mse_loss, "numbers"),
    (torch.nn.BCEWithLogitsLoss(), "binary"),
    (torch.nn.functional.binary_cross_entropy_with_logits, "binary"),
    (torch.nn.CrossEntropyLoss(label_smoothing=0.1), "classes"),
    (torch.nn.functional.cross_entropy, "classes"),
    (torch.nn.MultiMarginLoss(), "classes"),
]


def problem(kind, count=24):
    x, numbers = rows(count)
    if kind == "numbers":
        return x, numbers, 1
    if kind == "binary":
        return x, (numbers > 0).astype("int64"), 1
    return x, np.digitize(numbers[:, 0], [-1, 1]), 3


@pytest.mark.parametrize(("loss", "kind"), LOSSES, ids=lambda v: getattr(v, "__name__", None) or str(v))
def test_torch_losses(loss, kind):
    x, y, units = problem(kind)
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(units)])
    model.compile("sgd", loss)
    function = loss() if isinstance(loss, type) else loss
    target = torch.from_numpy(y) if kind == "classes" else torch.from_numpy(y).float()
    expected = function(model(x), target).item()
    assert model.evaluate(x, y, batch_size=24, verbose=0) == pytest.approx(expected, rel=1e-6)
    assert model.fit(x, y, epochs=8, verbose=0).history["loss"][-1] < expected


@pytest.mark.parametrize(("loss", "kind"), [LOSSES[0], LOSSES[6]], ids=["mse", "cross_entropy"])
def test_torch_loss_with_sample_weight(loss, kind):
    x, y, units = problem(kind)
    weight = np.linspace(0, 2, len(x)).astype("float32")
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(units)])
    model.compile("sgd", loss)
    unreduced = copy.deepcopy(loss)
    unreduced.reduction = "none"
    values = unreduced(model(x), torch.from_numpy(y)).reshape(len(x), -1).mean(1)
    expected = (values * torch.from_numpy(weight)).mean().item()
    got = model.evaluate(x, y, batch_size=24, sample_weight=weight, verbose=0)
    assert got == pytest.approx(expected, rel=1e-6)


def test_cross_entropy_over_time_steps():
    """Keras has the classes last, torch second."""
    x = torch.randn(6, 5, 3)
    y = torch.randint(0, 4, (6, 5))
    model = kerastorch.Sequential([layers.Dense(4)])
    model.compile("sgd", torch.nn.CrossEntropyLoss())
    expected = torch.nn.functional.cross_entropy(model(x).reshape(30, 4), y.reshape(30)).item()
    assert model.evaluate(x, y, verbose=0) == pytest.approx(expected, rel=1e-6)


def test_torchmetrics():
    x, y, units = problem("classes", 50)
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(units, activation="softmax")])
    mine = torchmetrics.classification.MulticlassF1Score(num_classes=3)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[mine, "accuracy"])
    results = model.evaluate(x, y, batch_size=7, return_dict=True, verbose=0)
    fresh = torchmetrics.classification.MulticlassF1Score(num_classes=3)
    assert results["multiclass_f1_score"] == pytest.approx(
        fresh(model(x), torch.from_numpy(y)).item(), rel=1e-6
    )
    history = model.fit(x, y, epochs=2, validation_split=0.2, verbose=0).history
    assert {"multiclass_f1_score", "val_multiclass_f1_score"} <= set(history)


@pytest.mark.parametrize("form", ["object", "class", "partial"])
def test_forms_of_torch_optimizer(form):
    x, y = rows()
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(1)])
    forms = {
        "object": lambda: torch.optim.Adam(model.parameters(), lr=0.1),
        "class": lambda: torch.optim.Adam,
        "partial": lambda: functools.partial(torch.optim.Adam, lr=0.1),
    }
    model.compile(forms[form](), "mse")
    losses = model.fit(x, y, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert isinstance(model.optimizer, torch.optim.Adam)
    assert model.optimizer.param_groups[0]["lr"] == (1e-3 if form == "class" else 0.1)


def test_optimizer_of_some_weights_trains_only_those():
    x, y = rows()
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(4), layers.Dense(1)])
    first, last = ([np.array(w) for w in layer.get_weights()] for layer in model.layers)
    model.compile(torch.optim.SGD(model.layers[1].parameters(), lr=0.1), "mse")
    model.fit(x, y, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(first, model.layers[0].get_weights(), strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(last, model.layers[1].get_weights(), strict=True))


def test_lr_scheduler_of_torch_in_a_callback():
    x, y = rows()
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(1)])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
    rates = []

    class Step(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            rates.append(self.model.optimizer.param_groups[0]["lr"])
            scheduler.step()

    model.compile(optimizer, "mse")
    model.fit(x, y, epochs=3, callbacks=[Step()], verbose=0)
    assert rates == [0.1, 0.05, 0.025]


def test_from_torch_takes_several_inputs():
    class Two(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.left, self.right = torch.nn.Linear(3, 1), torch.nn.Linear(2, 1)

        def forward(self, left, right):
            return self.left(left) + self.right(right)

    x, y = rows()
    model = kerastorch.Model.from_torch(Two())
    model.compile(torch.optim.Adam, "mse")
    model.fit([x, x[:, :2]], y, verbose=0)
    by_place = model.predict([x, x[:, :2]], verbose=0)
    by_name = model.predict({"left": x, "right": x[:, :2]}, verbose=0)
    np.testing.assert_array_equal(by_place, by_name)


def test_from_torch_restores_modes():
    x, y = data()
    module = conv_net()
    model = kerastorch.Model.from_torch(module)
    model.compile(torch.optim.SGD, torch.nn.CrossEntropyLoss())
    model.fit(x, y, verbose=0)
    assert not module[2].training
    before = {k: v.clone() for k, v in module.state_dict().items()}
    model.predict(x, verbose=0)
    model.evaluate(x, y, verbose=0)
    assert all(torch.equal(v, before[k]) for k, v in module.state_dict().items())


def test_from_torch_of_something_else():
    with pytest.raises(ValueError, match=r"takes a torch\.nn\.Module"):
        kerastorch.Model.from_torch("resnet")

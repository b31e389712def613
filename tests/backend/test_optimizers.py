"""Optimizers of Keras 1 and 2 that say by `K.update` in `get_updates` what a step does."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import Input, Sequential, layers, optimizers, utils
from kerastorch import backend as K
from kerastorch.errors import MissingMethodError


class OldSGD(optimizers.Optimizer):
    """Momentum as it was written for Keras 2.2."""

    def __init__(self, lr=0.01, momentum=0.0, decay=0.0, nesterov=False, **kwargs):
        super().__init__(**kwargs)
        with K.name_scope(self.__class__.__name__):
            self.iterations = K.variable(0, dtype="int64", name="iterations")
            self.lr = K.variable(lr, name="lr")
            self.momentum = K.variable(momentum, name="momentum")
            self.decay = K.variable(decay, name="decay")
        self.initial_decay = decay
        self.nesterov = nesterov

    def get_updates(self, loss, params):
        grads = self.get_gradients(loss, params)
        self.updates = [K.update_add(self.iterations, 1)]
        lr = self.lr
        if self.initial_decay > 0:
            lr = lr * (1.0 / (1.0 + self.decay * K.cast(self.iterations, K.dtype(self.decay))))
        moments = [K.zeros(K.int_shape(p)) for p in params]
        self.weights = [self.iterations, *moments]
        for p, g, m in zip(params, grads, moments, strict=True):
            v = self.momentum * m - lr * g
            self.updates.append(K.update(m, v))
            new_p = p + self.momentum * v - lr * g if self.nesterov else p + v
            if getattr(p, "constraint", None) is not None:
                new_p = p.constraint(new_p)
            self.updates.append(K.update(p, new_p))
        return self.updates


class OldAdam(optimizers.Optimizer):
    """Adam as it was written for Keras 1, with its order of arguments."""

    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, **kwargs):
        super().__init__(**kwargs)
        self.iterations = K.variable(0)
        self.lr = K.variable(lr)
        self.beta_1, self.beta_2, self.epsilon = K.variable(beta_1), K.variable(beta_2), epsilon

    def get_updates(self, params, constraints, loss):
        grads = K.gradients(loss, params)
        self.updates = [(self.iterations, self.iterations + 1)]
        t = K.cast(self.iterations, K.floatx()) + 1
        lr_t = self.lr * K.sqrt(1.0 - K.pow(self.beta_2, t)) / (1.0 - K.pow(self.beta_1, t))
        ms = [K.variable(np.zeros(K.get_value(p).shape)) for p in params]
        vs = [K.variable(np.zeros(K.get_value(p).shape)) for p in params]
        for p, g, m, v in zip(params, grads, ms, vs, strict=True):
            m_t = (self.beta_1 * m) + (1.0 - self.beta_1) * g
            v_t = (self.beta_2 * v) + (1.0 - self.beta_2) * K.square(g)
            self.updates.append((m, m_t))
            self.updates.append((v, v_t))
            self.updates.append((p, p - lr_t * m_t / (K.sqrt(v_t) + self.epsilon)))
        return self.updates


def trained(optimizer):
    utils.set_random_seed(1)
    model = Sequential([Input((3,)), layers.Dense(4, "tanh"), layers.Dense(1)])
    x = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
    model.compile(optimizer, "mse")
    model.fit(x, x.sum(1, keepdims=True), epochs=3, batch_size=8, shuffle=False, verbose=0)
    return model


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OldSGD(lr=0.05), optimizers.SGD(0.05)),
        (OldSGD(lr=0.05, momentum=0.9), optimizers.SGD(0.05, momentum=0.9)),
        (OldSGD(lr=0.05, momentum=0.9, nesterov=True), optimizers.SGD(0.05, momentum=0.9, nesterov=True)),
        (OldSGD(lr=0.05, decay=0.1), optimizers.SGD(0.05, decay=0.1)),
        (OldSGD(lr=0.05, clipnorm=0.1), optimizers.SGD(0.05, clipnorm=0.1)),
        (OldAdam(lr=0.01), optimizers.legacy.Adam(0.01)),
    ],
    ids=["plain", "momentum", "nesterov", "decay", "clipnorm", "adam"],
)
def test_old_optimizers_train_as_the_built_in_ones(old, new):
    first, second = trained(old), trained(new)
    for mine, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-4, atol=2e-6)
    assert int(old.iterations) == 12


def test_state_is_kept_and_listed():
    optimizer = OldSGD(lr=1.0, momentum=0.5)
    weight = torch.nn.Parameter(torch.zeros(2))
    for expected in (-1.0, -2.5, -4.25):
        optimizer.apply([torch.ones(2)], [weight])
        assert weight.tolist() == [expected] * 2
    assert [tuple(v.shape) for v in optimizer.variables][-1] == (2,)
    K.set_value(optimizer.lr, 0.5)
    assert K.get_value(optimizer.lr) == 0.5


def test_built_in_updates_are_no_lists():
    class Half(optimizers.SGD):
        def get_updates(self, loss, params):
            return super().get_updates(loss, params)

    with pytest.raises(MissingMethodError, match=r"cannot call `super\(\)\.get_updates`"):
        Half(0.1).apply([torch.ones(2)], [torch.nn.Parameter(torch.zeros(2))])

"""A model whose outputs have masks runs its layers once for each call, also for a shape that it has not seen."""

from __future__ import annotations

import pytest
import torch

import kerastorch
from kerastorch import layers


class Counting(layers.Layer):
    """Counts its calls with real tensors."""

    def __init__(self):
        super().__init__()
        self.supports_masking = True
        self.calls = 0

    def call(self, inputs):
        self.calls += not inputs.is_meta
        return inputs * 1.0


def sequential(counting):
    return kerastorch.Sequential(
        [
            kerastorch.Input((6,), dtype="int64"),
            layers.Embedding(9, 4, mask_zero=True),
            counting,
            layers.Dense(2),
        ]
    )


def functional(counting):
    x = kerastorch.Input((6,), dtype="int64")
    return kerastorch.Model(x, layers.Dense(2)(counting(layers.Embedding(9, 4, mask_zero=True)(x))))


@pytest.mark.parametrize("build", [sequential, functional])
def test_layers_run_once(build):
    counting = Counting()
    model = build(counting)
    for number, rows in enumerate((4, 4, 3), 1):
        texts = torch.randint(0, 3, (rows, 6))
        outputs = model(texts)
        assert counting.calls == number
        torch.testing.assert_close(outputs._keras_mask, texts != 0)


def test_statistics_are_updated_once():
    model = kerastorch.Sequential(
        [
            kerastorch.Input((6,), dtype="int64"),
            layers.Embedding(9, 4, mask_zero=True),
            layers.BatchNormalization(momentum=0.5),
        ]
    )
    texts = torch.tensor([[1, 2, 3, 4, 5, 6]])
    before = model.layers[0](texts).detach().mean((0, 1))
    model(texts, training=True)
    torch.testing.assert_close(model.layers[1].moving_mean, before * 0.5)

"""Any mixture of options and events takes the weights where Keras takes them."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kerastorch import constraints, optimizers
from kerastorch.core.variable import Variable
from tests.optimizers.trajectories.problems import keras_arrays
from tests.optimizers.trajectories.table import ALONE, RULES, make

SHAPES = {"kernel": (3, 4), "bias": (4,), "conv": (2, 2, 2, 3), "embedding": (5, 2)}
CLIPS = [{}, {"clipnorm": 0.5}, {"clipvalue": 0.2}, {"global_clipnorm": 0.8}]
AVERAGES = [
    {},
    {"use_ema": True, "ema_momentum": 0.8},
    {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 2},
]

mixtures = st.fixed_dictionaries(
    {
        "weight_decay": st.sampled_from([None, 0.0, 0.1]),
        "loss_scale_factor": st.sampled_from([None, 4.0]),
        "gradient_accumulation_steps": st.sampled_from([None, 2, 3]),
        "exclude": st.sampled_from([None, ["bias"], ["^kernel$", "emb"]]),
    }
)
# A step with gradients of some variables; another learning rate; another count of steps. One variable that decays is
# in every step, since Keras on torch fails where there is none.
events = st.one_of(
    st.tuples(st.just("step"), st.sets(st.integers(0, 3)).map(lambda some: some | {2})),
    st.tuples(st.just("step"), st.just({0, 1, 2, 3})),
    st.tuples(st.just("rate"), st.sampled_from([0.1, 0.01])),
    st.tuples(st.just("iterations"), st.sampled_from([0, 6, 60])),
)


def play(optimizer: Any, variables: list[Any], story: list[tuple[str, Any]]) -> None:
    """Has the events of a story happen."""
    optimizer.build(variables)
    rng = np.random.default_rng(5)
    for kind, value in story:
        if kind == "rate":
            optimizer.learning_rate = value
        elif kind == "iterations":
            optimizer.iterations.assign(value)
        else:
            grads = [torch.from_numpy(rng.normal(size=s).astype("float32")) for s in SHAPES.values()]
            optimizer.apply([grad if i in value else None for i, grad in enumerate(grads)], variables)


@pytest.mark.parametrize("name", [name for name in RULES if name not in ALONE])
@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.sampled_from(CLIPS), st.sampled_from(AVERAGES), mixtures, st.lists(events, min_size=3, max_size=9))
def test_weights_and_state_equal_kerass(name, clip, average, mixture, story):
    options = {**RULES[name][0], **mixture, **clip, **average}
    if name in ("AdamW", "Muon"):
        options["weight_decay"] = options["weight_decay"] or 0.004
    if options["gradient_accumulation_steps"]:  # Keras's `iterations` is no variable then
        story = [event for event in story if event[0] != "iterations"]
    ours, theirs = make(optimizers, name, options), make(keras.optimizers, name, options)
    rng = np.random.default_rng(6)
    values = {n: rng.normal(size=shape).astype("float32") for n, shape in SHAPES.items()}
    mine = [Variable(value.copy(), name=n) for n, value in values.items()]
    others = [keras.Variable(value, name=n) for n, value in values.items()]
    mine[0].constraint, others[0].constraint = constraints.MaxNorm(1.5), keras.constraints.MaxNorm(1.5)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Gradients do not exist")
        play(ours, mine, story)
        play(theirs, others, story)
    pairs = zip([*mine, *ours.variables], keras_arrays([*others, *theirs.variables]), strict=True)
    for a, b in pairs:
        np.testing.assert_allclose(a.numpy(), b, rtol=2e-5, atol=5e-6, err_msg=a.path)

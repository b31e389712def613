"""Wrong inputs and arguments: an error that names the layer, what it got and what it wants."""

from __future__ import annotations

import re
import warnings

import pytest
import torch

from kerastorch.errors import KerasTorchError
from kerastorch.layers.masks import set_mask
from tests.catalog.layers import LAYERS
from tests.conformance.pairs import make, params, run, tensors

RANKS = {"an axis more": lambda x: x[:, None], "an axis less": lambda x: x[..., 0]}
FLOATS = [row for row in LAYERS if not row.words and all(row.sample_shapes())]
ONE_EACH = list({row.name: row for row in reversed(LAYERS)}.values())


def error_of(action):
    """What an action raises, or None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            action()
        except Exception as error:
            return error
    return None


@pytest.mark.parametrize("change", RANKS)
@pytest.mark.parametrize("row", params(FLOATS))
def test_an_input_of_another_rank_is_taken_or_named(row, change):
    given = tensors(row)
    wrong = [RANKS[change](x) for x in (given if row.several else [given])]
    error = error_of(lambda: run(make(row), row, wrong if row.several else wrong[0]))
    if error is not None:
        assert isinstance(error, KerasTorchError), error
        assert "row" in str(error)
        assert any(re.search(rf"\D{x.shape[0]}\D", str(error)) for x in wrong)


@pytest.mark.parametrize("row", params(ONE_EACH))
def test_an_unknown_argument_is_named(row):
    with pytest.raises((TypeError, ValueError), match="nonsense"):
        make(row, nonsense=1)


@pytest.mark.parametrize("row", params(ONE_EACH))
def test_an_unknown_argument_of_the_call_is_named_with_the_layer(row):
    with pytest.raises((TypeError, ValueError), match=r"(?s)row.*nonsense|nonsense.*row"):
        run(make(row), row, tensors(row), nonsense=1)


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.masked))
def test_a_mask_of_another_length_is_named(row):
    given = tensors(row)
    for x in given if row.several else [given]:
        set_mask(x, torch.ones(x.shape[0], x.shape[1] + 1, dtype=torch.bool))
    with pytest.raises(
        ValueError, match=r"(?s)mask for layer 'row' does not fit.*Received: mask of shape \(4, 7\)"
    ):
        run(make(row), row, given)

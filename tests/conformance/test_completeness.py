"""Everything that the package offers has a row in the catalogue."""

from __future__ import annotations

import inspect

import pytest

from kerastorch import layers, losses, metrics, optimizers
from kerastorch.registry import home_of
from tests.catalog import layers as layer_rows
from tests.catalog import losses as loss_rows
from tests.catalog import metrics as metric_rows
from tests.catalog import optimizers as optimizer_rows


def classes(module):
    """The names that the classes of a module have in configs."""
    found = [value for value in map(module.__dict__.get, module.__all__) if inspect.isclass(value)]
    return {(home_of(value) or (None, value.__name__))[1] for value in found}


@pytest.mark.parametrize(
    ("module", "names", "not_alone"),
    [
        (layers, {row.name for row in layer_rows.LAYERS}, layer_rows.NOT_ALONE),
        (losses, {row[0] for row in loss_rows.LOSSES}, loss_rows.NOT_ALONE),
        (metrics, {row[0] for row in metric_rows.METRICS}, metric_rows.NOT_ALONE),
        (optimizers, {row[0] for row in optimizer_rows.OPTIMIZERS}, optimizer_rows.NOT_ALONE),
    ],
    ids=["layers", "losses", "metrics", "optimizers"],
)
def test_every_class_has_a_row(module, names, not_alone):
    assert classes(module) - not_alone == names


def test_rows_of_layers_have_names_of_their_own():
    assert len({row.id for row in layer_rows.LAYERS}) == len(layer_rows.LAYERS)

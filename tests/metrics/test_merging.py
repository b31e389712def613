"""State of several processes combines as each variable declares."""

from __future__ import annotations

import pytest
import torch

from kerastorch import metrics
from kerastorch.errors import InvalidArgumentError


def holding(aggregation, value):
    metric = metrics.Metric(name="held")
    metric.state = metric.add_weight("state", shape=(2,), aggregation=aggregation)
    metric.state.assign(value)
    return metric


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("sum", [9.0, 6.0]),
        ("mean", [3.0, 2.0]),
        ("max", [6.0, 3.0]),
        ("min", [1.0, 1.0]),
        ("concat", [1.0, 2.0, 2.0, 3.0, 6.0, 1.0]),
        ("none", [1.0, 2.0]),
        ("only_first_replica", [1.0, 2.0]),
    ],
    ids=str,
)
def test_state_of_several_processes_combines_as_it_declares(aggregation, expected):
    first, *others = (holding(aggregation, value) for value in ([1.0, 2.0], [2.0, 3.0], [6.0, 1.0]))
    first.merge_state(others)
    assert first.state.tolist() == expected
    assert [other.state.tolist() for other in others] == [[2.0, 3.0], [6.0, 1.0]]


def test_concatenated_state_is_empty_after_a_reset():
    metric = holding("concat", [1.0, 2.0])
    metric.reset_state()
    assert metric.state.shape == (0,)


def test_state_that_combines_in_another_way_is_refused_and_nothing_changes():
    first, second, third = (
        holding(how, value) for how, value in (("sum", [1, 2]), ("sum", [3, 4]), ("max", [0, 0]))
    )
    with pytest.raises(InvalidArgumentError, match="not compatible"):
        first.merge_state([second, third])
    assert first.state.tolist() == [1.0, 2.0]


LAZY = [
    (metrics.F1Score, {"average": "macro"}),
    (metrics.FBetaScore, {"average": "micro"}),
    (metrics.R2Score, {}),
    (metrics.AUC, {"multi_label": True}),
]


@pytest.mark.parametrize(("kind", "arguments"), LAZY, ids=lambda x: getattr(x, "__name__", ""))
def test_a_process_that_saw_nothing_changes_nothing(kind, arguments):
    seen, idle, other = (kind(**arguments) for _ in range(3))
    seen.update_state(torch.eye(3), torch.eye(3) * 0.8)
    before = seen.result()
    seen.merge_state([idle])
    idle.merge_state([seen, other])
    assert torch.equal(seen.result(), before)
    assert torch.equal(idle.result(), before)

"""The base class: state, both dialects, resets, merging, copies, devices, and what an update may never do."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from kerastorch import metrics
from kerastorch.core.variable import StateVariable, Variable
from kerastorch.errors import InvalidArgumentError, UnknownArgumentError
from kerastorch.metrics import counting
from tests.metrics.cases import ALL, AUCS, label, pair, tensors


class Hits(metrics.Metric):
    """A metric as users write it."""

    def __init__(self, name="hits", **kwargs):
        super().__init__(name=name, **kwargs)
        self.hits = self.add_weight(name="hits", initializer="zeros")
        self.grad_seen = None

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.grad_seen = torch.is_grad_enabled()
        self.hits.assign_add(((y_pred > 0.5) == (y_true > 0.5)).sum())

    def result(self):
        return self.hits


class OldReset(Hits):
    def reset_states(self):
        super().reset_states()
        self.resets = getattr(self, "resets", 0) + 1


class NewReset(Hits):
    def reset_state(self):
        super().reset_state()
        self.resets = getattr(self, "resets", 0) + 1


DATA = torch.tensor([1.0, 0.0, 1.0]), torch.tensor([0.9, 0.8, 0.7])


def test_a_users_metric_adds_up():
    metric = Hits()
    for _ in range(2):
        metric.update_state(*DATA)
    assert float(metric.result()) == 4.0


def test_calling_a_metric_updates_it_and_gives_the_result():
    assert float(Hits()(*DATA)) == 2.0


@pytest.mark.parametrize(
    ("args", "kwargs", "shape"),
    [
        ((), {}, ()),
        ((), {"name": "w"}, ()),
        (("w",), {}, ()),
        (("w",), {"initializer": "zeros"}, ()),
        (("w", (2,)), {}, (2,)),
        (("w",), {"shape": (2, 3), "dtype": "float32"}, (2, 3)),
        (("w", (2,), "sum", "on_read", "zeros", "float32"), {}, (2,)),
        (((2,),), {}, (2,)),
        (((2,), "zeros", "float32", "w"), {}, (2,)),
        (([2],), {"initializer": None, "aggregation": "mean", "synchronization": "ON_READ"}, (2,)),
        ((3,), {"name": "w"}, (3,)),
    ],
)
def test_add_weight_takes_both_orders(args, kwargs, shape):
    metric = metrics.Metric(name="m")
    weight = metric.add_weight(*args, **kwargs)
    assert isinstance(weight, StateVariable)
    assert (tuple(weight.shape), weight.dtype, weight.tolist()) == (
        shape,
        torch.float32,
        np.zeros(shape).tolist(),
    )
    assert weight.name == "w" or "name" not in kwargs


def test_add_variable_takes_keras_3_order():
    metric = metrics.Metric(name="a/b")
    variable = metric.add_variable((2,), "ones", "float64", "mean", "w")
    assert (variable.path, variable.dtype, variable.aggregation) == ("a>b/w", torch.float64, "mean")
    assert variable.tolist() == [1.0, 1.0]
    assert metric.variables[0] is metric.weights[0] is metric.non_trainable_variables[0] is variable
    assert metric.trainable_variables == []


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "match"),
    [
        (
            (),
            {"initialiser": "zeros"},
            UnknownArgumentError,
            "unexpected argument 'initialiser'.*'initializer'",
        ),
        (("w",), {"name": "v"}, UnknownArgumentError, "two values for the argument 'name'"),
        (tuple("abcdefg"), {}, UnknownArgumentError, "at most 6 arguments. Received: 7"),
        (
            (),
            {"aggregation": "median"},
            InvalidArgumentError,
            "Invalid value for argument `aggregation`.*'median'",
        ),
        ((), {"synchronization": "later"}, InvalidArgumentError, "argument `synchronization`.*'later'"),
        ((), {"name": "a/b"}, InvalidArgumentError, "cannot contain `/`"),
    ],
)
def test_wrong_arguments_of_add_weight(args, kwargs, error, match):
    with pytest.raises(error, match=match):
        metrics.Metric().add_weight(*args, **kwargs)


def test_a_forgotten_super_call_is_named():
    class Forgetful(metrics.Metric):
        def __init__(self):
            self.total = self.add_weight(name="total")

    with pytest.raises(InvalidArgumentError, match=r"forgot to call `super\(\).__init__\(\)`.*Forgetful"):
        Forgetful()


@pytest.mark.parametrize("method", ["update_state", "result"])
def test_what_a_subclass_must_define(method):
    with pytest.raises(InvalidArgumentError, match=rf"Metric must define `{method}\(\)`"):
        getattr(metrics.Metric(), method)()


@pytest.mark.parametrize("first", ["seen", "float16", "mixed_float16", torch.float16])
def test_the_first_argument_is_a_name_or_a_type(first):
    metric = metrics.Metric(first)
    assert (metric.name, metric.dtype) == (
        ("seen", "float32") if first == "seen" else (metric.name, "float16")
    )


@pytest.mark.parametrize("kind", [Hits, OldReset, NewReset, metrics.AUC, metrics.Mean, metrics.Precision])
@pytest.mark.parametrize("method", ["reset_state", "reset_states"])
def test_resets_of_both_dialects(kind, method):
    metric = kind()
    before = metric.variables
    for _ in range(2):
        metric.update_state(*DATA[: 1 if kind is metrics.Mean else 2])
        getattr(metric, method)()
        assert all(not v.any() for v in metric.variables)
        assert all(a is b for a, b in zip(before, metric.variables, strict=True))
    assert getattr(metric, "resets", 2) == 2


def test_a_reset_reaches_inner_metrics_and_own_variables():
    class Outer(Hits):
        def __init__(self):
            super().__init__()
            self.parts = [metrics.Mean(), metrics.Sum()]
            self.named = {"a": metrics.Mean()}

    metric = Outer()
    assert [v.name for v in metric.variables] == ["hits", "total", "count", "total", "total", "count"]
    metric.parts[0].update_state(3.0)
    metric.named["a"].update_state(3.0)
    metric.reset_state()
    assert not any(v.any() for v in metric.variables)


@pytest.mark.parametrize("case", ALL, ids=label)
def test_a_reset_forgets_everything(case):
    rng = np.random.default_rng(0)
    used, fresh = pair(case)[0], pair(case)[0]
    used.update_state(*tensors(*case[2](rng)))
    used.reset_state()
    data = tensors(*case[2](rng))
    for metric in (used, fresh):
        metric.update_state(*data)
    assert torch.equal(used.result(), fresh.result())


def test_results_do_not_change_with_later_updates():
    metric = Hits()
    metric.update_state(*DATA)
    first = metric.result()
    metric.update_state(*DATA)
    assert (float(first), type(first)) == (2.0, torch.Tensor)


@pytest.mark.parametrize("case", ALL, ids=label)
def test_results_of_all_metrics_are_snapshots(case):
    rng = np.random.default_rng(0)
    metric = pair(case)[0]
    metric.update_state(*tensors(*case[2](rng)))
    first = metric.result()
    kept = first.clone()
    metric.update_state(*tensors(*case[2](rng)))
    assert torch.equal(first, kept)
    assert type(first) is torch.Tensor


def test_dictionaries_of_variables_are_snapshots():
    class Both(Hits):
        def result(self):
            return {"hits": self.hits, "twice": 2 * self.hits}

    metric = Both()
    first = metric(*DATA)
    metric.update_state(*DATA)
    assert {k: float(v) for k, v in first.items()} == {"hits": 2.0, "twice": 4.0}


class _HostReads(TorchDispatchMode):
    """Collects operations that make the host wait for the device."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if str(func).split(".")[1] in (
            "_local_scalar_dense",
            "nonzero",
            "equal",
            "is_nonzero",
            "unique",
            "bincount",
        ):
            self.found.append(str(func))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
@pytest.mark.parametrize("case", [c for c in ALL if c not in AUCS[-1:]], ids=label)
def test_updates_never_wait_for_the_device(case, weighted, monkeypatch):
    monkeypatch.setattr(counting, "can_look", lambda x: False)  # as on a GPU
    metric = pair(case)[0]
    y_true, y_pred = tensors(*case[2](np.random.default_rng(0)))
    metric.update_state(y_true, y_pred)
    with _HostReads() as mode:
        metric.update_state(y_true, y_pred, torch.ones(len(y_true)) if weighted else None)
    assert mode.found == []


@pytest.mark.parametrize("case", ALL, ids=label)
def test_updates_build_no_graph(case):
    y_true, y_pred = tensors(*case[2](np.random.default_rng(0)))
    if y_pred.is_floating_point():
        y_pred.requires_grad_()
    metric = pair(case)[0]
    metric.update_state(y_true, y_pred)
    assert not metric.result().requires_grad
    assert not any(v.requires_grad for v in metric.variables)
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("enabled", [True, False])
def test_a_users_update_runs_without_gradients(enabled):
    metric = Hits()
    with torch.set_grad_enabled(enabled):
        metric.update_state(*DATA)
        assert torch.is_grad_enabled() is enabled
    assert metric.grad_seen is False


def test_gradients_are_on_again_after_an_update_that_failed():
    with pytest.raises(TypeError, match="not supported"):
        Hits().update_state(None, None)
    assert torch.is_grad_enabled()


def test_an_update_from_a_mixin_is_guarded_too():
    class Mixin:
        def update_state(self, y_true, y_pred):
            self.grad_seen = torch.is_grad_enabled()

    class Mixed(Mixin, metrics.Mean):
        pass

    metric = Mixed()
    metric.update_state(*DATA)
    assert metric.grad_seen is False


@pytest.mark.parametrize("kind", [Hits, metrics.BinaryAccuracy, metrics.AUC])
def test_data_without_values_changes_nothing(kind):
    metric = kind()
    metric.update_state(*DATA)
    before = metric.result()
    metric.update_state(*(x.to("meta") for x in DATA))
    assert torch.equal(before, metric.result())
    assert all(v.device.type == "cpu" for v in metric.variables)


@pytest.mark.gpu
@pytest.mark.parametrize("case", ALL, ids=label)
def test_state_follows_the_data(case):
    y_true, y_pred = tensors(*case[2](np.random.default_rng(0)))
    here, there = pair(case)[0].to("cpu"), pair(case)[0].to("cpu")
    for device in ("cpu", "cuda", "cuda"):
        here.update_state(y_true, y_pred)
        there.update_state(y_true, y_pred.to(device))
    assert all(v.device.type == "cuda" for v in there.variables)
    torch.testing.assert_close(here.result(), there.result().cpu(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["cpu", torch.device("cpu")])
def test_to_returns_the_metric(name):
    metric = metrics.AUC()
    assert metric.to(name) is metric


@pytest.mark.parametrize("case", ALL, ids=label)
def test_merging_equals_seeing_both_batches(case):
    rng = np.random.default_rng(0)
    whole, first, second = (pair(case)[0] for _ in range(3))
    for part in (first, second):
        data = tensors(*case[2](rng))
        part.update_state(*data)
        whole.update_state(*data)
    first.merge_state([second])
    torch.testing.assert_close(first.result(), whole.result())


def test_merging_needs_the_same_state():
    with pytest.raises(InvalidArgumentError, match="<Sum name=sum> is not compatible with <Mean name=mean>"):
        metrics.Mean().merge_state([metrics.Sum()])


@pytest.mark.parametrize(
    "clone", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"]
)
@pytest.mark.parametrize(
    "kind", [metrics.Mean, metrics.AUC, metrics.Precision, metrics.R2Score, metrics.F1Score]
)
def test_copies_have_their_own_state(kind, clone):
    metric = kind()
    rank = (slice(None), None) if kind in (metrics.R2Score, metrics.F1Score) else ...
    data = [x[rank] for x in DATA[: 1 if kind is metrics.Mean else 2]]
    metric.update_state(*data)
    other = clone(metric)
    assert torch.equal(other.result(), metric.result())
    other.update_state(*data)
    assert not any(
        torch.equal(a, b) for a, b in zip(metric.variables, other.variables, strict=True) if b.any()
    )


@pytest.mark.parametrize("kind", [metrics.Mean, metrics.AUC, metrics.Precision, Hits])
def test_stateless_use_leaves_the_metric_alone(kind):
    metric = kind()
    data = DATA[: 1 if kind is metrics.Mean else 2]
    metric.update_state(*data)
    before = [v.clone() for v in metric.variables]
    state = metric.stateless_reset_state()
    assert not any(v.any() for v in state)
    for _ in range(3):
        state = metric.stateless_update_state(state, *data)
    expected = kind()
    for _ in range(3):
        expected.update_state(*data)
    assert torch.equal(metric.stateless_result(state), expected.result())
    assert all(torch.equal(a, b) for a, b in zip(before, metric.variables, strict=True))


@pytest.mark.parametrize("method", ["stateless_update_state", "stateless_result"])
def test_stateless_use_needs_all_variables(method):
    with pytest.raises(InvalidArgumentError, match=r"corresponding 1:1 to Mean.*length 1, but expected 2"):
        getattr(metrics.Mean(), method)([torch.zeros(())])


def test_metrics_are_recognised_and_stay_out_of_modules():
    module = torch.nn.Module()
    module.metric = metrics.Mean()
    assert module.metric.is_metric
    assert not module.state_dict()


def test_automatic_names_and_the_text_form():
    first, second = metrics.Precision(), metrics.Precision()
    assert first.name != second.name
    assert repr(metrics.Mean(name="speed")) == "<Mean name=speed>"


@pytest.mark.parametrize("kind", [metrics.Precision, metrics.AUC, metrics.SensitivityAtSpecificity])
def test_counts_can_be_read_between_updates(kind):
    metric = kind(0.5) if kind is metrics.SensitivityAtSpecificity else kind(thresholds=[0.75])
    for times in (1, 2):
        metric.update_state(*DATA)
        at = int(np.searchsorted(metric.thresholds, 0.75)) if kind is not metrics.Precision else 0
        assert (float(metric.true_positives[at]), float(metric.false_positives[at])) == (times, times)
    assert hasattr(metric, "true_negatives") is (kind is not metrics.Precision)


@pytest.mark.parametrize(
    "nest", [list, lambda pair: {"a": pair[0], "b": pair[1]}, lambda pair: {"a": [*pair]}]
)
def test_variables_in_lists_and_dictionaries_count(nest):
    metric = Hits()
    metric.more = nest([Variable(2.0, trainable=False), Variable(3.0, trainable=False)])
    assert [float(v) for v in metric.variables] == [0.0, 2.0, 3.0]


def test_counts_of_pairs_of_classes_may_have_another_type():
    metric = metrics.MeanIoU(num_classes=2)
    metric.total_cm = metric.add_variable((2, 2), dtype="int64", name="wide")
    metric.update_state([0, 1, 1], [0, 1, 0])
    assert metric.total_cm.tolist() == [[1, 0], [1, 1]]

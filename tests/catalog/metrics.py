"""Every metric, as `(name, arguments, data)`; the arguments and data are those of the tests of metrics."""

from __future__ import annotations

from tests.metrics.cases import ALL


def values(rng):
    """What `Mean` and `Sum` take: values and weights."""
    return rng.normal(size=(12,)).astype("float32"), rng.random(12, "float32")


METRICS = [*ALL, ("Mean", {}, values), ("Sum", {"name": "total"}, values)]

# Bases, and what only Keras 2 has, for which see `tests/metrics/test_keras2.py`.
NOT_ALONE = {"Metric", "MeanMetricWrapper"} | {
    "MeanRelativeError",
    "MeanTensor",
    "SumOverBatchSize",
    "SumOverBatchSizeMetricWrapper",
}

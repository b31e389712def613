"""`metrics.experimental` of Keras 2."""

from kerastorch.metrics.py_metric import PyMetric

__all__ = ["PyMetric"]

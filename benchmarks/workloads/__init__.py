"""The networks that are trained and the data they are trained on, one file a family."""

from benchmarks.workloads.base import CLASSES, Workload
from benchmarks.workloads.images import CNN, RESNET
from benchmarks.workloads.sequences import BIDIRECTIONAL, CONV1D, GRU, LSTM, MASKED_LSTM
from benchmarks.workloads.transformer import TRANSFORMER
from benchmarks.workloads.vectors import MLP

WORKLOADS = {
    workload.name: workload
    for workload in (MLP, CNN, RESNET, LSTM, GRU, BIDIRECTIONAL, MASKED_LSTM, TRANSFORMER, CONV1D)
}

__all__ = ["CLASSES", "WORKLOADS", "Workload"]

"""The networks that are trained and the data they are trained on, one file a family."""

from benchmarks.workloads.base import CLASSES, Workload, each
from benchmarks.workloads.images import CNN, RESNET
from benchmarks.workloads.sequences import BIDIRECTIONAL, CONV1D, GRU, LSTM, MASKED_LSTM, TEXT
from benchmarks.workloads.transformer import TRANSFORMER
from benchmarks.workloads.vectors import AUTOENCODER, MLP, TWO_INPUTS

_RECURRENT = (LSTM, GRU, BIDIRECTIONAL, MASKED_LSTM)
WORKLOADS = {
    workload.name: workload
    for workload in (MLP, AUTOENCODER, TWO_INPUTS, CNN, RESNET, *_RECURRENT, TEXT, TRANSFORMER, CONV1D)
}

__all__ = ["CLASSES", "WORKLOADS", "Workload", "each"]

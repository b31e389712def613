"""Sequences: `keras.preprocessing.sequence`."""

from __future__ import annotations

from kerastorch.preprocessing.skipgrams import make_sampling_table, skipgrams
from kerastorch.preprocessing.timeseries import TimeseriesGenerator
from kerastorch.utils.sequence_utils import pad_sequences

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]

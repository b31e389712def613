"""Every recurrent layer, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.row import Inner, Row

SERIES = (6, 3)
DRAWN = {"recurrent_initializer": "normal"}  # Keras on torch cannot draw orthogonal kernels in bfloat16
LAST = {"units": 4}
ALL = {"units": 4, "return_sequences": True, "return_state": True}
BACK = {"units": 3, "use_bias": False, "go_backwards": True}
LOOP = {"units": 3, "activation": "relu", "unroll": True}
WATCHED = {"units": 2, "kernel_regularizer": "l2", "bias_constraint": "max_norm"}
ZEROED = {"units": 2, "return_sequences": True, "zero_output_for_mask": True}

# Cells are called with states, and a wrapper is a base; `tests/layers/rnn` tries them.
CELLS = {"StackedRNNCells", "SimpleRNNCell", "GRUCell", "LSTMCell", "AbstractRNNCell", "Wrapper"}


def _row(name: str, kwargs: dict[str, Any], **options: Any) -> Row:
    return Row(name, {**DRAWN, **kwargs}, SERIES, **options)


def _inner(kind: str, **kwargs: Any) -> Inner:
    return Inner(kind, {**DRAWN, "units": 3, "name": "inner", **kwargs})


def _both(layer: Inner, **options: Any) -> Row:
    masked = options.pop("masked", False)
    return Row("Bidirectional", {"layer": layer, **options}, SERIES, masked=masked)


def _recurrent(name: str) -> list[Row]:
    return [
        _row(name, LAST, open_axes=(1,), masked=True),
        _row(name, ALL, open_axes=(1,)),
        _row(name, BACK, masked=True),
        _row(name, LOOP, masked=True),
        _row(name, WATCHED),
        _row(name, ZEROED, masked=True),
    ]


def _convolutional(rank: int, shape: tuple, channels_first: tuple) -> list[Row]:
    name, first = f"ConvLSTM{rank}D", {"data_format": "channels_first"}
    window = {"filters": 2, "kernel_size": 2, **DRAWN}
    settings: list[tuple[dict[str, Any], tuple]] = [
        ({}, shape),
        ({"padding": "same", "return_sequences": True, "return_state": True}, shape),
        ({"strides": 2, "padding": "same", "use_bias": False, "go_backwards": True}, shape),
        ({"kernel_size": 3, "padding": "same", "dilation_rate": 2, "unit_forget_bias": False}, shape),
        ({"recurrent_activation": "hard_sigmoid", "activation": "relu", "kernel_regularizer": "l2"}, shape),
        ({"return_sequences": True, **first}, channels_first),
        ({"strides": 2, "padding": "same", "return_state": True, **first}, channels_first),
    ]
    return [Row(name, {**window, **options}, size, open_axes=(1,)) for options, size in settings]


STACK = Inner(
    "StackedRNNCells",
    {"cells": [_inner("LSTMCell"), _inner("SimpleRNNCell", name="next")], "name": "stack"},
)

RECURRENT = [
    *_recurrent("SimpleRNN"),
    *_recurrent("GRU"),
    *_recurrent("LSTM"),
    _row("GRU", {"units": 4, "reset_after": False}, masked=True),
    _row("GRU", {"units": 4, "reset_after": False, "use_bias": False}),
    _row("LSTM", {"units": 4, "recurrent_activation": "hard_sigmoid"}, masked=True),
    _row("LSTM", {"units": 4, "unit_forget_bias": False, "recurrent_regularizer": "l1"}),
    Row("RNN", {"cell": _inner("GRUCell")}, SERIES, masked=True),
    Row("RNN", {"cell": STACK}, SERIES),
    _both(_inner("LSTM"), masked=True),
    _both(_inner("LSTM", return_sequences=True), masked=True, merge_mode="ave"),
    _both(_inner("GRU", return_sequences=True), masked=True, merge_mode="mul"),
    _both(_inner("GRU", return_state=True), merge_mode="sum"),
    _both(_inner("SimpleRNN", return_sequences=True), masked=True),
    Row("TimeDistributed", {"layer": Inner("Dense", {"units": 4, "name": "inner"})}, SERIES, masked=True),
    Row("TimeDistributed", {"layer": Inner("Flatten", {"name": "inner"})}, (4, 3, 2)),
    Row("TimeDistributed", {"layer": _inner("GRU")}, (4, 3, 2)),
    *_convolutional(1, (4, 5, 2), (4, 2, 5)),
    *_convolutional(2, (3, 4, 5, 2), (3, 2, 4, 5)),
    *_convolutional(3, (2, 3, 4, 3, 2), (2, 2, 3, 4, 3)),
]

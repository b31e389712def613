"""Every recurrent layer, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.row import Inner, Row

SERIES = (6, 3)
DRAWN = {"recurrent_initializer": "normal"}  # Keras on torch cannot draw orthogonal kernels in bfloat16

ONES = {"kernel_initializer": "ones", "recurrent_initializer": "ones"}
EVERYTHING = {"units": 4, "return_sequences": True, "return_state": True}

# What SimpleRNN, GRU and LSTM share, and whether masks are put on the input.
SHARED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"units": 4}, {"open_axes": (1,), "masked": True}),
    (EVERYTHING, {"open_axes": (1,)}),
    ({"units": 3, "use_bias": False, "go_backwards": True}, {"masked": True}),
    ({"units": 3, "activation": "relu", "unroll": True}, {"masked": True}),
    ({"units": 2, "kernel_regularizer": "l2", "bias_constraint": "max_norm"}, {}),
    ({"units": 2, "return_sequences": True, "zero_output_for_mask": True}, {"masked": True}),
    ({"units": 2, "zero_output_for_mask": True}, {"masked": True}),
    ({"units": 2, "activation": None, "return_sequences": True}, {"masked": True}),
    ({"units": 2, "activation": "sigmoid", "go_backwards": True, "return_state": True}, {"masked": True}),
    ({"units": 2, "kernel_initializer": "he_normal", "bias_initializer": "ones"}, {}),
    ({"units": 2, "recurrent_regularizer": "l1", "bias_regularizer": "l2"}, {}),
    ({"units": 2, "kernel_constraint": "non_neg", "recurrent_constraint": "unit_norm"}, {}),
    ({"units": 3, "dropout": 0.3}, {"random": True}),
    ({"units": 3, "dropout": 0.3, "recurrent_dropout": 0.4}, {"random": True}),
    ({**EVERYTHING, "use_bias": False}, {"masked": True}),
    ({**EVERYTHING, "go_backwards": True}, {"masked": True}),
    ({**EVERYTHING, "zero_output_for_mask": True}, {"masked": True}),
    ({"units": 4, "go_backwards": True, "return_state": True}, {"masked": True}),
    ({"units": 4, "return_state": True}, {"masked": True}),
    ({"units": 4, "return_state": True, "unroll": True}, {"masked": True}),
]

# Cells are called with states, and a wrapper is a base; `tests/layers/rnn` tries them.
CELLS = {"StackedRNNCells", "SimpleRNNCell", "GRUCell", "LSTMCell", "AbstractRNNCell", "Wrapper"}


def _row(name: str, kwargs: dict[str, Any], **options: Any) -> Row:
    return Row(name, {**DRAWN, **kwargs}, SERIES, **options)


def _inner(kind: str, **kwargs: Any) -> Inner:
    return Inner(kind, {**DRAWN, "units": 3, "name": "inner", **kwargs})


def _recurrent(name: str) -> list[Row]:
    return [_row(name, kwargs, **options) for kwargs, options in SHARED]


def _with_first_states(name: str, kwargs: dict[str, Any]) -> Row:
    return Row(name, {**DRAWN, "units": 4, **kwargs}, [SERIES, (4,)], apart=True)


GATED = [
    _row("GRU", {"units": 2, "activity_regularizer": "l2", "return_sequences": True}),
    _row("LSTM", {"units": 2, "activity_regularizer": "l2"}),
    _row("GRU", {"units": 4, "reset_after": False}, masked=True),
    _row("GRU", {"units": 4, "reset_after": False, "use_bias": False}),
    _row("GRU", {**EVERYTHING, "reset_after": False, "go_backwards": True}, masked=True),
    _row("GRU", {"units": 4, "reset_after": False, "dropout": 0.2, "recurrent_dropout": 0.2}, random=True),
    _row("GRU", {"units": 4, "recurrent_activation": "hard_sigmoid"}, masked=True),
    _row("GRU", {"units": 3, "dropout": 0.3, "seed": 4, **ONES}, random=True),
    _row("LSTM", {"units": 4, "recurrent_activation": "hard_sigmoid"}, masked=True),
    _row("LSTM", {"units": 4, "unit_forget_bias": False, "recurrent_regularizer": "l1"}),
    _row("LSTM", {"units": 3, "dropout": 0.3, "recurrent_dropout": 0.4, "seed": 4, **ONES}, random=True),
    _row("SimpleRNN", {**EVERYTHING, "activation": "relu"}, masked=True),
    _with_first_states("SimpleRNN", {"return_sequences": True}),
    _with_first_states("GRU", {"return_sequences": True}),
    _with_first_states("GRU", {"go_backwards": True, "return_state": True}),
]


# Cells -------------------------------------------------------------------------------------------------------------


def _stack(first: str, second: str, **options: Any) -> Inner:
    cells = [_inner(first, **options), _inner(second, name="next", units=2)]
    return Inner("StackedRNNCells", {"cells": cells, "name": "stack"})


def _run(cell: Inner, masked: bool = True, **options: Any) -> Row:
    return Row("RNN", {"cell": cell, **options}, SERIES, masked=masked)


RUN = [
    _run(_inner("GRUCell")),
    _run(_inner("SimpleRNNCell"), return_sequences=True, go_backwards=True),
    _run(_inner("LSTMCell"), return_sequences=True, return_state=True),
    _run(_inner("LSTMCell", recurrent_activation="hard_sigmoid"), zero_output_for_mask=True),
    _run(_inner("GRUCell", reset_after=False), unroll=True),
    _run(_stack("LSTMCell", "SimpleRNNCell"), masked=False),
    _run(_stack("LSTMCell", "GRUCell"), return_sequences=True),
    _run(_stack("GRUCell", "SimpleRNNCell"), zero_output_for_mask=True, return_sequences=True),
    _run(_stack("LSTMCell", "LSTMCell", use_bias=False), go_backwards=True),
    _run(_stack("GRUCell", "GRUCell", reset_after=False), return_sequences=True),
    _run(_stack("SimpleRNNCell", "SimpleRNNCell"), return_state=True, unroll=True),
]


# Both directions ---------------------------------------------------------------------------------------------------


def _both(layer: Inner, masked: bool = True, **options: Any) -> Row:
    return Row("Bidirectional", {"layer": layer, **options}, SERIES, masked=masked)


def _backward(kind: str, **kwargs: Any) -> Inner:
    return _inner(kind, name="other", go_backwards=True, **kwargs)


BOTH = [
    _both(_inner("LSTM")),
    _both(_inner("LSTM", return_sequences=True), merge_mode="ave"),
    _both(_inner("GRU", return_sequences=True), merge_mode="mul"),
    _both(_inner("GRU", return_state=True), masked=False, merge_mode="sum"),
    _both(_inner("SimpleRNN", return_sequences=True)),
    _both(_inner("LSTM", return_sequences=True)),
    _both(_inner("LSTM", use_bias=False), merge_mode="sum"),
    _both(_inner("LSTM", return_sequences=True, return_state=True), masked=False, merge_mode="sum"),
    _both(_inner("GRU"), merge_mode="ave"),
    _both(_inner("GRU", return_sequences=True, reset_after=False)),
    _both(_inner("GRU", bias_initializer="ones", return_sequences=True), merge_mode="sum"),
    _both(_inner("LSTM"), backward_layer=_backward("GRU"), masked=False, merge_mode=None),
    _both(_inner("SimpleRNN", activation="relu"), merge_mode="mul"),
    _both(_inner("LSTM"), backward_layer=_backward("GRU")),
    _both(_inner("GRU", return_sequences=True), backward_layer=_backward("GRU", return_sequences=True)),
    _both(Inner("RNN", {"cell": _inner("LSTMCell", name="cell"), "name": "inner"})),
]


# Every step --------------------------------------------------------------------------------------------------------


def _each(kind: str, shape: tuple[int, ...], **kwargs: Any) -> Row:
    return Row("TimeDistributed", {"layer": Inner(kind, {"name": "inner", **kwargs})}, shape)


EACH = [
    Row("TimeDistributed", {"layer": Inner("Dense", {"units": 4, "name": "inner"})}, SERIES, masked=True),
    _each("Dense", (3, 2, 3), units=4, activation="tanh"),
    _each("Flatten", (4, 3, 2)),
    _each("GRU", (4, 3, 2), units=3, **DRAWN),
    _each("LSTM", (4, 3, 2), units=3, return_sequences=True, **DRAWN),
    _each("Conv1D", (3, 5, 2), filters=3, kernel_size=2),
    _each("Conv2D", (3, 5, 4, 2), filters=3, kernel_size=2, strides=2, padding="same"),
    _each("MaxPooling2D", (3, 4, 4, 2)),
    _each("GlobalAveragePooling1D", (3, 4, 2)),
    _each("LayerNormalization", (4, 3), axis=[1]),
    _each("BatchNormalization", (4, 3)),
    _each("Reshape", (4, 6), target_shape=[2, 3]),
    _each("Conv2D", (3, 2, 5, 4), filters=3, kernel_size=2, data_format="channels_first"),
    Row(
        "TimeDistributed",
        {
            "layer": Inner(
                "TimeDistributed", {"name": "inner", "layer": Inner("Dense", {"units": 2, "name": "deep"})}
            )
        },
        (3, 4, 2),
    ),
]


# Convolutions ------------------------------------------------------------------------------------------------------


def _convolutional(rank: int, shape: tuple[int, ...], channels_first: tuple[int, ...]) -> list[Row]:
    name, first = f"ConvLSTM{rank}D", {"data_format": "channels_first"}
    window = {"filters": 2, "kernel_size": 2, **DRAWN}
    settings: list[tuple[dict[str, Any], tuple[int, ...]]] = [
        ({}, shape),
        ({"padding": "same", "return_sequences": True, "return_state": True}, shape),
        ({"strides": 2, "padding": "same", "use_bias": False, "go_backwards": True}, shape),
        ({"kernel_size": 3, "padding": "same", "dilation_rate": 2, "unit_forget_bias": False}, shape),
        ({"recurrent_activation": "hard_sigmoid", "activation": "relu", "kernel_regularizer": "l2"}, shape),
        ({"return_sequences": True, **first}, channels_first),
        ({"strides": 2, "padding": "same", "return_state": True, **first}, channels_first),
    ]
    dropped = {**ONES, "dropout": 0.3, "recurrent_dropout": 0.3, "seed": 3}
    return [
        *(Row(name, {**window, **options}, size, open_axes=(1,)) for options, size in settings),
        Row(
            name,
            {**window, "padding": "same", "return_sequences": True},
            (6, *shape[1:]),
            tolerance=1e-5,
            masked=True,
        ),
        Row(name, {**window, **dropped}, shape, random=True),
    ]


RECURRENT = [
    *_recurrent("SimpleRNN"),
    *_recurrent("GRU"),
    *_recurrent("LSTM"),
    *GATED,
    *RUN,
    *BOTH,
    *EACH,
    *_convolutional(1, (4, 5, 2), (4, 2, 5)),
    *_convolutional(2, (3, 4, 5, 2), (3, 2, 4, 5)),
    *_convolutional(3, (2, 3, 4, 3, 2), (2, 2, 3, 4, 3)),
]

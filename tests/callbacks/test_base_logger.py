"""A script of Keras 2 that names `BaseLogger` gets the same history."""

from __future__ import annotations

import kerastorch
from kerastorch.callbacks import BaseLogger
from tests.training.twins import assert_close, copy_weights, dense, rows


def test_the_history_is_the_same_with_and_without():
    x, y = rows(20)
    plain, logged = dense(kerastorch), dense(kerastorch)
    copy_weights(plain, logged)
    found = []
    for model, callbacks in ((plain, []), (logged, [BaseLogger(stateful_metrics=["mae"])])):
        model.compile("sgd", "mse", metrics=["mae"])
        fitted = model.fit(x, y, epochs=2, batch_size=8, shuffle=False, verbose=0, callbacks=callbacks)
        found.append(dict(fitted.history))
    assert_close(*found, rtol=0, atol=0)

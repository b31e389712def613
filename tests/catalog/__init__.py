"""The catalogue: how to build every layer, loss, metric and optimizer, here and in Keras, and inputs that fit it.

A new class costs one row; the tests of `tests/conformance` then hold for it.
"""

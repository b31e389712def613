"""Activation functions as layers. `kerastorch.layers` is their index."""

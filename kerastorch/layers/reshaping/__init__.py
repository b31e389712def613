"""Layers that move, repeat and cut values without changing them. `kerastorch.layers` is their index."""

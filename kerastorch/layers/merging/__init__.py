"""Layers that make one tensor of several. `kerastorch.layers` is their index."""

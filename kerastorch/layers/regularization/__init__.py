"""The layers that act on training only, with noise or penalties. `kerastorch.layers` is their index."""

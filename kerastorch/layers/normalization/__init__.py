"""The layers that normalize. `kerastorch.layers` is their index."""

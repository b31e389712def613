"""The pooling layers. `kerastorch.layers` is their index."""

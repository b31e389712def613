"""The convolution layers. `kerastorch.layers` is their index."""

"""The locally connected layers. `kerastorch.layers` is their index."""

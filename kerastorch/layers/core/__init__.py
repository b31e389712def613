"""The layers that everything else is made of. `kerastorch.layers` is their index."""

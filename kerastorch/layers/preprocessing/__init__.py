"""Layers that prepare data: numbers, categories, text, pictures and sounds. `kerastorch.layers` is their index."""

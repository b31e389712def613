"""Models as plain PyTorch source: one file a family of layers."""

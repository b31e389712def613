"""From what users give to `fit` to batches on the device that trains."""

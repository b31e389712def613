"""Compile arguments to a plan, steps, the loop over batches, and `fit`, `evaluate` and `predict` on top of them."""

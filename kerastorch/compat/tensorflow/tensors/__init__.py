"""Functions of `tf` itself on tensors: making, arranging, joining, choosing, ordering."""

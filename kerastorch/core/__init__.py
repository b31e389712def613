"""The foundation: variables, symbolic tensors, tracing and configs. Import the modules themselves."""

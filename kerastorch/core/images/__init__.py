"""Arithmetic of pictures: colours, sizes, filters and places."""

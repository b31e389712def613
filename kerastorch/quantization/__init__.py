"""How numbers are stored in few bits, without the rest of `keras.ops`: what layers quantize themselves with."""

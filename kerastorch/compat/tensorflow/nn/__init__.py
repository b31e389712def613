"""`tf.nn`: the functions that networks are made of."""

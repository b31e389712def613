"""What TensorFlow has written, read without TensorFlow: folders of models, and checkpoints."""

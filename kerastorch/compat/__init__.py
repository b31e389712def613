"""What lets scripts written for other packages run: `tensorflow`, the `tf` names that Keras scripts use."""

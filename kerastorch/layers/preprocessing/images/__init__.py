"""Layers that change images, and with them their labels, bounding boxes and segmentation masks."""

"""Measurements as ratios: one run, all servers up at once, every target in every round (``make bench``)."""

"""跨区通办: accept anywhere, decide at home, collect anywhere."""

__version__ = "0.1.0"

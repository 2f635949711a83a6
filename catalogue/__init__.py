"""跨区通办: accept anywhere, decide at home, collect anywhere."""

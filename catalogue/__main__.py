"""``python -m catalogue``: the same commands as ``catalogue``."""

from catalogue.cli import main

if __name__ == "__main__":
    main()

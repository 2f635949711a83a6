"""The application of the web's tests, for documents and certificates."""

from tests.web.conftest import case, clerk, intake, town

__all__ = ["case", "clerk", "intake", "town"]

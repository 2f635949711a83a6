"""The registry: model, strict reader, canonical writer, totality check, difference."""

"""Faces: parse, call a service, render."""

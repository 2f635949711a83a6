"""Use cases, one verb each. They take ports and know neither SQL nor HTTP."""

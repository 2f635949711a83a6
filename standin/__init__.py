"""A stand-in of a city's own approval system: receives signed messages, keys them into its own list, answers.

For demonstrations and tests. It shares nothing with ``catalogue`` but the wire: CloudEvents signed by Standard
Webhooks in, answers by HTTP out. It can be told to be slow, down, double-sending, contradictory or wrong in time.
"""

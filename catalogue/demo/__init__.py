"""The demonstration of `make run`: a town of made-up people whose cases are in every state."""

"""Messages to the cities and what comes back."""

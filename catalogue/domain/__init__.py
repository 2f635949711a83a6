"""Rules. Plain values in, plain values out: no database, no HTTP, no clock, no framework."""

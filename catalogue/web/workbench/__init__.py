"""The window's own pages: intake 收件 and receipt 收件回执."""

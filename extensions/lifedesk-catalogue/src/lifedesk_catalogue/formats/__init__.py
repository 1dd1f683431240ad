"""Readers, one module per format; each is imported when a file asks for it."""

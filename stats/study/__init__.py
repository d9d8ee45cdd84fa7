"""The study file: frozen types, and the reader that checks every name in it."""

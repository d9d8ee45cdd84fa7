"""How long a build takes and how it grows, beside scripts that do the same: `python -m benchmarks`."""

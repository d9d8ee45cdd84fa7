"""How long a build takes and how it grows, beside an ordinary script that does the same: `python -m benchmarks`."""

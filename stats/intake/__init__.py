"""Data files to typed frames: what the study file declares is read, checked and converted; nothing is inferred."""

from stats.intake.load import load

__all__ = ["load"]

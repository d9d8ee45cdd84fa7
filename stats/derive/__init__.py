"""Adds columns and frames: times, response, toxicity, kinetics. One file per subject matter, one verb: derive."""

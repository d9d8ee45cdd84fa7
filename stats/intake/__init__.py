"""Files to typed frames: read as text, checked, converted by the declared schema; everything wrong said at once."""

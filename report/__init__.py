"""Everything that prints, nothing that counts."""

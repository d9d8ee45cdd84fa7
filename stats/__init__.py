"""Everything that counts, nothing that prints: study, intake, derive, methods, analyses, results."""

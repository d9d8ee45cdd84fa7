"""Exhibits that are tables: build(results, style, *, of, …) gives a Table. The file name is the kind."""

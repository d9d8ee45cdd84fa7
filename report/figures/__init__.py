"""Exhibits that are figures: draw(results, style, figure, *, of, …) on a given canvas. The file name is the kind."""

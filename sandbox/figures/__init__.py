"""The figures of the code: how large, how complex, how named."""

from sandbox.figures.figure_table import format_figures, measure

__all__ = ["format_figures", "measure"]

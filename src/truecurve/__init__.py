"""Truecurve: neural-network functions whose formulas, code, figures and facts are proved to agree.

`truecurve.entry("gelu").forward(x)` computes; `truecurve.catalog()` lists all entries in order.
"""

from truecurve.catalog import catalog, entry

__all__ = ["catalog", "entry"]

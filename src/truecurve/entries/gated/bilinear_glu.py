"""Bilinear GLU: the product of both halves of the input, without activation."""

from truecurve.entries.gated._halves import halves


def bilinear_glu(x, dim=-1):
    """a * b, where a and b are the first and second half of x along `dim`.

    That axis becomes half as long. Same dtype as x (float64 for integers). Raises
    ValueError if the size along `dim` is odd. One multiplication, rounded once.
    """
    a, b = halves(x, dim)
    return a * b


def bilinear_glu_derivative(x, dim=-1):
    """The pair (d/da, d/db), each of the shape of one half: the halves, exchanged."""
    a, b = halves(x, dim)
    return b, a

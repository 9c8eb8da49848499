"""Plain-loop references of the vector entries, 50 digits, for tests only.

They share no code with the package: the textbook formula, term by term, with no shift and no vectorisation. Keyed by
entry id: `REFERENCE[id](values)` is the function, `JACOBIAN[id](values)` its matrix of derivatives as a list of rows.
"""

from collections.abc import Callable, Sequence

from mpmath import exp, log, mpf, workdps

DIGITS = 50


def softmax(values: Sequence[float]) -> list[mpf]:
    """exp(x_i) / sum of exp(x_j), for finite scores. mpmath's exponent is unbounded, so nothing overflows."""
    with workdps(DIGITS):
        total = mpf(0)
        for value in values:
            total += exp(mpf(value))
        result = []
        for value in values:
            result.append(exp(mpf(value)) / total)
        return result


def softmax_jacobian(values: Sequence[float]) -> list[list[mpf]]:
    """Quotient rule on exp(x_i) / sum of exp(x_j): row i, column j is the derivative of output i by score j."""
    with workdps(DIGITS):
        powers = [exp(mpf(value)) for value in values]
        total = mpf(0)
        for power in powers:
            total += power
        rows = []
        for i in range(len(values)):
            row = []
            for j in range(len(values)):
                if i == j:
                    others = mpf(0)
                    for k in range(len(values)):
                        if k != i:
                            others += powers[k]
                    row.append(powers[i] * others / total**2)
                else:
                    row.append(-powers[i] * powers[j] / total**2)
            rows.append(row)
        return rows


def log_softmax(values: Sequence[float]) -> list[mpf]:
    """x_i minus the logarithm of the sum of exp(x_j), with digits for a result that is as small as exp(-2000)."""
    with workdps(20 * DIGITS):
        total = mpf(0)
        for value in values:
            total += exp(mpf(value))
        result = []
        for value in values:
            result.append(mpf(value) - log(total))
        return result


def log_softmax_jacobian(values: Sequence[float]) -> list[list[mpf]]:
    """The derivative of x_i is 1 for j = i; that of log(sum of exp(x_k)) by x_j is exp(x_j) / sum of exp(x_k)."""
    with workdps(20 * DIGITS):
        total = mpf(0)
        for value in values:
            total += exp(mpf(value))
        rows = []
        for i in range(len(values)):
            row = []
            for j in range(len(values)):
                row.append((1 if i == j else 0) - exp(mpf(values[j])) / total)
            rows.append(row)
        return rows


def softmin(values: Sequence[float]) -> list[mpf]:
    """exp(-x_i) / sum of exp(-x_j)."""
    with workdps(DIGITS):
        total = mpf(0)
        for value in values:
            total += 1 / exp(mpf(value))
        result = []
        for value in values:
            result.append(1 / exp(mpf(value)) / total)
        return result


def softmin_jacobian(values: Sequence[float]) -> list[list[mpf]]:
    """By the chain rule: softmin(x) is softmax(-x), so its Jacobian is minus that of softmax at -x."""
    return [[-element for element in row] for row in softmax_jacobian([-value for value in values])]


def crelu(values: Sequence[float]) -> list[mpf]:
    """The positive parts of all values, then the sizes of the negative parts."""
    result = []
    for value in values:
        result.append(mpf(value) if value > 0 else mpf(0))
    for value in values:
        result.append(-mpf(value) if value < 0 else mpf(0))
    return result


def crelu_jacobian(values: Sequence[float]) -> list[list[mpf]]:
    """2n rows of n: 1 for a positive value in its first row, -1 for a negative one in its second, else 0."""
    n = len(values)
    rows = []
    for i in range(2 * n):
        row = []
        for j in range(n):
            if i == j and values[j] > 0:
                row.append(mpf(1))
            elif i == n + j and values[j] < 0:
                row.append(mpf(-1))
            else:
                row.append(mpf(0))
        rows.append(row)
    return rows


REFERENCE: dict[str, Callable[[Sequence[float]], list[mpf]]] = {
    "softmax": softmax,
    "log_softmax": log_softmax,
    "softmin": softmin,
    "crelu": crelu,
    "softmax2d": softmax,  # the channels of one pixel
}
JACOBIAN: dict[str, Callable[[Sequence[float]], list[list[mpf]]]] = {
    "softmax": softmax_jacobian,
    "log_softmax": log_softmax_jacobian,
    "softmin": softmin_jacobian,
    "crelu": crelu_jacobian,
    "softmax2d": softmax_jacobian,
}

"""From a uniform number to a duration: inverse distribution functions, equal on every machine.

Logarithm and exponential are written out in sums, products and quotients, which IEEE 754 rounds
exactly; those of a mathematical library may differ in the last bit from one machine to another,
and then two runs with one seed would not be byte-equal.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]

_LN2_HIGH: Final = 0.693147180369123816490
_LN2_LOW: Final = 1.90821492927058770002e-10
_SQRT_HALF: Final = 0.7071067811865476
_LOG_TERMS: Final = 11
_EXP_TERMS: Final = 17


def natural_log(x: Float64s) -> Float64s:
    """Return ln x for positive, normal x; error below 1e-15, relative where ln x exceeds 1."""
    mantissa, exponent = np.frexp(x)
    low = mantissa < _SQRT_HALF
    mantissa = np.where(low, mantissa * 2.0, mantissa)
    power = exponent - low
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    total = np.zeros_like(s)
    for k in range(_LOG_TERMS, -1, -1):
        total = total * square + 1.0 / (2 * k + 1)
    return 2.0 * s * total + power * _LN2_LOW + power * _LN2_HIGH


def exponential(x: Float64s) -> Float64s:
    """Return e to the x for x from -700 to 700; relative error below 1e-15."""
    power = np.rint(x / (_LN2_HIGH + _LN2_LOW))
    rest = (x - power * _LN2_HIGH) - power * _LN2_LOW
    total = np.ones_like(rest)
    for k in range(_EXP_TERMS, 0, -1):
        total = 1.0 + total * rest / k
    return np.ldexp(total, power.astype(np.int32))


def normal(u: Float64s) -> Float64s:
    """Return the standard normal quantile of u in (0, 1); about 16 digits.

    References
    ----------
    .. [1] Wichura, M.J. (1988). Algorithm AS 241: The percentage points of the normal
           distribution. *Applied Statistics*, 37, 477-484. Routine PPND16. doi:10.2307/2347330
    """
    q = u - 0.5
    tail = np.where(q < 0.0, u, 1.0 - u)
    centre = np.abs(q) <= _SPLIT_1
    r = _CONST_1 - q * q
    middle = q * _polynomial(_A, r) / _polynomial(_B, r)
    r = np.sqrt(-natural_log(np.where(centre, 0.25, tail)))
    near = r <= _SPLIT_2
    s = r - _CONST_2
    t = r - _SPLIT_2
    outer = np.where(
        near,
        _polynomial(_C, s) / _polynomial(_D, s),
        _polynomial(_E, t) / _polynomial(_F, t),
    )
    return np.where(centre, middle, np.where(q < 0.0, -outer, outer))


def lognormal(u: Float64s, log_mean: npt.ArrayLike, log_sd: npt.ArrayLike) -> Float64s:
    """Return the quantile of a lognormal distribution, in the unit of exp(``log_mean``)."""
    return exponential(np.asarray(log_mean) + np.asarray(log_sd) * normal(u))


def _polynomial(coefficients: tuple[float, ...], x: Float64s) -> Float64s:
    """Return the value of a polynomial; the coefficient of the highest power comes last."""
    total = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total = total * x + coefficient
    return total


_SPLIT_1: Final = 0.425
_SPLIT_2: Final = 5.0
_CONST_1: Final = 0.180625
_CONST_2: Final = 1.6
_A: Final = (
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
)
_B: Final = (
    1.0,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
)
_C: Final = (
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
)
_D: Final = (
    1.0,
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)
_E: Final = (
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
)
_F: Final = (
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)

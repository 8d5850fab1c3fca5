"""measure.py -- one figure: ours beside its limit, both measured in the same run, one after the other in turns."""
import statistics
from typing import NamedTuple

ROUNDS = 3


class Figure(NamedTuple):
    """limit and target None: told, not judged.  at_least: the ratio must reach the target, else it must not pass it."""
    name: str
    value: float
    unit: str
    limit: float | None = None
    target: float | None = None
    at_least: bool = True

    @property
    def ratio(self):
        return self.value / self.limit if self.limit else None

    def line(self):
        if self.target is None or self.ratio is None:
            return f"{self.name} {number(self.value)} {self.unit} · limit - · ratio - · target - · told"
        good = self.ratio >= self.target if self.at_least else self.ratio <= self.target
        sign = "≥" if self.at_least else "≤"
        return (f"{self.name} {number(self.value)} {self.unit} · limit {number(self.limit)} · ratio {self.ratio:.2f}"
                f" · target {sign} {self.target:g} · {'pass' if good else 'short'}")


def number(n):
    return f"{n:,.0f}" if n >= 1000 else f"{n:.1f}" if n >= 10 else f"{n:.3g}"


def under(name, value, unit, bound):
    """A figure whose limit is a number and not another program."""
    return Figure(name, value, unit, bound, 1, at_least=False)


def in_turns(*sides, rounds=ROUNDS):
    """Each side measured once in every round; what each found, round by round."""
    found = [[] for _ in sides]
    for _ in range(rounds):
        for side, kept in zip(sides, found):
            kept.append(side())
    return found


def median(found, key=lambda one: one):
    return statistics.median(key(one) for one in found)

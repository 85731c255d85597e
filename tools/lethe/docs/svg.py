# SPDX-License-Identifier: MIT
"""Draws a line chart as SVG; the same input gives the same bytes."""

import dataclasses
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 40, 50
COLOURS = ("#1f6fb4", "#c8501e", "#3d8b40", "#8a4fa3", "#7a6a2f", "#2b8c8c")
TICKS = 5


@dataclasses.dataclass
class Line:
    """A line of the chart. It has a value for each place on the x axis; None
    gives no point. `colour` is an index of COLOURS."""

    name: str
    values: list
    colour: int = 0
    dashed: bool = False


def text(x, y, words, anchor="middle", size=12):
    return (f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" '
            f'font-size="{size}">{escape(words)}</text>')


def step_of(top):
    """The least of 1, 2, 5 x 10^n that makes at most TICKS steps."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor * TICKS >= top:
                return step * factor
        step *= 10


def linear(most):
    """(marks of the y axis, how high a value is where all is `high`)"""
    step = step_of(most)
    top = -(-most // step) * step
    return range(0, top + 1, step), lambda value, high: high * value / top


def decades(most):
    """The same with a height that grows with the logarithm, from 1 on."""
    top = max(len(str(most - 1)), 1)
    return ([10 ** digits for digits in range(top + 1)],
            lambda value, high: high * math.log10(max(value, 1)) / top)


def grid(marks, y_of):
    for value in marks:
        y = y_of(value)
        yield (f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:g}" '
               f'y2="{y:g}" stroke="#bbb" stroke-width="0.5"/>')
        yield text(LEFT - 8, y + 4, str(value), "end")


def draw(line, x_of, y_of):
    colour = COLOURS[line.colour]
    points = [(x_of(i), y_of(value)) for i, value in enumerate(line.values)
              if value is not None]
    dash = ' stroke-dasharray="6 4"' if line.dashed else ""
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    yield (f'<polyline points="{path}" fill="none" stroke="{colour}" '
           f'stroke-width="2"{dash}/>')
    for x, y in points:
        yield f'<circle cx="{x:g}" cy="{y:g}" r="3" fill="{colour}"/>'


def legend(lines):
    for i, line in enumerate(lines):
        y = TOP + 10 + i * 20
        x = WIDTH - RIGHT + 12
        dash = ' stroke-dasharray="6 4"' if line.dashed else ""
        yield (f'<line x1="{x}" x2="{x + 22}" y1="{y}" y2="{y}" '
               f'stroke="{COLOURS[line.colour]}" stroke-width="2"{dash}/>')
        yield text(x + 28, y + 4, line.name, "start")


def chart(title, x_name, places, y_name, lines, scale=linear):
    """The SVG document; `places`: words along the x axis; `scale`: linear or
    decades."""
    most = max(value for line in lines for value in line.values
               if value is not None)
    marks, height_of = scale(most)
    wide = WIDTH - LEFT - RIGHT
    high = HEIGHT - TOP - BOTTOM

    def x_of(i):
        return LEFT + wide * (2 * i + 1) / (2 * len(places))

    def y_of(value):
        return HEIGHT - BOTTOM - height_of(value, high)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
             f'height="{HEIGHT}" font-family="sans-serif">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             text(WIDTH / 2, 22, title, size=14),
             *grid(marks, y_of)]
    for line in lines:
        parts += draw(line, x_of, y_of)
    for i, place in enumerate(places):
        parts.append(text(x_of(i), HEIGHT - BOTTOM + 18, place))
    parts += [text(LEFT + wide / 2, HEIGHT - 12, x_name),
              text(LEFT - 8, TOP - 14, y_name, "end"), *legend(lines), "</svg>"]
    return "\n".join(parts) + "\n"

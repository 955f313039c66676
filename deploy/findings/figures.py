#!/usr/bin/env python3
"""Curves over training, one panel for each dimension and a line for each layer: figures.py results.csv FOLDER

Writes findings-above-surface.svg and findings-information.svg to FOLDER. Needs protocol calibrated; nothing but
Python's standard library. The same results give the same bytes.
"""

import math
import os
import sys

from results import Results, number

PANEL, HEIGHT = 150, 150  # px, the axes' box
LEFT, GAP, TOP, ROW = 78, 50, 62, HEIGHT + 70
INK, GREY = "#222222", "#555555"
# Viridis without its yellow end, which is too light for a line on white.
VIRIDIS = [(68, 1, 84), (65, 68, 135), (42, 120, 142), (34, 168, 132), (122, 209, 81)]


def layer_color(layer, layers):
    place = (len(VIRIDIS) - 1) * (layer / max(1, layers - 1))
    below = min(int(place), len(VIRIDIS) - 2)
    return "#%02x%02x%02x" % tuple(
        round(a + (b - a) * (place - below)) for a, b in zip(VIRIDIS[below], VIRIDIS[below + 1]))


def short_step(checkpoint, step):
    if not step:
        return checkpoint
    count = int(step)
    return f"{count // 1000}k" if count >= 1000 and count % 1000 == 0 else str(count)


def nice_ticks(low, high, about=4):
    raw = (high - low) / about
    power = 10 ** math.floor(math.log10(raw))
    step = next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    decimals = next(d for d in range(12) if abs(step * 10**d - round(step * 10**d)) < 1e-6)
    return [i * step for i in range(first, last + 1)], decimals


class Svg:
    def __init__(self, width, height, title):
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="Helvetica, Arial, \'DejaVu Sans\', sans-serif">',
            f"<title>{title}</title>", '<rect width="100%" height="100%" fill="#ffffff"/>']

    def text(self, x, y, text, size=11, anchor="start", color=INK, turn=0, bold=False):
        turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
                          f'fill="{color}"{weight}{turned}>{text}</text>')

    def line(self, points, color=INK, width=1.0, dash=""):
        at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<polyline points="{at}" fill="none" stroke="{color}" stroke-width="{width}"{dashed}/>')

    def area(self, points, color):
        at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polygon points="{at}" fill="{color}"/>')

    def box(self, x, y, width, height, color="none", stroke=INK):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width}" height="{height}" fill="{color}" '
                          f'stroke="{stroke}"/>')

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.parts + ["</svg>"]) + "\n")


class Panel:
    """The axes of one panel: values to places. Checkpoints stand at equal distances, in training order."""

    def __init__(self, svg, x, y, ticks, decimals, labels):
        self.svg, self.x, self.y, self.ticks, self.count = svg, x, y, ticks, len(labels)
        for tick in ticks:
            self.svg.line([(x - 4, self.down(tick)), (x, self.down(tick))])
            self.svg.text(x - 7, self.down(tick) + 4, f"{tick:.{decimals}f}", anchor="end")
        for i, label in enumerate(labels):
            self.svg.line([(self.across(i), y + HEIGHT), (self.across(i), y + HEIGHT + 4)])
            self.svg.text(self.across(i) + 4, y + HEIGHT + 14, label, anchor="end", turn=-60)

    def across(self, checkpoint):
        return self.x + PANEL * (checkpoint + 0.5) / self.count

    def down(self, value):
        low, high = self.ticks[0], self.ticks[-1]
        return self.y + HEIGHT * (1 - (value - low) / (high - low))

    def curve(self, values):
        return [(self.across(i), self.down(value)) for i, value in enumerate(values)]


def curves(results, dimension, column):
    return {layer: [number(results.row(c, dimension, layer), column) for c in results.checkpoints]
            for layer in results.layers}


def draw_row(svg, results, top, row, titles):
    """One metric: a panel for each dimension. `row`: column, axis title, whether panels share a scale, band."""
    labels = [short_step(c, results.row(c, results.dimensions[0], results.layers[0])["step"]) for c in results.checkpoints]
    lines = {d: curves(results, d, row["column"]) for d in results.dimensions}
    bands = {}
    if row["band"]:
        for d in results.dimensions:
            best = results.best_layer(d)
            bands[d] = (curves(results, d, row["column"] + "_low")[best], curves(results, d, row["column"] + "_high")[best])
    values = {d: [v for line in lines[d].values() for v in line] + [v for end in bands.get(d, ()) for v in end] + [0]
              for d in results.dimensions}
    everything = [v for some in values.values() for v in some]
    for i, dimension in enumerate(results.dimensions):
        x = LEFT + i * (PANEL + GAP)
        of_scale = everything if row["shared"] else values[dimension]
        panel = Panel(svg, x, top, *nice_ticks(min(of_scale), max(of_scale)), labels)
        if dimension in bands:
            low, high = bands[dimension]
            svg.area(panel.curve(low) + panel.curve(high)[::-1], "#d9d9d9")
        svg.line([(x, panel.down(0)), (x + PANEL, panel.down(0))], GREY, 1, "4 3")
        for layer, line in lines[dimension].items():
            svg.line(panel.curve(line), layer_color(results.layers.index(layer), len(results.layers)), 1.6)
        svg.box(x, top, PANEL, HEIGHT)
        if titles:
            svg.text(x, top - 10, dimension, 14, bold=True)
        svg.text(x + PANEL / 2, top + HEIGHT + 46, "training step", 12, "middle")
    svg.text(20, top + HEIGHT / 2, row["title"], 12, "middle", turn=-90)


def legend(svg, results, y, notes):
    every = max(1, math.ceil(len(results.layers) / 8))
    x = LEFT
    svg.text(x, y, "layer", 12)
    x += 40
    for place, layer in enumerate(results.layers):
        if place % every and layer != results.layers[-1]:
            continue
        svg.line([(x, y - 4), (x + 20, y - 4)], layer_color(place, len(results.layers)), 3)
        svg.text(x + 25, y, str(layer), 12)
        x += 50
    for place, note in enumerate(notes):
        svg.text(LEFT, y + 20 + 17 * place, note, 12, color=GREY)


def figure(results, rows, title, notes, path):
    width = LEFT + len(results.dimensions) * (PANEL + GAP)
    height = TOP + len(rows) * ROW + 36 + 17 * len(notes)
    svg = Svg(width, height, title)
    svg.text(LEFT, 26, title, 15)
    for i, row in enumerate(rows):
        draw_row(svg, results, TOP + i * ROW, row, titles=i == 0)
    legend(svg, results, TOP + len(rows) * ROW + 14, notes)
    svg.write(path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    results = Results(sys.argv[1])
    model = next(iter(results.cells.values()))["model"]
    figure(results, [{"column": "above_surface", "title": "accuracy above surface", "shared": True, "band": True}],
           f"{model}, protocol calibrated: probe accuracy minus surface baseline",
           ["grey: 95 % interval of the layer that is best at the last checkpoint; dashed: as good as the surface baseline; "
            "checkpoints evenly spaced"],
           os.path.join(sys.argv[2], "findings-above-surface.svg"))
    figure(results,
           [{"column": "mi_tx_corrected", "title": "I(T;X) above its null", "shared": True, "band": False},
            {"column": "mi_ty_corrected", "title": "I(T;Y) above its null", "shared": False, "band": False}],
           f"{model}, protocol calibrated: mutual information (normalised HSIC) above its permutation null",
           ["0 is the mean of the null; X is layer 0's representation, so layer 0's I(T;X) is that of a sample with itself",
            "I(T;X) on one scale, I(T;Y) on a scale for each panel; no unit of information; checkpoints evenly spaced"],
           os.path.join(sys.argv[2], "findings-information.svg"))


if __name__ == "__main__":
    main()

"""The chart: for each case a group of bars, CPU time per request in that of nginx."""

from __future__ import annotations

from html import escape

from figures import Rounds, Spread, ratio

WIDTH, LEFT, RIGHT, TOP = 880, 130, 70, 70
BAR, GAP, TITLE, GROUP_GAP = 14, 3, 20, 14
COLOURS = {"nginx": "#8a8f98", "nginx-stream": "#b3b8c0", "haproxy": "#5b8db8", "scg": "#7a68a6",
           "pingora": "#e07b1a", "pingora-uring": "#f0a860"}
FONT = 'font-family="system-ui, sans-serif"'
LIMIT = 4.0  # longer bars are cut, their numbers tell


def draw(cases: dict[str, Rounds], titles: dict[str, str], caption: str) -> str:
    """Draw the cases that were measured beside nginx."""
    groups = [(titles.get(case, case), bars(rounds)) for case, rounds in cases.items() if "nginx" in rounds]
    longest = max((spread.high for _, found in groups for _, spread in found), default=1.0)
    scale = (WIDTH - LEFT - RIGHT) / min(max(longest, 1.2), LIMIT)
    parts: list[str] = []
    y = TOP
    for title, found in groups:
        parts.append(text(16, y + 11, title, "start", bold=True))
        y += TITLE
        for name, spread in found:
            parts += bar(y, name, spread, scale)
            y += BAR + GAP
        y += GROUP_GAP
    one = LEFT + scale
    parts.insert(0, f'<line x1="{one:.1f}" x2="{one:.1f}" y1="{TOP - 8}" y2="{y - GROUP_GAP + 6}" '
                    'stroke="#444" stroke-dasharray="3 3"/>')
    parts.append(text(one, TOP - 14, "nginx = 1", "middle"))
    height = y + 20
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-label="CPU time per request beside nginx">',
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            text(16, 26, "CPU time per request, in that of nginx: shorter is better", "start", bold=True, size=15)]
    return "\n".join([*head, *parts, text(16, height - 10, caption, "start", size=10), "</svg>"]) + "\n"


def bars(rounds: Rounds) -> list[tuple[str, Spread]]:
    """Return the servers with their ratios."""
    found = []
    for server in rounds:
        spread = Spread(1.0, 1.0, 1.0) if server == "nginx" else ratio(rounds, server, "nginx")
        if spread:
            found.append((server, spread))
    return found


def bar(y: float, name: str, spread: Spread, scale: float) -> list[str]:
    """Draw a bar with its number and, as a line, its spread."""
    length = min(spread.median, LIMIT) * scale
    colour = COLOURS.get(name, "#e8c39a")
    middle = y + BAR / 2
    low, high = (LEFT + min(value, LIMIT) * scale for value in (spread.low, spread.high))
    cut = " →" if spread.median > LIMIT else ""
    return [f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>',
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}" stroke="#222"/>',
            text(LEFT - 8, y + 11, name, "end", size=11),
            text(max(LEFT + length, high) + 5, y + 11, f"{spread.median:.2f}{cut}", "start", size=11)]


def text(x: float, y: float, words: str, anchor: str, bold: bool = False, size: int = 12) -> str:
    """Write words."""
    weight = ' font-weight="600"' if bold else ""
    return (f'<text x="{x:.1f}" y="{y:.1f}" {FONT} font-size="{size}"{weight} text-anchor="{anchor}" '
            f'fill="#222" stroke="#fff" stroke-width="3" paint-order="stroke">{escape(words)}</text>')

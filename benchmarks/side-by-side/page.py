"""The page that shows the results: its marked block is written anew."""

from __future__ import annotations

import os
from pathlib import Path

from chart import draw
from figures import from_json, idle_table, profile_table, table
from load import Failure

BEGIN, END = "<!-- results -->", "<!-- /results -->"


def render(told: dict, titles: dict[str, str]) -> str:
    """Write the results as Markdown."""
    results = from_json(told)
    facts = told["facts"]
    parts = [f"Measured on {facts['date']}: {facts['processor']}, kernel {facts['kernel']}, {facts['java']},",
             f"{facts['nginx']}, {facts['haproxy']}, {facts['wrk']}; {facts['rounds']} rounds of {facts['seconds']} s,"
             f" JVMs warmed for {facts['warm']} s. In brackets the middle half of the rounds."]
    for case, rounds in results.cases.items():
        parts += ["", f"### {titles.get(case, case)}", "", table(rounds)]
    if results.idle:
        parts += ["", f"### {titles.get('idle', 'idle')}", "", idle_table(results.idle)]
    if results.profiles:
        parts += ["", f"### {titles.get('profile', 'profile')}", "", profile_table(results.profiles)]
    return "\n".join(parts) + "\n"


def replaced(page: str, results: str) -> str:
    """Return a page with other results in its marked block."""
    begin, end = page.find(BEGIN), page.find(END)
    if begin < 0 or end < begin:
        raise Failure(f"the page has no block from {BEGIN} to {END}")
    return page[:begin + len(BEGIN)] + "\n\n" + results + "\n" + page[end:]


def publish(told: dict, titles: dict[str, str], page: Path, picture: Path) -> None:
    """Rewrite the page's block and the chart."""
    shown = f"![CPU time per request of each server, in that of nginx]({os.path.relpath(picture, page.parent)})\n\n"
    page.write_text(replaced(page.read_text(), shown + render(told, titles)))
    cases = from_json(told).cases
    facts = told["facts"]
    tools = ", ".join(facts[tool] for tool in ("date", "nginx", "haproxy", "java"))
    caption = f"{tools}; median and middle half of the rounds"
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(draw({case: rounds for case, rounds in cases.items() if case != "filters"}, titles, caption))

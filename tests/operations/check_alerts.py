#!/usr/bin/env python3
"""Checks that each alert is tested both ways and explained.

    check_alerts.py CHECKOUT

Every alert of deploy/prometheus/rules.yml needs a test in rules_test.yml in which it fires and one in which it does
not, and a heading of its name in docs/operations.md with text under it; neither file may name an alert that is not
there. prometheus.yml must load the rules.
"""
import pathlib
import re
import sys


def problems(rules, tests, manual, prometheus):
    """What is wrong with the four files' texts."""
    alerts = re.findall(r"^\s*- alert: (\w+)$", rules, re.M)
    cases = re.findall(r"^\s*- alertname: (\w+)\n\s*eval_time: .*\n\s*exp_alerts:(.*)$", tests, re.M)
    firing = {name for name, expected in cases if expected.strip() != "[]"}
    quiet = {name for name, expected in cases if expected.strip() == "[]"}
    explained = {name: text.strip() for name, text in
                 re.findall(r"^### (Probesweep\w+)$(.*?)(?=^#|\Z)", manual, re.M | re.S)}
    if not alerts:
        yield "rules.yml has no alerts"
    for name in alerts:
        if name not in firing:
            yield f"rules_test.yml has no case in which {name} fires"
        if name not in quiet:
            yield f"rules_test.yml has no case in which {name} does not fire"
        if not explained.get(name):
            yield f"docs/operations.md does not say what to do about {name}"
    for name in sorted((firing | quiet | set(explained)) - set(alerts)):
        yield f"{name} is no alert of rules.yml"
    if not re.search(r"^rule_files:.*\brules\.yml\b", prometheus, re.M):
        yield "prometheus.yml does not load rules.yml"


def main():
    root = pathlib.Path(sys.argv[1])
    texts = [(root / path).read_text(encoding="utf-8") for path in
             ("deploy/prometheus/rules.yml", "deploy/prometheus/rules_test.yml", "docs/operations.md",
              "deploy/prometheus/prometheus.yml")]
    found = list(problems(*texts))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

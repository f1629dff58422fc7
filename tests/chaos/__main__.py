"""`make chaos MINUTES=3 SEED=7`: kill parts of the suite under seeded work, then count what was lost. Exit code 1 when the judge convicts."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from deploy.local.ports import free_port
from deploy.local.suite import ROOT, Suite
from shared.settings import LOCAL
from tests.chaos.faults import KINDS
from tests.chaos.storm import Outcome, storm
from tests.support.infra import clear


def say(line: str) -> None:
    """Progress goes beside the table, not into it."""
    print(f"{time.strftime('%H:%M:%S')}  {line}", file=sys.stderr, flush=True)


def main() -> int:
    """One storm, one table, one file."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="how long things break; default 3")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000, help="what decides everything that is decided here")
    parser.add_argument("--only", default="", help=f"kinds of faults, by commas: {', '.join(KINDS)}")
    parser.add_argument("--var", type=Path, help="keep the suite's folder here, to look into databases and logs afterwards")
    asked = parser.parse_args()
    kinds = tuple(filter(None, (kind.strip() for kind in asked.only.split(","))))
    if unknown := set(kinds) - KINDS.keys():
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    logging.getLogger().setLevel(logging.CRITICAL)
    with ExitStack() as until_the_end:
        var = asked.var or Path(tempfile.mkdtemp(prefix="guanwu-chaos-"))
        if asked.var is None:
            var.chmod(0o711)  # PostgreSQL's own user passes through
            until_the_end.callback(clear, var)
        suite = Suite(var, free_port(), demo=True, password="chaos-only-password", say=say)
        until_the_end.callback(suite.stop)
        say("starting the suite with the demonstration library")
        suite.start()
        suite.await_demo()
        outcome = uvloop.run(storm(suite, seed=asked.seed, minutes=asked.minutes, kinds=kinds, say=say))
    return _report(outcome)


def _report(outcome: Outcome) -> int:
    figures: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "load_after": [round(load, 1) for load in os.getloadavg()], **outcome.figures(),
    }
    print(table(figures))
    path = ROOT / "var/chaos" / f"{datetime.now(UTC).astimezone(LOCAL):%Y-%m-%dT%H%M}-{outcome.seed}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1, ensure_ascii=False, default=str) + "\n")
    print(f"\nall figures and traces: {path.relative_to(ROOT)}")
    return 1 if outcome.findings else 0


def table(figures: dict[str, Any]) -> str:
    """What a person reads first."""
    lines = [
        f"seed {figures['seed']}, {figures['minutes']:g} minutes, load {figures['load_after']}",
        (f"commands {figures['actions']}: {figures['answered_yes']} yes, {figures['answered_no']} no, "
         f"{figures['never_answered']} never answered; {figures['repeated']} sent more than once, "
         f"{figures['answers_cut_off']} answers cut off by us"),
        f"sendings without an answer: {_words(figures['sendings_without_answer'])}",
        f"done: {_words(figures['by_verb'])}", f"stories told to their end: {_words(figures['stories_told'])}",
        (f"facts {sum(figures['events'].values())} ({_words(figures['events'])}), taken in {figures['taken_in']} times; "
         f"duties credited {figures['duties_credited']}; copies compared {_words(figures['copies_compared'])}"),
        f"all said and heard {figures['seconds_until_calm']} s after the storm", "",
        f"{'fault':22}{'times':>6}{'not done':>10}{'longest wait of a client':>27}",
    ]
    lines += [
        f"{kind:22}{one['times']:>6}{one['not_done']:>10}{one['longest_wait']:>20.1f} s {one['of']}"
        for kind, one in sorted(figures["faults"].items(), key=lambda pair: -pair[1]["longest_wait"])
    ]
    lines += ["", f"FINDINGS: {len(figures['findings'])}" if figures["findings"] else "nothing was lost, nothing was done twice, everything agrees"]
    for one in figures["findings"][:20]:
        lines.append(f"  {one['kind']}: {one['what']}")
        lines += [f"      {_step(deed)}" for deed in one["trace"]]
    return "\n".join(lines)


def _words(counted: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counted.items()) or "none"


def _step(deed: dict[str, Any]) -> str:
    shown = deed["tries"] if len(deed["tries"]) <= 6 else [*deed["tries"][:3], ("…", ""), *deed["tries"][-3:]]
    tries = "; ".join(f"{at} {why}" for at, why in shown)
    return (f"{deed['began']:.1f}–{deed['ended']:.1f} s no. {deed['no']} {deed['actor']}: {deed['verb']} {deed['about']} → {deed['status']}"
            + (f" after [{tries}]" if tries else ""))


if __name__ == "__main__":
    sys.exit(main())

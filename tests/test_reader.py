"""Visitors read on while a new version is published: every page is there, and of one piece."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from handbook.publish.stage import staging
from tests.command import ENVIRONMENT

PAGES = [f"en/page-{number}.html" for number in range(20)]
PUBLISHES = 30

READER = """
import json, sys, threading
from pathlib import Path
site, pages = Path(sys.argv[1]), json.loads(sys.argv[2])
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
print("reading", flush=True)
seen = {"reads": 0, "missing": 0, "torn": 0, "versions": []}
versions = set()
while not stop.is_set():
    for page in pages:
        seen["reads"] += 1
        try:
            lines = (site / page).read_text().split()
        except FileNotFoundError:
            seen["missing"] += 1
            continue
        seen["torn"] += len(lines) != 2000 or len(set(lines)) != 1
        versions.update(lines[:1])
seen["versions"] = sorted(versions)
print(json.dumps(seen))
"""


def publish(target: Path, version: str) -> None:
    with staging(target) as stage:
        for page in PAGES:
            stage.write(page, f"{version}\n".encode() * 2000, version)
        stage.publish(version)


def test_a_reader_never_misses_a_page_nor_sees_half_of_one(tmp_path: Path) -> None:
    target = tmp_path / "public"
    publish(target, "old")
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(target), json.dumps(PAGES)],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
        for number in range(PUBLISHES):
            publish(target, "old" if number % 2 else "new")
        text, _ = reader.communicate("")
    seen = json.loads(text)
    assert (seen["missing"], seen["torn"]) == (0, 0)
    assert seen["versions"] == ["new", "old"]
    assert seen["reads"] > PUBLISHES * len(PAGES)

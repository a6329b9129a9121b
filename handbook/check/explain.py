"""What a rule says, for people who meet its id in a message."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from handbook.diagnostics import UsageError, did_you_mean
from handbook.language.language import read_language
from handbook.language.rules import NO_BREAK_SPACE, Rule
from handbook.source.files import read_text
from handbook.source.nodes import to_plain
from handbook.source.project import LOCALES
from handbook.source.yaml import read_yaml

LEVELS = {
    "silent": "applied to all that is published; nothing to do",
    "warning": "a warning",
    "error": "an error",
}


def explain(root: Path, rule: str) -> Iterator[str]:
    """Yield the lines that explain `rule`; raises `UsageError` when there is none.

    What stands before the hyphen is enough: `P12`.
    """
    rules = _typographic_rules(root)
    begun = {known for known in (*rules, *explanations()) if known.startswith(f"{rule}-")}
    rule = begun.pop() if len(begun) == 1 else rule
    if rule in explanations():
        yield f"{rule}: {explanations()[rule]}"
        return
    if rule not in rules:
        hint = did_you_mean(rule, [*rules, *explanations()])
        raise UsageError(f"there is no rule “{rule}”; {hint or 'see `handbook explain`'}")
    found = rules[rule]
    languages = sorted(found)
    text = found[languages[0]]
    yield f"{rule}: {text.says}"
    yield f"  why     {text.why}"
    yield f"  source  {text.source}"
    yield f"  level   {LEVELS[text.level]}"
    yield f"  wrong   {_visible(text.wrong)}"
    yield f"  right   {_visible(text.right)}"
    if text.level != "silent":
        yield f"  mend    {'`handbook check --fix` does it' if text.mends else text.hint}"
        yield f"  allow   write `# allow {rule}: reason` on the line above the text"
    yield f"  in      {', '.join(languages)}"


def overview(root: Path) -> Iterator[str]:
    """Yield a line for each rule: those of all languages, those of each, all others."""
    rules = _typographic_rules(root)
    common = {key for key, found in rules.items() if len(found) == len(_tags(root)) > 1}
    yield "Every language"
    yield from _lines({key: next(iter(rules[key].values())) for key in sorted(common)})
    for tag in _tags(root):
        yield f"\n{tag}"
        own = {key: found[tag] for key, found in rules.items() if tag in found}
        yield from _lines({key: own[key] for key in sorted(own.keys() - common)})
    yield "\nAll else"
    for key, says in sorted(explanations().items()):
        yield f"  {key:26} {says}"


@cache
def explanations() -> dict[str, str]:
    """Return what each rule says that is not about typography, by its id."""
    folder = Path(__file__).parent
    tree = read_yaml(read_text(folder, folder / "explanations.yaml"), "explanations.yaml", "en")
    data = to_plain(tree)
    assert isinstance(data, dict)
    return {str(key): str(says) for key, says in data.items()}


def _lines(rules: dict[str, Rule]) -> Iterator[str]:
    for key, rule in rules.items():
        yield f"  {key:26} {rule.says}"


def _typographic_rules(root: Path) -> dict[str, dict[str, Rule]]:
    """Return each rule by its id and by the tags of the languages that have it."""
    found: dict[str, dict[str, Rule]] = {}
    for tag in _tags(root):
        for rule in read_language(root, tag).typography.rules:
            found.setdefault(rule.id, {})[tag] = rule
    return found


def _tags(root: Path) -> list[str]:
    folder = root / LOCALES
    return (
        sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    )


def _visible(text: str) -> str:
    return text.replace(NO_BREAK_SPACE, "⍽").replace("\N{SOFT HYPHEN}", "‧")

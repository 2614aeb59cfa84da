"""SPEC 10.5: what the server says to people has German words in the app."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path

import pytest

from photostore.base.settings import SETTINGS
from photostore.store.search import FILTERS
from tests.sentences import error_sentences, health_sentences, note_sentences, reason_sentences

WORDS = Path(__file__).parents[1] / "web" / "src" / "i18n"
BOOK: dict[str, str] = json.loads((WORDS / "said.de.json").read_text(encoding="utf-8"))
# A part of the book's pattern that is nothing but values says nothing about its sentence.
SHAPES = [
    re.compile(".+?".join(map(re.escape, re.split(r"\{\w+\}", english))), re.DOTALL)
    for english in BOOK
    if re.search(r"[a-z]{2}", re.sub(r"\{\w+\}", "", english))
]


def missing(sentences: set[str]) -> list[str]:
    """Those that the book does not have; what is made of values alone needs no words."""
    worded = (text for text in sentences if re.search(r"[a-wyz]{2}", text))
    return sorted(text for text in worded if not any(one.fullmatch(text) for one in SHAPES))


def test_settings() -> None:
    said = set(
        chain.from_iterable((s.description, s.type.allowed, s.topic.title) for s in SETTINGS)
    )
    assert missing(said) == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_settings_have_labels_and_their_choices_words(language) -> None:
    words = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
    wanted = {f"setting.{setting.name}" for setting in SETTINGS}
    wanted |= {f"choice.{s.name}.{choice}" for s in SETTINGS for choice in s.type.choices}
    assert sorted(wanted - set(words)) == []


def test_filters() -> None:
    said = set(chain.from_iterable((kind.topic, kind.description) for kind in FILTERS))
    assert missing(said) == []


def test_reasons_and_errors() -> None:
    assert missing(error_sentences() | reason_sentences()) == []


def test_notes() -> None:
    assert missing(note_sentences()) == []


def test_health() -> None:
    # What is only added to a sentence is no sentence.
    assert missing({text for text in health_sentences() if text[0] not in ".;"}) == []

"""A coach's whole one-on-one with the keyboard alone: what was pressed, what was typed, how long the machine took.

The estimate is the keystroke-level model (Card, Moran, Newell 1980, Communications of the ACM 23:396-410): .28 s for a
key of somebody who types 40 words a minute, 1.35 s for each decision, and the machine's time as it was measured. What
is read is added at 200 words a minute, slower than people read prose (238: Brysbaert 2019). The talk itself is not in
it: it takes as long as its agenda says.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page

from salescoach.words import Words

KEY_SECONDS, DECISION_SECONDS, WORDS_A_MINUTE = 0.28, 1.35, 200
MOST_TABS = 150


@dataclass
class Walk:
    """A page, and what a person did on it so far."""

    page: Page
    words: Words
    tabs: int = 0
    presses: int = 0
    letters: int = 0
    decisions: int = 0
    read: int = 0
    machine: float = 0.0
    steps: list[tuple[str, int]] = field(default_factory=list)

    @property
    def keys(self) -> int:
        """Everything that was pressed."""
        return self.tabs + self.presses + self.letters

    @property
    def by_hand(self) -> float:
        """Minutes of a person's own: keys, decisions and reading; the machine's time is not in it."""
        return (self.keys * KEY_SECONDS + self.decisions * DECISION_SECONDS) / 60 + self.read / WORDS_A_MINUTE

    @property
    def minutes(self) -> float:
        """All of it."""
        return self.by_hand + self.machine / 60

    def reach(self, name: str) -> None:
        """Press Tab until the control with this name, or the button with this text, has the focus."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            self.tabs += 1
            script = "e => [e.title || '', (e.innerText || '').trim()]"
            if name in self.page.evaluate(f"({script})(document.activeElement)"):
                return
        pytest.fail(f"The Tab key does not reach '{name}'.")

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """What the page needs to answer."""
        start = time.perf_counter()
        yield
        self.machine += time.perf_counter() - start

    def press(self, name: str) -> None:
        """Go to a button and press it; wait for what comes in :meth:`waiting`."""
        self.reach(name)
        self.decisions += 1
        self.page.keyboard.press("Enter")
        self.presses += 1

    def type(self, name: str, text: str) -> None:
        """Write into a box and stay there."""
        self.reach(name)
        self.decisions += 1
        self.page.keyboard.insert_text(text)
        self.letters += len(text)

    def write(self, name: str, text: str, key: str) -> None:
        """Write into a box, leave it, and wait until the page says *key* of it."""
        self.type(name, text)
        self.page.keyboard.press("Tab")
        self.tabs += 1
        with self.waiting():
            self.said(name, key)

    def said(self, name: str, key: str) -> None:
        """Wait until the line below a box begins with the sentence *key*, up to where a time would stand."""
        box = self.page.locator(".sc-app-text", has=self.page.locator(f'[title="{name}"]'))
        begin = self.words(key, time="|").split("|")[0].rstrip()
        box.locator(".sc-app-status", has_text=begin).wait_for()

    def choose(self, name: str, steps: int) -> None:
        """Go to a list and choose the entry so many steps below."""
        self.reach(name)
        self.decisions += 1
        for _ in range(steps):
            self.page.keyboard.press("ArrowDown")
        self.presses += steps

    def go(self, step: str) -> None:
        """Continue with the next step and read what it shows."""
        name = self.words(f"one_on_one.step.{step}")
        self.press(self.words("one_on_one.app.onward", step=name))
        with self.waiting():
            self.page.locator(".sc-app-here", has_text=name).wait_for()
        self.look(step)

    def look(self, step: str) -> None:
        """Read all that stands on the page beside what is written."""
        self.read += len(self.page.inner_text(".sc-app-page").split())
        self.steps.append((step, self.keys))


POINT = {"en": "Depo: the price is an objection", "tr": "Depo: fiyat itirazı var"}
OURS = {"en": "How you prepare the Depo call", "tr": "Depo görüşmesine hazırlığınız"}
SKILL = {"en": "Ask for the effect of the problem", "tr": "Sorunun etkisini sormak"}
STEP = {"en": "Send the joint plan by Friday", "tr": "Ortak planı cumaya kadar göndermek"}
PROMISE = {"en": "Listen to two calls together", "tr": "İki görüşmeyi birlikte dinlemek"}
NOTE = {"en": "We agreed to ask about the effect before the price.", "tr": "Fiyattan önce etkiyi sormakta anlaştık."}


def one_on_one(page: Page, words: Words) -> Walk:
    """Plan, prepare, hold and close a meeting; the page is open at its first step."""
    walk, code = Walk(page, words), words.language.code
    saved = "one_on_one.app.saved"
    walk.press(words("one_on_one.app.plan"))
    with walk.waiting():
        page.locator(f'[title="{words("one_on_one.app.point.manager")}"]').wait_for()
    walk.look("prepare")
    walk.write(words("one_on_one.app.point.rep", place=1), POINT[code], saved)
    walk.write(words("one_on_one.app.point.manager"), OURS[code], saved)
    walk.choose(words("one_on_one.evidence"), 1)
    walk.go("hold")
    walk.write(words("one_on_one.skill"), SKILL[code], saved)
    walk.write(words("one_on_one.deal_step"), STEP[code], saved)
    walk.type(words("app.action.text"), PROMISE[code])
    walk.press(words("app.action.add"))
    with walk.waiting():
        page.locator(".sc-app-action", has_text=PROMISE[code]).wait_for()
    walk.write(words("one_on_one.app.shared"), NOTE[code], "one_on_one.app.draft_kept")
    walk.press(words("one_on_one.app.save_shared"))
    with walk.waiting():
        walk.said(words("one_on_one.app.shared"), saved)
    walk.press(words("one_on_one.app.held"))
    with walk.waiting():
        page.get_by_role("button", name=words("one_on_one.app.held")).wait_for(state="detached")
    walk.go("close")
    walk.press(words("one_on_one.app.sign_coach"))
    with walk.waiting():
        signed = words("one_on_one.app.signed", who=words("one_on_one.by.coach"), time="")
        page.get_by_text(signed).first.wait_for()
    return walk

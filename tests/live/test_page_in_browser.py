"""What somebody means is what is pulled: annotated by mouse and keys in a real Chromium, then compared whole.

``pytest tests/live/test_page_in_browser.py -s`` prints the table: case, intended, pulled, equal, actions.
"""

from __future__ import annotations

import pytest

from live.browsing import Desk
from live.cases import CASES
from live.intentions import Case
from live.newsroom import Newsroom


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_was_meant_is_what_is_pulled(newsroom: Newsroom, desk: Desk, case: Case) -> None:
    """Every slice, arrow end, role, value, cluster, link, origin and way of attaching comes out as intended."""
    desk.open(newsroom.tasks[case.name])
    case.work(desk)
    newsroom.compare(case, desk.submit()["id"])

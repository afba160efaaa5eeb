"""Accounts for people: signing up by the invitation, as the form in the browser does."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from curate.errors import InputError, ServerError

if TYPE_CHECKING:
    import httpx


REASON = re.compile(r'errors?"[^>]*>\s*<li[^>]*>\s*([^<]+?)\s*<')
"""Where the form says, when it comes back, why it was refused."""


def sign_up(invite_url: str, email: str, password: str) -> httpx.Client:
    """Sign somebody up and give the session in which they are signed in, for the caller to close.

    Raises InputError when Label Studio refuses the address and says why, as for one that is taken: then there is no
    account. Raises ServerError for any other answer, or none.
    """
    import httpx

    session = httpx.Client(timeout=120, trust_env=False)
    try:
        session.get(invite_url).raise_for_status()
        form = {
            "email": email,
            "password": password,
            "csrfmiddlewaretoken": session.cookies["csrftoken"],
            "allow_newsletters": "false",
        }
        answer = session.post(invite_url, data=form, headers={"Referer": invite_url})
        if answer.status_code != 302:
            if told := REASON.search(answer.text):
                why = html.unescape(told[1]).rstrip(".")
                raise InputError(f"{email} could not sign up: {why}.", "Try another address.")
            raise ServerError(f"{email} could not sign up: status {answer.status_code}.", "Run the command again.")
    except (httpx.HTTPError, httpx.InvalidURL, KeyError) as error:
        session.close()
        raise ServerError(
            f"{email} could not sign up: Label Studio doesn't answer as it does ({type(error).__name__}).",
            "Run the command again.",
        ) from None
    except BaseException:
        session.close()
        raise
    return session

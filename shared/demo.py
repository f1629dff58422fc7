"""Who is who in the demonstration library, so that every department's sample data agree.

One person per post with the post code as login, seconds where two pairs of eyes are needed, and
the director.
"""

from __future__ import annotations

from shared.duties import POSTS
from shared.identity import Actor

SECONDS = ("rdr-dsk2", "res-dig2", "res-mgt2", "tec-log2", "ins-nov2", "off-adm2")


def staff_numbers() -> dict[str, str]:
    """Login → staff number: the director is G1000, the others follow in the order of posts."""
    logins = ["director", *(code.lower() for code in POSTS), *SECONDS]
    return {login: f"G{1000 + n}" for n, login in enumerate(logins)}


def person(login: str) -> Actor:
    """The actor behind a demonstration login."""
    post = "director" if login == "director" else login.rstrip("2").upper()
    dept = "" if login == "director" else POSTS[post].department
    return Actor(id=staff_numbers()[login], name=login, kind="staff", posts=(post,), dept=dept)

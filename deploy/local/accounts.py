"""Who can sign in to the demonstration library, for the lines `make run` prints."""

from unicodedata import east_asian_width

import psycopg

from shared.demo import COLLEAGUES
from shared.duties.catalogue import departments


def lines() -> list[str]:
    """One line per department: user names are post codes in lower case, heads last."""
    found = [f"  {_padded('馆领导', 20)}  director"]
    for department in departments().values():
        names = [one.login for one in COLLEAGUES if one.dept == department.slug]
        names.sort(key=lambda login: login.startswith("head-"))
        found.append(f"  {_padded(department.zh, 20)}  {'  '.join(names)}")
    return found


def patrons(gateway_url: str) -> list[str]:
    """A few user names of patrons; none before the gateway has heard of them."""
    asked = "select user_name from account where kind = 'patron' and not disabled order by 1 limit 4"
    with psycopg.connect(gateway_url, autocommit=True) as link:
        return [str(name) for (name,) in link.execute(asked).fetchall()]


def _padded(text: str, width: int) -> str:
    """Fill up to a width on screen, where a Chinese character takes two columns."""
    taken = sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * (width - taken)

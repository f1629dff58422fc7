"""The protocol's words: verbs, arguments, dates, sets, tokens, and each of its errors."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.resources.cataloguing.marc.exchange import (
    SLIM_SCHEMA,
    XCHANGE,
    XCHANGE_SCHEMA,
)
from services.resources.cataloguing.marc.record import SLIM
from shared.i18n import N_

KEEPERS = ("RES-MGT", "head-resources")
READERS = ("RES", "head-resources", "director")
SMALLEST_PAGE, LARGEST_PAGE = 10, 1000
# Long enough to go on after a weekend; what a token names is never moved, only changed records are.
TOKEN_DAYS = 7
HARVESTS_KEPT_DAYS = 400
SECOND = "%Y-%m-%dT%H:%M:%SZ"
VERBS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "ListIdentifiers": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
    "ListRecords": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
    "GetRecord": (frozenset({"metadataPrefix", "identifier"}), frozenset()),
}
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
# Prefix → (schema, namespace).
FORMATS: Mapping[str, tuple[str, str]] = {
    "oai_dc": ("http://www.openarchives.org/OAI/2.0/oai_dc.xsd", OAI_DC),
    "marcxml": (SLIM_SCHEMA, SLIM),
    "cnmarcxml": (XCHANGE_SCHEMA, XCHANGE),
}
DIALECTS: Mapping[str, tuple[str, ...]] = {
    "oai_dc": (), "marcxml": ("marc21",), "cnmarcxml": ("cnmarc", "unimarc"),
}
SET_SPEC = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
NUMBER = re.compile(r"[A-Z0-9-]{1,40}")
MAIL = re.compile(r"[^@\s<>\"']+@[^@\s<>\"']+\.[^@\s<>\"']+")
DOMAIN = re.compile(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)+")
CLASSES: Mapping[str, str] = {
    "A": "马克思主义、列宁主义、毛泽东思想、邓小平理论", "B": "哲学、宗教", "C": "社会科学总论", "D": "政治、法律", "E": "军事",
    "F": "经济", "G": "文化、科学、教育、体育", "H": "语言、文字", "I": "文学", "J": "艺术", "K": "历史、地理",
    "N": "自然科学总论", "O": "数理科学和化学", "P": "天文学、地球科学", "Q": "生物科学", "R": "医药、卫生",
    "S": "农业科学", "T": "工业技术", "T:TB": "一般工业技术", "T:TD": "矿业工程", "T:TE": "石油、天然气工业",
    "T:TF": "冶金工业", "T:TG": "金属学与金属工艺", "T:TH": "机械、仪表工业", "T:TJ": "武器工业",
    "T:TK": "能源与动力工程", "T:TL": "原子能技术", "T:TM": "电工技术", "T:TN": "电子技术、通信技术",
    "T:TP": "自动化技术、计算机技术", "T:TQ": "化学工业", "T:TS": "轻工业、手工业", "T:TU": "建筑科学",
    "T:TV": "水利工程", "U": "交通运输", "V": "航空、航天", "X": "环境科学、安全科学", "Z": "综合性图书",
}


class Fault(Exception):
    """An error of the protocol: its code, and a sentence for whoever reads the log."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose arguments are sound."""

    verb: str
    prefix: str = ""
    identifier: str = ""
    since: datetime | None = None
    until: datetime | None = None
    set_spec: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list stands: the last record given, how many were given before, of how many."""

    harvest: UUID
    stamp: datetime | None = None
    record: UUID | None = None
    given: int = 0
    size: int = 0


def read(pairs: Sequence[tuple[str, str]]) -> Asked:
    """The request, or the `Fault` that is its answer."""
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise Fault("badVerb", "The verb is missing, repeated or unknown.")
    verb, given = verbs[0], {name: value for name, value in pairs if name != "verb"}
    if len(given) != len(pairs) - 1:
        raise Fault("badArgument", "An argument is repeated.")
    required, optional = VERBS[verb]
    if unknown := sorted(given.keys() - required - optional):
        raise Fault("badArgument", f"{verb} takes no argument {', '.join(unknown)[:100]}.")
    if "resumptionToken" in given:
        if len(given) > 1:
            raise Fault("badArgument", "A resumptionToken comes alone.")
        return Asked(verb, token=given["resumptionToken"])
    if missing := sorted(required - given.keys()):
        raise Fault("badArgument", f"{verb} needs {', '.join(missing)}.")
    since, until = _span(given)
    set_spec = given.get("set", "")
    if "set" in given and not SET_SPEC.fullmatch(set_spec):
        raise Fault("badArgument", "set is not a setSpec.")
    prefix = given.get("metadataPrefix", "")
    if "metadataPrefix" in given and prefix not in FORMATS:
        raise Fault("cannotDisseminateFormat", "There is no such metadataPrefix here: ask ListMetadataFormats.")
    return Asked(verb, prefix, given.get("identifier", ""), since, until, set_spec)


def _span(given: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """From and until, whole days taken whole; both inclusive."""
    start, end = given.get("from"), given.get("until")
    if start is not None and end is not None and len(start) != len(end):
        raise Fault("badArgument", "from and until must be of the same granularity.")
    since = _moment("from", start)
    until = _moment("until", end)
    if until is not None and end is not None and DAY.fullmatch(end):
        until += timedelta(days=1, seconds=-1)
    if since and until and since > until:
        raise Fault("badArgument", "from is later than until.")
    return since, until


def _moment(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    form = "%Y-%m-%d" if DAY.fullmatch(text) else SECOND if MOMENT.fullmatch(text) else ""
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        raise Fault("badArgument", f"{name} must be YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.") from None


def said(moment: datetime) -> str:
    """A moment as the protocol writes it."""
    return moment.astimezone(UTC).strftime(SECOND)


def identifier_of(domain: str, number: str) -> str:
    """`oai:lib.example.edu.cn:B0000001`."""
    return f"oai:{domain}:{number}"


def number_of(domain: str, identifier: str) -> str:
    """The record's number, or `Fault` when the identifier is not one of ours."""
    head, number = identifier[: len(domain) + 5], identifier[len(domain) + 5 :]
    if head != f"oai:{domain}:" or not NUMBER.fullmatch(number):
        raise Fault("idDoesNotExist", "There is no such identifier here.")
    return number


def leaves(sets: Sequence[str]) -> list[str]:
    """The sets a header names; those above them follow from the colon."""
    return [one for one in sets if ":" in one and not any(other.startswith(f"{one}:") for other in sets)]


def seal(secret: str, asked: Asked, place: Place, expires: datetime) -> str:
    """The token that goes on after `place`; it carries everything, so nothing is kept for it."""
    assert place.stamp
    assert place.record
    said_ = [
        asked.verb, asked.prefix, *(said(m) if m else "" for m in (asked.since, asked.until)), asked.set_spec,
        said(place.stamp), place.record.hex, place.given, place.size, place.harvest.hex, int(expires.timestamp()),
    ]
    body = base64.urlsafe_b64encode(json.dumps(said_, separators=(",", ":")).encode()).rstrip(b"=")
    return f"{body.decode()}.{_sign(secret, body)}"


def unseal(secret: str, asked: Asked, now: datetime) -> tuple[Asked, Place]:
    """The list a token goes on with and where; `Fault` when it is spoiled, expired or of another verb."""
    body, _dot, mark = asked.token.partition(".")
    fault = Fault("badResumptionToken", "The token is spoiled, or of another list.")
    if len(asked.token) > 600 or not hmac.compare_digest(_sign(secret, body.encode()).encode(), mark.encode()):
        raise fault
    try:
        told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        verb, prefix, since, until, set_spec, stamp, record, given, size, harvest, expires = told
    except (binascii.Error, ValueError):
        raise fault from None
    if verb != asked.verb:
        raise fault
    if now.timestamp() > expires:
        raise Fault("badResumptionToken", "The token has expired: begin again, from where you have all records.")
    resumed = replace(
        asked, prefix=prefix, since=_moment("from", since or None), until=_moment("until", until or None),
        set_spec=set_spec,
    )
    return resumed, Place(UUID(harvest), _moment("from", stamp), UUID(record), given, size)


def _sign(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()[:32]


def checked(*, name: str, mail: str, domain: str, page_size: str) -> dict[str, str]:
    """What is wrong with the settings, field by field; msgids."""
    wrong = {}
    if len(name) > 120:
        wrong["name"] = N_("最多 120 个字")
    # The public validator refuses addresses of example.* as nobody's.
    if not MAIL.fullmatch(mail) or "@example." in mail:
        wrong["mail"] = N_("请填真实可用的邮箱，收割方有问题时写信到这里")
    if not DOMAIN.fullmatch(domain):
        wrong["domain"] = N_("请填本馆的域名，如 lib.yunshan.edu.cn")
    if not page_size.isdecimal() or not SMALLEST_PAGE <= int(page_size) <= LARGEST_PAGE:
        wrong["page_size"] = N_("请填 10 到 1000 之间的整数")
    return wrong


def shown_agent(text: str) -> str:
    """The harvesting program without any address of a person it may name."""
    plain = re.sub(r"(mailto:)?[^\s@<>();]+@[^\s@<>();]+", "…", text)
    return re.sub(r"[\x00-\x1f\x7f]", " ", plain).strip()[:120]


def network_of(address: str) -> str:
    """The network an address is in, never the machine: /24, or /48 of the newer kind."""
    import ipaddress

    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))

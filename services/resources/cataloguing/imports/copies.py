"""The items a record brings along: barcodes checked in one query, places mapped, facts stated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from services.resources.cataloguing.imports.model import ImportJob
from services.resources.cataloguing.imports.rules import note
from services.resources.cataloguing.items import queries
from services.resources.cataloguing.items.model import FormerBarcode, Item, ItemLife, Location, Use
from services.resources.cataloguing.items.rules import (
    FIRST_SERIAL,
    BadBarcode,
    clean_barcode,
    letter_of,
)
from services.resources.cataloguing.marc import holdings
from services.resources.cataloguing.marc.callnumbers import shelf_key
from services.resources.cataloguing.marc.description import Projection
from services.resources.cataloguing.marc.holdings import ItemDraft
from services.resources.cataloguing.marc.record import Record
from shared.barcodes import barcode
from shared.database import uuid7
from shared.events.resources import ItemCatalogued
from shared.work import Work


class Shelver:
    """Makes items of the copies that records tell of, for one batch."""

    def __init__(self, work: Work, job: ImportJob) -> None:
        self.work, self.job = work, job
        self.places: dict[str, Location] = {}
        self.by_name: dict[str, str] = {}
        self.taken: set[str] = set()
        self.drafts: dict[int, list[ItemDraft]] = {}

    async def ready(self, records: Sequence[Record]) -> None:
        """Read once what all records of the batch need."""
        self.places = await queries.locations(self.work.session)
        self.by_name = {place.name: code for code, place in self.places.items()}
        wanted: set[str] = set()
        for record in records:
            self.drafts[id(record)] = holdings.items(record)
            wanted |= {draft.barcode.strip().upper() for draft in self.drafts[id(record)] if draft.barcode}
        if wanted:
            self.taken = set(await self.work.session.scalars(
                select(Item.barcode).where(Item.barcode.in_(wanted))
                .union(select(FormerBarcode.barcode).where(FormerBarcode.barcode.in_(wanted)))
            ))
        if self.job.number_items:
            self.serial = await self._reserve(
                sum(not d.barcode for drafts in self.drafts.values() for d in drafts)
            )

    async def _reserve(self, count: int) -> int:
        query = text(
            "INSERT INTO number_sequence (kind, year, last) VALUES ('item-barcode', 0, :first + :n) "
            "ON CONFLICT (kind, year) DO UPDATE SET last = number_sequence.last + :n RETURNING last"
        )
        values = {"n": count, "first": FIRST_SERIAL}
        return int(await self.work.session.scalar(query, values) or 0) - count

    def shelve(
        self, record: Record, found: Projection, row: dict[str, Any], notes: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Rows of `item` for the copies that can be made; what cannot is noted."""
        made: list[dict[str, Any]] = []
        bare = 0
        for draft in self.drafts[id(record)]:
            code = self._barcode(draft, found, notes)
            if code is None:
                bare += not draft.barcode
                continue
            place = self._place(draft, notes)
            if place is None:
                continue
            self.taken.add(code)
            made.append(self._row(draft, found, row["id"], code, place, len(made) + 1))
        if bare:
            notes.append(note("no-barcode", count=bare))
        return made

    def _barcode(self, draft: ItemDraft, found: Projection, notes: list[dict[str, Any]]) -> str | None:
        if not draft.barcode:
            if not self.job.number_items:
                return None
            self.serial += 1
            code = barcode(letter_of(found.material), self.serial)
            notes.append(note("numbered", barcode=code))
            return code
        try:
            code = clean_barcode(draft.barcode)
        except BadBarcode:
            notes.append(note("barcode-bad", barcode=draft.barcode[:40]))
            return None
        if code in self.taken:
            notes.append(note("barcode-taken", barcode=code))
            return None
        return code

    def _place(self, draft: ItemDraft, notes: list[dict[str, Any]]) -> Location | None:
        code = draft.location if draft.location in self.places else self.by_name.get(draft.location, "")
        if code:
            return self.places[code]
        fallback = self.places.get(self.job.location)
        if draft.location:
            notes.append(
                note("no-location", location=draft.location, default=fallback.name) if fallback
                else note("no-place", location=draft.location)
            )
        elif fallback is None:
            notes.append(note("no-place", location="—"))
        return fallback

    def _row(
        self, draft: ItemDraft, found: Projection, instance_id: UUID, code: str, place: Location, copy: int
    ) -> dict[str, Any]:
        call = draft.call_number or found.call_number
        price = draft.price_fen if draft.price_fen is not None else found.price_fen
        return {
            "id": uuid7(), "barcode": code, "instance_id": instance_id, "location": place.no,
            "call_number": call, "shelf_key": shelf_key(call), "copy_no": copy, "volume": draft.volume,
            "price_cents": max(price or 0, 0), "kind": found.material, "use": Use(place.use),
            "life": ItemLife.in_process if self.job.in_process else ItemLife.in_stock,
            "custodian": "resources" if self.job.in_process else "reader", "note": draft.note[:500],
            "created_by": self.job.created_by, "created_at": self.work.now,
        }

    def fact(self, item: dict[str, Any], title: str) -> ItemCatalogued:
        """What reader services learn of the item."""
        place = self.places[item["location"]]
        return ItemCatalogued(
            item_id=str(item["id"]), barcode=item["barcode"], title=title, call_number=item["call_number"],
            location=item["location"], instance_id=str(item["instance_id"]), location_name=place.name,
            location_name_en=place.name_en, price_cents=item["price_cents"], copy_no=item["copy_no"],
            volume=item["volume"], kind=item["kind"], use=item["use"].value, life=item["life"].value,
        )

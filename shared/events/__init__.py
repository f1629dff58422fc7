"""The published language: one module per department, one class per fact (docs/events.md)."""

from shared.events import institute, office, reader, resources, tech
from shared.events.base import (
    CATALOGUE,
    CaseMoved,
    Done,
    Envelope,
    Event,
    Waiting,
    event_class,
    name_of,
)

__all__ = ["CATALOGUE", "CaseMoved", "Done", "Envelope", "Event", "Waiting", "event_class", "institute", "name_of", "office", "reader", "resources", "tech"]

"""Discovery's table of contents for the department's application."""

from __future__ import annotations

from services.reader.discovery.catalogue import handlers as catalogue_handlers
from shared.messaging.handlers import Handlers

handlers = Handlers().include(catalogue_handlers.handlers)

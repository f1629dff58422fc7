"""The Register kit: one declaration gives a record kind its list, form, life, both doors and to-dos.

    requisitions = Register("requisitions", Requisition, dept="office", title=N_("办公用品申领"), …)

Every parameter is described at `Register`, `Col`, `Action`, `Filter`, `Panel`, `Import` and `F`. A
model mixes in `Case` (or `Thing`, without a state) and, for lists that grow, `Searchable`.
"""

from shared.web.register import tables  # noqa: F401 - adds its tables to KIT
from shared.web.register.actions import Action, Filter, Import, Panel
from shared.web.register.case import Case, Searchable, Thing
from shared.web.register.columns import Col
from shared.web.register.declare import Register
from shared.web.register.fields import F, Files, Money, Upload
from shared.web.register.finding import search_router

__all__ = [
    "Action", "Case", "Col", "F", "Files", "Filter", "Import", "Money", "Panel", "Register",
    "Searchable", "Thing", "Upload", "search_router",
]

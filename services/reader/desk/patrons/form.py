"""What is asked of somebody who gets a card; one form for the screen and the interface."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from services.reader.desk.patrons.model import Category

# Plain ASCII addresses: what every mail server between here and the campus takes.
EMAIL = r"^$|^[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+$"


class NewPatron(BaseModel):
    """A person who gets a card."""

    card: str = Field(min_length=1, max_length=40, pattern=r"^[\w\-]+$")
    name: str = Field(min_length=1, max_length=80)
    category: Category
    college: str = Field("", max_length=80)
    class_name: str = Field("", max_length=80)
    email: str = Field("", max_length=120, pattern=EMAIL)
    valid_to: date | None = None
    oriented: bool = True
    login: str = Field("", max_length=40)

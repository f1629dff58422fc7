"""What is asked of somebody who gets a card; one form for the screen and the interface."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from services.reader.desk.patrons.model import Category, Document, Source

PHONE = r"^[0-9+\-() ]{0,30}$"
CODE = r"^[\w\-]+$"
# Plain ASCII addresses: what every mail server between here and the campus takes.
EMAIL = r"^$|^[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+$"


class NewPatron(BaseModel):
    """A person who gets a card."""

    card: str = Field(min_length=1, max_length=40, pattern=CODE)
    name: str = Field(min_length=1, max_length=80)
    category: Category
    college: str = Field("", max_length=80)
    class_name: str = Field("", max_length=80)
    valid_to: date | None = None
    oriented: bool = True
    login: str = Field("", max_length=40)
    chip: str | None = Field(None, max_length=40, pattern=CODE)
    source: Source = Source.own
    email: str = Field("", max_length=120, pattern=EMAIL)
    phone: str = Field("", max_length=30, pattern=PHONE)


class Amendment(BaseModel):
    """What of a record is corrected; what is not named stays."""

    name: str = Field("", min_length=1, max_length=80)
    category: Category = Category.undergraduate
    college: str = Field("", max_length=80)
    class_name: str = Field("", max_length=80)
    valid_to: date | None = None
    chip: str | None = Field(None, max_length=40, pattern=r"^[\w\-]*$")
    source: Source = Source.own
    email: str = Field("", max_length=120, pattern=EMAIL)
    phone: str = Field("", max_length=30, pattern=PHONE)


class Seen(BaseModel):
    """The paper somebody showed: kind and last four signs."""

    document: Document
    last4: str = Field(min_length=4, max_length=40)


class NewCard(Seen):
    """A card in place of another."""

    card: str = Field(min_length=1, max_length=40, pattern=CODE)
    chip: str | None = Field(None, max_length=40, pattern=CODE)


class NewNote(BaseModel):
    """A remark for the next desk."""

    text: str = Field(min_length=1, max_length=500)
    urgent: bool = False
    until: date | None = None

"""Alembic's entry; everything is in the kit."""

from shared.migrations import run_env

run_env()

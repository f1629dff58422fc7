"""${message}"""

# ruff: noqa
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
% if down_revision is None:
    from shared.migrations import after_baseline

    after_baseline(op, "${config.attributes["service"]}")
% endif


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}

"""The public catalogue: a read copy of the bibliographic records."""

# ruff: noqa
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('catalogue_record',
    sa.Column('instance_id', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('title_rest', sa.Text(), nullable=False),
    sa.Column('other_titles', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('responsibility', sa.Text(), nullable=False),
    sa.Column('authors', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('publisher', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('year', sa.BigInteger(), nullable=True),
    sa.Column('edition', sa.Text(), nullable=False),
    sa.Column('extent', sa.Text(), nullable=False),
    sa.Column('series', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('isbns', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('issns', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('subjects', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('clc', sa.Text(), nullable=False),
    sa.Column('clc_main', sa.Text(), nullable=False),
    sa.Column('call_number', sa.Text(), nullable=False),
    sa.Column('call_key', sa.Text(collation='C'), nullable=False),
    sa.Column('material', sa.Text(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('sort_title', sa.Text(collation='C'), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), nullable=False),
    sa.Column('suppressed', sa.Boolean(), nullable=False),
    sa.Column('emptied', sa.Boolean(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('instance_id', name=op.f('pk_catalogue_record')),
    sa.UniqueConstraint('number', name=op.f('uq_catalogue_record_number'))
    )
    op.create_index('ix_catalogue_record_added', 'catalogue_record', [sa.literal_column('added_at DESC'), 'instance_id'], unique=False)
    op.create_index('ix_catalogue_record_call', 'catalogue_record', ['call_key', 'instance_id'], unique=False)
    op.create_index('ix_catalogue_record_class', 'catalogue_record', ['clc_main'], unique=False, postgresql_where=sa.text('NOT suppressed AND NOT emptied'))
    op.create_index('ix_catalogue_record_language', 'catalogue_record', ['language'], unique=False)
    op.create_index('ix_catalogue_record_material', 'catalogue_record', ['material'], unique=False)
    op.create_index('ix_catalogue_record_search', 'catalogue_record', ['search'], unique=False, postgresql_using='gin', postgresql_with={'fastupdate': 'off'})
    op.create_index('ix_catalogue_record_title', 'catalogue_record', ['sort_title', 'instance_id'], unique=False)
    op.create_index('ix_catalogue_record_year', 'catalogue_record', [sa.literal_column('year DESC NULLS LAST'), 'instance_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_catalogue_record_year', table_name='catalogue_record')
    op.drop_index('ix_catalogue_record_title', table_name='catalogue_record')
    op.drop_index('ix_catalogue_record_search', table_name='catalogue_record', postgresql_using='gin', postgresql_with={'fastupdate': 'off'})
    op.drop_index('ix_catalogue_record_material', table_name='catalogue_record')
    op.drop_index('ix_catalogue_record_language', table_name='catalogue_record')
    op.drop_index('ix_catalogue_record_class', table_name='catalogue_record', postgresql_where=sa.text('NOT suppressed AND NOT emptied'))
    op.drop_index('ix_catalogue_record_call', table_name='catalogue_record')
    op.drop_index('ix_catalogue_record_added', table_name='catalogue_record')
    op.drop_table('catalogue_record')

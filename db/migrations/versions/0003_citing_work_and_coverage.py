"""Sources keep who wrote them and when, and how complete their bibliographies were read."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NEW = (
    ("authors", sa.Text()),  # JSON: names of the citing work's authors
    ("year", sa.Integer()),
    ("arxiv_id", sa.Text()),
    ("coverage_score", sa.Float()),  # 0 to 1
    ("coverage", sa.Text()),  # JSON
    ("short_forms", sa.Text()),  # JSON: "ibid." and its like, with the entries they mean
)


def upgrade() -> None:
    """Add the columns; what was read before has nothing in them until it is read again."""
    for name, type_ in _NEW:
        op.add_column("sources", sa.Column(name, type_))

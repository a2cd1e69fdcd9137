"""How deliveries to each recipient go, and who is sent nothing any more."""

from __future__ import annotations

from sqlalchemy import delete, select

from worker.adapters.store.feeds import FeedQueries
from worker.adapters.store.schema import recipient
from worker.model import RecipientState


class RecipientQueries(FeedQueries):
    """Every query about recipients' states. One whose last delivery went well has no row."""

    def recipient_states(self) -> tuple[RecipientState, ...]:
        """Return the states of those whose deliveries fail, or who are disabled, by id."""
        with self.read() as connection:
            rows = connection.execute(select(recipient).order_by(recipient.c.id))
            return tuple(
                RecipientState(row.id, row.failing_since, row.failed_at, row.disabled_at, row.reason, row.rests_until)
                for row in rows
            )

    def save_recipient_state(self, state: RecipientState) -> None:
        """Save how deliveries to a recipient go. One that is disabled stays so: `enable_recipient` puts it back."""
        values = {
            "failing_since": state.failing_since,
            "failed_at": state.failed_at,
            "disabled_at": state.disabled_at,
            "reason": self.mask(state.reason),
            "rests_until": state.rests_until,
        }
        row = self._insert(recipient).values(id=state.id, **values)
        with self.write() as connection:
            connection.execute(
                row.on_conflict_do_update(index_elements=["id"], set_=values, where=recipient.c.disabled_at.is_(None))
            )

    def forget_failures(self, recipient_id: str) -> None:
        """Note that a delivery to a recipient went well."""
        with self.write() as connection:
            connection.execute(
                delete(recipient).where(recipient.c.id == recipient_id, recipient.c.disabled_at.is_(None))
            )

    def enable_recipient(self, recipient_id: str) -> bool:
        """Let alerts go to a recipient again; False for one that was not disabled."""
        with self.write() as connection:
            off = delete(recipient).where(recipient.c.id == recipient_id, recipient.c.disabled_at.is_not(None))
            return connection.execute(off).rowcount > 0

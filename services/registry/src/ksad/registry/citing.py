"""The check of the documents that a command cites, in the registry's own cooperations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.registry.domain.documents import seen_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ksad.chassis.cited import CitedDocuments
    from ksad.contracts.catalogue import DocumentRef
    from ksad.contracts.envelope import Envelope
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def check_cited(
    cited: CitedDocuments,
    refs: Sequence[DocumentRef],
    office: str,
    state: Cooperation,
    context: Context,
    stream: Callable[[], Sequence[Envelope]],
) -> None:
    """Checks that documents are stored as stated, and are the office's own or seen by it in the cooperation already.

    :param cited: what is stored of them.
    :param stream: reads the cooperation's events; called where a document was not uploaded by the office's side.
    :raises RuleBrokenError: a document may not be cited, or is not as stated.
    """
    seen = frozenset() if cited.are_own else seen_documents(office, state, context, stream())
    cited.check(refs, seen)

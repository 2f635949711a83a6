"""Scans and papers: chunked rows of their case, sealed under its key, each content kept once within a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text

from catalogue.domain.problems import NotFound
from catalogue.service.ports import StoredFile
from catalogue.store.codec import json_bytes, moment, read_json, read_moment
from catalogue.store.keys import data_key_of
from catalogue.store.sealing import seal, unseal
from catalogue.store.session import Session
from catalogue.store.tables import file_chunks, files, paper_openings

CHUNK = 256 * 1024
"""Bytes of content in one row."""


class StoredFiles:
    """The port ``Files``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute

    def add(self, file: StoredFile, content: bytes) -> StoredFile:
        """The same content again answers the file that is there. Raises NotFound without a case, or after erasure."""
        reference = file.reference
        data_key = data_key_of(self._session, reference)
        if data_key is None:
            raise NotFound
        digest = self._session.keyring.digest("file", reference, content)
        there = self._execute(
            select(files).where(files.c.reference == reference, files.c.content_digest == digest)
        ).one_or_none()
        if there is not None:
            return _read(there, data_key)
        stored = replace(file, size=len(content))
        self._execute(
            insert(files).values(
                reference=reference,
                id=file.id,
                content_digest=digest,
                sealed=seal(data_key, _place(reference, file.id), json_bytes([file.name, file.digest])),
                media_type=file.media_type,
                size=len(content),
                material=file.material,
                kind=file.kind,
                added_at=moment(file.added_at),
                added_by=file.added_by,
            )
        )
        for n, start in enumerate(range(0, len(content), CHUNK)):
            sealed = seal(data_key, _place(reference, file.id, n), content[start : start + CHUNK])
            self._execute(insert(file_chunks).values(reference=reference, file_id=file.id, n=n, sealed=sealed))
        return stored

    def list(self, reference: str) -> Sequence[StoredFile]:
        """The files of a case in the order they came; none after erasure."""
        data_key = data_key_of(self._session, reference)
        if data_key is None:
            return []
        rows = self._execute(select(files).where(files.c.reference == reference).order_by(files.c.added_at, files.c.id))
        return [_read(row, data_key) for row in rows]

    def content(self, reference: str, file_id: str) -> tuple[StoredFile, bytes] | None:
        """A file with its content. Raises SealBroken where a chunk is missing or was changed."""
        data_key = data_key_of(self._session, reference)
        row = self._execute(select(files).where(files.c.reference == reference, files.c.id == file_id)).one_or_none()
        if row is None or data_key is None:
            return None
        chunks = self._execute(
            select(file_chunks.c.n, file_chunks.c.sealed)
            .where(file_chunks.c.reference == reference, file_chunks.c.file_id == file_id)
            .order_by(file_chunks.c.n)
        )
        content = b"".join(unseal(data_key, _place(reference, file_id, n), sealed) for n, sealed in chunks)
        return _read(row, data_key), content

    def document(self, reference: str, document_id: str) -> tuple[StoredFile, bytes] | None:
        """The PDF of a document that was set before."""
        found = self._execute(
            select(files.c.id).where(
                files.c.reference == reference, files.c.kind == "document", files.c.material == document_id
            )
        ).scalar()
        return None if found is None else self.content(reference, found)

    def opened(self, reference: str, file_id: str, account: str, at: datetime) -> None:
        """That account has opened the file; the first time counts."""
        self._execute(
            text(
                "INSERT INTO paper_openings (reference, file_id, account, at) "
                "VALUES (:reference, :file_id, :account, :at) ON CONFLICT DO NOTHING"
            ),
            {"reference": reference, "file_id": file_id, "account": account, "at": moment(at)},
        )

    def openers(self, reference: str) -> Mapping[str, frozenset[str]]:
        """Every scan of a case -> the accounts that have opened it."""
        opening = paper_openings.c
        rows = self._execute(
            select(files.c.id, opening.account)
            .outerjoin(paper_openings, (opening.reference == files.c.reference) & (opening.file_id == files.c.id))
            .where(files.c.reference == reference, files.c.kind == "scan")
            .order_by(files.c.added_at, files.c.id)
        )
        found: dict[str, frozenset[str]] = {}
        for file_id, account in rows:
            found[file_id] = found.get(file_id, frozenset()) | ({account} if account is not None else frozenset())
        return found


def _read(row: Any, data_key: bytes) -> StoredFile:
    name, digest = read_json(unseal(data_key, _place(row.reference, row.id), row.sealed))
    return StoredFile(
        row.id,
        row.reference,
        name,
        row.media_type,
        row.size,
        digest,
        row.material,
        read_moment(row.added_at),
        row.added_by,
        row.kind,
    )


def _place(reference: str, file_id: str, chunk: int | None = None) -> bytes:
    return f"file {reference} {file_id} {'' if chunk is None else chunk}".encode()

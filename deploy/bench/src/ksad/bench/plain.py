"""The baseline service: FastAPI and SQLAlchemy, with one inserted row and one audit row per command."""

from __future__ import annotations

import sys
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from ksad.chassis.database import Database


class Base(DeclarativeBase):
    """Base of the mapped classes."""


class RegisterRow(Base):
    """A row of the register."""

    __tablename__ = "cooperations"
    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    object: Mapped[str]
    affair: Mapped[str]
    parties: Mapped[str]


class AuditRow(Base):
    """A row of the audit trail."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    what: Mapped[str]
    body: Mapped[str]


class NewCooperation(BaseModel):
    """A cooperation to register."""

    key: str
    title: str
    object: str
    affair: str
    parties: list[str]


def build(url: str) -> FastAPI:
    """The app, on a database with the same durability as the platform's."""
    database = Database(url)
    database.create(Base.metadata)
    app = FastAPI()

    @app.post("/cooperations", status_code=201)
    def register(body: NewCooperation) -> dict[str, str]:
        identity = str(uuid.uuid4())
        with database.write() as connection, Session(bind=connection) as session:
            taken = session.scalar(sa.select(RegisterRow.id).where(RegisterRow.key == body.key))
            if taken is None:
                fields = body.model_dump(exclude={"parties"})
                session.add(RegisterRow(id=identity, parties=",".join(body.parties), **fields))
                session.add(AuditRow(at=datetime.now(UTC), what="register", body=body.model_dump_json()))
                session.flush()
        return {"id": identity}

    return app


if __name__ == "__main__":
    uvicorn.run(build(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), log_level="error")

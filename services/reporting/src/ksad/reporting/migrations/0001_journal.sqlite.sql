CREATE TABLE IF NOT EXISTS frontiers (
    log TEXT NOT NULL,
    size BIGINT NOT NULL,
    frontier BLOB NOT NULL,
    PRIMARY KEY (log)
);

CREATE TABLE IF NOT EXISTS journal (
    entry INTEGER NOT NULL,
    event_id CHAR(32) NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    raw BLOB NOT NULL,
    leaf_hash BLOB NOT NULL,
    service TEXT NOT NULL,
    notification BIGINT NOT NULL,
    PRIMARY KEY (entry),
    CONSTRAINT journal_stream UNIQUE (stream, version),
    UNIQUE (event_id)
);

CREATE INDEX IF NOT EXISTS journal_position ON journal (service, notification);

CREATE TABLE IF NOT EXISTS journal_conflicts (
    leaf_hash BLOB NOT NULL,
    event_id CHAR(32) NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (leaf_hash)
);

CREATE TABLE IF NOT EXISTS journal_held (
    event_id CHAR(32) NOT NULL,
    waits_for CHAR(32) NOT NULL,
    stream TEXT NOT NULL,
    raw BLOB NOT NULL,
    service TEXT NOT NULL,
    notification BIGINT NOT NULL,
    PRIMARY KEY (event_id)
);

CREATE INDEX IF NOT EXISTS ix_journal_held_waits_for ON journal_held (waits_for);

CREATE TABLE IF NOT EXISTS projection_generations (
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    code_version INTEGER NOT NULL,
    status TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (name, number)
);

CREATE TABLE IF NOT EXISTS projection_parked (
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    stream TEXT NOT NULL,
    entry BIGINT NOT NULL,
    reason TEXT NOT NULL,
    code_version INTEGER NOT NULL,
    PRIMARY KEY (name, number, stream)
);

CREATE TABLE IF NOT EXISTS feed_cases (
    cooperation_id VARCHAR(36) NOT NULL,
    parties TEXT NOT NULL,
    supervisor TEXT,
    PRIMARY KEY (cooperation_id)
);

CREATE TABLE IF NOT EXISTS feed_entries (
    province VARCHAR(2) NOT NULL,
    position BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    PRIMARY KEY (province, position),
    CONSTRAINT feed_entries_once UNIQUE (province, entry)
);

CREATE TABLE IF NOT EXISTS feed_members (
    cooperation_id VARCHAR(36) NOT NULL,
    entry BIGINT NOT NULL,
    audience TEXT NOT NULL,
    PRIMARY KEY (cooperation_id, entry)
);

CREATE TABLE IF NOT EXISTS feed_state (
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    rule_version INTEGER NOT NULL,
    codes TEXT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TRIGGER IF NOT EXISTS journal_no_UPDATE BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;

CREATE TRIGGER IF NOT EXISTS journal_no_DELETE BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;

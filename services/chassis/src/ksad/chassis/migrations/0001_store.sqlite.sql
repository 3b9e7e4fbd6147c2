CREATE TABLE IF NOT EXISTS commands (
    command_id CHAR(32) NOT NULL,
    digest VARCHAR(64) NOT NULL,
    first_notification BIGINT NOT NULL,
    last_notification BIGINT NOT NULL,
    PRIMARY KEY (command_id)
);

CREATE TABLE IF NOT EXISTS stored_events (
    notification_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    originator_id CHAR(32) NOT NULL,
    originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL,
    state BLOB NOT NULL,
    CONSTRAINT stored_events_stream UNIQUE (originator_id, originator_version)
);

CREATE TABLE IF NOT EXISTS fetched_events (
    incarnation TEXT NOT NULL,
    event_id CHAR(32) NOT NULL,
    notification_id BIGINT NOT NULL,
    PRIMARY KEY (incarnation, event_id)
);

CREATE TRIGGER IF NOT EXISTS stored_events_no_UPDATE BEFORE UPDATE ON stored_events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;

CREATE TRIGGER IF NOT EXISTS stored_events_no_DELETE BEFORE DELETE ON stored_events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;

CREATE TABLE IF NOT EXISTS commands (
    command_id UUID NOT NULL,
    digest VARCHAR(64) NOT NULL,
    first_notification BIGINT NOT NULL,
    last_notification BIGINT NOT NULL,
    PRIMARY KEY (command_id)
);

CREATE TABLE IF NOT EXISTS stored_events (
    notification_id BIGSERIAL NOT NULL,
    originator_id UUID NOT NULL,
    originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (notification_id),
    CONSTRAINT stored_events_stream UNIQUE (originator_id, originator_version)
);

CREATE TABLE IF NOT EXISTS fetched_events (
    incarnation TEXT NOT NULL,
    event_id UUID NOT NULL,
    notification_id BIGINT NOT NULL,
    PRIMARY KEY (incarnation, event_id)
);

CREATE OR REPLACE FUNCTION stored_events_forbid() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'events are never changed'; END $$;

CREATE OR REPLACE TRIGGER stored_events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION stored_events_forbid();

CREATE TABLE IF NOT EXISTS follower_heads (
    follower TEXT NOT NULL,
    service TEXT NOT NULL,
    notification BIGINT NOT NULL,
    PRIMARY KEY (follower, service)
);

CREATE TABLE IF NOT EXISTS follower_positions (
    follower TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    stored_at BIGINT NOT NULL,
    lease_owner TEXT NOT NULL,
    lease_until FLOAT NOT NULL,
    PRIMARY KEY (follower)
);

CREATE TABLE IF NOT EXISTS inbox (
    follower TEXT NOT NULL,
    event_id UUID NOT NULL,
    PRIMARY KEY (follower, event_id)
);

CREATE TABLE IF NOT EXISTS parked (
    follower TEXT NOT NULL,
    event_id UUID NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    stream_sequence BIGINT NOT NULL,
    subject TEXT NOT NULL,
    position TEXT NOT NULL,
    raw BYTEA NOT NULL,
    reason TEXT NOT NULL,
    code_version TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    retry BOOLEAN NOT NULL,
    PRIMARY KEY (follower, event_id)
);

CREATE INDEX IF NOT EXISTS parked_stream ON parked (follower, stream, version);

CREATE TABLE IF NOT EXISTS quarantined (
    follower TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    stream_sequence BIGINT NOT NULL,
    subject TEXT NOT NULL,
    raw BYTEA NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (follower, incarnation, stream_sequence)
);

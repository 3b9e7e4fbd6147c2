CREATE TABLE sessions (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    office TEXT NOT NULL,
    secret BYTEA NOT NULL,
    started BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    positions TEXT NOT NULL
);

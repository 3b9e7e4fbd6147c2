CREATE TABLE notes (
    office TEXT NOT NULL,
    cooperation TEXT NOT NULL,
    id TEXT NOT NULL,
    words TEXT NOT NULL,
    written BIGINT NOT NULL,
    PRIMARY KEY (office, cooperation, id)
);

CREATE TABLE journal_nodes (
    level INTEGER NOT NULL,
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (level, number)
);

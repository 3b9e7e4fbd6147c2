CREATE TABLE journal_nodes (
    level INTEGER NOT NULL,
    number BIGINT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, number)
);

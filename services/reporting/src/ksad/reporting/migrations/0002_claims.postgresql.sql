CREATE TABLE claimed_heads (
    origin TEXT NOT NULL,
    vkey TEXT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    PRIMARY KEY (origin)
);

CREATE TABLE claimed_heads (
    origin TEXT NOT NULL,
    vkey TEXT NOT NULL,
    size BIGINT NOT NULL,
    root BLOB NOT NULL,
    PRIMARY KEY (origin)
);

CREATE TABLE views (
    office TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    saved BIGINT NOT NULL,
    PRIMARY KEY (office, name)
);

CREATE TABLE drafts (
    office TEXT NOT NULL,
    address TEXT NOT NULL,
    title TEXT NOT NULL,
    given TEXT NOT NULL,
    saved BIGINT NOT NULL,
    PRIMARY KEY (office, address)
);

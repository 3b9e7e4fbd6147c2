CREATE TABLE terms (
    cooperation_id CHAR(32) NOT NULL,
    next_on DATE,
    PRIMARY KEY (cooperation_id)
);

CREATE INDEX terms_next ON terms (next_on);

CREATE TABLE terms_followed (
    name TEXT NOT NULL,
    notification BIGINT NOT NULL,
    PRIMARY KEY (name)
);

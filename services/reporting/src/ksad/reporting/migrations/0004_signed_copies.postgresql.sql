CREATE TABLE signed_copies (
    report_id UUID NOT NULL,
    version INTEGER NOT NULL,
    content BYTEA NOT NULL,
    kept_on DATE NOT NULL,
    PRIMARY KEY (report_id, version)
);

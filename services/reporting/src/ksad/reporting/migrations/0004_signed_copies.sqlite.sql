CREATE TABLE signed_copies (
    report_id CHAR(32) NOT NULL,
    version INTEGER NOT NULL,
    content BLOB NOT NULL,
    kept_on DATE NOT NULL,
    PRIMARY KEY (report_id, version)
);

CREATE TABLE IF NOT EXISTS leaders (
    role TEXT NOT NULL,
    holder TEXT NOT NULL,
    term BIGINT NOT NULL,
    since FLOAT NOT NULL,
    lease_until FLOAT NOT NULL,
    PRIMARY KEY (role)
);

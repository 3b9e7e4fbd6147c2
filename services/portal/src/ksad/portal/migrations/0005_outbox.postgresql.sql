CREATE TABLE outbox (
    occasion VARCHAR(36) NOT NULL,
    office TEXT NOT NULL,
    told TEXT NOT NULL,
    queued BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    mailbox TEXT,
    answer TEXT,
    ended BIGINT,
    PRIMARY KEY (occasion, office)
);

CREATE INDEX outbox_due ON outbox (state, next_at);

CREATE INDEX outbox_office ON outbox (office, queued);

CREATE TABLE outbox_position (
    name TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL
);

CREATE TABLE compilations (
    command_id CHAR(32) NOT NULL,
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    office TEXT NOT NULL,
    period TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    expected INTEGER,
    asked_at TEXT NOT NULL,
    state TEXT NOT NULL,
    worker TEXT NOT NULL,
    held_until FLOAT NOT NULL,
    problem TEXT,
    PRIMARY KEY (command_id)
);

CREATE INDEX compilations_state ON compilations (state, asked_at);

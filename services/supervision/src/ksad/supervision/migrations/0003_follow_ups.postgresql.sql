CREATE TABLE follow_ups (
    task_id UUID NOT NULL,
    finding INTEGER NOT NULL,
    cooperation_id UUID,
    body TEXT NOT NULL,
    who TEXT NOT NULL,
    by_on DATE NOT NULL,
    closed_on DATE,
    PRIMARY KEY (task_id, finding)
);

CREATE INDEX follow_ups_open ON follow_ups (closed_on, by_on);

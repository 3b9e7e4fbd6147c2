CREATE TABLE IF NOT EXISTS bodies (
    body TEXT NOT NULL,
    decided_on DATE NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (body)
);

CREATE TABLE IF NOT EXISTS cases (
    cooperation_id CHAR(32) NOT NULL,
    "key" TEXT NOT NULL,
    affair TEXT NOT NULL,
    lineages TEXT NOT NULL,
    body TEXT,
    agreed BOOLEAN NOT NULL,
    with_body BOOLEAN NOT NULL,
    closed_on DATE,
    next_due DATE,
    fault TEXT,
    state TEXT NOT NULL,
    PRIMARY KEY (cooperation_id)
);

CREATE INDEX IF NOT EXISTS cases_affair ON cases (affair, agreed);

CREATE INDEX IF NOT EXISTS cases_due ON cases (next_due);

CREATE TABLE IF NOT EXISTS days (
    name TEXT NOT NULL,
    day DATE NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE IF NOT EXISTS heard (
    cooperation_id CHAR(32) NOT NULL,
    version INTEGER NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (cooperation_id, version)
);

CREATE TABLE IF NOT EXISTS reference_texts (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (kind, name)
);

CREATE TABLE IF NOT EXISTS submissions (
    task_id CHAR(32) NOT NULL,
    event_id CHAR(32) NOT NULL,
    "on" DATE NOT NULL,
    PRIMARY KEY (task_id)
);

CREATE TABLE IF NOT EXISTS supervisions (
    cooperation_id CHAR(32) NOT NULL,
    ordinal INTEGER NOT NULL,
    holds_from DATE NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (cooperation_id, ordinal)
);

CREATE TABLE IF NOT EXISTS tasks (
    task_id CHAR(32) NOT NULL,
    cooperation_id CHAR(32),
    duty TEXT NOT NULL,
    clause TEXT NOT NULL,
    body TEXT NOT NULL,
    stage TEXT,
    status TEXT NOT NULL,
    open BOOLEAN NOT NULL,
    due_on DATE NOT NULL,
    next_step DATE,
    state TEXT NOT NULL,
    PRIMARY KEY (task_id)
);

CREATE INDEX IF NOT EXISTS tasks_body ON tasks (body, status);

CREATE INDEX IF NOT EXISTS tasks_cooperation ON tasks (cooperation_id, open);

CREATE INDEX IF NOT EXISTS tasks_late ON tasks (next_step);

CREATE INDEX IF NOT EXISTS tasks_page ON tasks (due_on, task_id);

ALTER TABLE tasks ADD COLUMN assignee TEXT;

ALTER TABLE tasks ADD COLUMN agreement TEXT;

ALTER TABLE tasks ADD COLUMN scheduled_on DATE;

UPDATE tasks SET
    assignee = json_extract(state, '$.assignee'),
    agreement = json_extract(state, '$.agreement'),
    scheduled_on = json_extract(state, '$.scheduled_on');

CREATE INDEX tasks_work ON tasks (body, open, due_on, task_id);

CREATE INDEX tasks_assignee ON tasks (assignee, open, due_on, task_id);

CREATE TABLE case_parties (
    lineage TEXT NOT NULL,
    cooperation_id CHAR(32) NOT NULL,
    agreement TEXT NOT NULL,
    until DATE,
    PRIMARY KEY (lineage, cooperation_id, agreement)
);

CREATE INDEX case_parties_cooperation ON case_parties (cooperation_id);

CREATE TABLE asked_regions (
    lineage TEXT NOT NULL,
    task_id CHAR(32) NOT NULL,
    PRIMARY KEY (lineage, task_id)
);

CREATE INDEX asked_regions_task ON asked_regions (task_id);

ALTER TABLE cases DROP COLUMN lineages;

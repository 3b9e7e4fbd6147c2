ALTER TABLE tasks ADD COLUMN occasion TEXT;

UPDATE tasks SET occasion = json_extract(state, '$.occasion');

CREATE INDEX tasks_occasion ON tasks (occasion, open);

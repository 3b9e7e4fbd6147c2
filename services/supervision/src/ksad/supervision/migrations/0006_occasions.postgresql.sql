ALTER TABLE tasks ADD COLUMN occasion TEXT;

UPDATE tasks SET occasion = state::json ->> 'occasion';

CREATE INDEX tasks_occasion ON tasks (occasion, open);

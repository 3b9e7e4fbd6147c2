"""The supervision service: resolves who supervises, schedules every duty as a task, records what officers do."""

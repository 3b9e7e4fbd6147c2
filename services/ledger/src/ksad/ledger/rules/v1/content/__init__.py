"""The model of a report's content, and its Indonesian wording."""

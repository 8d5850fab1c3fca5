-- The hourly sweep looks only at papers that wait for a step.
CREATE INDEX paper_unbound ON paper (added_at) WHERE n = 0;

-- What the papers of all drafts take together, without reading a paper.
CREATE INDEX paper_of_drafts ON paper (draft, size_bytes) WHERE draft IS NOT NULL;
DROP INDEX paper_by_draft;

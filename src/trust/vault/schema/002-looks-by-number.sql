-- Looks at one case page by their number, not by their time.
CREATE INDEX look_of_owner ON look (kind, owner, id);

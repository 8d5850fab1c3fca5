-- A password that somebody else has set opens the door once: its owner chooses another before anything else.
ALTER TABLE account ADD COLUMN is_given FLAG NOT NULL DEFAULT FALSE;
-- A session ends at a stated time, used or not; and what it waits for before it may do anything: a new password.
ALTER TABLE session ADD COLUMN ends_at INT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN waits TEXT NOT NULL DEFAULT '';

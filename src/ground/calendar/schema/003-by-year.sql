-- The page of the calendar counts the working days of every year; without this it read all days for each.
CREATE INDEX calendar_day_by_year ON calendar_day (year, is_workday);

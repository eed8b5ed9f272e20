-- runs from: 012
-- How many people are in the incidents channel, bots not counted, when it was last looked at; unknown before that.
alter table place add column people integer;

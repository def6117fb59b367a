alter table alarm add column detail jsonb not null default '{}';
comment on column alarm.detail is 'What the rule must know after a restart, such as the river stage that an alarm stands at.';

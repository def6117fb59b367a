-- Photos that people put to their comments.

create table attachment (
  id uuid primary key,
  person_id uuid not null references person,
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
  bytes integer not null check (bytes between 1 and 2097152),
  content bytea not null,
  created_at timestamptz not null,
  incident_change_id bigint references incident_change on delete cascade,
  check (bytes = octet_length(content))
);
comment on table attachment is 'A photo. incident_change_id null: no comment names it yet; such a one is removed after a day.';
comment on column attachment.id is 'Chosen by whoever uploads it, so that a repeated upload is one photo.';
-- Photos are compressed already.
alter table attachment alter column content set storage external;
create index attachment_change_idx on attachment (incident_change_id) where incident_change_id is not null;
create index attachment_unbound_idx on attachment (created_at) where incident_change_id is null;

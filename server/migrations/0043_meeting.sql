-- Videoconferences of the province with communes: from an hour before one, endpoints that are not registered matter.

create table meeting (
  id bigint generated always as identity primary key,
  version integer not null default 1,
  title text not null check (char_length(title) between 1 and 120),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  all_communes boolean not null,
  commune_codes text[] not null,
  simulated boolean not null default false,
  entered_by uuid,
  entered_by_name text not null,
  entered_at timestamptz not null,
  cancelled_at timestamptz,
  check (ends_at > starts_at and ends_at <= starts_at + interval '24 hours'),
  check (all_communes = (cardinality(commune_codes) = 0))
);
create index meeting_ends_idx on meeting (ends_at) where cancelled_at is null;
create index meeting_past_idx on meeting (starts_at desc, id desc);
comment on table meeting is 'Who is to meet, and when. Its endpoints are those of its communes, as the register has them at the time.';
comment on column meeting.commune_codes is 'Codes of the communes that take part; empty when all do.';
comment on column meeting.simulated is 'Entered by the demo.';
comment on column meeting.entered_by is 'Null when the demo entered it.';
comment on column meeting.cancelled_at is 'Cancelled, or ended early while it ran; nothing is expected of its endpoints from then on.';

-- What people know and no sensor says. A fact is never edited or removed: it expires, or somebody withdraws it.

create table fact (
  id bigint generated always as identity primary key,
  subject_kind text not null check (subject_kind in ('site', 'commune', 'feed')),
  subject_id text collate "C" not null,
  subject_name text not null,
  kind text not null check (kind in
    ('generatorRunning', 'reached', 'powerExpected', 'roadCut', 'officeFlooded', 'roamingOn', 'other')),
  note text not null check (char_length(note) <= 2000),
  at timestamptz not null,
  expires_at timestamptz not null check (expires_at > at),
  means text check (means in ('satellitePhone', 'radio', 'landline', 'messenger', 'inPerson')),
  host text collate "C",
  guests text[],
  author uuid not null references person,
  recorded_at timestamptz not null,
  request_id uuid unique,
  withdrawn_at timestamptz,
  withdrawn_by uuid references person,
  check ((withdrawn_at is null) = (withdrawn_by is null))
);
comment on table fact is 'What a person knows of a site, commune or power feed: generator running, reached by satellite phone, road cut, …';
comment on column fact.subject_name is 'As it was called when the fact was recorded; the subject may leave the register.';
comment on column fact.at is 'When it was so.';
comment on column fact.expires_at is 'Until when it counts. A generator: when its fuel ends; powerExpected: when power is expected.';
comment on column fact.host is 'roamingOn: whose network carries the subscribers of the guests.';
comment on column fact.request_id is 'Chosen by the client, so that what is sent twice is recorded once.';
create index fact_subject_idx on fact (subject_kind, subject_id, id desc);
create index fact_current_idx on fact (expires_at) where withdrawn_at is null;

create function fact_is_only_withdrawn() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.withdrawn_at is not null
    or to_jsonb(new) - '{withdrawn_at,withdrawn_by}'::text[] is distinct from to_jsonb(old) - '{withdrawn_at,withdrawn_by}'::text[]
  then
    raise exception 'a fact is never edited or removed: it expires or is withdrawn, once';
  end if;
  return new;
end $$;
create trigger fact_only_withdrawn before update or delete on fact
  for each row execute function fact_is_only_withdrawn();

-- Situation reports that were kept, and handovers of the shift: what people were told, as they were told it.

create table situation_report (
  at timestamptz primary key,
  kept_at timestamptz not null,
  kept_by uuid references person,
  content jsonb not null
);
comment on table situation_report is 'The report of a minute as it was given then; later ones are compared with it. About 20 KiB each; nothing is removed.';

create table handover (
  id bigint generated always as identity primary key,
  version integer not null default 1,
  begun_at timestamptz not null,
  remarks text not null default '' check (char_length(remarks) <= 10000),
  content jsonb,
  from_person uuid references person,
  from_signed_at timestamptz,
  to_person uuid references person,
  to_signed_at timestamptz,
  check ((from_person is null) = (from_signed_at is null) and (to_person is null) = (to_signed_at is null)),
  check ((content is null) = (from_person is null)),
  check (to_person is null or (from_person is not null and from_person <> to_person))
);
comment on table handover is 'Prepared (nobody has signed) → fixed (whoever hands over has signed) → done (whoever takes over, another person, has signed).';
comment on column handover.content is 'What it says, fixed by the first signature.';
create unique index handover_one_open_idx on handover ((true)) where to_signed_at is null;

create function handover_stays_as_signed() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and old.from_person is null then return old; end if;
  if tg_op = 'DELETE' or old.to_person is not null then
    raise exception 'a handover that was signed is never edited or removed';
  end if;
  if old.from_person is not null
    and (new.content, new.remarks, new.from_person, new.from_signed_at)
      is distinct from (old.content, old.remarks, old.from_person, old.from_signed_at)
  then
    raise exception 'the first signature has fixed what a handover says';
  end if;
  return new;
end $$;
create trigger handover_as_signed before update or delete on handover
  for each row execute function handover_stays_as_signed();

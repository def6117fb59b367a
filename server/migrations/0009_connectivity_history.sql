-- What connectivity was, at any moment: the base of replay and of counts over time.

create table connectivity_change (
  device_no integer not null,
  at timestamptz not null,
  connectivity text not null check (connectivity in ('up', 'down', 'stale', 'blind')),
  last_known text not null check (last_known in ('up', 'down', 'stale')),
  was_connectivity text,
  was_known text,
  primary key (device_no, at)
);
comment on table connectivity_change is
  'Every device''s connectivity from `at` until its next row, as it is known now. Before its first row a device is stale: never heard. About 60 bytes a change; nothing is removed.';
comment on column connectivity_change.was_connectivity is
  'Of the row before, so that counts over time are sums and need no look back; null in a device''s first row.';
create index connectivity_change_at_idx on connectivity_change (at);

-- Kept by the database from device_state, in the statement that changes it, so that nobody who writes a state can forget it.
-- A state may be judged to have begun a while ago: from there on it takes the place of what was believed. The same when a
-- clock was set back.
create function keep_connectivity_changes(device_nos integer[], moments timestamptz[], connectivities text[], known text[])
  returns void language sql as $$
  delete from connectivity_change c
  using unnest(device_nos, moments) as n (device_no, at)
  where c.device_no = n.device_no and c.at >= n.at;
  insert into connectivity_change (device_no, at, connectivity, last_known, was_connectivity, was_known)
  select n.device_no, n.at, n.connectivity, n.last_known, before.connectivity, before.last_known
  from unnest(device_nos, moments, connectivities, known) as n (device_no, at, connectivity, last_known)
  left join lateral (
    select c.connectivity, c.last_known from connectivity_change c
    where c.device_no = n.device_no and c.at < n.at order by c.at desc limit 1
  ) before on true
$$;

create function device_state_inserted() returns trigger language plpgsql as $$
begin
  perform keep_connectivity_changes(array_agg(d.no), array_agg(n.since), array_agg(n.connectivity), array_agg(n.last_known))
  from new_state n join device d on d.id = n.device_id;
  return null;
end $$;

create function device_state_updated() returns trigger language plpgsql as $$
begin
  perform keep_connectivity_changes(array_agg(d.no), array_agg(n.since), array_agg(n.connectivity), array_agg(n.last_known))
  from new_state n join old_state o on o.device_id = n.device_id join device d on d.id = n.device_id
  where (n.connectivity, n.last_known) is distinct from (o.connectivity, o.last_known);
  return null;
end $$;

-- For a whole statement at a time: a gateway that goes silent changes a thousand devices at once.
create trigger device_state_inserted after insert on device_state referencing new table as new_state
  for each statement execute function device_state_inserted();
create trigger device_state_updated after update on device_state referencing old table as old_state new table as new_state
  for each statement execute function device_state_updated();

-- What a database that is older than this table knows.
select keep_connectivity_changes(array_agg(d.no), array_agg(s.since), array_agg(s.connectivity), array_agg(s.last_known))
from device_state s join device d on d.id = s.device_id;

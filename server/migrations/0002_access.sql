-- People, their sessions, walls, and the trail of what they did.

create table person (
  id uuid primary key,
  login text not null unique check (login ~ '^[a-z0-9._-]{2,40}$'),
  name text not null,
  role text not null check (role in ('viewer', 'operator', 'technician', 'reviewer', 'administrator')),
  password_hash text not null,
  must_change_password boolean not null default false,
  disabled boolean not null default false,
  demo boolean not null default false,
  created_at timestamptz not null,
  last_sign_in_at timestamptz
);
comment on column person.password_hash is 'argon2id, PHC string.';
comment on column person.demo is 'A demo account: it exists only while both the embedded database and the embedded broker run.';

create table display_token (
  id uuid primary key,
  name text not null,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  created_by text not null,
  last_seen_at timestamptz,
  revoked_at timestamptz
);
comment on table display_token is 'A wall that opens without sign-in, read-only. Only the SHA-256 of its token is kept.';

create table session (
  token_hash bytea primary key,
  person_id uuid references person on delete cascade,
  display_token_id uuid references display_token on delete cascade,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz,
  check ((person_id is null) <> (display_token_id is null))
);
comment on table session is 'A signed-in browser: SHA-256 of its cookie. Deleting the row revokes it. expires_at null: a wall, until revoked.';
create index session_person_idx on session (person_id);

create table audit_entry (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb not null default '{}'
);
comment on table audit_entry is 'Who did what to what; rows are only added.';
create function audit_entry_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit_entry rows are never changed or removed';
end $$;
create trigger audit_entry_append_only before update or delete on audit_entry
  for each row execute function audit_entry_is_append_only();

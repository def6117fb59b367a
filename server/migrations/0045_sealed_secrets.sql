-- Secrets are sealed (AES-256-GCM) before they are kept; those of before are sealed at the next start.

alter table webhook add column secret_key_id text,
  add check (secret_key_id is null or secret is not null);
comment on column webhook.secret is 'Sent with every message; never given back by the API. Sealed for the host of the address.';
comment on column webhook.secret_key_id is 'The key that the secret is sealed with; null: not sealed yet.';

alter table vapid_key add column private_key_id text;
comment on column vapid_key.private_key is 'Sealed for the public key.';
comment on column vapid_key.private_key_id is 'The key that the private key is sealed with; null: not sealed yet.';

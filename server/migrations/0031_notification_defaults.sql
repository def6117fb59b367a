-- Who is told until an administrator says otherwise. Nobody has an address before they give one themselves.
insert into notification_rule (name, enabled, roles, person_ids, channels, webhook_ids, commune_codes, owners,
  device_classes, kinds, minimum_severity, hours, after_minutes, changed_at)
values
  ('Sự cố nghiêm trọng: người trực', true, '{operator,technician}', '{}', '{email,webPush}', '{}', '{}', '{}', '{}', '{}',
    'critical', null, 0, now()),
  ('Chưa ai tiếp nhận sau 15 phút: quản trị', true, '{administrator}', '{}', '{email,webPush}', '{}', '{}', '{}', '{}', '{}',
    'critical', null, 15, now());

-- Whoever is given an incident by another person is told of it.

alter table notification drop constraint notification_kind_check;
alter table notification add constraint notification_kind_check
  check (kind in ('opened', 'worsened', 'escalated', 'resolved', 'assigned', 'digest', 'test'));

-- The endpoints that are not ready for a meeting are one incident, about the meeting.

alter table incident
  drop constraint incident_kind_check,
  add constraint incident_kind_check check (kind in (
    'communeIsolated', 'communeNearlyIsolated', 'gatewaySilent', 'hubDown', 'powerFailure', 'operatorsDown', 'siteDown',
    'flood', 'meeting', 'single')),
  drop constraint incident_place_kind_check,
  add constraint incident_place_kind_check
    check (place_kind in ('device', 'site', 'hub', 'gateway', 'feed', 'commune', 'river', 'meeting'));

-- Rare kinds, isolated communes before all, are looked for in an archive that is mostly single failures.

create index incident_kind_idx on incident (kind, began_at desc, id desc);

-- How soon, and how bad, a gauge's silence is in a flood was fixed; now it is part of the rule. Rules that people saved before
-- go on as they were, with 50 mm in 6 h in the basin instead of an alarm on rain in the commune.

update alarm_rule_version
set body = jsonb_set(
  body, '{condition,inFlood}', '{"intervals": 2, "severity": "major", "rainMm": 50, "rainOverS": 21600}'::jsonb)
where body #>> '{condition,kind}' = 'absence' and not (body -> 'condition') ? 'inFlood';

import { z } from 'zod';
import { attribute, type DeviceClassDefinition } from './definition.js';

/** What the register keeps of a flood-warning sensor. */
export const floodAttributes = z.strictObject({
  kind: attribute(z.enum(['river', 'rain', 'riverAndRain']), {
    label: { vi: 'Đo gì', en: 'Measures' },
    values: {
      river: { vi: 'mực nước', en: 'river level' },
      rain: { vi: 'mưa', en: 'rain' },
      riverAndRain: { vi: 'mực nước và mưa', en: 'river level and rain' },
    },
  }),
  river: attribute(z.string().max(60), { label: { vi: 'Sông', en: 'River' } }),
  /** The hydrological station whose alarm levels apply; empty for a rain gauge or where none is known. */
  station: attribute(z.string().max(60), { label: { vi: 'Trạm thủy văn', en: 'Hydrological station' } }),
  /** `hills` rivers may rise faster before a rise counts as an alarm or a jump. */
  terrain: attribute(z.enum(['plain', 'hills']), {
    label: { vi: 'Địa hình', en: 'Terrain' },
    values: { plain: { vi: 'đồng bằng', en: 'plain' }, hills: { vi: 'miền núi', en: 'hills' } },
  }),
});

/** A flood-warning sensor: river stage, rain, or both. */
export const flood = {
  id: 'flood',
  label: { vi: 'Trạm cảnh báo lũ', en: 'Flood sensor' },
  plural: { vi: 'Trạm cảnh báo lũ', en: 'Flood sensors' },
  idPrefix: 'FLOOD',
  defaultReportingIntervalMs: 60_000,
  reportsThrough: 'session',
  headline: ['levelM', 'rain1hMm', 'rain24hMm'],
  attributes: floodAttributes,
  metrics: [
    {
      kind: 'number',
      name: 'levelM',
      label: { vi: 'Mực nước', en: 'River level' },
      description: {
        vi: 'Mực nước theo mốc của trạm thủy văn',
        en: 'Stage above the datum of its hydrological station',
      },
      unit: 'm',
      decimals: 2,
      // Kon Plông's datum puts stages near 590 m. A station with known levels is held to BĐ3 + 15 m instead.
      range: { min: -5, max: 1_500 },
      // More than 1 m in 10 min (hills 2 m) is a jump; the looser one stands here, terrain tightens it.
      maxRatePerMinute: 0.2,
    },
    {
      kind: 'number',
      name: 'rain10minMm',
      label: { vi: 'Mưa 10 phút', en: 'Rain 10 min' },
      description: {
        vi: 'Lượng mưa 10 phút qua',
        en: 'Rain of the last 10 minutes',
      },
      unit: 'mm',
      decimals: 1,
      range: { min: 0, max: 100 },
      chart: 'bar',
    },
    {
      kind: 'number',
      name: 'rain1hMm',
      label: { vi: 'Mưa 1 giờ', en: 'Rain 1 h' },
      description: { vi: 'Lượng mưa 1 giờ qua', en: 'Rain of the last hour' },
      unit: 'mm',
      decimals: 1,
      range: { min: 0, max: 300 },
      chart: 'bar',
    },
    {
      kind: 'number',
      name: 'rain12hMm',
      label: { vi: 'Mưa 12 giờ', en: 'Rain 12 h' },
      description: {
        vi: 'Lượng mưa 12 giờ qua',
        en: 'Rain of the last 12 hours',
      },
      unit: 'mm',
      decimals: 1,
      range: { min: 0, max: 1_200 },
      limit: {
        above: true,
        values: { warning: 50 },
        hysteresis: 0,
        raiseAfterS: 0,
        clearAfterS: 10_800,
        basis: 'law',
        source: { vi: 'Quyết định 18/2021/QĐ-TTg, Điều 44', en: 'Decision 18/2021/QĐ-TTg, Art. 44' },
      },
    },
    {
      kind: 'number',
      name: 'rain24hMm',
      label: { vi: 'Mưa 24 giờ', en: 'Rain 24 h' },
      description: {
        vi: 'Lượng mưa 24 giờ qua',
        en: 'Rain of the last 24 hours',
      },
      unit: 'mm',
      decimals: 1,
      range: { min: 0, max: 2_000 },
      limit: {
        above: true,
        values: { minor: 100, major: 200, critical: 400 },
        hysteresis: 0,
        raiseAfterS: 0,
        clearAfterS: 10_800,
        basis: 'law',
        source: { vi: 'Quyết định 18/2021/QĐ-TTg, Điều 44', en: 'Decision 18/2021/QĐ-TTg, Art. 44' },
      },
    },
    {
      kind: 'number',
      name: 'batteryVoltageV',
      label: { vi: 'Điện áp ắc quy', en: 'Battery voltage' },
      description: {
        vi: 'Ắc quy của trạm, nạp bằng pin mặt trời',
        en: 'The sensor’s battery, charged by a solar panel',
      },
      unit: 'V',
      decimals: 2,
      range: { min: 0, max: 30 },
    },
    {
      kind: 'number',
      name: 'signalDbm',
      label: { vi: 'Sóng di động', en: 'Mobile signal' },
      description: { vi: 'RSRP của modem', en: 'RSRP of its modem' },
      unit: 'dBm',
      decimals: 0,
      range: { min: -140, max: -44 },
    },
  ],
} as const satisfies DeviceClassDefinition;

import { z } from 'zod'
import { count, epochMs, text } from '../../protocol/message.ts'
import { reportKinds, reportQuestion, zoneName } from './kinds.ts'

/** What a value counts, and so how it is written. A share is 0 to 1; money is in the currency of the report; a time is epoch ms. */
export const valueUnits = ['text', 'count', 'number', 'share', 'ms', 'seconds', 'bytes', 'money', 'time'] as const
export type ValueUnit = (typeof valueUnits)[number]

/** A value; null: nothing was measured, which is not zero. */
export const reportValue = z.union([text(4000), z.number(), z.null()])
export type ReportValue = z.infer<typeof reportValue>

const id = z.string().regex(/^[a-z0-9-]{1,64}$/)
const numbers = z.array(z.number().nullable()).max(2000)

const isGone = z.boolean().optional().describe('Its records are not kept any more: what it would say is not known.')

const figure = z.object({
  id,
  label: text(200),
  unit: z.enum(valueUnits),
  value: reportValue,
  low: z.number().nullable().describe('95 % interval.'),
  high: z.number().nullable(),
  n: z.number().nonnegative().nullable().describe('What it rests on; null: it is a plain count or sum.'),
  note: text(500),
  isGone,
})
export type ReportFigure = z.infer<typeof figure>

const column = z.object({ id, label: text(200), unit: z.enum(valueUnits) })
export type ReportColumn = z.infer<typeof column>

const table = z.object({
  kind: z.literal('table'),
  id,
  title: text(200),
  columns: z.array(column).min(1).max(40),
  keys: z.int().min(1).max(4).describe('So many of the first columns say which row it is.'),
  rows: z.array(z.array(reportValue)),
  note: text(1000),
  isGone,
})
export type ReportTable = z.infer<typeof table>

const chart = z.object({
  kind: z.literal('chart'),
  id,
  title: text(200),
  unit: z.enum(valueUnits),
  form: z.enum(['line', 'bars']),
  bucketMs: z.int().positive(),
  times: z.array(epochMs).max(2000),
  zone: zoneName.optional().describe('The zone that its days are days of; left out: that of the report.'),
  series: z.array(z.object({ id, name: text(200), values: numbers, low: numbers.nullable(), high: numbers.nullable() })).max(20),
})
export type ReportChart = z.infer<typeof chart>

const block = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sentence'),
    text: text(2000),
    isOfQuestion: z
      .boolean()
      .optional()
      .describe('It says why another period was read than was asked for: the report itself asks for this one.'),
  }),
  z.object({ kind: z.literal('figures'), id, figures: z.array(figure).max(100) }),
  table,
  chart,
])
export type ReportBlock = z.infer<typeof block>

const section = z.object({
  id,
  title: text(200),
  isOfThen: z.boolean().describe('It says how things stood when the report was made: no store can tell that later.'),
  blocks: z.array(block).max(50),
})
export type ReportSection = z.infer<typeof section>

/** A report as data. Every writer writes this, and nothing else: no two formats can disagree. */
export const reportDocument = z.object({
  v: z.literal(1),
  kind: z.enum(reportKinds),
  title: text(200),
  sentence: text(2000).describe('The whole report in one sentence.'),
  fleet: text(200),
  currency: text(8),
  question: reportQuestion,
  isWhole: z.boolean().describe('It is about all devices, also those that have left the fleet.'),
  devices: z.array(text(64)).describe('Devices that it is about, by id: the query selected them when it was made.'),
  models: z
    .array(z.object({ deployment: text(64), model: text(64), version: text(64), digest: text(64) }))
    .describe('Fingerprints of the bundles that answered.'),
  madeAt: epochMs,
  madeBy: text(64).describe('Version of Muster.'),
  sections: z.array(section).max(50),
})
export type ReportDocument = z.infer<typeof reportDocument>

/** What is signed of a report. */
export const reportStatement = z.looseObject({
  v: z.literal(1),
  report: z.int().positive().describe('Its number on the console that made it.'),
  fleet: text(200),
  kind: z.enum(reportKinds),
  question: reportQuestion,
  madeAt: epochMs,
  madeBy: text(64),
  facts: count.describe('Values that the data hash is over.'),
  dataHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 over the values, each as a line of JSON: its place and itself.'),
  documentHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 over the JSON of the document.'),
})
export type ReportStatement = z.infer<typeof reportStatement>

/** A figure without interval. */
export function plainFigure(of: Pick<ReportFigure, 'id' | 'label' | 'unit' | 'value'> & { note?: string }): ReportFigure {
  return { ...of, low: null, high: null, n: null, note: of.note ?? '' }
}

import { Problem } from '../../../shared/domain/problem.ts'
import { decodeMessage, firstIssue } from '../../../shared/protocol/decode.ts'
import { spoolRecord, telemetryMessage, type SpoolRecord } from '../../../shared/protocol/telemetry.ts'
import { distributionFault } from './records/distribution.ts'
import { dropFault } from './records/drop.ts'
import { ledgerFault } from './records/ledger.ts'
import { shadowFault } from './records/shadow.ts'
import { windowFault } from './records/window.ts'

/** A batch whose head is sound; each record was judged on its own. */
export interface ReadBatch {
  device: string
  spool: string
  from: number
  through: number
  /** Console clock, epoch ms. */
  receivedAt: number
  /** Device clock, epoch ms. */
  sentAt: number
  /** A person carried it here: it says nothing of clocks, and nothing before it is on its way by another road. */
  isCarried?: boolean
  records: ({ record: SpoolRecord } | { seq: number; reason: string; body: string })[]
}

/**
 * Reads a telemetry message.
 * @param device as the topic names it
 * @throws Problem `message.malformed`, `message.unsupported-version`; also if the message names another device
 */
export function readBatch(device: string, payload: Uint8Array, receivedAt: number): ReadBatch {
  const head = decodeMessage(telemetryMessage, decodeUtf8(payload), 'telemetry')
  if (head.device !== device) throw new Problem('message.malformed', `${device} sent telemetry in the name of ${head.device}.`)
  const { spool, from, through, sentAt } = head
  if (from > through) throw new Problem('message.malformed', `telemetry of ${device}: from ${from} is behind through ${through}.`)
  const records = head.records.map((raw) => {
    const bad = (reason: string) => ({ seq: raw.seq, reason, body: JSON.stringify(raw) })
    if (raw.seq < from || raw.seq > through) return bad(`seq ${raw.seq} is not in ${from} to ${through}`)
    const parsed = spoolRecord.safeParse(raw)
    if (!parsed.success) return bad(firstIssue(parsed.error))
    const fault = faultOf(parsed.data)
    return fault === null ? { record: parsed.data } : bad(fault)
  })
  return { device, spool, from, through, receivedAt, sentAt, records }
}

/** Why a record of a sound form cannot be true, or `null`. */
function faultOf(record: SpoolRecord): string | null {
  switch (record.kind) {
    case 'drop':
      return dropFault(record.body)
    case 'window':
      return windowFault(record.body)
    case 'shadow':
      return shadowFault(record.body)
    case 'ledger':
      return ledgerFault(record.body)
    case 'distribution':
      return distributionFault(record.body)
    case 'labels':
    case 'sample':
    case 'event':
    case 'resources':
      return null
  }
}

function decodeUtf8(payload: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload)
  } catch (error) {
    throw new Problem('message.malformed', 'telemetry is not UTF-8.', { cause: error })
  }
}

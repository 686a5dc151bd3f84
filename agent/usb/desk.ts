import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { Problem, reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import { carriedOutcome } from '../../shared/protocol/carry.ts'
import { applyFolder, type Applied, type ApplyParts } from './apply.ts'

const report = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() })

/** What became of a folder, as it crosses the control socket. */
export const appliedShape = z.object({
  carry: z.string(),
  problem: report.nullable(),
  deployments: z.record(z.string(), carriedOutcome),
  written: z.object({ folder: z.string(), receipt: z.string(), batches: z.number(), records: z.number() }).nullable(),
  unwritten: report.nullable(),
})

/** How a running apply stands. */
export const carryState = z.object({
  state: z.enum(['none', 'running', 'done', 'failed', 'cancelled']),
  note: z.string(),
  problem: report.nullable(),
  applied: appliedShape.nullable(),
})
export type CarryState = z.infer<typeof carryState>

/** What may be asked about carried folders: over the control socket only, for no model may ever read a folder. */
export const carryAsk = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('carry'), folder: z.string().min(1).max(3000), waitMs: z.number().min(0).max(86_400_000) }),
  z.object({ kind: z.literal('carry-state') }),
  z.object({ kind: z.literal('carry-cancel') }),
])
export type CarryAsk = z.infer<typeof carryAsk>

/** Takes in carried folders, one at a time. */
export interface CarryDesk {
  /** @throws Problem `usb.busy`, `usb.folder` */
  answer(ask: CarryAsk): CarryState
  stop(): Promise<void>
}

/** Opens the desk of a running agent. */
export function openCarryDesk(parts: ApplyParts): CarryDesk {
  let now: CarryState = { state: 'none', note: '', problem: null, applied: null }
  let running: { abort: AbortController; end: Promise<void> } | null = null

  async function run(folder: string, waitMs: number, signal: AbortSignal): Promise<void> {
    const note = (text: string): void => {
      now = { ...now, note: text }
    }
    try {
      const applied = await applyFolder(parts, { folder, waitMs, signal, note })
      now = { state: 'done', note: 'done', problem: null, applied: plain(applied) }
    } catch (error) {
      const state = signal.aborted ? 'cancelled' : 'failed'
      now = {
        state,
        note: state,
        problem: reportOf(signal.aborted ? new Problem('cancelled', 'It was cancelled; what is done stays.') : error),
        applied: null,
      }
    } finally {
      running = null
    }
  }

  return {
    answer(ask) {
      if (ask.kind === 'carry-cancel') running?.abort.abort()
      if (ask.kind !== 'carry') return now
      if (running !== null) throw new Problem('usb.busy', 'Another folder is being taken in.')
      if (!isAbsolute(ask.folder)) throw new Problem('usb.folder', `'${ask.folder}' is no whole path of a folder.`)
      const abort = new AbortController()
      now = { state: 'running', note: 'beginning', problem: null, applied: null }
      running = { abort, end: run(ask.folder, ask.waitMs, abort.signal) }
      return now
    },
    async stop() {
      running?.abort.abort()
      await running?.end
    },
  }
}

function plain({ carry, problem, deployments, written, unwritten }: Applied): CarryState['applied'] {
  return { carry, deployments, written, problem: optional(problem), unwritten: optional(unwritten) }
}

function optional(problem: ProblemReport | null) {
  return problem === null ? null : { ...problem }
}

import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { bundleDigest, deploymentName } from '../../shared/domain/ids.ts'
import { errorCodeOf, messageOf, Problem, reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import { assignment, besideRoles, probationRules } from '../../shared/protocol/assignment.ts'
import { firstIssue } from '../../shared/protocol/decode.ts'
import { keptCheckpoint } from '../../shared/protocol/checkpoint.ts'
import { haltList } from '../../shared/protocol/halt.ts'
import { epochMs } from '../../shared/protocol/message.ts'
import { convergenceStates, slotContent } from '../../shared/protocol/reported.ts'
import { replaceFile } from '../../shared/store/durable-file.ts'
import { storeProblem } from '../../shared/store/sqlite-rules.ts'

const problem = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() })

/** A bundle that failed here, and the highest order under which it did: only a higher one tries it again. */
const rejection = z.looseObject({ digest: bundleDigest, counter: z.int().nonnegative(), problem })

/** A watch that has not ended. Its counts are not kept: after a restart it begins again. */
const watch = z.looseObject({
  since: epochMs,
  /** Median of the probe on this device, ms; null: there was no golden set. */
  medianMs: z.number().nonnegative().nullable(),
  rules: probationRules,
})
export type JournalWatch = z.infer<typeof watch>

/** The second bundle of a deployment. A rejected one stays here, without files, as long as the order names it. */
const beside = z.looseObject({
  role: z.enum(besideRoles),
  percent: z.number(),
  cpuShare: z.number(),
  samplesPerWindow: z.int().nonnegative(),
  state: z.enum(convergenceStates),
  content: slotContent,
  attempts: z.int().nonnegative(),
  problem: problem.nullable(),
})
export type JournalBeside = z.infer<typeof beside>

/** An application lock by its length: a wall clock that jumps must not make it endless. */
const lock = z.looseObject({
  reason: z.string(),
  since: epochMs,
  durationMs: z.number().nonnegative(),
  /** It was begun anew because the clock stood before its start: that is done once. */
  isRebased: z.boolean(),
})
export type JournalLock = z.infer<typeof lock>

/** One deployment as the journal knows it; what came with a later agent has a default, so that an older journal still opens. */
export const journalDeployment = z.looseObject({
  state: z.enum(convergenceStates),
  active: slotContent.nullable(),
  candidate: slotContent.nullable(),
  lastGood: slotContent.nullable(),
  /** Probes of the candidate that were begun: what never ends must not be begun for ever. */
  attempts: z.int().nonnegative(),
  problem: problem.nullable(),
  rejected: z.array(rejection),
  /** Of the active bundle; null: it has passed, or needs none. */
  watch: watch.nullable().default(null),
  /** Of the last good bundle, where it was left before its watch ended: it goes on if the bundle comes back. */
  lastGoodWatch: watch.nullable().default(null),
  beside: beside.nullable().default(null),
})
export type JournalDeployment = z.infer<typeof journalDeployment>

/** All that the agent must know after a sudden death. */
export const journalState = z.looseObject({
  v: z.literal(1),
  /** Key of prediction ids, hex: a label may come days after its prediction. */
  tokenKey: z.string().regex(/^[0-9a-f]{64}$/),
  /** The highest order ever accepted; its counter and hash refuse older and forged ones. */
  order: z.looseObject({ payloadHash: z.string(), assignment, keyid: z.string().optional() }).nullable(),
  /** Newest time that a trusted key signed, epoch ms. */
  newestSignedAt: z.int().nonnegative(),
  /** Key that signed then; absent: that of the order, as before this was kept. */
  newestSignedBy: z.string().optional(),
  deployments: z.record(deploymentName, journalDeployment),
  lock: lock.nullable().default(null),
  /** Bundles that must not be begun with, as the fleet said last. */
  halt: haltList.nullable().default(null),
  /** The two newest checkpoints of the audit log of the console, with what proves that it signed them. */
  checkpoints: z.array(keptCheckpoint).max(2).default([]),
  /** Key that signed that list. */
  haltKeyid: z.string().optional(),
})
export type JournalState = z.infer<typeof journalState>

/** The journal: one document, replaced durably before each act that depends on it. */
export interface Journal {
  readonly state: JournalState
  /** Writes the next state, then makes it the present one. @throws Problem `store.disk-full`, `data-directory.read-only` */
  save(next: JournalState): void
  /** Like `save`, but the next state holds in this process even if it could not be written; then the problem is returned. */
  saveOrHold(next: JournalState): Problem | null
}

const FILE = 'journal.json'

/** A journal that was damaged, kept under another name. */
export interface JournalLoss {
  file: string
  problem: ProblemReport
}

/**
 * Opens the journal of a directory, or begins one.
 * @throws Problem `store.newer` if a newer agent wrote it; a damaged file is moved aside, kept, and named in `lost`
 */
export function openJournal(directory: string, now: number): { journal: Journal; lost: JournalLoss | null } {
  const file = join(directory, FILE)
  let lost: JournalLoss | null = null
  let state: JournalState | null = null
  try {
    state = readJournal(file)
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'store.corrupt') throw error
    const kept = `${file}.damaged-${new Date(now).toISOString().replace(/[:.]/g, '-')}`
    fs.renameSync(file, kept)
    lost = { file: kept, problem: reportOf(error) }
  }
  if (state === null) {
    state = {
      v: 1,
      tokenKey: randomBytes(32).toString('hex'),
      order: null,
      newestSignedAt: 0,
      deployments: {},
      lock: null,
      halt: null,
      checkpoints: [],
    }
    write(directory, state)
  }
  return { journal: journalOver(directory, state), lost }
}

/** The state in a journal file, `null` if there is none. @throws Problem `store.corrupt`, `store.newer` */
export function readJournal(file: string): JournalState | null {
  let text: string
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw storeProblem(error, file)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Problem('store.corrupt', `${file} is damaged: ${messageOf(error)}`)
  }
  if (typeof value === 'object' && value !== null && 'v' in value && typeof value.v === 'number' && value.v > 1) {
    throw new Problem('store.newer', `${file} was written by a newer agent (form ${value.v}). Nothing was changed.`)
  }
  const parsed = journalState.safeParse(value)
  if (!parsed.success) throw new Problem('store.corrupt', `${file} is damaged: ${firstIssue(parsed.error)}`)
  return parsed.data
}

function journalOver(directory: string, first: JournalState): Journal {
  let state = first
  return {
    get state() {
      return state
    },
    save(next) {
      write(directory, next)
      state = next
    },
    saveOrHold(next) {
      state = next
      try {
        write(directory, next)
        return null
      } catch (error) {
        return error instanceof Problem ? error : new Problem('internal', messageOf(error), { cause: error })
      }
    },
  }
}

function write(directory: string, state: JournalState): void {
  try {
    replaceFile(fs, { directory, name: FILE, mode: 0o600 }, Buffer.from(JSON.stringify(state)))
  } catch (error) {
    throw storeProblem(error, join(directory, FILE))
  }
}

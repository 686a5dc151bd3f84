import Database from 'better-sqlite3'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isProblemCode, Problem } from '../../shared/domain/problem.ts'
import { problems } from '../../shared/domain/problems.ts'
import { applyDurability, storeProblem } from '../../shared/store/sqlite-rules.ts'
import { readSpoolSize } from '../control/offline-status.ts'
import { age, raisedWords } from '../control/status.ts'
import { isolationFinding } from '../supervise/isolation-finding.ts'
import { attention, ok, type Finding, type Patient } from './finding.ts'

const MiB = 1024 * 1024
/** A generation without a model takes about 100 MiB. */
const FREE_MEMORY = { failed: 64 * MiB, attention: 192 * MiB } as const
/** Share of the spool from which samples begin to go soon. */
const FULL_SHARE = 0.8
/** A console that acknowledged nothing for so long is away, or does not listen. */
const SILENT_MS = 24 * 3_600_000
const LONG_LOCK_MS = 3_600_000

/** There is memory for one more generation: a new model is loaded beside the one that serves. */
export function checkMemory(_: Patient, freeBytes = process.availableMemory()): Finding {
  const message = `${Math.floor(freeBytes / MiB)} MiB are free`
  if (freeBytes < FREE_MEMORY.failed)
    throw new Problem('runtime.no-memory', `Only ${message}.`, { hint: 'End other programs: a runtime that finds no memory is killed.' })
  return freeBytes < FREE_MEMORY.attention
    ? attention(
        'memory',
        message,
        'A new model is loaded beside the one that serves, and takes its size three times more. End other programs.',
      )
    : ok('memory', message)
}

/** A database here keeps what it committed through a power cut. */
export function checkDurability({ directory }: Patient): Finding {
  if (!existsSync(directory)) return attention('database', 'not tried: the directory is not there yet', 'Enrol this agent first.')
  const file = join(directory, `.doctor-${process.pid}.db`)
  let db: Database.Database | null = null
  try {
    db = new Database(file)
    applyDurability(db, file)
    db.exec('CREATE TABLE written (n INTEGER) STRICT; INSERT INTO written VALUES (1)')
    return ok('database', 'commits are durable here')
  } catch (error) {
    throw storeProblem(error, file)
  } finally {
    db?.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
  }
}

/** What waits for the console is far from the limit, and the console takes it. */
export function checkBacklog({ directory, clock, config, status }: Patient): Finding {
  const { records, bytes } = status?.spool ?? readSpoolSize(join(directory, 'spool.db'))
  const share = config === null ? 0 : bytes / config.spoolMaxBytes
  const message =
    records === 0 ? 'nothing waits for the console' : `${records} records wait for the console, ${Math.ceil(share * 100)} % of the limit`
  if (share >= FULL_SHARE)
    return attention('backlog', message, 'Samples are dropped first, and each drop is told. Start the console, or raise spoolMaxBytes.')
  const lastAckAt = status?.spool.lastAckAt ?? null
  if (records > 0 && lastAckAt !== null && clock.now() - lastAckAt > SILENT_MS)
    return attention('backlog', `${message}; the last acknowledgement came ${age(clock.now() - lastAckAt)} ago`, 'Start the console.')
  return ok('backlog', message)
}

/** No application holds activation back for long. */
export function checkLock({ clock, journal, status }: Patient): Finding {
  const kept = journal?.lock ?? null
  const lock = status?.lock ?? (kept === null ? null : { ...kept, until: kept.since + kept.durationMs })
  if (lock === null || lock.until <= clock.now()) return ok('lock', 'new models may be activated')
  const message = `${lock.reason}; activation waits ${age(lock.until - clock.now())} more, held for ${age(clock.now() - lock.since)}`
  return clock.now() - lock.since > LONG_LOCK_MS
    ? attention('lock', message, 'If the application that took it is gone: muster-agent unlock')
    : ok('lock', message)
}

/** Every deployment serves what was ordered; what was rejected here is named with its cause. */
export function checkDeployments({ journal }: Patient): Finding {
  const told: string[] = []
  const hints = new Set<string>()
  for (const [name, { active, problem, rejected, state }] of Object.entries(journal?.deployments ?? {})) {
    const causes = rejected.map(({ problem: cause, digest }) => ({
      ...cause,
      message: `${digest.slice(0, 12)} was rejected: ${cause.message}`,
    }))
    for (const cause of [...causes, ...(problem === null || causes.length > 0 ? [] : [problem])]) {
      told.push(`${name}: ${cause.message} (${cause.code})`)
      const hint = cause.hint ?? (isProblemCode(cause.code) ? problems[cause.code].hint : undefined)
      if (hint !== undefined) hints.add(hint)
    }
    if (active === null) told.push(`${name} serves nothing; state ${state}`)
  }
  const count = Object.keys(journal?.deployments ?? {}).length
  if (told.length === 0) return ok('deployments', count === 0 ? 'none ordered yet' : `${count}, each with an active model`)
  return attention('deployments', told.join('; '), [...hints].join(' ') || 'The console shows why under the device.')
}

/** No detector found a change that is not over. */
export function checkDetectors({ clock, status }: Patient): Finding {
  const all = Object.entries(status?.detectors ?? {})
  const raised = all.flatMap(([name, of]) => of.raised.map((one) => `${name}: ${raisedWords(one, clock.now())}`))
  if (raised.length > 0)
    return attention('detectors', raised.join('; '), 'Look at the sensor or the client; the console shows when it began.')
  const learning = all.filter(([, of]) => of.learning.length > 0).length
  if (status === null) return ok('detectors', 'the agent does not run')
  return ok('detectors', learning === 0 ? 'no change was found' : `no change was found; ${learning} deployments still learn what is usual`)
}

/** What was damaged once, and kept under another name. */
export function checkRemains({ directory }: Patient): Finding {
  const kept = existsSync(directory)
    ? readdirSync(directory).filter((name) => /\.damaged-[^/]*$/.test(name) && !/-(wal|shm)$/.test(name))
    : []
  if (kept.length === 0) return ok('remains', 'nothing was ever found damaged')
  return attention(
    'remains',
    `found damaged and replaced: ${kept.join(', ')}`,
    'Check the disk. When nobody needs them any more, delete these files.',
  )
}

/** How models are shut in. */
export function checkIsolation({ config }: Patient): Finding {
  return config === null
    ? attention('isolation', 'not tried: the configuration cannot be read', 'Correct agent.toml.')
    : isolationFinding(config.isolation)
}

/** The last order of the console was accepted. */
export function checkOrder({ status, journal }: Patient): Finding {
  const problem = status?.order.problem ?? null
  if (problem !== null) {
    const hint = problem.hint ?? (isProblemCode(problem.code) ? problems[problem.code].hint : '')
    return attention('order', `${problem.message} (${problem.code})`, hint)
  }
  const counter = journal?.order?.assignment.counter ?? 0
  return ok('order', counter === 0 ? 'none came yet' : `number ${counter} is accepted`)
}

import * as fs from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { dueAt } from '../../../shared/domain/backup/schedule.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { BackupShown } from '../../../shared/rpc/contract/backups.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { briefReport, type Handlers } from '../../../shared/rpc/dispatch.ts'
import { checkFolder } from '../backup/keeper.ts'
import { bytesOf, neededBytes } from '../backup/make-backup.ts'
import { freeBytesAt, isSameDisk, type FoundBackup } from '../backup/places.ts'
import { planRestore, readPlan } from '../backup/restore/planned.ts'
import { sealOf } from '../backup/seal-keys.ts'
import { backupHealth } from '../backup/sentence.ts'
import { newJobId } from '../jobs/jobs.ts'
import { COPIES_FOLDER } from '../store/copy-before-migration.ts'
import type { ApiParts } from './parts.ts'

type Names =
  | 'backups.show'
  | 'backups.make'
  | 'backups.verify'
  | 'backups.remove'
  | 'backups.setSchedule'
  | 'backups.seal'
  | 'backups.planRestore'

/** Handlers of `backups.*`. */
export function backupsHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, backups, dataDirectory, now } = parts
  return {
    'backups.show': () => shownBackups(parts),
    'backups.make': (_, context) => {
      // Two at once would make two of the same; whoever asks meanwhile gets the one that runs.
      const job = backups.running ?? newJobId()
      if (backups.running === null) context.afterCommit(() => backups.make(job, 'person'))
      return { job }
    },
    'backups.verify': ({ name }, context) => {
      const job = newJobId()
      const { name: known } = backups.find(name)
      context.afterCommit(() => backups.verify(job, known))
      return { job, name: known }
    },
    'backups.remove': ({ name }, context) => {
      const { name: known, directory } = backups.removable(name)
      if (readPlan(dataDirectory)?.directory === directory)
        throw new Problem('input.invalid', `The backup ${known} is to be restored at the next start.`)
      context.afterCommit(() => {
        backups.remove(directory)
        parts.changed('backups')
      })
      return { name: known }
    },
    'backups.setSchedule': ({ seal, forget, ...change }, context) => {
      const { folder } = change
      if (folder != null) {
        if (!isAbsolute(folder)) throw new Problem('input.invalid', `'${folder}' is no whole path of a folder.`)
        checkFolder(folder, { fleet: parts.fleet, trusted: parts.keyring.roots().assignment })
      }
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
      store.settings.set('backupSchedule', { ...backups.schedule, ...given })
      if (seal !== undefined) store.settings.set('backupSeal', seal)
      if (forget !== undefined && !backups.knows(forget)) throw new Problem('backup.not-found', `No backups were ever made in ${forget}.`)
      context.afterCommit(() => {
        if (forget !== undefined) backups.forget(forget)
        backups.noteFolder()
        parts.changed('backups')
      })
      return shownBackups(parts)
    },
    'backups.seal': ({ passphrase }) => sealOf(passphrase),
    'backups.planRestore': ({ name, scope }, context) => {
      const found = name === null ? null : backups.find(name)
      if (found !== null && !found.signer.isOurs)
        throw new Problem(
          'backup.untrusted',
          `The backup ${found.name} was signed by the key ${found.signer.keyId}, which is none of this console.`,
        )
      const plan =
        found === null
          ? null
          : { directory: found.directory, backup: found.name, scope, at: now(), actor: context.caller.actor, problem: null }
      context.afterCommit(() => {
        planRestore(dataDirectory, plan)
        parts.changed('backups')
      })
      return {
        ...shownBackups(parts),
        planned: plan === null ? null : { backup: plan.backup, scope, at: plan.at, actor: plan.actor, problem: null },
      }
    },
  }
}

function shownBackups({ store, backups, dataDirectory, now }: ApiParts): ResultOf<'backups.show'> {
  const { schedule, folder, failure } = backups
  const plan = readPlan(dataDirectory)
  const restored = store.settings.get('restored')
  return {
    ...{ schedule, folder, isSameDisk: isSameDisk(folder, dataDirectory), running: backups.running },
    keys: (store.settings.get('backupSeal') ?? null) === null ? 'left-out' : 'sealed',
    nextAt: schedule.isOn ? dueAt(schedule, backups.since) : null,
    ...{ neededBytes: neededBytes(dataDirectory, folder), freeBytes: freeBytesAt(folder) },
    failure: failure === null ? null : { at: failure.at, problem: briefReport(failure.problem) },
    ...backupHealth(backups, { dataDirectory, now: now() }),
    backups: backups.list().slice(0, 1000).map(shownBackup),
    copies: copiesIn(join(dataDirectory, COPIES_FOLDER)),
    planned:
      plan === null
        ? null
        : {
            backup: plan.backup,
            scope: plan.scope,
            at: plan.at,
            actor: plan.actor,
            problem: plan.problem === null ? null : briefReport(withoutAbsentHint(plan.problem)),
          },
    restored:
      restored === undefined
        ? null
        : { backup: restored.backup, madeAt: restored.madeAt, at: restored.at, actor: restored.actor, aside: restored.aside },
  }
}

/** A backup as the interface shows it. */
export function shownBackup({ name, manifest, signer, verifiedAt, fault }: FoundBackup): BackupShown {
  const { madeAt, reason, devices, madeBy, files, artifacts } = manifest
  return {
    ...{ name, madeAt, reason, devices, madeBy, verifiedAt, fault },
    ...{ bytes: bytesOf(manifest), artifacts: artifacts.length, isOurs: signer.isOurs, keyId: signer.keyId },
    keys: files.some((file) => file.name === 'keys.sealed') ? 'sealed' : 'left-out',
  }
}

function copiesIn(directory: string): { file: string; bytes: number; madeAt: number }[] {
  let names: string[]
  try {
    names = fs.readdirSync(directory).filter((name) => name.endsWith('.db'))
  } catch {
    return []
  }
  return names.flatMap((name) => {
    const stat = fs.statSync(join(directory, name), { throwIfNoEntry: false })
    return stat === undefined ? [] : [{ file: join(directory, name), bytes: stat.size, madeAt: Math.round(stat.mtimeMs) }]
  })
}

function withoutAbsentHint({ code, message, hint }: { code: string; message: string; hint?: string | undefined }) {
  return hint === undefined ? { code, message } : { code, message, hint }
}

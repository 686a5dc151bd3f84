import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { freeBytesAt } from '../backup/places.ts'
import { nextCounter, resendDesired } from '../deployments/assign.ts'
import { epochOf } from '../deployments/epoch.ts'
import { newJobId } from '../jobs/jobs.ts'
import { existingFolder, writableFolder } from '../usb/folder.ts'
import { importReceipts } from '../usb/import-receipts.ts'
import { carriedMessages } from '../usb/messages.ts'
import { artifactDirectoryOf, planCarry, type Planned } from '../usb/plan.ts'
import { writeFolder } from '../usb/write-folder.ts'
import type { ApiParts } from './parts.ts'

type Names = Extract<keyof Handlers, `carry.${string}`>

/** Handlers of `carry.*`. */
export function carryHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, jobs, now } = parts
  return {
    'carry.preview': ({ query, everything, folder }) => {
      const planned = planCarry(parts, { query, everything })
      const { files } = carriedMessages(parts, namesOf(planned))
      return {
        ...{ devices: planned.devices, skipped: planned.skipped, expiresAt: planned.expiresAt },
        files: planned.artifacts.size + files.size,
        bytes: sumOf(planned.artifacts.values()) + sumOf([...files.values()].map(({ length }) => length)),
        freeBytes: folder === null ? null : freeBytesAt(existingFolder(folder)),
      }
    },
    'carry.export': ({ query, everything, folder }, context) => {
      const target = existingFolder(folder)
      const earlier = writableFolder(target, parts.dataDirectory)
      // What is carried lives for days: nothing in it may be older than it must be.
      parts.trust.repository.renew()
      const planned = planCarry(parts, { query, everything })
      for (const device of namesOf(planned)) resendDesired(parts, device, now())
      const number = nextCounter(store.carries.highest(), now())
      const job = newJobId()
      const row = { number, createdAt: now(), expiresAt: planned.expiresAt, actor: context.caller.actor, folder: target }
      store.carries.add({ ...row, devices: namesOf(planned), bytes: 0, state: 'writing' })
      context.afterCommit(() => {
        parts.onOutbox()
        exportInBackground(parts, { job, planned, earlier, ...row })
      })
      return { job, number }
    },
    'carry.import': ({ folder }, context) => {
      const target = existingFolder(folder)
      const job = newJobId()
      const { actor } = context.caller
      context.afterCommit(() =>
        jobs.run(job, { kind: 'carry-import', title: `Import from ${target}` }, (work) =>
          importReceipts(parts, { folder: target, actor }, work),
        ),
      )
      return { job }
    },
    'carry.list': () => listed(parts),
  }
}

interface Export {
  job: string
  planned: Planned
  earlier: readonly string[]
  number: number
  createdAt: number
  expiresAt: number
  folder: string
}

function exportInBackground(parts: ApiParts, { job, planned, ...row }: Export): void {
  const { store, fleet } = parts
  const settle = (state: 'written' | 'failed', bytes: number): void => {
    store.transact(() => store.carries.settle(row.number, state, bytes))
    parts.changed('deployments')
  }
  parts.jobs.run(job, { kind: 'carry-export', title: `Export to ${row.folder}` }, async (work) => {
    try {
      const { artifacts } = planned
      const content = {
        ...row,
        ...carriedMessages(parts, namesOf(planned)),
        artifacts,
        fleet,
        epoch: epochOf(store),
        artifactDirectory: artifactDirectoryOf(parts),
      }
      const written = await writeFolder(content, parts.keyring, work)
      settle('written', written.bytes)
      return written
    } catch (error) {
      settle('failed', 0)
      throw error
    }
  })
}

function listed({ store }: ApiParts): ResultOf<'carry.list'> {
  return {
    exports: store.carries.newest(100),
    receipts: store.carries.lastReceipts().map(({ device, carryNumber, issuedAt, importedAt, actor, applied, deployments, records }) => ({
      ...{ device, number: carryNumber, issuedAt, importedAt, actor, applied, deployments, records },
    })),
  }
}

function namesOf({ devices }: Planned): string[] {
  return devices.map(({ device }) => device)
}

function sumOf(sizes: Iterable<number>): number {
  return [...sizes].reduce((sum, one) => sum + one, 0)
}

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { sourcesHandlers } from '../../electron/core/api/sources.ts'
import { startJobs } from '../../electron/core/jobs/jobs.ts'
import { openRegistry } from '../../electron/core/registry/registry.ts'
import { openSources } from '../../electron/core/registry/sources/sources.ts'
import { openFleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../electron/core/store/fleet/open.ts'
import { stageOfRow } from '../../electron/core/store/fleet/version-decisions.ts'
import { openKeyring } from '../../electron/core/trust/keys.ts'
import { openSecretBox } from '../../electron/core/trust/secret-box.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { contract, type InputOf, type MethodName, type OutputOf } from '../../shared/rpc/contract.ts'
import type { CommandContext } from '../../shared/rpc/dispatch.ts'
import { T0, temporaryDirectory } from './fleet.ts'

type SourceMethod = Extract<MethodName, `sources.${string}` | `mlflow.${string}`>

/** Sources over a real store, a real registry and real keys; only the clock is played. */
export type SourceDesk = ReturnType<typeof openSourceDesk>

/** Opens it in a folder of its own, or in one that another desk has left. */
export function openSourceDesk(directory = temporaryDirectory()) {
  const dataDirectory = join(directory, 'data')
  mkdirSync(dataDirectory, { recursive: true })
  const db = openFleet(join(dataDirectory, 'fleet.db'))
  const store = openFleetStore(db, undefined, openSecretBox(Buffer.alloc(32, 7).toString('base64')))
  const clock = { at: T0 }
  const now = (): number => clock.at
  const keyring = openKeyring(join(dataDirectory, 'keys'))
  const registry = openRegistry({
    ...{ db, keyring, now, artifactDirectory: join(dataDirectory, 'artifacts'), workDirectory: join(dataDirectory, 'work') },
  })
  const jobs = startJobs({ onChange: () => undefined, now })
  const logged: string[] = []
  const locked = { isLocked: false }
  const sources = openSources({
    ...{ store, registry, jobs, dataDirectory, now, random: () => 0.5, fleetName: () => 'Plant' },
    requireKeys() {
      if (locked.isLocked) throw new Problem('trust.locked', 'The keys are locked.')
    },
    log: (_, message) => void logged.push(message),
    changed: () => undefined,
  })
  const end = sources.start()
  const parts = { store, sources, registry, dataDirectory, now, changed: () => undefined }
  const handlers = sourcesHandlers(parts) as Record<SourceMethod, (input: unknown, context: unknown) => unknown>

  async function call<Name extends SourceMethod>(method: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
    const effects: (() => void)[] = []
    const context: CommandContext = { caller: { actor: 'test:anna', role: 'admin' }, afterCommit: (effect) => void effects.push(effect) }
    const parsed = contract[method].input.parse(input)
    const work = (): unknown => handlers[method](parsed, context)
    const made: unknown = await (contract[method].kind === 'command' ? store.transact(work) : work())
    for (const effect of effects) effect()
    return contract[method].output.parse(made) as OutputOf<Name>
  }

  /** Waits for a job to end. */
  async function ended(job: string): Promise<ReturnType<typeof jobs.show>> {
    for (;;) {
      const shown = jobs.show(job)
      if (shown.state !== 'running') return shown
      await new Promise((done) => setTimeout(done, 5))
    }
  }

  let isOpen = true
  async function close(): Promise<void> {
    if (!isOpen) return
    isOpen = false
    await end()
    await jobs.stop()
    await registry.stop()
    db.close()
  }
  onTestFinished(async () => {
    await close()
    rmSync(directory, { recursive: true, force: true })
  })
  return {
    ...{ directory, dataDirectory, store, registry, jobs, sources, clock, logged, locked, call, ended, close },
    /** Looks once, and waits for the imports that it began. */
    async look(): Promise<void> {
      await sources.look()
      for (const { job } of jobs.list(100)) await ended(job)
    },
    /** Names of all versions, with their stage. */
    versions: (): string[] => store.versionDecisions.standings().map((row) => `${row.model}@${row.version} ${stageOfRow(row)}`),
  }
}

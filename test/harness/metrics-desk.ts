import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { metricsHandlers } from '../../electron/core/api/metrics.ts'
import { commandRunner } from '../../electron/core/api/run-command.ts'
import { tokensHandlers } from '../../electron/core/api/tokens.ts'
import { noCounters } from '../../electron/core/hub/ingest-counters.ts'
import { openLogQueue } from '../../electron/core/metrics/log-queue.ts'
import { openMetrics } from '../../electron/core/metrics/open-metrics.ts'
import { onlyCurrent } from '../../electron/core/people/only-current.ts'
import { openPeople } from '../../electron/core/people/open-people.ts'
import { serve, type Served } from '../../electron/core/serve/serve.ts'
import { openUploads } from '../../electron/core/serve/uploads.ts'
import { openTelemetryQueries } from '../../electron/core/store/telemetry/queries.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import type { InputOf, MethodName, OutputOf } from '../../shared/rpc/contract.ts'
import { contract } from '../../shared/rpc/contract.ts'
import { createDispatch, type Handlers } from '../../shared/rpc/dispatch.ts'
import { problemFrom } from '../../shared/domain/problem.ts'
import { fleetStore, T0, temporaryDirectory } from './fleet.ts'
import { cheapPasswords } from './people-desk.ts'

const KEY = 'the-key-of-the-console'

/** Metrics of a console over real stores, served on loopback; the hub is played. */
export async function openMetricsDesk() {
  const directory = temporaryDirectory()
  const store = fleetStore(directory)
  const writer = openTelemetryWriter(join(directory, 'telemetry.db'))
  const telemetry = openTelemetryQueries(join(directory, 'telemetry.db'))
  const hub = { broker: { state: 'running' as const, problem: null }, counters: { ...noCounters, records: 12 } }
  const logs = openLogQueue(() => T0)
  const logged: { level: string; message: string }[] = []
  const log = logs.tap((level, message) => void logged.push({ level, message }))
  const consoleKey = { current: () => KEY, uploads: 'uploads', renew: () => () => undefined }
  let served: Served | null = null
  const people = openPeople({ store, now: () => T0, consoleKey, url: () => null, listeners: () => [], passwords: cheapPasswords() })
  const metrics = openMetrics({
    ...{ store, telemetry, logs, log, version: '1.2.3', startedAt: T0, now: () => Date.now(), random: () => 0.5 },
    ...{ hub: () => hub, backups: () => ({ since: T0, failure: null }), fleet: () => 'plant', url: () => served?.url ?? null },
    changed: () => undefined,
  })
  metrics.start()
  const answered = createDispatch({
    handlers: {
      ...metricsHandlers({ store, metrics, changed: () => undefined }),
      ...tokensHandlers({ store, people, now: () => T0, changed: () => undefined }),
    } as unknown as Handlers,
    runCommand: commandRunner(store, () => T0),
    checksOutput: true,
    onInternal: (error) => {
      throw error
    },
  })
  const dispatch = onlyCurrent(answered, people)
  const uploads = openUploads(join(directory, 'uploads'), () => T0)
  served = await serve({
    ...{ host: '127.0.0.1', port: 0, access: people.access, dispatch, uploads, log: () => undefined },
    scrape: (accept) => metrics.scrape(accept),
  })
  const { url } = served
  onTestFinished(async () => {
    await metrics.stop()
    await served?.stop()
    people.stop()
    telemetry.close()
    writer.close()
  })
  const caller = people.access.greet({ token: KEY, client: 'cli' })
  return {
    ...{ store, writer, metrics, hub, log, logged, url, token: KEY },
    /** Calls as the owner; @throws Problem of the answer */
    async call<Name extends MethodName>(method: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
      const id = contract[method].kind === 'command' ? { commandId: randomUUID() } : {}
      const answer = await dispatch({ id: 1, method, input, ...id }, caller)
      if (!answer.ok) throw problemFrom(answer.error as { code: string; message: string })
      return answer.output as OutputOf<Name>
    },
    /** The secret of a new token. */
    async newToken(of: { name: string; methods: string[] | null }): Promise<string> {
      const { ticket, secret } = await this.call('tokens.prepare', {})
      await this.call('tokens.create', { ticket, role: 'viewer', days: 30, ...of })
      return secret
    },
    scrape: (token: string | null, path = '/metrics', headers: Record<string, string> = {}) =>
      fetch(url + path, { headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers } }),
  }
}

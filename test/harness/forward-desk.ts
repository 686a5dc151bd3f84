import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { commandRunner } from '../../electron/core/api/run-command.ts'
import { forwardHandlers } from '../../electron/core/api/forward.ts'
import type { ApiParts } from '../../electron/core/api/parts.ts'
import { startForwarding } from '../../electron/core/forward/forwarding.ts'
import type { FleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { contract, type InputOf, type MethodName, type OutputOf } from '../../shared/rpc/contract.ts'
import type { CommandContext } from '../../shared/rpc/dispatch.ts'
import { fleetStore, T0 } from './fleet.ts'
import { monitoredStore, type MonitoredStore } from './monitored-store.ts'

type ForwardMethod = Extract<MethodName, `forward.${string}`>

/** Data going out, over real stores; the clock is the test's. */
export function openForwardDesk(of: { store?: FleetStore; telemetry?: MonitoredStore; clock?: { at: number } } = {}) {
  const telemetry = of.telemetry ?? monitoredStore()
  const store = of.store ?? fleetStore()
  const clock = of.clock ?? { at: T0 }
  const now = (): number => clock.at
  const forwarding = startForwarding({
    ...{ store, copies: telemetry.queries.copies, fleet: () => 'plant', now, log: () => undefined, onChange: () => undefined },
    ...{ random: () => 0.5, idleMs: 50 },
  })
  let isStopped = false
  /** As a console that ends; places stay in the store. */
  const stop = async (): Promise<void> => {
    if (!isStopped) await forwarding.stop()
    isStopped = true
  }
  onTestFinished(stop)
  const parts = { store, forwarding, now, fleet: 'plant', changed: () => undefined } as unknown as ApiParts
  const handlers = forwardHandlers(parts) as Record<string, unknown>
  const run = commandRunner(store, now)

  async function call<Name extends ForwardMethod>(method: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
    const parsed = contract[method].input.parse(input)
    const caller = { actor: 'kim', role: 'admin' as const }
    const work = (context: CommandContext): unknown => (handlers[method] as (input: unknown, of: unknown) => unknown)(parsed, context)
    const isCommand = contract[method].kind === 'command'
    const output = isCommand ? run({ method, input: parsed, commandId: randomUUID(), caller }, work) : await work(caller as never)
    return contract[method].output.parse(JSON.parse(JSON.stringify(output))) as OutputOf<Name>
  }
  return { store, telemetry, clock, forwarding, call, stop, give: telemetry.give }
}

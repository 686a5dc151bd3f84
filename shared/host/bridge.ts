import { z } from 'zod'
import { Problem, problemFrom } from '../domain/problem.ts'
import { hostContract, type HostInputOf, type HostMethodName, type HostOutputOf } from './contract.ts'

/** What the preload exposes as `window.muster`; `undefined` in a browser. However many host methods there are, it stays this small. */
export interface HostBridge {
  /** Asks for a new port to the core; it arrives as the window message `{muster:'port'}` with the port in `event.ports[0]`. */
  connect(): void
  /** Calls a method of `hostContract`; resolves to a `HostAnswer` and never rejects. Use `callHost`. */
  call(method: string, input: unknown): Promise<unknown>
}

/** The answer of the main process: errors cross the bridge as data, because Electron keeps only their message. */
export const hostAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), output: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }) }),
])
export type HostAnswer = z.infer<typeof hostAnswer>

/** Calls a method of the desktop, typed by the contract. @throws Problem */
export async function callHost<Name extends HostMethodName>(
  bridge: HostBridge,
  method: Name,
  input: HostInputOf<Name>,
): Promise<HostOutputOf<Name>> {
  const answer = hostAnswer.safeParse(await bridge.call(method, input))
  if (!answer.success) throw new Problem('internal', `${method} was answered with something that is no answer.`)
  if (answer.data.ok) return hostContract[method].output.parse(answer.data.output) as HostOutputOf<Name>
  const { code, message, hint } = answer.data.error
  throw problemFrom(hint === undefined ? { code, message } : { code, message, hint })
}

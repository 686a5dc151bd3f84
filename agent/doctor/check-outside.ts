import { once } from 'node:events'
import { createServer } from 'node:net'
import { errorCodeOf, messageOf, Problem, problemFrom } from '../../shared/domain/problem.ts'
import { age } from '../control/status.ts'
import { shownFingerprint } from '../../shared/protocol/certificate.ts'
import { certificateSummary, readCredentials } from '../identity/credentials.ts'
import type { Identity } from '../identity.ts'
import { dial } from '../mqtt/dial.ts'
import { waysOf, type Way } from '../mqtt/ways.ts'
import { attention, ok, type Finding, type Patient } from './finding.ts'

const DIAL_MS = 8000

/** The broker lets this device in. A running agent is asked instead: a second connection of one device would throw out the first. */
export async function checkBroker({ directory, identity, status }: Patient): Promise<Finding> {
  if (status !== null) {
    if (status.broker.connected) return ok('broker', `connected to ${status.broker.url}`)
    const { code, message, hint } = status.broker.problem ?? { code: 'broker.unreachable', message: 'The agent is not connected yet.' }
    throw problemFrom({ code, message, ...(hint === undefined ? {} : { hint }) })
  }
  if (identity === null) return attention('broker', 'not tried: this agent has no identity', 'Enrol it first.')
  const held = readCredentials(directory)
  const ways = waysOf(identity, held)
  // A certificate that was never used comes after the one that counts: its first use takes that one back.
  const now = identity.tls === undefined ? undefined : ways.find(({ uses }) => uses !== null && uses === held?.current)
  const [first, ...others] = now === undefined ? ways : [now, ...ways.filter((way) => way !== now)]
  try {
    return await tryWay(identity, first!)
  } catch (error) {
    for (const way of others) {
      const found = await tryWay(identity, way).catch(() => null)
      if (found !== null) return found
    }
    throw error
  }
}

async function tryWay({ device }: Identity, { url, login, tls }: Way): Promise<Finding> {
  const client = await dial({ url, clientId: device, ...login, tls, timeoutMs: DIAL_MS })
  await client.endAsync()
  return ok('broker', `${url} lets this device in${tls === null ? '' : ' by its certificate'}`)
}

/** How long after its time a renewal is looked for each hour before it is worth a word. */
const OVERDUE_MS = 86_400_000

/** The certificate of the device counts, and is renewed in time. */
export function checkCertificate({ directory, clock, identity }: Patient): Finding {
  if (identity === null) return ok('certificate', 'none yet')
  const held = certificateSummary(readCredentials(directory), identity)
  if (held === null && identity.tls === undefined) return ok('certificate', 'none; the connection is by name and secret')
  if (held === null)
    throw new Problem('certificate.key-invalid', 'The connection is by certificate, and there is none.', {
      hint: 'Enrol this agent again with --force.',
    })
  const now = clock.now()
  const shown = `${shownFingerprint(held.fingerprint)}, until ${new Date(held.notAfter).toISOString()}`
  const again = 'It is renewed when the console is heard. Once it has ended, enrol this agent again with --force.'
  if (now >= held.notAfter && held.isUsed) return { check: 'certificate', state: 'failed', message: `${shown}: it has ended`, hint: again }
  if (now >= held.renewAt + OVERDUE_MS) return attention('certificate', `${shown}; it should have been renewed`, again)
  return ok('certificate', held.isUsed ? shown : `${shown}; not used on this connection`)
}

/** The local API listens, or its port is free. */
export async function checkPort({ config, status }: Patient): Promise<Finding> {
  if (status?.httpUrl != null) return ok('port', `the local API listens on ${status.httpUrl}`)
  if (config === null) return attention('port', 'not tried: the configuration cannot be read', 'Correct agent.toml.')
  const { httpHost: host, httpPort: port } = config
  const server = createServer()
  try {
    server.listen({ host, port })
    await once(server, 'listening')
  } catch (error) {
    if (errorCodeOf(error) === 'EADDRINUSE')
      throw new Problem('port.in-use', `Another program listens on ${host}:${port}.`, { cause: error })
    throw new Problem('input.invalid', `${host}:${port} cannot be listened on: ${messageOf(error)}`, { cause: error })
  } finally {
    server.close()
  }
  return ok('port', port === 0 ? 'any free port is taken at the start' : `${host}:${port} is free`)
}

/** Signed times may be a little ahead of a sound clock. */
const TOLERATED_MS = 300_000
/** A clock before this was never set. */
const SET_CLOCK = Date.UTC(2024, 0, 1)

/** The clock is not behind the newest time that the console signed, and the order has not run out. */
export function checkClock({ clock, journal }: Patient): Finding {
  const now = clock.now()
  const shown = new Date(now).toISOString()
  const signed = journal?.newestSignedAt ?? 0
  const hint = 'Set the clock, or start a time service. Records are kept in order all the same.'
  if (now < SET_CLOCK) return attention('clock', `it stands at ${shown}`, hint)
  if (signed - now > TOLERATED_MS) return attention('clock', `it stands at ${shown}, ${age(signed - now)} behind the newest order`, hint)
  const expiresAt = journal?.order?.assignment.expiresAt
  if (expiresAt !== undefined && expiresAt <= now) {
    return attention(
      'clock',
      `${shown}; the order expired ${age(now - expiresAt)} ago by this clock`,
      'Start the console so that it issues a fresh order, or set the clock.',
    )
  }
  return ok('clock', shown)
}

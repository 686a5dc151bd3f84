import type { X509Certificate } from 'node:crypto'
import { TLSSocket, type SecureVersion } from 'node:tls'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { errorCodeOf, messageOf, Problem } from '../../shared/domain/problem.ts'

/** Seconds between signs of life; the broker gives a device up after one and a half times that. */
export const KEEPALIVE_SECONDS = 30

/** What one connection is made with. */
export interface DialOptions {
  url: string
  clientId: string
  username: string
  /** null: none, the certificate says who it is. */
  password: string | null
  /** Certificate of the device, and whom it trusts as a broker; left out: the authorities of the system. */
  tls?: { key: string; cert: string; ca: readonly string[] } | null
  /** Looks at the certificate of the broker in place of the library: for an enrolment, whose answer proves it. */
  inspect?(certificate: X509Certificate, isTrusted: boolean): void
  will?: { topic: string; payload: Buffer; qos: 0 | 1; retain: boolean }
  /** Until CONNACK, ms. */
  timeoutMs: number
  signal?: AbortSignal
}

/**
 * Opens one MQTT 3.1.1 connection with a clean session. It never reconnects by itself: each connection is a client of its own, so that
 * nothing of an earlier one is replayed.
 * @throws Problem `broker.unreachable`, `broker.refused` (the CONNACK said no)
 */
export function dial(options: DialOptions): Promise<MqttClient> {
  const client = mqtt.connect(options.url, clientOptions(options))
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
      client.removeAllListeners()
      // Errors after this belong to the connection; 'close' follows each of them.
      client.on('error', () => undefined)
      outcome()
    }
    const fail = (problem: Problem): void => {
      settle(() => {
        client.end(true)
        reject(problem)
      })
    }
    const onAbort = (): void => fail(new Problem('cancelled', 'Connecting was cancelled.'))
    const timer = setTimeout(
      () => fail(unreachable(options.url, `no answer within ${Math.round(options.timeoutMs / 1000)} s`)),
      options.timeoutMs,
    )
    options.signal?.addEventListener('abort', onAbort)
    if (options.signal?.aborted === true) onAbort()
    client.once('connect', () => {
      const { stream } = client
      const peer = stream instanceof TLSSocket ? stream.getPeerX509Certificate() : undefined
      if (peer !== undefined && stream instanceof TLSSocket) options.inspect?.(peer, stream.authorized)
      settle(() => resolve(client))
    })
    client.once('error', (error) => fail(connectProblem(options, error)))
    client.once('close', () => fail(unreachable(options.url, 'the connection was closed before it was accepted')))
  })
}

function clientOptions(options: DialOptions): IClientOptions {
  return {
    clientId: options.clientId,
    username: options.username,
    ...(options.password === null ? {} : { password: options.password }),
    ...tlsOptions(options),
    protocolVersion: 4,
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    reconnectPeriod: 0,
    connectTimeout: options.timeoutMs,
    queueQoSZero: false,
    resubscribe: false,
    ...(options.will === undefined ? {} : { will: options.will }),
  }
}

function tlsOptions({ tls, inspect }: DialOptions): IClientOptions & TlsOptions {
  const own = tls == null ? {} : { key: tls.key, cert: tls.cert, ca: [...tls.ca], minVersion: 'TLSv1.3' as const }
  return inspect === undefined ? own : { ...own, minVersion: 'TLSv1.3', rejectUnauthorized: false }
}

/** What the library hands to `tls.connect` without naming it in its types. */
interface TlsOptions {
  minVersion?: SecureVersion
}

function unreachable(url: string, why: string, cause?: unknown): Problem {
  return new Problem('broker.unreachable', `The broker at ${url} cannot be reached: ${why}.`, { cause })
}

/** CONNACK codes 1 to 5 arrive as a numeric `code`; system errors carry a text. */
function connectProblem({ url, clientId, tls }: DialOptions, error: Error & { code?: unknown }): Problem {
  if (typeof error.code === 'number') {
    const hint = `The certificate of this device was revoked, replaced, or has ended. Ask the operator: muster devices trust ${clientId}`
    return new Problem('broker.refused', `The broker at ${url} refused the connection: ${error.message}.`, {
      ...(tls == null ? {} : { hint }),
      cause: error,
    })
  }
  const code = errorCodeOf(error)
  if (code !== undefined && tlsCodes.test(code))
    return new Problem(
      'certificate.untrusted-broker',
      `The broker at ${url} shows a certificate that this device does not trust: ${code}.`,
      {
        cause: error,
      },
    )
  // Without a code it is the decoder that could not read what came.
  return unreachable(url, code ?? `what answers there is no MQTT broker (${messageOf(error)})`, error)
}

/** Codes with which Node turns the certificate of a server down. */
const tlsCodes = /^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH)/

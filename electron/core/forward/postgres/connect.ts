import { checkServerIdentity } from 'node:tls'
import { Client } from 'pg'
import type { PostgresForward } from '../../../../shared/domain/forward.ts'
import { errorCodeOf, messageOf, Problem } from '../../../../shared/domain/problem.ts'
import { prepareSchema } from './schema.ts'

/** What is needed to reach a database. */
export type PostgresPlace = Omit<PostgresForward, 'kind' | 'name'>

const CONNECT_TIMEOUT_MS = 10_000
/** A batch takes far less; a server that says nothing for so long is tried again. */
const QUERY_TIMEOUT_MS = 60_000

/**
 * Connects, and makes the schema where it is missing.
 * @param onLost told once if the connection ends by itself
 * @throws Problem `forward.unreachable`, `forward.refused`, `forward.insecure`, `forward.schema`
 */
export async function connectPostgres(place: PostgresPlace, onLost: () => void = () => undefined): Promise<Client> {
  const { host, port, database, user, password, tls, ca, schema } = place
  const client = new Client({
    ...{ host, port, database, user, application_name: 'muster', keepAlive: true },
    // A function: an empty password must not become the one of the environment of this process.
    password: () => password ?? '',
    ...{ connectionTimeoutMillis: CONNECT_TIMEOUT_MS, query_timeout: QUERY_TIMEOUT_MS, statement_timeout: QUERY_TIMEOUT_MS },
    ssl:
      tls === 'off'
        ? false
        : {
            ...(ca === null ? {} : { ca }),
            minVersion: 'TLSv1.2',
            // The library names no host for addresses, and Node would compare the certificate with `localhost`.
            checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
          },
  })
  client.on('error', onLost)
  try {
    await client.connect()
    await prepareSchema(client, schema)
    return client
  } catch (error) {
    await closePostgres(client)
    throw postgresProblem(error, place)
  }
}

/** Ends a connection, also one that is dead. */
export async function closePostgres(client: Client): Promise<void> {
  await Promise.race([client.end().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 2000).unref())])
}

/** What went wrong, in the words of the product. */
export function postgresProblem(error: unknown, { host, port, database, user }: PostgresPlace): Problem {
  if (error instanceof Problem) return error
  const code = errorCodeOf(error) ?? ''
  const said = messageOf(error instanceof AggregateError ? (error.errors[0] ?? error) : error)
  const at = `PostgreSQL at ${host}:${port}`
  const cause = { cause: error }
  // 28: no such role or password; 3D: no such database; 42501: no right.
  if (code.startsWith('28') || code.startsWith('3D') || code === '42501')
    return new Problem('forward.refused', `${at} does not let ${user} write to ${database}: ${said}`, cause)
  if (isTlsFault(code, said)) return new Problem('forward.insecure', `No encrypted connection to ${at}: ${said}. Nothing was sent.`, cause)
  return new Problem('forward.unreachable', `${at} cannot be written to: ${said}`, cause)
}

function isTlsFault(code: string, said: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code) || /does not support SSL|certificate/i.test(said)
}

import { z } from 'zod'
import { certificatePem, certificateRequestDer } from '../../protocol/pem.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const empty = z.strictObject({})
const name = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9.:-]+$/, 'a name or address')

/** What an external broker needs to know devices and console by their certificates: the result of `broker.makeExternal`. */
export const externalBrokerPapers = z.object({
  fleet: text(64),
  ca: certificatePem,
  certificate: certificatePem.describe('For the key of the request, under the names.'),
  revoked: text(2_000_000).describe('Revocation list, PEM.'),
})
export type ExternalBrokerPapers = z.infer<typeof externalBrokerPapers>

export const brokerMethods = {
  'broker.trust': query(
    'The authority of the fleet, the certificate of the broker, and by what devices come in.',
    empty,
    z.object({
      authority: z
        .object({ certificate: text(8192), fingerprint: text(64), notAfter: epochMs })
        .nullable()
        .describe('null: nobody has needed one yet.'),
      server: z
        .object({ names: z.array(text(253)), notAfter: epochMs, fingerprint: text(64) })
        .nullable()
        .describe('null: the broker is without TLS, or an external one.'),
      devices: z.object({ certificate: count, secret: count, revoked: count, quarantined: count }),
    }),
  ),
  'broker.revocationList': query(
    'Certificates that were taken back, as a list that other brokers read (PEM).',
    empty,
    z.object({ pem: text(2_000_000), revoked: count }),
  ),
  'broker.makeExternal': command(
    'Issues what an external broker needs to know devices and console by certificates: its certificate for the key of a request, the list of what was taken back, and a certificate of the console. The result of the job has the papers.',
    z.strictObject({
      csr: certificateRequestDer,
      names: z.array(name).min(1).max(32),
      enrolPort: z.int().min(1).max(65_535).describe('Listener on which devices enrol.'),
      password: z.string().min(16).max(128).describe('Of that listener: it lets a device ask, nothing else.'),
    }),
    z.object({ job: text(64) }),
    'admin',
  ),
} as const

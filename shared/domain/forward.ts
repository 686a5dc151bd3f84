import { z } from 'zod'
import { text } from '../protocol/message.ts'

/** Kinds of event that a webhook can be told of; alerts have channels of their own. */
export const forwardEventKinds = ['rollout', 'deployment', 'model', 'device', 'audit'] as const
export type ForwardEventKind = (typeof forwardEventKinds)[number]

/** What each kind tells. */
export const forwardEventWords: Record<ForwardEventKind, string> = {
  rollout: 'Steps of rollouts: started, waves, gates, held, ended.',
  deployment: 'Orders to devices, and what became of a model on a device.',
  model: 'Versions imported, approved, withdrawn; aliases moved.',
  device: 'Devices enrolled, changed and removed, and what they tell of themselves.',
  audit: 'Every entry of the audit log.',
}

/** Name of a schema in PostgreSQL: no quotes are ever needed. */
export const schemaName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'small letters, digits and _, beginning with a letter')
  .refine((name) => !name.startsWith('pg_'), 'pg_ is for PostgreSQL itself')

/** Where data goes out to, as a person sets it. Secrets are sealed at rest and never given back. */
export const forwardInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('webhook'),
    name: text(64),
    url: text(2048),
    secret: text(512).nullable().default(null).describe('Key of the HMAC signature (Standard Webhooks); null: none, or as it is.'),
    allowsPrivate: z.boolean().default(false).describe('May the address be in a private or loopback network.'),
    events: z.array(z.enum(forwardEventKinds)).min(1),
    persons: z.boolean().default(false).describe('Entries of the audit log go out with the names of people; else with references to them.'),
  }),
  z.strictObject({
    kind: z.literal('postgres'),
    name: text(64),
    host: text(255),
    port: z.int().min(1).max(65_535).default(5432),
    database: text(63),
    user: text(63),
    password: text(512).nullable().default(null).describe('null: none, or as it is.'),
    tls: z
      .enum(['verify', 'off'])
      .default('verify')
      .describe(
        'verify: encrypted, and the certificate must be of that host; off: in the open, on this machine or a network that is trusted.',
      ),
    ca: text(64_000).nullable().default(null).describe('Certificates of authorities (PEM) that count in place of those of the system.'),
    schema: schemaName.default('muster'),
  }),
])
export type ForwardInput = z.infer<typeof forwardInput>
export type WebhookForward = Extract<ForwardInput, { kind: 'webhook' }>
export type PostgresForward = Extract<ForwardInput, { kind: 'postgres' }>

/** Records that are copied, by table. Samples and labels stay on the console: they can be about people, and an erasure must reach every copy. */
export const copiedTables = ['windows', 'events', 'resources', 'ledgers', 'drops', 'shadows', 'quarantine'] as const
export type CopiedTable = (typeof copiedTables)[number]

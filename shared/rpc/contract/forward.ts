import { z } from 'zod'
import { copiedTables, forwardEventKinds, forwardInput } from '../../domain/forward.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, entrance, query } from '../method.ts'

const empty = z.strictObject({})
const forward = text(64).describe('Id of a way out.')
const one = z.strictObject({ forward })
const problem = z.object({ code: text(64), message: text(2000), at: epochMs })

const shown = z.object({
  forward,
  name: text(64),
  state: z.enum(['running', 'paused']),
  target: text(2048).describe('Where it goes, for people.'),
  settings: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('webhook'),
      url: text(2048),
      allowsPrivate: z.boolean(),
      events: z.array(z.enum(forwardEventKinds)),
      persons: z.boolean(),
    }),
    z.object({
      kind: z.literal('postgres'),
      host: text(255),
      port: count,
      database: text(63),
      user: text(63),
      tls: z.enum(['verify', 'off']),
      ca: text(64_000).nullable(),
      schema: text(63),
    }),
  ]),
  hasSecret: z.boolean(),
  setAt: epochMs,
  lastAt: epochMs.nullable().describe('When anything last went out.'),
  problem: problem.nullable().describe('Why nothing goes out now; null: nothing is wrong.'),
  waiting: count.describe('Webhook: events in its outbox. PostgreSQL: records that are not there yet, at most.'),
  failed: count.describe('Events that were given up; `forward.retry` sends one again.'),
  waitingSince: epochMs.nullable().describe('When the oldest record came that is not in PostgreSQL yet.'),
  backfill: z
    .object({ done: count, total: count })
    .nullable()
    .describe('Of what was stored when the copy was made; null: nothing, or no copy.'),
  tables: z
    .array(
      z.object({
        table: z.enum(copiedTables),
        copied: count.describe('Records that are in their table there.'),
        refused: count.describe('Records that PostgreSQL cannot hold; each is named in `quarantine`.'),
        missed: count.describe('Records at most that retention removed here before they were copied.'),
        waiting: count,
      }),
    )
    .describe('PostgreSQL only.'),
})
export type ForwardShown = z.infer<typeof shown>

const event = z.object({
  event: count,
  id: text(256).describe('Of the CloudEvent: the same at every attempt.'),
  type: text(128),
  title: text(256),
  state: z.enum(['waiting', 'delivered', 'failed']),
  attempts: count,
  nextAt: epochMs.nullable(),
  createdAt: epochMs,
  deliveredAt: epochMs.nullable(),
  problem: text(2000).nullable(),
})
export type ForwardEventShown = z.infer<typeof event>

export const forwardMethods = {
  'forward.list': query('Where data goes out to, and how it stands.', empty, z.object({ forwards: z.array(shown) })),
  'forward.status': query('How one way out stands.', one, shown),
  'forward.set': command(
    'Makes a way out, or changes one. A webhook is told what happens from now on; a copy begins with what is stored. Secrets that are not given stay, if the receiver does.',
    z.strictObject({ forward: forward.optional().describe('Absent: a new one.'), set: forwardInput }),
    shown,
    'admin',
  ),
  'forward.pause': command('Stops a way out; what there is to send waits where it is.', one, shown, 'admin'),
  'forward.resume': command(
    'Goes on where it stopped.',
    one.extend({ skip: z.boolean().default(false).describe('Webhook: leave out what happened meanwhile.') }),
    shown,
    'admin',
  ),
  'forward.remove': command(
    'Removes a way out, with events that wait. What is in PostgreSQL stays there.',
    one,
    z.object({ dropped: count }),
    'admin',
  ),
  'forward.test': entrance(
    'Tries a way out once, now: a webhook gets a test event, a database is connected to and its schema made.',
    one,
    z.object({ works: z.boolean(), problem: z.object({ code: text(64), message: text(2000), hint: text(500).optional() }).nullable() }),
    'admin',
  ),
  'forward.copyAgain': command(
    'Copies everything that is stored once more, from the beginning; what is in PostgreSQL already stays as it is.',
    one,
    shown,
    'admin',
  ),
  'forward.events': query(
    'Events of a webhook with what became of them, the newest first.',
    one.extend({ limit: z.int().min(1).max(500).default(50) }),
    z.object({ events: z.array(event) }),
  ),
  'forward.retry': command('Sends an event again that was given up.', z.strictObject({ event: count }), event, 'admin'),
} as const
